package workflows

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// Options returns how a worker runs our workflows. A workflow that cannot be
// replayed is kept for a corrected release instead of being failed.
func Options() worker.Options {
	return worker.Options{
		MaxConcurrentActivityExecutionSize: 16, MaxConcurrentLocalActivityExecutionSize: 16,
		WorkflowPanicPolicy: worker.BlockWorkflow, WorkerStopTimeout: 20 * time.Second,
	}
}

// Register adds the workflows and activities to a worker.
func Register(w worker.Registry, a *Activities) {
	RegisterWorkflows(w)
	w.RegisterActivityWithOptions(a.TakeStep, activity.RegisterOptions{Name: StepActivity})
	w.RegisterActivityWithOptions(a.SyncAdministration, activity.RegisterOptions{Name: SyncActivity})
	w.RegisterActivityWithOptions(a.WakeMatter, activity.RegisterOptions{Name: WakeActivity})
}

// RegisterWorkflows adds the workflows alone, to replay them. Where releases are
// told apart by build id, an invoice or a matter goes on with the newest one,
// which the replay of saved histories keeps safe; a sync ends with the one it
// began with.
func RegisterWorkflows(w worker.WorkflowRegistry) {
	w.RegisterWorkflowWithOptions(Invoice, workflow.RegisterOptions{Name: InvoiceWorkflow, VersioningBehavior: workflow.VersioningBehaviorAutoUpgrade})
	w.RegisterWorkflowWithOptions(Matter, workflow.RegisterOptions{Name: MatterWorkflow, VersioningBehavior: workflow.VersioningBehaviorAutoUpgrade})
	w.RegisterWorkflowWithOptions(Sync, workflow.RegisterOptions{Name: SyncWorkflow, VersioningBehavior: workflow.VersioningBehaviorPinned})
}

// Attributes lists the search attributes, all of them keywords.
func Attributes() []temporal.SearchAttributeKeyKeyword {
	return []temporal.SearchAttributeKeyKeyword{AttrTenant, AttrInvoice, AttrPhase, AttrHold}
}

// RegisterSearchAttributes makes the namespace know our attributes and returns
// when workflows can use them. Calling it again is harmless.
func RegisterSearchAttributes(ctx context.Context, c client.Client, namespace string) error {
	listed, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		return fmt.Errorf("list search attributes: %w", err)
	}
	missing := map[string]enumspb.IndexedValueType{}
	var all []string
	for _, a := range Attributes() {
		all = append(all, a.GetName()+" = ''")
		if _, ok := listed.CustomAttributes[a.GetName()]; !ok {
			missing[a.GetName()] = enumspb.INDEXED_VALUE_TYPE_KEYWORD
		}
	}
	if len(missing) > 0 {
		_, err = c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{Namespace: namespace, SearchAttributes: missing})
		var exists *serviceerror.AlreadyExists
		if err != nil && !errors.As(err, &exists) {
			return fmt.Errorf("register search attributes: %w", err)
		}
	}
	return untilKnown(ctx, c, namespace, strings.Join(all, " or "))
}

// untilKnown waits until the server's own view of the namespace, which it
// refreshes now and then, has the attributes of the query.
func untilKnown(ctx context.Context, c client.Client, namespace, query string) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		_, err := c.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Namespace: namespace, Query: query})
		var unknown *serviceerror.InvalidArgument
		if err == nil {
			return nil
		} else if !errors.As(err, &unknown) {
			return fmt.Errorf("look for search attributes: %w", err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the search attributes did not become known: %w", errors.Join(ctx.Err(), err))
		case <-tick.C:
		}
	}
}
