package rehearsal

import (
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Input is what a flow is run over.
type Input struct {
	Debtors  []Debtor
	Invoices []Invoice
	// From is the first day of the rehearsal and Through the last on which
	// anything leaves.
	From, Through date.Date
	Zone          *time.Location
	Country       string // of the creditor
	Sending       policy.Sending
	Tolerance     int64 // in minor units, the rest that is not worth a reminder
	// Follow returns the flow of an invoice.
	Follow func(d *Debtor, i *Invoice) policy.Flow
	// CostsFrom is the first day on which costs are due after a statutory notice
	// of a day.
	CostsFrom func(posted date.Date) date.Date
	Prices    Prices
}

// Debtor is a debtor of the creditor.
type Debtor struct {
	ID    uuid.UUID
	Name  string
	About policy.Debtor
	Reach map[policy.Channel]bool
	Days  calendar.Days
}

// Invoice is an invoice with what was paid on it.
type Invoice struct {
	ID          uuid.UUID
	Number      string
	Debtor      int // its place among the debtors
	Issued, Due date.Date
	Total       money.Amount
	// SourceSent says that the books sent the invoice.
	SourceSent bool
	Payments   []Payment // in the order of days
}

// Payment is money on its value date.
type Payment struct {
	On    date.Date
	Minor int64
}

// paidBy is what was paid up to and including a day.
func (i *Invoice) paidBy(on date.Date) (sum int64) {
	for _, p := range i.Payments {
		if !p.On.After(on) {
			sum += p.Minor
		}
	}
	return sum
}

// Prices are the costs of one message by channel, in minor units of Currency.
type Prices struct {
	Currency money.Currency
	Of       map[policy.Channel]int64
}

// DefaultPrices are rough Dutch ones, for where the tenant has no others.
func DefaultPrices() Prices {
	return Prices{Currency: "EUR", Of: map[policy.Channel]int64{
		policy.Letter: 125, policy.SMS: 9, policy.Voice: 12, policy.Peppol: 10,
	}}
}

func (p Prices) sum(channels []policy.Channel) (total int64) {
	for _, c := range channels {
		total += p.Of[c]
	}
	return total
}
