package insight

import (
	"math/big"
	"slices"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// DisputeRate is disputed value / billed value of the same invoices. It returns
// money.ErrMixed.
func DisputeRate(disputed, billed money.Amount) (Ratio, error) { return Share(disputed, billed) }

// Dispute is when a debtor objected, and when that was decided.
type Dispute struct {
	Opened, Resolved date.Date // Resolved is none while it is open
}

// DisputeCycle is the median number of days from opened to resolved. Unit: days.
// Open disputes are out; of an even number, it is the mean of the middle two.
func DisputeCycle(disputes []Dispute) Ratio {
	var days []int64
	for _, d := range disputes {
		if !d.Resolved.IsZero() {
			days = append(days, int64(d.Resolved.DaysSince(d.Opened)))
		}
	}
	return median(days)
}

// median returns the middle value, of an even number the mean of the middle two.
func median(values []int64) Ratio {
	n := len(values)
	if n == 0 {
		return Ratio{}
	}
	values = slices.Clone(values)
	slices.Sort(values)
	return Ratio{new(big.Rat).SetFrac64(values[(n-1)/2]+values[n/2], 2)}
}
