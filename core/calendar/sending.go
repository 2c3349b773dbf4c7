package calendar

import (
	"time"

	"github.com/voldaan/voldaan/sdk/date"
)

// Days decides which days are sending days: not a Saturday or Sunday and not a
// holiday of any of its calendars (R13: of the creditor or of the debtor).
type Days []*Calendar

// SendingDays returns the days for a set of countries or regions. A code twice
// or an empty code counts once or not at all. It returns the fault of For.
func SendingDays(codes ...string) (Days, error) {
	var days Days
	seen := map[string]bool{"": true}
	for _, code := range codes {
		if seen[code] {
			continue
		}
		seen[code] = true
		c, err := For(code)
		if err != nil {
			return nil, err
		}
		days = append(days, c)
	}
	return days, nil
}

// Why returns the reason in words that nothing is sent on a day, as "Sunday"
// or "Koningsdag (NL)". It is empty for a sending day.
func (s Days) Why(d date.Date) string {
	for _, c := range s {
		if name, ok := c.Holiday(d); ok {
			return name + " (" + c.code + ")"
		}
	}
	if w := d.Weekday(); w == time.Saturday || w == time.Sunday {
		return w.String()
	}
	return ""
}

// IsSendingDay reports whether messages may leave on the day.
func (s Days) IsSendingDay(d date.Date) bool { return s.Why(d) == "" }

// Next returns the first sending day on or after d.
func (s Days) Next(d date.Date) date.Date {
	// Ends: a calendar has fewer holidays than a year has working days.
	for !s.IsSendingDay(d) {
		d = d.AddDays(1)
	}
	return d
}

// Add returns the n-th sending day after d, or d's own Next for n = 0.
func (s Days) Add(d date.Date, n int) date.Date {
	if n == 0 {
		return s.Next(d)
	}
	for ; n > 0; n-- {
		d = s.Next(d.AddDays(1))
	}
	return d
}

// Place moves planned days, given in order, to sending days. No step comes
// before its planned day, nor less than minGap calendar days after the step
// before it, so that a moved step never crowds the next one (R13).
func (s Days) Place(planned []date.Date, minGap int) []date.Date {
	placed := make([]date.Date, len(planned))
	for i, d := range planned {
		if i > 0 {
			d = date.Later(d, placed[i-1].AddDays(minGap))
		}
		placed[i] = s.Next(d)
	}
	return placed
}
