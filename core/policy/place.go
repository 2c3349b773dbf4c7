package policy

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/voldaan/voldaan/sdk/date"
)

// placed is a day for a step, with the rule that set it.
type placed struct {
	on        date.Date
	rule, why string
}

// after moves the day when to is later. The rule of the last move is the one to
// show.
func (p *placed) after(to date.Date, rule, why string) {
	if to.After(p.on) {
		p.on, p.rule, p.why = to, rule, why
	}
}

// nominal returns the day of the flow's own offset, or why there is none yet.
func (s State) nominal(f Flow, step Step) (date.Date, string) {
	switch step.From {
	case FromIssue:
		return s.Issued.AddDays(step.Offset), ""
	case FromDue:
		if s.Due.IsZero() {
			return date.Date{}, "The invoice has no due date; reminders count from one."
		}
		return s.dueForSteps().AddDays(step.Offset), ""
	case FromMonthEnd:
		if s.Due.IsZero() {
			return date.Date{}, "The invoice has no due date; reminders count from one."
		}
		return monthEnd(s.dueForSteps()).AddDays(step.Offset), ""
	case FromPrevious:
		return s.afterPrevious(f, step)
	case FromNext:
		return date.Date{}, "It goes along with the next message to this debtor."
	case FromNotice:
		if s.CostsFrom.IsZero() {
			return date.Date{}, "Waits for a valid statutory notice whose term has run out (R93)."
		}
		return s.CostsFrom.AddDays(step.Offset), ""
	case FromCase:
		if s.CaseOpened.IsZero() {
			return date.Date{}, "Waits for the case to be opened."
		}
		return s.CaseOpened.AddDays(step.Offset), ""
	}
	return date.Date{}, "The flow names no anchor for this step."
}

// afterPrevious counts from the day of the step before, or from the day that it
// would have had where it was passed over.
func (s State) afterPrevious(f Flow, step Step) (date.Date, string) {
	i := f.index(step.ID)
	if i < 1 {
		return date.Date{}, "There is no step before it to count from."
	}
	before := f.Steps[i-1]
	if d, done := s.Done[before.ID]; done && d.Outcome != DoneSkipped {
		return d.On.AddDays(step.Offset), ""
	}
	day, why := s.nominal(f, before)
	if day.IsZero() {
		return day, why
	}
	return day.AddDays(step.Offset), ""
}

func monthEnd(d date.Date) date.Date { return date.New(d.Year(), d.Month()+1, 1).AddDays(-1) }

// place moves the flow's own day for the rules that keep distance and for days
// on which nothing is sent. The answer does not depend on today, so it is in the
// past when the step was missed.
func (s State) place(f Flow, step Step, nominal date.Date) placed {
	day := placed{nominal, "flow", s.anchorText(step)}
	day.after(s.GoLive, "R16", "Nothing is sent before the go-live date of this administration.")
	day.after(s.NotBefore, cmp.Or(s.NotBeforeRule, "flow"), s.notBeforeText())
	if before, on := s.lastAsked(f); !on.IsZero() {
		gap := s.gap(before, step)
		day.after(on.AddDays(gap), "R13", fmt.Sprintf("At least %s after %s.", days(gap), lower(before.Title)))
		travels := s.Done[before.ID].travels()
		if travels > 0 && !step.Bookkeeping() {
			day.after(on.AddDays(gap+travels), "R51", fmt.Sprintf("At least %s after %s, which went by letter.", days(gap+travels), lower(before.Title)))
		}
		if before.Term > 0 {
			over := s.Days.Next(on.AddDays(before.Term + travels)).AddDays(1)
			day.after(over, "R13", fmt.Sprintf("The %s to pay of %s have to be over.", days(before.Term), lower(before.Title)))
		}
	}
	if step.Demand {
		day.after(s.dueForSteps().AddDays(1), "R12", "The due day has to be over.")
		if !step.Statutory && !s.LastReminder.IsZero() {
			day.after(s.LastReminder.AddDays(s.MinInterval), "R15", s.remindedText())
		}
	}
	if until := s.Delayed[step.ID]; !until.IsZero() {
		day.after(until, HeldBack, heldBackText(until.String()))
	}
	s.settle(step, &day)
	return day
}

// catchUp moves a day that has passed to the next one that is allowed (R8).
func (s State) catchUp(step Step, day placed, entry bool) placed {
	if !day.on.Before(s.today()) {
		return day
	}
	if entry {
		day.after(s.today(), "R16", "It is from before go-live: it enters the flow at this step.")
	} else {
		day.after(s.today(), "R8", "Its day has passed; it goes at the next moment that is allowed.")
	}
	s.settle(step, &day)
	return day
}

// settle moves a day to the first one on which the step may take place (R13).
func (s State) settle(step Step, day *placed) {
	allowed := day.on
	for !s.allowed(step, allowed) {
		allowed = allowed.AddDays(1)
	}
	day.after(allowed, "R13", s.forbidden(day.on))
}

// gap is the least number of days between a demand and the step after it. A task
// or a call keeps the flow's own distance where that is shorter.
func (s State) gap(before, step Step) int {
	if step.Demand {
		return s.MinInterval
	}
	switch {
	case before.From == step.From:
		return min(s.MinInterval, max(0, step.Offset-before.Offset))
	case before.ID == OpenCase && step.From == FromCase:
		return min(s.MinInterval, step.Offset)
	}
	return s.MinInterval
}

// allowed reports whether the step may take place on a day.
func (s State) allowed(step Step, d date.Date) bool {
	return s.Days.IsSendingDay(d) && s.Sending.leaves(d) && (len(step.Post) == 0 || slices.Contains(step.Post, d.Weekday()))
}

// forbidden says why a day is not allowed.
func (s State) forbidden(d date.Date) string {
	if why := s.Days.Why(d); why != "" {
		return fmt.Sprintf("%s is no sending day (%s).", d, why)
	}
	if !s.Sending.leaves(d) {
		return fmt.Sprintf("On a %s nothing leaves; other days were chosen for sending.", d.Weekday())
	}
	return fmt.Sprintf("On a %s this letter is not posted, so that its receipt can be counted on.", d.Weekday())
}
