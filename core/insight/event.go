package insight

import (
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Kind says what an event does to its item.
type Kind string

// The kinds of events. Amounts are above zero.
const (
	Issued      Kind = "issued"       // an invoice for Amount, to be paid by Due
	DueMoved    Kind = "due_moved"    // the due date became Due
	Paid        Kind = "paid"         // money for the invoice; On is the value date
	PaidBack    Kind = "paid_back"    // a payment that was undone or refunded; Of is the day it was paid
	Settled     Kind = "settled"      // by a credit note or by credit, not by new money
	WrittenOff  Kind = "written_off"  // given up; money that comes after all is no credit
	Cancelled   Kind = "cancelled"    // an invoice or a credit note that never counted; what was paid becomes credit
	NoteIssued  Kind = "note_issued"  // a credit note for Amount, an item of its own
	PaidAhead   Kind = "paid_ahead"   // money without an invoice, an item of its own
	CreditSpent Kind = "credit_spent" // of a credit note or money ahead: settled with an invoice, or refunded
	Marked      Kind = "marked"       // Amount of the invoice is now under Mark; zero ends it
)

// Mark says in what state a part of an open invoice is. It stays receivable.
type Mark string

// The marks of parts of invoices.
const (
	Disputed  Mark = "disputed"   // the debtor does not agree
	Promised  Mark = "promised"   // the debtor named a day
	OnPlan    Mark = "plan"       // by instalments
	InTransit Mark = "in_transit" // a direct debit is on its way
)

// Event is one change of what a debtor owes or has paid ahead.
type Event struct {
	Kind Kind
	// On is the day from which it counts: the date of the invoice, the value date
	// of the money.
	On date.Date
	// Recorded is the day on which we came to know; none for On.
	Recorded date.Date
	Item     string // the invoice, credit note or payment ahead
	Debtor   string // of an item, as its first event has it
	Amount   money.Amount
	Due      date.Date // of Issued and DueMoved; none for an invoice that is never overdue
	Of       date.Date // of PaidBack
	Mark     Mark      // of Marked
}

// known is the day on which the event was known.
func (e Event) known() date.Date {
	if e.Recorded.IsZero() {
		return e.On
	}
	return e.Recorded
}
