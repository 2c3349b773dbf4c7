package stack_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/voldaan/voldaan/deploy/postgres"
	"github.com/voldaan/voldaan/deploy/stack"
	"github.com/voldaan/voldaan/workflows/temporalserver"
)

// machine is the foundation of a one-machine installation: the database and, on it, Temporal.
type machine struct {
	database *postgres.Server
	temporal *temporalserver.Server
}

func (m *machine) parts(s *stack.Stack, postgresPort, frontendPort, uiPort int) []stack.Part {
	return []stack.Part{{
		Name: "Postgres", StopIn: 20 * time.Second, ReadyIn: 5 * time.Minute,
		Start: func(ctx context.Context, env stack.Env) (stack.Running, error) {
			server, err := postgres.Open(ctx, postgres.Config{Dir: s.Dir("postgres"), Port: postgresPort, Note: env.Note})
			if err != nil {
				return nil, err
			}
			m.database = server
			env.Show(server.Address())
			return server, nil
		},
	}, {
		Name: "Temporal", StopIn: 15 * time.Second, ReadyIn: 30 * time.Minute,
		Start: func(ctx context.Context, env stack.Env) (stack.Running, error) {
			binary, err := temporalserver.Binary(ctx, env.Note)
			if err != nil {
				return nil, err
			}
			server, err := temporalserver.Start(ctx, binary, temporalserver.Config{
				Postgres: m.database.Admin(), Port: frontendPort, UIPort: uiPort, Namespace: "voldaan", Log: env.Log,
			})
			if err != nil {
				return nil, err
			}
			m.temporal = server
			env.Show(server.UI)
			return server, nil
		},
	}}
}

// TestMachineSurvives kills the database under Temporal, then Temporal, then starts all anew.
func TestMachineSurvives(t *testing.T) {
	t.Setenv(postgres.URLVariable, "")
	dir := t.TempDir()
	// Root runs Postgres as another user, who has to get in.
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	up := func() (*stack.Stack, *machine, *buffer) {
		out := &buffer{}
		s, err := stack.New(stack.Config{Dir: filepath.Join(dir, ".voldaan"), Out: out})
		if err != nil {
			t.Fatal(err)
		}
		m := &machine{}
		s.Add(m.parts(s, port(t, s, "postgres"), port(t, s, "temporal"), port(t, s, "temporal-ui"))...)
		if err := s.Up(t.Context()); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return s, m, out
	}
	// works starts a workflow, trying for as long as the parts may need to find each other again.
	works := func(m *machine, id string) {
		t.Helper()
		eventually(t, "Temporal takes workflow "+id, func() bool {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			c, err := client.DialContext(ctx, client.Options{HostPort: m.temporal.Address, Namespace: "voldaan"})
			if err != nil {
				return false
			}
			defer c.Close()
			_, err = c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: "nobody"}, "Invoice")
			return err == nil
		})
	}

	s, m, out := up()
	works(m, "invoice/1")
	if err := syscall.Kill(m.database.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the database is up again", func() bool { return strings.Contains(out.String(), "started again") })
	works(m, "invoice/2")
	if err := syscall.Kill(m.temporal.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "Temporal is up again", func() bool { return strings.Count(out.String(), "started again") == 2 })
	works(m, "invoice/3")
	s.Down(nil)
	s.Close()
	t.Logf("\n%s", out)

	s, m, out = up()
	defer s.Close()
	defer s.Down(nil)
	c, err := client.Dial(client.Options{HostPort: m.temporal.Address, Namespace: "voldaan"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, id := range []string{"invoice/1", "invoice/2", "invoice/3"} {
		if _, err := c.DescribeWorkflowExecution(t.Context(), id, ""); err != nil {
			t.Errorf("%s after a restart: %v", id, err)
		}
	}
	t.Logf("\n%s", out)
}
