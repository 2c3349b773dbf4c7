package mollie_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/core/payment/mollie/emulator"
	"github.com/voldaan/voldaan/sdk/money"

	kit "github.com/voldaan/voldaan/sdk/emulator"
)

// TestClientAgainstTheEmulator plays what Voldaan does with Mollie.
func TestClientAgainstTheEmulator(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	server, err := emulator.New(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	srv := httptest.NewServer(server)
	t.Cleanup(srv.Close)
	hooks := make(chan string, 20)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		id, err := mollie.WebhookPaymentID(r)
		if err != nil {
			t.Error(err)
		}
		hooks <- id
	}))
	t.Cleanup(receiver.Close)
	var c mollie.Payments
	if c, err = mollie.New(mollie.Config{Key: key(t), BaseURL: srv.URL}); err != nil {
		t.Fatal(err)
	}
	hooked := func(want string) {
		t.Helper()
		select {
		case got := <-hooks:
			if got != want {
				t.Errorf("webhook for %s, want %s", got, want)
			}
		case <-time.After(5 * time.Second):
			t.Fatal("no webhook")
		}
	}
	wish := func(m mollie.Method) mollie.NewPayment {
		return mollie.NewPayment{Amount: money.EUR(1210), Description: "2026-0042", RedirectURL: "https://hub.example/back", WebhookURL: receiver.URL, Method: m, Locale: "nl_NL", Metadata: map[string]string{"demand": "7"}}
	}

	all, err := c.ListMethods(ctx, money.EUR(1210), "nl_NL")
	if err != nil || len(all) != 5 || all[0].ID != mollie.IDEAL || all[4].Description != "Overboeking" || all[0].Maximum != money.EUR(5_000_000) {
		t.Fatalf("methods %+v, %v", all, err)
	}

	// The answer to the first try is lost; the second, under the same key, gets
	// the same payment.
	server.Kit().MustInject(kit.Fault{Method: "POST", Path: "/v2/payments", Do: kit.Truncate})
	_, err = c.CreatePayment(ctx, "k1", wish(mollie.IDEAL))
	if e := mollie.AsError(err); e == nil || !e.Retryable() {
		t.Fatalf("a broken answer: %v", err)
	}
	p, err := c.CreatePayment(ctx, "k1", wish(mollie.IDEAL))
	if err != nil || len(server.Payments()) != 1 || p.Status != mollie.Open || p.CheckoutURL == "" || p.Status.Final() {
		t.Fatalf("%+v, %v; %d payments", p, err, len(server.Payments()))
	}
	if err := server.Pay(p.ID, emulator.PayerSeed{Name: "Petra Jansen"}); err != nil {
		t.Fatal(err)
	}
	hooked(p.ID)
	p, err = c.GetPayment(ctx, p.ID)
	if err != nil || p.Status != mollie.Paid || p.PaidAt.IsZero() || p.Remaining != money.EUR(1210) || p.Details.ConsumerName != "Petra Jansen" || p.CheckoutURL != "" {
		t.Fatalf("%+v, %v", p, err)
	}
	r, err := c.CreateRefund(ctx, "k2", p.ID, mollie.NewRefund{Amount: money.EUR(210), Description: "part"})
	if err != nil || r.Status != mollie.RefundPending {
		t.Fatalf("refund %+v, %v", r, err)
	}
	hooked(p.ID)
	if r, err = c.GetRefund(ctx, p.ID, r.ID); err != nil || r.Amount != money.EUR(210) {
		t.Errorf("refund %+v, %v", r, err)
	}
	if list, err := c.ListRefunds(ctx, p.ID, mollie.ListOptions{}); err != nil || len(list.Items) != 1 {
		t.Errorf("refunds %+v, %v", list, err)
	}
	_, err = c.CreateRefund(ctx, "k3", p.ID, mollie.NewRefund{Amount: money.EUR(1100)})
	if e := mollie.AsError(err); e == nil || e.Status != 422 || e.Field != "amount" || e.Retryable() {
		t.Errorf("too much: %v", err)
	}
	if _, err := server.ChargeBack(p.ID, emulator.ChargebackSeed{Value: "5.00", Code: "AC04", Reason: "closed"}); err != nil {
		t.Fatal(err)
	}
	hooked(p.ID)
	for _, of := range []string{p.ID, ""} {
		if list, err := c.ListChargebacks(ctx, of, mollie.ListOptions{}); err != nil || len(list.Items) != 1 || list.Items[0].Amount != money.EUR(500) || list.Items[0].ReasonCode != "AC04" {
			t.Errorf("charge-backs %+v, %v", list, err)
		}
	}
	if p, _ = c.GetPayment(ctx, p.ID); p.ChargedBack != money.EUR(500) || p.Refunded != money.EUR(210) {
		t.Errorf("%+v", p)
	}

	bank, err := c.CreatePayment(ctx, "k4", wish(mollie.BankTransfer))
	if err != nil || bank.Details.TransferReference == "" || bank.Details.BankAccount == "" || !bank.Cancelable {
		t.Fatalf("%+v, %v", bank, err)
	}
	if bank, err = c.CancelPayment(ctx, "k5", bank.ID); err != nil || bank.Status != mollie.Canceled {
		t.Errorf("%+v, %v", bank, err)
	}
	hooked(bank.ID)
	if err := func() error { _, err := c.GetPayment(ctx, "tr_forged"); return err }(); mollie.AsError(err) == nil || !mollie.AsError(err).NotFound() {
		t.Errorf("a forged id: %v", err)
	}
	server.Kit().MustInject(kit.Fault{Do: kit.Status, Status: 429, RetryAfter: "3"})
	if _, err = c.GetPayment(ctx, p.ID); mollie.AsError(err).RetryAfter != 3*time.Second {
		t.Errorf("429: %v", err)
	}
}

func TestPagesAreFollowedById(t *testing.T) {
	t.Parallel()
	server, err := emulator.New(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	srv := httptest.NewServer(server)
	t.Cleanup(srv.Close)
	c, err := mollie.New(mollie.Config{Key: key(t), BaseURL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 7 {
		if _, err := c.CreatePayment(t.Context(), fmt.Sprint("k", i), mollie.NewPayment{Amount: money.EUR(100), Description: fmt.Sprint(i), RedirectURL: "https://hub.example/"}); err != nil {
			t.Fatal(err)
		}
	}
	var seen string
	for o := (mollie.ListOptions{Limit: 3}); ; {
		p, err := c.ListPayments(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range p.Items {
			seen += one.Description
		}
		if o.From = p.Next; o.From == "" {
			break
		}
	}
	if seen != "6543210" {
		t.Errorf("saw %s", seen)
	}
}
