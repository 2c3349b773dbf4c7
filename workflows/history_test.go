package workflows_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/workflows"
	"github.com/voldaan/voldaan/workflows/temporaltest"
	"github.com/voldaan/voldaan/workflows/workflowtest"
	"go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
)

var update = flag.Bool("update", false, "save the histories of the stories as those of the newest release")

// histories holds a folder for each released version of the workflow code, with
// the histories that it made. The newest is what the budget is held to.
const (
	histories = "testdata/history"
	newest    = "testdata/history/v1"
)

// dial returns a client in a namespace of its own that knows our attributes.
func dial(t *testing.T) client.Client {
	t.Helper()
	namespace := temporaltest.Namespace(t)
	c, err := client.Dial(client.Options{HostPort: temporaltest.Start(t), Namespace: namespace, Identity: "voldaan", Logger: quiet{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := workflows.RegisterSearchAttributes(ctx, c, namespace); err != nil {
		t.Fatal(err)
	}
	return c
}

func serve(t *testing.T, c client.Client, s workflows.Stepper) {
	t.Helper()
	stop, err := workflowtest.Serve(c, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
}

// TestHistoryBudget plays the stories on a real server and holds the types of
// their events, in order, against the saved histories, and their number against
// the budget.
func TestHistoryBudget(t *testing.T) {
	t.Parallel()
	c := dial(t)
	books := &workflowtest.Books{}
	serve(t, c, books)
	for _, story := range workflowtest.Stories() {
		t.Run(story.Name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			run, err := workflowtest.Play(ctx, c, books, story, uuid.NewSHA1(uuid.NameSpaceOID, []byte(story.Name)))
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s: %d events (at most %d), %d state transitions, %d billable actions",
				story, len(run.Types()), story.Allowance(), run.Transitions, run.Actions())
			if n := len(run.Types()); n > story.Allowance() {
				t.Errorf("%d events; the budget is %d:\n%s", n, story.Allowance(), strings.Join(run.Types(), "\n"))
			}
			if n := slices.Index(run.Types(), enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED.String()); n-3 > story.Allowance()-11 {
				t.Errorf("%d events before the payment; the budget is %d", n-3, story.Allowance()-11)
			}
			golden(t, filepath.Join(newest, strings.ReplaceAll(story.Name, " ", "_")+".json"), &run)
		})
	}
}

func golden(t *testing.T, file string, run *workflowtest.Run) {
	t.Helper()
	if *update {
		b, err := temporalproto.CustomJSONMarshalOptions{Indent: " "}.Marshal(run.History)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; save it with -update", err)
	}
	saved := workflowtest.Run{History: &historypb.History{}}
	if err := (temporalproto.CustomJSONUnmarshalOptions{}).Unmarshal(b, saved.History); err != nil {
		t.Fatal(err)
	}
	if got, want := run.Types(), saved.Types(); !slices.Equal(got, want) {
		t.Errorf("the events are\n%s\nthose of %s are\n%s", strings.Join(got, "\n"), file, strings.Join(want, "\n"))
	}
}

// TestReplay runs today's code over the histories that released versions made: a
// change that they do not fit needs workflow.GetVersion.
func TestReplay(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(histories, "*", "*.json"))
	if err != nil || len(files) < len(workflowtest.Stories()) {
		t.Fatalf("found %d saved histories, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimPrefix(file, histories+"/"), func(t *testing.T) {
			t.Parallel()
			r := worker.NewWorkflowReplayer()
			workflows.RegisterWorkflows(r)
			if err := r.ReplayWorkflowHistoryFromJSONFile(quiet{}, file); err != nil {
				t.Error(err)
			}
		})
	}
}

type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}

// refuse fails when a history holds any of the words, in clear or in a payload.
func refuse(t *testing.T, run workflowtest.Run, words ...string) {
	t.Helper()
	b, err := temporalproto.CustomJSONMarshalOptions{Metadata: map[string]any{common.EnablePayloadShorthandMetadataKey: true}}.Marshal(run.History)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range words {
		if strings.Contains(string(b), w) {
			t.Errorf("the history holds %q", w)
		}
	}
}
