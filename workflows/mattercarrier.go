package workflows

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
)

// MatterID is the id of a matter's workflow, which is its lock.
func MatterID(tenant uuid.UUID, kind matter.Kind, id uuid.UUID) string {
	return fmt.Sprintf("%s/%s/%s", kind, tenant, id)
}

// Matters claims a batch of matters that changed and brings each to its
// workflow, which is started when there is none.
func (c *Carrier) Matters(ctx context.Context) (more bool, err error) {
	claimed, err := c.Store.Door().DoorClaimOutbox(ctx, db.DoorClaimOutboxParams{Kinds: []string{matter.Outbox}, Most: claimAtOnce, Lease: c.lease()})
	if err != nil {
		return false, fmt.Errorf("claim matters: %w", err)
	}
	return len(claimed) == claimAtOnce, each(claimed, func(o db.DoorClaimOutboxRow) error { return c.finish(ctx, o, c.bringMatter(ctx, o)) })
}

func (c *Carrier) bringMatter(ctx context.Context, o db.DoorClaimOutboxRow) error {
	var word matter.Word
	if err := json.Unmarshal(o.Payload, &word); err != nil {
		return fmt.Errorf("read the kind of matter %s: %w", o.SubjectID, err)
	}
	in := MatterInput{Tenant: o.TenantID, Kind: word.Kind, ID: o.SubjectID}
	var slug string
	if err := c.Store.In(ctx, o.TenantID, func(tx store.Tx) (err error) {
		if in.Plan, err = matter.PlanOf(ctx, tx, in.Kind, in.ID); err != nil {
			return err
		}
		t, err := tx.Queries.Tenant(ctx)
		slug = t.Slug
		return err
	}); err != nil {
		return err
	}
	if in.Plan.Version == 1 {
		if running, err := c.startMatter(ctx, in, slug); err != nil || !running {
			return err
		}
	}
	ended, err := c.updateMatter(ctx, in)
	if err != nil || !ended || in.Plan.Closed {
		return err
	}
	running, err := c.startMatter(ctx, in, slug)
	if err == nil && running {
		err = errNewer // somebody else started it with another plan: look again
	}
	return err
}

// startMatter starts the workflow of a matter; running says that there is one.
func (c *Carrier) startMatter(ctx context.Context, in MatterInput, slug string) (running bool, err error) {
	if in.Plan.Closed {
		return false, nil
	}
	_, err = c.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: MatterID(in.Tenant, in.Kind, in.ID), TaskQueue: TaskQueue,
		WorkflowIDReusePolicy:                    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		TypedSearchAttributes:                    temporal.NewSearchAttributes(AttrTenant.ValueSet(slug)),
		StaticSummary:                            fmt.Sprintf("%s, %s, first %s", slug, in.Kind, in.Plan.Why),
	}, MatterWorkflow, in)
	var already *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &already) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("start the workflow of %s %s: %w", in.Kind, in.ID, err)
	}
	return false, nil
}

// updateMatter brings a running workflow its newest plan; ended says that none
// runs.
func (c *Carrier) updateMatter(ctx context.Context, in MatterInput) (ended bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, updateTimeout)
	defer cancel()
	handle, err := c.Temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: MatterID(in.Tenant, in.Kind, in.ID), UpdateName: PlanUpdate, UpdateID: fmt.Sprintf("plan-%d", in.Plan.Version),
		Args: []any{in.Plan}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(ctx, nil)
	}
	var gone *serviceerror.NotFound
	var refused *temporal.ApplicationError
	switch {
	case errors.As(err, &refused) && refused.Type() == StaleError:
		return false, nil
	case errors.As(err, &gone):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("bring plan %d to %s %s: %w", in.Plan.Version, in.Kind, in.ID, err)
	}
	return false, nil
}
