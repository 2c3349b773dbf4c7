package payment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Planner plans invoices again after a payment.
type Planner interface {
	Replan(ctx context.Context, tx store.Tx, invoices []uuid.UUID) error
}

// Receipt is money received, seen at one source.
type Receipt struct {
	ID             uuid.UUID
	Administration uuid.UUID
	Debtor         uuid.NullUUID
	Source         string // bank, mollie or manual
	ExternalID     string
	Amount         money.Amount
	ValueDate      date.Date
	Reference      string
	CounterName    string
	CounterIBAN    string
	SeenAt         time.Time // in the tenant's time
	Allocations    []Allocation
	// WriteBack asks that the books are told.
	WriteBack bool
}

// Allocation is the part of a receipt that settles an invoice.
type Allocation struct {
	Invoice uuid.UUID
	Amount  money.Amount
	// Method says how it was found: designation, reference, number, iban, person.
	Method string
}

// receive records money once, however often it is reported (R113), lets it
// settle what it is for, and leaves the surplus as credit of the debtor (R32).
func receive(ctx context.Context, tx store.Tx, p Planner, r Receipt) error {
	invoices := make([]uuid.UUID, 0, len(r.Allocations))
	for _, a := range r.Allocations {
		invoices = append(invoices, a.Invoice)
	}
	// Whoever is sending to this debtor finishes first; then the payment counts.
	debtors, err := tx.DebtorsOfInvoices(ctx, invoices)
	if err != nil {
		return err
	}
	if r.Debtor.Valid && !slices.Contains(debtors, r.Debtor.UUID) {
		debtors = append(debtors, r.Debtor.UUID)
	}
	if _, err := tx.LockDebtors(ctx, debtors); err != nil {
		return fmt.Errorf("lock debtors: %w", err)
	}
	put, err := tx.PutPayment(ctx, db.PutPaymentParams{
		ID: r.ID, TenantID: tx.Tenant, AdministrationID: r.Administration, DebtorID: r.Debtor, Source: r.Source, ExternalID: r.ExternalID,
		State: "booked", Currency: r.Amount.Currency, AmountMinor: r.Amount.Minor, ValueDate: r.ValueDate, Reference: r.Reference,
		CounterName: r.CounterName, CounterIban: r.CounterIBAN, SeenAt: r.SeenAt,
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil // known and unchanged
	}
	if err != nil {
		return fmt.Errorf("record the payment: %w", err)
	}
	if put.Added {
		if r.Allocations, err = capped(ctx, tx, r.Allocations); err != nil {
			return err
		}
		if err := allocate(ctx, tx, r, put.ID); err != nil {
			return err
		}
	}
	return p.Replan(ctx, tx, invoices)
}

// capped lets a receipt settle no more than is open; the surplus stays on the
// payment as credit of the debtor (R32).
func capped(ctx context.Context, tx store.Tx, parts []Allocation) (out []Allocation, err error) {
	for _, a := range parts {
		open, err := tx.OpenOf(ctx, a.Invoice)
		if err != nil {
			return nil, fmt.Errorf("read what is open on invoice %s: %w", a.Invoice, err)
		}
		if a.Amount.Minor = min(a.Amount.Minor, open); a.Amount.Minor > 0 {
			out = append(out, a)
		}
	}
	return out, nil
}

func allocate(ctx context.Context, tx store.Tx, r Receipt, id uuid.UUID) error {
	for _, a := range r.Allocations {
		if err := tx.AddAllocation(ctx, db.AddAllocationParams{
			ID: uuid.New(), TenantID: tx.Tenant, PaymentID: id, InvoiceID: a.Invoice, Kind: "principal",
			AmountMinor: a.Amount.Minor, Method: a.Method, CreatedAt: r.SeenAt,
		}); err != nil {
			return fmt.Errorf("allocate the payment: %w", err)
		}
		if !r.WriteBack {
			continue
		}
		wb := uuid.New()
		if err := tx.AddWriteBack(ctx, db.AddWriteBackParams{
			ID: wb, TenantID: tx.Tenant, AdministrationID: r.Administration, PaymentID: id, InvoiceID: a.Invoice, AmountMinor: a.Amount.Minor,
			Currency: a.Amount.Currency, ValueDate: r.ValueDate, Reference: r.Reference, UpdatedAt: r.SeenAt,
		}); err != nil {
			return fmt.Errorf("plan the write-back: %w", err)
		}
		if err := tx.AddOutbox(ctx, db.AddOutboxParams{TenantID: tx.Tenant, Kind: KindWriteBack, SubjectID: wb, Payload: []byte("{}")}); err != nil {
			return err
		}
	}
	return nil
}

// KindWriteBack is the outbox kind that registers a payment in the books.
const KindWriteBack = "payment.write_back"

// reverse takes a payment back: what it settled is open again (R26).
func reverse(ctx context.Context, tx store.Tx, p Planner, payment uuid.UUID, now time.Time) error {
	if err := tx.SetPaymentState(ctx, db.SetPaymentStateParams{ID: payment, State: "reversed", UpdatedAt: now}); err != nil {
		return err
	}
	invoices, err := tx.ReverseAllocations(ctx, db.ReverseAllocationsParams{PaymentID: payment, ReversedAt: &now})
	if err != nil {
		return fmt.Errorf("take the payment back: %w", err)
	}
	return p.Replan(ctx, tx, invoices)
}
