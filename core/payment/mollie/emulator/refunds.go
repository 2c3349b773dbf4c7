package emulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// duplicateWindow is how long two identical refunds are taken for one mistake.
const duplicateWindow = 10 * time.Second

func (c *call) createRefund() (int, any, error) {
	var in struct {
		Amount      *amountRequest  `json:"amount"`
		Description string          `json:"description"`
		Metadata    json.RawMessage `json:"metadata"`
	}
	if err := c.read(&in); err != nil {
		return 0, nil, err
	}
	return c.write(func(ch *change) (int, any, error) {
		p, err := c.payment(ch.t)
		if err != nil {
			return 0, nil, err
		}
		a, err := readAmount(in.Amount)
		if err != nil {
			return 0, nil, err
		}
		switch {
		case p.Status != "paid":
			return 0, nil, unprocessable("", "The payment is not paid and cannot be refunded")
		case a.Currency != p.Amount.Currency:
			return 0, nil, unprocessable("amount.currency", "The currency is not that of the payment")
		case len([]rune(in.Description)) > 255:
			return 0, nil, unprocessable("description", "The description must not have more than 255 characters")
		}
		wall := c.s.kit.Wall()
		for _, r := range ch.t.Refunds {
			if r.Payment == p.ID && r.Amount == a && r.Description == in.Description && wall.Sub(r.Wall) < duplicateWindow {
				return 0, nil, &problem{http.StatusConflict, "A duplicate refund has been detected", ""}
			}
		}
		if ch.t.refunded(p)+a.Minor > p.Amount.Minor {
			return 0, nil, unprocessable("amount", "The amount is higher than the maximum")
		}
		r := &refund{ID: newID("re_"), Payment: p.ID, Status: "pending", Amount: a, Description: in.Description, Metadata: in.Metadata, CreatedAt: ch.now, Wall: wall}
		ch.t.Refunds = append(ch.t.Refunds, r)
		ch.call(p)
		return http.StatusCreated, r.render(p, c.base), nil
	})
}

// refund returns the refund of the path.
func (c *call) refund(t *till) (*refund, *payment, error) {
	p, err := c.payment(t)
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(t.Refunds, func(r *refund) bool { return r.ID == c.r.PathValue("refund") && r.Payment == p.ID })
	if i < 0 {
		return nil, nil, noEntity("refund", c.r.PathValue("refund"))
	}
	return t.Refunds[i], p, nil
}

func (c *call) getRefund() (status int, body any, err error) {
	c.s.till.View(func(t *till) {
		var r *refund
		var p *payment
		if r, p, err = c.refund(t); err == nil {
			status, body = http.StatusOK, r.render(p, c.base)
		}
	})
	return status, body, err
}

func (c *call) cancelRefund() (int, any, error) {
	return c.write(func(ch *change) (int, any, error) {
		r, _, err := c.refund(ch.t)
		if err != nil {
			return 0, nil, err
		}
		if r.Status != "queued" && r.Status != "pending" {
			return 0, nil, unprocessable("", "The refund cannot be cancelled")
		}
		r.Status = "canceled"
		return http.StatusNoContent, nil, nil
	})
}

func (c *call) listRefunds(ofPayment bool) (int, any, error) {
	var items []item
	var err error
	c.s.till.View(func(t *till) {
		if ofPayment {
			_, err = c.payment(t)
		}
		for _, r := range t.Refunds {
			p := t.Payments[r.Payment]
			if p.Profile == c.profile && p.Mode == c.mode && (!ofPayment || p.ID == c.r.PathValue("id")) {
				items = append(items, item{r.ID, r.render(p, c.base)})
			}
		}
	})
	if err != nil {
		return 0, nil, err
	}
	return c.list("refunds", items)
}

func (c *call) getChargeback() (status int, body any, err error) {
	c.s.till.View(func(t *till) {
		var p *payment
		if p, err = c.payment(t); err != nil {
			return
		}
		err = noEntity("chargeback", c.r.PathValue("chargeback"))
		for _, b := range t.Chargebacks {
			if b.ID == c.r.PathValue("chargeback") && b.Payment == p.ID {
				status, body, err = http.StatusOK, b.render(p, c.base), nil
			}
		}
	})
	return status, body, err
}

func (c *call) listChargebacks(ofPayment bool) (int, any, error) {
	var items []item
	var err error
	c.s.till.View(func(t *till) {
		if ofPayment {
			_, err = c.payment(t)
		}
		for _, b := range t.Chargebacks {
			p := t.Payments[b.Payment]
			if p.Profile == c.profile && p.Mode == c.mode && (!ofPayment || p.ID == c.r.PathValue("id")) {
				items = append(items, item{b.ID, b.render(p, c.base)})
			}
		}
	})
	if err != nil {
		return 0, nil, err
	}
	return c.list("chargebacks", items)
}
