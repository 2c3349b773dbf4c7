package emulator_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/plugins/moneybird/emulator"
	kit "github.com/voldaan/voldaan/sdk/emulator"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	other := b.ok(b.SeedAdministration(emulator.AdministrationSeed{ID: "123", Name: "Old books"}))
	no := b.invoice(emulator.InvoiceSeed{})
	mine := b.token
	for _, tc := range []struct {
		name, token, method, path string
		want                      int
	}{
		{"a good token", mine, "GET", "/sales_invoices/" + no, 200},
		{"no token", "", "GET", "/sales_invoices", 401},
		{"an unknown token", "nonsense", "GET", "/sales_invoices", 401},
		{"a token of another administration", b.ok(b.SeedToken(emulator.TokenSeed{Administration: other})), "GET", "/sales_invoices", 404},
		{"a token without the scope", b.ok(b.SeedToken(emulator.TokenSeed{Administration: b.adm, Scope: "bank"})), "GET", "/sales_invoices", 401},
		{"any of several scopes", b.ok(b.SeedToken(emulator.TokenSeed{Administration: b.adm, Scope: "bank"})), "GET", "/contacts", 200},
		{"a reader that reads", b.ok(b.SeedToken(emulator.TokenSeed{Administration: b.adm, ReadOnly: true})), "GET", "/sales_invoices", 200},
		{"a reader that writes", b.ok(b.SeedToken(emulator.TokenSeed{Administration: b.adm, ReadOnly: true})), "POST", "/contacts", 403},
	} {
		b.token = tc.token
		status, v := b.do(tc.method, tc.path, nil)
		if status != tc.want {
			t.Errorf("%s: %d %v, want %d", tc.name, status, v, tc.want)
		}
	}
	b.token = mine
	status, raw := b.raw("GET", "/api/v2/administrations.json", nil)
	if status != 200 || !strings.Contains(string(raw), `"id":"`+admID+`"`) || strings.Contains(string(raw), "Old books") {
		t.Errorf("a personal token sees %s", raw)
	}
	b.token = b.ok(b.SeedToken(emulator.TokenSeed{}))
	if _, raw := b.raw("GET", "/api/v2/administrations.json", nil); !strings.Contains(string(raw), `"id":123,`) {
		t.Errorf("a short id is not a number: %s", raw)
	}
	if err := b.Suspend(b.adm, true); err != nil {
		t.Fatal(err)
	}
	b.token = mine
	if status, _ := b.do("POST", "/contacts", map[string]any{"contact": map[string]any{"company_name": "x"}}); status != 403 {
		t.Errorf("suspended books took a write: %d", status)
	}
	if status, _ := b.do("GET", "/contacts", nil); status != 200 {
		t.Errorf("suspended books cannot be read: %d", status)
	}
}

func TestOAuthToFirstList(t *testing.T) {
	t.Parallel()
	const back = "https://hub.example/back"
	b := open(t, func(c *emulator.Config) {
		c.Clients = map[string]kit.OAuthClient{"hub": {Name: "Hub", Secret: "s3cret", RedirectURIs: []string{back}}}
		c.TokenLife, c.RotateRefresh = time.Hour, true
	})
	resp, err := noRedirect.PostForm(b.url+"/oauth/authorize", url.Values{"client_id": {"hub"}, "redirect_uri": {back}, "response_type": {"code"}, "scope": {"sales_invoices settings"}, "state": {"s"}, "decision": {"allow"}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	to, err := resp.Location()
	if err != nil {
		t.Fatal(err)
	}
	resp, err = http.PostForm(b.url+"/oauth/token", url.Values{"grant_type": {"authorization_code"}, "code": {to.Query().Get("code")}, "redirect_uri": {back}, "client_id": {"hub"}, "client_secret": {"s3cret"}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, _ := io.ReadAll(resp.Body)
	_, rest, _ := strings.Cut(string(raw), `"access_token":"`)
	b.token, _, _ = strings.Cut(rest, `"`)
	if _, raw := b.raw("GET", "/api/v2/administrations.json", nil); !strings.Contains(string(raw), "De Korenaar") {
		t.Fatalf("administrations: %s", raw)
	}
	b.passWall(time.Hour)
	status, v := b.do("GET", "/sales_invoices", nil)
	b.want(fmt.Sprint(status, v.(map[string]any)["error"]), "401The access token expired")
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	b := open(t, func(c *emulator.Config) { c.Rate = kit.Rate{Limit: 3, Window: 5 * time.Minute} })
	for i := range 3 {
		if status, _ := b.do("GET", "/contacts", nil); status != 200 {
			t.Fatalf("request %d: %d", i+1, status)
		}
		b.want(b.headers.Get("RateLimit-Limit")+" "+b.headers.Get("RateLimit-Remaining"), fmt.Sprint("3 ", 2-i))
	}
	status, v := b.do("GET", "/contacts", nil)
	b.want(fmt.Sprint(status, v), "429Retry later")
	reset, err := strconv.ParseInt(b.headers.Get("Retry-After"), 10, 64)
	if err != nil || reset <= b.wall.Unix() || reset > b.wall.Unix()+301 {
		t.Errorf("Retry-After %q is not a moment within five minutes of %d", b.headers.Get("Retry-After"), b.wall.Unix())
	}
	b.passWall(5 * time.Minute)
	if status, _ := b.do("GET", "/contacts", nil); status != 200 {
		t.Errorf("in the next window: %d", status)
	}
}

func TestMoneybirdsOwnLimitIsTheDefault(t *testing.T) {
	t.Parallel()
	b := open(t, func(c *emulator.Config) { c.Rate = kit.Rate{} })
	b.do("GET", "/contacts", nil)
	b.want(b.headers.Get("RateLimit-Limit")+" "+b.headers.Get("RateLimit-Remaining"), "150 149")
}

func TestDownloadPDF(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	no := b.invoice(emulator.InvoiceSeed{Number: "2026-0042", Reference: "Project Zuid", Lines: []emulator.LineSeed{
		{Description: "Desembrood, dagelijks geleverd", Quantity: "40", Price: "3.95", Tax: "9"},
		{Description: "Advies over bezorging – café", Quantity: "2.5", Price: "85", Tax: "21"},
	}})
	status, raw := b.raw("GET", "/api/v2/"+b.adm+"/sales_invoices/"+no+"/download_pdf.json", nil)
	link := b.headers.Get("Location")
	if status != 302 || !strings.HasPrefix(link, b.url+"/storage/") {
		t.Fatalf("%d %q %s", status, link, raw)
	}
	get := func(authorization string) (int, string, []byte) {
		req, _ := http.NewRequest("GET", link, nil)
		if authorization != "" {
			req.Header.Set("Authorization", authorization)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, resp.Header.Get("Content-Type"), body
	}
	if status, _, body := get("Bearer " + b.token); status != 400 || !bytes.Contains(body, []byte("InvalidArgument")) {
		t.Errorf("with an Authorization header: %d %s", status, body)
	}
	status, kind, body := get("")
	if status != 200 || kind != "application/pdf" || !bytes.HasPrefix(body, []byte("%PDF-")) || !bytes.Contains(body, []byte("%%EOF")) || bytes.Count(body, []byte("/Type /Page\n")) != 1 {
		t.Errorf("%d %s, %d bytes", status, kind, len(body))
	}
	b.passWall(31 * time.Second)
	if status, _, _ := get(""); status != 403 {
		t.Errorf("after 31 seconds: %d", status)
	}
	if status, _ := b.do("GET", "/sales_invoices/1/download_pdf", nil); status != 404 {
		t.Errorf("of no invoice: %d", status)
	}
}

func TestDownloadUBL(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	no := b.invoice(emulator.InvoiceSeed{Number: "2026-0042", Lines: []emulator.LineSeed{{Description: "Bread & <butter>", Quantity: "3", Price: "10.50", Tax: "9"}}})
	credit := b.ok(b.Credit(b.adm, no, true))
	for id, want := range map[string]string{no: "Invoice 34.34 3.0 10.50", credit: "CreditNote 34.34 3.0 10.50"} {
		status, raw := b.raw("GET", "/api/v2/"+b.adm+"/sales_invoices/"+id+"/download_ubl.json", nil)
		if status != 200 || b.headers.Get("Content-Type") != "text/xml; charset=utf-8" {
			t.Fatalf("%d %s", status, raw)
		}
		var doc struct {
			XMLName xml.Name
			Payable string `xml:"LegalMonetaryTotal>PayableAmount"`
			Lines   []struct {
				Quantity string `xml:"InvoicedQuantity"`
				Credited string `xml:"CreditedQuantity"`
				Price    string `xml:"Price>PriceAmount"`
				Name     string `xml:"Item>Name"`
			} `xml:",any"`
		}
		if err := xml.Unmarshal(raw, &doc); err != nil {
			t.Fatalf("%v\n%s", err, raw)
		}
		last := doc.Lines[len(doc.Lines)-1]
		b.want(fmt.Sprint(doc.XMLName.Local, " ", doc.Payable, " ", last.Quantity+last.Credited, " ", last.Price), want)
		b.want(last.Name, "Bread & <butter>")
	}
}
