package workflows

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"golang.org/x/sync/errgroup"
)

// Carrier carries work from the store to Temporal: it starts the workflows of
// invoices whose first step is due, brings new plans to running ones, and ends the
// schedules of books that are not read any more. Any number of them may run at once; what one of them drops, another picks up.
type Carrier struct {
	Store    *store.Store
	Temporal client.Client
	Log      *slog.Logger
	// Every is how often it looks; work that is found is followed up at once.
	Every time.Duration
	// Planner plans again what a change of flows left behind.
	Planner dunning.Planner
	// Lease is how long a claim lasts; defaultLease when zero.
	Lease time.Duration
}

const (
	claimAtOnce = 200
	// A batch holds the rows of a hundred debtors while it is planned.
	replansAtOnce = 4
	abreast       = 16
	defaultLease  = 30 * time.Second
	// An update is answered by a worker; without one it fails after this.
	updateTimeout = 10 * time.Second
)

// Run carries until ctx ends. The kinds of work do not wait for each other.
func (c *Carrier) Run(ctx context.Context) error {
	var g errgroup.Group
	for _, once := range []func(context.Context) (bool, error){c.Starts, c.Plans, c.Replans, c.Matters, c.Unschedules} {
		g.Go(func() error {
			c.repeat(ctx, once)
			return nil
		})
	}
	return g.Wait()
}

func (c *Carrier) repeat(ctx context.Context, once func(context.Context) (bool, error)) {
	tick := time.NewTicker(c.Every)
	defer tick.Stop()
	for ctx.Err() == nil {
		more, err := once(ctx)
		if err != nil && ctx.Err() == nil {
			c.Log.Warn("carry work to workflows", "error", err)
		} else if more {
			continue
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// Starts claims a batch of invoices whose first step is due and starts their
// workflows. It reports whether there may be more.
func (c *Carrier) Starts(ctx context.Context) (more bool, err error) {
	claimed, err := c.Store.Door().DoorClaimStarts(ctx, db.DoorClaimStartsParams{Most: claimAtOnce, Lease: c.lease()})
	if err != nil {
		return false, fmt.Errorf("claim invoices to start: %w", err)
	}
	return len(claimed) == claimAtOnce, each(claimed, func(s db.DoorClaimStartsRow) error { return c.start(ctx, s) })
}

// Plans claims a batch of new plans and brings them to the workflows.
func (c *Carrier) Plans(ctx context.Context) (more bool, err error) {
	claimed, err := c.Store.Door().DoorClaimOutbox(ctx, db.DoorClaimOutboxParams{Kinds: []string{dunning.KindPlan}, Most: claimAtOnce, Lease: c.lease()})
	if err != nil {
		return false, fmt.Errorf("claim new plans: %w", err)
	}
	return len(claimed) == claimAtOnce, each(claimed, func(o db.DoorClaimOutboxRow) error { return c.bring(ctx, o) })
}

// Replans claims batches of debtors whose flow changed and plans what is open of
// theirs again, each batch in a transaction of its own.
func (c *Carrier) Replans(ctx context.Context) (more bool, err error) {
	claimed, err := c.Store.Door().DoorClaimOutbox(ctx, db.DoorClaimOutboxParams{Kinds: []string{flow.KindReplan}, Most: replansAtOnce, Lease: c.lease()})
	if err != nil {
		return false, fmt.Errorf("claim debtors to plan again: %w", err)
	}
	for _, o := range claimed {
		if e := c.finish(ctx, o, c.replan(ctx, o)); e != nil {
			err = errors.Join(err, e)
		}
	}
	return len(claimed) == replansAtOnce, err
}

func (c *Carrier) replan(ctx context.Context, o db.DoorClaimOutboxRow) error {
	var b flow.Batch
	if err := json.Unmarshal(o.Payload, &b); err != nil {
		return fmt.Errorf("read a batch of debtors: %w", err)
	}
	return c.Store.In(ctx, o.TenantID, func(tx store.Tx) error {
		invoices, err := tx.OpenCollectionsOfDebtors(ctx, b.Debtors)
		if err != nil {
			return fmt.Errorf("load the invoices of a batch: %w", err)
		}
		return c.Planner.Replan(ctx, tx, invoices)
	})
}

// Unschedules claims a batch of administrations that are not to be mirrored any
// more and ends their schedules; one that could not be ended is tried again.
func (c *Carrier) Unschedules(ctx context.Context) (more bool, err error) {
	claimed, err := c.Store.Door().DoorClaimOutbox(ctx, db.DoorClaimOutboxParams{Kinds: []string{sync.KindUnschedule}, Most: claimAtOnce, Lease: c.lease()})
	if err != nil {
		return false, fmt.Errorf("claim schedules to end: %w", err)
	}
	return len(claimed) == claimAtOnce, each(claimed, func(o db.DoorClaimOutboxRow) error {
		asking, cancel := context.WithTimeout(ctx, updateTimeout)
		defer cancel()
		return c.finish(ctx, o, UnscheduleSync(asking, c.Temporal, SyncInput{Tenant: o.TenantID, Administration: o.SubjectID}))
	})
}

func (c *Carrier) lease() time.Duration {
	if c.Lease == 0 {
		return defaultLease
	}
	return c.Lease
}

// each does all of the work, several at a time, and returns the first error.
func each[T any](work []T, do func(T) error) error {
	var g errgroup.Group
	g.SetLimit(abreast)
	for _, w := range work {
		g.Go(func() error { return do(w) })
	}
	return g.Wait()
}

func (c *Carrier) start(ctx context.Context, s db.DoorClaimStartsRow) error {
	var row db.StartInputRow
	var plan dunning.Plan
	if err := c.Store.In(ctx, s.TenantID, func(tx store.Tx) (err error) {
		if row, err = tx.StartInput(ctx, s.InvoiceID); err != nil {
			return fmt.Errorf("load invoice %s: %w", s.InvoiceID, err)
		}
		plan, err = dunning.PlanOf(ctx, tx, s.InvoiceID)
		return err
	}); err != nil {
		return err
	}
	if plan.Closed {
		return c.mark(ctx, s.TenantID, s.InvoiceID, plan.Version, "closed")
	}
	started, err := StartInvoice(ctx, c.Temporal, row, plan)
	if err != nil {
		return fmt.Errorf("start the workflow of invoice %s: %w", s.InvoiceID, err)
	}
	return c.Store.In(ctx, s.TenantID, func(tx store.Tx) error {
		version, err := tx.SetWorkflow(ctx, db.SetWorkflowParams{InvoiceID: s.InvoiceID, Workflow: "running"})
		if err != nil || started && version == plan.Version {
			return err
		}
		// The plan changed while nobody was to be told of it, or the workflow was
		// started by another carrier with an older one.
		return tx.AddOutbox(ctx, db.AddOutboxParams{TenantID: s.TenantID, Kind: dunning.KindPlan, SubjectID: s.InvoiceID, Payload: []byte("{}")})
	})
}

// bring hands a running workflow its newest plan.
func (c *Carrier) bring(ctx context.Context, o db.DoorClaimOutboxRow) error {
	return c.finish(ctx, o, c.update(ctx, o))
}

// finish takes work off the outbox, or puts it back for later after a failure.
func (c *Carrier) finish(ctx context.Context, o db.DoorClaimOutboxRow, err error) error {
	if err != nil {
		again := time.Duration(min(o.Attempts, 30)) * time.Second
		return errors.Join(err, c.Store.Door().DoorRetryOutbox(ctx, db.DoorRetryOutboxParams{Failed: o.ID, Again: again, Why: err.Error()}))
	}
	return c.Store.Door().DoorFinishOutbox(ctx, []int64{o.ID})
}

func (c *Carrier) update(ctx context.Context, o db.DoorClaimOutboxRow) error {
	var row db.Collection
	var plan dunning.Plan
	if err := c.Store.In(ctx, o.TenantID, func(tx store.Tx) (err error) {
		if row, err = tx.Collection(ctx, o.SubjectID); err != nil {
			return fmt.Errorf("load the plan of invoice %s: %w", o.SubjectID, err)
		}
		plan, err = dunning.PlanOf(ctx, tx, o.SubjectID)
		return err
	}); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, updateTimeout)
	defer cancel()
	handle, err := c.Temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: row.WorkflowID, UpdateName: PlanUpdate, UpdateID: fmt.Sprintf("plan-%d", plan.Version),
		Args: []any{plan}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(ctx, nil)
	}
	var ended *serviceerror.NotFound
	var refused *temporal.ApplicationError
	switch {
	case errors.As(err, &refused) && refused.Type() == StaleError:
		return nil
	case errors.As(err, &ended), err == nil && plan.Closed:
		return c.afterEnd(ctx, o, plan)
	case err != nil:
		return fmt.Errorf("bring plan %d to invoice %s: %w", plan.Version, o.SubjectID, err)
	}
	return nil
}

// afterEnd notes that a workflow is over. One whose invoice is not, such as after
// a payment that was undone, is started again when its step is due.
func (c *Carrier) afterEnd(ctx context.Context, o db.DoorClaimOutboxRow, plan dunning.Plan) error {
	if plan.Closed {
		return c.mark(ctx, o.TenantID, o.SubjectID, plan.Version, "closed")
	}
	return c.mark(ctx, o.TenantID, o.SubjectID, plan.Version, "none")
}

var errNewer = errors.New("there is a newer plan")

// mark notes the state of a workflow that has a plan, unless there is a newer
// plan: that one is on its way and tells more.
func (c *Carrier) mark(ctx context.Context, tenant, invoice uuid.UUID, version int64, state string) error {
	err := c.Store.In(ctx, tenant, func(tx store.Tx) error {
		now, err := tx.SetWorkflow(ctx, db.SetWorkflowParams{InvoiceID: invoice, Workflow: state})
		if err == nil && now != version {
			return errNewer
		}
		return err
	})
	if errors.Is(err, errNewer) {
		return nil
	}
	return err
}
