package synctest_test

import (
	"errors"
	stdsync "sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync"
)

func TestRunsOfTheSameBooksWaitForEachOther(t *testing.T) {
	t.Parallel()
	b := open(t, config{"pull": "synthetic", "n": "1200", "checkpoint": "100"}, nil)
	var wg stdsync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := b.Runner.Run(t.Context(), b.Tenant, b.Adm, func() {}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := b.Count("sync_run where state = 'done' and gone = 0"); n != 4 {
		t.Errorf("%d of 4 runs are done and took nothing for deleted", n)
	}
	if n := b.Count("sync_run where added > 0"); n != 1 {
		t.Errorf("%d runs added rows", n)
	}
}

func TestRunOfADeadProcess(t *testing.T) {
	t.Parallel()
	b := open(t, config{"pull": "synthetic", "n": "20"}, nil)
	other := uuid.New()
	b.In(func(tx store.Tx) error {
		_, err := tx.AddSyncRun(t.Context(), db.AddSyncRunParams{ID: other, TenantID: b.Tenant, AdministrationID: b.Adm, FullLoad: true, StartedAt: b.Now().Add(-time.Minute)})
		return err
	})
	b.Runner.Patience = 300 * time.Millisecond
	_, err := b.Sync()
	var failed *sync.Failed
	if !errors.As(err, &failed) || failed.Wait <= 0 || fault.Of(err).Code != "sync_busy" {
		t.Fatalf("while another run is alive: %v", err)
	}
	b.In(func(tx store.Tx) error {
		_, err := tx.Exec(t.Context(), "update sync_run set beat_at = now() - interval '1 minute'")
		return err
	})
	b.Must()
	b.In(func(tx store.Tx) error {
		run, err := tx.SyncRun(t.Context(), other)
		if run.State != "failed" || run.FinishedAt == nil || run.Problem != "The program that read the books was stopped half-way. You need to do nothing." {
			t.Errorf("the dead run is %s: %q", run.State, run.Problem)
		}
		if err != nil {
			return err
		}
		// Should it wake up after all, it finds that its turn is over.
		n, err := tx.ProgressSyncRun(t.Context(), db.ProgressSyncRunParams{ID: other, Read: 1})
		if n != 0 {
			t.Error("a run that was taken for dead goes on")
		}
		return err
	})
}

// A run that fails time and again is tried at longer intervals, and then only
// at the regular time; what it tells of the next try is so.
func TestNextTry(t *testing.T) {
	t.Parallel()
	b := open(t, config{"pull": "later", "n": "10"}, nil)
	b.Config(config{"pull": "dial", "address": "127.0.0.1:1"}) // the author says: invalid
	run, err := b.Sync()
	var failed *sync.Failed
	if !errors.As(err, &failed) || failed.Wait != 0 || run.NextTryAt.Sub(run.StartedAt) != time.Hour {
		t.Errorf("a refusal is tried again after %v, at %v", failed, run.NextTryAt)
	}
	b.Config(config{"pull": "synthetic", "n": "5"})
	b.Must()
	b.Observer.Fail = func() error { return errors.New("the disk is full") }
	var waits []time.Duration
	for range 10 {
		run, err = b.Sync()
		if !errors.As(err, &failed) {
			t.Fatal(err)
		}
		waits = append(waits, failed.Wait)
		want := failed.Wait
		if want == 0 {
			want = time.Hour
		}
		if got := run.NextTryAt.Sub(run.StartedAt); got != want {
			t.Errorf("after %v it says %s", waits, got)
		}
	}
	for i, want := range []time.Duration{2, 4, 8, 16, 32, 64, 128, 256, 0, 0} {
		if waits[i] != want*time.Second {
			t.Errorf("waits %v", waits)
			break
		}
	}
	b.Observer.Fail = nil
	b.Must()
}
