package synctest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	stdsync "sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/connect/budget"
	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/core/connect/connecttest"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/core/sync/synctest"
	"github.com/voldaan/voldaan/sdk"
)

const limited = `name: misbehave
title: Misbehave
kind: accounting
version: 1.0.0
publisher: voldaan
summary: Has limits.
program: misbehave
reads: [parties, invoices, payments]
auth: [{name: none, title: None, type: none}]
hosts: [api.misbehave.example]
limits:
`

// books is a package that lets so many requests through per window, and says so.
type books struct {
	*httptest.Server
	mu      stdsync.Mutex
	size    int
	per     time.Duration
	ends    time.Time
	used    int
	served  int
	refused int
}

func newBooks(t *testing.T, size int, per time.Duration) *books {
	b := &books{size: size, per: per}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		b.mu.Lock()
		now := time.Now()
		if !b.ends.After(now) {
			b.ends, b.used = now.Add(b.per), 0
		}
		over := b.used >= b.size
		if over {
			b.refused++
		} else {
			b.used++
			b.served++
		}
		left, reset := b.size-b.used, b.ends.Sub(now).Seconds()
		b.mu.Unlock()
		w.Header().Set("RateLimit-Limit", fmt.Sprint(b.size))
		w.Header().Set("RateLimit-Remaining", fmt.Sprint(left))
		w.Header().Set("RateLimit-Reset", fmt.Sprintf("%.3f", reset))
		if over {
			w.Header().Set("Retry-After", fmt.Sprintf("%.3f", reset))
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		time.Sleep(10 * time.Millisecond)
		fmt.Fprint(w, "page")
	}))
	t.Cleanup(b.Close)
	return b
}

// shared opens a bench of which the host spends a budget in the database, and
// returns its catalogue and what makes more budgets like it.
func shared(t *testing.T, limits, server string, config config) (b *synctest.Bench, dir string, another func() *budget.Shared) {
	t.Helper()
	dir = t.TempDir()
	connecttest.Install(t, dir, connecttest.Name, limited+limits, connecttest.Program(t, connecttest.Name))
	if err := catalog.Lock(dir); err != nil {
		t.Fatal(err)
	}
	open := func(s *store.Store) *budget.Shared {
		out, err := budget.NewShared(budget.Config{}, sync.Ledger{Store: s})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	b = synctest.New(t, dir, connecttest.Name, func(c *connect.Config) {
		c.Budget = open(c.Store.(sync.Credentials).Store)
		c.Egress = broker.EgressConfig{Overrides: map[string]string{"api.misbehave.example": server}}
	})
	b.Config(config)
	return b, dir, func() *budget.Shared {
		s, err := store.Open(t.Context(), b.DSN)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		return open(s)
	}
}

// The hub's gate asks while a worker's backfill and eight more callers of the same
// connection take whatever they can get: the gate is answered within its reserve.
func TestGateIsAnsweredDuringABackfill(t *testing.T) {
	t.Parallel()
	const size, per, questions = 60, 4 * time.Second, 20
	server := newBooks(t, size, per)
	limits := "  - {requests: 60, per: 4s}\n  - {requests: 100000, per: 24h, scope: app}\n  - {concurrent: 10}\n"
	b, dir, another := shared(t, limits, server.URL, config{"pull": "synthetic", "n": "5", "url": "https://api.misbehave.example/", "want": "page"})
	b.Must()
	b.Config(config{"pull": "calls", "n": "160", "url": "https://api.misbehave.example/", "want": "page"})

	ctx, stop := context.WithCancel(t.Context())
	var wg stdsync.WaitGroup
	wg.Go(func() { // the worker's backfill
		if err := b.Runner.Run(ctx, b.Tenant, b.Adm, func() {}); err != nil && ctx.Err() == nil {
			t.Error(err)
		}
	})
	pkg, err := b.Host.Catalog().Get(connecttest.Name, "")
	if err != nil {
		t.Fatal(err)
	}
	greedy := another()
	for range 8 { // others who never have enough
		wg.Go(func() {
			who := budget.Spender{Connector: connecttest.Name, Connection: b.Connection}
			for ctx.Err() == nil {
				p, err := greedy.Acquire(ctx, who, pkg.Manifest.Limits, "GET", "/")
				if err != nil {
					return
				}
				resp, err := http.Get(server.URL)
				if err != nil {
					p.Done(0, nil)
					return
				}
				_ = resp.Body.Close()
				p.Done(resp.StatusCode, resp.Header)
			}
		})
	}
	defer func() { stop(); wg.Wait() }()
	time.Sleep(time.Second) // by now the window is spent
	began := server.count()
	who := budget.Spender{Connector: connecttest.Name, Connection: b.Connection}
	var later *sdk.RetryAfter
	bystander := another()
	for tries := 0; later == nil; tries++ { // a busy machine may not answer in time at once
		impatient, cancel := context.WithTimeout(t.Context(), per/4)
		p, err := bystander.Acquire(impatient, who, pkg.Manifest.Limits, "GET", "/")
		cancel()
		if err == nil {
			p.Done(http.StatusOK, nil)
		}
		if !errors.As(err, &later) && tries == 30 {
			t.Fatalf("the backfill does not spend everything: %v", err)
		}
	}

	hub := *b.Runner // the gate's questions come from a host of their own
	hub.Host = connecttest.NewHost(t, dir, func(c *connect.Config) {
		c.Store, c.Budget = sync.Credentials{Store: b.Store}, another()
		c.Egress = broker.EgressConfig{Overrides: map[string]string{"api.misbehave.example": server.URL}}
	})
	invoices := []uuid.UUID{sync.InvoiceID(b.Adm, "i1")}
	if err := hub.Confirm(t.Context(), b.Tenant, b.Adm, invoices); err != nil { // starts the connector
		t.Fatal(err)
	}
	var took []time.Duration
	for range questions {
		started := time.Now()
		if err := hub.Confirm(t.Context(), b.Tenant, b.Adm, invoices); err != nil {
			t.Fatal(err)
		}
		took = append(took, time.Since(started))
		time.Sleep(350 * time.Millisecond) // 11 in each window: within the reserve of 12
	}
	slices.Sort(took)
	// Who is outside the reserve waits for the next window.
	if middle := took[questions/2]; middle > per/2 {
		t.Errorf("the gate waited %s; background work was told %s", middle, later.Wait)
	}
	after := server.count()
	t.Logf("%d questions of the gate: median %s, slowest %s, beside %d other requests (%d refused); background work was told to wait %s",
		questions, took[questions/2].Round(time.Millisecond), took[questions-1].Round(time.Millisecond), after[0]-began[0]-questions, after[1], later.Wait.Round(10*time.Millisecond))
	if after[1] > 5 {
		t.Errorf("the package refused %d requests", after[1])
	}
}

func (b *books) count() [2]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return [2]int{b.served, b.refused}
}

// When the day is spent a run ends with the moment at which it goes on, and keeps
// what it has; that is no failure, however often it happens.
func TestSpentDayIsAWaitAndNoFailure(t *testing.T) {
	t.Parallel()
	server := newBooks(t, 1000, time.Minute)
	b, _, _ := shared(t, "  - {requests: 10, per: 24h}\n", server.URL, config{"pull": "calls", "n": "30", "url": "https://api.misbehave.example/", "want": "page"})
	for range 3 {
		run, err := b.Sync()
		var failed *sync.Failed
		if !errors.As(err, &failed) || run.State != "waiting" || failed.Wait < 23*time.Hour || failed.Wait > 24*time.Hour {
			t.Fatalf("the run is %s: %q, %v", run.State, run.Problem, err)
		}
		if run.NextTryAt == nil || run.NextTryAt.Sub(run.StartedAt) < 23*time.Hour {
			t.Errorf("it goes on at %v", run.NextTryAt)
		}
	}
	b.In(func(tx store.Tx) error {
		c, err := tx.Connection(t.Context(), b.Connection)
		n, err2 := tx.FailedSyncRuns(t.Context(), b.Adm)
		if c.State != "connected" || n != 0 {
			t.Errorf("the connection is %s after %d failures", c.State, n)
		}
		return errors.Join(err, err2)
	})
	if got := server.count(); got[0] != 8 || got[1] != 0 {
		t.Errorf("%d requests were sent, %d refused; want the 8 that background work may", got[0], got[1])
	}
	// What the reserve is for still works.
	conn := connect.Connection{ID: b.Connection, Tenant: b.Tenant, Connector: connecttest.Name, Priority: budget.Urgent, Administration: "1",
		Config: config{"check": "get", "url": "https://api.misbehave.example/", "want": "page"}}
	if err := b.Host.Check(t.Context(), conn); err != nil {
		t.Errorf("an urgent call: %v", err)
	}
}
