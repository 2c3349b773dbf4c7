package workflowtest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/money"
	"github.com/voldaan/voldaan/workflows"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
)

// Books answers steps from stories, as a workflows.Stepper.
type Books struct {
	mu    sync.Mutex
	lives map[uuid.UUID]*life // protected by mu
}

type life struct {
	story Story
	taken int
}

// soon is how far ahead the next step of a story is: further than a busy machine
// takes to bring the answer to the workflow, which sets no timer for a moment that
// has come. far is what never comes within a test.
const (
	soon = 3 * time.Second
	far  = time.Hour
)

// Begin adds an invoice and returns its first plan, which is due.
func (b *Books) Begin(invoice uuid.UUID, s Story) dunning.Plan {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.lives == nil {
		b.lives = map[uuid.UUID]*life{}
	}
	b.lives[invoice] = &life{story: s}
	return At(s.Plan(0), time.Now().UTC())
}

// Take answers with the plan that follows.
func (b *Books) Take(_ context.Context, _, invoice uuid.UUID) (dunning.Plan, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.lives[invoice]
	if l == nil {
		return dunning.Plan{}, fmt.Errorf("invoice %s is in no story", invoice)
	}
	l.taken++
	p := l.story.Plan(l.taken)
	switch {
	case p.Step == "":
		return p, nil
	case l.taken < len(l.story.Steps):
		return At(p, time.Now().UTC().Add(soon)), nil
	}
	return At(p, time.Now().UTC().Add(far)), nil
}

// Run is what came of playing a story.
type Run struct {
	Story   Story
	ID      string
	History *historypb.History
	// Transitions is how often the server changed the workflow's state.
	Transitions int64
}

// Serve starts a worker for invoice workflows whose books are b. Stop ends it.
func Serve(c client.Client, b workflows.Stepper) (stop func(), err error) {
	w := worker.New(c, workflows.TaskQueue, workflows.Options())
	workflows.Register(w, &workflows.Activities{Steps: b})
	return w.Stop, w.Start()
}

// Input is an invoice as the store hands it to StartInvoice.
func Input(invoice uuid.UUID) db.StartInputRow {
	return db.StartInputRow{
		InvoiceID: invoice, TenantID: uuid.NewSHA1(invoice, []byte("tenant")), AdministrationID: uuid.NewSHA1(invoice, []byte("administration")),
		Flow: "b2b-nl", Number: "2026-0412", Currency: money.Currency("EUR"), OpenMinor: 121_000, TenantSlug: "delinde",
		WorkflowID: "invoice/delinde/2026-0412/" + invoice.String(),
	}
}

// Play lives a story to its end. A worker with these books must be running.
func Play(ctx context.Context, c client.Client, b *Books, s Story, invoice uuid.UUID) (Run, error) {
	if err := b.Wait(ctx, c, s, invoice); err != nil {
		return Run{}, err
	}
	return b.Close(ctx, c, s, invoice)
}

// Wait starts a story and waits until all its steps are taken.
func (b *Books) Wait(ctx context.Context, c client.Client, s Story, invoice uuid.UUID) error {
	if _, err := workflows.StartInvoice(ctx, c, Input(invoice), b.Begin(invoice, s)); err != nil {
		return err
	}
	return b.until(ctx, c, idOf(invoice), invoice)
}

// Close pays the invoice of a story, which ends it.
func (b *Books) Close(ctx context.Context, c client.Client, s Story, invoice uuid.UUID) (Run, error) {
	run := Run{Story: s, ID: idOf(invoice)}
	if err := Update(ctx, c, run.ID, s.Paid()); err != nil {
		return run, err
	}
	return run, run.read(ctx, c)
}

func idOf(invoice uuid.UUID) string {
	return Input(invoice).WorkflowID
}

// Update brings a plan to a workflow.
func Update(ctx context.Context, c client.Client, id string, p dunning.Plan) error {
	h, err := c.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: id, UpdateName: workflows.PlanUpdate, UpdateID: fmt.Sprintf("plan-%d", p.Version), Args: []any{p},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return err
	}
	return h.Get(ctx, nil)
}

// until waits for the last step of a story and for the workflow to wait again.
func (b *Books) until(ctx context.Context, c client.Client, id string, invoice uuid.UUID) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("the story of %s does not come to its end: %w", id, ctx.Err())
		case <-tick.C:
		}
		if !b.over(invoice) {
			continue
		}
		d, err := c.DescribeWorkflowExecution(ctx, id, "")
		if err != nil {
			return err
		}
		if len(d.PendingActivities) == 0 && d.PendingWorkflowTask == nil {
			return nil
		}
	}
}

func (b *Books) over(invoice uuid.UUID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.lives[invoice]
	return l != nil && l.taken == len(l.story.Steps)
}

// Read waits for a workflow to end and returns its history.
func Read(ctx context.Context, c client.Client, id string) (Run, error) {
	run := Run{ID: id}
	return run, run.read(ctx, c)
}

func (r *Run) read(ctx context.Context, c client.Client) error {
	if err := c.GetWorkflow(ctx, r.ID, "").Get(ctx, nil); err != nil {
		return err
	}
	r.History = &historypb.History{}
	for events := c.GetWorkflowHistory(ctx, r.ID, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); events.HasNext(); {
		e, err := events.Next()
		if err != nil {
			return err
		}
		r.History.Events = append(r.History.Events, e)
	}
	d, err := c.DescribeWorkflowExecution(ctx, r.ID, "")
	r.Transitions = d.GetWorkflowExecutionInfo().GetStateTransitionCount()
	return err
}

// Types lists the types of the events in order. A workflow task that the server
// gave up on and scheduled anew, as a machine short of time makes it, is left out:
// the process did not ask for it.
func (r *Run) Types() []string {
	var out []string
	for _, e := range r.History.Events {
		if e.EventType == enumspb.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT {
			begun := len(out) - 1
			for begun > 0 && out[begun] != enumspb.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED.String() {
				begun--
			}
			out = out[:begun]
			continue
		}
		out = append(out, e.EventType.String())
	}
	return out
}

// Actions counts what a bill of Temporal Cloud would count: the start, timers,
// activities, tasks with local activities, updates and upserts.
func (r *Run) Actions() int {
	billed := map[enumspb.EventType]bool{
		enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED: true, enumspb.EVENT_TYPE_TIMER_STARTED: true, enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: true,
		enumspb.EVENT_TYPE_MARKER_RECORDED: true, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED: true,
		enumspb.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: true, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: true,
		enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW: true,
	}
	n := 0
	for _, e := range r.History.Events {
		if billed[e.EventType] {
			n++
		}
	}
	return n
}
