package insight

import (
	"math/big"

	"github.com/voldaan/voldaan/sdk/date"
)

// DaysLate is the weighted days late of a debtor, or of all for "": sum of
// amount x (paid date - due date) / sum of amount, over what was paid in the
// twelve months that end on day, and what is open and overdue then, at its age
// of that day, so that who never pays counts. Unit: days, below zero for early
// payers. A payment that was undone by then does not count; invoices without a
// due date are out.
func (l Ledger) DaysLate(debtor string, day date.Date) Ratio {
	var weighted big.Int
	var weight int64
	count := func(amount int64, late int) {
		weight += amount
		weighted.Add(&weighted, new(big.Int).Mul(big.NewInt(amount), big.NewInt(int64(late))))
	}
	due, of := map[string]date.Date{}, map[string]string{}
	events := l.until(day)
	gone := cancelled(events)
	for _, e := range events {
		switch e.Kind {
		case Issued:
			due[e.Item], of[e.Item] = e.Due, e.Debtor
		case DueMoved:
			due[e.Item] = e.Due
		}
	}
	out := func(item, whose string) bool {
		return gone[item] || due[item].IsZero() || debtor != "" && whose != debtor
	}
	since := day.AddYears(-1)
	for _, e := range events {
		if out(e.Item, of[e.Item]) {
			continue
		}
		switch {
		case e.Kind == Paid && e.On.After(since):
			count(e.Amount.Minor, e.On.DaysSince(due[e.Item]))
		case e.Kind == PaidBack && e.Of.After(since):
			count(-e.Amount.Minor, e.Of.DaysSince(due[e.Item]))
		}
	}
	for _, p := range l.At(day).Open {
		if late := p.DaysLate(day); late > 0 && !out(p.Item, p.Debtor) {
			count(p.Open.Minor, late)
		}
	}
	if weight <= 0 {
		return Ratio{}
	}
	return Ratio{new(big.Rat).SetFrac(&weighted, big.NewInt(weight))}
}

// riskDays is the age at which an open invoice counts as at risk.
const riskDays = 90

// AtRisk is the share of what was billed from first through last, a month as a
// rule, that was still open 90 days after its due date. It is unknown until day
// has come so far for every invoice of the cohort. Invoices without a due date,
// and those cancelled by day, are out.
func (l Ledger) AtRisk(first, last, day date.Date) Ratio {
	events := l.until(day)
	gone := cancelled(events)
	billed, issued, due := map[string]int64{}, map[string]date.Date{}, map[string]date.Date{}
	for _, e := range events {
		switch {
		case e.Kind == Issued && !e.On.Before(first) && !e.On.After(last) && !gone[e.Item] && !e.Due.IsZero():
			billed[e.Item] += e.Amount.Minor
			issued[e.Item], due[e.Item] = e.On, e.Due
		case e.Kind == DueMoved && !due[e.Item].IsZero():
			due[e.Item] = e.Due
		}
	}
	at := map[string]date.Date{}
	for item := range billed {
		at[item] = date.Later(issued[item], due[item].AddDays(riskDays))
		if at[item].After(day) {
			return Ratio{}
		}
	}
	positions := map[string]*Position{}
	for _, e := range events {
		if _, in := billed[e.Item]; in && !e.On.After(at[e.Item]) {
			if positions[e.Item] == nil {
				positions[e.Item] = &Position{}
			}
			positions[e.Item].apply(e, false)
		}
	}
	var total, open int64
	for item, amount := range billed {
		total += amount
		open += max(0, positions[item].Open.Minor)
	}
	return Quotient(open, total)
}
