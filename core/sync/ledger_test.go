package sync_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	stdsync "sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect/budget"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/pgtest"
	booksync "github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// counting counts the statements that reach the database.
type counting struct {
	budget.Ledger
	takes *atomic.Int64
}

func (c counting) Take(ctx context.Context, w []budget.Window, share, want int) (int, time.Duration, []budget.State, error) {
	c.takes.Add(1)
	return c.Ledger.Take(ctx, w, share, want)
}

// till is the budget of several processes in one database.
type till struct {
	processes []*budget.Shared
	ledger    booksync.Ledger
	takes     atomic.Int64
}

func newTill(t *testing.T, n int, c budget.Config) *till {
	t.Helper()
	dsn := pgtest.New(t, store.Migrate, store.Schema())
	out := &till{}
	for range n {
		s, err := store.Open(t.Context(), dsn+"&pool_max_conns=4")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		out.ledger = booksync.Ledger{Store: s}
		b, err := budget.NewShared(c, counting{out.ledger, &out.takes})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = b.Close(context.Background()) })
		out.processes = append(out.processes, b)
	}
	return out
}

func spender(p budget.Priority) budget.Spender {
	return budget.Spender{Connector: "acme", Connection: uuid.MustParse("00000000-0000-0000-0000-000000000001"), Priority: p}
}

// rush lets many ask in all processes at once and returns how many may send, and
// the longest wait that the others were told.
func (l *till) rush(t *testing.T, who budget.Spender, limits []manifest.Limit, n int) (granted int64, told time.Duration) {
	t.Helper()
	var wg stdsync.WaitGroup
	var ok, longest atomic.Int64
	for i := range n {
		wg.Go(func() {
			p, err := l.processes[i%len(l.processes)].Acquire(t.Context(), who, limits, "GET", "/invoices")
			var later *sdk.RetryAfter
			switch {
			case err == nil:
				ok.Add(1)
				p.Done(200, nil)
			case errors.As(err, &later):
				for old := longest.Load(); int64(later.Wait) > old && !longest.CompareAndSwap(old, int64(later.Wait)); old = longest.Load() {
				}
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	return ok.Load(), time.Duration(longest.Load())
}

func TestSharedBudget(t *testing.T) {
	t.Parallel()
	impatient := budget.Config{Patience: time.Millisecond}
	background, urgent := spender(budget.Background), spender(budget.Urgent)
	t.Run("eight processes spend one limit, and the reserve is urgent", func(t *testing.T) {
		t.Parallel()
		l := newTill(t, 8, impatient)
		limits := []manifest.Limit{{Scope: manifest.PerConnection, Requests: 100, Per: time.Minute}, {Scope: manifest.PerApp, Requests: 10_000, Per: time.Hour}}
		// The last grants are smaller than a handful, and what one process has
		// another one lacks; it goes back when nobody asks for it.
		var got int64
		for range 5 {
			n, _ := l.rush(t, background, limits, 400)
			got += n
		}
		if got != 80 {
			t.Errorf("background work may send %d requests, want 80 of 100", got)
		}
		if n, told := l.rush(t, urgent, limits, 50); n != 20 || told < 30*time.Second || told > time.Minute {
			t.Errorf("urgent requests: %d, then a wait of %s; want the reserve of 20", n, told)
		}
		other := background
		other.Connection = uuid.New()
		if n, _ := l.rush(t, other, limits, 40); n != 40 {
			t.Errorf("another connection may send %d of 40", n)
		}
	})
	t.Run("a spent day says when it ends", func(t *testing.T) {
		t.Parallel()
		l := newTill(t, 2, budget.Config{})
		limits := []manifest.Limit{{Scope: manifest.PerAdministration, Requests: 10, Per: 24 * time.Hour}}
		who := background
		who.Administration = "division 1"
		n, told := l.rush(t, who, limits, 30)
		if n != 8 || told < 23*time.Hour || told > 24*time.Hour {
			t.Errorf("%d requests, then a wait of %s", n, told)
		}
		who.Administration = "division 2"
		if n, _ := l.rush(t, who, limits, 8); n != 8 {
			t.Errorf("another administration may send %d of 8", n)
		}
	})
	t.Run("what one process is told holds for all", func(t *testing.T) {
		t.Parallel()
		l := newTill(t, 2, budget.Config{})
		limits := []manifest.Limit{
			{Scope: manifest.PerConnection, Requests: 60, Per: time.Minute, Headers: manifest.LimitHeaders{Limit: "X-RateLimit-Minutely-Limit", Remaining: "X-RateLimit-Minutely-Remaining", Reset: "X-RateLimit-Minutely-Reset"}},
			{Scope: manifest.PerConnection, Requests: 5000, Per: 24 * time.Hour},
		}
		p, err := l.processes[0].Acquire(t.Context(), urgent, limits, "GET", "/")
		if err != nil {
			t.Fatal(err)
		}
		// Somebody else uses the same quota, which is smaller than we thought; the
		// package speaks in milliseconds since 1970 by a clock of its own.
		served := time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)
		p.Done(200, http.Header{
			"Date": {served.Format(http.TimeFormat)}, "X-Ratelimit-Minutely-Limit": {"30"}, "X-Ratelimit-Minutely-Remaining": {"0"},
			"X-Ratelimit-Minutely-Reset": {fmt.Sprint(served.Add(2 * time.Second).UnixMilli())}, "X-Ratelimit-Limit": {"5000"}, "X-Ratelimit-Remaining": {"4000"},
		})
		started := time.Now()
		if p, err = l.processes[1].Acquire(t.Context(), urgent, limits, "GET", "/"); err != nil || time.Since(started) < 1500*time.Millisecond || time.Since(started) > 5*time.Second {
			t.Fatalf("the other process waited %s, %v; want 2 s", time.Since(started), err)
		}
		_, _, states, err := l.ledger.Take(t.Context(), []budget.Window{{Key: "acme/" + urgent.Connection.String() + "/5000/24h0m0s/0", Size: 5000, Per: 24 * time.Hour}}, 0, 1)
		if err != nil || states[0].Used < 1001 {
			t.Errorf("of the day %+v is used, %v", states, err)
		}
		// A 429 blocks the connection everywhere.
		p.Done(http.StatusTooManyRequests, http.Header{"Retry-After": {"2"}})
		started = time.Now()
		if _, err := l.processes[0].Acquire(t.Context(), urgent, limits, "GET", "/"); err != nil || time.Since(started) < 1500*time.Millisecond {
			t.Errorf("after a 429 it waited %s, %v; want 2 s", time.Since(started), err)
		}
	})
	t.Run("what is not spent goes back", func(t *testing.T) {
		t.Parallel()
		l := newTill(t, 2, impatient)
		limits := []manifest.Limit{{Scope: manifest.PerConnection, Requests: 400, Per: time.Minute}}
		if _, err := l.processes[0].Acquire(t.Context(), background, limits, "GET", "/"); err != nil {
			t.Fatal(err)
		}
		if err := l.processes[0].Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, _, states, err := l.ledger.Take(t.Context(), []budget.Window{{Key: "acme/" + background.Connection.String() + "/400/1m0s/0", Size: 400, Per: time.Minute}}, 0, 1)
		if err != nil || states[0].Used != 2 {
			t.Errorf("used: %+v, %v; want the one that was sent and this one", states, err)
		}
	})
	t.Run("a handful costs one statement", func(t *testing.T) {
		t.Parallel()
		l := newTill(t, 4, budget.Config{})
		limits := []manifest.Limit{{Scope: manifest.PerConnection, Requests: 100_000, Per: time.Hour}, {Scope: manifest.PerApp, Requests: 100_000, Per: time.Minute}}
		started := time.Now()
		if n, _ := l.rush(t, background, limits, 4000); n != 4000 {
			t.Errorf("%d of 4000", n)
		}
		t.Logf("4,000 permits of 4 processes took %d statements and %s", l.takes.Load(), time.Since(started).Round(time.Millisecond))
		if l.takes.Load() > 4000/15 {
			t.Errorf("%d statements for 4,000 requests", l.takes.Load())
		}
	})
	t.Run("concurrency, and a process that dies", func(t *testing.T) {
		t.Parallel()
		l := newTill(t, 3, budget.Config{})
		limits := []manifest.Limit{{Scope: manifest.PerConnection, Concurrent: 5}}
		var now, most atomic.Int64
		var wg stdsync.WaitGroup
		for i := range 60 {
			wg.Go(func() {
				p, err := l.processes[i%3].Acquire(t.Context(), background, limits, "GET", "/")
				if err != nil {
					t.Error(err)
					return
				}
				n := now.Add(1)
				for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
				}
				time.Sleep(20 * time.Millisecond)
				now.Add(-1)
				p.Done(200, nil)
			})
		}
		started := time.Now()
		p, err := l.processes[0].Acquire(t.Context(), urgent, limits, "GET", "/")
		if err != nil || time.Since(started) > time.Second {
			t.Errorf("the gate waited %s, %v", time.Since(started), err)
		} else {
			p.Done(200, nil)
		}
		wg.Wait()
		if most.Load() > 4 {
			t.Errorf("%d background requests at once; want 4 of 5", most.Load())
		}
		for _, b := range l.processes {
			if err := b.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		key := []string{"acme/x"}
		for range 5 {
			if ok, err := l.ledger.Enter(t.Context(), key, []int{5}, uuid.New(), 300*time.Millisecond); !ok || err != nil {
				t.Fatal(ok, err)
			}
		}
		if ok, _ := l.ledger.Enter(t.Context(), key, []int{5}, uuid.New(), time.Second); ok {
			t.Error("a sixth slot of five")
		}
		time.Sleep(350 * time.Millisecond)
		if ok, err := l.ledger.Enter(t.Context(), key, []int{5}, uuid.New(), time.Second); !ok || err != nil {
			t.Errorf("the slots of a dead process do not expire: %v", err)
		}
	})
}
