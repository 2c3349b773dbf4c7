package outreach

import (
	"cmp"
	"slices"

	"github.com/voldaan/voldaan/sdk/money"
)

// Total is what one currency adds up to. Currencies are never added (R48).
type Total struct {
	Principal money.Amount // open amounts of the demanded invoices
	Credit    money.Amount // unmatched credit notes, positive
	Charges   money.Amount // costs and interest due now
	Due       money.Amount // Principal - Credit + Charges
}

// Totals returns the demand per currency, ordered by currency code. It fails
// when an amount has no currency or a sum does not fit.
func (c Content) Totals() ([]Total, error) {
	sums := map[money.Currency]*Total{}
	add := func(a money.Amount, pick func(*Total) *money.Amount, due money.Amount) error {
		if _, err := a.Currency.Exponent(); err != nil {
			return err
		}
		t := sums[a.Currency]
		if t == nil {
			zero := money.Of(0, a.Currency)
			t = &Total{Principal: zero, Credit: zero, Charges: zero, Due: zero}
			sums[a.Currency] = t
		}
		for _, step := range []struct {
			to *money.Amount
			by money.Amount
		}{{pick(t), a}, {&t.Due, due}} {
			sum, err := step.to.Add(step.by)
			if err != nil {
				return err
			}
			*step.to = sum
		}
		return nil
	}
	for _, i := range c.Demanded {
		if err := add(i.Open, func(t *Total) *money.Amount { return &t.Principal }, i.Open); err != nil {
			return nil, err
		}
	}
	for _, n := range c.Credits {
		if err := add(n.Amount, func(t *Total) *money.Amount { return &t.Credit }, n.Amount.Neg()); err != nil {
			return nil, err
		}
	}
	for _, ch := range c.Charges {
		if err := add(ch.Amount, func(t *Total) *money.Amount { return &t.Charges }, ch.Amount); err != nil {
			return nil, err
		}
	}
	out := make([]Total, 0, len(sums))
	for _, t := range sums {
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b Total) int { return cmp.Compare(a.Due.Currency, b.Due.Currency) })
	return out, nil
}
