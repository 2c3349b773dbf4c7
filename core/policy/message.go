package policy

import (
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/sdk/money"
)

// Item is one of a debtor's invoices in one administration, as the gate saw it
// with its planned step.
type Item struct {
	ID uuid.UUID
	// Flow is the id of its flow; empty leaves out what Advance skips.
	Flow     string
	Moment   Moment
	Verdict  Verdict
	NextStep StepID
	// NextAt is the planned moment of NextStep; zero when it has none.
	NextAt time.Time
	// Case is the case that the invoice is in, if any. Every case has its own
	// messages (R106).
	Case uuid.UUID
}

// Message says which invoices one message is about, and how. Every invoice of
// the debtor is in exactly one of its lists, each in the order of due dates.
type Message struct {
	// Step is the gravest step among the demanded (R43). It is empty when
	// nothing may go out.
	Step StepID
	// Tone is the phase that goes with Step.
	Tone     receivable.Phase
	Channels []Channel

	// Demanded are the invoices that are asked for: those whose step is due,
	// and, in a statutory notice, every claim that it covers (R98).
	Demanded []uuid.UUID
	// NotDue are named apart without being asked for (R44).
	NotDue []uuid.UUID
	// NotDemanded are named as not asked for, with the reason (R46).
	NotDemanded []NotDemanded
	// Left are not in the message at all.
	Left []Left

	// Advance is what becomes of the steps of the demanded invoices (R44).
	Advance []Advance
	// Totals is what the demanded invoices ask, per currency (R48); credit,
	// costs and interest are not in it.
	Totals []money.Amount
}

// Empty reports whether nothing goes out.
func (m Message) Empty() bool { return m.Step == "" }

// NotDemanded is an invoice that is named without being asked for (R46).
type NotDemanded struct {
	ID     uuid.UUID
	Reason string // disputed, plan, paused or direct_debit
}

// Left is an invoice that a message does not name, and why.
type Left struct {
	ID   uuid.UUID
	Rule string
	Why  string
}

// Advance is what a message does to the flow of an invoice.
type Advance struct {
	ID   uuid.UUID
	Step StepID // its own step (R44), or the statutory notice that covers it
	// Outcome is DoneSent when the message was that step, DoneMerged when the
	// invoice went along.
	Outcome string
	// Skipped are the steps that a statutory notice overtook.
	Skipped []Skip
}
