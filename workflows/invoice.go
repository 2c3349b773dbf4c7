package workflows

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// InvoiceInput names an invoice and carries its first plan.
type InvoiceInput struct {
	Tenant  uuid.UUID    `json:"tenant"`
	Invoice uuid.UUID    `json:"invoice"`
	Plan    dunning.Plan `json:"plan"`
}

// InvoiceResult says how the process ended.
type InvoiceResult struct {
	Phase string `json:"phase"`
	Steps int    `json:"steps"`
}

// Names under which the parts are registered; they are part of every history.
const (
	InvoiceWorkflow = "Invoice"
	StepActivity    = "TakeStep"
	PlanUpdate      = "plan"
)

// Invoice waits for the planned moment, takes the step, and does so again with
// the plan that follows, until the invoice is closed. An update brings a newer
// plan at any time: a payment, a pause, a due date that moved.
func Invoice(ctx workflow.Context, in InvoiceInput) (InvoiceResult, error) {
	p := &process{in: in, plan: in.Plan, news: workflow.NewBufferedChannel(ctx, 1)}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, PlanUpdate, p.receive, workflow.UpdateHandlerOptions{
		Validator:   p.validate,
		Description: "Brings a newer plan of this invoice.",
	}); err != nil {
		return InvoiceResult{}, err
	}
	for !p.plan.Closed {
		p.describe(ctx)
		if !p.wait(ctx) {
			continue
		}
		if err := p.take(ctx); err != nil {
			return InvoiceResult{}, err
		}
	}
	p.describe(ctx)
	return InvoiceResult{Phase: p.plan.Phase, Steps: p.steps}, workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}

// process is the state of one run.
type process struct {
	in    InvoiceInput
	plan  dunning.Plan
	steps int
	past  []string
	news  workflow.Channel
}

// validate refuses a plan that is not newer: it costs the history nothing.
func (p *process) validate(ctx workflow.Context, plan dunning.Plan) error {
	if plan.Version <= p.plan.Version {
		return temporal.NewApplicationError(fmt.Sprintf("plan %d is not newer than %d", plan.Version, p.plan.Version), "stale")
	}
	return nil
}

func (p *process) receive(ctx workflow.Context, plan dunning.Plan) error {
	p.adopt(plan)
	p.news.SendAsync(true)
	return nil
}

func (p *process) adopt(plan dunning.Plan) {
	if plan.Version > p.plan.Version {
		p.plan = plan
	}
}

// wait reports true when the planned moment has come, false when the plan
// changed before it did. The timer is kept when a new plan has the same moment.
func (p *process) wait(ctx workflow.Context) bool {
	for p.news.ReceiveAsync(nil) {
	}
	if p.plan.WakeAt.IsZero() || p.plan.Step == "" && !p.plan.Held {
		p.news.Receive(ctx, nil)
		return false
	}
	wake := p.plan.WakeAt
	left := wake.Sub(workflow.Now(ctx))
	if left <= 0 {
		return true
	}
	tctx, cancel := workflow.WithCancel(ctx)
	timer := workflow.NewTimerWithOptions(tctx, left, workflow.TimerOptions{Summary: p.plan.Summary()})
	due := false
	for {
		sel := workflow.NewSelector(ctx)
		sel.AddFuture(timer, func(workflow.Future) { due = true })
		sel.AddReceive(p.news, func(c workflow.ReceiveChannel, _ bool) { c.Receive(ctx, nil) })
		sel.Select(ctx)
		switch {
		case due:
			return true
		case p.plan.Closed:
			return false // the run ends here; a cancelled timer would be one more event
		case !p.plan.WakeAt.Equal(wake):
			cancel()
			return false
		}
	}
}

// take carries out the step. Steps that reach nobody outside run inside the
// workflow task.
func (p *process) take(ctx workflow.Context) error {
	p.steps++
	title := p.plan.Title
	var next dunning.Plan
	var err error
	if p.plan.Bookkeeping {
		actx := workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
			StartToCloseTimeout: 20 * time.Second, RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Second, MaximumInterval: time.Minute},
			Summary: title,
		})
		err = workflow.ExecuteLocalActivity(actx, StepActivity, p.in.Tenant, p.in.Invoice).Get(ctx, &next)
	} else {
		actx := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
			StartToCloseTimeout: 2 * time.Minute,
			RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 5 * time.Minute},
			Summary:             title,
		})
		err = workflow.ExecuteActivity(actx, StepActivity, p.in.Tenant, p.in.Invoice).Get(ctx, &next)
	}
	if err != nil {
		return err
	}
	p.past = append(p.past, fmt.Sprintf("- %s: %s", workflow.Now(ctx).UTC().Format("2006-01-02 15:04:05"), title))
	p.adopt(next)
	return nil
}

// describe shows the state on the workflow's page; it adds no event.
func (p *process) describe(ctx workflow.Context) {
	md := fmt.Sprintf("**Phase** %s\n\n**Next** %s", p.plan.Phase, p.plan.Summary())
	if p.plan.Rule != "" {
		md += fmt.Sprintf(" (%s)", p.plan.Rule)
	}
	if len(p.past) > 0 {
		md += "\n\n**Taken**\n"
		for _, s := range p.past {
			md += s + "\n"
		}
	}
	workflow.SetCurrentDetails(ctx, md)
}
