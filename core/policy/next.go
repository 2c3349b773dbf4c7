package policy

import (
	"fmt"
	"slices"
	"time"

	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

// Plan is what comes next for an invoice. Without a Step nothing does, and Why
// says so.
type Plan struct {
	Step  StepID
	Title string
	At    time.Time
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
	}
	if p, ok := sendFirst(f, s); ok {
		return p
	}
	if !s.Claim.Total.Positive() || !s.Claim.Open().Positive() {
		return Plan{Rule: "R20", Why: "Nothing is owed on this invoice, so it is never reminded."}
	}
	return nextStep(f, s)
}

// sendFirst plans the invoice itself when the debtor does not have it (R17).
func sendFirst(f Flow, s State) (Plan, bool) {
	step, ok := f.Step(SendInvoice)
	_, done := s.Done[SendInvoice]
	if !ok || done || s.SourceSent || s.old() {
		return Plan{}, false
	}
	rule, why := "flow", "The invoice has not been sent yet."
	if s.Overdue() {
		rule, why = "R17", "The debtor never got this invoice: it goes out first, and reminders count from then."
	}
	day := date.Later(date.Later(s.Issued, s.GoLive), s.today())
	return Plan{Step: step.ID, Title: step.Title, At: s.slot(step, day), Rule: rule, Why: why}, true
}

func nextStep(f Flow, s State) Plan {
	var p Plan
	i := firstOpen(f, s)
	for ; i < len(f.Steps); i++ {
		step := f.Steps[i]
		if step.ID == SendInvoice {
			continue
		}
		if skip, ok := s.skips(f, i); ok {
			p.Skipped = append(p.Skipped, skip)
			continue
		}
		nominal, why := s.nominal(step)
		if nominal.IsZero() {
			p.Rule, p.Why = "flow", why
			return p
		}
		day, rule, reason := s.shift(step, nominal)
		p.Step, p.Title, p.Rule, p.Why = step.ID, step.Title, rule, reason
		p.At = s.slot(step, day)
		return p
	}
	p.Rule, p.Why = "flow", "All steps of the flow are behind this invoice."
	return p
}

// firstOpen returns the place of the first step after those that are done; old
// items begin at the chosen entry, never at a final notice or a case (R16).
func firstOpen(f Flow, s State) int {
	first := 0
	for i, step := range f.Steps {
		if _, done := s.Done[step.ID]; done {
			first = i + 1
		}
	}
	if first == 0 && s.old() {
		entry := f.index(s.Entry)
		if entry >= 0 && !f.Steps[entry].Phase.Beyond(receivable.Reminding) {
			return entry
		}
		return f.index(Reminder1)
	}
	return first
}

// skips tells whether step i is passed over: too small an amount, a pre-reminder
// after the due date, or a message that a later one overtook (R8).
func (s State) skips(f Flow, i int) (Skip, bool) {
	step := f.Steps[i]
	if step.MinMinor > s.Claim.Open().Minor {
		return Skip{step.ID, "flow", fmt.Sprintf("Only for amounts of at least %s.", amountText(step.MinMinor, s))}, true
	}
	if step.From == FromDue && step.Offset < 0 && (s.Overdue() || s.nominalBefore(step, s.today())) {
		return Skip{step.ID, "R8", "Its moment before the due date had passed."}, true
	}
	if step.Statutory || step.Bookkeeping() || step.Phase.Beyond(receivable.Reminding) {
		return Skip{}, false
	}
	for _, later := range f.Steps[i+1:] {
		if later.Bookkeeping() || later.MinMinor > s.Claim.Open().Minor {
			continue
		}
		if later.Statutory || later.Phase.Beyond(receivable.Reminding) {
			break
		}
		if s.nominalReached(later) {
			return Skip{step.ID, "R8", fmt.Sprintf("%s was due as well; the debtor gets one message, the latest.", later.Title)}, true
		}
	}
	return Skip{}, false
}

func (s State) nominalReached(step Step) bool {
	n, _ := s.nominal(step)
	return !n.IsZero() && !n.After(s.today())
}

func (s State) nominalBefore(step Step, d date.Date) bool {
	n, _ := s.nominal(step)
	return !n.IsZero() && n.Before(d)
}

// nominal returns the day of the flow's own offset, or why there is none yet.
func (s State) nominal(step Step) (date.Date, string) {
	switch step.From {
	case FromIssue:
		return s.Issued.AddDays(step.Offset), ""
	case FromDue:
		return s.dueForSteps().AddDays(step.Offset), ""
	case FromNotice:
		if s.CostsFrom.IsZero() {
			return date.Date{}, "Waits for a valid statutory notice whose term has run out (R93)."
		}
		return date.Later(s.CostsFrom.AddDays(step.Offset), s.Due.AddDays(1)), ""
	case FromCase:
		if s.CaseOpened.IsZero() {
			return date.Date{}, "Waits for the case to be opened."
		}
		return s.CaseOpened.AddDays(step.Offset), ""
	}
	return date.Date{}, "The flow names no anchor for this step."
}

// shift moves a day for the rules that keep distance, and for days on which
// nothing is sent. The rule of the last move is the one to show.
func (s State) shift(step Step, nominal date.Date) (day date.Date, rule, why string) {
	day, rule, why = nominal, "flow", s.anchorText(step)
	move := func(to date.Date, r, reason string) {
		if to.After(day) {
			day, rule, why = to, r, reason
		}
	}
	if today := s.today(); nominal.Before(today) {
		move(today, "R8", "Its day has passed; it goes at the next moment that is allowed.")
	}
	move(s.NotBefore, s.NotBeforeRule, notBeforeText[s.NotBeforeRule])
	if step.Demand {
		if own := s.lastOwn(); !own.IsZero() {
			move(own.AddDays(s.MinInterval), "R13", fmt.Sprintf("At least %d days after the step before it.", s.MinInterval))
		}
		if !step.Statutory && !s.LastReminder.IsZero() {
			move(s.LastReminder.AddDays(s.MinInterval), "R15", fmt.Sprintf("The debtor had a reminder on %s; at least %d days lie between two.", s.LastReminder, s.MinInterval))
		}
	}
	if step.Bookkeeping() {
		return day, rule, why
	}
	allowed := day
	for !s.mayGo(step, allowed) {
		allowed = allowed.AddDays(1)
	}
	if allowed != day {
		reason := fmt.Sprintf("%s is no sending day (%s).", day, s.Days.Why(day))
		if s.Days.IsSendingDay(day) {
			reason = "This letter is posted from Monday to Thursday, so that its receipt can be counted on."
		}
		move(allowed, "R13", reason)
	}
	return day, rule, why
}

var notBeforeText = map[string]string{
	"R22": "The due date moved earlier; nothing follows before the next sending day.",
	"R34": "A part was paid; the same step follows after the minimum interval.",
	"R26": "A payment was undone; the debtor gets the minimum interval again.",
	"R65": "A pause ended; the next step follows after the minimum interval.",
}

func (s State) mayGo(step Step, d date.Date) bool {
	return s.Days.IsSendingDay(d) && (len(step.Post) == 0 || slices.Contains(step.Post, d.Weekday()))
}

func (s State) slot(step Step, day date.Date) time.Time {
	if step.Bookkeeping() {
		return later(day.At(9, 0, s.Zone), s.Now)
	}
	w := calendar.DefaultWindow(step.Channels[0])
	spread := time.Duration(s.Seed%15) * time.Minute
	at := calendar.Slot(day, w, s.Zone, s.Days).Add(spread)
	if at.Before(s.Now) {
		at = s.Days.NextSlot(s.Now, w, s.Zone)
	}
	return at
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (s State) anchorText(step Step) string {
	day := map[Anchor]string{
		FromIssue: "the invoice date", FromDue: "the due date",
		FromNotice: "the day costs are due from", FromCase: "the opening of the case",
	}[step.From]
	switch {
	case step.Offset == 0:
		return "On " + day + "."
	case step.Offset < 0:
		return fmt.Sprintf("%s before %s.", days(-step.Offset), day)
	}
	return fmt.Sprintf("%s after %s.", days(step.Offset), day)
}

func days(n int) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}
