package workflows_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/workflows"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
)

type answer func() (dunning.Plan, error)

func (a answer) Take(context.Context, uuid.UUID, uuid.UUID) (dunning.Plan, error) { return a() }

func TestTakeStepErrors(t *testing.T) {
	t.Parallel()
	cause := errors.New("550 <jan.jansen@dorp.example>: no such user")
	for _, tc := range []struct {
		name          string
		do            answer
		kind, message string
		wait          time.Duration
	}{
		{"a fault becomes its code", func() (dunning.Plan, error) {
			return dunning.Plan{}, fault.New(fault.Unavailable, "books_silent", "The books of Jan do not answer.").Because(cause)
		}, "unavailable", "books_silent", 0},
		{"any other error is internal", func() (dunning.Plan, error) { return dunning.Plan{}, cause }, "internal", "internal", 0},
		{"a panic is as well", func() (dunning.Plan, error) { panic("jan.jansen@dorp.example") }, "internal", "panic", 0},
		{"later is later", func() (dunning.Plan, error) { return dunning.Plan{}, &dunning.ErrLater{Wait: time.Minute, Why: cause} }, "later", "waits", time.Minute},
		{"but not too late", func() (dunning.Plan, error) { return dunning.Plan{}, &dunning.ErrLater{Wait: time.Hour, Why: cause} }, "later", "waits", 5 * time.Minute},
		{"a step that is still due is tried again", func() (dunning.Plan, error) { return dunning.Plan{Version: 7, Step: "reminder_1"}, nil }, "later", "waits", time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			a := &workflows.Activities{Steps: tc.do, Log: slog.New(slog.NewTextHandler(&log, nil))}
			var suite testsuite.WorkflowTestSuite
			env := suite.NewTestActivityEnvironment()
			env.RegisterActivityWithOptions(a.TakeStep, activity.RegisterOptions{Name: workflows.StepActivity})
			_, err := env.ExecuteActivity(workflows.StepActivity, workflows.StepInput{Version: 7})
			var got *temporal.ApplicationError
			if !errors.As(err, &got) || got.Type() != tc.kind || got.Message() != tc.message || got.NextRetryDelay() != tc.wait || got.NonRetryable() {
				t.Errorf("got %v after %v", err, got.NextRetryDelay())
			}
			if strings.Contains(log.String(), "jansen") {
				t.Errorf("the log says %s", &log)
			}
		})
	}
}
