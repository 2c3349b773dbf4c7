package insight

import (
	"errors"
	"math/big"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// The usual windows of DSO, in days.
const (
	YearWindow    = 365
	QuarterWindow = 90
)

// ErrTooFewMonths is returned when the sales of the months given do not reach
// the receivable.
var ErrTooFewMonths = errors.New("sales do not add up to the receivable; count back over more months")

// DSO is days sales outstanding: AR / credit sales in the window x days in the
// window. Unit: days. ar is Receivable.Net and sales those of the window that
// ends on the same day, Ledger.Sales. It returns money.ErrMixed.
func DSO(ar, sales money.Amount, days int) (Ratio, error) {
	r, err := Share(ar, sales)
	return r.times(int64(days)), err
}

// BestDSO is the DSO if everybody paid on the due date: AR not yet due / credit
// sales x days. Unit: days. It returns money.ErrMixed.
func BestDSO(notDue, sales money.Amount, days int) (Ratio, error) { return DSO(notDue, sales, days) }

// DaysDelinquent is ADD, the average days delinquent: DSO - best possible DSO.
// Unit: days. It returns money.ErrMixed.
func DaysDelinquent(ar, notDue, sales money.Amount, days int) (Ratio, error) {
	whole, err := DSO(ar, sales, days)
	if err != nil {
		return Ratio{}, err
	}
	best, err := BestDSO(notDue, sales, days)
	return whole.Less(best), err
}

// FullAmountDSO is the variant that Payt shows, for who compares: the full
// amount of every invoice that is not paid in full (Snapshot.Unpaid) / revenue
// of twelve months by the day (Ledger.Total of Issued), without credit notes. Unit: days.
// It returns money.ErrMixed.
func FullAmountDSO(unpaid, revenue money.Amount) (Ratio, error) {
	return DSO(unpaid, revenue, YearWindow)
}

// Month is the sales of a calendar month, and the days of it that count.
type Month struct {
	Sales money.Amount
	Days  int
}

// CountbackDSO takes the sales of one month after the other off the receivable,
// the newest first, and adds the days of each; the last counts in proportion.
// Unit: days. It is 0 when nothing is receivable. It returns ErrTooFewMonths and
// the errors of money.Amount.Add.
func CountbackDSO(ar money.Amount, newestFirst []Month) (Ratio, error) {
	days := Quotient(0, 1)
	for _, m := range newestFirst {
		if !ar.Positive() {
			return days, nil
		}
		if part, err := Share(ar, m.Sales); err != nil {
			return Ratio{}, err
		} else if ar.Minor < m.Sales.Minor {
			return days.plus(part.times(int64(m.Days)).exact), nil
		}
		var err error
		if ar, err = ar.Sub(m.Sales); err != nil {
			return Ratio{}, err
		}
		days = days.plus(big.NewRat(int64(m.Days), 1))
	}
	if ar.Positive() {
		return Ratio{}, ErrTooFewMonths
	}
	return days, nil
}

// Months returns the sales of the last n calendar months, the newest first. The
// month of day counts until that day.
func (l Ledger) Months(day date.Date, n int) []Month {
	months := make([]Month, 0, n)
	for last := day; len(months) < n; {
		first := date.New(last.Year(), last.Month(), 1)
		months = append(months, Month{Sales: l.sales(first, last, day), Days: last.Day()})
		last = first.AddDays(-1)
	}
	return months
}

// CEI is the collection effectiveness index: (AR at the begin + sales - AR at
// the end) / (AR at the begin + sales - AR at the end that is not due): of what
// could be collected, the share that was. It returns the errors of
// money.Amount.Add.
func CEI(begin, sales, end, endNotDue money.Amount) (Ratio, error) {
	collected, err := sum(begin, sales, end.Neg())
	if err != nil {
		return Ratio{}, err
	}
	collectable, err := sum(begin, sales, endNotDue.Neg())
	if err != nil {
		return Ratio{}, err
	}
	return Share(collected, collectable)
}
