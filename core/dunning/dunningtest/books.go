package dunningtest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	booksync "github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Books is the source of truth outside: what the test writes into it is seen by
// a sync, or by a look at the moment of sending.
type Books struct {
	world *World

	mu       sync.Mutex
	records  map[string]*record
	byID     map[uuid.UUID]*record
	parties  []sdk.Party
	ubl      map[string]string // electronic invoices by id
	payments int
	down     error
	blind    bool
	looked   func(invoice string)
}

type record struct {
	invoice  sdk.Invoice
	payments []sdk.Payment
	paid     time.Time   // when the payment became visible, monotonic
	reads    []time.Time // when somebody looked
}

// Debtor is a party with an address by e-mail and by post.
func Debtor(id string, kind sdk.PartyKind) sdk.Party {
	return sdk.Party{
		ID: id, Name: "Debtor " + id, Kind: kind, Email: id + "@debtor.test", Language: "nl",
		Address: sdk.Address{Line1: "Kerkstraat 2", PostalCode: "1234 CD", City: "Ons Dorp", Country: "NL"},
	}
}

// Invoice is an open invoice with a PDF, sent by nobody yet. Its number is its id.
func Invoice(id, party, issued, due string, cents int64) sdk.Invoice {
	return sdk.Invoice{
		ID: id, PartyID: party, Number: id, Kind: sdk.SalesInvoice, Status: sdk.Open, Issued: date.MustParse(issued), Due: date.MustParse(due),
		Total: money.EUR(cents), Open: money.EUR(cents), Document: true,
	}
}

// Put writes a party and invoices into the books.
func (b *Books) Put(party sdk.Party, invoices ...sdk.Invoice) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.parties = append(b.parties, party)
	for _, i := range invoices {
		r := &record{invoice: i}
		b.records[i.ID], b.byID[b.world.ID(i.ID)] = r, r
	}
}

// Change edits an invoice in the books.
func (b *Books) Change(id string, edit func(*sdk.Invoice)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	edit(&b.records[id].invoice)
}

// Pay books a payment at the source and returns the moment it can be seen.
func (b *Books) Pay(id string, cents int64, on date.Date) time.Time {
	return b.PayNaming(id, cents, on, "")
}

// PayNaming is Pay with the text of the bank that the books keep of it.
func (b *Books) PayNaming(id string, cents int64, on date.Date, reference string) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.records[id]
	b.payments++
	r.invoice.Open.Minor -= cents
	if r.invoice.Open.Minor <= 0 {
		r.invoice.Status = sdk.Paid
	}
	r.payments = append(r.payments, sdk.Payment{
		ID: fmt.Sprintf("pay-%d", b.payments), PartyID: r.invoice.PartyID, InvoiceID: id, Amount: money.EUR(cents), ValueDate: on, Reference: reference,
	})
	r.paid = time.Now()
	return r.paid
}

// Looked sets a function that is called after the books were read for an
// invoice and before the answer is used.
func (b *Books) Looked(f func(invoice string)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.looked = f
}

// Reads returns when the books were read for an invoice, and when a payment of
// it became visible in them, zero for never.
func (b *Books) Reads(id string) (reads []time.Time, paid time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append(reads, b.records[id].reads...), b.records[id].paid
}

// Down makes the books unreachable with an error, or reachable again with nil.
func (b *Books) Down(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.down = err
}

// Blind makes Confirm answer without looking: what a hub without a gate does.
func (b *Books) Blind(blind bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.blind = blind
}

// Sync mirrors everything, as a scheduled sync does.
func (b *Books) Sync() {
	w := b.world
	w.T.Helper()
	b.mu.Lock()
	batch := booksync.Batch{Parties: b.parties}
	for _, r := range b.records {
		batch.Invoices = append(batch.Invoices, r.invoice)
		batch.Payments = append(batch.Payments, r.payments...)
	}
	b.mu.Unlock()
	w.In(func(tx store.Tx) error {
		ctx := context.Background()
		if err := b.write(ctx, tx, batch); err != nil {
			return err
		}
		if err := tx.ConfirmAdministration(ctx, db.ConfirmAdministrationParams{ID: w.Adm, At: w.Clock.Now()}); err != nil {
			return err
		}
		held, err := tx.HeldByRule(ctx, db.HeldByRuleParams{AdministrationID: w.Adm, Rules: []string{"R5", "R7", "R19"}})
		if err != nil {
			return err
		}
		return w.Planner.Replan(ctx, tx, held)
	})
}

// Apply mirrors one batch and plans what it changed.
func (b *Books) Apply(batch booksync.Batch) (c booksync.Changes) {
	w := b.world
	w.T.Helper()
	w.In(func(tx store.Tx) (err error) {
		ctx := context.Background()
		if c, err = booksync.Apply(ctx, tx, w.Adm, batch, w.Clock.Now()); err != nil {
			return err
		}
		return w.changed(ctx, tx, c.Invoices)
	})
	return c
}

func (w *World) changed(ctx context.Context, tx store.Tx, invoices []uuid.UUID) error {
	if err := w.Planner.InvoicesChanged(ctx, tx, w.Adm, invoices); err != nil || w.Also == nil {
		return err
	}
	return w.Also(ctx, tx, w.Adm, invoices)
}

func (b *Books) write(ctx context.Context, tx store.Tx, batch booksync.Batch) error {
	c, err := booksync.Apply(ctx, tx, b.world.Adm, batch, b.world.Clock.Now())
	if err != nil {
		return err
	}
	return b.world.changed(ctx, tx, c.Invoices)
}

// Confirm implements dunning.Books: it reads the source at this moment.
func (b *Books) Confirm(ctx context.Context, tenant, adm uuid.UUID, invoices []uuid.UUID) error {
	b.mu.Lock()
	down, blind := b.down, b.blind
	var batch booksync.Batch
	for _, want := range invoices {
		if r := b.byID[want]; r != nil {
			r.reads = append(r.reads, time.Now())
			batch.Invoices = append(batch.Invoices, r.invoice)
			batch.Payments = append(batch.Payments, r.payments...)
		}
	}
	looked := b.looked
	b.mu.Unlock()
	if down != nil {
		return down
	}
	if looked != nil {
		for _, i := range batch.Invoices {
			looked(i.ID)
		}
	}
	return b.world.Store.In(ctx, tenant, func(tx store.Tx) error {
		if !blind {
			if err := b.write(ctx, tx, batch); err != nil {
				return err
			}
		}
		return tx.ConfirmInvoices(ctx, db.ConfirmInvoicesParams{At: b.world.Clock.Now(), Ids: invoices})
	})
}

// FetchDocument implements dunning.Books.
func (b *Books) FetchDocument(ctx context.Context, tenant, invoice uuid.UUID) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.down != nil {
		return b.down
	}
	for id, r := range b.records {
		if booksync.InvoiceID(b.world.Adm, id) != invoice {
			continue
		}
		if !r.invoice.Document {
			break
		}
		pdf := []byte("%PDF-1.4 " + id)
		return b.world.Store.In(ctx, tenant, func(tx store.Tx) error {
			return tx.AddDocument(ctx, db.AddDocumentParams{
				ID: invoice, TenantID: tenant, SubjectID: invoice, Kind: "invoice", Name: id + ".pdf", MediaType: "application/pdf",
				Sha256: []byte{1}, Content: pdf, CreatedAt: b.world.Clock.Now(),
			})
		})
	}
	return fault.New(fault.NotFound, "no_document", "The books have no PDF of this invoice.")
}
