package manifest_test

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/sdk/manifest"
)

// wrapped makes a manifest of its parts auth, form and limits.
func wrapped(parts string) (*manifest.Manifest, error) {
	return manifest.Parse("connector.yaml", []byte(`name: acme
title: Acme
kind: accounting
version: 1.0.0
publisher: voldaan
summary: Acme.
program: acme
reads: [invoices]
hosts: [api.acme.example]
`+parts))
}

func TestExamplesOfTheReadme(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	types := map[manifest.AuthType]bool{}
	for i, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		m, err := wrapped(block[1])
		if err != nil {
			t.Errorf("example %d:\n%v", i+1, err)
			continue
		}
		for _, a := range m.Auth {
			types[a.Type] = true
		}
	}
	if len(types) != 8 {
		t.Errorf("the examples show %v; want all 8 ways to sign in", types)
	}
}

func TestProblemsOfAuth(t *testing.T) {
	t.Parallel()
	const form = "form: [{name: key, title: Key, secret: true}, {name: host, title: Host}, {name: url, title: URL, type: url}]\n"
	for _, c := range []struct{ name, auth, want string }{
		{"type", "{name: xx, title: X, type: ntlm}", `auth[0].type: "ntlm" is not one of oauth2, client_credentials, token, basic, session, signed, certificate, none`},
		{"placeholder", `{name: xx, title: X, type: token, send: {in: header, name: X, value: "{{secrets.key}}"}}`, `:11: auth[0].send.value: "secrets.key" is not a value such as secret.api_key`},
		{"half a placeholder", `{name: xx, title: X, type: token, send: {in: header, name: X, value: "{{secret.key}"}}`, "has {{ or }} without its other half"},
		{"filter", `{name: xx, title: X, type: token, send: {in: header, name: X, value: "{{secret.key|rot13}}"}}`, `"rot13" is not a filter; there are base64`},
		{"unknown secret", `{name: xx, title: X, type: token, send: {in: header, name: X, value: "{{secret.nope}}"}}`, "{{secret.nope}}: there is no form field of this name with secret: true"},
		{"open field as secret", `{name: xx, title: X, type: token, send: {in: header, name: X, value: "{{secret.host}}"}}`, "no form field of this name with secret: true"},
		{"secret as config", `{name: xx, title: X, type: token, send: {in: header, name: X, value: "{{config.key}}"}}`, "write {{secret.key}}"},
		{"app value", `{name: xx, title: X, type: token, send: {in: header, name: X, value: "{{app.partner}}"}}`, "name it in app_values"},
		{"no step", `{name: xx, title: X, type: token, send: {in: header, name: X, value: "{{session.id}}"}}`, "no step takes a value of this name"},
		{"access without OAuth2", `{name: xx, title: X, type: token, send: {in: header, name: X, value: "{{access}}"}}`, "only OAuth2 has an access token"},
		{"signature elsewhere", `{name: xx, title: X, type: token, send: {in: header, name: X, value: "{{signature}}"}}`, "only header and query of sign know it"},
		{"nothing to send", "{name: xx, title: X, type: token}", "auth[0].secret_field: is missing"},
		{"session without steps", "{name: xx, title: X, type: session, send: {in: header, name: X, value: a}}", "auth[0].login: is missing"},
		{"session without send", "{name: xx, title: X, type: session, login: [{url: 'https://a.example/'}]}", "auth[0].send: is missing"},
		{"plain http", "{name: xx, title: X, type: session, login: [{url: 'http://{{config.host}}/'}], send: {in: header, name: X, value: a}}", `"http://{{config.host}}/" is not an https URL`},
		{"two bodies", "{name: xx, title: X, type: session, login: [{url: 'https://a.example/', json: {a: 1}, form: {a: b}}], send: {in: header, name: X, value: a}}", "expected one of json, form and xml"},
		{"body without value", "{name: xx, title: X, type: token, secret_field: key, send: {in: body, format: json, at: a.b}}", "auth[0].send.value: is missing; expected what the connector writes"},
		{"both users", "{name: xx, title: X, type: basic, user_field: host, user: a, secret_field: key}", "expected user_field or user, and secret_field or password"},
		{"half a certificate", "{name: xx, title: X, type: certificate, certificate: {certificate_field: key}}", "expected certificate_field with key_field, or pfx_field"},
		{"no certificate", "{name: xx, title: X, type: certificate}", "auth[0].certificate: is missing"},
		{"signature without a place", `{name: xx, title: X, type: signed, sign: {key: "{{secret.key}}", text: a}}`, "expected header or query with {{signature}}"},
		{"our header", "{name: xx, title: X, type: token, secret_field: key, send: {in: header, name: Content-Length}}", "the header Content-Length is the host's own"},
		{"status", "{name: xx, title: X, type: token, secret_field: key, expired: {status: [9]}}", `expired.status[0]: expected a status such as 401`},
		{"kept server", "{name: xx, title: X, type: oauth2, authorize_url: 'https://a.example/', token_url: 'https://a.example/', keep: [{name: u, at: u, hosts: ['*']}]}", `keep[0].hosts[0]: "*" is not a host name`},
	} {
		_, err := wrapped("auth:\n  - " + c.auth + "\n" + form)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, c.want)
		}
	}
	for _, c := range []struct{ limit, want string }{
		{"{scope: tenant, requests: 1, per: 1s}", `scope: "tenant" is not one of connection, administration, app`},
		{"{requests: 1, per: 1s, methods: [FETCH]}", `"FETCH" is not one of GET`},
		{"{concurrent: 5, headers: {remaining: X}}", "only a limit with requests is told by headers"},
		{"{requests: 1, per: 1s, headers: {left: X}}", "headers.left: unknown field; known here are limit, remaining, reset, usage"},
	} {
		_, err := wrapped("auth: [{name: none, title: None, type: none}]\nlimits: [" + c.limit + "]\n")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:\n got %v\nwant %s", c.limit, err, c.want)
		}
	}
}

// What a person fills in cannot lead a credential to another server.
func TestExpandURL(t *testing.T) {
	t.Parallel()
	m, err := wrapped("auth: [{name: none, title: None, type: none}]\nform:\n" +
		"  - {name: region, title: R, type: choice, choices: [{value: co.uk, title: UK}]}\n  - {name: company, title: C}\n  - {name: url, title: U, type: url}\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ template, value, want string }{
		{"https://start.acme.{{config.region}}/token", "co.uk", "https://start.acme.co.uk/token"},
		{"https://{{config.company}}.acme.example/token", "jansen-1", "https://jansen-1.acme.example/token"},
		{"https://{{config.company}}.acme.example/token", "evil.example/", ""},
		{"https://{{config.company}}.acme.example/token", "evil.example", ""},
		{"https://{{config.company}}.acme.example/token", "a@b", ""},
		{"https://{{config.company}}.acme.example/token", "", ""},
		{"https://start.acme.{{config.region}}/token", "co.uk/x", ""},
		{"https://api.acme.example/{{config.company}}/token", "../a b?c#d", "https://api.acme.example/..%2Fa%20b%3Fc%23d/token"},
		{"https://api.acme.example/token?t={{config.company}}", "a&b=c#d", "https://api.acme.example/token?t=a%26b%3Dc%23d"},
		{"{{config.url}}/api/token", "https://books.jansen.example:8443/x/", "https://books.jansen.example:8443/x/api/token"},
		{"{{config.url}}/api/token", "http://books.jansen.example", ""},
		{"{{config.url}}/api/token", "https://u:p@books.jansen.example", ""},
		{"{{config.url}}/api/token", "https://books.jansen.example?x=", ""},
		{"{{config.url}}/api/token", "", ""},
	} {
		got, err := m.ExpandURL(c.template, func(manifest.Ref) (string, error) { return c.value, nil })
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s with %q: %q, %v; want %q", c.template, c.value, got, err, c.want)
		}
	}
	gone := errors.New("gone")
	if _, err := m.ExpandURL("https://a.example/{{config.x}}", func(manifest.Ref) (string, error) { return "", gone }); !errors.Is(err, gone) {
		t.Error(err)
	}
}

func TestEnded(t *testing.T) {
	t.Parallel()
	plain := manifest.Auth{Type: manifest.Session}
	own := manifest.Auth{Type: manifest.Session, Expired: manifest.Expired{Status: []int{403}, Body: []string{"Invalid session"}}}
	for _, c := range []struct {
		auth   manifest.Auth
		status int
		body   string
		want   bool
	}{
		{plain, 401, "", true}, {plain, 403, "", false}, {own, 401, "", false}, {own, 403, "", true}, {own, 200, "<fault>Invalid session</fault>", true}, {own, 200, "ok", false},
	} {
		if got := c.auth.Ended(c.status, []byte(c.body)); got != c.want {
			t.Errorf("%d %q: %t", c.status, c.body, got)
		}
	}
}

func FuzzTemplate(f *testing.F) {
	f.Add("a{{secret.key|base64}}b", "v")
	f.Add("{{{{access}}}}", "{{access}}")
	f.Fuzz(func(t *testing.T, text, value string) {
		tmpl, err := manifest.ParseTemplate(text)
		if err != nil {
			return
		}
		got, err := tmpl.Expand(func(manifest.Ref) (string, error) { return value, nil })
		if err != nil || len(tmpl.Refs()) == 0 && got != text {
			t.Errorf("%q became %q, %v", text, got, err)
		}
	})
}

func ExampleTemplate() {
	t, err := manifest.ParseTemplate("Session {{secret.user|base64}}")
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := t.Expand(func(r manifest.Ref) (string, error) { return "the value of " + r.String(), nil })
	fmt.Println(text, err)
	// Output: Session dGhlIHZhbHVlIG9mIHNlY3JldC51c2Vy <nil>
}
