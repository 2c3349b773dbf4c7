package law

import (
	"fmt"
	"strings"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// StatementClaim is a claim with everything that was charged and paid.
type StatementClaim struct {
	InterestClaim // its Movements come from the payments and must be empty
	Costs         []CostEntry
	Payments      []Payment
}

// CostEntry is an amount of costs from the day it is due.
type CostEntry struct {
	On     date.Date
	Amount money.Amount // VAT included
}

// Payment is a payment on its value date.
type Payment struct {
	On     date.Date
	Amount money.Amount
	Order  Order
}

// Statement is the state of a claim at the end of a day.
type Statement struct {
	Open     Parts           `json:"open"`
	Total    money.Amount    `json:"total"`    // all that is open
	Overpaid money.Amount    `json:"overpaid"` // unapplied credit
	Lines    []StatementLine `json:"lines"`    // one per payment
	Interest Interest        `json:"interest"`
	Basis
}

// StatementLine is a payment and where it went.
type StatementLine struct {
	On date.Date `json:"on"`
	Allocation
}

// Statement replays the payments of a claim in order of their value dates:
// each is put to what was open at the end of that day (R30, R31), and interest
// runs on over the rest (R36, R37). Payments and costs after Through do not
// count.
func (c *Country) Statement(claim StatementClaim) (Statement, error) {
	claim.Movements = nil
	a, err := c.accrue(claim.InterestClaim)
	if err != nil {
		return Statement{}, err
	}
	out := Statement{Overpaid: c.amount(0)}
	costs := inOrder(claim.Costs, func(e CostEntry) date.Date { return e.On })
	openCosts := int64(0)
	fallDue := func(through date.Date) error {
		for len(costs) > 0 && !costs[0].On.After(through) {
			n, err := c.paidOff("a cost", costs[0].Amount)
			if err != nil {
				return err
			}
			openCosts, costs = openCosts+n, costs[1:]
		}
		return nil
	}
	var said []string
	for _, p := range inOrder(claim.Payments, func(p Payment) date.Date { return p.On }) {
		if p.On.After(claim.Through) {
			break
		}
		if err := fallDue(p.On); err != nil {
			return Statement{}, err
		}
		if err := a.advance(p.On); err != nil {
			return Statement{}, err
		}
		interest, err := a.open()
		if err != nil {
			return Statement{}, err
		}
		to, err := c.Allocate(p.Amount, Parts{Costs: c.amount(openCosts), Interest: c.amount(interest), Principal: c.amount(a.principal)}, p.Order)
		if err != nil {
			return Statement{}, err
		}
		if err := a.move(Movement{On: p.On, Principal: to.Paid.Principal, Interest: to.Paid.Interest}); err != nil {
			return Statement{}, err
		}
		openCosts = to.Open.Costs.Minor
		if out.Overpaid, err = out.Overpaid.Add(to.Overpaid); err != nil {
			return Statement{}, err
		}
		out.Lines = append(out.Lines, StatementLine{On: p.On, Allocation: to})
		out.merge(to.Basis)
		said = append(said, p.On.String()+": "+to.Explanation)
	}
	if err := fallDue(claim.Through); err != nil {
		return Statement{}, err
	}
	if out.Interest, err = a.result(claim.Through); err != nil {
		return Statement{}, err
	}
	out.merge(out.Interest.Basis)
	out.Open = Parts{Costs: c.amount(openCosts), Interest: out.Interest.Open, Principal: out.Interest.Principal}
	total, err := c.sum("the open amount", out.Open.Costs, out.Open.Interest, out.Open.Principal)
	if err != nil {
		return Statement{}, err
	}
	out.Total = c.amount(total)
	said = append(said, fmt.Sprintf("On %s %s is open: %s principal, %s interest, %s costs.", claim.Through, out.Total, out.Open.Principal, out.Open.Interest, out.Open.Costs))
	out.Explanation = strings.Join(said, "\n")
	return out, nil
}
