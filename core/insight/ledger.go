package insight

import (
	"errors"
	"fmt"
	"slices"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// ErrEvent is returned for an event that cannot be counted: without a day, with
// an amount below zero, or of an item whose currency nothing tells.
var ErrEvent = errors.New("event cannot be counted; correct it and build the ledger again")

// Ledger is what happened, in one currency. It does not change, and may be used
// by many at once.
type Ledger struct {
	currency money.Currency
	events   []Event // by On, then by the day they were known
}

// New makes a ledger of the events of one currency, in any order; those of one
// item on one day count in the order given. It returns ErrEvent, money.ErrMixed
// for an event in another currency and money.ErrRange when the amounts together
// do not fit, so that no sum over the ledger can fail.
func New(currency money.Currency, events []Event) (Ledger, error) {
	total := money.Of(0, currency)
	for i, e := range events {
		if e.On.IsZero() || e.Amount.Minor < 0 || e.Kind == PaidBack && e.Of.IsZero() || currency == "" {
			return Ledger{}, fmt.Errorf("%s of %s on %q, %s: %w", e.Kind, e.Item, e.On, e.Amount, ErrEvent)
		}
		var err error
		if total, err = total.Add(e.Amount); err != nil {
			return Ledger{}, fmt.Errorf("event %d, %s of %s: %w", i+1, e.Kind, e.Item, err)
		}
	}
	l := Ledger{currency: currency, events: slices.Clone(events)}
	slices.SortStableFunc(l.events, func(a, b Event) int {
		if a.On != b.On {
			return a.On.Compare(b.On)
		}
		return a.known().Compare(b.known())
	})
	return l, nil
}

// Split sorts events by the currency of their amounts, one ledger for each.
// Events without an amount go where the first event of their item went. It
// returns the errors of New.
func Split(events []Event) (map[money.Currency]Ledger, error) {
	of := map[string]money.Currency{}
	for _, e := range events {
		if _, known := of[e.Item]; !known && e.Amount.Currency != "" {
			of[e.Item] = e.Amount.Currency
		}
	}
	parts := map[money.Currency][]Event{}
	for _, e := range events {
		c := e.Amount.Currency
		if c == "" {
			c = of[e.Item]
		}
		parts[c] = append(parts[c], e)
	}
	ledgers := map[money.Currency]Ledger{}
	for c, part := range parts {
		l, err := New(c, part)
		if err != nil {
			return nil, fmt.Errorf("ledger of %s: %w", c, err)
		}
		ledgers[c] = l
	}
	return ledgers, nil
}

// KnownBy returns the ledger as it was at the end of a day: without what was
// entered later, also when it counts from before.
func (l Ledger) KnownBy(day date.Date) Ledger {
	l.events = slices.DeleteFunc(slices.Clone(l.events), func(e Event) bool { return e.known().After(day) })
	return l
}

// until returns the events that count by the end of a day.
func (l Ledger) until(day date.Date) []Event {
	n, _ := slices.BinarySearchFunc(l.events, day, func(e Event, d date.Date) int {
		if e.On.After(d) {
			return 1
		}
		return -1
	})
	return l.events[:n]
}

// Sales returns what was invoiced in the window of days that ends on day, less
// the credit notes of that window. What is cancelled by day is out. Below zero
// when more was credited than invoiced.
func (l Ledger) Sales(day date.Date, days int) money.Amount {
	return l.sales(day.AddDays(1-days), day, day)
}

// Total returns the sum of the events of a kind in the window of days that ends
// on day: the money of Paid, the loss of WrittenOff, of Issued what was billed
// before credit notes. What is cancelled by day is out.
func (l Ledger) Total(k Kind, day date.Date, days int) money.Amount {
	return money.Of(l.of(k, day.AddDays(1-days), day, day), l.currency)
}

// sales is what was sold from first through last, as it stands at the end of asOf.
func (l Ledger) sales(first, last, asOf date.Date) money.Amount {
	return money.Of(l.of(Issued, first, last, asOf)-l.of(NoteIssued, first, last, asOf), l.currency)
}

// of is the sum of the events of a kind from first through last, without the
// items that are cancelled at the end of asOf.
func (l Ledger) of(k Kind, first, last, asOf date.Date) (total int64) {
	gone := cancelled(l.until(asOf))
	for _, e := range l.until(last) {
		if e.Kind == k && !e.On.Before(first) && !gone[e.Item] {
			total += e.Amount.Minor
		}
	}
	return total
}

func cancelled(events []Event) map[string]bool {
	gone := map[string]bool{}
	for _, e := range events {
		if e.Kind == Cancelled {
			gone[e.Item] = true
		}
	}
	return gone
}
