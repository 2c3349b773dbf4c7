package web_test

import (
	"mime"
	"net/mail"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/api/web"
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
