package emulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/voldaan/voldaan/sdk/money"
)

// A story's ways to settle payments, as debtors and banks would. A payment goes
// by its id, or by its description (the latest one).

// PayerSeed is who pays. The zero value is an invented person.
type PayerSeed struct {
	Name string `json:"name,omitempty"`
	IBAN string `json:"iban,omitempty"`
	// Late keeps the mandate of a first payment pending, until ConfirmMandate.
	Late   bool   `json:"late,omitempty"`
	Method string `json:"method,omitempty"` // when the payment has none; default: ideal
}

// ChargebackSeed is a charge-back. The zero value takes everything.
type ChargebackSeed struct {
	Value  string `json:"value,omitempty"`       // "12.10"; default: the whole amount
	Code   string `json:"reason_code,omitempty"` // "AC01"
	Reason string `json:"reason,omitempty"`
}

// story runs fn on a payment that is named.
func (s *Server) story(name string, fn func(*change, *payment) error) error {
	return s.change(func(c *change) error {
		p := c.t.named(name)
		if p == nil {
			return &problem{http.StatusNotFound, fmt.Sprintf("There is no payment with the id or description %q", name), ""}
		}
		return fn(c, p)
	})
}

func refuseFinal(p *payment) error {
	if p.final() {
		return &problem{http.StatusConflict, "The payment is already " + p.Status, ""}
	}
	return nil
}

// Pay completes a payment; one that is to be captured by hand is authorized, and
// captured when it is paid again.
func (s *Server) Pay(name string, who PayerSeed) error {
	return s.story(name, func(c *change, p *payment) error { return c.pay(p, who) })
}

func (c *change) pay(p *payment, who PayerSeed) error {
	if err := refuseFinal(p); err != nil {
		return err
	}
	if p.Method == "" {
		m := methodOf(who.Method)
		if who.Method != "" && m == nil {
			return &problem{http.StatusUnprocessableEntity, "There is no method " + who.Method, "method"}
		}
		p.Method = "ideal"
		if m != nil {
			p.Method = m.id
		}
	}
	if p.Details == nil {
		p.Details = map[string]any{}
	}
	if who.Name == "" {
		who.Name = "P. Jansen"
	}
	if who.IBAN == "" {
		who.IBAN = "NL71ABNA0825509440"
	}
	p.late = who.Late
	switch p.Method {
	case "directdebit":
		// Who pays is the mandate's.
	case "creditcard":
		p.Details["cardNumber"], p.Details["cardHolder"], p.Details["cardLabel"] = "4444", who.Name, "Mastercard"
		p.Details["cardCountryCode"], p.Details["cardSecurity"], p.Details["cardAudience"] = "NL", "3dsecure", "consumer"
	case "paypal":
		p.Details["consumerName"], p.Details["consumerAccount"], p.Details["paypalReference"] = who.Name, "payer@paypal.example", "9AL35361CF606152E"
	default:
		p.Details["consumerName"], p.Details["consumerAccount"], p.Details["consumerBic"] = who.Name, who.IBAN, "ABNANL2A"
	}
	if p.Manual && p.Status != "authorized" {
		c.finish(p, "authorized")
		return nil
	}
	c.finish(p, "paid")
	return nil
}

// Fail fails a payment, with a reason of a card payment or "".
func (s *Server) Fail(name, reason string) error {
	return s.story(name, func(c *change, p *payment) error { return c.fail(p, reason) })
}

func (c *change) fail(p *payment, reason string) error {
	if err := refuseFinal(p); err != nil {
		return err
	}
	if reason != "" && p.Method == "creditcard" {
		p.Details = map[string]any{"failureReason": reason, "failureMessage": "Your payment was not accepted."}
	}
	if p.Method == "directdebit" {
		p.Details["bankReasonCode"], p.Details["bankReason"] = reason, reasons[reason]
		c.bury(p, reason)
	}
	c.finish(p, "failed")
	return nil
}

// Cancel cancels a payment as the debtor does.
func (s *Server) Cancel(name string) error { return s.end(name, "canceled") }

// Expire lets a payment expire now.
func (s *Server) Expire(name string) error { return s.end(name, "expired") }

// Pend leaves the outcome of a payment open at the bank.
func (s *Server) Pend(name string) error { return s.end(name, "pending") }

// Authorize reserves the amount of a payment.
func (s *Server) Authorize(name string) error { return s.end(name, "authorized") }

func (s *Server) end(name, status string) error {
	return s.story(name, func(c *change, p *payment) error {
		if err := refuseFinal(p); err != nil {
			return err
		}
		c.finish(p, status)
		return nil
	})
}

// ChargeBack takes money back and returns the id of the charge-back.
func (s *Server) ChargeBack(name string, seed ChargebackSeed) (id string, err error) {
	err = s.story(name, func(c *change, p *payment) error {
		if p.Status != "paid" {
			return &problem{http.StatusConflict, "The payment is " + p.Status + ", not paid", ""}
		}
		a := p.Amount
		if seed.Value != "" {
			var err error
			if a, err = money.Parse(seed.Value, p.Amount.Currency); err != nil {
				return &problem{http.StatusUnprocessableEntity, err.Error(), "value"}
			}
		}
		if p.Method == "directdebit" && c.now.After(refundable(p, seed.Code)) {
			return &problem{http.StatusUnprocessableEntity, "The time in which the bank gives that back is over", "reason_code"}
		}
		if seed.Reason == "" {
			seed.Reason = reasons[seed.Code]
		}
		if !a.Positive() || c.t.chargedBack(p)+a.Minor > p.Amount.Minor {
			return &problem{http.StatusUnprocessableEntity, "More would be charged back than was paid", "value"}
		}
		b := &chargeback{ID: newID("chb_"), Payment: p.ID, Amount: a, Code: seed.Code, Reason: seed.Reason, CreatedAt: c.now}
		c.t.Chargebacks = append(c.t.Chargebacks, b)
		c.call(p)
		id = b.ID
		return nil
	})
	return id, err
}

// ReverseChargeBack gives charged-back money back to the creditor.
func (s *Server) ReverseChargeBack(id string) error {
	return s.change(func(c *change) error {
		for _, b := range c.t.Chargebacks {
			if b.ID == id {
				b.ReversedAt = c.now
				c.call(c.t.Payments[b.Payment])
				return nil
			}
		}
		return noEntity("chargeback", id)
	})
}

// SetRefund moves a refund to a status.
func (s *Server) SetRefund(id, status string) error {
	return s.change(func(c *change) error {
		switch status {
		case "queued", "pending", "processing", "refunded", "failed", "canceled":
		default:
			return &problem{http.StatusUnprocessableEntity, "A refund cannot be " + status, "status"}
		}
		for _, r := range c.t.Refunds {
			if r.ID == id {
				r.Status = status
				c.call(c.t.Payments[r.Payment])
				return nil
			}
		}
		return noEntity("refund", id)
	})
}

// Remind sends the webhook of a payment again.
func (s *Server) Remind(name string) error {
	return s.story(name, func(c *change, p *payment) error { c.call(p); return nil })
}

// Forge calls a webhook address with an id of the caller's choice, as a stranger
// could.
func (s *Server) Forge(url, id string) {
	s.hooks.Enqueue("forged", url, "application/x-www-form-urlencoded", "id="+id)
}

// Summary is a payment in a short list.
type Summary struct {
	ID          string          `json:"id"`
	Status      string          `json:"status"`
	Amount      money.Amount    `json:"amount"`
	Description string          `json:"description"`
	Method      string          `json:"method"`
	Metadata    json.RawMessage `json:"metadata,omitempty"`
	CheckoutURL string          `json:"checkout"` // path of the checkout page
	CreatedAt   time.Time       `json:"created_at"`
	Profile     string          `json:"profile"`
}

// Payments lists all payments, newest first.
func (s *Server) Payments() []Summary {
	out := []Summary{}
	s.tick()
	s.till.View(func(t *till) {
		for i := len(t.Order) - 1; i >= 0; i-- {
			p := t.Payments[t.Order[i]]
			out = append(out, Summary{p.ID, p.Status, p.Amount, p.Description, p.Method, p.Metadata, "/checkout/" + p.Token, p.CreatedAt, p.Profile})
		}
	})
	return out
}
