package mollie_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

const testKey = "test_dHar4XY7LxsDOtmnkVtjNVWXLSlXsM"

func key(t *testing.T) mollie.APIKey {
	t.Helper()
	k, err := mollie.ParseAPIKey(testKey)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestAPIKeyIsNeverShown(t *testing.T) {
	t.Parallel()
	k := key(t)
	if !k.Test() || k.Reveal() != testKey {
		t.Error("the key is not what was parsed")
	}
	var b strings.Builder
	slog.New(slog.NewJSONHandler(&b, nil)).Info("key", "key", k, "config", mollie.Config{Key: k})
	asJSON, err := json.Marshal(map[string]any{"key": k, "config": mollie.Config{Key: k, HTTP: nil}.Key})
	if err != nil {
		t.Fatal(err)
	}
	shown := b.String() + string(asJSON) + k.String() + fmt.Sprintf("%v %+v %#v %s %q %x %d %v %+v %#v", k, k, k, k, k, k, k, mollie.Config{Key: k}, &mollie.Config{Key: k}, mollie.Config{Key: k})
	if strings.Contains(shown, testKey[5:]) || strings.Contains(shown, fmt.Sprintf("%x", testKey[5:])) {
		t.Errorf("the key is shown: %s", shown)
	}
	if !strings.Contains(shown, "test_(redacted)") {
		t.Errorf("the mode is not shown: %s", shown)
	}
}

func TestParseAPIKey(t *testing.T) {
	t.Parallel()
	for in, ok := range map[string]bool{
		testKey: true, " live_dHar4XY7LxsDOtmnkVtjNVWXLSlXsM\n": true,
		"": false, "test_short": false, "access_dHar4XY7LxsDOtmnkVtjNVWXLSlXsM": false,
		"test_dHar4XY7LxsDOtmnkVtjNVWXLSlXs\nX-Evil: 1": false,
	} {
		if _, err := mollie.ParseAPIKey(in); (err == nil) != ok || err != nil && !errors.Is(err, mollie.ErrKey) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

// answering returns a client of a server that answers once with what it is
// given, and the request that it saw.
func answering(t *testing.T, h http.HandlerFunc) *mollie.Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	c, err := mollie.New(mollie.Config{Key: key(t), BaseURL: srv.URL + "/", Timeout: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCreatePaymentSendsWhatTheContractAsks(t *testing.T) {
	t.Parallel()
	var got map[string]any
	var header http.Header
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		header = r.Header
		if r.Method != "POST" || r.URL.Path != "/v2/payments" {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/hal+json")
		w.WriteHeader(201)
		_, _ = io.WriteString(w, `{"resource":"payment","id":"tr_5B8cwPMGnU6qLbRvo7qEZo","mode":"test","amount":{"value":"1210.00","currency":"EUR"},
			"description":"2026-0042","method":"banktransfer","status":"open","isCancelable":true,"profileId":"pfl_QkEhN94Ba","sequenceType":"oneoff",
			"metadata":{"invoice":"7"},"createdAt":"2026-03-20T09:13:37+00:00","expiresAt":"2026-04-03T09:13:37+00:00","amountRemaining":null,"locale":null,
			"details":{"bankName":"Stichting Mollie Payments","bankAccount":"NL53ABNA0627535577","bankBic":"ABNANL2A","transferReference":"RF12-3456-7890-1234"},
			"_links":{"checkout":{"href":"https://pay.example/x","type":"text/html"}}}`)
	})
	p, err := c.CreatePayment(t.Context(), "9b2f", mollie.NewPayment{
		Amount: money.EUR(121000), Description: "2026-0042", RedirectURL: "https://hub.example/back", WebhookURL: "https://hub.example/hook",
		Method: mollie.BankTransfer, Locale: "nl_NL", Metadata: map[string]string{"invoice": "7"}, DueDate: date.MustParse("2026-04-03"), Email: "a@b.example",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"amount":{"currency":"EUR","value":"1210.00"},"billingAddress":{"email":"a@b.example"},"description":"2026-0042","dueDate":"2026-04-03","locale":"nl_NL","metadata":{"invoice":"7"},"method":"banktransfer","redirectUrl":"https://hub.example/back","webhookUrl":"https://hub.example/hook"}`
	if b, _ := json.Marshal(got); string(b) != want {
		t.Errorf("sent %s", b)
	}
	if header.Get("Authorization") != "Bearer "+testKey || header.Get("Idempotency-Key") != "9b2f" {
		t.Errorf("headers %v", header)
	}
	if p.ID != "tr_5B8cwPMGnU6qLbRvo7qEZo" || p.Amount != money.EUR(121000) || p.Status != mollie.Open || p.Details.TransferReference != "RF12-3456-7890-1234" ||
		p.CheckoutURL != "https://pay.example/x" || !p.Cancelable || p.ExpiresAt.IsZero() || !p.PaidAt.IsZero() || string(p.Metadata) != `{"invoice":"7"}` {
		t.Errorf("read %+v", p)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	hal := func(status int, body string, headers ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/hal+json")
			for i := 0; i+1 < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	for _, tc := range []struct {
		name      string
		answer    http.HandlerFunc
		status    int
		retryable bool
		check     func(*mollie.Error) bool
	}{
		{"422 names the field", hal(422, `{"status":422,"title":"Unprocessable Entity","detail":"The 'description' field is missing","field":"description"}`), 422, false,
			func(e *mollie.Error) bool {
				return e.Field == "description" && e.Title == "Unprocessable Entity" && strings.Contains(e.Error(), "field description")
			}},
		{"404", hal(404, `{"status":404,"title":"Not Found","detail":"No payment exists"}`), 404, false, (*mollie.Error).NotFound},
		{"401", hal(401, `{}`), 401, false, (*mollie.Error).Unauthorized},
		{"429 with Retry-After", hal(429, `{}`, "Retry-After", "7"), 429, true, func(e *mollie.Error) bool { return e.RetryAfter == 7*time.Second }},
		{"503 without a problem", hal(503, `<html>`), 503, true, func(e *mollie.Error) bool { return e.Title == "Service Unavailable" }},
		{"wrong content type", hal(200, `<html>`, "Content-Type", "text/html"), 200, true, func(e *mollie.Error) bool { return strings.Contains(e.Error(), "text/html") }},
		{"broken JSON", hal(200, `{"id":"tr_1",`), 200, true, nil},
		{"not a payment", hal(200, `{"id":"ord_1"}`), 200, true, nil},
		{"unknown currency", hal(200, `{"id":"tr_1","status":"open","amount":{"currency":"XXQ","value":"1.00"}}`), 200, true, nil},
		{"amount with too many decimals", hal(200, `{"id":"tr_1","status":"open","amount":{"currency":"EUR","value":"1.001"}}`), 200, true, nil},
		{"truncated", hal(200, `{"id":"tr_1"`, "Content-Length", "500"), 200, true, nil},
		{"redirect", hal(302, ``, "Location", "http://elsewhere.example/"), 302, false, nil},
		{"timeout", func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-time.After(2 * time.Second):
			}
		}, 0, true, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := answering(t, tc.answer).GetPayment(t.Context(), "tr_1")
			e := mollie.AsError(err)
			if e == nil || e.Status != tc.status || e.Retryable() != tc.retryable || tc.check != nil && !tc.check(e) {
				t.Errorf("%v (retryable %v)", err, e != nil && e.Retryable())
			}
			if err != nil && strings.Contains(err.Error(), testKey) {
				t.Error("the error shows the key")
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := answering(t, hal(200, "")).GetPayment(ctx, "tr_1"); mollie.AsError(err) == nil || mollie.AsError(err).Retryable() {
		t.Errorf("a cancelled request: %v", err)
	}
}

func TestForeignIDsNeverReachAnAddress(t *testing.T) {
	t.Parallel()
	c := answering(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("asked for %s", r.URL) })
	for _, id := range []string{"", "tr_", "tr_1/../../v2/profiles/me", "tr_1?x", "ord_1", "tr_ä", "tr_" + strings.Repeat("a", 65)} {
		if _, err := c.GetPayment(t.Context(), id); mollie.AsError(err) == nil || !mollie.AsError(err).NotFound() {
			t.Errorf("%q: %v", id, err)
		}
	}
	if _, err := c.CreateRefund(t.Context(), "", "tr_1", mollie.NewRefund{Amount: money.EUR(1)}); err == nil {
		t.Error("a write went out without an idempotency key")
	}
	if _, err := c.CreatePayment(t.Context(), "k", mollie.NewPayment{}); err == nil {
		t.Error("a payment of nothing went out")
	}
}

func TestWebhookPaymentID(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"id=tr_d0b0E3EA3v": "tr_d0b0E3EA3v", "id=tr_1\n": "tr_1",
		"": "", "id=": "", "id=ord_1": "", "id=tr_1&id=tr_2": "", "id=tr_1%2F..": "", "id=" + strings.Repeat("x", 5000): "", `{"id":"tr_1"}`: "",
	} {
		r := httptest.NewRequest("POST", "/hook", strings.NewReader(body))
		if got, err := mollie.WebhookPaymentID(r); got != want || (err == nil) != (want != "") {
			t.Errorf("%.20q: %q, %v", body, got, err)
		}
	}
	if _, err := mollie.WebhookPaymentID(httptest.NewRequest("GET", "/hook?id=tr_1", nil)); err == nil {
		t.Error("a GET was taken for a webhook")
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	for _, cfg := range []mollie.Config{{}, {Key: key(t), BaseURL: "ftp://x"}, {Key: key(t), BaseURL: "::"}} {
		if _, err := mollie.New(cfg); err == nil {
			t.Errorf("%+v was accepted", cfg)
		}
	}
}
