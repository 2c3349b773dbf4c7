package emulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/plugins/moneybird/emulator"
	kit "github.com/voldaan/voldaan/sdk/emulator"
)

func (b *bird) control(method, path, body string) string {
	b.t.Helper()
	req, _ := http.NewRequest(method, b.url+"/_control"+path, strings.NewReader(body))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw := make([]byte, 1<<16)
	n, _ := resp.Body.Read(raw)
	return fmt.Sprint(resp.StatusCode, " ", string(raw[:n]))
}

func id(answer string) string {
	_, rest, _ := strings.Cut(answer, `"id":"`)
	s, _, _ := strings.Cut(rest, `"`)
	return s
}

// TestStoryFromAnotherProcess plays a whole story over the control API.
func TestStoryFromAnotherProcess(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	adm := id(b.control("POST", "/administrations", `{"name":"Story B.V.","iban":"NL91ABNA0417164300"}`))
	at := "/administrations/" + adm
	who := id(b.control("POST", at+"/contacts", `{"company_name":"Debtor B.V.","email":"d@debtor.example"}`))
	b.control("PATCH", at+"/contacts/"+who, `{"email":"new@debtor.example"}`)
	out := b.control("POST", at+"/invoices", fmt.Sprintf(`[{"contact":%[1]q,"number":"S-1","total":"100.00","send_by":"Email"},{"contact":%[1]q,"number":"S-2","total":"50","due":"2026-04-01"},{"contact":%[1]q,"number":"S-3","total":"70"}]`, who))
	if !strings.HasPrefix(out, `201 {"ids":[`) {
		t.Fatal(out)
	}
	token := b.control("POST", "/tokens", fmt.Sprintf(`{"administration":%q,"token":"my-token"}`, adm))
	b.want(token, `201 {"token":"my-token"}`)
	b.adm, b.token = adm, "my-token"

	inv := b.get("/sales_invoices/find_by_invoice_id/S-1")
	b.want(inv["sent_at"], "2026-03-02")
	b.want(inv["contact"].(map[string]any)["email"], "new@debtor.example")
	b.want(b.get("/sales_invoices/find_by_invoice_id/S-2")["sent_at"], "<nil>")

	pay := id(b.control("POST", at+"/invoices/S-1/pay", `{"price":"40.00","date":"2026-03-05"}`))
	b.want(b.get("/sales_invoices/find_by_invoice_id/S-1")["total_unpaid"], "60.0")
	b.want(b.control("DELETE", at+"/invoices/S-1/payments/"+pay, ""), "204 ")
	b.control("POST", at+"/invoices/S-1/pay", `{}`)
	b.want(b.get("/sales_invoices/find_by_invoice_id/S-1")["state"], "paid")
	b.want(b.control("DELETE", at+"/invoices/S-1/payments", ""), "204 ")
	b.want(b.get("/sales_invoices/find_by_invoice_id/S-1")["state"], "open")

	b.want(b.control("POST", at+"/invoices/S-2/due_date", `{"due":"2026-02-20"}`), "204 ")
	b.want(b.get("/sales_invoices/find_by_invoice_id/S-2")["state"], "late")
	b.want(b.control("POST", at+"/invoices/S-2/amount", `{"total":"60"}`), "204 ")
	b.want(b.get("/sales_invoices/find_by_invoice_id/S-2")["total_price_incl_tax"], "60.0")
	b.want(b.control("POST", at+"/invoices/S-2/state", `{"state":"pending_payment"}`), "204 ")
	b.want(b.get("/sales_invoices/find_by_invoice_id/S-2")["state"], "pending_payment")
	line := id(b.control("POST", at+"/mutations", `{"amount":"60.00","message":"S-2"}`))
	b.control("POST", at+"/invoices/S-2/pay", fmt.Sprintf(`{"mutation":%q}`, line))
	b.want(b.get("/financial_mutations/" + line)["state"], "processed")

	b.control("POST", at+"/invoices/S-3/credit", `{"settle":true}`)
	b.want(b.get("/sales_invoices/find_by_invoice_id/S-3")["state"], "paid")
	b.want(b.control("DELETE", at+"/invoices/S-3", ""), "204 ")
	if status, _ := b.do("GET", "/sales_invoices/find_by_invoice_id/S-3", nil); status != 404 {
		t.Errorf("the deleted invoice: %d", status)
	}
	if list := b.control("GET", at+"/invoices", ""); !strings.Contains(list, `"number":"S-2","reference":"","contact":"`+who+`","state":"paid"`) {
		t.Error(list)
	}
	for _, tc := range [][3]string{
		{"POST", at + "/invoices/none/pay", `{}`}, {"POST", at + "/invoices", `{"contact":"1","total":"1"}`}, {"POST", at + "/invoices/S-2/pay", `{}`},
		{"POST", at + "/invoices/S-1/pay", `{"price":"a lot"}`}, {"POST", "/administrations", `{"name":""}`}, {"POST", "/administrations/1/contacts", `{"lastname":"x"}`},
		{"POST", at + "/invoices", fmt.Sprintf(`{"contact":%q,"total":"1","tint":1}`, who)}, {"POST", at + "/invoices/S-2/state", `{"state":"happy"}`},
	} {
		if out := b.control(tc[0], tc[1], tc[2]); !strings.HasPrefix(out, "4") || !strings.Contains(out, `"error"`) {
			t.Errorf("%v: %s", tc, out)
		}
	}
}

func TestMisbehaviourOfAList(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	for i := range 6 {
		b.invoice(emulator.InvoiceSeed{Number: fmt.Sprint("n", i)})
	}
	page := func(n int) string {
		return b.list(fmt.Sprintf("/sales_invoices.json?per_page=2&page=%d", n), "invoice_id")
	}
	b.Kit().MustInject(kit.Fault{Do: kit.DropPage, Query: "page=2"}, kit.Fault{Do: kit.RepeatPage, Query: "page=3"})
	b.want(page(1), "n5 n4")
	b.want(page(2), "n1 n0") // page 2 was dropped
	b.want(page(2), "n3 n2")
	b.want(page(3), "n3 n2") // page 2 again
	b.want(page(3), "n1 n0")
	b.Kit().MustInject(kit.Fault{Do: kit.ExpireToken, Path: "*/sales_invoices.json", Skip: 1})
	b.want(page(1), "n5 n4")
	b.want(page(2), "401 The access token expired")
	b.Kit().MustInject(kit.Fault{Do: kit.Status, Status: 429, RetryAfter: "7"})
	status, v := b.do("GET", "/contacts", nil)
	b.want(fmt.Sprint(status, v), "429Retry later")
}

func TestWriteThatTookEffectThough(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	no := b.invoice(emulator.InvoiceSeed{Total: "100"})
	b.Kit().MustInject(kit.Fault{Method: "POST", Path: "*/payments.json", Do: kit.Status, After: true, Status: 502})
	status, _ := b.raw("POST", "/api/v2/"+b.adm+"/sales_invoices/"+no+"/payments.json", map[string]any{"payment": map[string]any{"payment_date": "2026-03-02", "price": "100"}})
	b.want(status, "502")
	b.want(b.get("/sales_invoices/" + no)["state"], "paid")
}

func TestKilledInMidStory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := open(t, func(c *emulator.Config) { c.StateDir = dir })
	no := b.invoice(emulator.InvoiceSeed{Total: "100"})
	b.ok(b.Pay(b.adm, no, emulator.PaymentSeed{Price: "30"}))
	version := b.get("/sales_invoices/" + no)["version"]

	again := open(t, func(c *emulator.Config) { c.StateDir = dir }) // nothing was closed
	again.token = b.token
	inv := again.get("/sales_invoices/" + no)
	again.want(inv["total_unpaid"], "70.0")
	again.want(inv["version"], fmt.Sprint(version))
	next := again.ok(again.SeedInvoice(again.adm, emulator.InvoiceSeed{Contact: b.acme, Total: "1"}))
	again.want(again.get("/sales_invoices/" + next)["invoice_id"], "2026-0002")
	again.at(time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC))
	again.want(again.get("/sales_invoices/" + no)["state"], "late")
}
