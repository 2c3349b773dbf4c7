package mollie

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/voldaan/voldaan/sdk/money"
)

// RefundStatus is where a refund stands.
type RefundStatus string

// The statuses of a refund. Money has left the account only at Refunded.
const (
	RefundQueued     RefundStatus = "queued"
	RefundPending    RefundStatus = "pending"
	RefundProcessing RefundStatus = "processing"
	RefundRefunded   RefundStatus = "refunded"
	RefundFailed     RefundStatus = "failed"
	RefundCanceled   RefundStatus = "canceled"
)

// Refund is money given back to the debtor.
type Refund struct {
	ID          string
	PaymentID   string
	Status      RefundStatus
	Amount      money.Amount
	Description string
	Metadata    json.RawMessage
	CreatedAt   time.Time
}

// NewRefund asks for a refund of a part or all of a payment.
type NewRefund struct {
	Amount      money.Amount
	Description string
	Metadata    any
}

// Chargeback is money that the debtor's bank took back.
type Chargeback struct {
	ID         string
	PaymentID  string
	Amount     money.Amount
	ReasonCode string // SEPA reason ("AC01"), "" when the bank gave none
	Reason     string
	CreatedAt  time.Time
	ReversedAt time.Time // zero while it stands
}

// MethodInfo is a method that can be offered for an amount.
type MethodInfo struct {
	ID          Method
	Description string // name for people, in the locale asked for
	Minimum     money.Amount
	Maximum     money.Amount // zero: none
	Image       string       // vector image
}

type refundJSON struct {
	ID          string          `json:"id"`
	PaymentID   string          `json:"paymentId"`
	Status      RefundStatus    `json:"status"`
	Amount      *amountJSON     `json:"amount"`
	Description string          `json:"description"`
	Metadata    json.RawMessage `json:"metadata"`
	CreatedAt   *time.Time      `json:"createdAt"`
}

func (r refundJSON) refund() (Refund, error) {
	a, err := r.Amount.amount()
	if err != nil || r.ID == "" || a.Currency == "" {
		return Refund{}, fmt.Errorf("the answer is not a refund")
	}
	return Refund{ID: r.ID, PaymentID: r.PaymentID, Status: r.Status, Amount: a, Description: r.Description, Metadata: r.Metadata, CreatedAt: or(r.CreatedAt)}, nil
}

type chargebackJSON struct {
	ID        string      `json:"id"`
	PaymentID string      `json:"paymentId"`
	Amount    *amountJSON `json:"amount"`
	Reason    *struct {
		Code        string `json:"code"`
		Description string `json:"description"`
	} `json:"reason"`
	CreatedAt  *time.Time `json:"createdAt"`
	ReversedAt *time.Time `json:"reversedAt"`
}

func (c chargebackJSON) chargeback() (Chargeback, error) {
	a, err := c.Amount.amount()
	if err != nil || c.ID == "" || a.Currency == "" {
		return Chargeback{}, fmt.Errorf("the answer is not a charge-back")
	}
	reason := or(c.Reason)
	return Chargeback{ID: c.ID, PaymentID: c.PaymentID, Amount: a, ReasonCode: reason.Code, Reason: reason.Description, CreatedAt: or(c.CreatedAt), ReversedAt: or(c.ReversedAt)}, nil
}

type methodJSON struct {
	ID          Method      `json:"id"`
	Description string      `json:"description"`
	Minimum     *amountJSON `json:"minimumAmount"`
	Maximum     *amountJSON `json:"maximumAmount"`
	Image       struct {
		SVG string `json:"svg"`
	} `json:"image"`
}

func (m methodJSON) method() (MethodInfo, error) {
	low, err := m.Minimum.amount()
	if err != nil {
		return MethodInfo{}, fmt.Errorf("method %s: %w", m.ID, err)
	}
	high, err := m.Maximum.amount()
	if err != nil {
		return MethodInfo{}, fmt.Errorf("method %s: %w", m.ID, err)
	}
	return MethodInfo{ID: m.ID, Description: m.Description, Minimum: low, Maximum: high, Image: m.Image.SVG}, nil
}
