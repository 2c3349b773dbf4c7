package workflows_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/workflows"
	"github.com/voldaan/voldaan/workflows/workflowtest"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"
)

const day = 24 * time.Hour

var origin = time.Date(2026, 9, 1, 7, 0, 0, 0, time.UTC)

// offsets are the days of the B2B flow after the invoice, which is due on day 14.
var offsets = map[policy.StepID]int{
	policy.SendInvoice: 0, policy.Reminder1: 17, policy.Reminder2: 24, policy.CallTask: 28, policy.FinalReminder: 32, policy.OpenCase: 41,
	policy.SummonsReminder: 48, policy.Summons2: 55, policy.PreJudicial: 64, policy.ReadyForBailiff: 74,
}

// world is one invoice's workflow in skipped time, with a script for its books.
type world struct {
	*testsuite.TestWorkflowEnvironment
	t     *testing.T
	story workflowtest.Story
	// answer replaces the script for a call, counted from 1.
	answer func(call int, in workflows.StepInput) (dunning.Plan, error)
	took   []string // the steps, each with its day
	calls  int
	done   int // steps behind the invoice
	plan   dunning.Plan

	shift             int // days by which the due date moved
	timers, cancelled int
}

func newWorld(t *testing.T, last policy.StepID) *world {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet{})
	w := &world{TestWorkflowEnvironment: suite.NewTestWorkflowEnvironment(), t: t, story: workflowtest.Story{Steps: workflowtest.Path("b2b-nl", last)}}
	w.SetStartTime(origin)
	w.SetTestTimeout(30 * time.Second)
	w.RegisterWorkflowWithOptions(workflows.Invoice, workflow.RegisterOptions{Name: workflows.InvoiceWorkflow})
	w.RegisterActivityWithOptions(w.take, activity.RegisterOptions{Name: workflows.StepActivity})
	w.SetOnTimerScheduledListener(func(string, time.Duration) { w.timers++ })
	w.SetOnTimerCanceledListener(func(string) { w.cancelled++ })
	w.plan = w.at(0)
	return w
}

// at is the plan for the i-th step on its day.
func (w *world) at(i int) dunning.Plan {
	p := w.story.Plan(i)
	if p.Step == "" {
		return p
	}
	return workflowtest.At(p, origin.Add(time.Duration(offsets[policy.StepID(p.Step)]+w.shift)*day))
}

func (w *world) take(_ context.Context, in workflows.StepInput) (dunning.Plan, error) {
	w.calls++
	if w.answer != nil {
		if p, err := w.answer(w.calls, in); p.Version > 0 || err != nil {
			return p, err
		}
	}
	w.took = append(w.took, w.plan.Step+" "+w.today())
	w.done++
	next := w.at(w.done)
	next.Version = w.plan.Version + 1
	w.plan = next
	return next, nil
}

// today counts days from the start.
func (w *world) today() string { return "day " + itoa(int(w.Now().Sub(origin)/day)) }

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + itoa(n%10)
}

// on does something so long after the start.
func (w *world) on(after time.Duration, do func()) { w.RegisterDelayedCallback(do, after) }

// bring makes plan the newest and brings it to the workflow.
func (w *world) bring(change func(*dunning.Plan)) {
	p := w.plan
	p.Version++
	change(&p)
	w.plan = p
	w.UpdateWorkflowNoRejection(workflows.PlanUpdate, "plan-"+itoa(int(p.Version)), w.t, p)
}

func paid(p *dunning.Plan) {
	*p = dunning.Plan{Version: p.Version, Phase: "closed", Closed: true}
}

func (w *world) play() workflows.InvoiceResult {
	w.t.Helper()
	w.ExecuteWorkflow(workflows.InvoiceWorkflow, workflows.InvoiceInput{Tenant: uuid.New(), Invoice: uuid.New(), Plan: w.plan})
	if !w.IsWorkflowCompleted() || w.GetWorkflowError() != nil {
		w.t.Fatalf("the workflow ended with %v", w.GetWorkflowError())
	}
	var r workflows.InvoiceResult
	if err := w.GetWorkflowResult(&r); err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) want(steps ...string) {
	w.t.Helper()
	if !slices.Equal(w.took, steps) {
		w.t.Errorf("steps taken:\n%s\nwant:\n%s", strings.Join(w.took, "\n"), strings.Join(steps, "\n"))
	}
}

// details is what the workflow's page shows.
func (w *world) details() string {
	w.t.Helper()
	v, err := w.QueryWorkflow("__temporal_workflow_metadata")
	if err != nil {
		w.t.Fatal(err)
	}
	return metadata(w.t, v)
}

func TestInvoice(t *testing.T) {
	t.Parallel()
	t.Run("paid before due", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, policy.SendInvoice)
		w.on(9*day, func() { w.bring(paid) })
		if r := w.play(); r != (workflows.InvoiceResult{Phase: "sent", Steps: 1}) {
			t.Errorf("result %+v", r)
		}
		w.want("invoice day 0")
		if w.cancelled > 0 {
			t.Error("a timer was cancelled, which is an event more than closing with it pending")
		}
	})
	t.Run("paid after reminder 2", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, policy.Reminder2)
		w.on(26*day, func() { w.bring(paid) })
		w.play()
		w.want("invoice day 0", "reminder_1 day 17", "reminder_2 day 24")
	})
	t.Run("full path to bailiff", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, policy.ReadyForBailiff)
		w.on(200*day, func() {
			if d := w.details(); !strings.Contains(d, "**Phase** bailiff") || !strings.Contains(d, "Nothing planned") || !strings.Contains(d, "Summons 2") {
				t.Errorf("the page shows %q", d)
			}
			w.bring(paid)
		})
		if r := w.play(); r != (workflows.InvoiceResult{Phase: "bailiff", Steps: 10}) {
			t.Errorf("result %+v", r)
		}
		w.want("invoice day 0", "reminder_1 day 17", "reminder_2 day 24", "call_task day 28", "final_reminder day 32", "case_opened day 41",
			"summons_reminder day 48", "summons_2 day 55", "pre_judicial day 64", "ready_for_bailiff day 74")
	})
	t.Run("a hold without an end, then resumed", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, policy.Reminder1)
		w.on(5*day, func() {
			w.bring(func(p *dunning.Plan) {
				p.At, p.WakeAt, p.Hold, p.Rule = time.Time{}, time.Time{}, "disputed (R70)", "R70"
			})
		})
		w.on(100*day, func() {
			if d := w.details(); !strings.Contains(d, "Held before Reminder 1: disputed (R70)") {
				t.Errorf("the page shows %q", d)
			}
			w.shift = 90
			w.bring(func(p *dunning.Plan) { p.At, p.WakeAt, p.Hold, p.Rule = w.at(1).At, w.at(1).At, "", "flow" })
		})
		w.on(110*day, func() { w.bring(paid) })
		w.play()
		w.want("invoice day 0", "reminder_1 day 107")
	})
	t.Run("the due date moves", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, policy.Reminder1)
		moves := func(by int) func() {
			return func() {
				w.shift = by
				w.bring(func(p *dunning.Plan) { *p = workflowtest.At(*p, w.at(1).At) })
			}
		}
		w.on(10*day, moves(30))
		w.on(20*day, moves(13))
		w.on(36*day, func() { w.bring(paid) })
		w.play()
		w.want("invoice day 0", "reminder_1 day 30")
		if w.cancelled != 2 {
			t.Errorf("%d timers were cancelled; want 2", w.cancelled)
		}
	})
	t.Run("a plan of the same moment keeps the timer", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, policy.Reminder1)
		for d := 1; d <= 9; d++ {
			w.on(time.Duration(d)*day, func() { w.bring(func(p *dunning.Plan) { p.Rule = "R34" }) })
		}
		w.on(20*day, func() { w.bring(paid) })
		w.play()
		w.want("invoice day 0", "reminder_1 day 17")
		if w.timers != 2 || w.cancelled != 0 {
			t.Errorf("%d timers were set and %d cancelled; 2 and 0 would do", w.timers, w.cancelled)
		}
	})
	t.Run("a hold with an end is taken up by itself", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, policy.Reminder1)
		w.answer = func(call int, in workflows.StepInput) (dunning.Plan, error) {
			if call != 2 {
				return dunning.Plan{}, nil
			}
			w.plan = workflowtest.At(w.plan, origin.Add(20*day))
			w.plan.Hold, w.plan.Version = "books or bank not up to date (R5)", in.Version+1
			return w.plan, nil
		}
		w.on(21*day, func() {
			if d := w.details(); !strings.Contains(d, "Reminder 1: held, books or bank not up to date (R5)") {
				t.Errorf("the page shows %q", d)
			}
			w.bring(paid)
		})
		w.play()
		w.want("invoice day 0", "reminder_1 day 20")
	})
	t.Run("closed while waiting for nothing", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, policy.SendInvoice)
		w.plan = dunning.Plan{Version: 1, Phase: "draft", Step: "invoice", Title: "Invoice", Hold: "not live yet (R16)"}
		w.on(day, func() { w.bring(paid) })
		w.play()
		w.want()
	})
}

func TestInvoiceRefusesAStalePlan(t *testing.T) {
	t.Parallel()
	w := newWorld(t, policy.SendInvoice)
	var refused error
	w.on(day, func() {
		old := w.plan
		w.UpdateWorkflow(workflows.PlanUpdate, "again", &testsuite.TestUpdateCallback{
			OnReject: func(err error) { refused = err }, OnAccept: func() { t.Error("accepted") }, OnComplete: func(any, error) {},
		}, old)
	})
	w.on(2*day, func() { w.bring(paid) })
	w.play()
	var app *temporal.ApplicationError
	if !errors.As(refused, &app) || app.Type() != workflows.StaleError {
		t.Errorf("refused with %v", refused)
	}
}

// A payment that comes while a reminder is being decided about is not lost, nor
// is it overwritten by the answer, which was computed before it.
func TestInvoiceTakesAPlanDuringAStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t, policy.Reminder1)
	w.answer = func(call int, in workflows.StepInput) (dunning.Plan, error) {
		if call != 2 {
			return dunning.Plan{}, nil
		}
		answer := w.at(2)
		answer.Version = in.Version + 1
		w.UpdateWorkflow(workflows.PlanUpdate, "paid", accepted{t}, dunning.Plan{Version: in.Version + 2, Phase: "closed", Closed: true})
		return answer, nil
	}
	if r := w.play(); r != (workflows.InvoiceResult{Phase: "sent", Steps: 2}) && r != (workflows.InvoiceResult{Phase: "reminding", Steps: 2}) {
		t.Errorf("result %+v", r)
	}
	if w.calls != 2 {
		t.Errorf("%d steps were tried; 2 would do", w.calls)
	}
}

type accepted struct{ t *testing.T }

func (a accepted) Accept() {}

func (a accepted) Reject(err error) { a.t.Errorf("refused: %v", err) }

func (a accepted) Complete(_ any, err error) {
	if err != nil {
		a.t.Errorf("failed: %v", err)
	}
}

func TestInvoiceTriesAStepForDays(t *testing.T) {
	t.Parallel()
	w := newWorld(t, policy.Reminder1)
	w.answer = func(call int, _ workflows.StepInput) (dunning.Plan, error) {
		if 2 <= call && call < 11 {
			return dunning.Plan{}, temporal.NewApplicationErrorWithOptions("waits", "later", temporal.ApplicationErrorOptions{NextRetryDelay: 8 * time.Hour})
		}
		return dunning.Plan{}, nil
	}
	w.on(23*day, func() { w.bring(paid) })
	w.play()
	w.want("invoice day 0", "reminder_1 day 20")
	if w.timers != 2 {
		t.Errorf("%d timers were set: retries belong to the activity", w.timers)
	}
}

// A bookkeeping step that cannot be done within the workflow task is done as an
// activity.
func TestInvoiceFallsBackToAnActivity(t *testing.T) {
	t.Parallel()
	w := newWorld(t, policy.CallTask)
	local, full := 0, 0
	w.SetOnLocalActivityCompletedListener(func(*activity.Info, converter.EncodedValue, error) { local++ })
	w.SetOnActivityStartedListener(func(*activity.Info, context.Context, converter.EncodedValues) { full++ })
	failed := false
	w.answer = func(_ int, in workflows.StepInput) (dunning.Plan, error) {
		if w.plan.Bookkeeping && !failed {
			failed = true
			return dunning.Plan{}, errors.New("the debtor's row is busy")
		}
		return dunning.Plan{}, nil
	}
	w.on(30*day, func() { w.bring(paid) })
	w.play()
	w.want("invoice day 0", "reminder_1 day 17", "reminder_2 day 24", "call_task day 28")
	if local != 1 || full != 4 {
		t.Errorf("%d local activities and %d activities; want 1 and 4", local, full)
	}
}

// An answer that changes nothing is no reason to ask again at once.
func TestInvoiceRestsWhenNothingChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t, policy.SendInvoice)
	w.answer = func(int, workflows.StepInput) (dunning.Plan, error) { return w.plan, nil }
	w.on(10*day, func() { w.bring(paid) })
	w.play()
	if w.calls > 260 || w.calls < 200 {
		t.Errorf("asked %d times in ten days; about once an hour would do", w.calls)
	}
}

func TestInvoiceContinuesAsNew(t *testing.T) {
	t.Parallel()
	w := newWorld(t, policy.SendInvoice)
	w.on(3*day, func() {
		w.SetContinueAsNewSuggested(true)
		w.bring(func(p *dunning.Plan) { p.Rule = "R34" })
	})
	w.ExecuteWorkflow(workflows.InvoiceWorkflow, workflows.InvoiceInput{Plan: w.plan})
	var again *workflow.ContinueAsNewError
	if err := w.GetWorkflowError(); !errors.As(err, &again) {
		t.Fatalf("ended with %v", err)
	}
	var in workflows.InvoiceInput
	if err := converter.GetDefaultDataConverter().FromPayloads(again.Input, &in); err != nil {
		t.Fatal(err)
	}
	if in.Plan.Rule != "R34" || in.Plan.Version != 3 || in.Steps != 1 || len(in.Past) != 1 {
		t.Errorf("goes on with %+v", in)
	}
}
