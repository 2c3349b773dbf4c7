package credit

import (
	"github.com/voldaan/voldaan/sdk/money"
)

// LimitKind says whose limit it is.
type LimitKind string

// The kinds of limits.
const (
	Own      LimitKind = "own"      // by the creditor's own rules
	External LimitKind = "external" // of an agency's report
	Manual   LimitKind = "manual"   // a person's, for this debtor now
)

// Limit is how much a debtor may owe.
type Limit struct {
	Kind   LimitKind
	Amount money.Amount
}

// Exposure is what is at stake with a debtor: open + unbilled - unapplied.
type Exposure struct{ Open, Unbilled, Unapplied money.Amount }

// Total is the exposure. It returns the errors of money.Amount.Add.
func (e Exposure) Total() (money.Amount, error) {
	sum, err := e.Open.Add(e.Unbilled)
	if err != nil {
		return money.Amount{}, err
	}
	return sum.Sub(e.Unapplied)
}

// Lowest is the limit that counts, of those in a currency; false for none.
func Lowest(limits []Limit, in money.Currency) (low Limit, ok bool) {
	for _, l := range limits {
		if l.Amount.Currency == in && (!ok || l.Amount.Minor < low.Amount.Minor) {
			low, ok = l, true
		}
	}
	return low, ok
}
