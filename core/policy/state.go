package policy

import (
	"time"

	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

// State is all that the next step of one invoice depends on, at one moment.
type State struct {
	Now  time.Time
	Zone *time.Location // of the administration
	Days calendar.Days  // of creditor and debtor country
	// Seed spreads slots within the first quarter of an hour of a window.
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
	// invoice (R15).
	LastReminder date.Date
	// NotBefore is set when the due date moved earlier (R22) or a part was paid
	// (R34), with the rule that set it.
	NotBefore     date.Date
	NotBeforeRule string
	// MinInterval is the least number of days between two reminders.
	MinInterval int

	// CostsFrom is the first day on which costs are due after a valid statutory
	// notice; zero without one.
	CostsFrom date.Date
	// CaseOpened is the day of the case; zero without one.
	CaseOpened date.Date
}

// Done is a step that is behind an invoice.
type Done struct {
	Outcome string // sent, by_hand, skipped, merged, done, parked
	On      date.Date
}

// reached reports whether a done step put something before the debtor.
func (d Done) reached() bool {
	return d.Outcome == "sent" || d.Outcome == "by_hand" || d.Outcome == "merged"
}

func (s State) today() date.Date { return date.Of(s.Now.In(s.Zone)) }

// Overdue reports whether the due day is over in the administration's zone (R12).
func (s State) Overdue() bool { return calendar.Overdue(s.Due, s.Now, s.Zone) }

// old reports whether the invoice is from before Voldaan was switched on.
func (s State) old() bool { return s.Issued.Before(s.GoLive) }

// lastOwn returns the day of the last step that reached the debtor.
func (s State) lastOwn() date.Date {
	var last date.Date
	for id, d := range s.Done {
		if d.reached() && id != SendInvoice {
			last = date.Later(last, d.On)
		}
	}
	return last
}

// dueForSteps is the day that steps count from: the due date, but never so soon
// that an invoice sent late leaves less than the minimum interval (R17).
func (s State) dueForSteps() date.Date {
	if sent, ok := s.Done[SendInvoice]; ok && sent.Outcome == "sent" {
		return date.Later(s.Due, sent.On.AddDays(min(s.MinInterval, max(0, s.Due.DaysSince(s.Issued)))))
	}
	return s.Due
}

// Phase returns how far the invoice is by the steps behind it. It falls back to
// sent when the due date moved into the future (R21).
func Phase(f Flow, s State) receivable.Phase {
	phase := receivable.Draft
	if s.SourceSent || s.old() {
		phase = receivable.Sent
	}
	for _, step := range f.Steps {
		if d, ok := s.Done[step.ID]; ok && d.Outcome != "skipped" && d.Outcome != "parked" && step.Phase.Beyond(phase) {
			phase = step.Phase
		}
	}
	if !s.Overdue() && phase.Beyond(receivable.Sent) && s.CaseOpened.IsZero() {
		return receivable.Sent
	}
	return phase
}
