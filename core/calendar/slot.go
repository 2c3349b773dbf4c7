package calendar

import (
	"time"

	"github.com/voldaan/voldaan/sdk/date"
)

// Slot returns the first moment at which a channel may be used on the day or,
// when nothing may be sent on it, on the next sending day. It is the plain
// form of [Days.NextSlot] for the start of a day.
func Slot(day date.Date, w Window, zone *time.Location, days Days) time.Time {
	for d := days.Next(day); ; d = days.Next(d.AddDays(1)) {
		if t, ok := w.opens(d, zone); ok {
			return t
		}
	}
}

// NextSlot returns t when it is allowed, and otherwise the next allowed slot
// on the same or the next sending day (R14). The answer is in the zone.
func (s Days) NextSlot(t time.Time, w Window, zone *time.Location) time.Time {
	t = t.In(zone)
	today := date.Of(t)
	if s.IsSendingDay(today) {
		if w.Contains(t) {
			return t
		}
		if opens, ok := w.opens(today, zone); ok && opens.After(t) {
			return opens
		}
	}
	return Slot(today.AddDays(1), w, zone, s)
}

// Overdue reports whether an invoice is overdue at a moment: from 00:00 on the
// day after its due date, on the administration's wall clock (R12).
func Overdue(due date.Date, now time.Time, zone *time.Location) bool {
	return !due.IsZero() && date.Of(now.In(zone)).After(due)
}

// OverdueFrom returns the first moment at which an invoice is overdue.
func OverdueFrom(due date.Date, zone *time.Location) time.Time {
	return moment(due.AddDays(1), 0, zone)
}

// opens returns the first moment of the window on a day. It is false when the
// clocks skip the whole window.
func (w Window) opens(d date.Date, zone *time.Location) (time.Time, bool) {
	t := moment(d, w.From, zone)
	return t, date.Of(t) == d && w.Contains(t)
}

// moment returns the time of day on a date, or the end of the gap when the
// clocks skip it.
func moment(d date.Date, at TimeOfDay, zone *time.Location) time.Time {
	t := d.At(int(at)/60, int(at)%60, zone)
	wall := time.Duration(date.Of(t).DaysSince(d))*24*time.Hour +
		time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
	want := time.Duration(at) * time.Minute
	// time.Date may answer on either side of a gap.
	start, end := t.ZoneBounds()
	switch {
	case wall < want:
		return end
	case wall > want:
		return start
	}
	return t
}
