package policy

import (
	"fmt"
	"slices"

	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/sdk"
)

// holdWords are the rule and the words of each reason. A hold that is not here
// holds all the same.
var holdWords = map[receivable.HoldReason][2]string{
	receivable.Paused:          {"R64", "Paused by a person"},
	receivable.RemindersPaused: {"R63", "Reminders are paused by a person"},
	receivable.Disputed:        {"R70", "The debtor does not agree with this invoice"},
	receivable.OnPlan:          {"R75", "The debtor pays this by instalments"},
	receivable.Promised:        {"R67", "The debtor promised to pay"},
	receivable.LegalStop:       {"R97", "A legal stop: nobody may press for payment"},
	receivable.DirectDebit:     {"R83", "It will be collected by direct debit"},
	receivable.Replied:         {"R61", "The debtor wrote; an answer is due first"},
	receivable.PresumedPaid:    {"R25", "Presumed paid: it is off the books' list"},
	receivable.CreditDue:       {"R33", "The debtor's credit covers it"},
	receivable.NoAddress:       {"R51", "There is no address to reach the debtor at"},
	receivable.Uncertain:       {"R9", "A message may have left without our knowing; a person looks at it"},
	receivable.PaymentAsked:    {"R61", "The debtor says that it was paid"},
	receivable.CaseChanged:     {"R24", "The books changed this invoice while it is in a case; a person confirms it first"},
	receivable.WithBailiff:     {"R109", "A bailiff has the case; nothing goes to the debtor from here"},
	receivable.PaymentOnItsWay: {"R6", "The payment provider is processing a payment"},
}

// aboutPaying holds reminders but not the invoice itself: the debtor may have
// that whatever they think of another.
var aboutPaying = []receivable.HoldReason{
	receivable.RemindersPaused, receivable.Disputed, receivable.OnPlan, receivable.DirectDebit,
	receivable.Replied, receivable.CreditDue, receivable.PaymentAsked, receivable.PaymentOnItsWay,
	receivable.Promised, receivable.LegalStop,
	receivable.CaseChanged, receivable.WithBailiff,
}

// inForce returns the hold that lasts longest of those that concern the step:
// sending resumes only when none is left (R64). A legal stop goes before all
// others (R97).
func (m Moment) inForce() (longest Hold, ok bool) {
	for _, h := range m.Holds {
		if h.over(m.Now) || !m.chases() && slices.Contains(aboutPaying, h.Reason) {
			continue
		}
		if h.Reason == receivable.LegalStop {
			return h, true
		}
		if !ok || h.outlasts(longest) {
			longest, ok = h, true
		}
	}
	return longest, ok
}

// Held is the verdict on a step that a hold keeps back (R64); it objects to nothing
// where none does.
func Held(m Moment) (Verdict, bool) { return held(m) }

func held(m Moment) (Verdict, bool) {
	h, ok := m.inForce()
	if !ok {
		return Verdict{}, false
	}
	words, known := holdWords[h.Reason]
	if !known {
		words = [2]string{"R64", "On hold"}
	}
	why := words[1]
	if h.Scope != "" && h.Scope != "invoice" {
		why += " (whole " + h.Scope + ")"
	}
	if h.Note != "" {
		why += ": " + h.Note
	}
	return Verdict{Outcome: Wait, Rule: words[0], Why: why + ".", Until: h.Until}, true
}

// disputed waits when all that is open, or all but a trifle, is in dispute. An
// undisputed part is asked as if it were all there is (R70).
func disputed(m Moment) (Verdict, bool) {
	ask := m.Claim.Ask()
	if !m.chases() || !m.Claim.Disputed.Positive() || ask.Minor > m.Tolerance.Minor {
		return Verdict{}, false
	}
	return Verdict{Outcome: Wait, Rule: "R70", Why: fmt.Sprintf("%s of %s is in dispute; nothing is asked until it is decided.", m.Claim.Disputed, m.Claim.Open())}, true
}

// booksWords are the rule and the words of each reason of the books.
var booksWords = map[sdk.InvoiceHold][2]string{
	sdk.Paused:         {"R64", "Paused in the books; it goes on when they end the pause."},
	sdk.PaymentPending: {"R6", "The books say that a payment is under way."},
	sdk.Disputed:       {"R70", "The books say that the debtor does not agree with this invoice."},
}

// booksWait keeps reminders back while the books themselves wait for the money.
// A payment that is under way there holds as long as one at the provider (R6).
func booksWait(m Moment) (Verdict, bool) {
	if m.BooksHold == sdk.NoHold || !m.chases() {
		return Verdict{}, false
	}
	words, known := booksWords[m.BooksHold]
	if !known {
		words = booksWords[sdk.Paused]
	}
	v := Verdict{Outcome: Wait, Rule: words[0], Why: words[1]}
	if m.BooksHold == sdk.PaymentPending {
		if v.Until = m.pendingUntil(m.BooksHoldSince); !m.Now.Before(v.Until) {
			return Verdict{}, false
		}
	}
	return v, true
}

// unread keeps final notices and every step of a case back until somebody has
// read what the debtor wrote (R62).
func unread(m Moment) (Verdict, bool) {
	if !m.UnreadMessage || !m.Step.grave() {
		return Verdict{}, false
	}
	return Verdict{Outcome: Wait, Rule: "R62", Task: "unread_message", Why: "The debtor wrote something that nobody has read; a final notice waits for that."}, true
}
