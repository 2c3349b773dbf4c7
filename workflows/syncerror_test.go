package workflows_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/workflows"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
)

type mirror func(beat func()) error

func (m mirror) Run(_ context.Context, _, _ uuid.UUID, beat func()) error { return m(beat) }

// A sync knows when it is worth to be tried again, and its words stay out of the
// history.
func TestSyncErrors(t *testing.T) {
	t.Parallel()
	cause := fault.New(fault.Unavailable, "connection_limited", "The books of Jan Jansen ask us to wait.")
	for name, tc := range map[string]struct {
		err   error
		kind  string
		wait  time.Duration
		final bool
	}{
		"tried again when it said":        {&sync.Failed{Wait: 90 * time.Second, Why: cause}, "unavailable", 90 * time.Second, false},
		"left to the next regular run":    {&sync.Failed{Why: cause}, "unavailable", 0, true},
		"not begun: tried again as usual": {errors.New("the database of jan@jansen.example is away"), "internal", 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			a := &workflows.Activities{Sync: mirror(func(beat func()) error { beat(); return tc.err }), Log: slog.New(slog.NewTextHandler(&log, nil))}
			var suite testsuite.WorkflowTestSuite
			env := suite.NewTestActivityEnvironment()
			env.RegisterActivityWithOptions(a.SyncAdministration, activity.RegisterOptions{Name: workflows.SyncActivity})
			_, err := env.ExecuteActivity(workflows.SyncActivity, workflows.SyncInput{})
			var got *temporal.ApplicationError
			if !errors.As(err, &got) || got.Type() != tc.kind || got.NextRetryDelay() != tc.wait || got.NonRetryable() != tc.final {
				t.Fatalf("got %v after %v", err, got.NextRetryDelay())
			}
			if got.Message() != fault.Of(tc.err).Code {
				t.Errorf("the history says %q", got.Message())
			}
			if bytes.Contains(log.Bytes(), []byte("jan@")) {
				t.Errorf("the log says %s", &log)
			}
		})
	}
}
