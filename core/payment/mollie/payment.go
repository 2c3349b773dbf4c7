package mollie

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Status is where a payment stands.
type Status string

// The statuses of a payment.
const (
	Open       Status = "open"       // the debtor has not finished the checkout
	Pending    Status = "pending"    // started, the outcome is not known yet
	Authorized Status = "authorized" // reserved, to be captured
	Paid       Status = "paid"
	Canceled   Status = "canceled"
	Expired    Status = "expired"
	Failed     Status = "failed"
)

// Final reports whether the status can no longer change. A paid payment may
// still be refunded or charged back; its status stays paid.
func (s Status) Final() bool {
	switch s {
	case Paid, Canceled, Expired, Failed:
		return true
	}
	return false
}

// InFlight reports whether money may be on its way: a reminder has to wait for
// the outcome.
func (s Status) InFlight() bool { return s == Pending || s == Authorized }

// Method is a way to pay, by Mollie's id.
type Method string

// The methods that Voldaan offers.
const (
	IDEAL        Method = "ideal"
	PayPal       Method = "paypal"
	CreditCard   Method = "creditcard"
	BankTransfer Method = "banktransfer"
	// DirectDebit is charged by a mandate, without the debtor (Recurring).
	DirectDebit Method = "directdebit"
)

// Payment is a payment as Mollie knows it. Amounts that Mollie leaves out are
// zero; moments that have not come are zero.
type Payment struct {
	ID          string
	Mode        string // "live" or "test"
	Status      Status
	Amount      money.Amount
	Refunded    money.Amount
	Remaining   money.Amount // what can still be refunded
	ChargedBack money.Amount
	Description string
	Method      Method // "" until the debtor has chosen
	Metadata    json.RawMessage
	RedirectURL string
	WebhookURL  string
	Locale      string
	ProfileID   string
	Cancelable  bool
	Sequence    Sequence
	CustomerID  string // "" outside recurring payments
	MandateID   string // of a recurring payment, or the one that a first payment made
	Details     Details
	CheckoutURL string // where the debtor pays; "" when there is nothing to do

	CreatedAt    time.Time
	AuthorizedAt time.Time
	PaidAt       time.Time
	CanceledAt   time.Time
	ExpiresAt    time.Time
	ExpiredAt    time.Time
	FailedAt     time.Time
}

// Details is what the method tells about a payment.
type Details struct {
	// Where to send a bank transfer, and the reference it must carry.
	BankName          string `json:"bankName"`
	BankAccount       string `json:"bankAccount"`
	BankBIC           string `json:"bankBic"`
	TransferReference string `json:"transferReference"`
	// Who paid, when the method says so.
	ConsumerName    string `json:"consumerName"`
	ConsumerAccount string `json:"consumerAccount"`
	ConsumerBIC     string `json:"consumerBic"`
	// Why a card payment failed.
	FailureReason  string `json:"failureReason"`
	FailureMessage string `json:"failureMessage"`
	// Of a direct debit: whom the bank statement names as its collector, the
	// mandate as the bank knows it, and the estimated day of the debit.
	CreditorID       string    `json:"creditorIdentifier"`
	MandateReference string    `json:"mandateReference"`
	SignedOn         date.Date `json:"signatureDate"`
	DueDate          date.Date `json:"dueDate"`
	// Why a direct debit failed: a SEPA reason code ("AM04") and its words.
	BankReasonCode string `json:"bankReasonCode"`
	BankReason     string `json:"bankReason"`
}

// NewPayment asks for a payment.
type NewPayment struct {
	Amount      money.Amount
	Description string // at most 255 characters, on the debtor's statement where possible
	RedirectURL string // where the debtor comes back to
	CancelURL   string // "" is RedirectURL
	WebhookURL  string // "" sends no webhooks
	Method      Method // "" lets the debtor choose
	Locale      string // "nl_NL"; "" lets Mollie choose
	Metadata    any    // at most about 1 kB of JSON; nil for none
	DueDate     date.Date
	Email       string // of the debtor: a bank transfer's instructions go there
	// Sequence says how the payment relates to a mandate; "" is OneOff. First and
	// Recurring need a CustomerID.
	Sequence   Sequence
	CustomerID string
	MandateID  string // of a recurring payment; "" lets Mollie choose a valid one
}

// Page is one page of a list, newest first.
type Page[T any] struct {
	Items []T
	Next  string // the id the next page starts at; "" when this is the last one
}

// ListOptions chooses a page. The zero value is the first page of 50.
type ListOptions struct {
	From  string
	Limit int // 1 to 250
}

type amountJSON struct {
	Currency string `json:"currency"`
	Value    string `json:"value"`
}

func toAmount(a money.Amount) amountJSON {
	return amountJSON{Currency: string(a.Currency), Value: a.Decimal()}
}

func (a *amountJSON) amount() (money.Amount, error) {
	if a == nil || *a == (amountJSON{}) {
		return money.Amount{}, nil
	}
	c, err := money.ParseCurrency(a.Currency)
	if err != nil {
		return money.Amount{}, err
	}
	return money.Parse(a.Value, c)
}

type linkJSON struct {
	Href string `json:"href"`
}

type paymentJSON struct {
	ID                string          `json:"id"`
	Mode              string          `json:"mode"`
	Status            Status          `json:"status"`
	Amount            *amountJSON     `json:"amount"`
	AmountRefunded    *amountJSON     `json:"amountRefunded"`
	AmountRemaining   *amountJSON     `json:"amountRemaining"`
	AmountChargedBack *amountJSON     `json:"amountChargedBack"`
	Description       string          `json:"description"`
	Method            *Method         `json:"method"`
	Metadata          json.RawMessage `json:"metadata"`
	RedirectURL       *string         `json:"redirectUrl"`
	WebhookURL        *string         `json:"webhookUrl"`
	Locale            *string         `json:"locale"`
	ProfileID         string          `json:"profileId"`
	SequenceType      Sequence        `json:"sequenceType"`
	CustomerID        *string         `json:"customerId"`
	MandateID         *string         `json:"mandateId"`
	IsCancelable      *bool           `json:"isCancelable"`
	Details           *Details        `json:"details"`
	CreatedAt         *time.Time      `json:"createdAt"`
	AuthorizedAt      *time.Time      `json:"authorizedAt"`
	PaidAt            *time.Time      `json:"paidAt"`
	CanceledAt        *time.Time      `json:"canceledAt"`
	ExpiresAt         *time.Time      `json:"expiresAt"`
	ExpiredAt         *time.Time      `json:"expiredAt"`
	FailedAt          *time.Time      `json:"failedAt"`
	Links             struct {
		Checkout *linkJSON `json:"checkout"`
	} `json:"_links"`
}

func (p paymentJSON) payment() (Payment, error) {
	if !paymentID.MatchString(p.ID) || p.Status == "" {
		return Payment{}, fmt.Errorf("the answer is not a payment")
	}
	out := Payment{
		ID: p.ID, Mode: p.Mode, Status: p.Status, Description: p.Description, Method: or(p.Method),
		Metadata: p.Metadata, RedirectURL: or(p.RedirectURL), WebhookURL: or(p.WebhookURL), Locale: or(p.Locale),
		ProfileID: p.ProfileID, Cancelable: or(p.IsCancelable), Sequence: p.SequenceType, CustomerID: or(p.CustomerID), MandateID: or(p.MandateID), Details: or(p.Details), CheckoutURL: or(p.Links.Checkout).Href,
		CreatedAt: or(p.CreatedAt), AuthorizedAt: or(p.AuthorizedAt), PaidAt: or(p.PaidAt), CanceledAt: or(p.CanceledAt),
		ExpiresAt: or(p.ExpiresAt), ExpiredAt: or(p.ExpiredAt), FailedAt: or(p.FailedAt),
	}
	for _, a := range []struct {
		from *amountJSON
		to   *money.Amount
	}{{p.Amount, &out.Amount}, {p.AmountRefunded, &out.Refunded}, {p.AmountRemaining, &out.Remaining}, {p.AmountChargedBack, &out.ChargedBack}} {
		var err error
		if *a.to, err = a.from.amount(); err != nil {
			return Payment{}, fmt.Errorf("payment %s: %w", p.ID, err)
		}
	}
	if out.Amount.Currency == "" {
		return Payment{}, fmt.Errorf("payment %s has no amount", p.ID)
	}
	return out, nil
}

func or[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
