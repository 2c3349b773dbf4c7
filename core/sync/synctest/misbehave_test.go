package synctest_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/connecttest"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/core/sync/synctest"
)

type config = map[string]string

func open(t *testing.T, c config, change func(*connect.Config)) *synctest.Bench {
	t.Helper()
	b := synctest.New(t, connecttest.Catalog(t), connecttest.Name, change)
	b.Config(c)
	return b
}

// orderly is what the books hold when n invoices come in as they should.
func orderly(t *testing.T, n string) string {
	t.Helper()
	b := open(t, config{"pull": "synthetic", "n": n, "checkpoint": "100"}, nil)
	b.Must()
	return b.Rows()
}

func wantFailed(t *testing.T, run db.SyncRun, err error, sentences ...string) {
	t.Helper()
	if err == nil || run.State != "failed" || run.FinishedAt == nil {
		t.Fatalf("the run is %s, %v", run.State, err)
	}
	for _, s := range sentences {
		if !strings.Contains(run.Problem, s) {
			t.Errorf("the run says %q without %q", run.Problem, s)
		}
	}
	if strings.Contains(run.Problem, "Nothing was changed") {
		t.Errorf("what was read is kept, yet the run says %q", run.Problem)
	}
}

func TestCrashInMidPullResumes(t *testing.T) {
	t.Parallel()
	b := open(t, config{"pull": "crash", "n": "730", "checkpoint": "100"}, nil)
	run, err := b.Sync()
	wantFailed(t, run, err, "stopped in the middle of a call", "exited with code 9")
	if run.NextTryAt == nil || !run.NextTryAt.After(run.StartedAt) || run.NextTryAt.Sub(run.StartedAt) > time.Minute {
		t.Errorf("it is tried again at %v", run.NextTryAt)
	}
	kept := b.Count("invoice")
	if kept == 0 || kept == 730 || int(run.Read) < kept {
		t.Errorf("%d invoices are kept, %d records read", kept, run.Read)
	}
	b.Config(config{"pull": "synthetic", "n": "1500", "checkpoint": "100", "resume": "yes"})
	if run = b.Must(); run.FullLoad || int(run.Read) > 2200-kept {
		t.Errorf("it began again: %+v", run)
	}
	if got, want := b.Rows(), orderly(t, "1500"); got != want {
		t.Error("after a crash the books end up otherwise than without")
	}
	if n := b.Count("collection"); n != 1500 {
		t.Errorf("%d of 1500 invoices are planned", n)
	}
}

func TestHangIsCut(t *testing.T) {
	t.Parallel()
	b := open(t, config{"pull": "hang", "n": "1250", "checkpoint": "100"}, func(c *connect.Config) {
		c.Limits.Silence, c.Limits.Grace, c.Supervisor.Drain = 400*time.Millisecond, 200*time.Millisecond, 200*time.Millisecond
	})
	run, err := b.Sync()
	wantFailed(t, run, err, "hangs", "no sign of life for 400ms")
	if b.Count("invoice") == 0 {
		t.Error("nothing was kept")
	}
	b.Config(config{"pull": "synthetic", "n": "1400", "checkpoint": "100", "resume": "yes"})
	b.Must()
	if b.Rows() != orderly(t, "1400") {
		t.Error("after a hang the books end up otherwise than without")
	}
}

func TestFloodIsCut(t *testing.T) {
	t.Parallel()
	b := open(t, config{"pull": "flood"}, func(c *connect.Config) { c.Limits.Records = 3000 })
	run, err := b.Sync()
	wantFailed(t, run, err, "more than 3000 records")
	if n := b.Count("invoice"); n > 3000 {
		t.Errorf("%d invoices were taken", n)
	}
	b.Config(config{"pull": "synthetic", "n": "200", "checkpoint": "100"})
	if _, err := b.Sync(); err == nil {
		t.Error("most of the books vanished, and the first run believed it")
	}
	if run = b.Must(); run.Gone == 0 {
		t.Errorf("what the flood brought stays: %+v", run)
	}
	if b.Rows() != orderly(t, "200") {
		t.Error("after a flood the books end up otherwise than without")
	}
}

func TestTwiceAndOutOfOrder(t *testing.T) {
	t.Parallel()
	b := open(t, config{"pull": "shuffled", "n": "500"}, nil)
	b.Must()
	want := orderly(t, "500")
	if b.Rows() != want {
		t.Error("records that come twice and backwards end up otherwise than in order")
	}
	b.Config(config{"pull": "synthetic", "n": "500", "checkpoint": "100"})
	if run := b.Must(); run.Added+run.Changed+run.Gone != 0 || b.Rows() != want {
		t.Errorf("the same records again are a change: %+v", run)
	}
}

func TestDisorder(t *testing.T) {
	t.Parallel()
	b := open(t, config{"pull": "disorder"}, nil)
	run := b.Must()
	if run.Held != 2 {
		t.Errorf("%d records are held", run.Held)
	}
	if inv := b.Invoice("i0"); inv.Status != "paid" || inv.OpenMinor != 0 {
		t.Errorf("the later version of i0 is not there: %+v", inv)
	}
	if inv := b.Invoice("i1"); inv.GoneAt != nil {
		t.Error("i1 came back after it was gone, and is gone")
	}
	p := b.Problems()
	if len(p) != 2 || !strings.Contains(p["invoices/i2"], `"XXX"`) || p["invoices/i3"] != "no date" {
		t.Errorf("%v", p)
	}
	if n := b.Count("payment"); n != 1 {
		t.Errorf("%d payments", n)
	}
}

// A record that cannot be told is there all the same: it is held, not gone.
func TestUnreadableIsNotGone(t *testing.T) {
	t.Parallel()
	b := open(t, config{"pull": "synthetic", "n": "20"}, nil)
	b.Must()
	b.Config(config{"pull": "synthetic", "n": "20", "unreadable": "i5"})
	if run := b.Must(); run.Gone != 0 || run.Held != 1 {
		t.Errorf("%+v", run)
	}
	if inv := b.Invoice("i5"); inv.GoneAt != nil || inv.OpenMinor != 10005 {
		t.Errorf("an invoice that could not be read is %+v", inv)
	}
	b.Observer.Fail = nil
	if c := plan(t, b, "i5"); c.HeldRule != "R7" || !strings.Contains(c.HeldWhy, "no date") || c.Phase == "closed" {
		t.Errorf("phase %s, held by %q: %s", c.Phase, c.HeldRule, c.HeldWhy)
	}
	b.Config(config{"pull": "synthetic", "n": "20"})
	b.Must()
	if c := plan(t, b, "i5"); c.HeldRule != "" || len(b.Problems()) != 0 {
		t.Errorf("it was mended, and is held by %q; %v", c.HeldRule, b.Problems())
	}
}

// Books that are empty from one moment to the next are read twice before they are
// believed, whether they come whole or as a list of revisions.
func TestR5BooksThatVanishAreReadTwice(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"synthetic", "compare"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			b := open(t, config{"pull": how, "n": "60"}, nil)
			b.Must()
			b.Config(config{"pull": how, "n": "15"})
			run, err := b.Sync()
			wantFailed(t, run, err, "only 15 of the 60 invoices", "a second time")
			var failed *sync.Failed
			if !errors.As(err, &failed) {
				t.Errorf("%v is no failed run", err)
			}
			if inv := b.Invoice("i40"); inv.GoneAt != nil {
				t.Error("an invoice was taken as deleted at the first sight")
			}
			if run := b.Must(); run.Gone != 45 {
				t.Errorf("the second run took %d as deleted, want 45", run.Gone)
			}
			b.Config(config{"pull": how, "n": "60"})
			b.Must()
			b.Config(config{"pull": how, "n": "15"})
			if _, err := b.Sync(); err == nil {
				t.Error("a good run in between does not make the doubt new")
			}
		})
	}
}

func plan(t *testing.T, b *synctest.Bench, external string) (c db.Collection) {
	t.Helper()
	b.In(func(tx store.Tx) (err error) {
		c, err = tx.Collection(t.Context(), sync.InvoiceID(b.Adm, external))
		return err
	})
	return c
}

func TestDuplicateNumbersAreHeldUntilMended(t *testing.T) {
	t.Parallel()
	b := open(t, config{"pull": "synthetic", "n": "20", "same": "i3,i7"}, nil)
	if run := b.Must(); run.Held != 2 {
		t.Errorf("%d records are held", run.Held)
	}
	for _, id := range []string{"i3", "i7"} {
		if c := plan(t, b, id); c.HeldRule != "R7" || !strings.Contains(c.HeldWhy, "The number 2026-SAME is on 2 invoices.") {
			t.Errorf("%s is held by %q: %s", id, c.HeldRule, c.HeldWhy)
		}
	}
	if c := plan(t, b, "i4"); c.HeldRule != "" {
		t.Errorf("i4 is held by %q: %s", c.HeldRule, c.HeldWhy)
	}
	b.Must() // nothing changed: the problem stays
	if p := b.Problems(); len(p) != 2 {
		t.Errorf("%v", p)
	}
	b.Config(config{"pull": "synthetic", "n": "20", "same": "i3"}) // i7 got its own number
	b.Must()
	for _, id := range []string{"i3", "i7"} {
		if c := plan(t, b, id); c.HeldRule != "" {
			t.Errorf("%s was mended, and is held by %q: %s", id, c.HeldRule, c.HeldWhy)
		}
	}
	if p := b.Problems(); len(p) != 0 {
		t.Errorf("%v", p)
	}
}

func TestRefusedAccess(t *testing.T) {
	t.Parallel()
	b := open(t, config{"pull": "auth", "n": "150", "checkpoint": "100"}, nil)
	run, err := b.Sync()
	wantFailed(t, run, err, "does not let us in any more", "onnect it again")
	b.In(func(tx store.Tx) error {
		c, err := tx.Connection(t.Context(), b.Connection)
		if c.State != "broken" || c.StateReason == "" {
			t.Errorf("the connection is %s: %q", c.State, c.StateReason)
		}
		return err
	})
	b.Config(config{"pull": "synthetic", "n": "150", "checkpoint": "100"})
	b.Must()
	b.In(func(tx store.Tx) error {
		c, err := tx.Connection(t.Context(), b.Connection)
		if c.State != "connected" || c.StateReason != "" {
			t.Errorf("after it was mended the connection is %s: %q", c.State, c.StateReason)
		}
		return err
	})
}

func TestPackageThatAsksToWaitIsLeftAlone(t *testing.T) {
	t.Parallel()
	b := open(t, config{"pull": "later", "n": "150", "checkpoint": "100"}, nil)
	run, err := b.Sync()
	wantFailed(t, run, err, "asks us to wait 1m30s")
	if run.NextTryAt == nil || run.NextTryAt.Sub(run.StartedAt) < 90*time.Second {
		t.Errorf("it is tried again at %v, begun at %v", run.NextTryAt, run.StartedAt)
	}
}

// A batch that cannot be written leaves nothing of itself behind, nor a
// checkpoint beyond what is there.
func TestHalfABatchIsNeverWritten(t *testing.T) {
	t.Parallel()
	b := open(t, config{"pull": "synthetic", "n": "2500", "checkpoint": "100", "resume": "yes"}, nil)
	calls, full := 0, errors.New("the disk is full")
	b.Observer.Fail = func() error {
		if calls++; calls == 2 {
			return full
		}
		return nil
	}
	run, err := b.Sync()
	wantFailed(t, run, err, "on our side")
	if !errors.Is(err, full) {
		t.Errorf("the cause is lost: %v", err)
	}
	n := b.Count("invoice")
	if n == 0 || n == 2500 || b.Count("collection") != n {
		t.Errorf("%d invoices, %d planned", n, b.Count("collection"))
	}
	if strings.Contains(run.Problem, "disk") {
		t.Errorf("the page shows the inside: %q", run.Problem)
	}
	b.Must()
	if b.Rows() != orderly(t, "2500") {
		t.Error("after a failed batch the books end up otherwise than without")
	}
}
