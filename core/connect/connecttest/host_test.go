package connecttest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/connecttest"
	"github.com/voldaan/voldaan/core/connect/contain"
	"github.com/voldaan/voldaan/core/connect/supervisor"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

type config = map[string]string

func check(t *testing.T, h *connect.Host, c config) error {
	t.Helper()
	return h.Check(t.Context(), connecttest.Connection(c))
}

func status(h *connect.Host) supervisor.Status {
	for _, s := range h.Supervisor().Status() {
		return s
	}
	return supervisor.Status{}
}

func wantFault(t *testing.T, what string, err error, code, words string) {
	t.Helper()
	if fault.Of(err).Code != code || !strings.Contains(err.Error(), words) {
		t.Errorf("%s: %q %v; want %q with %q", what, fault.Of(err).Code, err, code, words)
	}
}

func TestCallsOfAWellBehavedConnector(t *testing.T) {
	t.Parallel()
	h := connecttest.NewHost(t, connecttest.Catalog(t), nil)
	c := connecttest.Connection(nil)
	if err := h.Tokens().Put(t.Context(), token.Ref{Tenant: c.Tenant, Connection: c.ID}, token.Credentials{WebhookSecret: []byte("sesam")}); err != nil {
		t.Fatal(err)
	}
	if err := h.Check(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	d, err := h.Document(t.Context(), c, sdk.DocumentRequest{Invoice: "3000000", Format: sdk.PDF})
	if err != nil || len(d.Content) != 3_000_000 || d.Name != "in voice.pdf" || d.ContentType != "application/pdf" {
		t.Errorf("document %q of %d bytes: %v", d.Name, len(d.Content), err)
	}
	if _, err := h.Document(t.Context(), c, sdk.DocumentRequest{Invoice: "x"}); !errors.Is(err, sdk.ErrGone) || !fault.Is(err, fault.NotFound) {
		t.Errorf("no document: %v", err)
	}
	w := sdk.Write{Key: "applied", Payment: &sdk.PaymentWrite{Invoice: "i", Amount: money.EUR(1234), ValueDate: date.MustParse("2026-02-28"), Reference: "tr_9"}}
	if o, err := h.Push(t.Context(), c, w); err != nil || o.State != sdk.Applied || o.ExternalID != "tr_9/"+money.EUR(1234).String()+"/2026-02-28" {
		t.Errorf("push: %+v, %v", o, err)
	}
	if o, err := h.Find(t.Context(), c, w); err != nil || o.State != sdk.Rejected {
		t.Errorf("find: %+v, %v", o, err)
	}
	heard, err := h.Webhook(t.Context(), c, sdk.WebhookCall{Header: http.Header{"Signature": {"sesam"}}, Body: []byte("i7")}, nil)
	hints := heard.Hints
	if err != nil || len(hints) != 1 || hints[0] != (sdk.Hint{Administration: "a", Stream: sdk.Invoices, ID: "i7", Event: "e"}) {
		t.Errorf("webhook: %+v, %v", hints, err)
	}
	if _, err := h.Webhook(t.Context(), c, sdk.WebhookCall{Header: http.Header{"Signature": {"wrong"}}}, nil); !errors.Is(err, sdk.ErrAuth) {
		t.Errorf("forged webhook: %v", err)
	}
	if s := status(h); s.State != supervisor.Ready || s.Starts != 1 || s.Calls != 0 {
		t.Errorf("status %+v", s)
	}
}

func TestFaultsOfTheAuthor(t *testing.T) {
	t.Parallel()
	h := connecttest.NewHost(t, connecttest.Catalog(t), nil)
	err := check(t, h, config{"check": "auth"})
	if wantFault(t, "auth", err, "connection_unauthorised", "ask Piet"); !errors.Is(err, sdk.ErrAuth) {
		t.Errorf("auth is not ErrAuth: %v", err)
	}
	err = check(t, h, config{"check": "later"})
	if r, ok := errors.AsType[*sdk.RetryAfter](err); !ok || r.Wait != time.Minute || !fault.Is(err, fault.Unavailable) {
		t.Errorf("later: %v", err)
	}
	wantFault(t, "panic", check(t, h, config{"check": "panic"}), "connector_failed", "panic in the connector: in the call")
	c := connecttest.Connection(config{"pull": "resync"})
	err = h.Pull(t.Context(), c, sdk.PullRequest{}, &sink{})
	if wantFault(t, "resync", err, "cursor_expired", "too old"); !errors.Is(err, sdk.ErrResync) {
		t.Errorf("resync is not ErrResync: %v", err)
	}
	if s := status(h); s.State != supervisor.Ready || s.Starts != 1 {
		t.Errorf("errors of the author ended the process: %+v", s)
	}
	c.Connector = "nobody"
	wantFault(t, "unknown", h.Check(t.Context(), c), "connector_unknown", "nobody")
}

func TestCrashIsExplainedAndTheNextCallWorks(t *testing.T) {
	t.Parallel()
	h := connecttest.NewHost(t, connecttest.Catalog(t), func(c *connect.Config) { c.Supervisor.Backoff = time.Millisecond })
	wantFault(t, "exit", check(t, h, config{"check": "exit"}), "connector_crashed", "exited with code 7")
	if err := check(t, h, nil); err != nil {
		t.Errorf("after a crash: %v", err)
	}
	wantFault(t, "crash", check(t, h, config{"check": "crash"}), "connector_crashed", "panic: boom")
	output := strings.Join(status(h).Output, "\n")
	if !strings.Contains(output, "about to crash") || strings.Contains(output, "klant@") || strings.Contains(output, "abcdef123456") {
		t.Errorf("last output:\n%s", output)
	}
	if err := check(t, h, nil); err != nil {
		t.Errorf("after a second crash: %v", err)
	}
	wantFault(t, "write that never began", func() error {
		_, err := h.Push(t.Context(), connecttest.Connection(nil), sdk.Write{Key: "crash-before", Payment: &sdk.PaymentWrite{}})
		return err
	}(), "connector_crashed", "exited with code 3")
}

func TestCrashLoopIsQuarantinedUntilPardon(t *testing.T) {
	t.Parallel()
	h := connecttest.NewHost(t, connecttest.Catalog(t), func(c *connect.Config) {
		c.Supervisor.Backoff, c.Supervisor.CrashLimit = time.Millisecond, 3
	})
	for range 3 {
		wantFault(t, "crash", check(t, h, config{"check": "exit"}), "connector_crashed", "code 7")
	}
	wantFault(t, "quarantine", check(t, h, nil), "connector_quarantined", "exited with code 7")
	if s := status(h); s.State != supervisor.Quarantined || s.Crashes != 3 || s.PID != 0 {
		t.Errorf("status %+v", s)
	}
	h.Supervisor().Pardon(connecttest.Name)
	if err := check(t, h, nil); err != nil {
		t.Errorf("after the pardon: %v", err)
	}
}

func TestBackoffAfterRepeatedCrashes(t *testing.T) {
	t.Parallel()
	h := connecttest.NewHost(t, connecttest.Catalog(t), func(c *connect.Config) { c.Supervisor.Backoff = time.Hour })
	for range 2 {
		_ = check(t, h, config{"check": "exit"})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	err := h.Check(ctx, connecttest.Connection(nil))
	wantFault(t, "backoff", err, "connector_backoff", "code 7")
	if r, ok := errors.AsType[*sdk.RetryAfter](err); !ok || r.Wait > time.Minute {
		t.Errorf("backoff does not say when: %v", err)
	}
}

func TestHungCallIsEndedAndTheNextCallWorks(t *testing.T) {
	t.Parallel()
	h := connecttest.NewHost(t, connecttest.Catalog(t), func(c *connect.Config) {
		c.Limits.Check, c.Limits.Grace, c.Limits.Silence = 300*time.Millisecond, 200*time.Millisecond, 300*time.Millisecond
		c.Supervisor.Drain, c.Supervisor.Backoff = 300*time.Millisecond, time.Millisecond
	})
	if err := check(t, h, nil); err != nil {
		t.Fatal(err)
	}
	pid := status(h).PID
	wantFault(t, "hang", check(t, h, config{"check": "hang"}), "connector_hung", "did not end 200ms after its deadline")
	if err := check(t, h, nil); err != nil {
		t.Errorf("after a hang: %v", err)
	}
	gone(t, pid)

	pid = status(h).PID
	err := h.Pull(t.Context(), connecttest.Connection(config{"pull": "hang", "n": "1000"}), sdk.PullRequest{}, &sink{})
	wantFault(t, "silent pull", err, "connector_hung", "no sign of life for 300ms")
	gone(t, pid)

	if err := check(t, h, nil); err != nil {
		t.Fatal(err)
	}
	pid = status(h).PID
	wantFault(t, "stopped process", check(t, h, config{"check": "stop"}), "connector_hung", "")
	gone(t, pid)
	if err := check(t, h, nil); err != nil {
		t.Errorf("after a stopped process: %v", err)
	}
	// A call that ends at its deadline is slow, not hung.
	pid = status(h).PID
	wantFault(t, "slow", check(t, h, config{"check": "slow"}), "package_unreachable", "deadline")
	if s := status(h); s.PID != pid {
		t.Errorf("a slow call ended the process: %+v", s)
	}
}

// gone waits until a process does not exist any more.
func gone(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); syscall.Kill(pid, 0) == nil; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("process %d is still there", pid)
		}
	}
}

// children returns what a process has started, as we see it.
func children(t *testing.T, pid int) (out []int) {
	t.Helper()
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range tasks {
		b, _ := os.ReadFile(file) // the thread may have ended
		for text := range strings.FieldsSeq(string(b)) {
			child, err := strconv.Atoi(text)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, child)
		}
	}
	return out
}

func TestFloodsAreCut(t *testing.T) {
	t.Parallel()
	h := connecttest.NewHost(t, connecttest.Catalog(t), func(c *connect.Config) {
		c.Limits.Records, c.Limits.TargetedRecords = 5000, 10
		c.Supervisor.Backoff, c.Supervisor.CrashLimit = time.Millisecond, 100
		c.Supervisor.Limits.Output = 2 << 20
	})
	for _, pull := range []string{"flood", "empty"} {
		err := h.Pull(t.Context(), connecttest.Connection(config{"pull": pull}), sdk.PullRequest{}, &sink{})
		wantFault(t, pull, err, "connector_flood", "more than 5000 records")
	}
	err := h.Pull(t.Context(), connecttest.Connection(config{"pull": "flood"}), sdk.PullRequest{Invoices: []string{"i1"}}, &sink{})
	wantFault(t, "targeted", err, "connector_flood", "more than 10 records")
	wantFault(t, "stderr", check(t, h, config{"check": "shout"}), "connector_crashed", "it printed more than 2 MiB")
	_, err = h.Document(t.Context(), connecttest.Connection(nil), sdk.DocumentRequest{Invoice: strconv.Itoa(30 << 20)})
	wantFault(t, "document", err, "connector_refused", "larger than 20 MiB")
	if err := check(t, h, nil); err != nil {
		t.Errorf("after the floods: %v", err)
	}
}

func TestMemoryIsLimited(t *testing.T) {
	t.Parallel()
	h := connecttest.NewHost(t, connecttest.Catalog(t), func(c *connect.Config) { c.Supervisor.Limits.Memory = 256 << 20 })
	wantFault(t, "memory", check(t, h, config{"check": "memory"}), "connector_crashed", "memory")
}

func TestConnectorSeesNothingOfTheHost(t *testing.T) {
	t.Setenv("DATABASE_URL", "secret of the host")
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("secret of the host"), 0o600); err != nil {
		t.Fatal(err)
	}
	h := connecttest.NewHost(t, connecttest.Catalog(t), nil)
	seen, err := h.Administrations(t.Context(), connecttest.Connection(config{"file": file}))
	if err != nil {
		t.Fatal(err)
	}
	byID := map[string]string{}
	for _, a := range seen {
		byID[a.ID] = a.Name
	}
	if strings.Contains(byID["env"], "secret") || strings.Contains(byID["env"], "HOME=") || !strings.Contains(byID["env"], "TZ=UTC") {
		t.Errorf("environment:\n%s", byID["env"])
	}
	if os.Getuid() == 0 {
		if byID["uid"] == "0" || byID["file"] != "cannot be read" {
			t.Errorf("as root, the connector runs as user %s and reads %q", byID["uid"], byID["file"])
		}
	}
}

func TestSwappedProgramIsNotStarted(t *testing.T) {
	t.Parallel()
	h := connecttest.NewHost(t, connecttest.Catalog(t), nil)
	pkg, err := h.Catalog().Get(connecttest.Name, "")
	if err != nil {
		t.Fatal(err)
	}
	f, err := pkg.Open() // unpacks it
	if err != nil {
		t.Fatal(err)
	}
	program, err := io.ReadAll(f)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	file := pkg.Program
	if err := os.WriteFile(file, append(program, 0), 0o755); err != nil {
		t.Fatal(err)
	}
	err = check(t, h, nil)
	if wantFault(t, "swapped", err, "connector_start", "not the one that was installed"); !errors.Is(err, supervisor.ErrSwapped) {
		t.Errorf("%v", err)
	}
	if err := os.WriteFile(file, program, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := check(t, h, nil); err != nil {
		t.Errorf("after it was put right: %v", err)
	}
}

func TestWhatDoesNotStartSaysWhy(t *testing.T) {
	t.Parallel()
	dir := connecttest.Catalog(t)
	h := connecttest.NewHost(t, dir, func(c *connect.Config) { c.Supervisor.StartTimeout = 2 * time.Second })
	for name, c := range map[string]struct{ program, want string }{
		"no connector": {"#!/bin/sh\necho hello\nexec sleep 5\n", "hello"},
		"ends at once": {"#!/bin/sh\necho missing library >&2\nexit 3\n", "missing library"},
		"old protocol": {"#!/bin/sh\necho '1|0|unix|/tmp/x|grpc|'\nexec sleep 5\n", "ncompatible API version"},
		"other socket": {"#!/bin/sh\necho '1|1|unix|/run/docker.sock|grpc|'\nexec sleep 5\n", "outside its folder"},
		"says nothing": {"#!/bin/sh\nexec sleep 60\n", "timeout"},
		"no program":   {"\x00\x01\x02", "exec format error"},
	} {
		h.Supervisor().Pardon(connecttest.Name)
		install(t, dir, c.program)
		if err := h.Catalog().Scan(); err != nil {
			t.Fatal(err)
		}
		wantFault(t, name, check(t, h, nil), "connector_start", c.want)
	}
}

// TestIdleStopAndDrain also shows that a call during the drain gets a process.
func TestIdleStopAndDrain(t *testing.T) {
	t.Parallel()
	h := connecttest.NewHost(t, connecttest.Catalog(t), func(c *connect.Config) { c.Supervisor.Idle = 100 * time.Millisecond })
	if err := check(t, h, nil); err != nil {
		t.Fatal(err)
	}
	pid := status(h).PID
	gone(t, pid)
	for deadline := time.Now().Add(5 * time.Second); status(h).State != supervisor.Idle; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("status %+v", status(h))
		}
	}
	// A long call goes on through a drain while others use a new process.
	var wg sync.WaitGroup
	started := make(chan struct{})
	wg.Go(func() {
		s := &sink{hold: started, wait: 300 * time.Millisecond}
		err := h.Pull(t.Context(), connecttest.Connection(config{"pull": "synthetic", "n": "2000"}), sdk.PullRequest{}, s)
		if err != nil || len(s.invoices) != 2000 {
			t.Errorf("the call under way got %d invoices, %v", len(s.invoices), err)
		}
	})
	<-started
	h.Supervisor().Drain(connecttest.Name)
	if err := check(t, h, nil); err != nil {
		t.Errorf("during the drain: %v", err)
	}
	wg.Wait()
	if s := status(h); s.Crashes != 0 || s.Starts != 3 {
		t.Errorf("status %+v", s)
	}
}

func TestHostTakesItsConnectorsAlong(t *testing.T) {
	t.Parallel()
	// It may not even start one, unless that is let be.
	h := connecttest.NewHost(t, connecttest.Catalog(t), func(c *connect.Config) {
		c.Supervisor.Without = []contain.Measure{contain.CallFilter, contain.OwnRoot, contain.Landlock}
	})
	if _, err := h.Administrations(t.Context(), connecttest.Connection(config{"spawn": "/bin/sleep"})); err != nil {
		t.Fatal(err)
	}
	pid := status(h).PID
	grandchildren := children(t, pid)
	if len(grandchildren) != 1 {
		t.Fatalf("the connector started %v, want one", grandchildren)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := h.Close(ctx); err != nil {
		t.Fatal(err)
	}
	gone(t, pid)
	gone(t, grandchildren[0])
	wantFault(t, "after close", check(t, h, nil), "host_stopping", "stopping")
}

func TestLogsAreMarkedAndRedacted(t *testing.T) {
	t.Parallel()
	log := &lockedBuffer{}
	h := connecttest.NewHost(t, connecttest.Catalog(t), func(c *connect.Config) { c.Log = slog.New(slog.NewJSONHandler(log, nil)) })
	c := connecttest.Connection(config{"check": "log"})
	if err := h.Check(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	want := []string{`"connector":"misbehave"`, `"connection":"` + c.ID.String() + `"`, `"msg":"reading"`, `"page":"3"`, `"line":"printed"`}
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		missing := ""
		for _, w := range want {
			if !strings.Contains(log.String(), w) {
				missing = w
			}
		}
		if missing == "" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("no %s in:\n%s", missing, log)
		}
	}
	if strings.Contains(log.String(), "klant@example.nl") {
		t.Errorf("personal data in the log:\n%s", log)
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func install(t *testing.T, dir, program string) {
	t.Helper()
	file := filepath.Join(dir, connecttest.Name, "misbehave")
	if err := os.WriteFile(file+".new", []byte(program), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatal(err)
	}
	lock(t, dir)
}
