package casework

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store/db"
)

// Choose says which bailiff a case goes to when it goes; none is that of its books.
func (d *Desk) Choose(ctx context.Context, tenant, id, to uuid.UUID, by string) error {
	return d.on(ctx, tenant, id, func(l *look) error {
		text := "The case goes to the bailiff of its books, when it goes."
		if to != uuid.Nil {
			b, err := l.tx.Bailiff(ctx, to)
			if err != nil || !b.Active {
				return fault.New(fault.NotFound, "bailiff_not_found", "This bailiff is not known here. Choose one under settings.")
			}
			if err := Registered(b, l.today); err != nil {
				return err
			}
			text = b.Name + " was chosen for the case, when it goes."
		}
		n, err := l.tx.ChooseBailiff(ctx, db.ChooseBailiffParams{ID: id, BailiffID: nullID(to)})
		if err != nil {
			return fmt.Errorf("choose a bailiff: %w", err)
		}
		if n == 0 {
			return fault.New(fault.Conflict, "case_closed", "This case is closed; nobody gets it.")
		}
		if err := finishTask(ctx, l.tx, "hand_over", id, l.now, by); err != nil {
			return err
		}
		if err := claim.Note(ctx, l.tx, id, l.now, "chosen", by, text, map[string]any{"bailiff": to}); err != nil {
			return err
		}
		return l.wakeNow("A bailiff was chosen")
	})
}
