package board

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/insight"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// book makes events of rows; days are those of a zone.
type book struct {
	zone   *time.Location
	events []insight.Event
	// spent is how often a debtor's credit notes were used for an amount.
	spent map[use]int
}

type use struct {
	debtor uuid.UUID
	minor  int64
}

func (b *book) day(t time.Time) date.Date { return date.Of(t.In(b.zone)) }

func (b *book) add(e insight.Event) { b.events = append(b.events, e) }

// paidOn is the value date of money, or the day that it was seen.
func (b *book) paidOn(value date.Date, seen time.Time) date.Date {
	if value.IsZero() {
		return b.day(seen)
	}
	return value
}

// Events makes the events of everything that happened with money and invoices.
func Events(r Rows, zone *time.Location) []insight.Event {
	b := &book{zone: zone, spent: map[use]int{}}
	changes, allocated := map[uuid.UUID][]db.InsightChangesRow{}, map[uuid.UUID][]db.InsightAllocationsRow{}
	for _, c := range r.Changes {
		changes[c.InvoiceID] = append(changes[c.InvoiceID], c)
	}
	for _, a := range r.Allocations {
		allocated[a.InvoiceID] = append(allocated[a.InvoiceID], a)
	}
	currency := map[uuid.UUID]money.Currency{}
	for _, i := range r.Invoices {
		currency[i.ID] = i.Currency
		if i.Kind == string(sdk.CreditNote) {
			b.note(i, changes[i.ID])
		}
	}
	for _, i := range r.Invoices {
		if i.Kind != string(sdk.CreditNote) {
			b.invoice(i, changes[i.ID], allocated[i.ID])
		}
	}
	for _, p := range r.Credit {
		b.add(insight.Event{
			Kind: insight.PaidAhead, On: b.paidOn(p.ValueDate, p.SeenAt), Recorded: b.day(p.SeenAt), Item: p.ID.String(), Debtor: p.DebtorID.UUID.String(), Amount: money.Of(p.LeftMinor, p.Currency),
		})
	}
	b.marks(r, currency)
	return b.events
}

// firstSeen is the day that we came to know of an invoice.
func (b *book) firstSeen(i db.InsightInvoicesRow, changes []db.InsightChangesRow) date.Date {
	if len(changes) == 0 {
		return date.Later(i.Issued, b.day(i.ChangedAt))
	}
	return date.Later(i.Issued, b.day(changes[0].At))
}

// since is the first day from which the books say something without a break; the
// day of the last change when no change says so.
func (b *book) since(i db.InsightInvoicesRow, changes []db.InsightChangesRow, says func(db.InsightChangesRow) bool) date.Date {
	at := i.ChangedAt
	if i.GoneAt != nil {
		at = *i.GoneAt
	}
	for _, c := range slices.Backward(changes) {
		if !says(c) {
			break
		}
		at = c.At
	}
	return date.Later(i.Issued, b.day(at))
}

func (b *book) invoice(i db.InsightInvoicesRow, changes []db.InsightChangesRow, allocated []db.InsightAllocationsRow) {
	of := func(k insight.Kind, on date.Date, minor int64) insight.Event {
		return insight.Event{Kind: k, On: on, Item: i.ID.String(), Debtor: i.DebtorID.String(), Amount: money.Of(minor, i.Currency)}
	}
	first := of(insight.Issued, i.Issued, i.TotalMinor)
	first.Due, first.Recorded = i.Due, b.firstSeen(i, changes)
	if len(changes) > 0 {
		first.Due = changes[0].Due
	}
	b.add(first)
	for n := 1; n < len(changes); n++ {
		if c := changes[n]; c.Due != changes[n-1].Due {
			moved := of(insight.DueMoved, date.Later(i.Issued, b.day(c.At)), 0)
			moved.Due = c.Due
			b.add(moved)
		}
	}
	rest := b.allocations(of, allocated)
	b.otherwise(i, changes, allocated, of, &rest, i.TotalMinor)
	switch open := i.TotalMinor - rest; {
	case i.Status == string(sdk.Void):
		b.add(of(insight.Cancelled, b.since(i, changes, func(c db.InsightChangesRow) bool { return c.Status == i.Status }), 0))
	case open <= 0:
	case i.Status == string(sdk.Uncollectible):
		b.add(of(insight.WrittenOff, b.since(i, changes, func(c db.InsightChangesRow) bool { return c.Status == i.Status }), open))
	case i.GoneAt != nil:
		on := i.ClosedOn
		if on.IsZero() {
			on = b.since(i, changes, func(c db.InsightChangesRow) bool { return c.Gone })
		}
		b.add(of(insight.Settled, date.Later(i.Issued, on), open))
	}
}

// allocations adds what was paid and taken back, and returns what is paid now.
func (b *book) allocations(of func(insight.Kind, date.Date, int64) insight.Event, allocated []db.InsightAllocationsRow) (paid int64) {
	for _, a := range allocated {
		on, minor := b.paidOn(a.ValueDate, a.SeenAt), a.AmountMinor
		known := b.day(a.CreatedAt)
		put := func(k insight.Kind, on, recorded date.Date) {
			e := of(k, on, max(minor, -minor))
			if e.Recorded = recorded; k == insight.PaidBack {
				e.Of = b.paidOn(a.ValueDate, a.SeenAt)
			}
			b.add(e)
		}
		forth, back := insight.Paid, insight.PaidBack
		if minor < 0 { // the law put it to costs or interest
			forth, back = back, forth
		}
		put(forth, on, known)
		switch {
		case a.ReversedAt == nil:
			paid += minor
		case a.Undone && !a.Statute:
			put(back, date.Later(on, b.day(*a.ReversedAt)), date.Date{})
		default: // put elsewhere: it never settled this invoice
			put(back, on, b.day(*a.ReversedAt))
		}
	}
	return paid
}

// otherwise adds what the books took off the open amount without a payment on
// record, on the days that they did. What payments explain is left out: drops
// of the same amount first. What a credit note of the debtor was used for is no
// money.
func (b *book) otherwise(i db.InsightInvoicesRow, changes []db.InsightChangesRow, allocated []db.InsightAllocationsRow, of func(insight.Kind, date.Date, int64) insight.Event, paid *int64, total int64) {
	left := total - i.OpenMinor
	explained := map[int64]int{}
	for _, a := range allocated {
		if a.Reflected && a.ReversedAt == nil {
			left -= a.AmountMinor
			explained[a.AmountMinor]++
		}
	}
	if left <= 0 || i.Status == string(sdk.Void) || i.Status == string(sdk.Uncollectible) {
		return
	}
	put := func(on date.Date, minor int64) {
		kind := insight.Paid
		if u := (use{i.DebtorID, minor}); b.spent[u] > 0 {
			kind = insight.Settled
			b.spent[u]--
		}
		b.add(of(kind, date.Later(i.Issued, on), minor))
		*paid += minor
		left -= minor
	}
	for n := 1; n < len(changes) && left > 0; n++ {
		drop := changes[n-1].OpenMinor - changes[n].OpenMinor
		if drop <= 0 {
			continue
		}
		if explained[drop] > 0 {
			explained[drop]--
			continue
		}
		on := b.day(changes[n].At)
		if changes[n].OpenMinor == 0 && !i.ClosedOn.IsZero() {
			on = i.ClosedOn
		}
		put(on, min(drop, left))
	}
	if left > 0 { // it was so when we first saw it
		on := i.ClosedOn
		if on.IsZero() {
			on = b.firstSeen(i, changes)
		}
		put(on, left)
	}
}

// note adds a credit note and what of it was used.
func (b *book) note(i db.InsightInvoicesRow, changes []db.InsightChangesRow) {
	abs := func(n int64) int64 { return max(n, -n) }
	of := func(k insight.Kind, on date.Date, minor int64) insight.Event {
		return insight.Event{Kind: k, On: on, Item: i.ID.String(), Debtor: i.DebtorID.String(), Amount: money.Of(minor, i.Currency)}
	}
	first := of(insight.NoteIssued, i.Issued, abs(i.TotalMinor))
	first.Recorded = b.firstSeen(i, changes)
	b.add(first)
	if i.Status == string(sdk.Void) {
		b.add(of(insight.Cancelled, b.since(i, changes, func(c db.InsightChangesRow) bool { return c.Status == i.Status }), 0))
		return
	}
	left := abs(i.TotalMinor) - abs(i.OpenMinor)
	if i.GoneAt != nil {
		left = abs(i.TotalMinor)
	}
	put := func(on date.Date, minor int64) {
		b.add(of(insight.CreditSpent, date.Later(i.Issued, on), minor))
		b.spent[use{i.DebtorID, minor}]++
		left -= minor
	}
	for n := 1; n < len(changes) && left > 0; n++ {
		if drop := abs(changes[n-1].OpenMinor) - abs(changes[n].OpenMinor); drop > 0 {
			put(b.day(changes[n].At), min(drop, left))
		}
	}
	if left <= 0 {
		return
	}
	on := b.firstSeen(i, changes)
	if i.GoneAt != nil {
		on = b.day(*i.GoneAt)
	}
	put(on, left)
}
