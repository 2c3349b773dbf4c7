package emulator_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/voldaan/voldaan/plugins/moneybird/emulator"
)

// receiver takes webhooks; the secret is learnt from the creation.
type receiver struct {
	url    string
	fail   atomic.Int32 // answers 500 this often
	secret atomic.Value
	calls  chan string
}

func receive(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{calls: make(chan string, 100)}
	r.secret.Store("")
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		raw, _ := io.ReadAll(req.Body)
		if r.fail.Add(-1) >= 0 {
			w.WriteHeader(500)
			return
		}
		var body struct {
			Action string         `json:"action"`
			Type   string         `json:"entity_type"`
			ID     string         `json:"entity_id"`
			State  string         `json:"state"`
			Entity map[string]any `json:"entity"`
		}
		if err := json.Unmarshal(raw, &body); err != nil {
			t.Errorf("body: %v", err)
		}
		signed := "unsigned"
		if secret := r.secret.Load().(string); secret != "" {
			at, sig, _ := strings.Cut(strings.TrimPrefix(req.Header.Get("Moneybird-Signature"), "t="), ",v1=")
			mac := hmac.New(sha256.New, []byte(secret))
			mac.Write([]byte(at + "." + string(raw)))
			if hex.EncodeToString(mac.Sum(nil)) == sig {
				signed = "signed"
			}
		}
		r.calls <- strings.TrimSpace(fmt.Sprintf("%s %s %s %v", body.Action, body.Type, signed, body.Entity["state"]))
	}))
	t.Cleanup(srv.Close)
	r.url = srv.URL
	return r
}

func (r *receiver) next(t *testing.T) string {
	t.Helper()
	select {
	case s := <-r.calls:
		return s
	case <-time.After(5 * time.Second):
		t.Fatal("no webhook came")
		return ""
	}
}

func (r *receiver) silent(t *testing.T) {
	t.Helper()
	select {
	case s := <-r.calls:
		t.Errorf("an unwanted webhook: %s", s)
	case <-time.After(30 * time.Millisecond):
	}
}

func (b *bird) subscribe(r *receiver, events ...string) string {
	b.t.Helper()
	status, v := b.do("POST", "/webhooks.json", map[string]any{"url": r.url, "enabled_events": events})
	if status != 201 {
		b.t.Fatalf("create webhook: %d %v", status, v)
	}
	hook := v.(map[string]any)
	r.secret.Store(hook["secret"].(string))
	b.want(r.next(b.t), "test_webhook  unsigned <nil>")
	return hook["id"].(string)
}

func TestWebhooks(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	r := receive(t)
	id := b.subscribe(r, "sales_invoice_state_changed", "payment_registered", "sales_invoice_destroyed")
	no := b.invoice(emulator.InvoiceSeed{Date: day("2026-03-01"), Due: day("2026-03-15")})
	b.want(r.next(t), "sales_invoice_state_changed_to_open SalesInvoice signed open")
	r.fail.Store(2)
	b.at(time.Date(2026, 3, 16, 12, 0, 0, 0, time.UTC)) // nobody asks: the calendar tells by itself
	b.want(r.next(t), "sales_invoice_state_changed_to_late SalesInvoice signed late")
	b.ok(b.Pay(b.adm, no, emulator.PaymentSeed{}))
	b.want(r.next(t), "sales_invoice_state_changed_to_paid SalesInvoice signed paid")
	b.want(r.next(t), "payment_registered Payment signed <nil>")
	if err := b.DeleteInvoice(b.adm, no); err != nil {
		t.Fatal(err)
	}
	b.want(r.next(t), "sales_invoice_destroyed SalesInvoice signed paid")

	status, v := b.do("GET", "/webhooks.json", nil)
	hook := v.([]any)[0].(map[string]any)
	if status != 200 || hook["secret"] != nil || hook["last_http_status"] != 200.0 {
		t.Errorf("list: %v", hook)
	}
	if status, _ := b.do("PATCH", "/webhooks/"+id+"/deactivate", nil); status != 200 {
		t.Errorf("deactivate: %d", status)
	}
	b.invoice(emulator.InvoiceSeed{})
	r.silent(t)
	if status, _ := b.do("DELETE", "/webhooks/"+id, nil); status != 204 {
		t.Errorf("delete: %d", status)
	}
	b.invoice(emulator.InvoiceSeed{})
	r.silent(t)
}

func TestWebhookCreation(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	r := receive(t)
	r.fail.Store(1)
	status, v := b.do("POST", "/webhooks.json", map[string]any{"url": r.url})
	b.want(fmt.Sprint(status, v.(map[string]any)["error"]), "422 map[url:[does not respond with a 200 status]]")
	status, v = b.do("POST", "/webhooks.json", map[string]any{})
	b.want(fmt.Sprint(status, v), "400 map[error:Url is required symbolic:map[url:required]]")
	status, v = b.do("POST", "/webhooks.json", map[string]any{"url": r.url, "events": []string{}})
	b.want(fmt.Sprint(status, v.(map[string]any)["symbolic"]), "400 map[events:removed]")
	b.subscribe(r) // every event
	b.ok(b.SeedContact(b.adm, emulator.ContactSeed{LastName: "Pieters"}))
	b.want(r.next(t), "contact_created Contact signed <nil>")
}
