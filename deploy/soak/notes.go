package main

import (
	"context"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// note is a credit note in the books, as a document of its own.
type note struct {
	invoice  sdk.Invoice // of the kind of a credit note
	debtor   *debtor
	currency money.Currency
	minor    int64
	// known is when the hub read it while it stood open; ended when it was matched
	// or withdrawn in the books. One that was matched at once is never known.
	known, ended time.Time
	void         bool
}

// countsAt reports whether the hub should take it off what the debtor owes.
func (n *note) countsAt(at time.Time) bool {
	return !n.known.IsZero() && n.known.Before(at) && (n.ended.IsZero() || n.ended.After(at))
}

// issue writes a credit note; it stands open until it is matched with an invoice.
func (b *books) issue(e *entry, minor int64, open bool) *note {
	b.issued++
	n := &note{debtor: e.debtor, currency: e.invoice.Total.Currency, minor: minor, invoice: sdk.Invoice{
		ID: "CN-" + e.invoice.ID + "-" + count(b.issued), PartyID: e.invoice.PartyID, Number: "CN-" + e.invoice.Number + "-" + count(b.issued), Kind: sdk.CreditNote, Status: sdk.Paid,
		Issued: date.Of(b.y.clock.Now().In(b.y.zone)), Due: date.Of(b.y.clock.Now().In(b.y.zone)), Total: money.Of(minor, e.invoice.Total.Currency), Open: money.Of(0, e.invoice.Total.Currency), Revision: "1",
	}}
	if open {
		n.invoice.Status, n.invoice.Open.Minor = sdk.Open, minor
	} else {
		n.invoice.Credits = e.invoice.ID
	}
	b.notes = append(b.notes, n)
	b.changed[n.invoice.ID] = true
	return n
}

// match settles an invoice with a credit note, so that no money moves.
func (b *books) match(e *entry, n *note) {
	minor := min(n.minor, e.invoice.Open.Minor)
	e.credited = append(e.credited, writeDown{minor, b.y.clock.Now()})
	if minor > 0 {
		e.payments = append(e.payments, sdk.Payment{
			ID: "match-" + n.invoice.ID, PartyID: e.invoice.PartyID, InvoiceID: e.invoice.ID, Amount: money.Of(minor, n.currency), ValueDate: date.Of(b.y.clock.Now().In(b.y.zone)),
			Reference: n.invoice.Number, CreditNote: n.invoice.ID,
		})
	}
	b.lower(e, minor)
}

// end closes a credit note in the books.
func (b *books) end(n *note, status sdk.InvoiceStatus) {
	if n.invoice.Status != sdk.Open {
		return
	}
	n.invoice.Status, n.invoice.Open.Minor, n.invoice.Revision, n.ended = status, 0, "2", b.y.clock.Now()
	b.changed[n.invoice.ID] = true
}

// noted gets a credit note for half or all of an invoice, which the bookkeeper
// matches weeks later. The debtor pays what is left. One in four is a mistake, and
// is withdrawn.
func (y *year) noted(e *entry, luck *rand.Rand, half int64) {
	b := e.debtor.books
	minor, mistake := half, luck.IntN(4) == 0
	if luck.IntN(3) == 0 {
		minor = e.invoice.Total.Minor
	}
	taken := minor // off what the debtor pays
	var n *note
	begin := luck.IntN(20) - 3
	y.after(e, luck, begin, func(context.Context) error {
		n = b.issue(e, minor, true)
		return nil
	})
	if mistake {
		y.after(e, luck, begin+6, func(context.Context) error {
			n.void = true
			b.end(n, sdk.Void)
			return nil
		})
		taken = 0
	}
	y.after(e, luck, begin+14+luck.IntN(10), func(ctx context.Context) error { return y.pay(ctx, e, e.open()-taken) })
	y.after(e, luck, begin+34+luck.IntN(20), func(context.Context) error {
		if n.invoice.Status == sdk.Open {
			b.match(e, n)
			b.end(n, sdk.Paid)
		}
		return nil
	})
}

// read tells which credit notes a sync read while they stood open.
func (b *books) read() {
	for _, n := range b.notes {
		if n.known.IsZero() && n.invoice.Status == sdk.Open {
			n.known = b.y.clock.Now()
		}
	}
}

// The promise about credit notes.
const netted = "an open credit note is taken off and listed, and stops reminders and cases (R38-R41)"

// inspectNotes holds the credit notes against the books, and what was asked of
// their debtors meanwhile.
func (y *year) inspectNotes(ctx context.Context, f *findings) error {
	open := map[*debtor][]*note{}
	byID := map[uuid.UUID]*note{}
	for _, b := range y.shops {
		for _, n := range b.notes {
			byID[sync.InvoiceID(b.id, n.invoice.ID)] = n
			if !n.known.IsZero() {
				open[n.debtor] = append(open[n.debtor], n)
			}
		}
	}
	var id uuid.UUID
	var total, rest int64
	var status string
	if err := y.rows(ctx, `select id, total_minor, open_minor, status from invoice where kind = 'credit_note' and gone_at is null`, []any{&id, &total, &rest, &status}, func() error {
		n := byID[id]
		f.Checked[everyCent]++
		if n == nil || total != n.minor || rest != n.invoice.Open.Minor || status != string(n.invoice.Status) {
			f.breaks("a credit note of %d is %s with %d open here, and it is not so in the books", total, status, rest)
		}
		delete(byID, id)
		return nil
	}); err != nil {
		return err
	}
	if len(byID) > 0 {
		f.breaks("%d credit notes are in the books and not here", len(byID))
	}
	if err := y.nettedOff(ctx, open, f); err != nil {
		return err
	}
	var opened time.Time
	var number string
	return y.rows(ctx, `select c.number, c.opened_at, i.invoice_id from collection_case c join case_invoice i on i.case_id = c.id order by 1, 3`, []any{&number, &opened, &id}, func() error {
		for _, n := range open[y.entry(id).debtor] {
			f.Checked[netted]++
			if n.currency == y.entry(id).invoice.Total.Currency && n.countsAt(opened) {
				f.breaks("case %s was opened while credit note %s was open (R40)", number, n.invoice.Number)
			}
		}
		return nil
	})
}

// nettedOff looks at every reminder to who had an open credit note.
func (y *year) nettedOff(ctx context.Context, open map[*debtor][]*note, f *findings) error {
	owed := map[*debtor][]*entry{}
	for _, b := range y.shops {
		for _, e := range b.entries {
			if open[e.debtor] != nil {
				owed[e.debtor] = append(owed[e.debtor], e)
			}
		}
	}
	var id uuid.UUID
	var step, channel, body string
	var at time.Time
	return y.rows(ctx, `select i.invoice_id, m.step, m.channel, m.sent_at, m.body_text from message m join message_invoice i on i.message_id = m.id and i.role = 'demanded'
		where m.state = 'sent' and m.asks and m.step not in ('invoice', 'pre_reminder', 'payment_reversed')
		  and m.debtor_id in (select debtor_id from invoice where kind = 'credit_note') order by m.sent_at, m.id, 1`, []any{&id, &step, &channel, &at, &body}, func() error {
		e := y.entry(id)
		var credit, debit int64
		for _, n := range open[e.debtor] {
			if n.currency != e.invoice.Total.Currency || !n.countsAt(at) {
				continue
			}
			credit += n.minor
			f.Checked[netted]++
			if (channel == "email" || channel == "letter") && !strings.Contains(body, n.invoice.Number) {
				f.breaks("%s for %s on %s does not list credit note %s (R38)", step, e.invoice.Number, at.In(y.zone).Format("2 Jan 15:04"), n.invoice.Number)
			}
		}
		for _, o := range owed[e.debtor] {
			if o.invoice.Total.Currency == e.invoice.Total.Currency && !o.withdrawn {
				debit += o.knownOpen(at)
			}
		}
		if credit > 0 && credit >= debit {
			f.breaks("%s was reminded (%s) on %s, and we owed its debtor %d against %d (R39)", e.invoice.Number, step, at.In(y.zone).Format("2 Jan 15:04"), credit, debit)
		}
		return nil
	})
}
