package recipe_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func write(invoice string, amount money.Amount) sdk.Write {
	return sdk.Write{Key: "k2", Administration: "123", Payment: &sdk.PaymentWrite{
		Invoice: invoice, Amount: amount, ValueDate: date.MustParse("2026-11-20"), Reference: "tr_9"}}
}

func TestPush(t *testing.T) {
	t.Parallel()
	created := func(w http.ResponseWriter, _ *http.Request) {
		reply(w, 201, map[string]any{"id": "950", "price": "1000.0"})
	}
	status := func(code int, body any) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { reply(w, code, body) }
	}
	tests := map[string]struct {
		answer  http.HandlerFunc
		write   sdk.Write
		want    sdk.Outcome
		wantErr error
	}{
		"booked":               {created, write("801", money.EUR(100000)), sdk.Outcome{State: sdk.Applied, ExternalID: "950"}, nil},
		"refused in words":     {status(422, map[string]any{"error": map[string]any{"price": []string{"is too high"}}}), write("801", money.EUR(1)), sdk.Outcome{State: sdk.Rejected, Message: "invalid request: Moneybird refused (422): price is too high"}, nil},
		"502 after sending":    {status(502, nil), write("801", money.EUR(1)), sdk.Outcome{State: sdk.Uncertain}, nil},
		"broken line":          {drop, write("801", money.EUR(1)), sdk.Outcome{State: sdk.Uncertain}, nil},
		"confirmed unreadably": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(201) }, write("801", money.EUR(1)), sdk.Outcome{State: sdk.Uncertain}, nil},
		"asked to wait":        {status(429, nil), write("801", money.EUR(1)), sdk.Outcome{}, &sdk.RetryAfter{}},
		"token expired":        {status(401, nil), write("801", money.EUR(1)), sdk.Outcome{}, sdk.ErrAuth},
		"wrong currency":       {created, write("801", money.Of(1, "USD")), sdk.Outcome{State: sdk.Rejected, Message: "The invoice is in EUR and the payment in USD."}, nil},
		"no such invoice":      {created, write("4711", money.EUR(1)), sdk.Outcome{State: sdk.Rejected, Message: "The invoice is not in Moneybird any more."}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.fill()
			f.override["POST sales_invoices/801/payments"] = tt.answer
			got, err := f.connector().Push(t.Context(), f.session(), tt.write)
			var retry *sdk.RetryAfter
			switch {
			case errors.As(tt.wantErr, &retry):
				if !errors.As(err, &retry) {
					t.Errorf("error %v, want a wait", err)
				}
			case !errors.Is(err, tt.wantErr):
				t.Errorf("error %v, want %v", err, tt.wantErr)
			}
			if tt.want.State == sdk.Uncertain && got.Message != "" {
				got.Message = ""
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestPushSendsOnce(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.fill()
	posts := 0
	f.override["POST sales_invoices/801/payments"] = func(w http.ResponseWriter, r *http.Request) {
		posts++
		var q struct {
			Payment map[string]any `json:"payment"`
		}
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
			t.Error(err)
		}
		want := map[string]any{"payment_date": "2026-11-20", "price": "1000.00", "transaction_identifier": "tr_9 voldaan:k2"}
		if d := cmp.Diff(want, q.Payment); d != "" {
			t.Error(d)
		}
		rec := f.records["sales_invoices"]["801"]
		q.Payment["id"] = "950"
		rec["payments"] = append(rec["payments"].([]any), q.Payment)
		w.WriteHeader(502) // it took effect, and the answer does not say so
	}
	w := write("801", money.EUR(100000))
	o, err := f.connector().Find(t.Context(), f.session(), w)
	if err != nil || o.State != sdk.Rejected {
		t.Fatalf("before: %+v %v", o, err)
	}
	if o, err = f.connector().Push(t.Context(), f.session(), w); err != nil || o.State != sdk.Uncertain {
		t.Fatalf("push: %+v %v", o, err)
	}
	want := sdk.Outcome{State: sdk.Applied, ExternalID: "950"}
	if o, err = f.connector().Find(t.Context(), f.session(), w); err != nil || o != want {
		t.Errorf("find: %+v %v", o, err)
	}
	if o, err = f.connector().Push(t.Context(), f.session(), w); err != nil || o != want {
		t.Errorf("second push: %+v %v", o, err)
	}
	if posts != 1 {
		t.Errorf("booked %d times", posts)
	}
}

func TestPushForeignCurrency(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.fill()
	rec := f.records["external_sales_invoices"]["801"]
	rec["total_price_incl_tax_base"], rec["total_unpaid_base"] = "110.55", "110.55"
	var sent string
	f.override["POST external_sales_invoices/801/payments"] = func(w http.ResponseWriter, r *http.Request) {
		var q struct {
			Payment struct {
				Base string `json:"price_base"`
			} `json:"payment"`
		}
		_ = json.NewDecoder(r.Body).Decode(&q)
		sent = q.Payment.Base
		reply(w, 201, map[string]any{"id": "951"})
	}
	o, err := f.connector().Push(t.Context(), f.session(), write("external-801", money.Of(6050, "USD")))
	if err != nil || o.State != sdk.Applied {
		t.Fatalf("%+v %v", o, err)
	}
	if sent != "55.28" { // 60.50 × 110.55 / 121.00 = 55.275, rounded up
		t.Errorf("price_base %s", sent)
	}
	if !strings.Contains(strings.Join(f.asked(), " "), "external_sales_invoices/801/payments") {
		t.Error("booked under the wrong address")
	}
}
