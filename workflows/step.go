package workflows

import (
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// StepInput names the step to take: that of the invoice's plan in a version.
type StepInput struct {
	Tenant  uuid.UUID `json:"tenant"`
	Invoice uuid.UUID `json:"invoice"`
	Version int64     `json:"v"`
}

const (
	// A step reads at the source and hands a message over.
	stepTimeout = 2 * time.Minute
	// A step whose worker died is taken up by another one after this.
	stepSilence = 15 * time.Second
	// A bookkeeping step is one transaction, which may have to wait for the
	// debtor. It stays below the workflow task's 10 s.
	bookkeepingTimeout = 5 * time.Second
	// An attempt after a failure costs no event, so a step is tried for ever.
	firstRetry = time.Second
	lastRetry  = 5 * time.Minute
	// A step that changed nothing is taken again after these.
	firstRest = time.Minute
	lastRest  = time.Hour
)

// take takes the planned step and adopts the plan that follows. An answer that
// changes nothing is no reason to ask again at once.
func (p *process) take(ctx workflow.Context) error {
	taken := p.plan
	next, err := p.carryOut(ctx)
	if err != nil {
		return err
	}
	p.steps++
	p.note(taken, next)
	if p.adopt(next); p.plan.Version == taken.Version {
		p.rest = min(max(2*p.rest, firstRest), lastRest)
	}
	return nil
}

// carryOut runs a step that reaches nobody outside within the workflow task,
// which saves five events; one that fails there, and every other step, as an
// activity: its retries leave no trace in the history.
func (p *process) carryOut(ctx workflow.Context) (next dunning.Plan, err error) {
	in := StepInput{Tenant: p.in.Tenant, Invoice: p.in.Invoice, Version: p.plan.Version}
	if p.plan.Bookkeeping {
		lctx := workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
			ScheduleToCloseTimeout: bookkeepingTimeout, RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 1}, Summary: p.plan.Title,
		})
		if err = workflow.ExecuteLocalActivity(lctx, StepActivity, in).Get(ctx, &next); err == nil {
			return next, nil
		}
	}
	actx := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: stepTimeout, HeartbeatTimeout: stepSilence, Summary: p.plan.Title,
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: firstRetry, BackoffCoefficient: 2, MaximumInterval: lastRetry},
	})
	return next, workflow.ExecuteActivity(actx, StepActivity, in).Get(ctx, &next)
}
