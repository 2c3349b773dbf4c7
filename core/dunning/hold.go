package dunning

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// Scope is what a hold covers.
type Scope string

// The scopes, from narrow to wide.
const (
	OfInvoice        Scope = "invoice"
	OfDebtor         Scope = "debtor"
	OfAdministration Scope = "administration"
)

// HoldRequest asks that nothing is sent for a while.
type HoldRequest struct {
	Scope  Scope
	ID     uuid.UUID
	Reason receivable.HoldReason
	Note   string
	Until  time.Time // in the tenant's time; zero until somebody resumes
	By     string
	// WholeCase says that a pause of an invoice in a case is meant for all of it,
	// and the others are paused too (R66).
	WholeCase bool
}

// Hold makes reminders of an invoice, a debtor or an administration wait. It
// returns once a message that is on its way out has left: what the caller then
// sees is what happened (R117).
func (p Planner) Hold(ctx context.Context, tx store.Tx, q HoldRequest) (uuid.UUID, error) {
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return uuid.Nil, err
	}
	if !q.Until.IsZero() && !q.Until.After(now) {
		return uuid.Nil, fault.New(fault.Invalid, "hold_ends_in_past", "A pause ends in the future; choose a later day.")
	}
	if err := caseWhole(ctx, tx, q); err != nil {
		return uuid.Nil, err
	}
	id := uuid.New()
	h := db.AddHoldParams{ID: id, TenantID: tx.Tenant, Scope: string(q.Scope), ScopeID: q.ID, Reason: string(q.Reason), Note: q.Note, CreatedBy: q.By, CreatedAt: now}
	if !q.Until.IsZero() {
		h.Until = &q.Until
	}
	invoices, err := p.lockScope(ctx, tx, q.ID)
	if err != nil {
		return id, err
	}
	if err := tx.AddHold(ctx, h); err != nil {
		return id, fmt.Errorf("add hold: %w", err)
	}
	if err := audit(ctx, tx, now, q.By, "hold", string(q.Scope)+"/"+q.ID.String()); err != nil {
		return id, err
	}
	return id, p.Replan(ctx, tx, invoices)
}

// caseWhole refuses to pause one invoice of a case with several: its costs were
// computed over all of them (R66).
func caseWhole(ctx context.Context, tx store.Tx, q HoldRequest) error {
	if q.Scope != OfInvoice || q.WholeCase || q.Reason != receivable.Paused && q.Reason != receivable.RemindersPaused {
		return nil
	}
	c, err := tx.OpenCaseOf(ctx, q.ID)
	switch {
	case errors.Is(err, pgx.ErrNoRows) || err == nil && c.Invoices < 2:
		return nil
	case err != nil:
		return fmt.Errorf("look for the case of an invoice: %w", err)
	}
	return fault.New(fault.Conflict, "invoice_in_case",
		"This invoice is in case %s with %d others. Pause the whole case, or take the invoice out of it: its costs are then computed anew.", c.Number, c.Invoices-1)
}

// Release ends a hold; sending resumes only if no other hold covers it (R64).
func (p Planner) Release(ctx context.Context, tx store.Tx, hold uuid.UUID, by string) error {
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return err
	}
	h, err := tx.ReleaseHold(ctx, db.ReleaseHoldParams{ID: hold, ReleasedAt: &now, ReleasedBy: by})
	if err != nil {
		return fault.New(fault.NotFound, "hold_not_found", "This pause has ended already.").Because(err)
	}
	return p.afterRelease(ctx, tx, h.ScopeID, now, by)
}

// ReleaseAll ends the holds of one reason on a scope.
func (p Planner) ReleaseAll(ctx context.Context, tx store.Tx, scope Scope, id uuid.UUID, reason receivable.HoldReason, by string) error {
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return err
	}
	ended, err := tx.ReleaseHolds(ctx, db.ReleaseHoldsParams{At: &now, ByWhom: by, Scope: string(scope), ScopeID: id, Reason: string(reason)})
	if err != nil {
		return fmt.Errorf("end holds: %w", err)
	}
	if len(ended) == 0 {
		return nil
	}
	return p.afterRelease(ctx, tx, id, now, by)
}

func (p Planner) afterRelease(ctx context.Context, tx store.Tx, scope uuid.UUID, now time.Time, by string) error {
	if err := audit(ctx, tx, now, by, "resume", scope.String()); err != nil {
		return err
	}
	invoices, err := tx.InvoicesInScope(ctx, scope)
	if err != nil {
		return fmt.Errorf("find the invoices of a hold: %w", err)
	}
	return p.Replan(ctx, tx, invoices)
}

// lockScope waits for messages that are on their way to the debtors of a scope.
func (p Planner) lockScope(ctx context.Context, tx store.Tx, scope uuid.UUID) ([]uuid.UUID, error) {
	invoices, err := tx.InvoicesInScope(ctx, scope)
	if err != nil || len(invoices) == 0 {
		return nil, err
	}
	debtors, err := tx.DebtorsOfInvoices(ctx, invoices)
	if err != nil {
		return nil, err
	}
	_, err = tx.LockDebtors(ctx, debtors)
	return invoices, err
}

func audit(ctx context.Context, tx store.Tx, at time.Time, actor, action, subject string) error {
	if err := tx.AddAudit(ctx, db.AddAuditParams{TenantID: tx.Tenant, At: at, Actor: actor, Action: action, Subject: subject, Detail: []byte("{}")}); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}
