package workflows

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/sync"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
)

// Stepper takes the planned step of an invoice and returns the plan that
// follows.
type Stepper interface {
	Take(ctx context.Context, tenant, invoice uuid.UUID) (dunning.Plan, error)
}

// Syncer mirrors the books of one administration.
type Syncer interface {
	Run(ctx context.Context, tenant, administration uuid.UUID, beat func()) error
}

// Activities do what workflows ask for.
type Activities struct {
	Steps Stepper
	Sync  Syncer
	// Store and Wakers serve what waits besides invoices, by kind.
	Store  *store.Store
	Wakers map[matter.Kind]matter.Waker
	Log    *slog.Logger // slog.Default when nil
}

// notYet is how soon a step is tried again that was not due by the clock of the
// machine that tried it.
const notYet = time.Second

// TakeStep takes the planned step of an invoice and returns what comes next. A
// step that is not behind the invoice afterwards is tried again, which leaves no
// trace in the history.
func (a *Activities) TakeStep(ctx context.Context, in StepInput) (plan dunning.Plan, err error) {
	defer beat(ctx)()
	err = a.guard(ctx, func() (err error) {
		plan, err = a.Steps.Take(ctx, in.Tenant, in.Invoice)
		if err == nil && plan.Version == in.Version && !plan.Closed {
			err = &dunning.ErrLater{Wait: max(notYet, time.Until(plan.WakeAt)), Why: errors.New("the step is not due yet")}
		}
		return err
	})
	return plan, a.forHistory(ctx, err)
}

// WakeMatter does what is due for a matter and returns when it is next.
func (a *Activities) WakeMatter(ctx context.Context, in WakeInput) (plan matter.Plan, err error) {
	defer beat(ctx)()
	err = a.guard(ctx, func() error {
		waker, ok := a.Wakers[in.Kind]
		if !ok {
			return fault.New(fault.Internal, "matter_unknown", "This worker does not know matters of kind %s; a newer release may.", in.Kind)
		}
		if err := waker.Wake(ctx, in.Tenant, in.ID); err != nil {
			return err
		}
		return a.Store.In(ctx, in.Tenant, func(tx store.Tx) (err error) {
			plan, err = matter.PlanOf(ctx, tx, in.Kind, in.ID)
			return err
		})
	})
	return plan, a.forHistory(ctx, err)
}

// SyncAdministration mirrors one administration.
func (a *Activities) SyncAdministration(ctx context.Context, in SyncInput) error {
	err := a.guard(ctx, func() error {
		return a.Sync.Run(ctx, in.Tenant, in.Administration, func() { activity.RecordHeartbeat(ctx) })
	})
	return a.syncForHistory(ctx, err)
}

// syncForHistory is forHistory for a sync, which knows best when to try again.
func (a *Activities) syncForHistory(ctx context.Context, err error) error {
	var failed *sync.Failed
	if !errors.As(err, &failed) {
		return a.forHistory(ctx, err)
	}
	f := fault.Of(err)
	a.log().WarnContext(ctx, "sync failed", "workflow", activity.GetInfo(ctx).WorkflowExecution.ID, "code", f.Code, "again", failed.Wait, "error", clean(err))
	return temporal.NewApplicationErrorWithOptions(f.Code, string(f.Kind), temporal.ApplicationErrorOptions{NextRetryDelay: failed.Wait, NonRetryable: failed.Wait == 0})
}

// beat shows that a long step is alive; a short one ends before the first beat,
// which would be a billable action.
func beat(ctx context.Context) (stop func()) {
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(stepSilence / 3)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				activity.RecordHeartbeat(ctx)
			case <-done:
				return
			}
		}
	}()
	return func() { close(done) }
}

// guard makes an error of a panic: its text belongs in no history.
func (a *Activities) guard(ctx context.Context, do func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			a.log().ErrorContext(ctx, "panic in an activity", "activity", activity.GetInfo(ctx).ActivityType.Name, "stack", string(debug.Stack()))
			err = fault.New(fault.Internal, "panic", "This step ran into a mistake of ours.").Because(fmt.Errorf("%T", v))
		}
	}()
	return do()
}

// forHistory says in codes what went wrong, since an error ends up in the
// history, and when to try again. The cause goes to the log.
func (a *Activities) forHistory(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	info := activity.GetInfo(ctx)
	log := a.log().With("activity", info.ActivityType.Name, "workflow", info.WorkflowExecution.ID, "attempt", info.Attempt)
	var later *dunning.ErrLater
	if errors.As(err, &later) {
		log.InfoContext(ctx, "activity waits", "for", later.Wait, "error", clean(err))
		return temporal.NewApplicationErrorWithOptions("waits", "later", temporal.ApplicationErrorOptions{NextRetryDelay: min(later.Wait, lastRetry)})
	}
	f := fault.Of(err)
	log.WarnContext(ctx, "activity failed", "code", f.Code, "error", clean(err))
	return temporal.NewApplicationError(f.Code, string(f.Kind))
}

// mailbox matches the addresses that servers repeat in their answers.
var mailbox = regexp.MustCompile(`[^\s<>"']+@[^\s<>"']+`)

func clean(err error) string { return mailbox.ReplaceAllString(err.Error(), "***") }

func (a *Activities) log() *slog.Logger {
	if a.Log == nil {
		return slog.Default()
	}
	return a.Log
}
