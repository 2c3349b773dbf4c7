package manifest_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/voldaan/voldaan/sdk/manifest"
)

func sample(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("testdata/connector.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestLoad(t *testing.T) {
	t.Parallel()
	m, err := manifest.Load("testdata")
	if err != nil {
		t.Fatal(err)
	}
	if m.Name != "acme-books" || m.Kind != manifest.Accounting || m.Version != "1.2.0" || m.WebhookLag != time.Minute {
		t.Errorf("read %+v", m)
	}
	oauth, _ := m.Method("")
	if oauth.Type != manifest.OAuth2 || !oauth.Rotating || oauth.RefreshNotBefore != 30*time.Second || oauth.Lifetime != 10*time.Minute ||
		len(oauth.Send) != 1 || !cmp.Equal(oauth.Send[0], manifest.Send{In: manifest.InHeader, Name: "Authorization", Prefix: "Bearer "}) {
		t.Errorf("oauth: %+v", oauth)
	}
	token, ok := m.Method("token")
	if !ok || token.SecretField != "api_token" || token.Send[0].Name != "X-Api-Key" || token.Send[0].Prefix != "" {
		t.Errorf("token: %+v", token)
	}
	if len(m.Limits) != 3 || m.Limits[0].Scope != manifest.PerConnection || m.Limits[2].Concurrent != 5 {
		t.Errorf("limits: %+v", m.Limits)
	}
}

func TestAllow(t *testing.T) {
	t.Parallel()
	m, err := manifest.Load("testdata")
	if err != nil {
		t.Fatal(err)
	}
	config := map[string]string{"url": "https://Books.Customer.example:8443/app"}
	for host, want := range map[string]manifest.Access{
		"api.acme.example":             manifest.Full,
		"API.acme.example.":            manifest.Full,
		"de.eu.acme.example":           manifest.Full,
		"a.b.eu.acme.example":          manifest.Full,
		"books.customer.example":       manifest.Full,
		"files.acme.example":           manifest.Download,
		"eu.acme.example":              manifest.Forbidden,
		"evileu.acme.example":          manifest.Forbidden,
		"api.acme.example.evil.test":   manifest.Forbidden,
		"customer.example":             manifest.Forbidden,
		"":                             manifest.Forbidden,
		"xapi.acme.example":            manifest.Forbidden,
		"files.acme.example.evil.test": manifest.Forbidden,
	} {
		if got := m.Allow(host, config); got != want {
			t.Errorf("Allow(%q) = %d, want %d", host, got, want)
		}
	}
	if got := m.Allow("", map[string]string{"url": "not a url"}); got != manifest.Forbidden {
		t.Errorf("an empty host is allowed: %d", got)
	}
}

func TestProblemsNameLineAndExpectation(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, old, new, want string }{
		{"kind", "kind: accounting", "kind: bookkeeping", `connector.yaml:3: kind: "bookkeeping" is not one of accounting, crm, bank`},
		{"version", "version: 1.2.0", "version: 1.2", `:5: version: "1.2" is not a version such as 1.4.0`},
		{"country", "[NL, BE]", "[NL, Belgium]", `:4: countries[1]: "Belgium" is not a country code such as NL`},
		{"unknown field", "webhook_lag: 1m", "webhook_lags: 1m", `:16: webhook_lags: unknown field; did you mean webhook_lag? Known here are name, title`},
		{"missing", "title: Acme Books\n", "", "title: is missing"},
		{"program outside", "program: acme-books", "program: ../../bin/sh", "is not the name of a file beside connector.yaml"},
		{"plain http", "token_url: https:", "token_url: http:", `auth[0].token_url: "http://acme.example/oauth/token" is not an https URL`},
		{"duration", "lifetime: 10m", "lifetime: ten minutes", `auth[0].lifetime: expected a time such as 30s, 5m or 24h, found "ten minutes"`},
		{"number", "requests: 150", "requests: lots", `limits[0].requests: expected a number of 1 or more, found "lots"`},
		{"half a limit", "requests: 50, per: 5m, ", "requests: 50, ", "limits[1]: expected either requests with per, or concurrent"},
		{"host", "api.acme.example,", "https://api.acme.example,", `hosts[0]: "https://api.acme.example" is not a host name`},
		{"bare wildcard", "api.acme.example,", `"*",`, `"*" is not a host name`},
		{"address", "api.acme.example,", `"169.254.169.254",`, `"169.254.169.254" is not a host name`},
		{"secret in a host", `"{url}"`, `"{api_token}"`, "must name a form field of type url that is not secret"},
		{"token not secret", "    secret: true\n", "", `"api_token" is not a form field with secret: true`},
		{"choices", "    type: choice\n", "", "choices and type: choice go together"},
		{"writes", "writes: [payments]\n", "", "payments and the capability write_payments go together"},
		{"twice", "name: acme-books\n", "name: acme-books\nname: other\n", ":2: name: is there twice"},
		{"list", "countries: [NL, BE]", "countries: NL", `expected a list, found "NL"`},
		{"tabs", "kind: accounting", "kind:\n\taccounting", "not valid YAML"},
		{"source without a place", "kind: accounting", "kind: accounting\nsources: [{fact: The limits}]", "sources[0].url: is missing"},
		{"source in the dark", "kind: accounting", "kind: accounting\nsources: [{fact: The limits, url: ftp://x}]", "is not an https URL"},
		{"unsure of nothing", "kind: accounting", "kind: accounting\nunsure: ['']", "unsure[0]: expected a sentence"},
		{"alias", "kind: accounting", "x: &a {}\ny: *a\nkind: accounting", "aliases"},
	} {
		text := strings.Replace(sample(t), c.old, c.new, 1)
		if text == sample(t) {
			t.Fatalf("%s: the sample has no %q", c.name, c.old)
		}
		_, err := manifest.Parse("connector.yaml", []byte(text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, c.want)
		}
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := manifest.Parse("c.yaml", []byte("name: X\nkind: y\nauth: []\n"))
	problems, ok := errors.AsType[manifest.Problems](err)
	if !ok || len(problems) < 6 {
		t.Errorf("found only %v", err)
	}
	for _, text := range []string{"", "[]", "just text", "---\n---\n", strings.Repeat("#", 300<<10)} {
		if _, err := manifest.Parse("c.yaml", []byte(text)); err == nil {
			t.Errorf("%.20q was accepted", text)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("name: x\nauth: [{type: oauth2}]\nform: [{}]\nlimits: [1]\nhosts: ['{x}']")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := manifest.Parse("c.yaml", []byte(text))
		if (m == nil) == (err == nil) {
			t.Fatalf("neither a manifest nor an error: %v, %v", m, err)
		}
	})
}
