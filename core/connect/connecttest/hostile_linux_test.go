package connecttest_test

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/core/connect/connecttest"
	"github.com/voldaan/voldaan/core/connect/contain"
)

const hostileManifest = `name: hostile
title: Hostile
kind: accounting
version: 1.0.0
publisher: voldaan
summary: Tries what no connector may.
program: hostile
capabilities: [webhooks]
reads: [invoices]
auth: [{name: none, title: None, type: none}]
hosts: [api.hostile.example]
`

// all lists the measures that keep a connector in.
var all = []contain.Measure{
	contain.NetworkNamespace, contain.ProcessNamespace, contain.OtherNamespaces, contain.OwnRoot, contain.Landlock, contain.CallFilter,
	contain.OwnUser, contain.SealedCopy, contain.Cgroup,
}

// hostile returns a host with the hostile connector and only these measures.
func hostile(t *testing.T, with []contain.Measure, change func(*connect.Config)) *connect.Host {
	t.Helper()
	dir := t.TempDir()
	connecttest.Install(t, dir, "hostile", hostileManifest, connecttest.Program(t, "hostile"))
	lock(t, dir)
	return connecttest.NewHost(t, dir, func(c *connect.Config) {
		c.Supervisor.Without = slices.DeleteFunc(slices.Clone(all), func(m contain.Measure) bool { return slices.Contains(with, m) })
		c.Supervisor.Backoff, c.Supervisor.CrashLimit = time.Millisecond, 100
		if change != nil {
			change(c)
		}
	})
}

// try lets the connector try something and returns what it tells.
func try(t *testing.T, h *connect.Host, what string, c config) (string, error) {
	t.Helper()
	if c == nil {
		c = config{}
	}
	c["try"] = what
	conn := connecttest.Connection(c)
	conn.Connector = "hostile"
	list, err := h.Administrations(t.Context(), conn)
	if err != nil {
		return "", err
	}
	return list[0].Name, nil
}

// reach is what of this machine a connector may try to get at.
type reach struct{ tcp, udp, unix, abstract, open, closed, folder string }

func surroundings(t *testing.T) reach {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	r := reach{
		unix: filepath.Join(dir, "service"), abstract: "voldaan-" + uuid.NewString(),
		open: filepath.Join(dir, "open"), closed: filepath.Join(dir, "closed"), folder: "/etc",
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for file, mode := range map[string]os.FileMode{r.open: 0o666, r.closed: 0o600} {
		if err := os.WriteFile(file, []byte("SECRET"), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
	}
	for network, address := range map[string]string{"tcp": "127.0.0.1:0", "unix": r.unix, "@": "@" + r.abstract} {
		l, err := net.Listen(strings.Replace(network, "@", "unix", 1), address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				_ = c.Close()
			}
		}()
		if network == "tcp" {
			r.tcp = l.Addr().String()
		}
	}
	if err := os.Chmod(r.unix, 0o777); err != nil {
		t.Fatal(err)
	}
	p, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	r.udp = p.LocalAddr().String()
	return r
}

// TestHostile lets a connector try what it may not, under each measure alone,
// under all of them and under none: it must fail exactly where a measure stands
// against it, so that a measure that stopped working is noticed although another
// would still hold.
func TestHostile(t *testing.T) {
	t.Parallel()
	r := surroundings(t)
	tries := []struct {
		name    string
		config  config
		against []contain.Measure
	}{
		{"tcp", config{"address": r.tcp}, []contain.Measure{contain.NetworkNamespace, contain.CallFilter, contain.Landlock}},
		{"udp", config{"address": r.udp}, []contain.Measure{contain.NetworkNamespace, contain.CallFilter}},
		{"unix", config{"address": r.unix}, []contain.Measure{contain.OwnRoot}},
		{"abstract", config{"address": r.abstract}, []contain.Measure{contain.NetworkNamespace, contain.Landlock}},
		{"read", config{"file": r.open}, []contain.Measure{contain.OwnRoot, contain.Landlock}},
		{"read", config{"file": r.closed}, []contain.Measure{contain.OwnRoot, contain.Landlock, contain.OwnUser}},
		{"write", config{"file": r.open}, []contain.Measure{contain.OwnRoot, contain.Landlock}},
		{"list", config{"file": r.folder}, []contain.Measure{contain.OwnRoot, contain.Landlock}},
		{"env", nil, []contain.Measure{contain.OwnRoot, contain.Landlock, contain.OwnUser, contain.ProcessNamespace}},
		{"signal", config{"pid": strconv.Itoa(os.Getpid())}, []contain.Measure{contain.ProcessNamespace, contain.OwnUser, contain.Landlock}},
		{"fork", nil, []contain.Measure{contain.CallFilter}},
		{"calls", nil, []contain.Measure{contain.CallFilter}},
		// What every connector may do.
		{"own", nil, nil},
		{"zone", nil, nil},
	}
	for name, with := range sets() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := hostile(t, with, nil)
			report := h.Supervisor().Containment()
			for _, m := range with {
				if !report.Has(m) && m != contain.Cgroup {
					if len(with) < 3 {
						t.Skipf("this machine has no %s: %s", m, report)
					}
					t.Logf("this machine has no %s", m)
				}
			}
			for _, c := range tries {
				told, err := try(t, h, c.name, c.config)
				if err != nil {
					t.Errorf("%s: %v", c.name, err)
					continue
				}
				done := strings.HasPrefix(told, "done")
				if c.name == "env" {
					done = strings.Contains(told, "PATH=") // of the host's first environment
				}
				stopped := slices.ContainsFunc(c.against, report.Has)
				if c.name == "env" && (os.Geteuid() == 0 || report.Has(contain.NetworkNamespace)) {
					// No program keeps root's privileges, and none in a user namespace has ours.
					stopped = true
				}
				if done == stopped {
					t.Errorf("%s %v: %q; stopped should be %v with %v", c.name, c.config, told, stopped, report.Features())
				}
			}
			cleanForks(t, h)
		})
	}
}

// sets are all measures, none, and each alone.
func sets() map[string][]contain.Measure {
	out := map[string][]contain.Measure{"all": all, "none": nil}
	for _, m := range all {
		switch m {
		case contain.Cgroup, contain.SealedCopy, contain.OtherNamespaces:
		case contain.OwnRoot:
			out[string(m)+" alone"] = []contain.Measure{m, contain.SealedCopy}
		default:
			out[string(m)+" alone"] = []contain.Measure{m}
		}
	}
	return out
}

// cleanForks ends what a connector has left that nothing holds.
func cleanForks(t *testing.T, h *connect.Host) {
	t.Helper()
	for _, s := range h.Supervisor().Status() {
		if s.PID == 0 {
			continue
		}
		for _, pid := range children(t, s.PID) {
			if p, err := os.FindProcess(pid); err == nil {
				_ = p.Kill()
			}
		}
	}
}

// TestHostileTakes lets a connector take more than its share.
func TestHostileTakes(t *testing.T) {
	t.Parallel()
	limits := func(c *connect.Config) {
		c.Supervisor.Limits.Memory, c.Supervisor.Limits.Output, c.Supervisor.Limits.Folder = 192<<20, 4<<20, 32<<20
		c.Limits.Check = 20 * time.Second
	}
	for _, c := range []struct{ try, code, words string }{
		{"memory", "connector_crashed", "memory"},
		{"stderr", "connector_crashed", "printed more than 4 MiB"},
		{"stdout", "connector_crashed", "printed more than 4 MiB"},
		{"disk", "connector_crashed", "wrote more than 32 MiB"},
	} {
		t.Run(c.try, func(t *testing.T) {
			t.Parallel()
			h := hostile(t, all, limits)
			told, err := try(t, h, c.try, nil)
			wantFault(t, c.try+" "+told, err, c.code, c.words)
			if told, err := try(t, h, "own", nil); told != "done" || err != nil {
				t.Errorf("afterwards: %q, %v", told, err)
			}
		})
	}
	t.Run("shared memory", func(t *testing.T) {
		t.Parallel()
		h := hostile(t, all, limits)
		if !h.Supervisor().Containment().Has(contain.CallFilter) {
			t.Skip("this machine has no seccomp filter")
		}
		if told, err := try(t, h, "shared", nil); err != nil || told != "refused: operation not permitted" {
			t.Errorf("%q, %v", told, err)
		}
	})
}

// TestMemoryBounds fills memory under the bound of the group that a connector and
// all that it starts are in, and under that of each process alone.
func TestMemoryBounds(t *testing.T) {
	t.Parallel()
	limits := func(c *connect.Config) {
		c.Supervisor.Limits.Memory, c.Limits.Check = 192<<20, 20*time.Second
	}
	t.Run("of the group", func(t *testing.T) {
		t.Parallel()
		h := hostile(t, []contain.Measure{contain.Cgroup}, limits)
		for _, l := range h.Supervisor().Containment().Lines() {
			if l.Measure == contain.Cgroup && !l.InForce {
				t.Skipf("%s To get there, %s.", l.Text, l.Todo)
			}
		}
		told, err := try(t, h, "memory", nil)
		wantFault(t, "memory "+told, err, "connector_crashed", "its memory ran out")
	})
	t.Run("of each process", func(t *testing.T) {
		t.Parallel()
		h := hostile(t, nil, limits)
		if h.Supervisor().Containment().Has(contain.Cgroup) {
			t.Fatal("this is about machines without groups")
		}
		told, err := try(t, h, "memory", nil)
		wantFault(t, "memory "+told, err, "connector_crashed", "memory")
	})
}

// TestHostileTimes lets a connector answer late or never.
func TestHostileTimes(t *testing.T) {
	t.Parallel()
	h := hostile(t, all, func(c *connect.Config) {
		c.Limits.Check, c.Limits.Grace, c.Supervisor.Drain = 200*time.Millisecond, 100*time.Millisecond, 100*time.Millisecond
	})
	for _, how := range []string{"never", "late"} {
		conn := connecttest.Connection(config{"check": how})
		conn.Connector = "hostile"
		began := time.Now()
		wantFault(t, how, h.Check(t.Context(), conn), "connector_hung", "did not end 100ms after its deadline")
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s took %s", how, took)
		}
	}
}

// TestHostileKeepsNothing shows that the data of one tenant cannot turn up with
// another where a package has a process for each.
func TestHostileKeepsNothing(t *testing.T) {
	t.Parallel()
	for name, apart := range map[string]bool{"one process": false, "a process for each tenant": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := hostile(t, all, func(c *connect.Config) {
				c.Apart = func(*catalog.Package) bool { return apart }
			})
			if told, err := try(t, h, "remember", config{"secret": "of the first tenant"}); err != nil || !strings.HasPrefix(told, "refused") {
				t.Errorf("%q, %v", told, err)
			}
			told, err := try(t, h, "remember", nil)
			if leaked := strings.Contains(told, "of the first tenant"); leaked == apart || err != nil {
				t.Errorf("the second tenant is told %q, %v", told, err)
			}
		})
	}
}

// TestHostileTokens shows that a token is of no use outside its call, and that
// the host hands out no manifest to a program that is not there for others.
func TestHostileTokens(t *testing.T) {
	t.Parallel()
	h := hostile(t, all, nil)
	tok, err := try(t, h, "token", nil)
	if err != nil || len(tok) < 20 {
		t.Fatalf("%q, %v", tok, err)
	}
	for _, what := range []string{"fetch", "manifest"} {
		told, err := try(t, h, what, config{"token": tok, "url": "https://api.hostile.example/"})
		if err != nil || !strings.HasPrefix(told, "refused") || !strings.Contains(told, "PermissionDenied") {
			t.Errorf("%s with the token of a call that is over: %q, %v", what, told, err)
		}
	}
	if told, err := try(t, h, "manifest", nil); err != nil || !strings.Contains(told, "PermissionDenied") {
		t.Errorf("manifest: %q, %v", told, err)
	}
	if told, err := try(t, h, "fetch", config{"url": "https://evil.example/"}); err != nil || !strings.Contains(told, "does not name https://evil.example") {
		t.Errorf("another host: %q, %v", told, err)
	}
}

// TestUncontainedIsRefused shows that a package which must be contained is not
// started where it cannot be, in words that help.
func TestUncontainedIsRefused(t *testing.T) {
	t.Parallel()
	needs := func(c *connect.Config) {
		c.Needs = func(*catalog.Package) []contain.Feature { return []contain.Feature{contain.Network} }
	}
	_, err := try(t, hostile(t, nil, needs), "own", nil)
	wantFault(t, "nothing in force", err, "connector_uncontained", "it may only run where the kernel keeps it from the network of this machine; to get there, run Voldaan as root")
	h := hostile(t, []contain.Measure{contain.CallFilter}, needs)
	if !h.Supervisor().Containment().InForce(contain.Network) {
		t.Skip("this machine has no seccomp filter")
	}
	if told, err := try(t, h, "own", nil); told != "done" || err != nil {
		t.Errorf("%q, %v", told, err)
	}
}
