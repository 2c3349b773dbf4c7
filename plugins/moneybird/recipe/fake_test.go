package recipe_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/recipe/interpret"
)

// fake answers as Moneybird does, from records in its documented shapes. A test
// puts a handler of its own in front of one path to make it misbehave.
type fake struct {
	mu       sync.Mutex
	records  map[string]map[string]map[string]any // resource, id, record
	override map[string]http.HandlerFunc          // "METHOD /path after the administration"
	requests []string
	bodies   []string
	srv      *httptest.Server
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{
		records: map[string]map[string]map[string]any{
			"contacts": {}, "sales_invoices": {}, "external_sales_invoices": {},
		},
		override: map[string]http.HandlerFunc{},
	}
	f.srv = httptest.NewServer(f)
	t.Cleanup(f.srv.Close)
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	path := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/api/v2/"), ".json")
	path = strings.TrimPrefix(path, "123/")
	key := r.Method + " " + path
	f.requests, f.bodies = append(f.requests, key+"?"+r.URL.RawQuery), append(f.bodies, string(body))
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	if h := f.override[key]; h != nil {
		h(w, r)
		return
	}
	w.Header().Set("Date", time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC).Format(http.TimeFormat))
	parts := strings.Split(path, "/")
	switch {
	case path == "administrations":
		reply(w, 200, []any{map[string]any{
			"id": 123, "name": "Parkietje B.V.", "language": "nl", "currency": "EUR",
			"country": "NL", "time_zone": "Europe/Amsterdam", "access": "user", "suspended": true,
		}})
	case len(parts) == 2 && parts[1] == "synchronization" && r.Method == http.MethodGet:
		list := []any{}
		for id, rec := range f.records[parts[0]] {
			list = append(list, map[string]any{"id": id, "version": rec["version"]})
		}
		reply(w, 200, list)
	case len(parts) == 2 && parts[1] == "synchronization":
		var q struct{ IDs []string }
		if json.Unmarshal(body, &q) != nil || len(q.IDs) > 100 {
			reply(w, 400, map[string]any{"error": "Ids is required"})
			return
		}
		list := []any{}
		for _, id := range q.IDs {
			if rec, ok := f.records[parts[0]][id]; ok {
				list = append(list, rec)
			}
		}
		reply(w, 200, list)
	case len(parts) == 2 && r.Method == http.MethodGet && f.records[parts[0]][parts[1]] != nil:
		reply(w, 200, f.records[parts[0]][parts[1]])
	default:
		reply(w, 404, map[string]any{"error": "record not found", "symbolic": map[string]any{"id": "not_found"}})
	}
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (f *fake) asked() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.requests...)
}

func (f *fake) connector() *interpret.Connector {
	return newConnector(func() time.Time {
		return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	})
}

func (f *fake) session() *sdk.Session {
	return &sdk.Session{HTTP: &http.Client{Transport: detour{f.srv.URL}}, Log: slog.New(slog.DiscardHandler)}
}

// A contact, a late invoice with a part paid, a credit note and an imported
// invoice, in the shapes of the contract.
func (f *fake) fill() {
	contact := map[string]any{
		"id": "700", "administration_id": 123, "company_name": "Bakkerij Zoet B.V.",
		"firstname": nil, "lastname": nil, "address1": "Hoofdstraat 12", "address2": nil,
		"zipcode": "1234AB", "city": "Amsterdam", "country": "NL", "phone": "", "attention": "",
		"email": "info@zoet.example", "send_invoices_to_email": "administratie@zoet.example",
		"send_invoices_to_attention": "Crediteuren", "tax_number": "NL001234567B01",
		"chamber_of_commerce": "12345678", "bank_account": "NL91ABNA0417164300", "sepa_iban": "",
		"version": 1787320116, "contact_people": []any{}, "something_new": map[string]any{"a": 1},
	}
	f.records["contacts"]["700"] = contact
	f.records["sales_invoices"]["801"] = map[string]any{
		"id": "801", "administration_id": 123, "contact_id": "700", "contact": contact,
		"invoice_id": "2026-0042", "state": "late", "invoice_date": "2026-03-02", "due_date": "2026-03-16",
		"payment_reference": "RF6300000000000005KNGSXTR", "reference": "Project Zuid", "currency": "EUR",
		"total_price_incl_tax": "1210.0", "total_price_incl_tax_base": "1210.0",
		"total_unpaid": "1000.0", "total_unpaid_base": "1000.0", "sent_at": "2026-03-02",
		"original_sales_invoice_id": nil, "version": 1787320219,
		"payments": []any{map[string]any{
			"id": "901", "invoice_type": "SalesInvoice", "invoice_id": "801", "price": "210.0",
			"payment_date": "2026-03-20", "transaction_identifier": "tr_7UhSN1zuXS voldaan:k1",
			"credit_invoice_id": nil, "updated_at": "2026-03-20T10:00:00.000Z",
		}},
	}
	f.records["sales_invoices"]["802"] = map[string]any{
		"id": 802, "contact_id": "700", "contact": contact, "invoice_id": "2026-0043", "state": "open",
		"invoice_date": "2026-03-03", "due_date": "2026-03-17", "currency": "EUR",
		"total_price_incl_tax": "-121.0", "total_unpaid": "-121.0", "original_sales_invoice_id": "801",
		"version": "1787320220", "payments": []any{},
	}
	f.records["external_sales_invoices"]["801"] = map[string]any{
		"id": "801", "contact_id": "700", "contact": contact, "date": "2025-12-30", "state": "open",
		"due_date": nil, "reference": "Invoice 3", "currency": "USD", "source": "webshop",
		"total_price_incl_tax": "121.0", "total_unpaid": 121.0, "version": 1787320166,
		"payments": []any{}, "attachments": []any{map[string]any{"id": "55", "filename": "scan.PDF", "content_type": "application/octet-stream"}},
	}
}

func (f *fake) manyInvoices(n int) {
	for i := range n {
		id := fmt.Sprint(10000 + i)
		f.records["sales_invoices"][id] = map[string]any{
			"id": id, "contact_id": "700", "invoice_id": "N" + id, "state": "open",
			"invoice_date": "2026-01-01", "due_date": "2026-01-15", "currency": "EUR",
			"total_price_incl_tax": "10.0", "total_unpaid": "10.0", "version": 1787000000 + i,
		}
	}
}
