package insight

import (
	"math/big"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// ForecastDays is how long before the begin of its week a forecast was made, for
// its error to count: four weeks out.
const ForecastDays = 28

// Forecast is what was expected to come in during a week, and what did.
type Forecast struct {
	Made     date.Date
	Week     date.Date // its first day
	Expected money.Amount
	Cash     money.Amount // received in that week
}

// ForecastError is |forecast - cash| / cash of one week. It is unknown in a week
// without cash, and for a forecast made later than four weeks out, which would
// flatter. It returns the errors of money.Amount.Add.
func ForecastError(f Forecast) (Ratio, error) {
	off, err := f.Expected.Sub(f.Cash)
	if err != nil || f.Week.DaysSince(f.Made) < ForecastDays {
		return Ratio{}, err
	}
	return Share(money.Of(max(off.Minor, -off.Minor), off.Currency), f.Cash)
}

// MeanForecastError is the mean of the errors of weeks, each week counting the
// same; weeks whose error is unknown are out. It returns the errors of
// money.Amount.Add.
func MeanForecastError(weeks []Forecast) (Ratio, error) {
	total, n := new(big.Rat), int64(0)
	for _, w := range weeks {
		e, err := ForecastError(w)
		if err != nil {
			return Ratio{}, err
		}
		if e.Known() {
			total.Add(total, e.exact)
			n++
		}
	}
	if n == 0 {
		return Ratio{}, nil
	}
	return Ratio{total.Quo(total, big.NewRat(n, 1))}, nil
}
