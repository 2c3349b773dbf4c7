package connecttest_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/connecttest"
	"github.com/voldaan/voldaan/core/connect/supervisor"
	"github.com/voldaan/voldaan/sdk"
)

// chosen holds the version of each tenant.
type chosen struct{ sync.Map }

// Version implements connect.Versions.
func (c *chosen) Version(_ context.Context, tenant uuid.UUID, _ string) (string, error) {
	if v, ok := c.Load(tenant); ok {
		return v.(string), nil
	}
	return "", nil
}

// TestUpgradeAndRollBackPerTenant moves one tenant to a new version in the middle
// of a pull, while another stays, and back again.
func TestUpgradeAndRollBackPerTenant(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	program := connecttest.Program(t, connecttest.Name)
	for _, v := range []string{"1.0.0", "2.0.0"} {
		text := strings.NewReplacer("hostile", connecttest.Name, "1.0.0", v, "[webhooks]", "[]").Replace(hostileManifest)
		connecttest.Install(t, dir, connecttest.Name+"-"+v, text, program)
	}
	lock(t, dir)
	versions := &chosen{}
	h := connecttest.NewHost(t, dir, func(c *connect.Config) { c.Versions = versions })
	early, late := connecttest.Connection(nil), connecttest.Connection(nil)
	versions.Store(early.Tenant, "1.0.0")
	versions.Store(late.Tenant, "1.0.0")
	call := func(conn connect.Connection, want string) {
		t.Helper()
		before := h.VersionStats()[connect.Version{Connector: connecttest.Name, Version: want}].Calls
		if err := h.Check(t.Context(), conn); err != nil {
			t.Fatal(err)
		}
		if after := h.VersionStats()[connect.Version{Connector: connecttest.Name, Version: want}].Calls; after != before+1 {
			t.Errorf("the call did not go to version %s: %+v", want, h.VersionStats())
		}
	}
	call(early, "1.0.0")
	call(late, "1.0.0")

	// A pull that began on the old version ends there, in a process that takes no
	// new calls once the old version is retired.
	started, released := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		pulling := early
		pulling.Config = config{"pull": "synthetic", "n": "3000"}
		s := &sink{hold: started, wait: 500 * time.Millisecond}
		if err := h.Pull(t.Context(), pulling, sdk.PullRequest{}, s); err != nil || len(s.invoices) != 3000 {
			t.Errorf("the pull under way got %d invoices, %v", len(s.invoices), err)
		}
		close(released)
	})
	<-started
	versions.Store(early.Tenant, "2.0.0")
	call(early, "2.0.0")
	call(late, "1.0.0")
	versions.Store(late.Tenant, "2.0.0")
	h.Supervisor().Retire(connecttest.Name, "1.0.0")
	call(late, "2.0.0")
	<-released
	wg.Wait()
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		state := map[string]supervisor.Status{}
		for _, s := range h.Supervisor().Status() {
			state[s.Version] = s
		}
		if state["1.0.0"].State == supervisor.Idle && state["1.0.0"].PID == 0 && state["2.0.0"].State == supervisor.Ready {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("states %+v", state)
		}
	}
	// And back, with the next call.
	versions.Store(early.Tenant, "1.0.0")
	call(early, "1.0.0")
	call(late, "2.0.0")
	// What a version does wrong is counted as its own.
	bad := late
	bad.Config = config{"check": "exit"}
	wantFault(t, "crash", h.Check(t.Context(), bad), "connector_crashed", "code 7")
	s := h.VersionStats()
	if s[connect.Version{Connector: connecttest.Name, Version: "2.0.0"}].Faults != 1 || s[connect.Version{Connector: connecttest.Name, Version: "1.0.0"}].Faults != 0 {
		t.Errorf("faults: %+v", s)
	}
}
