package policy

import (
	"slices"
	"time"

	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/sdk/date"
)

// Sending says when messages leave: settings of an administration, or of a flow
// that has its own.
type Sending struct {
	// MinInterval is the least number of days between two reminders (R15); zero
	// where nothing was chosen.
	MinInterval int
	// Weekdays are the days on which anything leaves; empty for Monday to Friday.
	Weekdays []time.Weekday
	// Hours are the windows of channels with hours of their own (R14).
	Hours map[Channel]calendar.Window
	// OwnHolidaysOnly leaves out the holidays of the debtor's country (R13).
	OwnHolidaysOnly bool
}

// Over returns the settings of s where it has any, and else those of base.
func (s Sending) Over(base Sending) Sending {
	out := base
	if s.MinInterval > 0 {
		out.MinInterval = s.MinInterval
	}
	if len(s.Weekdays) > 0 {
		out.Weekdays = s.Weekdays
	}
	if len(s.Hours) > 0 {
		out.Hours = map[Channel]calendar.Window{}
		for c, w := range base.Hours {
			out.Hours[c] = w
		}
		for c, w := range s.Hours {
			out.Hours[c] = w
		}
	}
	out.OwnHolidaysOnly = s.OwnHolidaysOnly || base.OwnHolidaysOnly
	return out
}

// leaves reports whether anything leaves on the weekday of a day.
func (s Sending) leaves(d date.Date) bool {
	return len(s.Weekdays) == 0 || slices.Contains(s.Weekdays, d.Weekday())
}

// window returns the hours in which all of the channels may be used; those of
// the first where they have none in common.
func (s Sending) window(channels []Channel) calendar.Window {
	if len(channels) == 0 {
		return s.of(Email)
	}
	w := s.of(channels[0])
	for _, c := range channels[1:] {
		if both, ok := overlap(w, s.of(c)); ok {
			w = both
		}
	}
	return w
}

// Opening returns t when a channel may be used then, and otherwise the next moment
// at which it may (R13, R14). The answer is in the zone.
func (s Sending) Opening(days calendar.Days, c Channel, t time.Time, zone *time.Location) time.Time {
	for {
		t = days.NextSlot(t, s.of(c), zone)
		day := date.Of(t)
		if s.leaves(day) {
			return t
		}
		t = day.AddDays(1).In(zone)
	}
}

func (s Sending) of(c Channel) calendar.Window {
	if w, ok := s.Hours[c]; ok {
		return w
	}
	return calendar.DefaultWindow(c)
}

func overlap(a, b calendar.Window) (calendar.Window, bool) {
	switch {
	case a == calendar.Window{}:
		return b, true
	case b == calendar.Window{}:
		return a, true
	}
	w := calendar.Window{From: max(a.From, b.From), To: min(a.To, b.To)}
	return w, w.From < w.To
}
