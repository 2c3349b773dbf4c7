package sepa

import (
	"time"

	"github.com/voldaan/voldaan/sdk/date"
)

// RetryRule says how a collection that found no money is tried once more (R85).
type RetryRule struct {
	On bool
	// PayDay is the day of the month by which wages are on most accounts; 0 tries
	// again After days.
	PayDay int
	// After is the least number of days between the two attempts.
	After int
}

// DefaultRetry waits for the next pay day. Dutch wages are paid by the 25th.
var DefaultRetry = RetryRule{On: true, PayDay: 26, After: 5}

// MaxAttempts is how often one collection is tried.
const MaxAttempts = 2

// Day is the better day of a second attempt that is announced today: a banking
// day after the next pay day.
func (r RetryRule) Day(failed date.Date, lead int) date.Date {
	day := failed.AddDays(max(r.After, lead))
	if r.PayDay > 0 {
		day = date.Later(day, nextDay(day, r.PayDay))
	}
	return BankingDay(day)
}

// nextDay is the first day on or after d with a day of the month, or the end of a
// month that is too short for it.
func nextDay(d date.Date, day int) date.Date {
	for month := 0; ; month++ {
		first := date.Of(time.Date(d.Year(), d.Month()+time.Month(month), 1, 0, 0, 0, 0, time.UTC))
		last := addMonths(first, 1).AddDays(-1)
		at := first.AddDays(day - 1)
		if at.After(last) {
			at = last
		}
		if !at.Before(d) {
			return at
		}
	}
}
