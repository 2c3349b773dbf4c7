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

// KindWriteBack is the outbox kind that registers a payment in the books.
const KindWriteBack = "payment.write_back"

// receive records money once, however often it is reported (R113), lets it
// settle what it is for, and leaves the surplus as credit of the debtor (R32).
// Whoever is sending to these debtors finishes first; then the payments count.
func receive(ctx context.Context, tx store.Tx, p Planner, list ...Receipt) error {
	var invoices []uuid.UUID
	for _, r := range list {
		for _, a := range r.Allocations {
			invoices = append(invoices, a.Invoice)
		}
	}
	if err := lock(ctx, tx, invoices, list); err != nil {
		return err
	}
	var debtors []uuid.UUID
	for _, r := range list {
		if err := record(ctx, tx, r); err != nil {
			return err
		}
		if r.Debtor.Valid {
			debtors = append(debtors, r.Debtor.UUID)
		}
	}
	// What settles no invoice may be for the costs and interest of a case.
	inCases, err := tx.CaseInvoicesOf(ctx, debtors)
	if err != nil {
		return fmt.Errorf("find the cases of debtors: %w", err)
	}
	// And what settles none of these may be for their reminders.
	withFees, err := tx.FeeInvoicesOf(ctx, debtors)
	if err != nil {
		return fmt.Errorf("find the fees of debtors: %w", err)
	}
	return p.Replan(ctx, tx, slices.Concat(invoices, inCases, withFees))
}

// lock takes the rows of all debtors at once and in one order, so that two
// imports never wait for each other in a circle.
func lock(ctx context.Context, tx store.Tx, invoices []uuid.UUID, list []Receipt) error {
	debtors, err := tx.DebtorsOfInvoices(ctx, invoices)
	if err != nil {
		return fmt.Errorf("find the debtors of invoices: %w", err)
	}
	for _, r := range list {
		if r.Debtor.Valid && !slices.Contains(debtors, r.Debtor.UUID) {
			debtors = append(debtors, r.Debtor.UUID)
		}
	}
	if _, err := tx.LockDebtors(ctx, debtors); err != nil {
		return fmt.Errorf("lock debtors: %w", err)
	}
	return nil
}

func record(ctx context.Context, tx store.Tx, r Receipt) error {
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
	if !put.Added {
		// One that was taken back and came again settles anew.
		settles, err := tx.Allocated(ctx, put.ID)
		if err != nil || settles != 0 {
			return err
		}
		for _, a := range r.Allocations {
			if err := tx.ForgetReversed(ctx, a.Invoice); err != nil {
				return fmt.Errorf("forget that the payment was undone: %w", err)
			}
		}
	}
	for _, a := range r.Allocations {
		if err := allocate(ctx, tx, r, put.ID, a); err != nil {
			return err
		}
	}
	return nil
}

// allocate settles an invoice with a part of the money, and no more than is
// open. Money that the books count already is only linked to their record.
func allocate(ctx context.Context, tx store.Tx, r Receipt, payment uuid.UUID, a Allocation) error {
	p := db.AddAllocationParams{
		ID: uuid.New(), TenantID: tx.Tenant, PaymentID: payment, InvoiceID: a.Invoice, Kind: "principal",
		AmountMinor: a.Amount.Minor, Method: a.Method, CreatedAt: r.SeenAt,
	}
	known, err := tx.BooksPaymentFor(ctx, db.BooksPaymentForParams{
		InvoiceID: a.Invoice, Amount: a.Amount.Minor, ExternalID: r.ExternalID, Source: r.Source, ValueDate: r.ValueDate,
	})
	switch {
	case err == nil:
		p.ReflectedAt, p.BooksID = &r.SeenAt, known.ExternalID
		if err := tx.SupersedeAllocation(ctx, db.SupersedeAllocationParams{ID: known.ID, ReversedAt: &r.SeenAt}); err != nil {
			return fmt.Errorf("link the payment to the books: %w", err)
		}
	case !errors.Is(err, pgx.ErrNoRows):
		return fmt.Errorf("look for the payment in the books: %w", err)
	default:
		open, err := tx.OpenOf(ctx, a.Invoice)
		if err != nil {
			return fmt.Errorf("read what is open on invoice %s: %w", a.Invoice, err)
		}
		p.AmountMinor = min(p.AmountMinor, open)
	}
	if p.AmountMinor <= 0 {
		return nil
	}
	if err := tx.AddAllocation(ctx, p); err != nil {
		return fmt.Errorf("allocate the payment: %w", err)
	}
	if !r.WriteBack || p.ReflectedAt != nil {
		return nil
	}
	return writeBack(ctx, tx, r, p)
}

// writeBack asks that the books are told.
func writeBack(ctx context.Context, tx store.Tx, r Receipt, a db.AddAllocationParams) error {
	id := uuid.New()
	if err := tx.AddWriteBack(ctx, db.AddWriteBackParams{
		ID: id, TenantID: tx.Tenant, AdministrationID: r.Administration, PaymentID: a.PaymentID, InvoiceID: a.InvoiceID, AmountMinor: a.AmountMinor,
		Currency: r.Amount.Currency, ValueDate: r.ValueDate, Reference: r.Reference, UpdatedAt: r.SeenAt,
	}); err != nil {
		return fmt.Errorf("plan the write-back: %w", err)
	}
	if err := tx.AddOutbox(ctx, db.AddOutboxParams{TenantID: tx.Tenant, Kind: KindWriteBack, SubjectID: id, Payload: []byte("{}")}); err != nil {
		return fmt.Errorf("plan the write-back: %w", err)
	}
	return nil
}

// reverse takes a payment back: what it settled is open again (R26).
func reverse(ctx context.Context, tx store.Tx, p Planner, r Receipt) error {
	var invoices []uuid.UUID
	for _, a := range r.Allocations {
		invoices = append(invoices, a.Invoice)
	}
	if err := lock(ctx, tx, invoices, []Receipt{r}); err != nil {
		return err
	}
	if err := tx.SetPaymentState(ctx, db.SetPaymentStateParams{ID: r.ID, State: "reversed", UpdatedAt: r.SeenAt}); err != nil {
		return fmt.Errorf("take the payment back: %w", err)
	}
	taken, err := tx.ReverseAllocations(ctx, db.ReverseAllocationsParams{PaymentID: r.ID, ReversedAt: &r.SeenAt})
	if err != nil {
		return fmt.Errorf("take the payment back: %w", err)
	}
	if len(taken) > 0 {
		if err := behaved(ctx, tx, r, r.Amount.Minor); err != nil {
			return err
		}
	}
	for _, t := range taken {
		if err := noteReversed(ctx, tx, r, t.InvoiceID, t.AmountMinor); err != nil {
			return err
		}
		invoices = append(invoices, t.InvoiceID)
	}
	return p.Replan(ctx, tx, invoices)
}
