package workflows

import (
	"context"
	"errors"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// Register adds the workflows and activities to a worker.
func Register(w worker.Registry, a *Activities) {
	w.RegisterWorkflowWithOptions(Invoice, workflow.RegisterOptions{Name: InvoiceWorkflow})
	w.RegisterWorkflowWithOptions(Sync, workflow.RegisterOptions{Name: SyncWorkflow})
	w.RegisterActivityWithOptions(a.TakeStep, activity.RegisterOptions{Name: StepActivity})
	w.RegisterActivityWithOptions(a.SyncAdministration, activity.RegisterOptions{Name: SyncActivity})
}

// RegisterSearchAttributes makes the namespace know our attributes. Calling it
// again is harmless.
func RegisterSearchAttributes(ctx context.Context, c client.Client, namespace string) error {
	_, err := c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace: namespace,
		SearchAttributes: map[string]enumspb.IndexedValueType{
			AttrTenant.GetName(): enumspb.INDEXED_VALUE_TYPE_KEYWORD, AttrPhase.GetName(): enumspb.INDEXED_VALUE_TYPE_KEYWORD,
			AttrConnector.GetName(): enumspb.INDEXED_VALUE_TYPE_KEYWORD, AttrNextAt.GetName(): enumspb.INDEXED_VALUE_TYPE_DATETIME,
		},
	})
	var exists *serviceerror.AlreadyExists
	if err != nil && !errors.As(err, &exists) {
		return fmt.Errorf("register search attributes: %w", err)
	}
	return nil
}
