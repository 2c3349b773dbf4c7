// Package exchange converts claims into the currency that a law counts in, by
// reference rates with a source and a day, which stay as they were used (R123).
package exchange

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Fresh is how many days a reference rate may be old when it is used: banks
// publish none on weekends and holidays, of which Easter has the most in a row.
const Fresh = 7

// Rate is what one unit of a currency was worth in another.
type Rate struct {
	Base   money.Currency `json:"base"`
	Quote  money.Currency `json:"quote"`
	Units  string         `json:"units"` // of Quote for one of Base, a decimal as "1.0835"
	On     date.Date      `json:"on"`
	Source string         `json:"source"` // who published it
	By     string         `json:"by,omitempty"`
}

var decimal = regexp.MustCompile(`^[0-9]{1,10}(\.[0-9]{1,10})?$`)

// Tidy reads a decimal comma and takes blanks off.
func (r Rate) Tidy() Rate {
	r.Base, r.Quote = money.Currency(strings.ToUpper(strings.TrimSpace(string(r.Base)))), money.Currency(strings.ToUpper(strings.TrimSpace(string(r.Quote))))
	r.Units = strings.ReplaceAll(strings.TrimSpace(r.Units), ",", ".")
	r.Source = strings.Join(strings.Fields(r.Source), " ")
	return r
}

// Check says what is wrong with a rate on a day, as a fault of kind Invalid.
func (r Rate) Check(today date.Date) error {
	for _, c := range []money.Currency{r.Base, r.Quote} {
		if _, err := c.Exponent(); err != nil {
			return fault.New(fault.Invalid, "rate_currency", "%q is not a currency that we know; write its three letters, such as USD.", string(c))
		}
	}
	units, ok := r.units()
	switch {
	case r.Base == r.Quote:
		return fault.New(fault.Invalid, "rate_currency", "A rate is between two currencies; these are the same.")
	case !ok:
		return fault.New(fault.Invalid, "rate_units", "Write what one %s is in %s as a number, such as 1.0835.", r.Base, r.Quote)
	case units.Cmp(big.NewRat(1, 1_000_000)) < 0 || units.Cmp(big.NewRat(1_000_000, 1)) > 0:
		return fault.New(fault.Invalid, "rate_units", "One %s is hardly %s %s; look at the number again.", r.Base, r.Units, r.Quote)
	case r.On.IsZero() || r.On.After(today):
		return fault.New(fault.Invalid, "rate_day", "Give the day of the rate, today or before.")
	case r.Source == "" || len(r.Source) > 120:
		return fault.New(fault.Invalid, "rate_source", "Say who published the rate in at most 120 characters, such as: European Central Bank.")
	}
	return nil
}

func (r Rate) units() (*big.Rat, bool) {
	if !decimal.MatchString(r.Units) {
		return nil, false
	}
	units, ok := new(big.Rat).SetString(r.Units)
	return units, ok && units.Sign() > 0
}

// IsZero reports whether there is no rate.
func (r Rate) IsZero() bool { return r.Units == "" }

// Between reports whether the rate is between two currencies, in either direction.
func (r Rate) Between(a, b money.Currency) bool {
	return r.Base == a && r.Quote == b || r.Base == b && r.Quote == a
}

// To converts an amount into the other currency of the rate, halves away from
// zero. An amount in that currency stays as it is. It returns a fault of kind
// Invalid for a currency that the rate is not about.
func (r Rate) To(c money.Currency, a money.Amount) (money.Amount, error) {
	if a.Currency == c {
		return a, nil
	}
	units, ok := r.units()
	if !ok || !r.Between(a.Currency, c) {
		return money.Amount{}, fault.New(fault.Invalid, "rate_currency", "There is no rate between %s and %s; give one.", a.Currency, c)
	}
	from, err := a.Currency.Exponent()
	if err != nil {
		return money.Amount{}, err
	}
	to, err := c.Exponent()
	if err != nil {
		return money.Amount{}, err
	}
	exact := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(a.Minor), pow10(to)), pow10(from))
	if a.Currency == r.Base {
		exact.Mul(exact, units)
	} else {
		exact.Quo(exact, units)
	}
	return money.RoundHalfUp(exact, c)
}

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// String writes the rate with its day and source, as "EUR 1 = USD 1.0835
// (European Central Bank, 2026-11-20)".
func (r Rate) String() string {
	return fmt.Sprintf("%s 1 = %s %s (%s, %s)", r.Base, r.Quote, r.Units, r.Source, r.On)
}

// Find returns the rate between two currencies to use on a day: the youngest
// that is not older than Fresh; of one day, the one between the two before one
// that is crossed over the euro. It returns false when none is known.
func Find(rates []Rate, a, b money.Currency, on date.Date) (found Rate, ok bool) {
	better := func(r Rate, direct bool) {
		if r.On.After(on) || r.On.AddDays(Fresh).Before(on) {
			return
		}
		if !ok || r.On.After(found.On) || direct && r.On == found.On {
			found, ok = r, true
		}
	}
	for _, r := range rates {
		if r.Between(a, b) {
			better(r, true)
		}
	}
	if a == pivot || b == pivot {
		return found, ok
	}
	for _, x := range rates {
		for _, y := range rates {
			if x.Base == pivot && y.Base == pivot && x.Quote == a && y.Quote == b && x.On == y.On {
				better(crossed(x, y), false)
			}
		}
	}
	return found, ok
}

// pivot is the currency that reference rates of others are crossed over.
const pivot money.Currency = "EUR"

// crossed is the rate between the quotes of two rates of the euro.
func crossed(x, y Rate) Rate {
	ux, okx := x.units()
	uy, oky := y.units()
	if !okx || !oky {
		return Rate{}
	}
	source := x.Source
	if y.Source != source {
		source += " and " + y.Source
	}
	units := strings.TrimRight(strings.TrimRight(new(big.Rat).Quo(uy, ux).FloatString(8), "0"), ".")
	return Rate{Base: x.Quote, Quote: y.Quote, Units: units, On: x.On, Source: source + ", crossed over the euro", By: x.By}
}
