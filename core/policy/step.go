package policy

import "github.com/voldaan/voldaan/core/receivable"

// StepID names a step within a flow.
type StepID string

// The steps of the flows that ship.
const (
	SendInvoice     StepID = "invoice"
	PreReminder     StepID = "pre_reminder"
	Reminder1       StepID = "reminder_1"
	Reminder2       StepID = "reminder_2"
	CallTask        StepID = "call_task"
	VoiceCall       StepID = "voice_call"
	FinalReminder   StepID = "final_reminder"
	FourteenDay     StepID = "fourteen_day_letter"
	OpenCase        StepID = "case_opened"
	ContactAttempt  StepID = "contact_attempt"
	PlanOffer       StepID = "plan_offer"
	SummonsReminder StepID = "summons_reminder"
	Summons2        StepID = "summons_2"
	PreJudicial     StepID = "pre_judicial"
	ReadyForBailiff StepID = "ready_for_bailiff"
	// WithNext asks a small amount together with the debtor's next invoice.
	WithNext StepID = "with_next_invoice"
	// PaymentReversed is in every flow and at no place of it: it comes when a
	// payment was undone, and asks nothing (R26).
	PaymentReversed StepID = "payment_reversed"
)

// reversal tells that a payment was undone and what is open again.
var reversal = Step{ID: PaymentReversed, Title: "Payment reversed", From: FromDue, Channels: []Channel{Email}, Phase: receivable.Sent}

// Kinds lists the steps whose words and meaning a step of one's own can take.
func Kinds() []StepID {
	return []StepID{PreReminder, Reminder1, Reminder2, CallTask, VoiceCall, ContactAttempt, PlanOffer, SummonsReminder, Summons2, PreJudicial}
}

// reserved are the steps that mean something to the process: there is one of
// each at most, and none of one's own stands in for it.
var reserved = map[StepID]receivable.Phase{
	SendInvoice: receivable.Sent, FinalReminder: receivable.Final, FourteenDay: receivable.Final,
	OpenCase: receivable.Case, ReadyForBailiff: receivable.Bailiff,
}
