package sync

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

const duplicateNumber = "duplicate_number"

// duplicates holds invoices that share a number, as long as they do: a payment
// for one could not be told from a payment for the other (R7).
func (p *pull) duplicates(ctx context.Context, tx store.Tx, now time.Time) error {
	known, err := tx.HasSyncProblem(ctx, db.HasSyncProblemParams{AdministrationID: p.adm.ID, Code: duplicateNumber})
	if err != nil {
		return fmt.Errorf("look for duplicate numbers: %w", err)
	}
	if !known && p.total.Added+p.total.Changed == 0 {
		return nil
	}
	moved, err := tx.ClearDuplicates(ctx, p.adm.ID)
	if err != nil {
		return fmt.Errorf("clear duplicate numbers: %w", err)
	}
	noted, err := tx.NoteDuplicates(ctx, db.NoteDuplicatesParams{AdministrationID: p.adm.ID, At: now})
	if err != nil {
		return fmt.Errorf("note duplicate numbers: %w", err)
	}
	moved = append(moved, noted...)
	if len(moved) == 0 {
		return nil
	}
	ids := make([]uuid.UUID, len(moved))
	for i, external := range moved {
		ids[i] = InvoiceID(p.adm.ID, external)
	}
	return p.runner.Observer.InvoicesChanged(ctx, tx, p.adm.ID, ids)
}
