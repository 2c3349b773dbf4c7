package law

import (
	"math/big"
	"slices"
	"time"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// accrual is the running account of one claim: what is open today and what
// accrued on it so far. Amounts are minor units of the claim's currency.
//
// Invariants: the base of a day is principal + capitalised; the interest of a
// year is rounded once, at its end or at the end of the account; paid never
// exceeds the interest rounded so far.
type accrual struct {
	law      *Country
	currency money.Currency
	rates    rateSource
	basis    Basis
	without  string // why no interest runs at all; the period is empty then

	from, next  date.Date // first day of all, first day not accrued yet
	yearStart   date.Date
	anniversary date.Date // first day of the next year of interest
	yearCount   int

	principal   int64
	capitalised int64    // unpaid interest of finished years, in the base
	year        *big.Rat // exact interest of the running year
	yearPaid    int64    // paid of the running year's interest
	finished    int64    // interest of finished years
	paid        int64    // interest paid in all

	years    []InterestYear
	segments []Segment
}

// advance accrues every day through d.
func (a *accrual) advance(d date.Date) error {
	for !a.next.After(d) {
		if a.next == a.anniversary {
			if err := a.turnYear(); err != nil {
				return err
			}
		}
		rate, through, doubt, err := a.rates.on(a.next)
		if err != nil {
			return err
		}
		end := earliest(d, through, a.anniversary.AddDays(-1), date.New(a.next.Year(), time.December, 31))
		if doubt != nil && a.principal+a.capitalised > 0 {
			a.basis.doubt(*doubt)
		}
		a.add(end, rate, doubt != nil)
		a.next = end.AddDays(1)
	}
	return nil
}

// add accrues the days from next through end at one rate and base.
func (a *accrual) add(end date.Date, rate Percent, provisional bool) {
	days, base, yearDays := end.DaysSince(a.next)+1, a.principal+a.capitalised, a.law.yearDays(a.next.Year())
	exact := rate.of(base)
	exact.Mul(exact, big.NewRat(int64(days), int64(yearDays)))
	a.year.Add(a.year, exact)
	if n := len(a.segments); n > 0 {
		last := &a.segments[n-1]
		if last.Rate == rate.String() && last.Base.Minor == base && last.YearDays == yearDays && last.Provisional == provisional {
			last.Through, last.Days = end, last.Days+days
			last.Exact = new(big.Rat).Add(last.Exact, exact)
			return
		}
	}
	a.segments = append(a.segments, Segment{
		From: a.next, Through: end, Days: days, Rate: rate.String(),
		Base: a.amount(base), YearDays: yearDays, Exact: exact, Provisional: provisional,
	})
}

// turnYear closes the running year; what is unpaid of it joins the base where
// the law compounds.
func (a *accrual) turnYear() error {
	compounds := a.law.file.Conventions.Compounding == "anniversary"
	if compounds {
		interest, err := a.rounded()
		if err != nil {
			return err
		}
		a.years = append(a.years, InterestYear{From: a.yearStart, Through: a.next.AddDays(-1), Interest: a.amount(interest), Capitalised: true})
		a.finished += interest
		a.capitalised += interest - a.yearPaid
		a.year, a.yearPaid, a.yearStart = new(big.Rat), 0, a.next
	}
	a.yearCount++
	// From the first day of all, so that 29 February returns in leap years.
	a.anniversary = a.from.AddYears(a.yearCount + 1)
	return nil
}

// open returns the interest that is unpaid at the end of the last day accrued.
func (a *accrual) open() (int64, error) {
	running, err := a.rounded()
	return a.finished + running - a.paid, err
}

func (a *accrual) rounded() (int64, error) {
	r, err := money.RoundHalfUp(a.year, a.currency)
	return r.Minor, err
}

// move accrues through the day of a movement and applies it.
func (a *accrual) move(m Movement) error {
	if err := a.advance(m.On); err != nil {
		return err
	}
	principal, err := sumIn(a.currency, "a payment of principal", m.Principal)
	if err != nil {
		return err
	}
	interest, err := notNegative(a.currency, "a payment of interest", m.Interest)
	if err != nil {
		return err
	}
	open, err := a.open()
	if err != nil {
		return err
	}
	if principal > a.principal || interest > open {
		return fault.New(fault.Invalid, "payment_above_open",
			"The payment on %s takes %s of principal and %s of interest, but only %s and %s were open; allocate it again.",
			m.On, a.amount(principal), a.amount(interest), a.amount(a.principal), a.amount(open))
	}
	a.principal -= principal
	a.paid += interest
	// The oldest interest first: that stops interest on interest soonest.
	old := min(interest, a.capitalised)
	a.capitalised -= old
	a.yearPaid += interest - old
	return nil
}

// result closes the account after the last day.
func (a *accrual) result(through date.Date) (Interest, error) {
	if err := a.advance(through); err != nil {
		return Interest{}, err
	}
	last, err := a.rounded()
	if err != nil {
		return Interest{}, err
	}
	years := slices.Clone(a.years)
	if a.next.After(a.yearStart) {
		years = append(years, InterestYear{From: a.yearStart, Through: a.next.AddDays(-1), Interest: a.amount(last)})
	}
	total := a.finished + last
	out := Interest{
		Amount: a.amount(total), Paid: a.amount(a.paid), Open: a.amount(total - a.paid),
		Principal: a.amount(a.principal), Days: a.next.DaysSince(a.from), Years: years, Segments: slices.Clone(a.segments),
	}
	out.merge(a.basis)
	out.Explanation = describe(a.rates.name, out, a.from, a.next.AddDays(-1))
	if out.Days == 0 {
		out.Explanation = "No interest: its first day, " + a.from.String() + ", has not come."
		if a.without != "" {
			out.Explanation = "No interest: " + a.without + "."
		}
	}
	return out, nil
}

func (a *accrual) amount(minor int64) money.Amount { return money.Of(minor, a.currency) }

// yearDays is the divisor of a day in a year.
func (c *Country) yearDays(year int) int {
	if c.file.Conventions.DayCount == "act/act" {
		return date.New(year+1, time.January, 1).DaysSince(date.New(year, time.January, 1))
	}
	return 365
}

func earliest(first date.Date, rest ...date.Date) date.Date {
	for _, d := range rest {
		if d.Before(first) {
			first = d
		}
	}
	return first
}

// inOrder sorts a copy by date and keeps the order of one day.
func inOrder[T any](list []T, on func(T) date.Date) []T {
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b T) int { return on(a).Compare(on(b)) })
	return sorted
}
