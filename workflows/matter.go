package workflows

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/matter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// Names of the workflow of a matter and its activity; they are part of every
// history.
const (
	MatterWorkflow = "Matter"
	WakeActivity   = "WakeMatter"
)

// MatterInput names what waits besides invoices and carries its plan.
type MatterInput struct {
	Tenant uuid.UUID   `json:"tenant"`
	Kind   matter.Kind `json:"kind"`
	ID     uuid.UUID   `json:"id"`
	Plan   matter.Plan `json:"plan"`
}

// WakeInput names the matter to wake, with the plan that made it due.
type WakeInput struct {
	Tenant  uuid.UUID   `json:"tenant"`
	Kind    matter.Kind `json:"kind"`
	ID      uuid.UUID   `json:"id"`
	Version int64       `json:"v"`
}

// Matter waits for the moment of a matter and wakes its owner, again and again
// until it is closed. An update brings another moment at any time. It costs five
// events and eleven for each time it wakes.
func Matter(ctx workflow.Context, in MatterInput) error {
	m := &waiting{in: in, plan: in.Plan}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, PlanUpdate, m.receive, workflow.UpdateHandlerOptions{
		Validator:   m.validate,
		Description: "Brings another moment of this matter, or its end.",
	}); err != nil {
		return err
	}
	for !m.plan.Closed && !long(ctx) {
		if due, err := m.wait(ctx); err != nil {
			return err
		} else if due {
			if err := m.wake(ctx); err != nil {
				return err
			}
		}
	}
	m.describe(ctx)
	if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return err
	}
	if !m.plan.Closed {
		in.Plan = m.plan
		return workflow.NewContinueAsNewError(ctx, MatterWorkflow, in)
	}
	return nil
}

// waiting is the state of one run.
type waiting struct {
	in   MatterInput
	plan matter.Plan
	rest time.Duration // how long to wait after a wake-up that changed nothing
}

func (m *waiting) validate(_ workflow.Context, plan matter.Plan) error {
	return newer(plan.Version, m.plan.Version)
}

func (m *waiting) receive(_ workflow.Context, plan matter.Plan) error {
	m.adopt(plan)
	return nil
}

func (m *waiting) adopt(plan matter.Plan) {
	if plan.Version > m.plan.Version {
		m.plan, m.rest = plan, 0
	}
}

// wait waits for the moment and reports whether it has come; not so when a newer
// plan came first.
func (m *waiting) wait(ctx workflow.Context) (due bool, err error) {
	m.describe(ctx)
	left := max(m.plan.WakeAt.Sub(workflow.Now(ctx)), m.rest)
	if left <= 0 {
		return true, nil
	}
	tctx, cancel := workflow.WithCancel(ctx)
	timer := workflow.NewTimerWithOptions(tctx, left, workflow.TimerOptions{Summary: m.plan.Why})
	seen := m.plan.Version
	if err := workflow.Await(ctx, func() bool { return timer.IsReady() || m.plan.Version != seen }); err != nil {
		return false, err
	}
	if timer.IsReady() {
		return m.plan.Version == seen || !m.plan.WakeAt.After(workflow.Now(ctx)), nil
	}
	if !m.plan.Closed { // else the timer ends with the run
		cancel()
	}
	return false, nil
}

func (m *waiting) wake(ctx workflow.Context) error {
	taken := m.plan.Version
	actx := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: stepTimeout, HeartbeatTimeout: stepSilence, Summary: m.plan.Why,
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: firstRetry, BackoffCoefficient: 2, MaximumInterval: lastRetry},
	})
	var next matter.Plan
	in := WakeInput{Tenant: m.in.Tenant, Kind: m.in.Kind, ID: m.in.ID, Version: taken}
	if err := workflow.ExecuteActivity(actx, WakeActivity, in).Get(ctx, &next); err != nil {
		return err
	}
	if m.adopt(next); m.plan.Version == taken {
		m.rest = min(max(2*m.rest, firstRest), lastRest)
	}
	return nil
}

// describe shows the state on the workflow's page; it adds no event.
func (m *waiting) describe(ctx workflow.Context) {
	if m.plan.Closed {
		workflow.SetCurrentDetails(ctx, "**Closed**")
		return
	}
	workflow.SetCurrentDetails(ctx, fmt.Sprintf("**Next** %s, on %s\n", m.plan.Why, m.plan.At.Format(dunning.MomentLayout)))
}
