package workflows

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// SyncInput names the administration to mirror.
type SyncInput struct {
	Tenant         uuid.UUID `json:"tenant"`
	Administration uuid.UUID `json:"administration"`
}

// Names of the sync workflow and its activity.
const (
	SyncWorkflow = "Sync"
	SyncActivity = "SyncAdministration"
)

// Sync mirrors one administration once.
func Sync(ctx workflow.Context, in SyncInput) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 2 * time.Hour, HeartbeatTimeout: 15 * time.Second,
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: 2 * time.Second, MaximumInterval: 5 * time.Minute, MaximumAttempts: 10},
		Summary:     "Read the books",
	})
	return workflow.ExecuteActivity(ctx, SyncActivity, in).Get(ctx, nil)
}

func syncID(in SyncInput) string { return fmt.Sprintf("sync/%s/%s", in.Tenant, in.Administration) }

// ScheduleSync makes an administration be mirrored every interval. Calling it
// again changes the interval. A run that is still busy is not doubled.
func ScheduleSync(ctx context.Context, c client.Client, in SyncInput, every time.Duration, title string) error {
	every = max(every, time.Second)
	spec := client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: every}}, Jitter: every / 10}
	_, err := c.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID: syncID(in), Spec: spec, Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: 10 * time.Minute,
		Action: &client.ScheduleWorkflowAction{
			ID: syncID(in), Workflow: SyncWorkflow, TaskQueue: TaskQueue, Args: []any{in}, StaticSummary: title,
		},
	})
	if !errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return err
	}
	return c.ScheduleClient().GetHandle(ctx, syncID(in)).Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(u client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			s := u.Description.Schedule
			s.Spec = &spec
			return &client.ScheduleUpdate{Schedule: &s}, nil
		},
	})
}

// UnscheduleSync ends the regular syncs of an administration. That there are none
// is no error; a run that is under way ends by itself.
func UnscheduleSync(ctx context.Context, c client.Client, in SyncInput) error {
	err := c.ScheduleClient().GetHandle(ctx, syncID(in)).Delete(ctx)
	var none *serviceerror.NotFound
	if errors.As(err, &none) {
		return nil
	}
	return err
}

// SyncNow mirrors an administration at once, unless a sync is under way.
func SyncNow(ctx context.Context, c client.Client, in SyncInput, title string) error {
	_, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: syncID(in) + "/now", TaskQueue: TaskQueue, StaticSummary: title,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
	}, SyncWorkflow, in)
	var running *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &running) {
		return nil
	}
	return err
}
