package emulator

import "math/big"

// sums are the totals of an invoice, in hundredths; Base is the same in the
// administration's currency.
type sums struct {
	Excl     int64     `json:"excl"`
	Tax      int64     `json:"tax"`
	Discount int64     `json:"discount"`
	Taxes    []taxLine `json:"taxes"`
}

type taxLine struct {
	RateID string `json:"rate"`
	Excl   int64  `json:"excl"`
	Tax    int64  `json:"tax"`
}

func (s sums) incl() int64 { return s.Excl + s.Tax }

// recount derives every sum from the lines. VAT is rounded once per rate.
func (a *administration) recount(inv *invoice) {
	discount := new(big.Rat)
	if d, err := parse(inv.Discount); err == nil {
		discount = new(big.Rat).Quo(d, big.NewRat(100, 1))
	}
	keep := new(big.Rat).Sub(big.NewRat(1, 1), discount)
	inv.Sums = sums{}
	gross := map[string]int64{}
	var order []string
	for i := range inv.Lines {
		l := &inv.Lines[i]
		q, err := parse(l.Quantity)
		if err != nil {
			q = big.NewRat(1, 1)
		}
		full := new(big.Rat).Mul(q, cents(l.Price))
		net := hundredths(new(big.Rat).Mul(full, keep))
		inv.Sums.Discount += hundredths(full) - net
		if _, seen := gross[l.RateID]; !seen {
			order = append(order, l.RateID)
		}
		gross[l.RateID] += net
		l.Excl = net
		if inv.InclTax {
			l.Excl = hundredths(new(big.Rat).Quo(cents(net), a.factor(l.RateID)))
		}
	}
	for _, id := range order {
		t := taxLine{RateID: id, Excl: gross[id]}
		if inv.InclTax {
			t.Excl = hundredths(new(big.Rat).Quo(cents(gross[id]), a.factor(id)))
			t.Tax = gross[id] - t.Excl
		} else {
			t.Tax = hundredths(new(big.Rat).Mul(cents(t.Excl), a.factor(id))) - t.Excl
		}
		inv.Sums.Excl += t.Excl
		inv.Sums.Tax += t.Tax
		inv.Sums.Taxes = append(inv.Sums.Taxes, t)
	}
}

// factor is one plus the rate: 121/100.
func (a *administration) factor(rateID string) *big.Rat {
	f := big.NewRat(1, 1)
	if r := a.rate(rateID); r != nil {
		if p, err := parse(r.Percent); err == nil {
			f.Add(f, p.Quo(p, big.NewRat(100, 1)))
		}
	}
	return f
}

// base converts an amount of the invoice to the administration's currency.
func (inv *invoice) base(n int64) int64 {
	r, err := parse(inv.Rate)
	if err != nil {
		return n
	}
	return hundredths(r.Mul(r, cents(n)))
}

func (inv *invoice) paid() (n int64) {
	for _, p := range inv.Payments {
		n += p.Price
	}
	return n
}

func (inv *invoice) unpaid() int64 { return inv.Sums.incl() - inv.paid() }

// settled reports whether nothing is open: an overpaid invoice is paid too.
func (inv *invoice) settled() bool {
	if inv.Sums.incl() < 0 {
		return inv.unpaid() >= 0
	}
	return inv.unpaid() <= 0
}
