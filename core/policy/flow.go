package policy

import (
	"slices"
	"time"

	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/core/receivable"
)

// StepID names a step within a flow.
type StepID string

// The steps of the flows that ship.
const (
	SendInvoice     StepID = "invoice"
	PreReminder     StepID = "pre_reminder"
	Reminder1       StepID = "reminder_1"
	Reminder2       StepID = "reminder_2"
	CallTask        StepID = "call_task"
	FinalReminder   StepID = "final_reminder"
	FourteenDay     StepID = "fourteen_day_letter"
	OpenCase        StepID = "case_opened"
	ContactAttempt  StepID = "contact_attempt"
	PlanOffer       StepID = "plan_offer"
	SummonsReminder StepID = "summons_reminder"
	Summons2        StepID = "summons_2"
	PreJudicial     StepID = "pre_judicial"
	ReadyForBailiff StepID = "ready_for_bailiff"
	// PaymentReversed is in every flow and at no place of it: it comes when a
	// payment was undone, and asks nothing (R26).
	PaymentReversed StepID = "payment_reversed"
)

// reversal tells that a payment was undone and what is open again.
var reversal = Step{ID: PaymentReversed, Title: "Payment reversed", From: FromDue, Channels: []Channel{Email}, Phase: receivable.Sent}

// Anchor is what a step's offset counts from.
type Anchor string

// The anchors.
const (
	FromIssue  Anchor = "issue"
	FromDue    Anchor = "due"
	FromNotice Anchor = "notice" // the day from which costs are due after the statutory notice
	FromCase   Anchor = "case"
)

// Channel is a way to reach a debtor, or a task for a person.
type Channel = calendar.Channel

// The channels of the flows.
const (
	Email  = calendar.Email
	Letter = calendar.Letter
	SMS    = calendar.SMS
	Voice  = calendar.Voice
	Peppol = calendar.Peppol
	// Call puts a telephone call on a person's list.
	Call = calendar.Call
	// Task puts a step on a person's list instead of before the debtor.
	Task Channel = "task"
)

// Step is one point of a flow.
type Step struct {
	ID       StepID
	Title    string
	From     Anchor
	Offset   int // calendar days after the anchor, before it when negative
	Channels []Channel
	Phase    receivable.Phase // the phase once the step is done
	// Statutory steps are exempt from the minimum interval (R15), are never
	// skipped (R8) and state amount, costs and term for exactly their invoices.
	Statutory bool
	// Demand is false for steps that ask nothing: sending the invoice, the
	// pre-reminder, tasks.
	Demand bool
	// MinMinor limits the step to invoices with at least this open amount.
	MinMinor int64
	// Post limits a letter to these days of the week; empty for every sending day.
	Post []time.Weekday
	// Term is the number of days to pay that the message promises. Nothing
	// follows before they are over; zero promises none.
	Term int
}

// Bookkeeping reports whether a step reaches nobody outside, so that it needs
// neither a look at the source nor a delivery.
func (s Step) Bookkeeping() bool {
	return len(s.Channels) == 1 && s.Channels[0] == Task
}

// Reminds reports whether a step reminds the debtor, asking or not: whoever paid
// must not get it.
func (s Step) Reminds() bool {
	return s.ID != "" && s.ID != SendInvoice && !s.Bookkeeping()
}

// ahead reports whether a step speaks of a due date that is still to come.
func (s Step) ahead() bool { return s.From == FromDue && s.Offset < 0 }

func (s Step) window() calendar.Window {
	if len(s.Channels) == 0 {
		return calendar.DefaultWindow(Email)
	}
	return calendar.DefaultWindow(s.Channels[0])
}

// Flow is a dunning flow as data. A step's place in Steps is its order.
type Flow struct {
	ID      string
	Title   string
	Version int
	Steps   []Step
}

// Step returns the step with an id.
func (f Flow) Step(id StepID) (Step, bool) {
	i := f.index(id)
	if id == PaymentReversed && i < 0 {
		return reversal, true
	}
	if i < 0 {
		return Step{}, false
	}
	return f.Steps[i], true
}

func (f Flow) index(id StepID) int {
	return slices.IndexFunc(f.Steps, func(s Step) bool { return s.ID == id })
}
