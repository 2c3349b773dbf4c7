package credit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/store"
)

// Daily is the matter of a tenant that has the figures of credit looked at every
// day; its id is the tenant.
const Daily matter.Kind = "credit_daily"

// Wake looks at all limits and risks, and again the next day. It implements
// matter.Waker.
func (o *Office) Wake(ctx context.Context, tenant, id uuid.UUID) error {
	return o.Store.In(ctx, tenant, func(tx store.Tx) error {
		due, err := matter.Due(ctx, tx, o.Real, Daily, id)
		if err != nil || !due {
			return err
		}
		debtors, err := tx.DebtorsWithCredit(ctx, []uuid.UUID{})
		if err != nil {
			return fmt.Errorf("list debtors with a limit: %w", err)
		}
		if err := o.Watch(ctx, tx, debtors...); err != nil {
			return err
		}
		if err := o.Rerisk(ctx, tx); err != nil {
			return err
		}
		return o.tomorrow(ctx, tx)
	})
}

// begin has the figures looked at every day from now on.
func (o *Office) begin(ctx context.Context, tx store.Tx) error {
	_, err := matter.PlanOf(ctx, tx, Daily, tx.Tenant)
	if !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	return o.tomorrow(ctx, tx)
}

// tomorrow is an hour at which nobody waits for anything.
func (o *Office) tomorrow(ctx context.Context, tx store.Tx) error {
	now, err := tx.Now(ctx, o.Real)
	if err != nil {
		return err
	}
	at := now.UTC().Truncate(24 * time.Hour).Add(27 * time.Hour)
	return matter.Set(ctx, tx, matter.Item{Kind: Daily, ID: tx.Tenant, At: at, Why: "Limits and risks are looked at"})
}
