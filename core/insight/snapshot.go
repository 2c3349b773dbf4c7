package insight

import (
	"slices"
	"strings"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Snapshot is what was open at the end of a day.
type Snapshot struct {
	On       date.Date
	Open     []Position   // invoices with an open amount, by item
	Credit   money.Amount // of debtors, not yet applied; zero or more
	currency money.Currency
}

// Position is an invoice with an open amount.
type Position struct {
	Item, Debtor string
	Due          date.Date // as it was on that day; none is never overdue
	Total        money.Amount
	Open         money.Amount // above zero
	marked       map[Mark]int64
	lost         int64 // written off
}

// DaysLate is the number of days since the due date, nought or below when it is
// not over. It is overdue from the day after (R12).
func (p Position) DaysLate(on date.Date) int {
	if p.Due.IsZero() {
		return 0
	}
	return on.DaysSince(p.Due)
}

// Under is how much of what is open is under a mark.
func (p Position) Under(m Mark) money.Amount {
	return money.Of(min(p.marked[m], p.Open.Minor), p.Open.Currency)
}

// At returns what was open at the end of a day. What is paid above an invoice is
// credit.
func (l Ledger) At(day date.Date) Snapshot {
	s := Snapshot{On: day, Credit: money.Of(0, l.currency), currency: l.currency}
	events := l.until(day)
	gone := cancelled(events)
	positions := map[string]*Position{}
	for _, e := range events {
		p := positions[e.Item]
		if p == nil {
			p = &Position{Item: e.Item, Debtor: e.Debtor, Total: money.Of(0, l.currency), Open: money.Of(0, l.currency)}
			positions[e.Item] = p
		}
		p.apply(e, gone[e.Item])
	}
	for _, p := range positions {
		switch {
		case p.Open.Minor > 0:
			s.Open = append(s.Open, *p)
		case p.Open.Minor < 0:
			s.Credit.Minor -= min(0, p.Open.Minor+p.lost)
		}
	}
	slices.SortFunc(s.Open, func(a, b Position) int { return strings.Compare(a.Item, b.Item) })
	return s
}

// apply counts one event. A cancelled invoice keeps only what was given for it.
func (p *Position) apply(e Event, gone bool) {
	switch e.Kind {
	case Issued:
		p.Due = e.Due
		if !gone {
			p.Total.Minor += e.Amount.Minor
			p.Open.Minor += e.Amount.Minor
		}
	case DueMoved:
		p.Due = e.Due
	case PaidBack, CreditSpent:
		p.Open.Minor += e.Amount.Minor
	case Paid, Settled, PaidAhead:
		p.Open.Minor -= e.Amount.Minor
	case NoteIssued:
		if !gone {
			p.Open.Minor -= e.Amount.Minor
		}
	case WrittenOff:
		if !gone {
			p.Open.Minor -= e.Amount.Minor
			p.lost += e.Amount.Minor
		}
	case Marked:
		if p.marked == nil {
			p.marked = map[Mark]int64{}
		}
		p.marked[e.Mark] = e.Amount.Minor
	case Cancelled:
	}
}

// Receivable is what debtors owe on a day, AR(t). The marked parts are within
// Gross, never taken off it (R74); one invoice may be under several.
type Receivable struct {
	Gross     money.Amount // sum of open amounts
	Credit    money.Amount // not yet applied
	Net       money.Amount // Gross less Credit: the AR of DSO and CEI
	Disputed  money.Amount
	Promised  money.Amount
	OnPlan    money.Amount
	InTransit money.Amount
}

// Receivable adds up what is open.
func (s Snapshot) Receivable() Receivable {
	zero := money.Of(0, s.currency)
	r := Receivable{Gross: zero, Credit: s.Credit, Net: zero, Disputed: zero, Promised: zero, OnPlan: zero, InTransit: zero}
	for _, p := range s.Open {
		r.Gross.Minor += p.Open.Minor
		r.Disputed.Minor += p.Under(Disputed).Minor
		r.Promised.Minor += p.Under(Promised).Minor
		r.OnPlan.Minor += p.Under(OnPlan).Minor
		r.InTransit.Minor += p.Under(InTransit).Minor
	}
	r.Net.Minor = r.Gross.Minor - r.Credit.Minor
	return r
}

// NotDue is what is open and not overdue, the numerator of the best possible DSO.
func (s Snapshot) NotDue() money.Amount { return s.Aging().Buckets[0].Open }

// Unpaid is the full amount of every invoice that is not paid in full, however
// much of it is paid; for FullAmountDSO.
func (s Snapshot) Unpaid() money.Amount {
	total := money.Of(0, s.currency)
	for _, p := range s.Open {
		total.Minor += p.Total.Minor
	}
	return total
}
