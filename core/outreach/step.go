package outreach

// Step is the kind of a message; it names the template.
type Step string

// The steps that have a template in every complete language.
const (
	Invoice           Step = "invoice"
	PreReminder       Step = "pre_reminder"
	Reminder1         Step = "reminder_1"
	Reminder2         Step = "reminder_2"
	FinalReminder     Step = "final_reminder"
	FourteenDayLetter Step = "fourteen_day_letter"
	// StatutoryNotice is the notice that the law of a country wants where it is
	// not the Dutch letter; its name and text come from the law pack.
	StatutoryNotice Step = "statutory_notice"
	CaseOpened      Step = "case_opened" // first summons
	SummonsReminder Step = "summons_reminder"
	PlanOffer       Step = "plan_offer"
	Summons2        Step = "summons_2"
	PreJudicial     Step = "pre_judicial"
	PaymentReceived Step = "payment_received"
	PaymentReversed Step = "reversed"
	DisputeReceived Step = "dispute_received"
	PortalCode      Step = "portal_code"
	DebitNotice     Step = "debit_notice" // what will be collected, and when (R84)
	DebitRetry      Step = "debit_retry"  // a collection found no money and is tried once more (R85)
	DebitFailed     Step = "debit_failed" // to be paid by transfer (R86)
	DebitReversed   Step = "debit_reversed"
	MandateEnded    Step = "mandate_ended" // R90
	// Words about an arrangement.
	PlanStarted       Step = "plan_started"
	PlanRefused       Step = "plan_refused"
	InstalmentDue     Step = "instalment" // before, on or after its day
	InstalmentWarning Step = "instalment_warning"
	PlanBroken        Step = "plan_broken"
	PlanCompleted     Step = "plan_completed"
	PromiseNoted      Step = "promise_noted"
	DisputeAnswered   Step = "dispute_answered"
	PaidNotFound      Step = "paid_not_found"
	CaseStatement     Step = "case_statement" // what a case owes after it was computed anew (R42, R104)
	CostsRemain       Step = "costs_remain"   // the principal is paid, costs and interest are not (R36)
	Interruption      Step = "interruption"   // reserves the right to payment, so that limitation begins anew (R111)
)

// What others may see or hear is the same for every step (R119).
const (
	TextMessage Step = "sms"
	Call        Step = "voice" // how a robot begins; what can be keyed in is fixed
)

// Open reports whether others may see or hear it, so that it has no template.
func (s Step) Open() bool { return s == TextMessage || s == Call }

// Fixed says why the words of a step stay as they are, "" when a creditor may
// change them.
func (s Step) Fixed() string {
	switch s {
	case PortalCode:
		return "Debtors learn to trust this message because it always reads the same."
	case Interruption:
		return "Limitation is interrupted by exactly these words."
	}
	return ""
}

// Steps lists every step in the order of a flow.
func Steps() []Step {
	return []Step{
		Invoice, PreReminder, Reminder1, Reminder2, FinalReminder, FourteenDayLetter, StatutoryNotice,
		CaseOpened, SummonsReminder, PlanOffer, Summons2, PreJudicial,
		PaymentReceived, PaymentReversed, DisputeReceived, PortalCode,
		DebitNotice, DebitRetry, DebitFailed, DebitReversed, MandateEnded,
		PlanStarted, PlanRefused, InstalmentDue, InstalmentWarning, PlanBroken, PlanCompleted, PromiseNoted, DisputeAnswered, PaidNotFound,
		CaseStatement, CostsRemain, Interruption,
	}
}

// Demands reports whether the step asks for payment of what is due, so that it
// needs an amount above zero.
func (s Step) Demands() bool {
	switch s {
	case Reminder1, Reminder2, FinalReminder, FourteenDayLetter, StatutoryNotice, CaseOpened, SummonsReminder, PlanOffer, Summons2, PreJudicial, CostsRemain, Interruption:
		return true
	}
	return false
}

// Statutory reports whether the step is a notice whose text is the law's.
func (s Step) Statutory() bool { return s == FourteenDayLetter || s == StatutoryNotice }

// arranges reports whether the step is about an arrangement, whose invoices may
// be settled by now.
func (s Step) arranges() bool {
	switch s {
	case DisputeReceived, PlanStarted, PlanRefused, InstalmentDue, InstalmentWarning, PlanBroken, PlanCompleted, DisputeAnswered:
		return true
	}
	return false
}

// needsPlan reports whether the step says something of a plan.
func (s Step) needsPlan() bool {
	switch s {
	case PlanStarted, InstalmentDue, InstalmentWarning, PlanBroken, PlanCompleted:
		return true
	}
	return false
}

// chargeable reports whether costs may be part of the demand: from the case on
// (for consumers after the notice of 6:96 lid 6 BW, R93).
func (s Step) chargeable() bool {
	switch s {
	case StatutoryNotice, CaseOpened, SummonsReminder, PlanOffer, Summons2, PreJudicial, PaymentReceived, PaymentReversed, DisputeReceived, CaseStatement, CostsRemain, Interruption:
		return true
	}
	return false
}
