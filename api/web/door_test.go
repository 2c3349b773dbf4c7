package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/core/tenant"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	ten := open(t)
	t.Run("who is not signed in is led to the door and back", func(t *testing.T) {
		c := ten.Client()
		a := c.Get("/invoices?tab=held")
		if a.URL.Path != "/sign-in" || a.URL.Query().Get("next") != "/invoices?tab=held" {
			t.Fatalf("ended at %s", a.URL)
		}
		a = c.Post("/sign-in", url.Values{"email": {ten.Email}, "password": {apitest.Password}, "next": {"/invoices?tab=held"}})
		if a.URL.Path != "/invoices" {
			t.Errorf("ended at %s", a.URL)
		}
	})
	t.Run("a wrong password says the same as an unknown address", func(t *testing.T) {
		c := ten.Client()
		wrong := c.Post("/sign-in", url.Values{"email": {ten.Email}, "password": {"not this one at all"}})
		wrong.Has(t, 422, "do not belong together")
		unknown := c.Post("/sign-in", url.Values{"email": {"nobody@else.example"}, "password": {"not this one at all"}})
		unknown.Has(t, 422, "do not belong together")
	})
	t.Run("next leads nowhere else", func(t *testing.T) {
		for _, next := range []string{"https://evil.example", "//evil.example", `/\evil.example`, "javascript:alert(1)"} {
			a := ten.Client().Post("/sign-in", url.Values{"email": {ten.Email}, "password": {apitest.Password}, "next": {next}})
			if a.URL.Path != "/" || a.Status != 200 {
				t.Errorf("next=%q ended at %s with %d", next, a.URL, a.Status)
			}
		}
	})
	t.Run("the session ends on the server", func(t *testing.T) {
		c := ten.SignIn(ten.Email)
		base, err := url.Parse(c.Base)
		if err != nil {
			t.Fatal(err)
		}
		kept := c.HTTP.Jar.Cookies(base)
		c.Post("/sign-out", nil)
		c.HTTP.Jar.SetCookies(base, kept)
		if a := c.Get("/invoices"); a.URL.Path != "/sign-in" {
			t.Errorf("the old cookie still opens %s", a.URL)
		}
	})
	t.Run("the cookie is out of reach of scripts and other sites", func(t *testing.T) {
		c := ten.Client()
		c.HTTP.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		a := c.Post("/sign-in", url.Values{"email": {ten.Email}, "password": {apitest.Password}})
		if set := a.Header.Get("Set-Cookie"); !strings.Contains(set, "HttpOnly") || !strings.Contains(set, "SameSite=Lax") {
			t.Errorf("cookie %s", set)
		}
	})
	t.Run("guessing is slowed down", func(t *testing.T) {
		c := ten.Client()
		for range 12 {
			c.Post("/sign-in", url.Values{"email": {ten.Email}, "password": {"guess after guess"}})
		}
		c.Post("/sign-in", url.Values{"email": {ten.Email}, "password": {apitest.Password}}).Has(t, 422, "too many attempts")
		ten.Advance(11 * time.Minute)
		c.Post("/sign-in", url.Values{"email": {ten.Email}, "password": {apitest.Password}}).Has(t, 200, "Dashboard")
	})
	t.Run("a package may call from anywhere, where something listens", func(t *testing.T) {
		for _, path := range []string{"/webhooks/app/nobody", "/webhooks/connect/" + ten.ID.String()} {
			ten.Client().Do("POST", path, "[]", map[string]string{"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"}).Has(t, 404)
		}
	})
	t.Run("health", func(t *testing.T) {
		ten.Client().Get("/healthz").Has(t, 200, "ok")
	})
}

func TestRoles(t *testing.T) {
	t.Parallel()
	ten := open(t)
	ten.Member("viewer@vandijk.example", tenant.Viewer)
	c := ten.SignIn("viewer@vandijk.example")
	page := c.Get("/invoices/" + ten.Invoice("1").String())
	page.Has(t, 200, "2026-0412", "Your role looks only")
	before := ten.Dump()
	for path, form := range map[string]url.Values{
		"/invoices/" + ten.Invoice("1").String() + "/pause":  {"reason": {"other"}},
		"/invoices/" + ten.Invoice("1").String() + "/resume": nil,
		"/invoices/" + ten.Invoice("1").String() + "/step":   {"key": {"x"}},
		"/invoices/" + ten.Invoice("1").String() + "/reply":  {"text": {"hello"}},
		"/invoices/pause":                {"id": {ten.Invoice("1").String()}, "reason": {"other"}},
		"/bank/statements":               nil,
		"/marketplace/moneybird/connect": nil,
	} {
		c.Post(path, form).Has(t, 403, "not open to you")
	}
	after := ten.Dump()
	if after["audit"] == before["audit"] {
		t.Error("R124 that a role was refused is not on record")
	}
	delete(after, "audit")
	same(t, before, after)
}

// same fails the test when a row was written between two dumps.
func same(t *testing.T, before, after map[string]string) {
	t.Helper()
	for table, state := range after {
		if before[table] != state {
			t.Errorf("table %s changed: %s, then %s", table, before[table], state)
		}
	}
}

func TestForms(t *testing.T) {
	t.Parallel()
	ten := open(t)
	c := ten.SignIn(ten.Email)
	before := ten.Dump()
	t.Run("another site cannot post", func(t *testing.T) {
		for _, header := range []map[string]string{{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}} {
			header["Content-Type"] = "application/x-www-form-urlencoded"
			a := c.Do("POST", "/invoices/"+ten.Invoice("1").String()+"/pause", "reason=other", header)
			a.Has(t, 403, "sent from another site")
		}
		same(t, before, ten.Dump())
	})
	t.Run("a form that is too large is refused", func(t *testing.T) {
		a := c.Post("/invoices/"+ten.Invoice("1").String()+"/reply", url.Values{"text": {strings.Repeat("x", 2<<20)}})
		if a.Status == 200 {
			t.Errorf("status %d", a.Status)
		}
		same(t, before, ten.Dump())
	})
	t.Run("every answer carries the policy", func(t *testing.T) {
		for _, path := range []string{"/", "/sign-in", "/invoices", "/nothing/here", "/genuine"} {
			h := c.Get(path).Header
			if !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("X-Request-Id") == "" || h.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %v", path, h)
			}
		}
	})
	t.Run("a page that is not there says so", func(t *testing.T) {
		for _, path := range []string{"/nothing", "/invoices/123", "/invoices/00000000-0000-0000-0000-000000000000", "/cases/x", "/connections/1/sync", "/p/unknown"} {
			if a := c.Get(path); a.Status != 404 {
				t.Errorf("%s: %d", path, a.Status)
			}
		}
	})
	t.Run("a tampered cursor is no crash", func(t *testing.T) {
		for _, q := range []string{"after=%%%", "after=eyJ2IjoieCIsImkiOiIwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDAifQ", "q=%00", "sort=;drop", "tab=x"} {
			if a := c.Get("/invoices?" + q); a.Status >= 500 {
				t.Errorf("%s: %d", q, a.Status)
			}
		}
	})
	if lines := ten.Log.String(); strings.Contains(lines, "level=ERROR") {
		t.Errorf("the log holds an error:\n%s", lines)
	}
}

func TestTenantsAreApart(t *testing.T) {
	t.Parallel()
	ten := open(t)
	other := ten.Tenant("other")
	c := other.SignIn(other.Email)
	for _, path := range []string{"", "/pdf", "/step", "/pause"} {
		if a := c.Get("/invoices/" + ten.Invoice("1").String() + path); a.Status != 404 {
			t.Errorf("%s of another tenant: %d", path, a.Status)
		}
	}
	c.Get("/invoices?tab=any").Lacks(t, "2026-0412")
	c.Get("/search?q=Noor").Lacks(t, "Yilmaz")
	before := ten.Dump()
	for _, path := range []string{"/pause", "/resume", "/reply", "/step"} {
		c.Post("/invoices/"+ten.Invoice("1").String()+path, url.Values{"reason": {"other"}, "text": {"x"}, "key": {"x"}})
	}
	c.Post("/invoices/pause", url.Values{"reason": {"other"}, "id": {ten.Invoice("1").String()}})
	same(t, before, ten.Dump())
}

// TestLog holds W3: no token, no name and no address in the log.
func TestLog(t *testing.T) {
	t.Parallel()
	ten := open(t)
	ten.Take("1")
	c := ten.SignIn(ten.Email)
	c.Get("/invoices?q=Yilmaz")
	token := portalToken(t, ten)
	p := ten.Client()
	p.Get("/p/" + token)
	p.Post("/p/"+token+"/code", nil)
	p.Get("/p/" + token + "x")
	lines := ten.Log.String()
	for _, secret := range []string{token, "Yilmaz", "Noor", ten.Email, "debtor.example", apitest.Password} {
		if strings.Contains(lines, secret) {
			t.Errorf("the log holds %q:\n%s", secret, lines)
		}
	}
	if !strings.Contains(lines, `route="GET /p/{token}"`) || !strings.Contains(lines, "tenant="+ten.ID.String()) {
		t.Errorf("the log lacks route or tenant:\n%s", lines)
	}
}

var portalLink = regexp.MustCompile(`/p/([A-Za-z0-9_-]{20,})`)

// portalToken is the token in the newest message.
func portalToken(t *testing.T, ten *apitest.Tenant) string {
	t.Helper()
	for _, m := range ten.Sent() {
		raw := unfold(ten.Mail(m))
		if found := portalLink.FindStringSubmatch(raw); found != nil {
			return found[1]
		}
	}
	t.Fatal("no message holds a portal link")
	return ""
}

// unfold undoes the line breaks of quoted-printable.
func unfold(raw string) string {
	return strings.NewReplacer("=\r\n", "", "=\n", "", "=3D", "=").Replace(raw)
}
