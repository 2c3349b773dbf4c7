package main

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// books are the accounting package of one administration: what its bookkeeper
// knows, which lags behind what really happened.
type books struct {
	y        *year
	id       uuid.UUID // the administration
	currency money.Currency
	iban     string
	parties  []sdk.Party
	entries  []*entry
	notes    []*note
	issued   int // credit notes
	byID     map[uuid.UUID]*entry
	changed  map[string]bool // entries since the last sync
	moved    bool            // a party since the last sync
	booked   int
	reads    int
	outages  []span
	balance  int64
	lines    []*transfer // for the next statement
	undone   []sdk.Payment
	sequence int
}

type span struct{ from, to time.Time }

// entry is an invoice in the books, with the truth about it.
type entry struct {
	invoice  sdk.Invoice
	payments []sdk.Payment
	debtor   *debtor
	nth      int // of its debtor

	paid       []movement
	credited   []writeDown
	writtenOff []writeDown
	withdrawn  bool
	// own is the id of a claim that is in no books but the hub's.
	own uuid.UUID
}

// writeDown lowers an invoice in the books without money.
type writeDown struct {
	minor int64
	at    time.Time
}

// upTo is what was written down by a moment.
func upTo(list []writeDown, at time.Time) (sum int64) {
	for _, w := range list {
		if !w.at.After(at) {
			sum += w.minor
		}
	}
	return sum
}

// movement is money that a debtor parted with for an invoice.
type movement struct {
	minor int64
	value date.Date
	// seen is when the hub could first know of it: from a statement, from the
	// provider or from the books; zero while nobody could.
	seen time.Time
	back bool   // it was taken back
	by   string // the payment at the provider; empty for a transfer
}

// total is the invoice less what was written down by a moment.
func (e *entry) total(at time.Time) int64 {
	return e.invoice.Total.Minor - upTo(e.credited, at) - upTo(e.writtenOff, at)
}

// open is what is truly owed.
func (e *entry) open() int64 {
	open := e.total(e.debtor.books.y.clock.Now())
	for _, m := range e.paid {
		if !m.back {
			open -= m.minor
		}
	}
	if e.withdrawn {
		return 0
	}
	return max(0, open)
}

// knownOpen is the least that the hub could ask at a moment if it looked
// everywhere.
func (e *entry) knownOpen(at time.Time) int64 {
	open := e.total(at)
	for _, m := range e.paid {
		if !m.back && !m.seen.IsZero() && !m.seen.After(at) {
			open -= m.minor
		}
	}
	return max(0, open)
}

// book writes a payment into the books. Whoever looks there finds it from then on.
func (b *books) book(e *entry, m *movement, reference string) {
	if m.back {
		return
	}
	if m.seen.IsZero() {
		m.seen = b.y.clock.Now()
	}
	b.booked++
	minor := min(m.minor, e.invoice.Open.Minor)
	if minor <= 0 {
		return
	}
	e.invoice.Open.Minor -= minor
	if e.invoice.Open.Minor == 0 {
		e.invoice.Status = sdk.Paid
	}
	e.payments = append(e.payments, sdk.Payment{
		ID: fmt.Sprintf("pay-%06d", b.booked), PartyID: e.invoice.PartyID, InvoiceID: e.invoice.ID, Amount: money.Of(minor, e.invoice.Total.Currency),
		ValueDate: m.value, Reference: reference,
	})
	b.touch(e)
}

// reopen takes a payment out of the books that was charged back.
func (e *entry) reopen(reference string) {
	b := e.debtor.books
	kept := e.payments[:0:0]
	for _, p := range e.payments {
		if p.Reference != reference {
			kept = append(kept, p)
			continue
		}
		b.undone = append(b.undone, p)
		e.invoice.Open.Minor += p.Amount.Minor
	}
	if len(kept) < len(e.payments) && !e.withdrawn {
		e.payments, e.invoice.Status = kept, sdk.Open
		b.touch(e)
	}
}

func (b *books) touch(e *entry) {
	e.invoice.Revision = fmt.Sprint(len(e.payments), e.invoice.Open.Minor, e.invoice.Due, e.invoice.Status)
	b.changed[e.invoice.ID] = true
}

// down reports whether the books cannot be reached at this moment.
func (b *books) down() bool {
	now := b.y.clock.Now()
	for _, o := range b.outages {
		if !now.Before(o.from) && now.Before(o.to) {
			b.y.faults.fire(booksLong)
			return true
		}
	}
	b.reads++
	return b.y.luck(booksDown, fmt.Sprintf("books %s %d", b.id, b.reads), 120)
}

var errDown = fault.New(fault.Unavailable, "books_down", "The books are out of reach.")

// sync mirrors what changed, and on Sundays everything.
func (b *books) sync(ctx context.Context) error {
	if b.down() {
		return nil // the next one comes in a few hours
	}
	now := b.y.clock.Now()
	full := now.Weekday() == time.Sunday
	if y := b.y; y.blind && !full {
		return y.in(ctx, func(tx store.Tx) error {
			return tx.ConfirmAdministration(ctx, db.ConfirmAdministrationParams{ID: b.id, At: now})
		})
	}
	batch := sync.Batch{}
	if full || b.moved {
		batch.Parties = b.parties
	}
	for _, e := range b.entries {
		if full || b.changed[e.invoice.ID] {
			batch.Invoices = append(batch.Invoices, e.invoice)
			batch.Payments = append(batch.Payments, e.payments...)
		}
	}
	for _, n := range b.notes {
		if full || b.changed[n.invoice.ID] {
			batch.Invoices = append(batch.Invoices, n.invoice)
		}
	}
	if len(b.undone) > 0 {
		batch.Gone = map[sdk.Stream][]string{sdk.Payments: {}}
		for _, p := range b.undone {
			batch.Gone[sdk.Payments] = append(batch.Gone[sdk.Payments], p.ID)
		}
	}
	err := b.y.in(ctx, func(tx store.Tx) error {
		if err := b.write(ctx, tx, batch); err != nil {
			return err
		}
		if err := tx.ConfirmAdministration(ctx, db.ConfirmAdministrationParams{ID: b.id, At: now}); err != nil {
			return err
		}
		held, err := tx.HeldByRule(ctx, db.HeldByRuleParams{AdministrationID: b.id, Rules: []string{"R5", "R7", "R19"}})
		if err != nil {
			return err
		}
		return b.y.planner.Replan(ctx, tx, held)
	})
	if err == nil {
		b.changed, b.moved, b.undone = map[string]bool{}, false, nil
		b.read()
	}
	return err
}

func (b *books) write(ctx context.Context, tx store.Tx, batch sync.Batch) error {
	c, err := sync.Apply(ctx, tx, b.id, batch, b.y.clock.Now())
	if err != nil {
		return err
	}
	return b.y.changed(ctx, tx, b.id, c.Invoices)
}

// changed lets everybody know who follows the books.
func (y *year) changed(ctx context.Context, tx store.Tx, administration uuid.UUID, invoices []uuid.UUID) error {
	if err := y.planner.InvoicesChanged(ctx, tx, administration, invoices); err != nil {
		return err
	}
	if err := y.credit.InvoicesChanged(ctx, tx, invoices); err != nil {
		return err
	}
	return y.debits.InvoicesChanged(ctx, tx, administration, invoices)
}

// Confirm implements dunning.Books for the whole world: it reads the books of an
// administration at this moment.
func (y *year) Confirm(ctx context.Context, tenant, adm uuid.UUID, invoices []uuid.UUID) error {
	b := y.books(adm)
	if b == nil { // the hub's own, which nobody else keeps
		return y.in(ctx, func(tx store.Tx) error {
			return tx.ConfirmInvoices(ctx, db.ConfirmInvoicesParams{At: y.clock.Now(), Ids: invoices})
		})
	}
	if b.down() {
		return errDown
	}
	var batch sync.Batch
	for _, id := range invoices {
		if e := b.byID[id]; e != nil {
			batch.Invoices = append(batch.Invoices, e.invoice)
			batch.Payments = append(batch.Payments, e.payments...)
		}
	}
	return y.in(ctx, func(tx store.Tx) error {
		if y.blind {
			return tx.ConfirmInvoices(ctx, db.ConfirmInvoicesParams{At: y.clock.Now(), Ids: invoices})
		}
		if err := b.write(ctx, tx, batch); err != nil {
			return err
		}
		return tx.ConfirmInvoices(ctx, db.ConfirmInvoicesParams{At: y.clock.Now(), Ids: invoices})
	})
}

// FetchElectronic implements dunning.Books: every third invoice has a UBL.
func (y *year) FetchElectronic(ctx context.Context, tenant, invoice uuid.UUID) error {
	if invoice[0]%3 > 0 {
		return fault.New(fault.NotFound, "electronic_missing", "These books have no electronic invoice of this one.")
	}
	return y.in(ctx, func(tx store.Tx) error {
		inv, err := tx.Invoice(ctx, invoice)
		if err != nil {
			return err
		}
		return tx.AddDocument(ctx, db.AddDocumentParams{
			ID: uuid.NewSHA1(invoice, []byte("ubl "+inv.Revision)), TenantID: tenant, SubjectID: invoice, Kind: dunning.Electronic, Name: inv.Number + ".xml", MediaType: "application/xml",
			Sha256: []byte{1}, Content: []byte("<Invoice/>"), CreatedAt: y.clock.Now(),
		})
	})
}

// FetchDocument implements dunning.Books: every invoice has a PDF.
func (y *year) FetchDocument(ctx context.Context, tenant, invoice uuid.UUID) error {
	return y.in(ctx, func(tx store.Tx) error {
		inv, err := tx.Invoice(ctx, invoice)
		if err != nil {
			return err
		}
		if b := y.books(inv.AdministrationID); b != nil && b.down() {
			return errDown
		}
		have, err := tx.DocumentsOf(ctx, []uuid.UUID{invoice})
		if err != nil || len(have) > 0 {
			return err
		}
		return tx.AddDocument(ctx, db.AddDocumentParams{
			ID: uuid.NewSHA1(invoice, []byte("pdf")), TenantID: tenant, SubjectID: invoice, Kind: "invoice", Name: inv.Number + ".pdf",
			MediaType: "application/pdf", Sha256: []byte{0}, Content: []byte("%PDF-1.4\n%%EOF\n"), CreatedAt: y.clock.Now(),
		})
	})
}
