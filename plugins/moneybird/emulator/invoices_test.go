package emulator_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/plugins/moneybird/emulator"
	kit "github.com/voldaan/voldaan/sdk/emulator"
)

func TestLifeOfAnInvoice(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	status, v := b.do("POST", "/sales_invoices.json", sales(map[string]any{
		"contact_id": b.acme, "reference": "Project Zuid",
		"details_attributes": []any{map[string]any{"description": "Bread", "price": "129,95", "amount": "3 x"}, map[string]any{"description": "Cake", "price": 10}},
	}))
	if status != 201 {
		t.Fatalf("create: %d %v", status, v)
	}
	inv := v.(map[string]any)
	no := fmt.Sprint(inv["id"])
	b.want(inv["state"], "draft")
	b.want(inv["invoice_id"], "<nil>")
	b.want(inv["total_price_excl_tax"], "399.85")
	b.want(inv["total_price_incl_tax"], "483.82") // 399.85 x 1.21 = 483.8185
	b.want(inv["total_unpaid"], "483.82")
	b.want(inv["sent_at"], "<nil>")

	status, v = b.do("PATCH", "/sales_invoices/"+no+"/send_invoice.json", nil)
	if status != 200 {
		t.Fatalf("send: %d %v", status, v)
	}
	inv = v.(map[string]any)
	b.want(inv["state"], "open")
	b.want(inv["invoice_id"], "2026-0001")
	b.want(inv["invoice_date"], "2026-03-02")
	b.want(inv["due_date"], "2026-03-16")
	b.want(inv["sent_at"], "2026-03-02")
	if ref := fmt.Sprint(inv["payment_reference"]); !strings.HasPrefix(ref, "RF") || len(ref) != 25 {
		t.Errorf("payment reference %q", ref)
	}

	// In Amsterdam it is 16 March until 23:00 UTC.
	b.at(time.Date(2026, 3, 16, 22, 59, 0, 0, time.UTC))
	b.want(b.get("/sales_invoices/" + no)["state"], "open")
	before := b.get("/sales_invoices/" + no)["version"]
	b.at(time.Date(2026, 3, 16, 23, 1, 0, 0, time.UTC))
	late := b.get("/sales_invoices/" + no)
	b.want(late["state"], "late")
	if late["version"].(float64) <= before.(float64) {
		t.Errorf("version %v after %v", late["version"], before)
	}

	status, v = b.do("POST", "/sales_invoices/"+no+"/payments.json", map[string]any{"payment": map[string]any{"payment_date": "2026-03-20", "price": "83.82"}})
	if status != 201 {
		t.Fatalf("pay: %d %v", status, v)
	}
	first := fmt.Sprint(v.(map[string]any)["id"])
	inv = b.get("/sales_invoices/" + no)
	b.want(inv["state"], "late")
	b.want(inv["total_paid"], "83.82")
	b.want(inv["total_unpaid"], "400.0")
	b.do("POST", "/sales_invoices/"+no+"/payments", map[string]any{"payment": map[string]any{"payment_date": "2026-03-21T08:00:00Z", "price": 400}})
	inv = b.get("/sales_invoices/" + no)
	b.want(inv["state"], "paid")
	b.want(inv["paid_at"], "2026-03-21")
	b.want(len(inv["payments"].([]any)), "2")
	b.want(b.get("/payments/" + first)["price"], "83.82")

	if status, _ := b.do("DELETE", "/sales_invoices/"+no+"/payments/"+first, nil); status != 204 {
		t.Errorf("delete payment: %d", status)
	}
	inv = b.get("/sales_invoices/" + no)
	b.want(inv["state"], "late")
	b.want(inv["paid_at"], "<nil>")
	if status, _ := b.do("DELETE", "/sales_invoices/"+no, nil); status != 204 {
		t.Errorf("delete: %d", status)
	}
	status, v = b.do("GET", "/sales_invoices/"+no, nil)
	b.want(fmt.Sprint(status, v), "404 map[error:record not found symbolic:map[id:not_found]]")
}

func TestVersionsRiseWithinASecond(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	no := b.invoice(emulator.InvoiceSeed{})
	last := b.get("/sales_invoices/" + no)["version"].(float64)
	for i := range 3 {
		b.do("PATCH", "/sales_invoices/"+no, sales(map[string]any{"reference": fmt.Sprint("change ", i)}))
		next := b.get("/sales_invoices/" + no)["version"].(float64)
		if next <= last {
			t.Errorf("change %d: version %v after %v", i, next, last)
		}
		last = next
	}
	b.pass(time.Hour)
	b.do("PATCH", "/sales_invoices/"+no, sales(map[string]any{"reference": "later"}))
	b.want(int64(b.get("/sales_invoices/" + no)["version"].(float64)), fmt.Sprint(time.Date(2026, 3, 2, 10, 30, 0, 0, time.UTC).Unix()))
}

func TestFilters(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	b.invoice(emulator.InvoiceSeed{Number: "old", Date: day("2024-06-01"), Due: day("2024-06-15")})
	b.invoice(emulator.InvoiceSeed{Number: "jan", Date: day("2026-01-10"), Due: day("2026-01-24"), Reference: "A"})
	b.invoice(emulator.InvoiceSeed{Number: "mar", Date: day("2026-03-01"), Due: day("2026-03-31"), Contact: b.jansen, Reference: "B"})
	b.invoice(emulator.InvoiceSeed{Draft: true, Reference: "draft"})
	b.invoice(emulator.InvoiceSeed{External: true, Date: day("2025-05-05"), Reference: "shop-1"})
	paid := b.invoice(emulator.InvoiceSeed{Number: "paid", Date: day("2026-02-01")})
	b.ok(b.Pay(b.adm, paid, emulator.PaymentSeed{Date: day("2026-02-10")}))
	b.pass(time.Hour)
	b.ok(b.Pay(b.adm, "jan", emulator.PaymentSeed{Price: "1"}))
	for filter, want := range map[string]string{
		"":                                       "paid <nil> mar jan",
		"period:this_year":                       "paid <nil> mar jan",
		"period:20200101..20261231,state:all":    "paid <nil> mar jan old",
		"state:all":                              "paid <nil> mar jan old",
		"state:late":                             "jan old",
		"state:open|late":                        "mar jan old",
		"state:draft":                            "<nil>",
		"state:draft,period:prev_year":           "",
		"period:202601..202602":                  "paid jan",
		"period:prev_month":                      "paid",
		"period:this_month":                      "<nil> mar",
		"period:this_quarter,state:paid":         "paid",
		"period:prev_quarter":                    "",
		"period:this_week":                       "<nil>",
		"reference:A|B":                          "mar jan",
		"contact_id:" + b.jansen:                 "mar",
		"updated_after:2026-03-02 10:00:00 UTC":  "jan",
		"updated_after:2026-03-02T10:30:00.000Z": "",
		"created_after:2026-03-02T09:29:59Z":     "paid <nil> mar jan old",
		"state:broken":                           "400 Status is not included in the list",
		"period:2020..":                          "400 Period must have both a start and end date",
		"period:next_age":                        "400 Period is invalid",
		"updated_after:soon":                     "400 Date is invalid",
		"colour:red":                             "400 Filter is invalid",
	} {
		if got := b.list("/sales_invoices.json?filter="+strings.NewReplacer(" ", "%20", "|", "%7C").Replace(filter), "invoice_id"); got != want {
			t.Errorf("%q: %q, want %q", filter, got, want)
		}
	}
	b.want(b.list("/external_sales_invoices.json", "reference"), "")
	b.want(b.list("/external_sales_invoices.json?filter=state:open%7Clate", "reference"), "shop-1")
}

func TestPaging(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	seeds := make([]emulator.InvoiceSeed, 120)
	for i := range seeds {
		seeds[i] = emulator.InvoiceSeed{Contact: b.acme, Number: fmt.Sprintf("n%03d", i), Total: "10.00"}
	}
	if _, err := b.SeedInvoices(b.adm, seeds); err != nil {
		t.Fatal(err)
	}
	b.want(len(strings.Fields(b.list("/sales_invoices.json", "id"))), "50")
	var seen []string
	path := "/sales_invoices.json?per_page=50&filter=state:all"
	for pages := 0; path != "" && pages < 9; pages++ {
		seen = append(seen, strings.Fields(b.list(path, "invoice_id"))...)
		link := b.headers.Get("Link")
		path = ""
		for part := range strings.SplitSeq(link, ", ") {
			if url, rel, _ := strings.Cut(part, ">; "); rel == `rel="next"` {
				_, path, _ = strings.Cut(url, "/api/v2/"+b.adm)
			}
		}
	}
	if len(seen) != 120 || seen[0] != "n119" || seen[119] != "n000" {
		t.Errorf("followed the links to %d invoices", len(seen))
	}
	b.list("/sales_invoices.json?per_page=50&page=2", "id")
	b.want(b.headers.Get("Link"), fmt.Sprintf(`<%[1]s/api/v2/%[2]s/sales_invoices.json?page=3&per_page=50>; rel="next", <%[1]s/api/v2/%[2]s/sales_invoices.json?page=1&per_page=50>; rel="prev"`, b.url, b.adm))
	for _, bad := range []string{"per_page=101", "per_page=0", "page=0", "page=x"} {
		field, _, _ := strings.Cut(bad, "=")
		b.want(b.list("/sales_invoices.json?"+bad, "id"), "400 "+field+" does not have a valid value")
	}
}

func TestSynchronization(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	var ids []string
	for i := range 105 {
		ids = append(ids, b.invoice(emulator.InvoiceSeed{Date: day("2024-01-01").AddDays(i)}))
	}
	b.want(b.list("/sales_invoices/synchronization.json", "id"), "") // none of this year
	status, v := b.do("GET", "/sales_invoices/synchronization.json?filter=period:20200101..20261231,state:all", nil)
	if status != 200 || len(v.([]any)) != 105 {
		t.Fatalf("%d, %d pairs", status, len(v.([]any)))
	}
	status, v = b.do("POST", "/sales_invoices/synchronization.json", map[string]any{"ids": append([]string{"1"}, ids...)})
	if got := v.([]any); status != 200 || len(got) != 99 || got[0].(map[string]any)["id"] != ids[0] {
		t.Errorf("%d, %d invoices for 106 ids of which the first is unknown", status, len(got))
	}
	status, v = b.do("POST", "/sales_invoices/synchronization.json", map[string]any{})
	b.want(fmt.Sprint(status, v), "400 map[error:Ids is required symbolic:map[ids:required]]")
	b.want(len(strings.Fields(b.list("/contacts/synchronization.json", "version"))), "2")
	status, v = b.do("POST", "/contacts/synchronization.json", map[string]any{"ids": []string{b.jansen}})
	b.want(fmt.Sprint(status, v.([]any)[0].(map[string]any)["lastname"]), "200Jansen")
}

func TestFindBy(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	no := b.invoice(emulator.InvoiceSeed{Number: "2026-0042", Reference: "PO/7"})
	b.want(b.get("/sales_invoices/find_by_invoice_id/2026-0042.json")["id"], no)
	b.want(b.get("/sales_invoices/find_by_reference/PO%2F7.json")["id"], no)
	status, v := b.do("GET", "/sales_invoices/find_by_invoice_id/1337.json", nil)
	b.want(fmt.Sprint(status, v), "404 map[error:Sales invoice with invoice_id: 1337 was not found symbolic:map[invoice_id:not_found]]")
}

func TestCreditInvoice(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	no := b.invoice(emulator.InvoiceSeed{Lines: []emulator.LineSeed{{Description: "Bread", Quantity: "2", Price: "150"}}})
	status, v := b.do("PATCH", "/sales_invoices/"+no+"/duplicate_creditinvoice.json", map[string]any{})
	if status != 200 {
		t.Fatalf("%d %v", status, v)
	}
	cr := v.(map[string]any)
	b.want(cr["state"], "draft")
	b.want(cr["original_sales_invoice_id"], no)
	b.want(cr["total_price_incl_tax"], "-363.0")
	credit := fmt.Sprint(cr["id"])
	if status, _ := b.do("PATCH", "/sales_invoices/"+credit+"/register_payment_creditinvoice", map[string]any{}); status != 400 {
		t.Errorf("settling a draft: %d", status)
	}
	b.do("PATCH", "/sales_invoices/"+credit+"/send_invoice", nil)
	b.want(b.get("/sales_invoices/" + credit)["state"], "open")
	if status, v := b.do("PATCH", "/sales_invoices/"+credit+"/register_payment_creditinvoice", map[string]any{}); status != 200 {
		t.Fatalf("settle: %d %v", status, v)
	}
	for _, one := range []string{no, credit} {
		inv := b.get("/sales_invoices/" + one)
		b.want(inv["state"], "paid")
		b.want(inv["total_unpaid"], "0.0")
		p := inv["payments"].([]any)[0].(map[string]any)
		b.want(p["credit_invoice_id"], credit)
	}
}

func TestStatesAndRefusals(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	no := b.invoice(emulator.InvoiceSeed{Date: day("2026-01-01"), Due: day("2026-01-15")})
	at := "/sales_invoices/" + no
	b.do("POST", at+"/pause", nil)
	b.want(b.get(at)["paused"], "true")
	b.do("POST", at+"/resume", nil)
	b.want(b.get(at)["paused"], "false")
	b.do("POST", "/sales_invoices/send_reminders", map[string]any{"sales_invoice_reminders": []any{map[string]any{
		"contact_id": b.acme, "workflow_id": "1", "document_style_id": "1", "identity_id": "1", "sales_invoice_ids": []string{no}}}})
	b.want(b.get(at)["state"], "reminded")
	b.want(b.get(at)["reminder_count"], "1")
	b.pass(15 * 24 * time.Hour)
	b.want(b.get(at)["state"], "late")
	if err := b.SetState(b.adm, no, "pending_payment"); err != nil {
		t.Fatal(err)
	}
	b.want(b.get(at)["state"], "pending_payment")
	if status, _ := b.do("DELETE", at, nil); status != 400 {
		t.Errorf("deleted with a payment under way: %d", status)
	}
	if err := b.SetState(b.adm, no, "open"); err != nil {
		t.Fatal(err)
	}
	b.do("PATCH", at+"/mark_as_dubious", map[string]any{})
	b.want(b.get(at)["marked_dubious_on"], "2026-03-17")
	b.do("PATCH", at+"/mark_as_uncollectible", map[string]any{})
	b.want(b.get(at)["state"], "uncollectible")
	for _, tc := range []struct {
		method, path string
		body         any
		want         string
	}{
		{"POST", at + "/payments", map[string]any{"payment": map[string]any{}}, "422 map[payment_date:[can't be blank is not a valid date] price:[can't be blank is not a number]]"},
		{"POST", at + "/payments", map[string]any{"payment": map[string]any{"payment_date": "2026-03-01", "price": "1", "manual_payment_action": "bank_transfer"}}, "422 map[financial_mutation_id:[can't be blank]]"},
		{"POST", "/sales_invoices/1/payments", map[string]any{"payment": map[string]any{"payment_date": "2026-03-01", "price": "1"}}, "404 record not found"},
		{"POST", "/sales_invoices", sales(map[string]any{"contact_id": "1"}), "422 map[contact:[can't be blank]]"},
		{"POST", "/sales_invoices", sales(map[string]any{"contact_id": b.acme, "currency": "XXX"}), "422 map[currency:[is not included in the list]]"},
		{"POST", "/sales_invoices", sales(map[string]any{"contact_id": b.acme, "invoice_date": "soon"}), "422 map[invoice_date:[is not a valid date]]"},
		{"POST", "/sales_invoices", sales(map[string]any{"colour": "red"}), `400 The body is invalid: json: unknown field "colour"`},
		{"POST", "/external_sales_invoices", map[string]any{"external_sales_invoice": map[string]any{"contact_id": "1", "reference": "x"}}, "400 Contact ID is invalid"},
		{"POST", "/external_sales_invoices", map[string]any{"external_sales_invoice": map[string]any{"contact_id": b.acme}}, "422 map[reference:[can't be blank]]"},
		{"POST", "/contacts", map[string]any{}, "400 Contact is required"},
		{"POST", "/contacts", map[string]any{"contact": map[string]any{}}, "422 map[company_name:[is required] firstname:[is required] lastname:[is required]]"},
		{"DELETE", "/contacts/" + b.acme, nil, "400 Contact can not be destroyed"},
		{"POST", at + "/notes", map[string]any{"note": map[string]any{}}, "422 map[note:[can't be blank] todo_type:[can't be blank]]"},
		{"GET", "/nothing", nil, "404 Not Found"},
	} {
		status, v := b.do(tc.method, tc.path, tc.body)
		got := fmt.Sprint(status)
		if m, ok := v.(map[string]any); ok {
			got += " " + fmt.Sprint(m["error"])
		}
		if got != tc.want {
			t.Errorf("%s %s: %s, want %s", tc.method, tc.path, got, tc.want)
		}
	}
}

func TestForeignCurrency(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	no := b.invoice(emulator.InvoiceSeed{Currency: "USD", Total: "121.00"})
	inv := b.get("/sales_invoices/" + no)
	b.want(inv["total_price_incl_tax"], "121.0")
	b.want(inv["total_unpaid_base"], "111.32")
	pay := map[string]any{"payment_date": "2026-03-02", "price": "121.0"}
	if status, _ := b.do("POST", "/sales_invoices/"+no+"/payments", map[string]any{"payment": pay}); status != 422 {
		t.Errorf("without price_base: %d", status)
	}
	pay["price_base"] = "110.00"
	if status, v := b.do("POST", "/sales_invoices/"+no+"/payments", map[string]any{"payment": pay}); status != 201 {
		t.Errorf("%d %v", status, v)
	}
	b.want(b.get("/sales_invoices/" + no)["state"], "paid")
}

func TestBankLines(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	no := b.invoice(emulator.InvoiceSeed{Total: "100.00"})
	m := b.ok(b.SeedMutation(b.adm, emulator.MutationSeed{Amount: "100", Message: "invoice", Name: "Acme", IBAN: "NL02RABO0123456789"}))
	b.want(b.list("/financial_mutations.json?filter=state:unprocessed", "amount"), "100.0")
	if status, v := b.do("PATCH", "/financial_mutations/"+m+"/link_booking", map[string]any{"booking_type": "SalesInvoice", "booking_id": no, "price_base": "100.0"}); status != 200 || v != 200.0 {
		t.Errorf("link: %d %v", status, v)
	}
	b.want(b.get("/sales_invoices/" + no)["state"], "paid")
	line := b.get("/financial_mutations/" + m)
	b.want(fmt.Sprint(line["state"], line["amount_open"]), "processed0.0")
	p := line["payments"].([]any)[0].(map[string]any)["id"]
	status, v := b.do("DELETE", "/financial_mutations/"+m+"/unlink_booking", map[string]any{"booking_type": "Payment", "booking_id": p})
	b.want(fmt.Sprint(status, v.(map[string]any)["state"]), "200unprocessed")
	b.want(b.get("/sales_invoices/" + no)["state"], "open")
	for range 100 {
		b.ok(b.SeedMutation(b.adm, emulator.MutationSeed{Amount: "1"}))
	}
	b.want(b.list("/financial_mutations.json", "id"), "400 Too many financial mutations to return, please use sync API")
	b.want(len(strings.Fields(b.list("/financial_mutations/synchronization.json?filter=period:this_year", "id"))), "101")
}

func TestNumbersAreNotTakenTwice(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	b.invoice(emulator.InvoiceSeed{Number: "2026-0002"})
	for _, want := range []string{"2026-0001", "2026-0003"} {
		b.want(b.get("/sales_invoices/" + b.invoice(emulator.InvoiceSeed{}))["invoice_id"], want)
	}
}

// BenchmarkSynchronization fetches 100 invoices a request, the second time from
// what was drawn before.
func BenchmarkSynchronization(bm *testing.B) {
	s, err := emulator.New(emulator.Config{Rate: kit.Rate{Limit: -1}})
	if err != nil {
		bm.Fatal(err)
	}
	defer s.Close()
	adm, _ := s.SeedAdministration(emulator.AdministrationSeed{Name: "Big"})
	who, _ := s.SeedContact(adm, emulator.ContactSeed{CompanyName: "Acme"})
	token, _ := s.SeedToken(emulator.TokenSeed{Administration: adm})
	seeds := make([]emulator.InvoiceSeed, 20_000)
	for i := range seeds {
		seeds[i] = emulator.InvoiceSeed{Contact: who, Total: "121.00", SendBy: "Email"}
	}
	ids, err := s.SeedInvoices(adm, seeds)
	if err != nil {
		bm.Fatal(err)
	}
	for i := 0; bm.Loop(); i++ {
		at := i * 100 % len(ids)
		body := `{"ids":["` + strings.Join(ids[at:at+100], `","`) + `"]}`
		r := httptest.NewRequest("POST", "/api/v2/"+adm+"/sales_invoices/synchronization.json", strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != 200 {
			bm.Fatal(w.Body)
		}
	}
	bm.ReportMetric(float64(bm.N)*100/bm.Elapsed().Seconds(), "invoices/s")
}
