package arrangement

import (
	"time"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/date"
)

// Split is an amount by what it is for, in minor units.
type Split struct{ Principal, Costs, Interest int64 }

// Total is the whole amount.
func (s Split) Total() int64 { return s.Principal + s.Costs + s.Interest }

// take cuts an amount off the split, in the order in which the law lets a
// payment count: costs, interest, principal (BW 6:44).
func (s *Split) take(minor int64) Split {
	var out Split
	for _, part := range []struct{ from, to *int64 }{{&s.Costs, &out.Costs}, {&s.Interest, &out.Interest}, {&s.Principal, &out.Principal}} {
		n := min(minor, *part.from)
		*part.from, *part.to, minor = *part.from-n, n, minor-n
	}
	return out
}

// Interval is the time between two instalments.
type Interval string

// The intervals.
const (
	Weekly  Interval = "week"
	Monthly Interval = "month"
)

// Instalment is one payment of a plan.
type Instalment struct {
	Seq int // from 1
	Due date.Date
	Split
}

// Schedule divides an amount into n instalments that are equal to the cent but
// for the last, which takes the rounding, so that they add up exactly (R76, G2).
func Schedule(covered Split, n int, first date.Date, every Interval) ([]Instalment, error) {
	total := covered.Total()
	switch {
	case covered.Principal < 0 || covered.Costs < 0 || covered.Interest < 0 || total <= 0:
		return nil, fault.New(fault.Invalid, "plan_nothing", "There is nothing to divide into instalments.")
	case n < 1 || int64(n) > total:
		return nil, fault.New(fault.Invalid, "plan_instalments", "Choose fewer instalments.")
	case first.IsZero() || every != Weekly && every != Monthly:
		return nil, fault.New(fault.Invalid, "plan_days", "Choose a first day, and weeks or months.")
	}
	each := total / int64(n)
	out := make([]Instalment, n)
	for i := range out {
		amount := each
		if i == n-1 {
			amount = covered.Total()
		}
		out[i] = Instalment{Seq: i + 1, Due: nth(first, i, every), Split: covered.take(amount)}
	}
	return out, nil
}

// nth is the i-th day after the first, the last of a month that is too short.
func nth(first date.Date, i int, every Interval) date.Date {
	if every == Weekly {
		return first.AddDays(7 * i)
	}
	year, month := first.Year(), int(first.Month())-1+i
	year, month = year+month/12, month%12
	last := date.New(year, time.Month(month+2), 1).AddDays(-1)
	if month == 11 {
		last = date.New(year, time.December, 31)
	}
	return date.New(year, time.Month(month+1), min(first.Day(), last.Day()))
}

// Months is how many months a plan takes, counted from today and rounded up.
func Months(today date.Date, list []Instalment) int {
	if len(list) == 0 {
		return 0
	}
	n := 0
	for nth(today, n, Monthly).Before(list[len(list)-1].Due) {
		n++
	}
	return n
}
