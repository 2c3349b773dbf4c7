package recipe_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/voldaan/voldaan/sdk"
)

const secret = "6293e5e1745e3e2a"

func sign(key string, at time.Time, body string) string {
	mac := hmac.New(sha256.New, []byte(key))
	fmt.Fprintf(mac, "%d.%s", at.Unix(), body)
	return hex.EncodeToString(mac.Sum(nil))
}

func TestWebhook(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	body := `{"administration_id":123,"webhook_id":"1","entity_type":"SalesInvoice","entity_id":"801","state":"paid","action":"sales_invoice_state_changed_to_paid","entity":{"id":"801"}}`
	header := func(at time.Time, sums ...string) string {
		h := fmt.Sprintf("t=%d", at.Unix())
		for _, s := range sums {
			h += ",v1=" + s
		}
		return h
	}
	invoice := []sdk.Hint{{Administration: "123", Stream: sdk.Invoices, ID: "801"}}
	tests := map[string]struct {
		header, body string
		want         []sdk.Hint
		wantErr      error
	}{
		"invoice":                {header(now, sign(secret, now, body)), body, invoice, nil},
		"second of two sums":     {header(now, sign("old", now, body), sign(secret, now, body)), body, invoice, nil},
		"almost five minutes":    {header(now.Add(-299*time.Second), sign(secret, now.Add(-299*time.Second), body)), body, invoice, nil},
		"older":                  {header(now.Add(-301*time.Second), sign(secret, now.Add(-301*time.Second), body)), body, nil, sdk.ErrAuth},
		"from the future":        {header(now.Add(301*time.Second), sign(secret, now.Add(301*time.Second), body)), body, nil, sdk.ErrAuth},
		"forged":                 {header(now, sign("guess", now, body)), body, nil, sdk.ErrAuth},
		"body changed":           {header(now, sign(secret, now, body)), body + " ", nil, sdk.ErrAuth},
		"stamp changed":          {header(now.Add(time.Second), sign(secret, now, body)), body, nil, sdk.ErrAuth},
		"no header":              {"", body, nil, sdk.ErrAuth},
		"nonsense":               {"t=x,v1=zz,,=", body, nil, sdk.ErrAuth},
		"signed but unreadable":  {header(now, sign(secret, now, "{")), "{", nil, sdk.ErrInvalid},
		"something else changed": signed(now, `{"administration_id":"123","entity_type":"Estimate","entity_id":"4"}`, nil),
		"contact":                signed(now, `{"administration_id":"123","entity_type":"Contact","entity_id":"700"}`, []sdk.Hint{{Administration: "123", Stream: sdk.Parties, ID: "700"}}),
		"external invoice":       signed(now, `{"administration_id":"123","entity_type":"ExternalSalesInvoice","entity_id":801}`, []sdk.Hint{{Administration: "123", Stream: sdk.Invoices, ID: "external-801"}}),
		"payment":                signed(now, `{"administration_id":"123","entity_type":"Payment","entity_id":"9","action":"payment_destroyed","entity":{"invoice_type":"SalesInvoice","invoice_id":"801"}}`, invoice),
		"payment of a purchase":  signed(now, `{"administration_id":"123","entity_type":"Payment","entity_id":"9","entity":{"invoice_type":"Document","invoice_id":"77"}}`, nil),
	}
	c := newConnector(func() time.Time { return now })
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &sdk.Session{WebhookSecret: []byte(secret), Log: slog.New(slog.DiscardHandler)}
			call := sdk.WebhookCall{Header: http.Header{"Moneybird-Signature": {tt.header}}, Body: []byte(tt.body)}
			got, err := c.Webhook(t.Context(), s, call)
			if !errors.Is(err, tt.wantErr) {
				t.Fatalf("error %v, want %v", err, tt.wantErr)
			}
			if d := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(sdk.Hint{}, "Event")); d != "" {
				t.Error(d)
			}
			for _, h := range got {
				if h.Event == "" {
					t.Error("a hint without an id cannot be recognised when it comes again")
				}
			}
		})
	}
	if _, err := c.Webhook(t.Context(), &sdk.Session{}, sdk.WebhookCall{Header: http.Header{}}); !errors.Is(err, sdk.ErrAuth) {
		t.Errorf("without a secret: %v", err)
	}
}

func signed(now time.Time, body string, want []sdk.Hint) (row struct {
	header, body string
	want         []sdk.Hint
	wantErr      error
}) {
	row.header = fmt.Sprintf("t=%d,v1=%s", now.Unix(), sign(secret, now, body))
	row.body, row.want = body, want
	return row
}

func FuzzWebhook(f *testing.F) {
	f.Add([]byte(`{"entity_type":"Payment","entity":{"invoice_type":"SalesInvoice","invoice_id":1}}`))
	at := time.Unix(1_800_000_000, 0)
	c := newConnector(func() time.Time { return at })
	f.Fuzz(func(t *testing.T, body []byte) {
		h := http.Header{"Moneybird-Signature": {fmt.Sprintf("t=%d,v1=%s", at.Unix(), sign(secret, at, string(body)))}}
		hints, err := c.Webhook(t.Context(), &sdk.Session{WebhookSecret: []byte(secret)}, sdk.WebhookCall{Header: h, Body: body})
		if err != nil && !errors.Is(err, sdk.ErrInvalid) {
			t.Errorf("a good signature was refused: %v", err)
		}
		for _, hint := range hints {
			if hint.ID == "" || hint.Stream == "" {
				t.Errorf("a hint at nothing: %+v", hint)
			}
		}
	})
}
