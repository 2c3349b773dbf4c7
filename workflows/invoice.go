package workflows

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// Names under which the parts are registered; they are part of every history.
const (
	InvoiceWorkflow = "Invoice"
	StepActivity    = "TakeStep"
	PlanUpdate      = "plan"
)

// InvoiceInput names an invoice and carries its plan.
type InvoiceInput struct {
	Tenant  uuid.UUID    `json:"tenant"`
	Invoice uuid.UUID    `json:"invoice"`
	Plan    dunning.Plan `json:"plan"`
	// Steps and Past come from the run before, when that grew too long.
	Steps int      `json:"steps,omitempty"`
	Past  []string `json:"past,omitempty"`
}

// InvoiceResult says how the process ended.
type InvoiceResult struct {
	Phase string `json:"phase"` // the phase in which it closed
	Steps int    `json:"steps"`
}

// Invoice waits for the planned moment, takes the step, and does so again with
// the plan that follows, until the invoice is closed. An update brings a newer
// plan at any time: a payment, a pause, a due date that moved.
//
// What it costs is a promise, kept by a test over its histories: at most eleven
// events a step and five, six a step where the step is bookkeeping.
func Invoice(ctx workflow.Context, in InvoiceInput) (InvoiceResult, error) {
	p := &process{in: in, plan: in.Plan, shown: rowOf(in.Plan), steps: in.Steps, past: in.Past}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, PlanUpdate, p.receive, workflow.UpdateHandlerOptions{
		Validator:   p.validate,
		Description: "Brings a newer plan of this invoice.",
	}); err != nil {
		return InvoiceResult{}, err
	}
	for !p.plan.Closed && !long(ctx) {
		if due, err := p.wait(ctx); err != nil {
			return InvoiceResult{}, err
		} else if due {
			if err := p.take(ctx); err != nil {
				return InvoiceResult{}, err
			}
		}
	}
	p.describe(ctx)
	if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return InvoiceResult{}, err
	}
	if !p.plan.Closed {
		in.Plan, in.Steps, in.Past = p.plan, p.steps, p.past
		return InvoiceResult{}, workflow.NewContinueAsNewError(ctx, InvoiceWorkflow, in)
	}
	return InvoiceResult{Phase: p.shown.phase, Steps: p.steps}, nil
}

// long reports whether the history has grown so much that a fresh one should
// follow, as after thousands of changes to one invoice.
func long(ctx workflow.Context) bool { return workflow.GetInfo(ctx).GetContinueAsNewSuggested() }

// process is the state of one run.
type process struct {
	in    InvoiceInput
	plan  dunning.Plan
	shown row
	steps int
	past  []string
	rest  time.Duration // how long to wait after a step that changed nothing
}

// StaleError is the type of the error with which a plan is refused that is not
// newer than the one at hand.
const StaleError = "stale"

// validate refuses such a plan: that costs the history nothing.
func (p *process) validate(_ workflow.Context, plan dunning.Plan) error {
	return newer(plan.Version, p.plan.Version)
}

func newer(plan, than int64) error {
	if plan > than {
		return nil
	}
	return temporal.NewApplicationError(fmt.Sprintf("plan %d is not newer than %d", plan, than), StaleError)
}

func (p *process) receive(_ workflow.Context, plan dunning.Plan) error {
	p.adopt(plan)
	return nil
}

// adopt takes a plan over if it is newer: an update may overtake the answer of a
// step that was computed before it.
func (p *process) adopt(plan dunning.Plan) bool {
	if plan.Version <= p.plan.Version {
		return false
	}
	p.plan, p.rest = plan, 0
	return true
}

// wait waits for the planned moment and reports whether it has come; not so when
// a newer plan names another moment. Its timer is kept for a newer plan of the
// same moment: setting another would be two events more.
func (p *process) wait(ctx workflow.Context) (due bool, err error) {
	wake := p.plan.WakeAt
	timer, cancel := p.alarm(ctx, wake)
	if timer == nil && !wake.IsZero() {
		return true, nil
	}
	for {
		p.show(ctx)
		seen := p.plan.Version
		if err := workflow.Await(ctx, func() bool { return timer != nil && timer.IsReady() || p.plan.Version != seen }); err != nil {
			return false, err
		}
		switch {
		case p.plan.Closed || long(ctx):
			return false, nil // the timer ends with the run; to cancel it would be one event more
		case !p.plan.WakeAt.Equal(wake):
			cancel()
			return false, nil
		case timer != nil && timer.IsReady():
			return true, nil
		}
	}
}

// alarm sets the timer for a moment. There is none for a moment that has come,
// nor for a plan that only waits for news.
func (p *process) alarm(ctx workflow.Context, wake time.Time) (workflow.Future, workflow.CancelFunc) {
	left := max(wake.Sub(workflow.Now(ctx)), p.rest)
	ctx, cancel := workflow.WithCancel(ctx)
	if wake.IsZero() || left <= 0 {
		return nil, cancel
	}
	return workflow.NewTimerWithOptions(ctx, left, workflow.TimerOptions{Summary: p.plan.Summary()}), cancel
}
