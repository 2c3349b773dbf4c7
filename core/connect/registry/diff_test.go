package registry_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/connect/registry"
)

const base = `name: acme
title: Acme
kind: accounting
countries: [NL, BE]
version: 1.2.0
publisher: acme
summary: s
program: acme
capabilities: [documents]
reads: [parties, invoices]
auth:
  - name: oauth
    title: Sign in
    type: oauth2
    authorize_url: https://acme.example/authorize
    token_url: https://acme.example/token
    scopes: [invoices]
form:
  - {name: code, title: Code, required: true}
  - {name: mode, title: Mode, type: choice, choices: [{value: a, title: A}, {value: b, title: B}]}
hosts: [api.acme.example]
limits: [{requests: 60, per: 1m}]
`

func TestDiff(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		old, new string // replaced in base
		weight   registry.Weight
		sentence string // of the weightiest
	}{
		"nothing":                  {"", "", "", ""},
		"version alone":            {"version: 1.2.0", "version: 1.3.0", "", ""},
		"title":                    {"title: Acme", "title: Acme Books", registry.Patch, "The title of the connector is Acme Books and was Acme."},
		"program's name":           {"program: acme", "program: books", registry.Patch, "program's name"},
		"kind":                     {"kind: accounting", "kind: crm", registry.Major, "The kind of the connector is crm"},
		"publisher":                {"publisher: acme", "publisher: other", registry.Major, "The publisher"},
		"country more":             {"[NL, BE]", "[NL, BE, DE]", registry.Minor, "It is now for DE too."},
		"country less":             {"[NL, BE]", "[NL]", registry.Major, "It is not for BE any more."},
		"every country":            {"[NL, BE]", "[]", registry.Minor, "every country"},
		"host more":                {"[api.acme.example]", "[api.acme.example, eu.acme.example]", registry.Major, "It calls eu.acme.example too"},
		"host other":               {"[api.acme.example]", "[eu.acme.example]", registry.Major, "It calls eu.acme.example too"},
		"hosts in other order":     {"reads: [parties, invoices]", "reads: [invoices, parties]", "", ""},
		"downloads":                {"limits:", "downloads: [cdn.example]\nlimits:", registry.Minor, "It fetches files from cdn.example too"},
		"reads more":               {"[parties, invoices]", "[parties, invoices, payments]", registry.Major, "It reads payments too, to which users must agree."},
		"reads less":               {"[parties, invoices]", "[invoices]", registry.Major, "It does not read parties any more."},
		"writes":                   {"limits:", "writes: [payments]\nlimits:", registry.Major, "It writes payments too"},
		"capability more":          {"[documents]", "[documents, webhooks]", registry.Minor, "It can do webhooks too."},
		"capability less":          {"[documents]", "[]", registry.Major, "It cannot do documents any more."},
		"capabilities gone":        {"capabilities: [documents]\n", "", registry.Major, "It cannot do documents any more."},
		"scope more":               {"[invoices]\nform", "[invoices, bank]\nform", registry.Major, "It asks for the scope bank too"},
		"scopes gone":              {"    scopes: [invoices]\n", "", registry.Minor, "does not ask for the scope invoices"},
		"auth type":                {"type: oauth2", "type: token", registry.Major, "The way to sign in of oauth is token"},
		"auth more":                {"form:\n", "  - {name: none, title: None, type: none}\nform:\n", registry.Minor, "Users may sign in by none too."},
		"auth by another name":     {"name: oauth", "name: oidc", registry.Major, "Users cannot sign in by oauth any more."},
		"token address":            {"https://acme.example/token", "https://evil.example/token", registry.Major, "The address for tokens of oauth is https://evil.example/token"},
		"pkce":                     {"    scopes", "    pkce: true\n    scopes", registry.Minor, "A setting to sign in"},
		"field gone":               {"  - {name: code, title: Code, required: true}\n", "", registry.Major, "The field code is gone"},
		"field must be filled":     {"form:\n", "form:\n  - {name: id, title: ID, required: true}\n", registry.Major, "The field id is new and must be filled in."},
		"field with a default":     {"form:\n", "form:\n  - {name: id, title: ID, required: true, default: x}\n", registry.Minor, "The field id is new."},
		"field may be empty":       {", required: true", "", registry.Minor, "may now be left empty"},
		"field secret":             {"title: Code,", "title: Code, secret: true,", registry.Major, "What is asked of secret is new"},
		"field's title":            {"title: Code", "title: The code", registry.Patch, "The title of code is The code and was Code."},
		"choice gone":              {", {value: b, title: B}", "", registry.Major, "The choice b is gone."},
		"choice more":              {"{value: b, title: B}", "{value: b, title: B}, {value: c, title: C}", registry.Minor, "There is a new choice c."},
		"limit":                    {"requests: 60", "requests: 30", registry.Minor, "limit"},
		"something new":            {"limits:", "telepathy: true\nlimits:", registry.Minor, "telepathy is new"},
		"value of the operator":    {"    scopes", "    app_values: [partner_key]\n    scopes", registry.Major, "The operator must set partner_key"},
		"address deep in auth":     {"    scopes", "    login: {request: {url: https://acme.example/session}}\n    scopes", registry.Minor, "A setting to sign in"},
		"from program to manifest": {"program: acme\n", "recipe: {base: https://api.acme.example}\n", registry.Patch, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			after := strings.Replace(base, c.old, c.new, 1)
			if c.old != c.new && after == base {
				t.Fatal("the test changes nothing")
			}
			got, err := registry.Diff([]byte(base), []byte(after))
			if err != nil {
				t.Fatal(err)
			}
			if c.weight == "" {
				if len(got) > 0 {
					t.Errorf("got %+v, want nothing", got)
				}
				return
			}
			if len(got) == 0 || got[0].Weight != c.weight || !strings.Contains(got[0].Sentence, c.sentence) {
				t.Errorf("got %+v, want %s: %q", got, c.weight, c.sentence)
			}
		})
	}
	if _, err := registry.Diff([]byte(base), []byte("name: other")); err == nil {
		t.Error("two connectors were compared")
	}
	recipe := func(base, pull string) []byte {
		return []byte("name: a\nauth: [{name: x, login: {url: " + base + "}}]\nrecipe:\n  pull:\n" + pull)
	}
	got, err := registry.Diff(recipe("https://a.example", "    invoices: {request: GET /v1}\n    parties: {request: GET /p}\n"), recipe("https://b.example", "    invoices: {request: GET /v2}\n"))
	if err != nil || len(got) != 3 {
		t.Fatalf("recipe: %+v, %v", got, err)
	}
	for i, want := range []registry.Change{
		{Weight: registry.Major, Path: "auth.x.login.url", Sentence: "An address to sign in of x is https://b.example and was https://a.example."},
		{Weight: registry.Major, Path: "recipe.pull.parties", Sentence: "The source of records parties is gone."},
		{Weight: registry.Patch, Path: "recipe.pull.invoices.request", Sentence: "How it works has changed."},
	} {
		if !slices.Contains(got, want) {
			t.Errorf("no %d: %+v in %+v", i, want, got)
		}
	}
}

func TestDeclares(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to string
		want     registry.Weight
	}{
		{"1.2.3", "1.2.4", registry.Patch}, {"1.2.3", "1.3.0", registry.Minor}, {"1.2.3", "2.0.0", registry.Major},
		{"0.2.3", "0.2.4", registry.Minor}, {"0.2.3", "0.3.0", registry.Major}, {"0.9.0", "1.0.0", registry.Major},
	} {
		from, err := registry.ParseVersion(c.from)
		if err != nil {
			t.Fatal(err)
		}
		to, err := registry.ParseVersion(c.to)
		if err != nil {
			t.Fatal(err)
		}
		if got := from.Declares(to); got != c.want {
			t.Errorf("%s to %s declares %s, want %s", from, to, got, c.want)
		}
	}
	for _, bad := range []string{"", "1", "1.2", "1.2.3.4", "1.2.x", "01.2.3", "1.2.-3", "1.2.+3"} {
		if v, err := registry.ParseVersion(bad); err == nil {
			t.Errorf("%q is read as %s", bad, v)
		}
	}
}
