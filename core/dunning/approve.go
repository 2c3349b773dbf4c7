package dunning

import (
	"context"
	"errors"
	"fmt"
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
// now. It returns how many there were; one that does not wait any more is left
// alone.
func (p Planner) Approve(ctx context.Context, tx store.Tx, invoices []uuid.UUID, by string) (n int, err error) {
	rows, err := p.waiting(ctx, tx, invoices)
	if err != nil {
		return 0, err
	}
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return 0, err
	}
	var allowed []uuid.UUID
	for _, row := range rows {
		if _, err := tx.ApproveStep(ctx, db.ApproveStepParams{
			TenantID: tx.Tenant, InvoiceID: row.InvoiceID, Cycle: row.Cycle, Step: row.NextStep, ApprovedBy: by, ApprovedAt: now,
		}); err != nil {
			return 0, fmt.Errorf("approve a step of invoice %s: %w", row.InvoiceID, err)
		}
		d := decision{step: row.NextStep, outcome: "approved", rule: policy.NeedsApproval, why: by + " approved this step.", at: now}
		if err := p.decided(ctx, tx, row, d, by, "step.approved "+row.NextStep); err != nil {
			return 0, err
		}
		allowed = append(allowed, row.InvoiceID)
	}
	return len(allowed), p.Replan(ctx, tx, allowed)
}

// Refuse keeps the steps for which invoices wait from being taken: each invoice
// is paused with the reason until somebody resumes it, and asks anew then. It
// returns how many there were.
func (p Planner) Refuse(ctx context.Context, tx store.Tx, invoices []uuid.UUID, reason, by string) (n int, err error) {
	if strings.TrimSpace(reason) == "" {
		return 0, fault.New(fault.Invalid, "refusal_reason", "Say why, for whoever looks at these invoices next.")
	}
	rows, err := p.waiting(ctx, tx, invoices)
	if err != nil {
		return 0, err
	}
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return 0, err
	}
	for _, row := range rows {
		d := decision{step: row.NextStep, outcome: "held", rule: policy.NeedsApproval, why: by + " refused this step: " + reason, at: now}
		if err := p.decided(ctx, tx, row, d, by, "step.refused "+row.NextStep); err != nil {
			return 0, err
		}
		if _, err := p.Hold(ctx, tx, HoldRequest{Scope: OfInvoice, ID: row.InvoiceID, Reason: receivable.Paused, Note: reason, By: by}); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

// waiting are those of some invoices that wait for an approval, behind the locks
// of their debtors.
func (p Planner) waiting(ctx context.Context, tx store.Tx, invoices []uuid.UUID) (out []db.Collection, err error) {
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
		if row.HeldRule == policy.NeedsApproval && row.Phase != string(receivable.Closed) {
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
