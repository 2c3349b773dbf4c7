// Package matching proposes which open invoices a bank line or payment is for,
// with the reason in words; it books nothing itself.
package matching

import (
	"fmt"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Line is money that moved on an account of the creditor, or a payment of a
// payment provider.
type Line struct {
	ID               string
	ValueDate        date.Date
	Amount           money.Amount // positive for money that came in
	CounterpartyName string
	CounterpartyIBAN string
	EndToEndID       string
	MandateID        string
	// StructuredReference is a creditor reference in its own field. Its check
	// digits are judged here.
	StructuredReference string
	Text                string
	// Return marks a line that undoes an earlier payment: a returned or refunded
	// direct debit, or the reversal of a booking.
	Return bool
}

// Invoice is an open item: an invoice, or a credit note with a negative Open.
type Invoice struct {
	ID       string
	DebtorID string
	Number   string // as the debtor sees it
	Open     money.Amount
	Issued   date.Date
	Due      date.Date
	// Onerous says that the item bears costs or interest (R29).
	Onerous bool
	// Last is paid after all others, whatever its day: what reminders cost.
	Last bool
	// References are the structured references that the creditor gave for it, in
	// any form. Several invoices of one debtor may share one.
	References []string
	// Aliases are other names a payer may write: a case number.
	Aliases []string
}

// Debtor is who may pay.
type Debtor struct {
	ID    string
	Name  string
	IBANs []string // accounts that payments came from, or that a mandate names
}

// Collection is a direct debit that the creditor issued.
type Collection struct {
	EndToEndID string
	MandateID  string
	DebtorID   string
	Parts      []Allocation
}

// Allocation is an amount for one invoice.
type Allocation struct {
	InvoiceID string       `json:"invoice"`
	Amount    money.Amount `json:"amount"`
}

// Method says by what a line was recognised, in the order in which they are
// tried.
type Method string

// The methods.
const (
	ByEndToEnd      Method = "end_to_end"     // our own direct debit
	ByStructured    Method = "structured"     // a reference in its own field
	ByTextReference Method = "text_reference" // a reference with check digits in the text
	ByNumber        Method = "number"         // an invoice or case number in the text
	ByAccount       Method = "account"        // the account of one debtor, and the amount
	ByCombination   Method = "combination"    // the amounts of some invoices of one debtor
	ByName          Method = "name"           // a name like it, and the amount
	Unmatched       Method = "none"
)

// Certainty says what may be done with a proposal.
type Certainty string

// The certainties.
const (
	Book    Certainty = "book"    // may be booked without a person
	Suggest Certainty = "suggest" // a person confirms
	None    Certainty = "none"    // a person decides
)

// Proposal is what a line is probably for.
type Proposal struct {
	LineID    string    `json:"line"`
	Method    Method    `json:"method"`
	Certainty Certainty `json:"certainty"`
	DebtorID  string    `json:"debtor,omitempty"`
	// Reopens says that the allocations were paid before and are open again.
	Reopens     bool         `json:"reopens,omitempty"`
	Allocations []Allocation `json:"allocations,omitempty"`
	// Remainder is left after the allocations: unapplied credit of the debtor
	// (R32), or the whole amount when nothing is proposed.
	Remainder money.Amount `json:"remainder"`
	Reason    string       `json:"reason"`
}

func (l Line) proposal(m Method, c Certainty, debtor, reason string, args ...any) Proposal {
	return Proposal{LineID: l.ID, Method: m, Certainty: c, DebtorID: debtor, Remainder: l.Amount, Reason: fmt.Sprintf(reason, args...)}
}

// with fills in the allocations and what they leave over.
func (p Proposal) with(amount money.Amount, parts []Allocation) Proposal {
	left := amount.Minor
	for _, a := range parts {
		left -= a.Amount.Minor
	}
	p.Allocations, p.Remainder = parts, money.Of(left, amount.Currency)
	return p
}
