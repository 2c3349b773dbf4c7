package policy

import (
	"maps"
	"time"

	"github.com/voldaan/voldaan/sdk/date"
)

// Foreseen is a step that follows if nobody pays, writes or pauses.
type Foreseen struct {
	Step Step
	At   time.Time // zero for a step that goes along with another message
	Rule string
	Why  string
}

// Path returns the steps that are still ahead of an invoice, at most so many,
// with the functions that plan them. costsFrom gives the first day on which costs
// are due after a statutory notice of a day; the path ends where it knows none.
// It is pure.
func Path(f Flow, s State, most int, costsFrom func(posted date.Date) date.Date) (out []Foreseen) {
	s.Done = maps.Clone(s.Done)
	if s.Done == nil {
		s.Done = map[StepID]Done{}
	}
	for len(out) < most {
		next := Next(f, s)
		step, ok := f.Step(next.Step)
		if !ok {
			return out
		}
		out = append(out, Foreseen{Step: step, At: next.At, Rule: next.Rule, Why: next.Why})
		if next.At.IsZero() {
			return out
		}
		s.take(step, next, costsFrom)
	}
	return out
}

// take puts a step behind the state, in thought.
func (s *State) take(step Step, next Plan, costsFrom func(date.Date) date.Date) {
	on := date.Of(next.At.In(s.Zone))
	for _, skip := range next.Skipped {
		s.Done[skip.Step] = Done{Outcome: DoneSkipped, On: on}
	}
	s.Done[step.ID] = Done{Outcome: DoneSent, On: on, ByPost: ByPost(step.Channels)}
	if step.Bookkeeping() {
		s.Done[step.ID] = Done{Outcome: DoneTask, On: on}
	}
	if step.Demand {
		s.LastReminder = on
	}
	if step.ID == PaymentReversed {
		s.Reversed = date.Date{}
	}
	switch {
	case step.ID == OpenCase:
		s.CaseOpened = on
	case step.Statutory:
		s.CostsFrom = costsFrom(on)
	}
	s.Now = next.At.Add(time.Minute)
}
