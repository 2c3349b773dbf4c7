package workflows

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
)

// Syncer mirrors the books of one administration.
type Syncer interface {
	Run(ctx context.Context, tenant, administration uuid.UUID, beat func()) error
}

// Activities do what workflows ask for.
type Activities struct {
	Steps *dunning.Steps
	Sync  Syncer
}

// TakeStep takes the planned step of an invoice and returns what comes next.
func (a *Activities) TakeStep(ctx context.Context, tenant, invoice uuid.UUID) (dunning.Plan, error) {
	plan, err := a.Steps.Take(ctx, tenant, invoice)
	return plan, retryable(err)
}

// SyncAdministration mirrors one administration.
func (a *Activities) SyncAdministration(ctx context.Context, tenant, administration uuid.UUID) error {
	return retryable(a.Sync.Run(ctx, tenant, administration, func() { activity.RecordHeartbeat(ctx) }))
}

// retryable tells Temporal when to come back, and what never succeeds by trying
// again. The message carries a code only: it ends up in the history.
func retryable(err error) error {
	if err == nil {
		return nil
	}
	var later *dunning.ErrLater
	if errors.As(err, &later) {
		return temporal.NewApplicationErrorWithOptions("waits", "later", temporal.ApplicationErrorOptions{NextRetryDelay: min(later.Wait, 5*time.Minute)})
	}
	f := fault.Of(err)
	return temporal.NewApplicationErrorWithOptions(f.Code, string(f.Kind), temporal.ApplicationErrorOptions{})
}
