package matching

import (
	"cmp"
	"math/big"
	"slices"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Spread divides a payment without designation over the open invoices of one
// debtor: what is due first, then what bears costs or interest, then the
// oldest, and equally old ones in proportion (R29). It returns what is left
// over. Items in another currency and credit notes get nothing.
func Spread(amount money.Amount, invoices []Invoice, on date.Date) (parts []Allocation, left money.Amount) {
	list := slices.DeleteFunc(slices.Clone(invoices), func(i Invoice) bool {
		return i.Open.Currency != amount.Currency || !i.Open.Positive()
	})
	slices.SortStableFunc(list, func(a, b Invoice) int { return rank(a, b, on) })
	rest := amount.Minor
	for len(list) > 0 && rest > 0 {
		n := 1
		for n < len(list) && rank(list[0], list[n], on) == 0 {
			n++
		}
		tied := list[:n]
		list = list[n:]
		if sum := total(tied); rest >= sum {
			parts = append(parts, whole(tied)...)
			rest -= sum
			continue
		}
		parts = append(parts, proRata(rest, tied)...)
		rest = 0
	}
	return parts, money.Of(rest, amount.Currency)
}

// rank orders two invoices by R29; zero means that they share in proportion.
func rank(a, b Invoice, on date.Date) int {
	return cmp.Or(
		before(!a.Last, !b.Last),
		before(!a.Due.After(on), !b.Due.After(on)),
		before(a.Onerous, b.Onerous),
		age(a).Compare(age(b)),
	)
}

// age is the day a claim came into being, or the best that is known of it.
func age(i Invoice) date.Date {
	if i.Issued.IsZero() {
		return i.Due
	}
	return i.Issued
}

func before(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// proRata divides less than the sum of the invoices in proportion to their
// open amounts. The cents that rounding down leaves go to the largest
// fractions, the earlier invoice first.
func proRata(amount int64, invoices []Invoice) []Allocation {
	sum := big.NewInt(total(invoices))
	type share struct {
		i     int
		cents int64
		rest  *big.Int
	}
	shares, left := make([]share, len(invoices)), amount
	for i, inv := range invoices {
		product := new(big.Int).Mul(big.NewInt(amount), big.NewInt(inv.Open.Minor))
		cents, rest := new(big.Int).QuoRem(product, sum, new(big.Int))
		shares[i] = share{i: i, cents: cents.Int64(), rest: rest}
		left -= cents.Int64()
	}
	slices.SortStableFunc(shares, func(a, b share) int { return b.rest.Cmp(a.rest) })
	for i := range left {
		shares[i].cents++
	}
	slices.SortFunc(shares, func(a, b share) int { return a.i - b.i })
	var out []Allocation
	for _, s := range shares {
		if s.cents > 0 {
			out = append(out, Allocation{InvoiceID: invoices[s.i].ID, Amount: money.Of(s.cents, invoices[s.i].Open.Currency)})
		}
	}
	return out
}
