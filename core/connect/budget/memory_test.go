package budget_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect/budget"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

var (
	window = []manifest.Limit{{Scope: manifest.PerConnection, Requests: 10, Per: time.Minute}}
	sync   = budget.Spender{Connector: "acme", Connection: uuid.MustParse("00000000-0000-0000-0000-000000000001")}
	gate   = budget.Spender{Connector: sync.Connector, Connection: sync.Connection, Priority: budget.Urgent}
)

func take(t *testing.T, b budget.Budget, who budget.Spender, limits []manifest.Limit) time.Duration {
	t.Helper()
	start := time.Now()
	p, err := b.Acquire(t.Context(), who, limits, "GET", "/invoices")
	if err != nil {
		t.Fatal(err)
	}
	p.Done(200, nil)
	return time.Since(start)
}

func TestBackgroundLeavesAShareForTheGate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := budget.NewMemory(budget.Config{})
		for range 8 {
			if w := take(t, b, sync, window); w != 0 {
				t.Fatalf("waited %s within the limit", w)
			}
		}
		done := make(chan time.Duration)
		go func() { done <- take(t, b, sync, window) }()
		synctest.Wait()
		for range 2 {
			if w := take(t, b, gate, window); w != 0 {
				t.Errorf("the gate waited %s for its reserved share", w)
			}
		}
		if w := <-done; w != time.Minute {
			t.Errorf("the backfill waited %s, want until the window ends", w)
		}
	})
}

func TestConnectionsDoNotShareButAppsDo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := budget.NewMemory(budget.Config{})
		other := gate
		other.Connection = uuid.New()
		app := []manifest.Limit{{Scope: manifest.PerApp, Requests: 1, Per: time.Minute}}
		take(t, b, gate, window)
		if w := take(t, b, other, window); w != 0 {
			t.Errorf("another connection waited %s", w)
		}
		take(t, b, gate, app)
		if w := take(t, b, other, app); w != time.Minute {
			t.Errorf("another connection of the app waited %s, want a minute", w)
		}
	})
}

func TestLearnsFromHeaders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := budget.NewMemory(budget.Config{})
		p, err := b.Acquire(t.Context(), gate, window, "GET", "/")
		if err != nil {
			t.Fatal(err)
		}
		// Somebody else uses the same quota: the package says that none is left for
		// 20 seconds, by a clock of its own.
		server := time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)
		p.Done(200, http.Header{
			"Date": {server.Format(http.TimeFormat)}, "Ratelimit-Limit": {"10"},
			"Ratelimit-Remaining": {"0"}, "Ratelimit-Reset": {"1924992020"},
		})
		if w := take(t, b, gate, window); w != 20*time.Second {
			t.Errorf("waited %s, want the 20 s of the header", w)
		}
	})
}

func TestRetryAfterBlocksTheConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := budget.NewMemory(budget.Config{})
		server := time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)
		for header, want := range map[string]time.Duration{
			"30":  30 * time.Second,
			"0.5": 500 * time.Millisecond,
			"":    5 * time.Second,
			server.Add(90 * time.Second).Format(http.TimeFormat): 90 * time.Second,
			fmt.Sprint(server.Add(20 * time.Second).Unix()):      20 * time.Second,
		} {
			p, err := b.Acquire(t.Context(), gate, nil, "GET", "/")
			if err != nil {
				t.Fatal(err)
			}
			p.Done(http.StatusTooManyRequests, http.Header{"Retry-After": {header}, "Date": {server.Format(http.TimeFormat)}})
			if w := take(t, b, gate, nil); w != want {
				t.Errorf("Retry-After %q: waited %s, want %s", header, w, want)
			}
		}
	})
}

func TestTooLongAWaitIsAFault(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := budget.NewMemory(budget.Config{})
		day := []manifest.Limit{{Requests: 1, Per: 24 * time.Hour}}
		take(t, b, gate, day)
		_, err := b.Acquire(t.Context(), gate, day, "GET", "/")
		if r, ok := errors.AsType[*sdk.RetryAfter](err); !ok || r.Wait != 24*time.Hour {
			t.Errorf("a spent day: %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		take(t, b, gate, []manifest.Limit{{Requests: 1, Per: time.Minute}})
		start := time.Now()
		_, err = b.Acquire(ctx, gate, []manifest.Limit{{Requests: 1, Per: time.Minute}}, "GET", "/")
		if _, ok := errors.AsType[*sdk.RetryAfter](err); !ok || time.Since(start) > 0 {
			t.Errorf("a wait beyond the deadline: %v after %s", err, time.Since(start))
		}
	})
}

func TestConcurrency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := budget.NewMemory(budget.Config{})
		limits := []manifest.Limit{{Concurrent: 2}}
		first, _ := b.Acquire(t.Context(), gate, limits, "GET", "/")
		second, _ := b.Acquire(t.Context(), gate, limits, "GET", "/")
		done := make(chan time.Duration)
		go func() { done <- take(t, b, gate, limits) }()
		time.Sleep(100 * time.Millisecond)
		first.Done(200, nil)
		if w := <-done; w != 100*time.Millisecond {
			t.Errorf("waited %s, want until the first was done", w)
		}
		second.Done(0, nil)
		second.Done(0, nil)
	})
}

func TestEmulatorOnAFastClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := budget.NewMemory(budget.Config{Speed: 100})
		for range 10 {
			take(t, b, gate, window)
		}
		if w := take(t, b, gate, window); w != 600*time.Millisecond {
			t.Errorf("waited %s, want a hundredth of a minute", w)
		}
	})
}

func TestPathsHaveLimitsOfTheirOwn(t *testing.T) {
	t.Parallel()
	b := budget.NewMemory(budget.Config{Patience: time.Millisecond})
	limits := []manifest.Limit{{Requests: 1, Per: time.Minute, Paths: []string{"/reports/"}}}
	if _, err := b.Acquire(t.Context(), gate, limits, "GET", "/v2/reports/aging"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Acquire(t.Context(), gate, limits, "GET", "/v2/reports/debtors"); err == nil {
		t.Error("the second report was let through")
	}
	if _, err := b.Acquire(t.Context(), gate, limits, "GET", "/v2/invoices"); err != nil {
		t.Errorf("an invoice was held for the reports: %v", err)
	}
}
