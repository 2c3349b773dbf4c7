// Package receivable holds the words of debtor management that the rest of the
// core shares: phases, holds, parties and what an invoice still asks.
package receivable

import (
	"github.com/voldaan/voldaan/sdk/money"
)

// Phase is how far the process with an invoice is.
type Phase string

// The phases in their order.
const (
	Draft     Phase = "draft"     // known, nothing sent yet
	Sent      Phase = "sent"      // the debtor has the invoice
	Reminding Phase = "reminding" // reminders under way
	Final     Phase = "final"     // last notice: final reminder or statutory notice
	Case      Phase = "case"      // amicable collection with costs and interest
	Bailiff   Phase = "bailiff"   // ready for, or with, a bailiff
	Closed    Phase = "closed"    // paid, credited, withdrawn
)

var phaseOrder = map[Phase]int{Draft: 0, Sent: 1, Reminding: 2, Final: 3, Case: 4, Bailiff: 5, Closed: 6}

// Beyond reports whether p is a later phase than q.
func (p Phase) Beyond(q Phase) bool { return phaseOrder[p] > phaseOrder[q] }

// HoldReason says why sending waits.
type HoldReason string

// The reasons of holds that people and events set.
const (
	Paused          HoldReason = "paused"             // a person paused it
	Disputed        HoldReason = "disputed"           // the debtor does not agree (R70)
	Replied         HoldReason = "replied"            // the debtor wrote; an answer is due (R61)
	PresumedPaid    HoldReason = "presumed_paid"      // gone from the list of open items (R25)
	CreditDue       HoldReason = "credit_due"         // unapplied credit covers it (R33)
	NoAddress       HoldReason = "no_address"         // nowhere to send it (R51)
	Uncertain       HoldReason = "uncertain"          // a message may or may not have left (R9)
	PaymentAsked    HoldReason = "payment_asked"      // the debtor says it was paid
	PaymentOnItsWay HoldReason = "payment_on_its_way" // the provider is processing one (R6)
)

// Claim is what an invoice asks at one moment.
type Claim struct {
	Total money.Amount // of the invoice, tax included
	Books money.Amount // open according to the books
	// Received is money that we saw and the books do not count yet.
	Received money.Amount
}

// Open returns what may still be asked: the books' open amount less what we
// received and they do not know of. It is negative when too much was paid.
func (c Claim) Open() money.Amount {
	return money.Of(c.Books.Minor-c.Received.Minor, c.Books.Currency)
}
