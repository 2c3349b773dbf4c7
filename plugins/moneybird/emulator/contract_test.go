package emulator_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/plugins/moneybird/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/contract"
)

func openContract(t *testing.T) *contract.Document {
	t.Helper()
	dir := os.Getenv("VOLDAAN_SHARED")
	if dir == "" {
		t.Skip("VOLDAAN_SHARED is not set: it names the folder with the vendors' API contracts, which are not part of this repository")
	}
	d, err := contract.Open(filepath.Join(dir, "specs", "moneybird.yml"))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestAnswersFollowTheContract plays every emulated operation and holds each
// answer against Moneybird's OpenAPI document.
func TestAnswersFollowTheContract(t *testing.T) {
	t.Parallel()
	doc := openContract(t)
	b := open(t, nil)
	r := receive(t)
	checked := map[string]bool{}
	ask := func(method, path string, body any, status int) any {
		t.Helper()
		var v any
		got, raw := b.raw(method, "/api/v2/"+b.adm+path, body)
		if got != status {
			t.Errorf("%s %s: %d %s, want %d", method, path, got, raw, status)
			return map[string]any{}
		}
		plain, _, _ := strings.Cut(path, "?")
		for _, problem := range doc.Check(method, "/"+b.adm+plain, status, b.headers.Get("Content-Type"), raw) {
			t.Error(problem)
		}
		checked[method+" "+doc.Template("/"+b.adm+plain)+fmt.Sprint(" ", status)] = true
		if strings.HasPrefix(b.headers.Get("Content-Type"), "application/json") {
			v = decode(t, raw)
		}
		return v
	}
	field := func(v any, name string) string {
		if l, ok := v.([]any); ok {
			v = l[0]
		}
		return fmt.Sprint(v.(map[string]any)[name])
	}
	whole := func(path string) {
		t.Helper()
		_, raw := b.raw("GET", "/api/v2/"+b.adm+path, nil)
		plain, _, _ := strings.Cut(path, "?")
		absent, err := doc.Absent("GET", "/"+b.adm+plain, 200, "application/json", raw)
		if err != nil || len(absent) > 0 {
			t.Errorf("%s leaves out %v, %v", path, absent, err)
		}
	}

	status, raw := b.raw("GET", "/api/v2/administrations.json", nil)
	for _, p := range doc.Check("GET", "/administrations.json", status, b.headers.Get("Content-Type"), raw) {
		t.Error(p)
	}

	c := field(ask("POST", "/contacts.json", map[string]any{"contact": map[string]any{"company_name": "Contract B.V.", "send_invoices_to_email": "x@contract.example"}}, 201), "id")
	ask("POST", "/contacts.json", map[string]any{}, 400)
	ask("POST", "/contacts.json", map[string]any{"contact": map[string]any{}}, 422)
	ask("GET", "/contacts.json", nil, 200)
	ask("GET", "/contacts.json?per_page=500", nil, 400)
	ask("GET", "/contacts/"+c+".json", nil, 200)
	ask("GET", "/contacts/1.json", nil, 404)
	ask("PATCH", "/contacts/"+c+".json", map[string]any{"contact": map[string]any{"city": "Ede"}}, 200)
	ask("GET", "/contacts/synchronization.json", nil, 200)
	ask("POST", "/contacts/synchronization.json", map[string]any{"ids": []string{c}}, 200)
	ask("POST", "/contacts/synchronization.json", map[string]any{}, 400)
	ask("POST", "/contacts/"+c+"/notes.json", map[string]any{"note": map[string]any{"note": "Called"}}, 201)
	whole("/contacts/" + c + ".json")

	ask("GET", "/tax_rates.json", nil, 200)
	ask("GET", "/identities/default.json", nil, 200)
	ask("GET", "/financial_accounts.json", nil, 200)

	line := map[string]any{"description": "Work", "price": "300.0"}
	no := field(ask("POST", "/sales_invoices.json", sales(map[string]any{"contact_id": c, "reference": "PO 1", "details_attributes": []any{line}}), 201), "id")
	at := "/sales_invoices/" + no
	ask("POST", "/sales_invoices.json", sales(map[string]any{}), 422)
	ask("GET", "/sales_invoices.json", nil, 200)
	ask("GET", "/sales_invoices.json?page=0", nil, 400)
	ask("GET", at+".json", nil, 200)
	ask("GET", "/sales_invoices/1.json", nil, 404)
	ask("PATCH", at+".json", sales(map[string]any{"reference": "PO 2"}), 200)
	whole(at + ".json")
	ask("PATCH", at+"/send_invoice.json", map[string]any{"sales_invoice_sending": map[string]any{"delivery_method": "Email"}}, 200)
	whole(at + ".json")
	ask("GET", "/sales_invoices/find_by_invoice_id/2026-0001.json", nil, 200)
	ask("GET", "/sales_invoices/find_by_invoice_id/1337.json", nil, 404)
	ask("GET", "/sales_invoices/find_by_reference/PO%202.json", nil, 200)
	ask("GET", "/sales_invoices/synchronization.json?filter=state:all", nil, 200)
	ask("GET", "/sales_invoices/synchronization.json?filter=state:lost", nil, 400)
	ask("POST", "/sales_invoices/synchronization.json", map[string]any{"ids": []string{no}}, 200)
	ask("POST", at+"/pause.json", map[string]any{}, 201)
	ask("POST", at+"/resume.json", map[string]any{}, 201)
	ask("POST", at+"/notes.json", map[string]any{"note": map[string]any{"note": "Reminded by phone"}}, 201)
	pay := field(ask("POST", at+"/payments.json", map[string]any{"payment": map[string]any{"payment_date": "2026-03-02", "price": "63.0"}}, 201), "id")
	ask("POST", at+"/payments.json", map[string]any{"payment": map[string]any{}}, 422)
	ask("GET", "/payments/"+pay+".json", nil, 200)
	ask("GET", "/payments/1.json", nil, 404)
	ask("DELETE", at+"/payments/"+pay+".json", nil, 204)
	ask("GET", at+"/download_pdf.json", nil, 302)
	ask("GET", at+"/download_ubl.json", nil, 200)
	ask("PATCH", at+"/mark_as_dubious.json", map[string]any{}, 200)
	credit := field(ask("PATCH", at+"/duplicate_creditinvoice.json", map[string]any{}, 200), "id")
	ask("PATCH", "/sales_invoices/"+credit+"/send_invoice.json", map[string]any{}, 200)
	ask("PATCH", "/sales_invoices/"+credit+"/register_payment_creditinvoice.json", map[string]any{}, 200)
	ask("PATCH", at+"/mark_as_uncollectible.json", map[string]any{}, 400)
	ask("DELETE", at+".json", nil, 204)

	ext := field(ask("POST", "/external_sales_invoices.json", map[string]any{"external_sales_invoice": map[string]any{"contact_id": c, "reference": "shop-9", "date": "2026-02-01", "due_date": "2026-02-15", "source": "shop", "details_attributes": map[string]any{"0": line}}}, 201), "id")
	whole("/external_sales_invoices/" + ext + ".json")
	ask("GET", "/external_sales_invoices.json", nil, 200)
	ask("GET", "/external_sales_invoices/synchronization.json?filter=state:all", nil, 200)
	ask("POST", "/external_sales_invoices/synchronization.json", map[string]any{"ids": []string{ext}}, 200)
	ask("PATCH", "/external_sales_invoices/"+ext+".json", map[string]any{"external_sales_invoice": map[string]any{"due_date": "2026-04-01"}}, 200)
	ask("POST", "/external_sales_invoices/"+ext+"/payments.json", map[string]any{"payment": map[string]any{"payment_date": "2026-03-02", "price": 63}}, 201)
	ask("PATCH", "/external_sales_invoices/"+ext+"/mark_as_uncollectible.json", map[string]any{}, 200)
	ask("DELETE", "/external_sales_invoices/"+ext+".json", nil, 204)

	m := b.ok(b.SeedMutation(b.adm, emulator.MutationSeed{Amount: "121", Message: "x", IBAN: "NL02RABO0123456789"}))
	open := b.invoice(emulator.InvoiceSeed{})
	whole("/financial_mutations/" + m + ".json")
	ask("PATCH", "/financial_mutations/"+m+"/link_booking.json", map[string]any{"booking_type": "SalesInvoice", "booking_id": open, "price_base": "121"}, 200)
	ask("PATCH", "/financial_mutations/"+m+"/link_booking.json", map[string]any{"booking_type": "SalesInvoice", "booking_id": open}, 400)
	p := field(ask("GET", "/financial_mutations.json", nil, 200).([]any)[0].(map[string]any)["payments"], "id")
	ask("GET", "/financial_mutations/synchronization.json", nil, 200)
	ask("POST", "/financial_mutations/synchronization.json", map[string]any{"ids": []string{m}}, 200)
	ask("DELETE", "/financial_mutations/"+m+"/unlink_booking.json", map[string]any{"booking_type": "Payment", "booking_id": p}, 200)

	hook := field(ask("POST", "/webhooks.json", map[string]any{"url": r.url, "enabled_events": []string{"note"}}, 201), "id")
	ask("POST", "/webhooks.json", map[string]any{}, 400)
	ask("GET", "/webhooks.json", nil, 200)
	ask("PATCH", "/webhooks/"+hook+"/deactivate.json", nil, 200)
	ask("PATCH", "/webhooks/"+hook+"/activate.json", nil, 200)
	ask("DELETE", "/webhooks/"+hook+".json", nil, 204)
	ask("PATCH", "/contacts/"+c+"/archive.json", nil, 204)
	t.Logf("%d kinds of answers checked", len(checked))
}

// TestTheCheckerAcceptsTheVendorsOwnExamples guards the check above from being
// stricter than the document, and from seeing nothing.
func TestTheCheckerAcceptsTheVendorsOwnExamples(t *testing.T) {
	t.Parallel()
	doc := openContract(t)
	n := 0
	for path, template := range map[string]string{
		"/1/sales_invoices.json": "/{administration_id}/sales_invoices{format}", "/1/contacts.json": "/{administration_id}/contacts{format}",
		"/1/external_sales_invoices.json": "/{administration_id}/external_sales_invoices{format}",
	} {
		for _, example := range doc.Examples("GET", template, 200) {
			for _, p := range doc.Check("GET", path, 200, "application/json", example) {
				t.Errorf("the document's own example: %s", p)
			}
			n++
			spoilt := strings.Replace(string(example), `"id":"`, `"id":"x`, 1)
			if spoilt != string(example) && len(doc.Check("GET", path, 200, "application/json", []byte(spoilt))) == 0 {
				t.Errorf("%s: an id that is no number goes unseen", path)
			}
		}
	}
	if n < 10 {
		t.Errorf("only %d examples", n)
	}
}
