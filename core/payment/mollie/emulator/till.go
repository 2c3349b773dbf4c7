package emulator

import (
	"encoding/json"
	"time"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// till is everything Mollie knows.
type till struct {
	Payments    map[string]*payment `json:"payments"`
	Order       []string            `json:"order"` // ids, oldest first
	Refunds     []*refund           `json:"refunds"`
	Chargebacks []*chargeback       `json:"chargebacks"`
	Replays     map[string]replay   `json:"replays"` // by profile and idempotency key
	Transfers   int                 `json:"transfers"`
	Customers   []*customer         `json:"customers"` // oldest first
	Mandates    []*mandate          `json:"mandates"`
	Refusals    []*refusal          `json:"refusals"` // of collections to come
	Debits      int                 `json:"debits"`
}

type payment struct {
	ID          string          `json:"id"`
	Token       string          `json:"token"` // of the checkout page
	Profile     string          `json:"profile"`
	Mode        string          `json:"mode"`
	Status      string          `json:"status"`
	Amount      money.Amount    `json:"amount"`
	Description string          `json:"description"`
	RedirectURL string          `json:"redirect"`
	CancelURL   string          `json:"cancel"`
	WebhookURL  string          `json:"webhook"`
	Locale      string          `json:"locale"`
	Method      string          `json:"method"`  // "" until it is chosen
	Offered     []string        `json:"offered"` // methods to choose from; nil is all
	Metadata    json.RawMessage `json:"metadata"`
	Manual      bool            `json:"manual"` // captureMode
	DueDate     date.Date       `json:"due_date"`
	Sequence    string          `json:"sequence"` // oneoff, first or recurring
	Customer    string          `json:"customer"`
	Mandate     string          `json:"mandate"`
	SettleAt    time.Time       `json:"settle_at"` // books; of a direct debit
	Refused     *refusal        `json:"refused,omitempty"`
	late        bool            // the IBAN of its payer has yet to arrive
	Details     map[string]any  `json:"details"`

	CreatedAt    time.Time `json:"created_at"`
	ExpiresAt    time.Time `json:"expires_at"` // books
	Deadline     time.Time `json:"deadline"`   // wall; zero when ExpiresAt counts
	AuthorizedAt time.Time `json:"authorized_at"`
	PaidAt       time.Time `json:"paid_at"`
	CanceledAt   time.Time `json:"canceled_at"`
	ExpiredAt    time.Time `json:"expired_at"`
	FailedAt     time.Time `json:"failed_at"`
}

type refund struct {
	ID          string          `json:"id"`
	Payment     string          `json:"payment"`
	Status      string          `json:"status"`
	Amount      money.Amount    `json:"amount"`
	Description string          `json:"description"`
	Metadata    json.RawMessage `json:"metadata"`
	CreatedAt   time.Time       `json:"created_at"`
	Wall        time.Time       `json:"wall"` // of creation, to see duplicates
}

type chargeback struct {
	ID         string       `json:"id"`
	Payment    string       `json:"payment"`
	Amount     money.Amount `json:"amount"`
	Code       string       `json:"code"`
	Reason     string       `json:"reason"`
	CreatedAt  time.Time    `json:"created_at"`
	ReversedAt time.Time    `json:"reversed_at"`
}

// replay is the answer to a write, kept under its idempotency key.
type replay struct {
	Print  string          `json:"print"` // of the request
	Status int             `json:"status"`
	Body   json.RawMessage `json:"body"`
	Until  time.Time       `json:"until"` // wall
}

func (p *payment) final() bool {
	switch p.Status {
	case "paid", "canceled", "expired", "failed":
		return true
	}
	return false
}

// cancelable reports whether the API may cancel the payment: a bank transfer,
// whose debtor sits at no screen, a reservation, and a direct debit before it is
// with the bank.
func (p *payment) cancelable() bool {
	return p.Status == "authorized" || p.Status == "open" && p.Method == "banktransfer" || p.Status == "pending" && p.Sequence == "recurring"
}

// refunded is what was given back or is on its way.
func (t *till) refunded(p *payment) (n int64) {
	for _, r := range t.Refunds {
		if r.Payment == p.ID && r.Status != "failed" && r.Status != "canceled" {
			n += r.Amount.Minor
		}
	}
	return n
}

func (t *till) chargedBack(p *payment) (n int64) {
	for _, c := range t.Chargebacks {
		if c.Payment == p.ID && c.ReversedAt.IsZero() {
			n += c.Amount.Minor
		}
	}
	return n
}

// named finds a payment by its id, or the latest one by its description.
func (t *till) named(name string) *payment {
	if p := t.Payments[name]; p != nil {
		return p
	}
	for i := len(t.Order) - 1; i >= 0; i-- {
		if p := t.Payments[t.Order[i]]; name != "" && p.Description == name {
			return p
		}
	}
	return nil
}
