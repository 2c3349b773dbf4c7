package workflows

import (
	"context"
	"errors"
	"fmt"

	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/money"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
)

// TaskQueue is the queue of invoice and sync workflows and their activities.
const TaskQueue = "voldaan"

// StartInvoice starts the workflow of an invoice with a plan. It reports false
// when one runs already, which keeps the plan that it has.
func StartInvoice(ctx context.Context, c client.Client, row db.StartInputRow, plan dunning.Plan) (started bool, err error) {
	_, err = c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: row.WorkflowID, TaskQueue: TaskQueue,
		// An invoice whose payment was undone has its process again.
		WorkflowIDReusePolicy:                    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		TypedSearchAttributes:                    startAttributes(row, plan),
		StaticSummary: fmt.Sprintf("%s, %s, %s open, first %s",
			row.TenantSlug, row.Number, money.Of(row.OpenMinor, row.Currency), plan.Summary()),
		StaticDetails: fmt.Sprintf("Invoice **%s** of tenant **%s**, flow %s, from %s.", row.Number, row.TenantSlug, row.Flow, connector(row)),
	}, InvoiceWorkflow, InvoiceInput{Tenant: row.TenantID, Invoice: row.InvoiceID, Plan: plan})
	var running *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &running) {
		return false, nil
	}
	return err == nil, err
}

func startAttributes(row db.StartInputRow, plan dunning.Plan) temporal.SearchAttributes {
	return temporal.NewSearchAttributes(append(rowOf(plan).updates(), AttrTenant.ValueSet(row.TenantSlug), AttrInvoice.ValueSet(row.Number))...)
}

func connector(row db.StartInputRow) string {
	if row.Connector == nil {
		return "files"
	}
	return *row.Connector
}
