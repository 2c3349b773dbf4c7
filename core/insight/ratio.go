package insight

import (
	"math/big"

	"github.com/voldaan/voldaan/sdk/money"
)

// Ratio is an exact figure: a share, a number of days. The zero value is
// unknown, which is not the same as nought.
type Ratio struct{ exact *big.Rat }

// Quotient returns a/b, unknown unless b is above zero.
func Quotient(a, b int64) Ratio {
	if b <= 0 {
		return Ratio{}
	}
	return Ratio{big.NewRat(a, b)}
}

// Share returns a/b of two amounts, unknown unless b is above zero. It returns
// money.ErrMixed for two currencies.
func Share(a, b money.Amount) (Ratio, error) {
	if _, err := money.Of(0, a.Currency).Sub(money.Of(0, b.Currency)); err != nil {
		return Ratio{}, err
	}
	return Quotient(a.Minor, b.Minor), nil
}

// Known reports whether there is a figure.
func (r Ratio) Known() bool { return r.exact != nil }

// Exact returns a copy of the figure, nil when it is unknown.
func (r Ratio) Exact() *big.Rat {
	if r.exact == nil {
		return nil
	}
	return new(big.Rat).Set(r.exact)
}

// Decimal writes the figure with a number of decimals, ties away from zero; ""
// when it is unknown.
func (r Ratio) Decimal(decimals int) string {
	if r.exact == nil {
		return ""
	}
	return r.exact.FloatString(decimals)
}

// Percent writes a share as a percentage without its sign, as "87.8"; "" when it
// is unknown.
func (r Ratio) Percent(decimals int) string { return r.times(100).Decimal(decimals) }

// Less returns r-s, unknown when one of them is.
func (r Ratio) Less(s Ratio) Ratio {
	if r.exact == nil || s.exact == nil {
		return Ratio{}
	}
	return Ratio{new(big.Rat).Sub(r.exact, s.exact)}
}

func (r Ratio) plus(s *big.Rat) Ratio {
	if r.exact == nil {
		return Ratio{}
	}
	return Ratio{new(big.Rat).Add(r.exact, s)}
}

func (r Ratio) times(n int64) Ratio {
	if r.exact == nil {
		return Ratio{}
	}
	return Ratio{new(big.Rat).Mul(r.exact, big.NewRat(n, 1))}
}

// sum adds amounts, with the errors of money.Amount.Add.
func sum(amounts ...money.Amount) (total money.Amount, err error) {
	for _, a := range amounts {
		if total, err = total.Add(a); err != nil {
			return money.Amount{}, err
		}
	}
	return total, nil
}
