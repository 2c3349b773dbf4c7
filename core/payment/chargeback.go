package payment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// chargeBack brings a payment to what was charged back of it in all, however
// often that is told: exactly that amount is open again. What settled nothing
// goes first, then what was settled last. It reports whether more was charged
// back than before.
//
// Money that the books count stays linked to their record, with what is left of
// it: the books are the truth until they are corrected, and then say the same.
func chargeBack(ctx context.Context, tx store.Tx, p Planner, r Receipt, total int64) (more bool, err error) {
	var invoices []uuid.UUID
	for _, a := range r.Allocations {
		invoices = append(invoices, a.Invoice)
	}
	if err := lock(ctx, tx, invoices, []Receipt{r}); err != nil {
		return false, err
	}
	row, err := tx.LockPayment(ctx, r.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("load the payment: %w", err)
	}
	delta := total - row.ChargedBackMinor
	if delta == 0 {
		return false, nil
	}
	// What the law put to costs and interest is found anew by the plan below.
	if err := tx.ReverseStatute(ctx, db.ReverseStatuteParams{PaymentID: r.ID, ReversedAt: &r.SeenAt}); err != nil {
		return false, fmt.Errorf("take a charge-back off costs and interest: %w", err)
	}
	if delta > 0 && row.ChargedBackMinor == 0 {
		if err := behaved(ctx, tx, r, delta); err != nil {
			return false, err
		}
	}
	left := row.AmountMinor - delta
	if err := tx.SetChargedBack(ctx, db.SetChargedBackParams{ID: r.ID, ChargedBackMinor: total, AmountMinor: left, UpdatedAt: r.SeenAt}); err != nil {
		return false, fmt.Errorf("note the charge-back: %w", err)
	}
	if delta > 0 {
		err = takeBack(ctx, tx, r, left)
	} else {
		err = giveBack(ctx, tx, r)
	}
	if err != nil {
		return false, err
	}
	return delta > 0, p.Replan(ctx, tx, invoices)
}

// takeBack lowers what a payment settles until it is no more than is left of it.
func takeBack(ctx context.Context, tx store.Tx, r Receipt, left int64) error {
	settled, err := tx.Allocated(ctx, r.ID)
	if err != nil {
		return fmt.Errorf("read what the payment settles: %w", err)
	}
	parts, err := tx.PartsOf(ctx, r.ID)
	if err != nil {
		return fmt.Errorf("read what the payment settles: %w", err)
	}
	for _, a := range parts {
		off := min(settled-left, a.AmountMinor)
		if off <= 0 {
			return nil
		}
		settled -= off
		if err := shorten(ctx, tx, r, a, a.AmountMinor-off); err != nil {
			return err
		}
		if err := noteReversed(ctx, tx, r, a.InvoiceID, off); err != nil {
			return err
		}
	}
	return nil
}

// shorten replaces an allocation by one of less, or by none. What was recorded
// stays on record as undone.
func shorten(ctx context.Context, tx store.Tx, r Receipt, a db.Allocation, left int64) error {
	if err := tx.SupersedeAllocation(ctx, db.SupersedeAllocationParams{ID: a.ID, ReversedAt: &r.SeenAt}); err != nil {
		return fmt.Errorf("undo an allocation: %w", err)
	}
	if err := tx.SetWriteBackAmount(ctx, db.SetWriteBackAmountParams{PaymentID: a.PaymentID, InvoiceID: a.InvoiceID, AmountMinor: left}); err != nil {
		return fmt.Errorf("lower the write-back: %w", err)
	}
	if left == 0 {
		return nil
	}
	if err := tx.AddAllocation(ctx, db.AddAllocationParams{
		ID: uuid.New(), TenantID: tx.Tenant, PaymentID: a.PaymentID, InvoiceID: a.InvoiceID, Kind: a.Kind, AmountMinor: left, Method: a.Method,
		CreatedAt: a.CreatedAt, ReflectedAt: a.ReflectedAt, BooksID: a.BooksID,
	}); err != nil {
		return fmt.Errorf("keep what is left of an allocation: %w", err)
	}
	return nil
}

// giveBack settles again what a charge-back opened that was itself undone, as
// far as it is still open. The rest is credit of the debtor (R32).
func giveBack(ctx context.Context, tx store.Tx, r Receipt) error {
	parts, err := tx.PartsOf(ctx, r.ID)
	if err != nil {
		return fmt.Errorf("read what the payment settles: %w", err)
	}
	for _, want := range r.Allocations {
		missing, have := want.Amount.Minor, (*db.Allocation)(nil)
		for i, a := range parts {
			if a.InvoiceID == want.Invoice {
				missing -= a.AmountMinor
				have = &parts[i]
			}
		}
		if missing <= 0 {
			continue
		}
		if err := tx.ForgetReversed(ctx, want.Invoice); err != nil {
			return fmt.Errorf("forget the charge-back: %w", err)
		}
		if have != nil && have.ReflectedAt != nil {
			// The books never heard of the charge-back.
			if err := shorten(ctx, tx, r, *have, have.AmountMinor+missing); err != nil {
				return err
			}
			continue
		}
		again := r
		again.WriteBack = false // the first one has told the books
		if err := allocate(ctx, tx, again, r.ID, Allocation{Invoice: want.Invoice, Amount: money.Of(missing, want.Amount.Currency), Method: want.Method}); err != nil {
			return err
		}
	}
	return nil
}

// noteReversed remembers that the debtor is to be told (R26).
func noteReversed(ctx context.Context, tx store.Tx, r Receipt, invoice uuid.UUID, minor int64) error {
	adm, err := tx.Administration(ctx, r.Administration)
	if err != nil {
		return fmt.Errorf("load administration %s: %w", r.Administration, err)
	}
	zone, err := time.LoadLocation(adm.TimeZone)
	if err != nil {
		return fmt.Errorf("administration %s: %w", adm.ID, err)
	}
	if err := tx.NoteReversed(ctx, db.NoteReversedParams{InvoiceID: invoice, ReversedOn: date.Of(r.SeenAt.In(zone)), Amount: minor}); err != nil {
		return fmt.Errorf("note that a payment was undone: %w", err)
	}
	return nil
}

// behaved records that the debtor had a payment charged back, for the score: once a
// payment.
func behaved(ctx context.Context, tx store.Tx, r Receipt, minor int64) error {
	if !r.Debtor.Valid {
		return nil
	}
	p := db.AddBehaviourParams{TenantID: tx.Tenant, DebtorID: r.Debtor.UUID, Kind: "charge_back", AmountMinor: minor, Currency: r.Amount.Currency, At: r.SeenAt}
	if len(r.Allocations) > 0 {
		p.InvoiceID = uuid.NullUUID{UUID: r.Allocations[0].Invoice, Valid: true}
	}
	if err := tx.AddBehaviour(ctx, p); err != nil {
		return fmt.Errorf("record the charge-back: %w", err)
	}
	return nil
}
