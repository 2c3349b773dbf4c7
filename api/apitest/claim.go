package apitest

import (
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/casework"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Claim is a claim on a business that is in no books, three months late, with all
// that its case needs.
func Claim(debtor, number string, cents int64) casework.OneOff {
	file := func(name string) casework.File {
		return casework.File{Name: name, Media: "application/pdf", Content: []byte("%PDF-1.4 " + name)}
	}
	p := Debtor("", debtor)
	p.Kind, p.Email = sdk.Business, "office@debtor.example"
	due := date.Of(Start).AddDays(-90)
	return casework.OneOff{
		Debtor: p, Number: number, Issued: due.AddDays(-14), Due: due, Amount: money.EUR(cents), Invoice: file("invoice.pdf"), Contract: file("order.pdf"),
		Notices: []casework.EarlierNotice{{On: due.AddDays(30), Proof: file("reminder.pdf")}},
	}
}

// Case opens the case of a claim, with a dossier that is complete, and returns its id
// and that of its invoice.
func (t *Tenant) Case(q casework.OneOff) (id, invoice uuid.UUID) {
	t.T.Helper()
	ctx := t.T.Context()
	invoice, err := t.Services.Cases.Start(ctx, t.ID, q, "test")
	if err != nil {
		t.T.Fatal(err)
	}
	id = t.Opened(invoice)
	if err := t.Services.Cases.AddEvidence(ctx, t.ID, id, casework.Evidence{Kind: "delivery", Name: "receipt.txt", Media: "text/plain", Content: []byte("received")}, "test"); err != nil {
		t.T.Fatal(err)
	}
	return id, invoice
}

// Opened takes the steps of an invoice until it is in a case, and returns that.
func (t *Tenant) Opened(invoice uuid.UUID) (id uuid.UUID) {
	t.T.Helper()
	ctx := t.T.Context()
	for range 4 {
		t.In(t.ID, func(tx store.Tx) error { return t.Services.Planner.StepNow(ctx, tx, invoice, "test") })
		if _, err := t.Services.Steps.Take(ctx, t.ID, invoice); err != nil {
			t.T.Fatal(err)
		}
		t.In(t.ID, func(tx store.Tx) error {
			return tx.QueryRow(ctx, "select coalesce((select case_id from case_invoice where invoice_id = $1), '00000000-0000-0000-0000-000000000000')", invoice).Scan(&id)
		})
		if id != uuid.Nil {
			return id
		}
	}
	t.T.Fatal("the case is not opened")
	return id
}

// Wake does what is due for a case, as its workflow would.
func (t *Tenant) Wake(id uuid.UUID) {
	t.T.Helper()
	if err := t.Services.Cases.Wake(t.T.Context(), t.ID, id); err != nil {
		t.T.Fatal(err)
	}
}

// Bailiff puts a bailiff on the list that is reached at an address.
func (t *Tenant) Bailiff(endpoint, paysTo string) uuid.UUID {
	t.T.Helper()
	id := uuid.New()
	t.In(t.ID, func(tx store.Tx) error {
		now, err := tx.Now(t.T.Context(), t.Services.Real)
		if err != nil {
			return err
		}
		return t.Services.Bailiffs.Put(t.T.Context(), tx, db.PutBailiffParams{
			ID: id, Name: "Deurwaarder De Wit", Kind: "bailiff", Country: "NL", PaysTo: paysTo, Transport: "api", Endpoint: endpoint, Email: "zaken@dewit.example",
		}, "key", now, date.Of(now), "test")
	})
	return id
}

// Hand hands a case over to a bailiff, and brings it there.
func (t *Tenant) Hand(id, bailiff uuid.UUID) {
	t.T.Helper()
	if err := t.Services.Cases.HandOver(t.T.Context(), t.ID, id, bailiff, "test"); err != nil {
		t.T.Fatal(err)
	}
	t.Wake(id)
	t.Advance(time.Minute)
}
