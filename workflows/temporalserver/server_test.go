package temporalserver_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/voldaan/voldaan/core/store/pgtest"
	"github.com/voldaan/voldaan/workflows/temporalserver"
)

func binary(t *testing.T) string {
	t.Helper()
	path, err := temporalserver.Binary(t.Context(), func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// own is a configuration with databases of this test alone.
func own(t *testing.T) temporalserver.Config {
	t.Helper()
	shared, err := pgtest.Shared()
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("temporal_%d_%d", os.Getpid(), time.Now().UnixNano())
	c := temporalserver.Config{
		Postgres: shared.Admin(), Database: name, Visibility: name + "_visibility",
		Port: freePort(t), UIPort: freePort(t), Namespace: "voldaan", Retention: 48 * time.Hour, Refresh: time.Second,
		SearchAttributes: map[string]string{"VoldaanStage": "Keyword", "VoldaanNextAt": "Datetime"},
	}
	t.Cleanup(func() {
		conn, err := pgx.Connect(context.Background(), shared.Admin())
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close(context.Background())
		for _, database := range []string{c.Database, c.Visibility} {
			if _, err := conn.Exec(context.Background(), "DROP DATABASE IF EXISTS "+database+" WITH (FORCE)"); err != nil {
				t.Error(err)
			}
		}
	})
	return c
}

func start(t *testing.T, c temporalserver.Config) *temporalserver.Server {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), "temporal.log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	c.Log = log
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	s, err := temporalserver.Start(ctx, binary(t), c)
	if err != nil {
		raw, _ := os.ReadFile(log.Name())
		t.Fatalf("%v\n%s", err, raw)
	}
	t.Cleanup(func() { s.Close(10 * time.Second) })
	return s
}

func TestWorkflowsSurviveKillAndRestart(t *testing.T) {
	t.Parallel()
	config := own(t)
	stage := temporal.NewSearchAttributeKeyKeyword("VoldaanStage")
	for round, stop := range []func(*temporalserver.Server){
		func(s *temporalserver.Server) { _ = syscall.Kill(s.PID, syscall.SIGKILL); <-s.Done() },
		func(s *temporalserver.Server) {
			s.Close(20 * time.Second)
			if err := s.Err(); err != nil {
				t.Errorf("a clean stop ended with %v", err)
			}
		},
		func(s *temporalserver.Server) {},
	} {
		began := time.Now()
		s := start(t, config)
		t.Logf("start %d took %s", round, time.Since(began).Round(time.Millisecond))
		c, err := client.Dial(client.Options{HostPort: s.Address, Namespace: "voldaan"})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		// The attributes are there from the first moment on.
		if _, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
			ID: fmt.Sprintf("invoice/%d", round), TaskQueue: "nobody",
			TypedSearchAttributes: temporal.NewSearchAttributes(stage.ValueSet("reminder 2")),
		}, "Invoice"); err != nil {
			t.Fatal(err)
		}
		for earlier := range round + 1 {
			got, err := c.DescribeWorkflowExecution(ctx, fmt.Sprintf("invoice/%d", earlier), "")
			if err != nil {
				t.Fatalf("workflow of start %d: %v", earlier, err)
			}
			if status := got.GetWorkflowExecutionInfo().GetStatus(); status != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
				t.Errorf("workflow of start %d is %s", earlier, status)
			}
		}
		c.Close()
		page, err := http.Get(s.UI)
		if err != nil {
			t.Fatal(err)
		}
		page.Body.Close()
		if page.StatusCode != http.StatusOK {
			t.Errorf("the UI at %s answers %s", s.UI, page.Status)
		}
		stop(s)
	}
}

func TestListensOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	s := start(t, own(t))
	raw, err := os.ReadFile("/proc/net/tcp")
	if err != nil {
		t.Skip("needs /proc/net/tcp to see who listens where")
	}
	all, err := os.ReadFile("/proc/net/tcp6")
	if err != nil {
		t.Skip("needs /proc/net/tcp6 to see who listens where")
	}
	inodes := map[string]bool{}
	entries, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.PID))
	for _, e := range entries {
		if link, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", s.PID, e.Name())); err == nil {
			if inode, ok := strings.CutPrefix(link, "socket:["); ok {
				inodes[strings.TrimSuffix(inode, "]")] = true
			}
		}
	}
	listening := 0
	for _, line := range strings.Split(string(raw)+string(all), "\n") {
		f := strings.Fields(line)
		if len(f) < 10 || f[3] != "0A" || !inodes[f[9]] {
			continue
		}
		listening++
		if address, _, _ := strings.Cut(f[1], ":"); address != "0100007F" {
			t.Errorf("listens on %s, want 127.0.0.1 only", f[1])
		}
	}
	if listening < 5 {
		t.Errorf("found %d listeners, want the four services and the UI", listening)
	}
}

func TestStartFailsInWords(t *testing.T) {
	t.Parallel()
	c := own(t)
	c.Postgres = "postgres://nobody:wrong@127.0.0.1:1/postgres"
	var log strings.Builder
	c.Log = &log
	_, err := temporalserver.Start(t.Context(), binary(t), c)
	if err == nil || !strings.Contains(log.String(), "reach Postgres at 127.0.0.1:1") {
		t.Errorf("error %v, log %q", err, log.String())
	}
	if strings.Contains(log.String(), "wrong") {
		t.Error("the log holds the password")
	}
}
