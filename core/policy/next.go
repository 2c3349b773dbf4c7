package policy

import (
	"fmt"
	"time"

	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

// Plan is what comes next for an invoice. Without a Step nothing does, and Why
// says so.
type Plan struct {
	Step  StepID
	Title string
	// At is zero for a step that goes along with another message.
	At time.Time
	// Rule is the domain rule that set the moment, "flow" for the plain offset.
	Rule    string
	Why     string
	Skipped []Skip
}

// Skip is a step that is passed over for good.
type Skip struct {
	Step StepID
	Rule string
	Why  string
}

// Next returns the step that comes next and its moment. It is pure: the same
// flow and state give the same plan.
func Next(f Flow, s State) Plan {
	switch {
	case s.Kind == sdk.CreditNote:
		return Plan{Rule: "R38", Why: "A credit note asks nothing; it lowers what other invoices ask."}
	case s.GoLive.IsZero():
		return Plan{Rule: "R16", Why: "Nothing is sent before a go-live date is chosen for this administration."}
	case s.Claim.Total.Positive() && s.settled():
		return Plan{Rule: "R1", Why: "Nothing is open on this invoice."}
	}
	if p, ok := sendFirst(f, s); ok {
		return p
	}
	if p, ok := tellReversed(s); ok {
		return p
	}
	if s.settled() {
		return Plan{Rule: "R20", Why: "Nothing is owed on this invoice, so it is never reminded."}
	}
	return nextStep(f, s)
}

// sendFirst plans the invoice itself when the debtor does not have it (R17).
func sendFirst(f Flow, s State) (Plan, bool) {
	step, ok := f.Step(SendInvoice)
	if !ok || s.HasInvoice() {
		return Plan{}, false
	}
	if s.settled() && !s.applies(step) {
		return Plan{Rule: "R20", Why: "Nothing is owed on this invoice, and its flow sends none of those. " + s.whenText(step)}, true
	}
	p := Plan{Step: step.ID, Title: step.Title, Rule: "flow", Why: "The invoice has not been sent yet."}
	if s.Overdue() {
		p.Rule, p.Why = "R17", "The debtor never got this invoice: it goes out first, and reminders count from then."
	}
	day := date.Later(date.Later(s.Issued, s.GoLive), s.today())
	if s.NotBeforeRule == "R53" && s.NotBefore.After(day) {
		day, p.Rule, p.Why = s.NotBefore, "R53", s.notBeforeText()
	}
	p.At = s.slot(step, day)
	return p, true
}

// tellReversed plans the word that a payment was undone, on the next sending day:
// a booking that is undone and done again within a day reaches nobody (R26).
func tellReversed(s State) (Plan, bool) {
	if s.Reversed.IsZero() || s.settled() {
		return Plan{}, false
	}
	day := date.Later(s.Days.Add(s.Reversed, 1), s.today())
	return Plan{
		Step: reversal.ID, Title: reversal.Title, At: s.slot(reversal, day), Rule: "R26",
		Why: "A payment was undone. The debtor is told first, and nothing else follows before the minimum interval.",
	}, true
}

func nextStep(f Flow, s State) Plan {
	var p Plan
	first, entry := s.begin(f)
	for i := first; i < len(f.Steps); i++ {
		step := f.Steps[i]
		if step.ID == SendInvoice {
			continue
		}
		nominal, why := s.nominal(f, step)
		if step.From == FromNext {
			p.Step, p.Title, p.Rule, p.Why = step.ID, step.Title, "flow", why
			return p
		}
		if nominal.IsZero() {
			p.Rule, p.Why = "flow", why
			return p
		}
		day := s.place(f, step, nominal)
		if skip, ok := s.skips(f, i, day, i == entry); ok {
			p.Skipped = append(p.Skipped, skip)
			continue
		}
		day = s.catchUp(step, day, i == entry)
		at := s.slot(step, day.on)
		if on := date.Of(at.In(s.Zone)); on.After(day.on) {
			day.rule, day.why = "R14", "The hours in which messages are sent are over for the day before."
		}
		p.Step, p.Title, p.At, p.Rule, p.Why = step.ID, step.Title, at, day.rule, day.why
		return p
	}
	p.Rule, p.Why = "flow", "All steps of the flow are behind this invoice."
	return p
}

// begin returns the place of the first step after those that are done. Old items
// with none begin at the chosen entry, never at a final notice or a case (R16);
// entry is the step at which they do, -1 for every other invoice.
func (s State) begin(f Flow) (first, entry int) {
	for i, step := range f.Steps {
		if _, done := s.Done[step.ID]; done {
			first = i + 1
		}
	}
	first = max(first, s.behind(f))
	if first > 0 || !s.old() {
		return first, -1
	}
	if i := f.index(s.Entry); i >= 0 && !f.Steps[i].Phase.Beyond(receivable.Reminding) {
		first = i
	} else {
		first = max(0, f.index(Reminder1))
	}
	for i := first; i < len(f.Steps); i++ {
		if f.Steps[i].Demand {
			return first, i
		}
	}
	return first, -1
}

// behind returns the place of the first step whose day comes after the steps
// that another flow took of this invoice: what was due before then is behind it
// (R118).
func (s State) behind(f Flow) int {
	var last date.Date
	for id, d := range s.Done {
		if f.index(id) < 0 && id != PaymentReversed && d.Outcome != DoneSkipped {
			last = date.Later(last, d.On)
		}
	}
	if last.IsZero() {
		return 0
	}
	first := 0
	for i, step := range f.Steps {
		day, _ := s.nominal(f, step)
		if day.IsZero() || day.After(last) || step.Statutory || step.Phase.Beyond(receivable.Reminding) {
			break
		}
		first = i + 1
	}
	return first
}

// skips tells whether step i is passed over for good, given the day it was to
// take place on. A message that was missed is when a later reminder has become
// due as well; what waited for our own rules was not missed.
func (s State) skips(f Flow, i int, day placed, entry bool) (Skip, bool) {
	step := f.Steps[i]
	switch {
	case step.Statutory:
		return Skip{}, false
	case !s.applies(step):
		return Skip{step.ID, "flow", s.whenText(step)}, true
	case len(step.Channels) == 0:
		return Skip{step.ID, "R58", "There is no number or address to reach the debtor in this way; the flow goes on."}, true
	case step.ahead():
		return s.skipsAhead(step, day)
	case step.Bookkeeping(), entry, step.ID == s.Resume, !day.on.Before(s.today()):
		return Skip{}, false
	}
	if later, ok := s.overtaker(f, i); ok {
		return Skip{step.ID, "R8", fmt.Sprintf("%s was due as well; the debtor gets one message, the latest.", later.Title)}, true
	}
	return Skip{}, false
}

// skipsAhead passes over a step that speaks of a due date to come when there is
// no good moment left for it.
func (s State) skipsAhead(step Step, day placed) (Skip, bool) {
	switch nominal, _ := s.nominal(Flow{}, step); {
	case day.on.Before(s.today()) || s.Overdue():
		return Skip{step.ID, "R8", "Its moment before the due date had passed."}, true
	case !day.on.Before(s.Due):
		return Skip{step.ID, "R13", "No sending day is left for it before the due date."}, true
	case !nominal.After(s.invoiced()):
		return Skip{step.ID, "flow", "The debtor has only just had the invoice."}, true
	case s.reminded(day.on):
		return Skip{step.ID, "R15", s.remindedText()}, true
	}
	return Skip{}, false
}

// overtaker returns the later reminder that has become due while step i waited
// (R8). A final notice or a case overtakes nothing: the debtor is warned first.
func (s State) overtaker(f Flow, i int) (Step, bool) {
	for _, later := range f.Steps[i+1:] {
		if later.Statutory || later.Phase.Beyond(receivable.Reminding) {
			break
		}
		if !later.Demand || !s.applies(later) || later.From == FromNext {
			continue
		}
		if n, _ := s.nominal(f, later); !n.IsZero() && !n.After(s.today()) {
			return later, true
		}
	}
	return Step{}, false
}

// invoiced is the day on which the debtor got the invoice, as far as is known.
func (s State) invoiced() date.Date {
	if d, ok := s.Done[SendInvoice]; ok {
		return d.On
	}
	return s.Issued
}

// reminded reports whether a day is too soon after the debtor's last reminder
// (R15).
func (s State) reminded(on date.Date) bool {
	return !s.LastReminder.IsZero() && on.Before(s.LastReminder.AddDays(s.MinInterval))
}
