package emulator

import (
	"net/http"
	"slices"
	"time"
)

// RefusalSeed says how collections to come will end.
type RefusalSeed struct {
	// Of is whose: a customer's id or name, or an account; "" is anybody's.
	Of string `json:"of,omitempty"`
	// Code is the bank's reason, such as AM04.
	Code string `json:"code"`
	// Returned lets the collection be paid first, and charged back then.
	Returned bool `json:"returned,omitempty"`
	// Days is how long after the payment it is charged back; default: 3.
	Days int `json:"days,omitempty"`
	// Times is how many collections end so; default: 1.
	Times int `json:"times,omitempty"`
}

// refusal is a seed with what is left of it.
type refusal struct {
	RefusalSeed
	Left int       `json:"left"`
	At   time.Time `json:"at"` // of the charge-back
}

// reasons are the words of the bank for each code.
var reasons = map[string]string{
	"AC01": "Account identifier incorrect", "AC04": "Account closed", "AC06": "Account blocked", "AC13": "Debtor account is a consumer account",
	"AG01": "Direct debit forbidden on this account", "AM04": "Insufficient funds", "AM05": "Duplicate collection", "BE05": "Creditor identifier incorrect",
	"CNOR": "Creditor bank is not registered", "DNOR": "Debtor bank is not registered", "MD01": "No valid mandate", "MD06": "Refund request by end customer",
	"MD07": "End customer deceased", "MS02": "Reason not specified by customer", "MS03": "Reason not specified by bank", "RC01": "Bank identifier incorrect",
	"SL01": "Specific service offered by the debtor's bank",
}

// Refuse makes collections to come fail, or be charged back.
func (s *Server) Refuse(seed RefusalSeed) error {
	return s.change(func(c *change) error {
		if reasons[seed.Code] == "" {
			return &problem{http.StatusUnprocessableEntity, "There is no reason code " + seed.Code, "code"}
		}
		if seed.Days <= 0 {
			seed.Days = 3
		}
		c.t.Refusals = append(c.t.Refusals, &refusal{RefusalSeed: seed, Left: max(1, seed.Times)})
		return nil
	})
}

// refusal takes the first that concerns a collection.
func (t *till) refusal(p *payment, m *mandate) *refusal {
	for _, r := range t.Refusals {
		name := ""
		if i := slices.IndexFunc(t.Customers, func(k *customer) bool { return k.ID == p.Customer }); i >= 0 {
			name = t.Customers[i].Name
		}
		if r.Left > 0 && (r.Of == "" || r.Of == p.Customer || r.Of == name || r.Of == m.Account) {
			r.Left--
			return &refusal{RefusalSeed: r.RefusalSeed}
		}
	}
	return nil
}

// collected reports whether the outcome of a direct debit is due: that of the
// collection itself, or of its return.
func (p *payment) collected(now time.Time) bool {
	switch {
	case p.Sequence != "recurring" || p.SettleAt.IsZero():
		return false
	case p.Status == "pending":
		return !now.Before(p.SettleAt)
	}
	return p.Status == "paid" && p.Refused != nil && !p.Refused.At.IsZero() && !now.Before(p.Refused.At)
}

// outcome is what the bank answers, as of the moment it was due.
func (c *change) outcome(p *payment) {
	r, now := p.Refused, c.now
	defer func() { c.now = now }()
	if c.now = p.SettleAt; p.Status == "paid" {
		c.now = r.At
	}
	switch {
	case p.Status == "paid":
		c.t.Chargebacks = append(c.t.Chargebacks, &chargeback{ID: newID("chb_"), Payment: p.ID, Amount: p.Amount, Code: r.Code, Reason: reasons[r.Code], CreatedAt: c.now})
		p.Refused = nil
		c.call(p)
	case r == nil:
		c.finish(p, "paid")
	case r.Returned:
		r.At = c.now.AddDate(0, 0, r.Days)
		c.finish(p, "paid")
	default:
		p.Details["bankReasonCode"], p.Details["bankReason"] = r.Code, reasons[r.Code]
		c.finish(p, "failed")
	}
	if p.Status == "failed" || p.Refused == nil && r != nil {
		c.bury(p, r.Code)
	}
}

// bury ends a mandate that the bank will not honour again.
func (c *change) bury(p *payment, code string) {
	switch m := c.t.mandate(p.Mandate); code {
	case "AC01", "AC04", "AC06", "AG01", "MD01", "MD07":
		if m != nil {
			m.Status = "invalid"
		}
	}
}

// refundable is until when a bank gives a direct debit back: eight weeks without
// questions, thirteen months when nobody authorised it.
func refundable(p *payment, code string) time.Time {
	if code == "MD06" {
		return p.PaidAt.AddDate(0, 0, 56)
	}
	return p.PaidAt.AddDate(0, 13, 0)
}

// ConfirmMandate brings the IBAN of a mandate that is pending.
func (s *Server) ConfirmMandate(id string) error {
	return s.change(func(c *change) error {
		m := c.t.mandate(id)
		if m == nil || m.Account == "" {
			return noEntity("mandate", id)
		}
		m.Status = "valid"
		return nil
	})
}

// EndMandate invalidates a mandate, as when the debtor's bank withdraws it. No
// webhook tells of it.
func (s *Server) EndMandate(id string) error {
	return s.change(func(c *change) error {
		m := c.t.mandate(id)
		if m == nil {
			return noEntity("mandate", id)
		}
		m.Status = "invalid"
		return nil
	})
}
