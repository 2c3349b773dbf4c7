package insight

import (
	"math/big"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Habit is how a debtor pays, as of a day.
type Habit struct {
	// DaysLate is Ledger.DaysLate: payments of twelve months, and what is overdue
	// at the age of the day.
	DaysLate Ratio
	// OfPayments is the same of the payments alone, by which a forecast goes.
	OfPayments Ratio
	Paid       money.Amount // in the twelve months, of invoices with a due date
	PaidLate   money.Amount // of it after the due date
	Open       money.Amount
	Overdue    money.Amount
	OldestLate int // days that the oldest open invoice is overdue
	Invoices   int // overdue
}

type habit struct {
	Habit
	weighted, paidWeighted big.Int
	weight, paidWeight     int64
}

func (h *habit) count(minor int64, late int) {
	h.weight += minor
	h.weighted.Add(&h.weighted, new(big.Int).Mul(big.NewInt(minor), big.NewInt(int64(late))))
}

func (h *habit) paid(minor int64, late int) {
	h.count(minor, late)
	h.paidWeight += minor
	h.paidWeighted.Add(&h.paidWeighted, new(big.Int).Mul(big.NewInt(minor), big.NewInt(int64(late))))
	if h.Paid.Minor += minor; late > 0 {
		h.PaidLate.Minor += minor
	}
}

func (h *habit) done() Habit {
	if h.weight > 0 {
		h.DaysLate = Ratio{new(big.Rat).SetFrac(&h.weighted, big.NewInt(h.weight))}
	}
	if h.paidWeight > 0 {
		h.OfPayments = Ratio{new(big.Rat).SetFrac(&h.paidWeighted, big.NewInt(h.paidWeight))}
	}
	return h.Habit
}

// Habits returns how each debtor pays as of a day, and under "" all together.
func (l Ledger) Habits(day date.Date) map[string]Habit {
	found := map[string]*habit{}
	zero := money.Of(0, l.currency)
	of := func(debtor string) *habit {
		h := found[debtor]
		if h == nil {
			h = &habit{Habit: Habit{Paid: zero, PaidLate: zero, Open: zero, Overdue: zero}}
			found[debtor] = h
		}
		return h
	}
	all := of("")
	due, whose := map[string]date.Date{}, map[string]string{}
	events := l.until(day)
	gone := cancelled(events)
	for _, e := range events {
		switch e.Kind {
		case Issued:
			due[e.Item], whose[e.Item] = e.Due, e.Debtor
		case DueMoved:
			due[e.Item] = e.Due
		}
	}
	since := day.AddYears(-1)
	for _, e := range events {
		if gone[e.Item] || due[e.Item].IsZero() {
			continue
		}
		minor, on := e.Amount.Minor, e.On
		switch e.Kind {
		case Paid:
		case PaidBack:
			minor, on = -minor, e.Of
		default:
			continue
		}
		if on.After(since) {
			of(whose[e.Item]).paid(minor, on.DaysSince(due[e.Item]))
			all.paid(minor, on.DaysSince(due[e.Item]))
		}
	}
	for _, p := range l.At(day).Open {
		late := p.DaysLate(day)
		for _, h := range []*habit{of(p.Debtor), all} {
			h.Open.Minor += p.Open.Minor
			if late > 0 && !gone[p.Item] {
				h.count(p.Open.Minor, late)
				h.Overdue.Minor += p.Open.Minor
				h.Invoices++
				h.OldestLate = max(h.OldestLate, late)
			}
		}
	}
	out := make(map[string]Habit, len(found))
	for debtor, h := range found {
		out[debtor] = h.done()
	}
	return out
}
