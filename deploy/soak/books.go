package main

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
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
	country  string
	currency money.Currency
	iban     string
	parties  []sdk.Party
	entries  []*entry
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

	paid       []movement
	credited   []writeDown
	writtenOff []writeDown
	withdrawn  bool
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
	back bool // it was taken back
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

// book writes a payment into the books.
func (b *books) book(e *entry, minor int64, on date.Date, reference string) {
	b.booked++
	minor = min(minor, e.invoice.Open.Minor)
	if minor <= 0 {
		return
	}
	e.invoice.Open.Minor -= minor
	if e.invoice.Open.Minor == 0 {
		e.invoice.Status = sdk.Paid
	}
	e.payments = append(e.payments, sdk.Payment{
		ID: fmt.Sprintf("pay-%06d", b.booked), PartyID: e.invoice.PartyID, InvoiceID: e.invoice.ID, Amount: money.Of(minor, b.currency),
		ValueDate: on, Reference: reference,
	})
	b.touch(e)
	b.see(e)
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
			return true
		}
	}
	b.reads++
	return b.y.Faults && dice(b.y.Seed, fmt.Sprintf("books %s %d", b.id, b.reads)).IntN(120) == 0
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
	}
	return err
}

func (b *books) write(ctx context.Context, tx store.Tx, batch sync.Batch) error {
	c, err := sync.Apply(ctx, tx, b.id, batch, b.y.clock.Now())
	if err != nil {
		return err
	}
	return b.y.planner.InvoicesChanged(ctx, tx, b.id, c.Invoices)
}

// see notes that who looks into the books now finds a payment there.
func (b *books) see(e *entry) {
	var booked int64
	for _, p := range e.payments {
		booked += p.Amount.Minor
	}
	for i := range e.paid {
		m := &e.paid[i]
		if booked -= m.minor; booked < 0 {
			return
		}
		if m.seen.IsZero() {
			m.seen = b.y.clock.Now()
		}
	}
}

// Confirm implements dunning.Books for the whole world: it reads the books of an
// administration at this moment.
func (y *year) Confirm(ctx context.Context, tenant, adm uuid.UUID, invoices []uuid.UUID) error {
	b := y.books(adm)
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

// FetchElectronic implements dunning.Books: no invoice has a UBL.
func (y *year) FetchElectronic(context.Context, uuid.UUID, uuid.UUID) error {
	return fault.New(fault.NotFound, "electronic_missing", "These books have no electronic invoices.")
}

// FetchDocument implements dunning.Books: every invoice has a PDF.
func (y *year) FetchDocument(ctx context.Context, tenant, invoice uuid.UUID) error {
	return y.in(ctx, func(tx store.Tx) error {
		inv, err := tx.Invoice(ctx, invoice)
		if err != nil {
			return err
		}
		if y.books(inv.AdministrationID).down() {
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
