package dunning

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// StepNow moves the next step of an invoice to this moment. The gate still
// decides whether it goes out.
func (p Planner) StepNow(ctx context.Context, tx store.Tx, invoice uuid.UUID, by string) error {
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return err
	}
	debtors, err := tx.DebtorsOfInvoices(ctx, []uuid.UUID{invoice})
	if err != nil {
		return err
	}
	if _, err := tx.LockDebtors(ctx, debtors); err != nil {
		return fmt.Errorf("lock the debtor: %w", err)
	}
	row, err := tx.Collection(ctx, invoice)
	if err != nil || row.NextStep == "" || row.Phase == string(receivable.Closed) {
		return fault.New(fault.Conflict, "nothing_planned", "Nothing is planned for this invoice, so there is no step to take now.").Because(err)
	}
	if row.HeldRule != "" {
		return fault.New(fault.Conflict, "held", "This invoice is held: %s Resume it first.", row.HeldWhy)
	}
	wake := p.Real.Now()
	row.NextAt, row.WakeAt, row.NextRule, row.NextWhy = &now, &wake, "by hand", "A person asked for this step now."
	row.PlanVersion++
	if err := audit(ctx, tx, now, by, "step_now", "invoice/"+invoice.String()); err != nil {
		return err
	}
	return writePlans(ctx, tx, []plannedRow{{row: row}})
}

// Dispute records that the debtor does not agree with an amount of an invoice,
// all that is open when it is zero. That amount is not asked until it is
// resolved; the rest goes on (R70). Package arrangement adds what a debtor and an
// owner see of it.
func (p Planner) Dispute(ctx context.Context, tx store.Tx, invoice uuid.UUID, amount money.Amount, reason, note, by string) error {
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return err
	}
	inv, err := tx.Invoice(ctx, invoice)
	if err != nil {
		return fault.New(fault.NotFound, "invoice_not_found", "This invoice does not exist.").Because(err)
	}
	if _, err := tx.LockDebtors(ctx, []uuid.UUID{inv.DebtorID}); err != nil {
		return fmt.Errorf("lock the debtor: %w", err)
	}
	if amount.IsZero() {
		open, err := tx.OpenOf(ctx, invoice)
		if err != nil {
			return fmt.Errorf("read what is open: %w", err)
		}
		amount = money.Of(open, inv.Currency)
	}
	if err := tx.AddDispute(ctx, db.AddDisputeParams{
		ID: uuid.New(), TenantID: tx.Tenant, InvoiceID: invoice, DebtorID: inv.DebtorID, Reason: reason, Note: note,
		Currency: amount.Currency, AmountMinor: amount.Minor, OpenedAt: now, Deadline: date.Of(now).AddDays(disputeDays),
	}); err != nil {
		return fmt.Errorf("record the dispute: %w", err)
	}
	if err := tx.AddTask(ctx, db.AddTaskParams{
		ID: uuid.New(), TenantID: tx.Tenant, AdministrationID: nullID(inv.AdministrationID), Kind: "dispute", SubjectID: invoice,
		Title: "Invoice " + inv.Number + " is disputed", Detail: note, CreatedAt: now,
	}); err != nil {
		return fmt.Errorf("add task: %w", err)
	}
	if err := audit(ctx, tx, now, by, "dispute.opened", "invoice/"+invoice.String()); err != nil {
		return err
	}
	return p.Replan(ctx, tx, []uuid.UUID{invoice})
}

// disputeDays is how long the creditor has to answer a dispute.
const disputeDays = 10
