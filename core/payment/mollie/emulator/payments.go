package emulator

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func (s *Server) routes(mux *http.ServeMux) {
	s.handle(mux, "POST /v2/payments", (*call).createPayment)
	s.handle(mux, "GET /v2/payments", (*call).listPayments)
	s.handle(mux, "GET /v2/payments/{id}", (*call).getPayment)
	s.handle(mux, "PATCH /v2/payments/{id}", (*call).patchPayment)
	s.handle(mux, "DELETE /v2/payments/{id}", (*call).cancelPayment)
	s.handle(mux, "POST /v2/payments/{id}/refunds", (*call).createRefund)
	s.handle(mux, "GET /v2/payments/{id}/refunds", func(c *call) (int, any, error) { return c.listRefunds(true) })
	s.handle(mux, "GET /v2/refunds", func(c *call) (int, any, error) { return c.listRefunds(false) })
	s.handle(mux, "GET /v2/payments/{id}/refunds/{refund}", (*call).getRefund)
	s.handle(mux, "DELETE /v2/payments/{id}/refunds/{refund}", (*call).cancelRefund)
	s.handle(mux, "GET /v2/payments/{id}/chargebacks", func(c *call) (int, any, error) { return c.listChargebacks(true) })
	s.handle(mux, "GET /v2/chargebacks", func(c *call) (int, any, error) { return c.listChargebacks(false) })
	s.handle(mux, "GET /v2/payments/{id}/chargebacks/{chargeback}", (*call).getChargeback)
	s.mandateRoutes(mux)
	s.handle(mux, "GET /v2/methods", (*call).listMethods)
	s.handle(mux, "GET /v2/methods/{id}", (*call).getMethod)
	s.handle(mux, "/v2/", func(c *call) (int, any, error) {
		return 0, nil, &problem{http.StatusNotFound, "The resource does not exist", ""}
	})
	s.checkout(mux)
}

type amountRequest struct {
	Currency string `json:"currency"`
	Value    string `json:"value"`
}

func readAmount(in *amountRequest) (money.Amount, error) {
	if in == nil {
		return money.Amount{}, unprocessable("amount", "The 'amount' field is missing")
	}
	currency, err := money.ParseCurrency(in.Currency)
	if err != nil || in.Currency != string(currency) {
		return money.Amount{}, unprocessable("amount.currency", "The currency is not supported")
	}
	a, err := money.Parse(in.Value, currency)
	if err != nil || a.Decimal() != in.Value {
		return money.Amount{}, unprocessable("amount.value", "The amount contains an invalid value")
	}
	if !a.Positive() {
		return money.Amount{}, unprocessable("amount.value", "The amount is lower than the minimum")
	}
	return a, nil
}

// paymentRequest is what a payment is made or changed with; nil leaves out.
type paymentRequest struct {
	Amount       *amountRequest  `json:"amount"`
	Description  *string         `json:"description"`
	RedirectURL  *string         `json:"redirectUrl"`
	CancelURL    *string         `json:"cancelUrl"`
	WebhookURL   *string         `json:"webhookUrl"`
	Locale       *string         `json:"locale"`
	Method       json.RawMessage `json:"method"`
	Metadata     json.RawMessage `json:"metadata"`
	DueDate      *string         `json:"dueDate"`
	SequenceType string          `json:"sequenceType"`
	CustomerID   string          `json:"customerId"`
	MandateID    string          `json:"mandateId"`
	CaptureMode  string          `json:"captureMode"`
	Billing      *struct {
		Email string `json:"email"`
	} `json:"billingAddress"`
}

func (c *call) createPayment() (int, any, error) {
	var in paymentRequest
	if err := c.read(&in); err != nil {
		return 0, nil, err
	}
	return c.write(func(ch *change) (int, any, error) {
		p := &payment{ID: newID("tr_"), Token: newID(""), Profile: c.profile, Mode: c.mode, Status: "open", Sequence: "oneoff", CreatedAt: ch.now}
		var err error
		if in.Description == nil {
			return 0, nil, unprocessable("description", "The 'description' field is missing")
		}
		if p.Amount, err = readAmount(in.Amount); err != nil {
			return 0, nil, err
		}
		if err := c.sequence(ch.t, p, in); err != nil {
			return 0, nil, err
		}
		if in.RedirectURL == nil && p.Sequence != "recurring" {
			return 0, nil, unprocessable("redirectUrl", "The 'redirectUrl' field is missing")
		}
		p.Manual = in.CaptureMode == "manual"
		if err := c.s.apply(p, in, ch.now); err != nil {
			return 0, nil, err
		}
		if p.Method == "directdebit" && p.Sequence != "recurring" {
			return 0, nil, unprocessable("method", "The payment method 'directdebit' needs a mandate")
		}
		if p.Method == "banktransfer" {
			ch.transfer(p)
			if in.Billing != nil && in.Billing.Email != "" {
				p.Details["billingEmail"] = in.Billing.Email
			}
		}
		if p.Sequence == "recurring" {
			if err := ch.debit(p, in.MandateID); err != nil {
				return 0, nil, err
			}
		} else {
			ch.deadline(p)
		}
		if p.Sequence == "first" {
			ch.askMandate(p)
		}
		ch.t.Payments[p.ID] = p
		ch.t.Order = append(ch.t.Order, p.ID)
		return http.StatusCreated, ch.t.render(p, c.base), nil
	})
}

// apply writes the fields that may also change later. It changes nothing when
// it refuses.
func (s *Server) apply(p *payment, in paymentRequest, now time.Time) error {
	next := *p
	if in.Description != nil {
		if next.Description = *in.Description; next.Description == "" || len([]rune(next.Description)) > 255 {
			return unprocessable("description", "The description must have 1 to 255 characters")
		}
	}
	for _, u := range []struct {
		field string
		from  *string
		to    *string
	}{{"redirectUrl", in.RedirectURL, &next.RedirectURL}, {"cancelUrl", in.CancelURL, &next.CancelURL}, {"webhookUrl", in.WebhookURL, &next.WebhookURL}} {
		if u.from == nil {
			continue
		}
		if !isURL(*u.from) {
			return unprocessable(u.field, "The "+u.field+" is invalid")
		}
		*u.to = *u.from
	}
	if in.WebhookURL != nil && s.cfg.RefuseLocalWebhooks && local(*in.WebhookURL) {
		return unprocessable("webhookUrl", "The webhook URL is invalid because it is unreachable from Mollie's point of view")
	}
	if in.Locale != nil {
		if next.Locale = *in.Locale; !slices.Contains(locales, next.Locale) {
			return unprocessable("locale", "The locale is invalid")
		}
	}
	if len(in.Metadata) > 0 {
		if len(in.Metadata) > 1024 {
			return unprocessable("metadata", "The metadata is larger than 1024 bytes")
		}
		next.Metadata = slices.Clone(in.Metadata)
	}
	if err := next.choose(in.Method); err != nil {
		return err
	}
	if in.DueDate != nil {
		due, err := date.Parse(*in.DueDate)
		today := date.Of(now)
		if err != nil || next.Method != "banktransfer" || !due.After(today) || due.After(today.AddDays(101)) {
			return unprocessable("dueDate", "The due date must be between tomorrow and 100 days after tomorrow, for a bank transfer")
		}
		next.DueDate = due
	}
	*p = next
	return nil
}

// choose reads a method or a list of them.
func (p *payment) choose(raw json.RawMessage) error {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	var one string
	var many []string
	if json.Unmarshal(raw, &one) == nil {
		many = []string{one}
	} else if json.Unmarshal(raw, &many) != nil || len(many) == 0 {
		return unprocessable("method", "The payment method is invalid")
	}
	for _, id := range many {
		m := methodOf(id)
		if m == nil {
			return unprocessable("method", "The payment method '"+id+"' is not enabled in your website profile")
		}
		if p.Sequence == "first" && !m.first {
			return unprocessable("method", "The payment method '"+id+"' is not possible for a first payment")
		}
		if !m.takes(p.Amount) {
			return unprocessable("amount", "The amount is not possible with the payment method '"+id+"'")
		}
	}
	p.Method, p.Offered = "", many
	if len(many) == 1 {
		p.Method = many[0]
	}
	return nil
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme != "" && (u.Host != "" || u.Opaque != "") && len(s) <= 2048
}

func local(s string) bool {
	u, err := url.Parse(s)
	if err != nil {
		return true
	}
	host := u.Hostname()
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".local") || ip != nil && (ip.IsLoopback() || ip.IsPrivate())
}

// transferDays is the life of a bank transfer without a due date.
const transferDays = 12

// deadline sets when a payment expires.
func (c *change) deadline(p *payment) {
	life := 15 * time.Minute
	if m := methodOf(p.Method); m != nil {
		life = m.life
	}
	if life > 0 {
		p.ExpiresAt, p.Deadline = c.now.Add(life), c.s.kit.Wall().Add(life)
		return
	}
	p.Deadline = time.Time{}
	p.ExpiresAt = c.now.AddDate(0, 0, transferDays)
	if !p.DueDate.IsZero() {
		p.ExpiresAt = p.DueDate.AddDays(1).In(time.UTC)
	}
}

// transfer gives a bank transfer its account and reference.
func (c *change) transfer(p *payment) {
	c.t.Transfers++
	n := fmt.Sprintf("%012d", 450049660000+c.t.Transfers)
	p.Details = map[string]any{
		"bankName": "Stichting Mollie Payments", "bankAccount": "NL53ABNA0627535577", "bankBic": "ABNANL2A",
		"transferReference": fmt.Sprintf("RF%02d-%s-%s-%s", 98-mod97(n+"271500"), n[:4], n[4:8], n[8:]),
	}
}

func mod97(digits string) (r int) {
	for _, d := range digits {
		r = (r*10 + int(d-'0')) % 97
	}
	return r
}

const alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz"

func newID(prefix string) string {
	b := make([]byte, 22)
	_, _ = rand.Read(b)
	for i := range b {
		b[i] = alphabet[int(b[i])%len(alphabet)]
	}
	return prefix + string(b)
}

func (c *call) getPayment() (status int, body any, err error) {
	c.s.till.View(func(t *till) {
		var p *payment
		if p, err = c.payment(t); err == nil {
			status, body = http.StatusOK, t.render(p, c.base)
		}
	})
	return status, body, err
}

func (c *call) listPayments() (int, any, error) {
	var items []item
	c.s.till.View(func(t *till) {
		for _, id := range t.Order {
			if p := t.Payments[id]; p.Profile == c.profile && p.Mode == c.mode {
				items = append(items, item{id, t.render(p, c.base)})
			}
		}
	})
	return c.list("payments", items)
}

// patchPayment changes a payment that is not final; it sends no webhook.
func (c *call) patchPayment() (int, any, error) {
	var in paymentRequest
	if err := c.read(&in); err != nil {
		return 0, nil, err
	}
	return c.write(func(ch *change) (int, any, error) {
		p, err := c.payment(ch.t)
		if err != nil {
			return 0, nil, err
		}
		if p.final() && (in.RedirectURL != nil || in.Method != nil || in.DueDate != nil) {
			return 0, nil, unprocessable("redirectUrl", "The redirect URL cannot be updated when the payment is finalized")
		}
		if err := c.s.apply(p, in, ch.now); err != nil {
			return 0, nil, err
		}
		if in.Method != nil || in.DueDate != nil {
			if p.Method == "banktransfer" && p.Details == nil {
				ch.transfer(p)
			}
			ch.deadline(p)
		}
		return http.StatusOK, ch.t.render(p, c.base), nil
	})
}

func (c *call) cancelPayment() (int, any, error) {
	return c.write(func(ch *change) (int, any, error) {
		p, err := c.payment(ch.t)
		if err != nil {
			return 0, nil, err
		}
		if !p.cancelable() {
			return 0, nil, unprocessable("", "The payment cannot be cancelled")
		}
		ch.finish(p, "canceled")
		return http.StatusOK, ch.t.render(p, c.base), nil
	})
}

// finish moves a payment to a status and calls its webhook; pending has none.
func (c *change) finish(p *payment, status string) {
	p.Status = status
	switch status {
	case "paid":
		p.PaidAt = c.now
	case "authorized":
		p.AuthorizedAt = c.now
		p.ExpiresAt, p.Deadline = c.now.AddDate(0, 0, 28), time.Time{}
	case "canceled":
		p.CanceledAt = c.now
	case "expired":
		p.ExpiredAt = c.now
	case "failed":
		p.FailedAt = c.now
	case "pending":
		return
	}
	c.settleMandate(p)
	c.call(p)
}
