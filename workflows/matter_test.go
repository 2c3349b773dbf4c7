package workflows_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/workflows"
	"github.com/voldaan/voldaan/workflows/workflowtest"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// TestMatterFollowsNewMoments plays a matter in skipped time: its moment moves
// twice, and a wake-up that changes nothing is not repeated at once.
func TestMatterFollowsNewMoments(t *testing.T) {
	t.Parallel()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet{})
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartTime(origin)
	at := func(version int64, days int) matter.Plan {
		return matter.Plan{Version: version, WakeAt: origin.AddDate(0, 0, days), Why: "An instalment is due"}
	}
	var woke []string
	env.RegisterWorkflowWithOptions(workflows.Matter, workflow.RegisterOptions{Name: workflows.MatterWorkflow})
	env.RegisterActivityWithOptions(func(_ context.Context, in workflows.WakeInput) (matter.Plan, error) {
		woke = append(woke, fmt.Sprintf("day %d v%d", int(env.Now().Sub(origin)/day), in.Version))
		switch len(woke) {
		case 1:
			return at(2, 10), nil // nothing was due
		case 2:
			return at(3, 40), nil
		}
		return matter.Plan{Version: 5, Closed: true}, nil
	}, activity.RegisterOptions{Name: workflows.WakeActivity})
	env.RegisterDelayedCallback(func() {
		env.UpdateWorkflow(workflows.PlanUpdate, "a", accepted{t: t}, at(2, 10))
	}, 2*day)
	env.RegisterDelayedCallback(func() {
		env.UpdateWorkflow(workflows.PlanUpdate, "b", accepted{t: t}, at(4, 20))
	}, 12*day)
	env.ExecuteWorkflow(workflows.MatterWorkflow, workflows.MatterInput{Kind: "plan", Plan: at(1, 5)})
	if err := env.GetWorkflowError(); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(woke); got != "[day 10 v2 day 10 v2 day 20 v4]" {
		t.Errorf("it woke on %s", got)
	}
}

// ringer closes a matter when it is woken.
type ringer struct {
	store *store.Store
	mu    sync.Mutex
	rang  int // protected by mu
}

func (r *ringer) Wake(ctx context.Context, tenant, id uuid.UUID) error {
	r.mu.Lock()
	r.rang++
	r.mu.Unlock()
	return r.store.In(ctx, tenant, func(tx store.Tx) error { return matter.Close(ctx, tx, "promise", id) })
}

func (r *ringer) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rang
}

// TestMatterOnAServer carries a matter through its life: set for later, moved to
// now, woken, closed, and set again.
func TestMatterOnAServer(t *testing.T) {
	t.Parallel()
	h := emptyHall(t)
	r := &ringer{store: h.Store}
	w := worker.New(h.temporal, workflows.TaskQueue, workflows.Options())
	workflows.Register(w, &workflows.Activities{Store: h.Store, Wakers: map[matter.Kind]matter.Waker{"promise": r}})
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	id := uuid.New()
	set := func(in time.Duration) {
		h.In(func(tx store.Tx) error {
			return matter.Set(t.Context(), tx, matter.Item{Kind: "promise", ID: id, At: time.Now().Add(in), Why: "The grace of a promise ends"})
		})
		h.must(h.carrier.Matters(t.Context()))
	}
	workflow := workflows.MatterID(h.Tenant, "promise", id)
	status := func() enumspb.WorkflowExecutionStatus {
		d, err := h.temporal.DescribeWorkflowExecution(t.Context(), workflow, "")
		if err != nil {
			t.Fatal(err)
		}
		return d.WorkflowExecutionInfo.Status
	}
	set(time.Hour)
	if s := status(); s != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING || r.count() != 0 {
		t.Errorf("an hour before its moment its workflow is %s and it rang %d times", s, r.count())
	}
	set(0)
	h.eventually("the matter is woken", func() bool { return r.count() == 1 })
	h.eventually("its workflow ends", func() bool { return status() == enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED })
	run, err := workflowtest.Read(t.Context(), h.temporal, workflow)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join(newest, "matter_moved.json"), &run)
	h.must(h.carrier.Matters(t.Context())) // word of the end finds nobody
	var left int
	h.In(func(tx store.Tx) error {
		return tx.QueryRow(t.Context(), "select count(*) from outbox where kind = $1", matter.Outbox).Scan(&left)
	})
	if left != 0 {
		t.Errorf("%d entries are left in the outbox", left)
	}
	set(0)
	h.eventually("a matter that was set again is woken", func() bool { return r.count() == 2 })
}
