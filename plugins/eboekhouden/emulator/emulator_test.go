package emulator_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/plugins/eboekhouden/emulator"
	kit "github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/emulatortest"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

type desk struct {
	*emulatortest.Desk
	*emulatortest.Clock
	srv *emulator.Server
}

// open starts an e-Boekhouden with one debtor and opens a session.
func open(t *testing.T, change func(*emulator.Config)) *desk {
	t.Helper()
	d := &desk{Clock: &emulatortest.Clock{}}
	cfg := emulator.Config{Now: d.Now, Wall: d.Now}
	if change != nil {
		change(&cfg)
	}
	var err error
	if d.srv, err = emulator.New(cfg); err != nil {
		t.Fatal(err)
	}
	d.Desk = emulatortest.Serve(t, d.srv)
	d.Must(201, "POST", "/_control/administrations", map[string]string{"id": "1", "name": "De Korenaar"})
	d.Must(201, "POST", "/_control/administrations/1/contacts", ledger.ContactSeed{CompanyName: "Acme B.V.", Email: "ap@acme.example", City: "Ede", Terms: 30})
	d.Must(201, "POST", "/_control/tokens", map[string]string{"administration": "1", "token": "tok"})
	d.login()
	return d
}

func (d *desk) login() {
	d.T.Helper()
	d.Must(200, "POST", "/v1/session", `{"accessToken":"tok","source":"voldaan"}`)
	d.Header.Set("Authorization", d.At("token"))
}

func (d *desk) invoice(total string) string {
	d.T.Helper()
	d.Must(201, "POST", "/_control/administrations/1/invoices", ledger.InvoiceSeed{Contact: "1", Total: total})
	return d.At("ids.0")
}

func TestSession(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.Must(200, "GET", "/v1/relation", nil)
	session := d.Header.Get("Authorization")
	for name, header := range map[string]string{"none": "", "Bearer": "Bearer " + session, "the API token": "tok"} {
		d.Header.Set("Authorization", header)
		if d.Ask("GET", "/v1/relation", nil) != 401 || d.At("code") != "SECURITY_010" || d.At("type") != "security" {
			t.Errorf("%s: %d %s", name, d.Status, d.Body)
		}
	}
	d.Must(401, "POST", "/v1/session", `{"accessToken":"other","source":"voldaan"}`)
	d.Must(400, "POST", "/v1/session", `{"accessToken":"tok","source":"longer than ten"}`)
	d.Header.Set("Authorization", session)
	d.Pass(time.Hour)
	d.Must(401, "GET", "/v1/relation", nil)
	d.login()
	d.srv.Kit().MustInject(kit.Fault{Do: kit.ExpireToken, Path: "/v1/relation"})
	d.Must(401, "GET", "/v1/relation", nil)
	d.login()
	d.Must(204, "DELETE", "/v1/session", nil)
	d.Must(401, "GET", "/v1/administration", nil)
}

func TestPagingAndFilters(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	for i := range 5 {
		d.invoice(fmt.Sprintf("%d.00", 100+i))
	}
	for query, want := range map[string]string{
		"":                                     "5 5 F2026-0001",
		"limit=2":                              "5 2 F2026-0001",
		"limit=2&offset=4":                     "5 1 F2026-0005",
		"invoiceNumber=F2026-0003":             "1 1 F2026-0003",
		"invoiceNumber[like]=%25-0004":         "1 1 F2026-0004",
		"invoiceNumber[not_like]=%25000%3F":    "0 0 -",
		"date[gte]=2026-03-02":                 "5 5 F2026-0001",
		"date[lt]=2026-03-02":                  "0 0 -",
		"date[range]=2026-03-01,2026-03-03":    "5 5 F2026-0001",
		"relationId[gt]=1":                     "0 0 -",
		"modified[gt]=2030-01-01":              "5 5 F2026-0001",
		"date[not_eq]=2026-03-02&relationId=1": "0 0 -",
	} {
		d.Must(200, "GET", "/v1/invoice?"+query, nil)
		if got := d.At("count") + " " + d.At("items.#") + " " + d.At("items.0.invoiceNumber"); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	for query, code := range map[string]string{"limit=0": "PAGE_001", "limit=2001": "PAGE_001", "offset=-1": "PAGE_002", "date[near]=x": "ERR_001", "date[range]=x": "ERR_001"} {
		if d.Ask("GET", "/v1/invoice?"+query, nil) != 400 || d.At("code") != code {
			t.Errorf("%s: %d %s", query, d.Status, d.Body)
		}
	}
	d.srv.Kit().MustInject(kit.Fault{Do: kit.DropPage, Path: "/v1/invoice", Query: "offset=2"}, kit.Fault{Do: kit.RepeatPage, Path: "/v1/invoice", Query: "offset=2"})
	d.Must(200, "GET", "/v1/invoice?limit=2&offset=2", nil)
	d.Want("items.0.invoiceNumber", "F2026-0005")
	d.Must(200, "GET", "/v1/invoice?limit=2&offset=2", nil)
	d.Want("items.0.invoiceNumber", "F2026-0001")
}

func TestRelations(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.Must(200, "GET", "/v1/relation?name[like]="+url.QueryEscape("acme%"), nil)
	if got := string(d.Body); got != `{"count":1,"items":[{"code":"KLANT1","id":1,"type":"B"}]}` {
		t.Errorf("a list of relations shows %s", got)
	}
	d.Must(200, "GET", "/v1/relation/1", nil)
	d.Want("emailAddress", "ap@acme.example")
	d.Want("termOfPayment", "30")
	d.Must(404, "GET", "/v1/relation/9", nil)
	d.Must(400, "POST", "/v1/relation", `{"type":"X","name":"Jan"}`)
	d.Want("code", "REL_001")
	d.Must(400, "POST", "/v1/relation", `{"type":"P"}`)
	d.Want("code", "REL_002")
	d.Must(201, "POST", "/v1/relation", `{"type":"P","name":"Jan","code":"J1"}`)
	id := d.At("id")
	d.Must(400, "POST", "/v1/relation", `{"type":"P","name":"Jan","code":"J1"}`)
	d.Want("code", "REL_049")
	d.Must(204, "PATCH", "/v1/relation/"+id, `{"note":"Called","city":"Ede"}`)
	d.Must(200, "GET", "/v1/relation/"+id, nil)
	d.Want("note", "Called")
	d.Want("city", "Ede")
	d.Want("name", "Jan")
	d.Must(200, "GET", "/_control/administrations/1/notes", nil)
	d.Want("0.text", "Called")
	d.Must(204, "DELETE", "/v1/relation/"+id, nil)
	d.invoice("1.00")
	d.Must(400, "DELETE", "/v1/relation/1", nil)
}

func TestInvoiceToPaid(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.Must(201, "POST", "/v1/invoice", `{"relationId":1,"termOfPayment":14,"templateId":1,"reference":"PO-1","items":[{"description":"Bread","pricePerUnit":100,"quantity":2,"vatCode":"HOOG_VERK_21","ledgerId":104}]}`)
	d.Want("invoiceNumber", "F2026-0001")
	id := d.At("id")
	for body, code := range map[string]string{
		`{}`: "FACT_001", `{"relationId":1}`: "FACT_018", `{"relationId":1,"templateId":1}`: "FACT_019",
		`{"relationId":9,"templateId":1,"items":[{"description":"x","pricePerUnit":1}]}`:                              "FACT_002",
		`{"relationId":1,"templateId":1,"invoiceNumber":"F2026-0001","items":[{"description":"x","pricePerUnit":1}]}`: "FACT_101",
	} {
		d.Must(400, "POST", "/v1/invoice", body)
		d.Want("code", code)
	}
	d.Must(200, "GET", "/v1/invoice/"+id, nil)
	d.Want("totalAmount", "242.00")
	d.Want("items.0.vatCode", "HOOG_VERK_21")
	link := d.At("urlPdfFile")
	d.Must(200, "GET", "/v1/mutation/invoice/outstanding?credDeb=D", nil)
	d.Want("items.0.outstandingAmount", "242.00")
	mutation := d.At("items.0.mutationId")
	d.Must(400, "GET", "/v1/mutation/invoice/outstanding", nil)
	d.Must(200, "GET", "/v1/mutation/"+mutation, nil)
	d.Want("type", "2")

	pay := func(amount, number, ledger string) string {
		return fmt.Sprintf(`{"type":3,"date":"2026-03-20","ledgerId":%s,"description":"Betaling","rows":[{"invoiceNumber":"%s","relationId":1,"amount":%s,"ledgerId":103,"vatCode":"GEEN"}]}`, ledger, number, amount)
	}
	d.Must(400, "POST", "/v1/mutation", pay("42.00", "F2026-0001", "999"))
	d.Want("code", "MUT_007")
	d.Must(400, "POST", "/v1/mutation", pay("42.00", "nope", "102"))
	d.Must(201, "POST", "/v1/mutation", pay("42.00", "F2026-0001", "102"))
	payment := d.At("id")
	d.Must(200, "GET", "/v1/mutation?type=3", nil)
	d.Want("items.0.amount", "42.00")
	d.Must(200, "GET", "/v1/mutation/"+payment, nil)
	d.Want("rows.0.invoiceNumber", "F2026-0001")
	d.Must(200, "GET", "/v1/mutation/invoice/outstanding?credDeb=D", nil)
	d.Want("items.0.paidAmount", "42.00")
	d.Want("items.0.outstandingAmount", "200.00")
	d.Must(200, "GET", "/v1/ledger/103/balance", nil)
	d.Want("balance", "200.00")

	d.Header.Del("Authorization")
	d.Must(200, "GET", link, nil)
	if !strings.HasPrefix(string(d.Body), "%PDF-") {
		t.Errorf("not a PDF: %.40s", d.Body)
	}
	d.Pass(11 * time.Minute)
	d.Must(404, "GET", link, nil)
}

func TestCreditNoteAndDeletion(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	id := d.invoice("121.00")
	other := d.invoice("10.00")
	d.Must(201, "POST", "/_control/administrations/1/invoices/"+id+"/credit", `{"settle":false}`)
	d.Must(200, "GET", "/v1/mutation/invoice/outstanding?credDeb=D", nil)
	d.Want("items.2.outstandingAmount", "-121.00")
	third := d.invoice("50.00")
	d.Must(201, "POST", "/_control/administrations/1/invoices/"+third+"/credit", `{"settle":true}`)
	d.Must(200, "GET", "/v1/mutation?type=7", nil)
	d.Want("count", "1")
	d.Must(200, "GET", "/v1/mutation/"+d.At("items.0.id"), nil)
	d.Want("rows.0.amount", "-50.00")
	d.Want("rows.1.amount", "50.00")
	d.Must(204, "DELETE", "/_control/administrations/1/invoices/"+other, nil)
	d.Must(404, "GET", "/v1/invoice/"+other, nil)
}

func TestMisbehaviour(t *testing.T) {
	t.Parallel()
	d := open(t, func(c *emulator.Config) { c.Rate = kit.Rate{Limit: 2, Window: time.Minute} })
	d.Must(200, "GET", "/v1/ledger", nil)
	d.Must(200, "GET", "/v1/ledger", nil)
	d.Must(429, "GET", "/v1/ledger", nil)
	if d.Got.Get("Retry-After") == "" {
		t.Error("429 without Retry-After")
	}
	d.Pass(time.Minute)
	d.invoice("20.00")
	d.srv.Kit().MustInject(kit.Fault{Do: kit.Status, Method: "POST", Path: "/v1/mutation", After: true, Status: 502}, kit.Fault{Do: kit.Truncate, Path: "/v1/ledger"})
	d.Must(502, "POST", "/v1/mutation", `{"type":3,"date":"2026-03-20","ledgerId":102,"rows":[{"invoiceNumber":"F2026-0001","amount":20}]}`)
	if d.Ask("GET", "/v1/ledger", nil); d.Err == nil {
		t.Error("the body was whole")
	}
	d.login()
	d.Must(200, "GET", "/v1/mutation/invoice/outstanding?credDeb=D", nil)
	d.Want("count", "0")
}
