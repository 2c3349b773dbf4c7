package receivable

// HoldReason says why sending waits.
type HoldReason string

// The reasons of holds that people and events set.
const (
	Paused          HoldReason = "paused"             // a person paused it
	RemindersPaused HoldReason = "reminders_paused"   // a person paused all but invoices (R63)
	Disputed        HoldReason = "disputed"           // the debtor does not agree (R70)
	OnPlan          HoldReason = "plan"               // paid by instalments (R75)
	Promised        HoldReason = "promise"            // the debtor promised to pay on a day (R67)
	LegalStop       HoldReason = "legal_stop"         // bankruptcy, debt relief, death: nobody may press (R97)
	DirectDebit     HoldReason = "direct_debit"       // it will be collected (R83)
	Replied         HoldReason = "replied"            // the debtor wrote; an answer is due (R61)
	PresumedPaid    HoldReason = "presumed_paid"      // gone from the list of open items (R25)
	CreditDue       HoldReason = "credit_due"         // unapplied credit covers it (R33)
	NoAddress       HoldReason = "no_address"         // nowhere to send it (R51)
	Uncertain       HoldReason = "uncertain"          // a message may or may not have left (R9)
	PaymentAsked    HoldReason = "payment_asked"      // the debtor says it was paid
	CaseChanged     HoldReason = "case_changed"       // the books changed a claim of a case; a person confirms (R24)
	WithBailiff     HoldReason = "with_bailiff"       // a bailiff has the case; nothing goes to the debtor from here
	PaymentOnItsWay HoldReason = "payment_on_its_way" // the provider is processing one (R6)
)
