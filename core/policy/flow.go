// Package policy decides, without doing anything: which step of a flow comes
// next and when, and whether a message may go out at this moment.
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
)

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
	// Demand is false for steps that ask nothing: sending the invoice, tasks.
	Demand bool
	// MinMinor limits the step to invoices with at least this open amount.
	MinMinor int64
	// Post limits a letter to these days of the week; empty for every sending day.
	Post []time.Weekday
}

// Bookkeeping reports whether a step reaches nobody outside, so that it needs
// neither a look at the source nor a delivery.
func (s Step) Bookkeeping() bool {
	return len(s.Channels) == 1 && s.Channels[0] == Task
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
	if i < 0 {
		return Step{}, false
	}
	return f.Steps[i], true
}

func (f Flow) index(id StepID) int {
	return slices.IndexFunc(f.Steps, func(s Step) bool { return s.ID == id })
}

// Flows returns the flows that ship, by id.
func Flows() map[string]Flow {
	return map[string]Flow{b2bNL.ID: b2bNL, b2cNL.ID: b2cNL}
}

var mondayToThursday = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday}

// The Dutch flows of the domain rules, section 4. The 2,500.00 of the
// pre-reminder and the 1,000.00 of the call are their amounts.
var b2bNL = Flow{
	ID: "b2b-nl", Title: "B2B Netherlands", Version: 1,
	Steps: []Step{
		{ID: SendInvoice, Title: "Invoice", From: FromIssue, Channels: []Channel{Email}, Phase: receivable.Sent},
		{ID: PreReminder, Title: "Pre-reminder", From: FromDue, Offset: -4, Channels: []Channel{Email}, Phase: receivable.Sent, MinMinor: 250_000},
		{ID: Reminder1, Title: "Reminder 1", From: FromDue, Offset: 3, Channels: []Channel{Email}, Phase: receivable.Reminding, Demand: true},
		{ID: Reminder2, Title: "Reminder 2", From: FromDue, Offset: 10, Channels: []Channel{Email}, Phase: receivable.Reminding, Demand: true},
		{ID: CallTask, Title: "Call", From: FromDue, Offset: 14, Channels: []Channel{Task}, Phase: receivable.Reminding, MinMinor: 100_000},
		{ID: FinalReminder, Title: "Final reminder", From: FromDue, Offset: 18, Channels: []Channel{Email, Letter}, Phase: receivable.Final, Demand: true},
		{ID: OpenCase, Title: "Case opened, summons 1", From: FromDue, Offset: 27, Channels: []Channel{Email, Letter}, Phase: receivable.Case, Demand: true},
		{ID: SummonsReminder, Title: "Summons reminder", From: FromCase, Offset: 7, Channels: []Channel{Email}, Phase: receivable.Case, Demand: true},
		{ID: Summons2, Title: "Summons 2", From: FromCase, Offset: 14, Channels: []Channel{Email, Letter}, Phase: receivable.Case, Demand: true},
		{ID: PreJudicial, Title: "Notice of default", From: FromCase, Offset: 23, Channels: []Channel{Email, Letter}, Phase: receivable.Case, Demand: true},
		{ID: ReadyForBailiff, Title: "Ready for bailiff", From: FromCase, Offset: 33, Channels: []Channel{Task}, Phase: receivable.Bailiff},
	},
}

var b2cNL = Flow{
	ID: "b2c-nl", Title: "B2C Netherlands", Version: 1,
	Steps: []Step{
		{ID: SendInvoice, Title: "Invoice", From: FromIssue, Channels: []Channel{Email}, Phase: receivable.Sent},
		{ID: PreReminder, Title: "Pre-reminder", From: FromDue, Offset: -3, Channels: []Channel{Email}, Phase: receivable.Sent},
		{ID: Reminder1, Title: "Reminder 1", From: FromDue, Offset: 3, Channels: []Channel{Email}, Phase: receivable.Reminding, Demand: true},
		{ID: Reminder2, Title: "Reminder 2", From: FromDue, Offset: 10, Channels: []Channel{Email}, Phase: receivable.Reminding, Demand: true},
		{ID: FourteenDay, Title: "14-day letter", From: FromDue, Offset: 17, Channels: []Channel{Letter, Email}, Phase: receivable.Final, Statutory: true, Demand: true, Post: mondayToThursday},
		{ID: OpenCase, Title: "Case opened", From: FromNotice, Offset: 3, Channels: []Channel{Email, Letter}, Phase: receivable.Case, Demand: true},
		{ID: ContactAttempt, Title: "Contact attempt", From: FromCase, Offset: 5, Channels: []Channel{Task}, Phase: receivable.Case},
		{ID: PlanOffer, Title: "Plan offer", From: FromCase, Offset: 10, Channels: []Channel{Email}, Phase: receivable.Case, Demand: true},
		{ID: Summons2, Title: "Summons 2", From: FromCase, Offset: 17, Channels: []Channel{Letter, Email}, Phase: receivable.Case, Demand: true},
		{ID: PreJudicial, Title: "Pre-judicial letter", From: FromCase, Offset: 30, Channels: []Channel{Letter, Email}, Phase: receivable.Case, Demand: true},
		{ID: ReadyForBailiff, Title: "Ready for bailiff", From: FromCase, Offset: 42, Channels: []Channel{Task}, Phase: receivable.Bailiff},
	},
}
