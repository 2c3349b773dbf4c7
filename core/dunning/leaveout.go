package dunning

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// LeaveOut keeps an invoice out of the messages of today. From the next day on it
// is eligible again, at the same step (R50). A fault of kind Conflict says that
// nothing is planned for it.
func (p Planner) LeaveOut(ctx context.Context, tx store.Tx, invoice uuid.UUID, by string) error {
	rows, err := tx.DebtorsOfInvoices(ctx, []uuid.UUID{invoice})
	if err != nil {
		return fmt.Errorf("find the debtor of invoice %s: %w", invoice, err)
	}
	if _, err := tx.LockDebtors(ctx, rows); err != nil {
		return fmt.Errorf("lock the debtor: %w", err)
	}
	ledgers, err := loadLedgers(ctx, tx, rows)
	if err != nil {
		return err
	}
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return err
	}
	if len(ledgers) == 0 {
		return fault.New(fault.NotFound, "invoice_not_found", "This invoice does not exist.")
	}
	l, it := ledgers[0], ledgers[0].item(invoice)
	if it == nil || it.state == nil || closed(it) || it.state.NextStep == "" {
		return fault.New(fault.Conflict, "nothing_planned", "Nothing is planned for this invoice, so there is nothing to leave it out of.")
	}
	tomorrow := dateIn(now, l.zone).AddDays(1)
	if err := tx.GiveTerm(ctx, db.GiveTermParams{InvoiceID: invoice, Day: tomorrow, Rule: "R50"}); err != nil {
		return fmt.Errorf("leave invoice %s out: %w", invoice, err)
	}
	if err := decide(ctx, tx, it, decision{
		step: it.state.NextStep, outcome: "moved", rule: "R50", why: by + " left it out of the message of today; it is eligible again from " + tomorrow.String() + ".", at: now,
	}); err != nil {
		return err
	}
	if err := audit(ctx, tx, now, by, "invoice.left_out", "invoice/"+invoice.String()); err != nil {
		return err
	}
	return p.Replan(ctx, tx, []uuid.UUID{invoice})
}

// PutBack takes LeaveOut back: the invoice is in the messages of today again, as
// long as they have not left. It reports whether there was anything to take back.
func (p Planner) PutBack(ctx context.Context, tx store.Tx, invoice uuid.UUID, by string) (bool, error) {
	rows, err := tx.DebtorsOfInvoices(ctx, []uuid.UUID{invoice})
	if err != nil {
		return false, fmt.Errorf("find the debtor of invoice %s: %w", invoice, err)
	}
	if _, err := tx.LockDebtors(ctx, rows); err != nil {
		return false, fmt.Errorf("lock the debtor: %w", err)
	}
	n, err := tx.TakeBackLeaveOut(ctx, invoice)
	if err != nil || n == 0 {
		return false, err
	}
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return false, err
	}
	if err := audit(ctx, tx, now, by, "invoice.put_back", "invoice/"+invoice.String()); err != nil {
		return false, err
	}
	return true, p.Replan(ctx, tx, []uuid.UUID{invoice})
}
