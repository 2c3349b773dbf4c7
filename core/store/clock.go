package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/voldaan/voldaan/core/clock"
)

// Scale returns how the time of the transaction's tenant runs. In real operation
// it runs as it does for everyone; in a demonstration, days pass in seconds.
func (tx Tx) Scale(ctx context.Context) (s clock.Scale, err error) {
	t, err := tx.Queries.Tenant(ctx)
	if err != nil {
		return s, fmt.Errorf("load tenant: %w", err)
	}
	if err := json.Unmarshal(t.Clock, &s); err != nil {
		return s, fmt.Errorf("read the tenant's clock: %w", err)
	}
	return s, nil
}

// Now returns the time of the transaction's tenant at the moment of the real clock.
func (tx Tx) Now(ctx context.Context, real clock.Clock) (time.Time, error) {
	scale, err := tx.Scale(ctx)
	return scale.Tenant(real.Now()), err
}
