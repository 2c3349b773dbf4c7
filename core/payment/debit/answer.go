package debit

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/money"
)

// Answer says what a person found out about a debit that was refused: a dispute of
// the invoices, or none; then they are to be transferred (R88).
func (s *Service) Answer(ctx context.Context, tenant, id uuid.UUID, dispute bool, by string) error {
	return s.Store.In(ctx, tenant, func(tx store.Tx) error {
		d, err := s.lockedDebit(ctx, tx, id)
		if err != nil {
			return err
		}
		if !d.Asked {
			return fault.New(fault.Conflict, "debit_not_asked", "There is no question about this collection any more.")
		}
		sc, err := s.scene(ctx, tx, d.AdministrationID)
		if err != nil {
			return err
		}
		d.Asked = false
		if err := tx.FinishTasks(ctx, db.FinishTasksParams{Kind: "debit_refused", SubjectID: d.ID, At: sc.now, ByWhom: by}); err != nil {
			return fmt.Errorf("finish the task: %w", err)
		}
		if err := audit(ctx, tx, sc.now, by, "debit.answered", "debit/"+id.String(), map[string]any{"dispute": dispute}); err != nil {
			return err
		}
		if !dispute {
			tell := "failed"
			if d.State == "reversed" {
				tell = "reversed"
			}
			return s.byTransfer(ctx, tx, sc, &d, tell)
		}
		parts, err := tx.DebitInvoices(ctx, d.ID)
		if err != nil {
			return fmt.Errorf("load collection %s: %w", d.ID, err)
		}
		for _, p := range parts {
			if p.Open <= 0 {
				continue
			}
			if err := s.Planner.Dispute(ctx, tx, p.InvoiceID, money.Of(p.Open, d.Currency), "other", "The debtor refused the direct debit of "+d.CollectOn.String()+".", by); err != nil {
				return err
			}
		}
		if err := put(ctx, tx, d); err != nil {
			return err
		}
		return s.releaseAll(ctx, tx, d, by)
	})
}
