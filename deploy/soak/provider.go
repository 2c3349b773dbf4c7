package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/sdk/money"
)

// till is the payment provider of the world.
type till struct {
	y        *year
	payments map[string]*mollie.Payment
	byKey    map[string]string
	calls    int
	paid     map[string]time.Time // when a payment could first be seen here
}

var errTill = errors.New("the payment provider is out of reach")

// stumble makes a call fail now and then.
func (t *till) stumble(what string) error {
	t.calls++
	if t.y.Faults && dice(t.y.Seed, fmt.Sprintf("till %s %d", what, t.calls)).IntN(60) == 0 {
		return errTill
	}
	return nil
}

// CreatePayment implements payment.Provider.
func (t *till) CreatePayment(_ context.Context, key string, p mollie.NewPayment) (mollie.Payment, error) {
	if err := t.stumble("create"); err != nil {
		return mollie.Payment{}, err
	}
	if id, ok := t.byKey[key]; ok {
		return *t.payments[id], nil
	}
	label, err := json.Marshal(p.Metadata)
	if err != nil {
		return mollie.Payment{}, err
	}
	id := fmt.Sprintf("tr_%010d", len(t.payments)+1)
	made := &mollie.Payment{
		ID: id, Mode: "test", Status: mollie.Open, Amount: p.Amount, Description: p.Description, Method: p.Method, Metadata: label,
		CheckoutURL: "https://pay.test/" + id, CreatedAt: t.y.clock.Now(), ExpiresAt: t.y.clock.Now().Add(15 * time.Minute),
		Refunded: money.Of(0, p.Amount.Currency), ChargedBack: money.Of(0, p.Amount.Currency), Remaining: money.Of(0, p.Amount.Currency),
	}
	t.payments[id], t.byKey[key] = made, id
	return *made, nil
}

// GetPayment implements payment.Provider.
func (t *till) GetPayment(_ context.Context, id string) (mollie.Payment, error) {
	if err := t.stumble("get"); err != nil {
		return mollie.Payment{}, err
	}
	p, ok := t.payments[id]
	if !ok {
		return mollie.Payment{}, &mollie.Error{Status: http.StatusNotFound}
	}
	if p.Status == mollie.Open && !t.y.clock.Now().Before(p.ExpiresAt) {
		p.Status, p.ExpiredAt = mollie.Expired, p.ExpiresAt
	}
	return *p, nil
}

// settle pays a checkout and calls the hub, sometimes twice, sometimes late,
// sometimes never.
func (t *till) settle(id string) {
	now := t.y.clock.Now()
	p := t.payments[id]
	p.Status, p.PaidAt, p.Remaining = mollie.Paid, now, p.Amount
	t.paid[id] = now
	luck := 9
	if t.y.Faults {
		luck = dice(t.y.Seed, "webhook "+id).IntN(20)
	}
	call := func(after time.Duration) { t.y.call(id, after, 0) }
	switch luck {
	case 0: // lost
	case 1:
		call(5 * time.Hour)
	case 2, 3:
		call(time.Second)
		call(2 * time.Second)
	default:
		call(time.Second)
	}
}

// call brings the provider's word to the hub; a call that fails comes again.
func (y *year) call(id string, after time.Duration, tries int) {
	y.diary.add(y.clock.Now().Add(after), func(ctx context.Context) error {
		if err := y.checkouts.Webhook(ctx, id); err != nil && tries < 8 {
			y.call(id, time.Minute<<tries, tries+1)
		}
		return nil
	})
}
