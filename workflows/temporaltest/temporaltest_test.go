package temporaltest_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/voldaan/voldaan/workflows/temporaltest"
)

func double(ctx workflow.Context, n int) (int, error) {
	if err := workflow.Sleep(ctx, 10*time.Millisecond); err != nil {
		return 0, err
	}
	return 2 * n, nil
}

func TestWorkflowInANewNamespace(t *testing.T) {
	t.Parallel()
	namespace := temporaltest.Namespace(t)
	c, err := client.Dial(client.Options{HostPort: temporaltest.Start(t), Namespace: namespace})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	w := worker.New(c, "numbers", worker.Options{})
	w.RegisterWorkflow(double)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "double/21", TaskQueue: "numbers"}, double, 21)
	if err != nil {
		t.Fatal(err)
	}
	var got int
	if err := run.Get(ctx, &got); err != nil || got != 42 {
		t.Errorf("double(21) = %d, %v", got, err)
	}
}

func TestSearchAttributeCanBeUsedAfterARefresh(t *testing.T) {
	t.Parallel()
	namespace := temporaltest.Namespace(t)
	c, err := client.Dial(client.Options{HostPort: temporaltest.Start(t), Namespace: namespace})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if _, err := c.OperatorService().AddSearchAttributes(t.Context(), &operatorservice.AddSearchAttributesRequest{
		Namespace: namespace, SearchAttributes: map[string]enumspb.IndexedValueType{"VoldaanStage": enumspb.INDEXED_VALUE_TYPE_KEYWORD},
	}); err != nil {
		t.Fatal(err)
	}
	stage := temporal.NewSearchAttributeKeyKeyword("VoldaanStage")
	deadline := time.Now().Add(10 * temporaltest.Refresh)
	for {
		_, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
			ID: "double/1", TaskQueue: "nobody", TypedSearchAttributes: temporal.NewSearchAttributes(stage.ValueSet("reminder 2")),
		}, double, 1)
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// TestServerIsShared asks another test binary where it finds the server.
func TestServerIsShared(t *testing.T) {
	t.Parallel()
	if out := os.Getenv("TEMPORALTEST_CHILD"); out != "" {
		if err := os.WriteFile(out, []byte(temporaltest.Start(t)), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	mine := temporaltest.Start(t)
	file := t.TempDir() + "/address"
	child := exec.Command(os.Args[0], "-test.run=^TestServerIsShared$")
	child.Env = append(os.Environ(), "TEMPORALTEST_CHILD="+file)
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	theirs, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(string(theirs)) != mine {
		t.Errorf("another binary uses %s, this one %s", theirs, mine)
	}
}
