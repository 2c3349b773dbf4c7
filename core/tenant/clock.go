package tenant

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/store"
)

// Scale returns how the time of the transaction's tenant runs.
func Scale(ctx context.Context, tx store.Tx) (s clock.Scale, err error) {
	t, err := tx.Queries.Tenant(ctx)
	if err != nil {
		return s, fmt.Errorf("load tenant: %w", err)
	}
	if err := json.Unmarshal(t.Clock, &s); err != nil {
		return s, fmt.Errorf("read the tenant's clock: %w", err)
	}
	return s, nil
}

// Now returns the time of the transaction's tenant.
func Now(ctx context.Context, tx store.Tx, real clock.Clock) (time.Time, error) {
	scale, err := Scale(ctx, tx)
	return scale.Tenant(real.Now()), err
}
