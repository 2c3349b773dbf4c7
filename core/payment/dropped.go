package payment

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// Dropped is the kind of matter of a payment at the provider that the books do
// not count any more: it may have been charged back without our being told.
const Dropped matter.Kind = "payment_dropped"

// AskAboutDropped has the provider asked about its payments among those that the
// books took out, by their ids there. It is called before they are marked so.
func AskAboutDropped(ctx context.Context, tx store.Tx, administration uuid.UUID, ids []string, now time.Time) error {
	list, err := tx.CheckoutsDropped(ctx, db.CheckoutsDroppedParams{AdministrationID: administration, Ids: ids})
	if err != nil {
		return fmt.Errorf("find the payments that the books dropped: %w", err)
	}
	for _, id := range list {
		if err := matter.Set(ctx, tx, matter.Item{Kind: Dropped, ID: id, At: now, Why: "The books count a payment no more; its provider is asked whether it stands"}); err != nil {
			return err
		}
	}
	return nil
}

// Doubts wakes payments that the books dropped.
type Doubts struct{ *Checkouts }

// Wake implements matter.Waker: it brings the payment to what the provider says.
func (d Doubts) Wake(ctx context.Context, tenant, id uuid.UUID) error {
	if err := d.Read(ctx, tenant, id); err != nil {
		return err
	}
	return d.Store.In(ctx, tenant, func(tx store.Tx) error { return matter.Close(ctx, tx, Dropped, id) })
}
