package dunning

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// Approve allows the steps for which invoices wait, each the one that is planned
// now. It returns them; one that does not wait any more is left alone.
func (p Planner) Approve(ctx context.Context, tx store.Tx, invoices []uuid.UUID, by string) (allowed []uuid.UUID, err error) {
	rows, err := p.waiting(ctx, tx, invoices)
	if err != nil {
		return nil, err
	}
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if _, err := tx.ApproveStep(ctx, db.ApproveStepParams{
			TenantID: tx.Tenant, InvoiceID: row.InvoiceID, Cycle: row.Cycle, Step: row.NextStep, ApprovedBy: by, ApprovedAt: now,
		}); err != nil {
			return nil, fmt.Errorf("approve a step of invoice %s: %w", row.InvoiceID, err)
		}
		d := decision{step: row.NextStep, outcome: "approved", rule: policy.NeedsApproval, why: by + " approved this step.", at: now}
		if err := p.decided(ctx, tx, row, d, by, "step.approved "+row.NextStep); err != nil {
			return nil, err
		}
		allowed = append(allowed, row.InvoiceID)
	}
	return allowed, p.Replan(ctx, tx, allowed)
}

// TakeBackApproval takes approvals back as long as their steps are not taken: the
// invoices wait for a person again. It returns them; one whose step has left, or
// that was not approved, is left alone.
func (p Planner) TakeBackApproval(ctx context.Context, tx store.Tx, invoices []uuid.UUID, by string) (back []uuid.UUID, err error) {
	rows, err := p.planned(ctx, tx, invoices)
	if err != nil {
		return nil, err
	}
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		n, err := tx.TakeBackApproval(ctx, db.TakeBackApprovalParams{InvoiceID: row.InvoiceID, Cycle: row.Cycle, Step: row.NextStep})
		if err != nil {
			return nil, fmt.Errorf("take the approval of invoice %s back: %w", row.InvoiceID, err)
		}
		if n == 0 {
			continue
		}
		d := decision{step: row.NextStep, outcome: "held", rule: policy.NeedsApproval, why: by + " took the approval of this step back.", at: now}
		if err := p.decided(ctx, tx, row, d, by, "step.approval_taken_back "+row.NextStep); err != nil {
			return nil, err
		}
		back = append(back, row.InvoiceID)
	}
	return back, p.Replan(ctx, tx, back)
}

// Refuse keeps the steps for which invoices wait from being taken: each invoice
// is paused with the reason until somebody resumes it, and asks anew then. It
// returns the pauses.
func (p Planner) Refuse(ctx context.Context, tx store.Tx, invoices []uuid.UUID, reason, by string) (pauses []uuid.UUID, err error) {
	if strings.TrimSpace(reason) == "" {
		return nil, fault.New(fault.Invalid, "refusal_reason", "Say why, for whoever looks at these invoices next.")
	}
	rows, err := p.waiting(ctx, tx, invoices)
	if err != nil {
		return nil, err
	}
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		d := decision{step: row.NextStep, outcome: "held", rule: policy.NeedsApproval, why: by + " refused this step: " + reason, at: now}
		if err := p.decided(ctx, tx, row, d, by, "step.refused "+row.NextStep); err != nil {
			return nil, err
		}
		id, err := p.Hold(ctx, tx, HoldRequest{Scope: OfInvoice, ID: row.InvoiceID, Reason: receivable.Paused, Note: reason, By: by})
		if err != nil {
			return nil, err
		}
		pauses = append(pauses, id)
	}
	return pauses, nil
}

// waiting are those of some invoices that wait for an approval, behind the locks
// of their debtors.
func (p Planner) waiting(ctx context.Context, tx store.Tx, invoices []uuid.UUID) ([]db.Collection, error) {
	rows, err := p.planned(ctx, tx, invoices)
	return slices.DeleteFunc(rows, func(row db.Collection) bool { return row.HeldRule != policy.NeedsApproval }), err
}

// planned are those of some invoices that are under way, behind the locks of
// their debtors.
func (p Planner) planned(ctx context.Context, tx store.Tx, invoices []uuid.UUID) (out []db.Collection, err error) {
	if len(invoices) == 0 {
		return nil, fault.New(fault.Invalid, "nothing_picked", "Pick at least one invoice.")
	}
	debtors, err := tx.DebtorsOfInvoices(ctx, invoices)
	if err != nil {
		return nil, fmt.Errorf("find the debtors of invoices: %w", err)
	}
	if _, err := tx.LockDebtors(ctx, debtors); err != nil {
		return nil, fmt.Errorf("lock debtors: %w", err)
	}
	for _, id := range invoices {
		row, err := tx.Collection(ctx, id)
		if errors.Is(err, pgx.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("load the plan of invoice %s: %w", id, err)
		}
		if row.Phase != string(receivable.Closed) {
			out = append(out, row)
		}
	}
	return out, nil
}

func (p Planner) decided(ctx context.Context, tx store.Tx, row db.Collection, d decision, by, action string) error {
	it := &item{invoice: db.Invoice{ID: row.InvoiceID, TenantID: row.TenantID, DebtorID: row.DebtorID}}
	if err := decide(ctx, tx, it, d); err != nil {
		return err
	}
	if err := tx.FinishTasks(ctx, db.FinishTasksParams{Kind: policy.NeedsApproval, SubjectID: row.InvoiceID, At: d.at, ByWhom: by}); err != nil {
		return fmt.Errorf("finish the task: %w", err)
	}
	return audit(ctx, tx, d.at, by, action, "invoice/"+row.InvoiceID.String())
}
