package apitest

import (
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Tenant is a creditor with one administration.
type Tenant struct {
	*Bench
	ID, Administration uuid.UUID
	Email              string // of its owner
}

// Tenant makes a creditor, its owner and an administration that went live a
// month ago and whose books are fresh.
func (b *Bench) Tenant(slug string) *Tenant {
	b.T.Helper()
	ctx := b.T.Context()
	id, err := b.Services.Directory.Create(ctx, tenant.New{Slug: slug, Name: "Van Dijk " + slug, TimeZone: "Europe/Amsterdam"})
	if err != nil {
		b.T.Fatal(err)
	}
	t := &Tenant{Bench: b, ID: id, Administration: uuid.NewSHA1(id, []byte("books")), Email: "owner@" + slug + ".example"}
	t.Member(t.Email, tenant.Owner)
	b.In(id, func(tx store.Tx) error {
		if err := tx.AddAdministration(ctx, db.AddAdministrationParams{
			ID: t.Administration, TenantID: id, ExternalID: "1", Name: "Van Dijk BV", Country: "NL", Currency: "EUR", TimeZone: "Europe/Amsterdam", Language: "nl", LegalName: "Van Dijk Installaties BV",
		}); err != nil {
			return err
		}
		if err := tx.SetAdministrationSender(ctx, db.SetAdministrationSenderParams{
			ID: t.Administration, LegalName: "Van Dijk Installaties BV", SenderEmail: "facturen@vandijk.example", Line1: "Korte Brug 4", PostalCode: "3811 AB", City: "Amersfoort", Iban: "NL91ABNA0417164300", Accent: "#0b5d78",
		}); err != nil {
			return err
		}
		if err := tx.SetGoLive(ctx, db.SetGoLiveParams{ID: t.Administration, GoLiveOn: date.Of(Start).AddDays(-45), EntryStep: "reminder_1"}); err != nil {
			return err
		}
		return tx.ConfirmAdministration(ctx, db.ConfirmAdministrationParams{ID: t.Administration, At: b.Now()})
	})
	return t
}

// Member lets somebody sign in to the tenant with Password.
func (t *Tenant) Member(email string, role tenant.Role) {
	t.T.Helper()
	if err := t.Services.Directory.AddMember(t.T.Context(), t.ID, email, "Sanne van Dijk", role, Password); err != nil {
		t.T.Fatal(err)
	}
}

// Debtor is a party for tests, a consumer with an address.
func Debtor(id, name string) sdk.Party {
	return sdk.Party{
		ID: id, Revision: "1", Name: name, Kind: sdk.Consumer, Email: id + "@debtor.example", Language: "en",
		Address: sdk.Address{Line1: "Dorpsstraat 1", PostalCode: "1234 AB", City: "Ons Dorp", Country: "NL"},
	}
}

// Invoice is an open invoice for tests, sent by the books, due some days before
// Start.
func Invoice(id, party, number string, cents int64, daysLate int) sdk.Invoice {
	due := date.Of(Start).AddDays(-daysLate)
	return sdk.Invoice{
		ID: id, Revision: "1", PartyID: party, Number: number, Kind: sdk.SalesInvoice, Status: sdk.Open, Issued: due.AddDays(-14), Due: due,
		Total: money.EUR(cents), Open: money.EUR(cents), Sent: due.AddDays(-14).At(9, 0, time.UTC), Document: true, URL: "https://books.example/" + id,
	}
}

// Books writes what the books say, and plans.
func (t *Tenant) Books(parties []sdk.Party, invoices ...sdk.Invoice) {
	t.T.Helper()
	ctx := t.T.Context()
	t.In(t.ID, func(tx store.Tx) error {
		if _, err := sync.Apply(ctx, tx, t.Administration, sync.Batch{Parties: parties, Invoices: invoices}, t.Now()); err != nil {
			return err
		}
		ids := make([]uuid.UUID, len(invoices))
		for i, inv := range invoices {
			ids[i] = t.Invoice(inv.ID)
			if !inv.Document {
				continue
			}
			content := fmt.Appendf(nil, "%%PDF-1.4 %s", inv.Number)
			sum := sha256.Sum256(content)
			if err := tx.AddDocument(ctx, db.AddDocumentParams{
				ID: uuid.NewSHA1(ids[i], []byte("pdf")), TenantID: t.ID, SubjectID: ids[i], Kind: "invoice", Name: inv.Number + ".pdf",
				MediaType: "application/pdf", Sha256: sum[:], Content: content, CreatedAt: t.Now(),
			}); err != nil {
				return err
			}
		}
		return t.Services.Planner.Replan(ctx, tx, ids)
	})
}

// Invoice is the id of an invoice of the books.
func (t *Tenant) Invoice(external string) uuid.UUID {
	return sync.InvoiceID(t.Administration, external)
}

// DebtorID is the id of a debtor of the books.
func (t *Tenant) DebtorID(external string) uuid.UUID {
	return sync.DebtorID(t.Administration, external)
}

// Take moves an invoice's next step to now and takes it.
func (t *Tenant) Take(invoice string) {
	t.T.Helper()
	ctx := t.T.Context()
	t.In(t.ID, func(tx store.Tx) error { return t.Services.Planner.StepNow(ctx, tx, t.Invoice(invoice), "test") })
	if _, err := t.Services.Steps.Take(ctx, t.ID, t.Invoice(invoice)); err != nil {
		t.T.Fatal(err)
	}
}

// Approve approves every figure of the law that invoices wait for.
func (t *Tenant) Approve() {
	t.T.Helper()
	ctx := t.T.Context()
	t.In(t.ID, func(tx store.Tx) error {
		pending, err := t.Services.Planner.PendingFigures(ctx, tx)
		if err != nil || len(pending) == 0 {
			return err
		}
		keys := make([]policy.FigureKey, len(pending))
		for i, f := range pending {
			keys[i] = f.Key()
		}
		_, err = t.Services.Planner.ApproveFigures(ctx, tx, keys, "test")
		return err
	})
}
