package policy

import (
	"time"

	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

// DefaultMinInterval is the least number of days between two reminders where
// the tenant chose none (R15).
const DefaultMinInterval = 7

// State is all that the next step of one invoice depends on, at one moment.
type State struct {
	Now  time.Time
	Zone *time.Location // of the administration; its days count
	// DebtorZone is where quiet hours are kept (R14); nil for Zone.
	DebtorZone *time.Location
	Days       calendar.Days // of creditor and debtor country
	// Seed spreads slots within the first quarter of an hour of a window. Give
	// all invoices of a debtor the same, so that they wake together.
	Seed uint32

	Kind   sdk.InvoiceKind
	Issued date.Date
	Due    date.Date
	Claim  receivable.Claim

	// SourceSent says that the books sent the invoice themselves (R18).
	SourceSent bool
	// GoLive is the first day on which anything may be sent (R16).
	GoLive date.Date
	// Entry is where an invoice from before GoLive enters the flow.
	Entry StepID

	// Done holds the steps that are behind the invoice in this cycle.
	Done map[StepID]Done
	// LastReminder is the day of the last reminder to this debtor, for whatever
	// invoice (R15). Invoices and pre-reminders are none.
	LastReminder date.Date
	// NotBefore is set when the due date moved earlier (R22) or a part was paid
	// (R34), with the rule that set it.
	NotBefore     date.Date
	NotBeforeRule string
	// Reversed is the day on which a payment was undone, while the debtor has yet
	// to be told (R26).
	Reversed date.Date
	// Resume is the step at which an arrangement held the flow, while the flow has
	// yet to take it: a promise or a plan that ended skips nothing (R69, R78).
	Resume StepID
	// Firmer asks the next demand to speak one tone higher, since a promise was
	// broken (R69).
	Firmer bool
	// Delayed are the steps that were held back to measure them, and until when.
	Delayed map[StepID]date.Date
	// MinInterval is the least number of days between two reminders.
	MinInterval int
	// Sending narrows the days and hours in which anything leaves; its interval
	// is not read here.
	Sending Sending
	// Debtor is what the conditions of steps ask about.
	Debtor Debtor
	// Approved are the steps that a person allowed in this cycle.
	Approved map[StepID]bool
	// ApproveCases is the last day on which a case needs a person's approval.
	ApproveCases date.Date

	// CostsFrom is the first day on which costs are due after a valid statutory
	// notice; zero without one.
	CostsFrom date.Date
	// CaseOpened is the day of the case; zero without one.
	CaseOpened date.Date
}

// Done is a step that is behind an invoice.
type Done struct {
	Outcome string // one of the Done constants
	On      date.Date
	ByPost  bool // its message is a letter and nothing faster
}

// What can become of a step.
const (
	DoneSent    = "sent"    // its message went out
	DoneByHand  = "by_hand" // a person did it outside the flow (R11)
	DoneMerged  = "merged"  // it went along in the message of another step
	DoneSkipped = "skipped" // passed over for good
	DoneTask    = "done"    // put on a person's list
	DoneParked  = "parked"  // it may have left; a person looks at it (R9)
)

// PostDays is how long a letter may take: posted before a weekend, it is there
// within five days.
const PostDays = 5

// travels is how many days its message takes to the debtor (R51).
func (d Done) travels() int {
	if d.ByPost {
		return PostDays
	}
	return 0
}

// reached reports whether a done step put something before the debtor.
func (d Done) reached() bool {
	return d.Outcome == DoneSent || d.Outcome == DoneByHand || d.Outcome == DoneMerged
}

// Overdue reports whether the due day is over in the administration's zone (R12).
func (s State) Overdue() bool { return calendar.Overdue(s.Due, s.Now, s.Zone) }

// HasInvoice reports whether the debtor has the invoice, from us, from the books
// or from the time before go-live (R17, R18).
func (s State) HasInvoice() bool {
	_, sent := s.Done[SendInvoice]
	return sent || s.SourceSent || s.old()
}

// Demandable reports whether payment may be asked: the due day is over, and so
// is the time that an invoice sent late leaves to pay it (R12, R17).
func (s State) Demandable() bool {
	return s.Overdue() && s.HasInvoice() && s.today().After(s.dueForSteps())
}

func (s State) today() date.Date { return date.Of(s.Now.In(s.Zone)) }

// old reports whether the invoice is from before Voldaan was switched on.
func (s State) old() bool { return s.Issued.Before(s.GoLive) }

// settled reports whether nothing is to be paid, now or ever.
func (s State) settled() bool { return !s.Claim.Total.Positive() || !s.Claim.Open().Positive() }

// dueForSteps is the day that steps count from: the due date, but never so soon
// that an invoice sent late leaves the debtor less than the agreed term or the
// minimum interval, whichever is shorter (R17).
func (s State) dueForSteps() date.Date {
	sent, ok := s.Done[SendInvoice]
	if !ok || !sent.reached() || s.Due.IsZero() || !sent.On.After(s.Days.Next(s.Issued)) {
		return s.Due
	}
	term := min(s.MinInterval, max(0, s.Due.DaysSince(s.Issued)))
	return date.Later(s.Due, sent.On.AddDays(term))
}

// lastAsked returns the last step that asked the debtor to pay this invoice, and
// its day. A parked message counts, since it may have arrived.
func (s State) lastAsked(f Flow) (last Step, on date.Date) {
	for _, step := range f.Steps {
		d, ok := s.Done[step.ID]
		if ok && step.Demand && (d.reached() || d.Outcome == DoneParked) && !d.On.Before(on) {
			last, on = step, d.On
		}
	}
	return last, on
}

// Phase returns how far the invoice is by the steps behind it. It falls back to
// sent when the due date moved into the future (R21).
func Phase(f Flow, s State) receivable.Phase {
	phase := receivable.Draft
	reach := func(p receivable.Phase) {
		if p.Beyond(phase) {
			phase = p
		}
	}
	if s.SourceSent || s.old() {
		reach(receivable.Sent)
	}
	if !s.CaseOpened.IsZero() {
		reach(receivable.Case)
	}
	for _, step := range f.Steps {
		if d, ok := s.Done[step.ID]; ok && d.Outcome != DoneSkipped && d.Outcome != DoneParked {
			reach(step.Phase)
		}
	}
	if !s.Overdue() && phase.Beyond(receivable.Sent) && s.CaseOpened.IsZero() {
		return receivable.Sent
	}
	return phase
}
