package emulator_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/payment/mollie/emulator"
	kit "github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/contract"
)

func openContract(t *testing.T) *contract.Document {
	t.Helper()
	dir := os.Getenv("VOLDAAN_SHARED")
	if dir == "" {
		t.Skip("VOLDAAN_SHARED is not set: it names the folder with the vendors' API contracts, which are not part of this repository")
	}
	d, err := contract.Open(filepath.Join(dir, "specs", "mollie.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestAnswersFollowTheContract plays every emulated operation and holds each
// answer against Mollie's OpenAPI document.
func TestAnswersFollowTheContract(t *testing.T) {
	t.Parallel()
	doc := openContract(t)
	s := open(t, nil)
	ask := func(method, path string, body any, status int) map[string]any {
		t.Helper()
		resp, raw := s.raw(method, path, body)
		if resp.StatusCode != status {
			t.Errorf("%s %s: %d %s, want %d", method, path, resp.StatusCode, raw, status)
		}
		plain, _, _ := strings.Cut(path, "?")
		for _, p := range doc.Check(method, plain, resp.StatusCode, resp.Header.Get("Content-Type"), raw) {
			t.Error(p)
		}
		var v map[string]any
		_ = json.Unmarshal(raw, &v)
		return v
	}
	text := func(v map[string]any, name string) string { s, _ := v[name].(string); return s }

	for _, method := range []string{"ideal", "creditcard", "paypal", "bancontact", "banktransfer", ""} {
		change := map[string]any{"locale": "nl_NL", "cancelUrl": "https://hub.example/c"}
		if method != "" {
			change["method"] = method
		}
		for _, end := range []func(string) error{
			func(id string) error { return s.Pay(id, emulator.PayerSeed{}) }, func(id string) error { return s.Fail(id, "card_declined") },
			s.Cancel, s.Expire, s.Pend, s.Authorize,
		} {
			id := text(ask("POST", "/v2/payments", s.request(change), 201), "id")
			ask("GET", "/v2/payments/"+id, nil, 200)
			if err := end(id); err != nil {
				t.Fatal(err)
			}
			ask("GET", "/v2/payments/"+id, nil, 200)
		}
	}
	ask("GET", "/v2/payments?limit=10", nil, 200)
	ask("GET", "/v2/payments?from=tr_none", nil, 400)
	ask("POST", "/v2/payments", s.request(map[string]any{"amount": nil}), 422)
	ask("GET", "/v2/payments/tr_none", nil, 404)

	id := text(ask("POST", "/v2/payments", s.request(map[string]any{"method": "banktransfer"}), 201), "id")
	ask("PATCH", "/v2/payments/"+id, map[string]any{"description": "changed", "dueDate": "2026-03-10"}, 200)
	ask("DELETE", "/v2/payments/"+id, nil, 200)
	ask("DELETE", "/v2/payments/"+id, nil, 422)
	ask("PATCH", "/v2/payments/"+id, map[string]any{"redirectUrl": "https://hub.example/x"}, 422)

	id = text(ask("POST", "/v2/payments", s.request(map[string]any{"method": "ideal"}), 201), "id")
	if err := s.Pay(id, emulator.PayerSeed{}); err != nil {
		t.Fatal(err)
	}
	refund := map[string]any{"amount": eur("1.00"), "description": "back", "metadata": map[string]any{"a": "b"}}
	re := text(ask("POST", "/v2/payments/"+id+"/refunds", refund, 201), "id")
	ask("POST", "/v2/payments/"+id+"/refunds", refund, 409)
	ask("POST", "/v2/payments/"+id+"/refunds", map[string]any{}, 422)
	ask("GET", "/v2/payments/"+id+"/refunds/"+re, nil, 200)
	ask("GET", "/v2/payments/"+id+"/refunds/re_none", nil, 404)
	ask("GET", "/v2/payments/"+id+"/refunds", nil, 200)
	ask("GET", "/v2/refunds", nil, 200)
	ask("DELETE", "/v2/payments/"+id+"/refunds/"+re, nil, 204)
	cb, err := s.ChargeBack(id, emulator.ChargebackSeed{Code: "AC01", Reason: "Account identifier incorrect"})
	if err != nil {
		t.Fatal(err)
	}
	ask("GET", "/v2/payments/"+id, nil, 200)
	ask("GET", "/v2/payments/"+id+"/chargebacks", nil, 200)
	ask("GET", "/v2/payments/"+id+"/chargebacks/"+cb, nil, 200)
	ask("GET", "/v2/chargebacks", nil, 200)
	ask("GET", "/v2/methods?locale=de_DE", nil, 200)
	ask("GET", "/v2/methods/ideal", nil, 200)
	ask("GET", "/v2/methods?sequenceType=never", nil, 400)

	customer := text(ask("POST", "/v2/customers", map[string]any{"name": "Jan de Vries", "email": "jan@example.org", "locale": "nl_NL", "metadata": map[string]any{"a": "b"}}, 201), "id")
	ask("GET", "/v2/customers", nil, 200)
	ask("GET", "/v2/customers/"+customer, nil, 200)
	ask("GET", "/v2/customers/cst_none", nil, 404)
	first := ask("POST", "/v2/payments", s.request(map[string]any{"method": "ideal", "sequenceType": "first", "customerId": customer}), 201)
	mandate := text(first, "mandateId")
	ask("GET", "/v2/customers/"+customer+"/mandates/"+mandate, nil, 200)
	if err := s.Pay(text(first, "id"), emulator.PayerSeed{}); err != nil {
		t.Fatal(err)
	}
	ask("GET", "/v2/payments/"+text(first, "id"), nil, 200)
	ask("GET", "/v2/customers/"+customer+"/mandates", nil, 200)
	ask("GET", "/v2/customers/"+customer+"/mandates/mdt_none", nil, 404)
	by := map[string]any{"sequenceType": "recurring", "customerId": customer, "mandateId": mandate, "method": "directdebit", "redirectUrl": nil}
	ask("POST", "/v2/payments", s.request(map[string]any{"sequenceType": "first"}), 422)
	ask("POST", "/v2/payments", s.request(map[string]any{"sequenceType": "recurring", "customerId": customer, "mandateId": "mdt_none"}), 422)
	for _, code := range []string{"", "AM04", "MD06"} {
		if code != "" {
			if err := s.Refuse(emulator.RefusalSeed{Code: code, Returned: code == "MD06"}); err != nil {
				t.Fatal(err)
			}
		}
		id := text(ask("POST", "/v2/payments", s.request(by), 201), "id")
		for range 3 {
			s.pass(5 * 24 * time.Hour)
			ask("GET", "/v2/payments/"+id, nil, 200)
		}
		ask("GET", "/v2/payments/"+id+"/chargebacks", nil, 200)
	}
	ask("POST", "/v2/customers/"+customer+"/mandates", map[string]any{"method": "directdebit", "consumerName": "Jan", "consumerAccount": "NL55INGB0000000000", "signatureDate": "2026-03-02"}, 201)
	ask("DELETE", "/v2/customers/"+customer+"/mandates/"+mandate, nil, 204)
	ask("DELETE", "/v2/customers/"+customer+"/mandates/"+mandate, nil, 404)
	ask("GET", "/v2/methods?sequenceType=recurring", nil, 200)

	s.Kit().MustInject(kit.Fault{Do: kit.Status, Status: 429, Path: "/v2/payments"}, kit.Fault{Do: kit.Status, Status: 503, Method: "POST", Path: "/v2/payments"})
	ask("GET", "/v2/payments", nil, 429)
	ask("POST", "/v2/payments", s.request(nil), 503)
}
