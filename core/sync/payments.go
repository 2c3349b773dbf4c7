package sync

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/payment"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

// fresh leaves out the payments that are known, and settlements with a credit
// note, which move no money.
func (w *writing) fresh(ctx context.Context, payments []sdk.Payment) (out []sdk.Payment, err error) {
	if len(payments) == 0 {
		return nil, nil
	}
	seen, err := w.PaymentsSeen(ctx, db.PaymentsSeenParams{AdministrationID: w.adm, Ids: paymentIDs(payments)})
	if err != nil {
		return nil, err
	}
	known := make(map[string]bool, len(seen))
	for _, id := range seen {
		known[id] = true
	}
	for _, p := range payments {
		p.ID, p.Reference = storable(p.ID), storable(p.Reference)
		if !known[p.ID] && p.CreditNote == "" {
			known[p.ID] = true
			out = append(out, p)
		}
	}
	return out, nil
}

func paymentIDs(payments []sdk.Payment) []string {
	ids := make([]string, len(payments))
	for i, p := range payments {
		ids[i] = storable(p.ID)
	}
	return ids
}

// payments records what the books received. A payment that is one of ours, come
// back, is not a second one: it marks ours as counted by the books.
func (w *writing) payments(ctx context.Context, fresh, all []sdk.Payment) error {
	for _, p := range fresh {
		if err := w.payment(ctx, p); err != nil {
			return err
		}
	}
	if len(all) == 0 {
		return nil
	}
	ours, err := w.ReflectWrittenBack(ctx, db.ReflectWrittenBackParams{At: w.now, AdministrationID: w.adm, Ids: paymentIDs(all)})
	w.changes.Invoices = append(w.changes.Invoices, ours...)
	return err
}

func (w *writing) payment(ctx context.Context, p sdk.Payment) error {
	invoice := uuid.Nil
	if p.InvoiceID != "" {
		invoice = InvoiceID(w.adm, p.InvoiceID)
		n, err := w.ReflectAllocation(ctx, db.ReflectAllocationParams{
			At: w.now, BooksID: p.ID, InvoiceID: invoice, Amount: p.Amount.Minor, ValueDate: p.ValueDate, Reference: p.Reference,
		})
		if err != nil {
			return err
		}
		w.changes.Invoices = append(w.changes.Invoices, invoice)
		if n > 0 {
			w.changes.Changed++
			return nil
		}
	}
	id := PaymentID(w.adm, "books", p.ID)
	debtor := uuid.NullUUID{}
	if p.PartyID != "" {
		debtor = uuid.NullUUID{UUID: DebtorID(w.adm, p.PartyID), Valid: true}
	}
	if _, err := w.PutPayment(ctx, db.PutPaymentParams{
		ID: id, TenantID: w.Tenant, AdministrationID: w.adm, DebtorID: debtor, Source: "books", ExternalID: p.ID, State: "booked",
		Currency: p.Amount.Currency, AmountMinor: p.Amount.Minor, ValueDate: orDay(p.ValueDate, w.now), Reference: p.Reference, SeenAt: w.now,
	}); err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	w.changes.Added++
	if invoice == uuid.Nil {
		return nil
	}
	return w.AddAllocation(ctx, db.AddAllocationParams{
		ID: derive(id, "allocation/", p.InvoiceID), TenantID: w.Tenant, PaymentID: id, InvoiceID: invoice, Kind: "principal",
		AmountMinor: p.Amount.Minor, Method: "books", CreatedAt: w.now, ReflectedAt: &w.now,
	})
}

// paymentsGone takes back what the books took back. Money that we saw ourselves
// stays received: it only is not counted by the books any more.
func (w *writing) paymentsGone(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	reversed, err := w.ReverseBooksPayments(ctx, db.ReverseBooksPaymentsParams{At: w.now, AdministrationID: w.adm, Ids: ids})
	if err != nil {
		return err
	}
	if err := payment.AskAboutDropped(ctx, w.Tx, w.adm, ids, w.now); err != nil {
		return err
	}
	ours, err := w.UnreflectAllocations(ctx, db.UnreflectAllocationsParams{AdministrationID: w.adm, Ids: ids})
	w.changes.Gone += len(reversed) + len(ours)
	w.changes.Invoices = append(append(w.changes.Invoices, reversed...), ours...)
	return err
}

func orDay(d date.Date, now time.Time) date.Date {
	if d.IsZero() {
		return date.Of(now)
	}
	return d
}
