package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/sdk/date"
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

// Today returns the day of the transaction's tenant, in the tenant's zone (R12).
func (tx Tx) Today(ctx context.Context, real clock.Clock) (date.Date, error) {
	now, err := tx.Now(ctx, real)
	if err != nil {
		return date.Date{}, err
	}
	t, err := tx.Queries.Tenant(ctx)
	if err != nil {
		return date.Date{}, fmt.Errorf("load tenant: %w", err)
	}
	zone, err := time.LoadLocation(t.TimeZone)
	if err != nil {
		return date.Date{}, fmt.Errorf("time zone %q: %w", t.TimeZone, err)
	}
	return date.Of(now.In(zone)), nil
}
