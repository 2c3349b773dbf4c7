package policy

import (
	"time"

	"github.com/voldaan/voldaan/core/receivable"
)

// Flows returns the flows that ship, by id.
func Flows() map[string]Flow {
	return map[string]Flow{b2bNL.ID: b2bNL, b2cNL.ID: b2cNL}
}

var mondayToThursday = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday}

// The Dutch flows of the domain rules, section 4. The 2,500.00 of the
// pre-reminder, the 1,000.00 of the call and the 7 days of the final reminder
// are theirs; the 7 days of the last letter before a bailiff are ours.
var b2bNL = Flow{
	ID: "b2b-nl", Title: "B2B Netherlands", Version: 1,
	Steps: []Step{
		{ID: SendInvoice, Title: "Invoice", From: FromIssue, Channels: []Channel{Email}, Phase: receivable.Sent},
		{ID: PreReminder, Title: "Pre-reminder", From: FromDue, Offset: -4, Channels: []Channel{Email}, Phase: receivable.Sent, MinMinor: 250_000},
		{ID: Reminder1, Title: "Reminder 1", From: FromDue, Offset: 3, Channels: []Channel{Email}, Phase: receivable.Reminding, Demand: true},
		{ID: Reminder2, Title: "Reminder 2", From: FromDue, Offset: 10, Channels: []Channel{Email}, Phase: receivable.Reminding, Demand: true},
		{ID: CallTask, Title: "Call", From: FromDue, Offset: 14, Channels: []Channel{Task}, Phase: receivable.Reminding, MinMinor: 100_000},
		{ID: FinalReminder, Title: "Final reminder", From: FromDue, Offset: 18, Channels: []Channel{Email, Letter}, Phase: receivable.Final, Demand: true, Term: 7},
		{ID: OpenCase, Title: "Case opened, summons 1", From: FromDue, Offset: 27, Channels: []Channel{Email, Letter}, Phase: receivable.Case, Demand: true},
		{ID: SummonsReminder, Title: "Summons reminder", From: FromCase, Offset: 7, Channels: []Channel{Email}, Phase: receivable.Case, Demand: true},
		{ID: Summons2, Title: "Summons 2", From: FromCase, Offset: 14, Channels: []Channel{Email, Letter}, Phase: receivable.Case, Demand: true},
		{ID: PreJudicial, Title: "Notice of default", From: FromCase, Offset: 23, Channels: []Channel{Email, Letter}, Phase: receivable.Case, Demand: true, Term: 7},
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
		{ID: PreJudicial, Title: "Pre-judicial letter", From: FromCase, Offset: 30, Channels: []Channel{Letter, Email}, Phase: receivable.Case, Demand: true, Term: 7},
		{ID: ReadyForBailiff, Title: "Ready for bailiff", From: FromCase, Offset: 42, Channels: []Channel{Task}, Phase: receivable.Bailiff},
	},
}
