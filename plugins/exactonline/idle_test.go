package exactonline_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync"
	kit "github.com/voldaan/voldaan/sdk/emulator"
)

const day = 24 * time.Hour

// pass lets time go by on the wire and for the database.
func (b *books) pass(d time.Duration) {
	b.gone.Add(int64(d))
	b.Elapse(d)
}

// refreshes counts the requests to the token endpoint since the last time.
func (b *books) refreshes() (n int) {
	for _, r := range b.emu.Kit().Requests() {
		if strings.HasSuffix(r.Path, "/oauth2/token") {
			n++
		}
	}
	b.emu.Kit().ForgetRequests()
	return n
}

// Exact Online ends access that nobody uses for thirty days.
func TestIdleAccessIsKeptAlive(t *testing.T) {
	t.Parallel()
	move := func(b *books, to string, before ...string) {
		t.Helper()
		b.In(func(tx store.Tx) error {
			n, err := tx.MoveConnection(t.Context(), db.MoveConnectionParams{ID: b.Connection, State: to, Before: before})
			if err == nil && n != 1 {
				t.Fatalf("the connection did not become %s", to)
			}
			return err
		})
	}
	once := func(b *books) {
		t.Helper()
		if err := (&sync.Upkeep{Connections: b.Connections()}).Once(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("of a paused connection, by one host", func(t *testing.T) {
		t.Parallel()
		b := open(t)
		move(b, "paused", "connected")
		b.refreshes()
		b.pass(5 * day)
		once(b)
		if n := b.refreshes(); n != 0 {
			t.Errorf("%d renewals after five days", n)
		}
		for range 3 {
			b.pass(21 * day)
			errs := make(chan error)
			for range 3 {
				go func() { errs <- (&sync.Upkeep{Connections: b.Connections()}).Once(t.Context()) }()
			}
			if err := errors.Join(<-errs, <-errs, <-errs); err != nil {
				t.Fatal(err)
			}
			if n := b.refreshes(); n != 1 {
				t.Errorf("%d renewals", n)
			}
		}
		if n := b.Count("connection where state = 'paused'"); n != 1 {
			t.Error("the connection is not paused any more")
		}
		move(b, "connected", "paused")
		b.Must()
	})
	t.Run("tried again when the package does not answer", func(t *testing.T) {
		t.Parallel()
		b := open(t)
		b.refreshes()
		b.pass(21 * day)
		b.emu.Kit().MustInject(kit.Fault{Path: "/api/oauth2/token", Do: kit.Status, Status: 503})
		once(b)
		once(b) // not at once
		if n, says := b.refreshes(), b.Troubles(); n != 1 || len(says) != 1 || !strings.Contains(says[0], "tried again") {
			t.Errorf("%d renewals, and the page says %q", n, says)
		}
		b.pass(2 * time.Hour)
		once(b)
		if n, says := b.refreshes(), b.Troubles(); n != 1 || len(says) != 0 {
			t.Errorf("%d renewals, and the page says %q", n, says)
		}
		b.Must()
	})
	t.Run("a dead one is told", func(t *testing.T) {
		t.Parallel()
		b := open(t)
		b.pass(31 * day)
		once(b)
		if state, why := b.State(); state != "broken" || !strings.Contains(why, "nobody used it") {
			t.Errorf("%s: %s", state, why)
		}
	})
}
