package workflows

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/money"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"golang.org/x/sync/errgroup"
)

// TaskQueue is the queue of invoice and sync workflows and their activities.
const TaskQueue = "voldaan"

// Search attributes of invoice workflows. SQL visibility has few slots and none
// of them may hold personal data.
var (
	AttrTenant    = temporal.NewSearchAttributeKeyKeyword("VoldaanTenant")
	AttrPhase     = temporal.NewSearchAttributeKeyKeyword("VoldaanPhase")
	AttrConnector = temporal.NewSearchAttributeKeyKeyword("VoldaanConnector")
	AttrNextAt    = temporal.NewSearchAttributeKeyTime("VoldaanNextAt")
)

// InvoiceID is the workflow id of an invoice; the id is its lock.
func InvoiceID(tenant, administration, invoice uuid.UUID) string {
	return fmt.Sprintf("invoice/%s/%s/%s", tenant, administration, invoice)
}

// Carrier carries work from the store to Temporal: it starts the workflows of
// invoices whose first step is due, and brings new plans to running ones.
type Carrier struct {
	Store    *store.Store
	Temporal client.Client
	Log      *slog.Logger
	// Every is how often it looks; work that is found is followed up at once.
	Every time.Duration
}

const (
	claimAtOnce = 200
	abreast     = 16
	claimLease  = 30 * time.Second
)

// Run carries until ctx ends.
func (c *Carrier) Run(ctx context.Context) error {
	tick := time.NewTicker(c.Every)
	defer tick.Stop()
	for {
		busy, err := c.Once(ctx)
		if err != nil && ctx.Err() == nil {
			c.Log.Warn("carry work to workflows", "error", err)
		}
		if busy && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Once claims one batch of each kind of work and reports whether a batch was
// full, so that there may be more.
func (c *Carrier) Once(ctx context.Context) (full bool, err error) {
	starts, err := c.Store.Door().DoorClaimStarts(ctx, db.DoorClaimStartsParams{Most: claimAtOnce, Lease: claimLease})
	if err != nil {
		return false, fmt.Errorf("claim invoices to start: %w", err)
	}
	plans, err := c.Store.Door().DoorClaimOutbox(ctx, db.DoorClaimOutboxParams{Kinds: []string{dunning.KindPlan}, Most: claimAtOnce, Lease: claimLease})
	if err != nil {
		return false, fmt.Errorf("claim new plans: %w", err)
	}
	var g errgroup.Group
	g.SetLimit(abreast)
	for _, s := range starts {
		g.Go(func() error { return c.start(ctx, s) })
	}
	for _, p := range plans {
		g.Go(func() error { return c.bring(ctx, p) })
	}
	return len(starts) == claimAtOnce || len(plans) == claimAtOnce, g.Wait()
}

func (c *Carrier) start(ctx context.Context, s db.DoorClaimStartsRow) error {
	var row db.StartInputRow
	if err := c.Store.In(ctx, s.TenantID, func(tx store.Tx) (err error) {
		row, err = tx.StartInput(ctx, s.InvoiceID)
		return err
	}); err != nil {
		return fmt.Errorf("load invoice %s: %w", s.InvoiceID, err)
	}
	plan, err := dunning.CurrentPlan(ctx, c.Store, s.TenantID, s.InvoiceID)
	if err != nil {
		return err
	}
	if err := StartInvoice(ctx, c.Temporal, row, plan); err != nil {
		return fmt.Errorf("start the workflow of invoice %s: %w", s.InvoiceID, err)
	}
	return c.Store.In(ctx, s.TenantID, func(tx store.Tx) error {
		version, err := tx.SetWorkflow(ctx, db.SetWorkflowParams{InvoiceID: s.InvoiceID, Workflow: "running"})
		if err != nil || version == plan.Version {
			return err
		}
		return tx.AddOutbox(ctx, db.AddOutboxParams{TenantID: s.TenantID, Kind: dunning.KindPlan, SubjectID: s.InvoiceID, Payload: []byte("{}")})
	})
}

// StartInvoice starts the workflow of an invoice; one that runs already is left
// as it is.
func StartInvoice(ctx context.Context, c client.Client, row db.StartInputRow, plan dunning.Plan) error {
	connector := "files"
	if row.Connector != nil {
		connector = *row.Connector
	}
	open := money.Of(row.OpenMinor, row.Currency)
	_, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: InvoiceID(row.TenantID, row.AdministrationID, row.InvoiceID), TaskQueue: TaskQueue,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		TypedSearchAttributes: temporal.NewSearchAttributes(
			AttrTenant.ValueSet(row.TenantSlug), AttrPhase.ValueSet(plan.Phase), AttrConnector.ValueSet(connector), AttrNextAt.ValueSet(plan.At)),
		StaticSummary: fmt.Sprintf("%s, %s, %s open, %s", row.TenantSlug, row.Number, open, plan.Summary()),
		StaticDetails: fmt.Sprintf("Invoice **%s** of tenant **%s**, flow %s.", row.Number, row.TenantSlug, row.Flow),
	}, InvoiceWorkflow, InvoiceInput{Tenant: row.TenantID, Invoice: row.InvoiceID, Plan: plan})
	var running *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &running) {
		return nil
	}
	return err
}

// bring hands a running workflow its newest plan.
func (c *Carrier) bring(ctx context.Context, o db.DoorClaimOutboxRow) error {
	err := c.update(ctx, o)
	if err != nil {
		again := time.Duration(min(o.Attempts, 30)) * time.Second
		return errors.Join(err, c.Store.Door().DoorRetryOutbox(ctx, db.DoorRetryOutboxParams{Failed: o.ID, Again: again, Why: err.Error()}))
	}
	return c.Store.Door().DoorFinishOutbox(ctx, []int64{o.ID})
}

func (c *Carrier) update(ctx context.Context, o db.DoorClaimOutboxRow) error {
	plan, err := dunning.CurrentPlan(ctx, c.Store, o.TenantID, o.SubjectID)
	if err != nil {
		return err
	}
	var adm uuid.UUID
	if err := c.Store.In(ctx, o.TenantID, func(tx store.Tx) error {
		row, err := tx.Collection(ctx, o.SubjectID)
		adm = row.AdministrationID
		return err
	}); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	_, err = c.Temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: InvoiceID(o.TenantID, adm, o.SubjectID), UpdateName: PlanUpdate, UpdateID: fmt.Sprintf("plan-%d", plan.Version),
		Args: []any{plan}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	var gone *serviceerror.NotFound
	var app *temporal.ApplicationError
	switch {
	case errors.As(err, &app) && app.Type() == "stale":
		return nil
	case errors.As(err, &gone):
		return c.ended(ctx, o, plan)
	case err != nil:
		return fmt.Errorf("bring plan %d to invoice %s: %w", plan.Version, o.SubjectID, err)
	case plan.Closed:
		return c.mark(ctx, o, "closed")
	}
	return nil
}

// ended deals with a workflow that is over: one whose invoice is not, such as
// after a payment that was undone, is started again when its step is due.
func (c *Carrier) ended(ctx context.Context, o db.DoorClaimOutboxRow, plan dunning.Plan) error {
	if plan.Closed {
		return c.mark(ctx, o, "closed")
	}
	return c.mark(ctx, o, "none")
}

func (c *Carrier) mark(ctx context.Context, o db.DoorClaimOutboxRow, state string) error {
	return c.Store.In(ctx, o.TenantID, func(tx store.Tx) error {
		_, err := tx.SetWorkflow(ctx, db.SetWorkflowParams{InvoiceID: o.SubjectID, Workflow: state})
		return err
	})
}
