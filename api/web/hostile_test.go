package web_test

import (
	"mime"
	"net/mail"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/api/web"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk"
)

// What the books say of a debtor is shown as it is and does nothing else: in
// pages, in file names, in mail.
func TestHostileBooks(t *testing.T) {
	t.Parallel()
	b := apitest.New(t)
	ten := b.Tenant("vandijk")
	const number = "2026\"; filename=\"run.html\r\nSet-Cookie: a=b/../../etc/<script>alert(1)</script>"
	evil := apitest.Debtor("evil", "<script>alert(1)</script>\r\nBcc: all@evil.example\"><img src=x onerror=alert(1)>")
	evil.Attention, evil.Address.City = "'; drop table invoice; --<svg onload=alert(1)>", "<b>Stad</b>"
	inv := apitest.Invoice("1", "evil", number, 121000, 5)
	inv.Reference, inv.URL = "javascript:alert(1)", "javascript:alert(1)"
	ten.Books([]sdk.Party{evil}, inv)
	b.Serve(web.New)
	c := ten.SignIn(ten.Email)
	safe := func(a apitest.Answer) {
		t.Helper()
		if a.Status != 200 {
			t.Errorf("%s: %d", a.URL, a.Status)
		}
		a.Lacks(t, "<script>alert", "<img src=x", "<svg onload", `href="javascript:`, "<b>Stad")
	}
	id := ten.Invoice("1").String()
	ten.Take("1")
	for _, page := range []string{"/", "/invoices", "/invoices/" + id, "/invoices?q=script", "/search?q=script", "/inbox", "/inbox/" + ten.DebtorID("evil").String(), "/bank", "/cases", "/invoices/" + id + "/step"} {
		safe(c.Get(page))
	}
	t.Run("the file name of a download", func(t *testing.T) {
		h := c.Get("/invoices/" + id + "/pdf").Header
		disposition, params, err := mime.ParseMediaType(h.Get("Content-Disposition"))
		if err != nil || disposition != "inline" && disposition != "attachment" || len(params) != 1 || strings.ContainsAny(params["filename"], "/\\\r\n\"") {
			t.Errorf("%q: %s %q %v", h.Get("Content-Disposition"), disposition, params, err)
		}
		if h.Get("Set-Cookie") != "" || h.Get("Content-Type") != "application/pdf" {
			t.Errorf("%v", h)
		}
	})
	t.Run("the mail", func(t *testing.T) {
		sent := ten.Sent()
		if len(sent) != 1 {
			t.Fatalf("%d mails", len(sent))
		}
		m, err := mail.ReadMessage(strings.NewReader(ten.Mail(sent[0])))
		if err != nil {
			t.Fatal(err)
		}
		to, err := m.Header.AddressList("To")
		if err != nil || len(to) != 1 || to[0].Address != "evil@debtor.example" || m.Header.Get("Bcc") != "" || m.Header.Get("Set-Cookie") != "" {
			t.Errorf("To %v, %v; %v", to, err, m.Header)
		}
		for _, bad := range []string{"<script>alert", "<img src=3Dx", "<img src=x", "<svg onload"} {
			if body := unfold(ten.Mail(sent[0])); strings.Contains(htmlPart(body), bad) {
				t.Errorf("the mail holds %s", bad)
			}
		}
	})
	t.Run("the portal", func(t *testing.T) {
		token := portalToken(t, ten)
		d := enter(t, ten, token)
		for _, page := range []string{"", "/pay", "/ask", "/dispute"} {
			safe(d.Get("/p/" + token + page))
		}
		h := d.Get("/p/" + token + "/pdf/" + id).Header
		if _, params, err := mime.ParseMediaType(h.Get("Content-Disposition")); err != nil || len(params) != 1 || strings.ContainsAny(params["filename"], "/\\\r\n\"") {
			t.Errorf("%q", h.Get("Content-Disposition"))
		}
	})
}

func htmlPart(raw string) string {
	_, rest, _ := strings.Cut(raw, "text/html")
	rest, _, _ = strings.Cut(rest, "\r\n--")
	return rest
}

// The API refuses in words what is too large, too deep or of another kind, and
// writes nothing.
func TestHostileRequestsOfPrograms(t *testing.T) {
	t.Parallel()
	ten := open(t)
	_, secret, err := ten.Services.Directory.NewKey(t.Context(), ten.ID, "test", []tenant.Scope{tenant.Read, tenant.Write}, "test")
	if err != nil {
		t.Fatal(err)
	}
	before := ten.Dump()
	c := ten.Client()
	const holds = "/api/v1/holds"
	for name, body := range map[string]string{
		"deep":            strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000),
		"deep objects":    strings.Repeat(`{"note":`, 100_000) + "1" + strings.Repeat("}", 100_000),
		"large":           `{"note":"` + strings.Repeat("x", 2<<20) + `"}`,
		"a huge number":   `{"scope":"invoice","scope_id":1e999999}`,
		"another kind":    `{"scope":["invoice"],"scope_id":{"$ne":null},"reason":0}`,
		"an unknown name": `{"scope":"invoice","tenant_id":"x"}`,
		"no JSON":         `<?xml version="1.0"?><a/>`,
		"empty":           ``,
		"broken off":      `{"scope":"invo`,
		"zero bytes":      "{\"scope\":\"invoice\",\"note\":\"\\u0000\"}",
	} {
		for _, key := range []string{"", "a-key-of-ours-" + name} {
			a := c.Do("POST", holds, body, map[string]string{"Content-Type": "application/json", "Authorization": "Bearer " + secret, "Idempotency-Key": key})
			if a.Status < 400 || a.Status >= 500 || !strings.Contains(a.Header.Get("Content-Type"), "problem+json") || len(a.Body) > 20_000 {
				t.Errorf("%s: %d %s:\n%.300s", name, a.Status, a.Header.Get("Content-Type"), a.Body)
			}
		}
	}
	for _, query := range []string{"?limit=100000000", "?limit=-1", "?cursor=%00", "?cursor=" + strings.Repeat("A", 5000), "?unknown=1", "?q=%00"} {
		a := c.Do("GET", "/api/v1/invoices"+query, "", map[string]string{"Authorization": "Bearer " + secret})
		if a.Status >= 500 {
			t.Errorf("%s: %d", query, a.Status)
		}
	}
	for _, bad := range []string{"", "Bearer", "Bearer x", "Bearer vd_" + strings.Repeat("A", 32), "Bearer " + secret + "x", "Basic dm9sZGFhbg==", "Bearer ' or 1=1 --"} {
		if a := c.Do("GET", "/api/v1/invoices", "", map[string]string{"Authorization": bad}); a.Status != 401 {
			t.Errorf("%q: %d", bad, a.Status)
		}
	}
	t.Run("another site cannot use the session", func(t *testing.T) {
		c := ten.SignIn(ten.Email)
		a := c.Do("POST", holds, `{"scope":"invoice","scope_id":"`+ten.Invoice("1").String()+`","reason":"other"}`, map[string]string{"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"})
		if a.Status != 403 {
			t.Errorf("%d:\n%s", a.Status, a.Body)
		}
	})
	after := ten.Dump()
	for _, table := range []string{"session", "api_answer", "api_key"} { // of signing in, of requests with a key, and when a key was last used
		delete(after, table)
	}
	same(t, before, after)
	if lines := ten.Log.String(); strings.Contains(lines, "level=ERROR") || strings.Contains(lines, secret) {
		t.Errorf("the log:\n%.2000s", lines)
	}
}
