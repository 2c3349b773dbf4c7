package policy

import (
	"time"

	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/sdk/date"
)

// taskHour is when a task appears on the list of its day.
const taskHour = 9

// slot returns the first moment, on a day or after it but not before now, for a
// step to take place.
func (s State) slot(step Step, day date.Date) time.Time {
	if step.Bookkeeping() {
		return later(day.At(taskHour, 0, s.Zone), s.Now)
	}
	spread := time.Duration(s.Seed%900)*time.Second + step.turn()
	if at := s.opening(step, day.In(s.Zone)).Add(spread); !at.Before(s.Now) {
		return at
	}
	at := s.opening(step, s.Now)
	if at.After(s.Now) {
		at = at.Add(spread)
	}
	return at
}

// turn lets a debtor's gravest message wake first: what is less grave goes along
// with it or waits (R15, R43), instead of holding it up for an interval.
func (s Step) turn() time.Duration {
	switch {
	case s.ahead():
		return 30 * time.Minute
	case s.Demand && !s.Phase.Beyond(receivable.Reminding):
		return 15 * time.Minute
	}
	return 0
}

// opening returns t when the step may take place then, and otherwise the next
// moment at which it may (R13, R14).
func (s State) opening(step Step, t time.Time) time.Time {
	zone := s.DebtorZone
	if zone == nil {
		zone = s.Zone
	}
	for {
		t = s.Days.NextSlot(t, s.Sending.window(step.Channels), zone).In(s.Zone)
		day := date.Of(t)
		if s.allowed(step, day) {
			return t
		}
		t = day.AddDays(1).In(s.Zone)
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
