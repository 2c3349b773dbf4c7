package sync

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

// payments records what the books received. A payment that is one of ours, come
// back, is not a second one: it marks ours as counted by the books.
func (c *Changes) payments(ctx context.Context, tx store.Tx, adm uuid.UUID, payments []sdk.Payment, now time.Time) error {
	if len(payments) == 0 {
		return nil
	}
	ids := make([]string, len(payments))
	for i, p := range payments {
		ids[i] = p.ID
	}
	seen, err := tx.PaymentsSeen(ctx, db.PaymentsSeenParams{AdministrationID: adm, Ids: ids})
	if err != nil {
		return err
	}
	known := make(map[string]bool, len(seen))
	for _, id := range seen {
		known[id] = true
	}
	for _, p := range payments {
		if known[p.ID] || p.CreditNote != "" {
			continue
		}
		known[p.ID] = true
		if err := c.payment(ctx, tx, adm, p, now); err != nil {
			return err
		}
	}
	return nil
}

func (c *Changes) payment(ctx context.Context, tx store.Tx, adm uuid.UUID, p sdk.Payment, now time.Time) error {
	invoice := uuid.Nil
	if p.InvoiceID != "" {
		invoice = InvoiceID(adm, p.InvoiceID)
		n, err := tx.ReflectAllocation(ctx, db.ReflectAllocationParams{
			At: now, BooksID: p.ID, InvoiceID: invoice, Amount: p.Amount.Minor, ValueDate: p.ValueDate,
		})
		if err != nil {
			return err
		}
		c.Invoices = append(c.Invoices, invoice)
		if n > 0 {
			c.Changed++
			return nil
		}
	}
	id := PaymentID(adm, "books", p.ID)
	debtor := uuid.NullUUID{}
	if p.PartyID != "" {
		debtor = uuid.NullUUID{UUID: DebtorID(adm, p.PartyID), Valid: true}
	}
	if _, err := tx.PutPayment(ctx, db.PutPaymentParams{
		ID: id, TenantID: tx.Tenant, AdministrationID: adm, DebtorID: debtor, Source: "books", ExternalID: p.ID, State: "booked",
		Currency: p.Amount.Currency, AmountMinor: p.Amount.Minor, ValueDate: orDay(p.ValueDate, now), Reference: p.Reference, SeenAt: now,
	}); err != nil {
		return err
	}
	c.Added++
	if invoice == uuid.Nil {
		return nil
	}
	return tx.AddAllocation(ctx, db.AddAllocationParams{
		ID: derive(id, "allocation/", p.InvoiceID), TenantID: tx.Tenant, PaymentID: id, InvoiceID: invoice, Kind: "principal",
		AmountMinor: p.Amount.Minor, Method: "books", CreatedAt: now, ReflectedAt: &now,
	})
}

func orDay(d date.Date, now time.Time) date.Date {
	if d.IsZero() {
		return date.Of(now)
	}
	return d
}
