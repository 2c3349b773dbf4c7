package workflows_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/workflows"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
)

// A connection may be removed while Temporal is down: its schedule goes all the
// same once Temporal is back.
func TestScheduleOfARemovedConnectionEnds(t *testing.T) {
	t.Parallel()
	h := emptyHall(t)
	in := workflows.SyncInput{Tenant: h.Tenant, Administration: uuid.New()}
	if err := workflows.ScheduleSync(t.Context(), h.temporal, in, time.Hour, "Sync of books"); err != nil {
		t.Fatal(err)
	}
	scheduled := func() (there bool) {
		t.Helper()
		handle := h.temporal.ScheduleClient().GetHandle(t.Context(), "sync/"+in.Tenant.String()+"/"+in.Administration.String())
		h.eventually("the server knows of the schedule or of none", func() bool { // a new namespace takes a while
			_, err := handle.Describe(t.Context())
			var none *serviceerror.NotFound
			there = err == nil
			return there || errors.As(err, &none)
		})
		return there
	}
	left := func() (n int) {
		h.In(func(tx store.Tx) error {
			return tx.QueryRow(t.Context(), "select count(*) from outbox where kind = $1", sync.KindUnschedule).Scan(&n)
		})
		return n
	}
	if !scheduled() {
		t.Fatal("there is no schedule to end")
	}
	h.In(func(tx store.Tx) error {
		return tx.AddOutbox(t.Context(), db.AddOutboxParams{TenantID: h.Tenant, Kind: sync.KindUnschedule, SubjectID: in.Administration, Payload: []byte("{}")})
	})
	down, err := client.NewLazyClient(client.Options{HostPort: "127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(down.Close)
	if _, err := h.newCarrier(down).Unschedules(t.Context()); err == nil {
		t.Error("a schedule was ended without Temporal")
	}
	if !scheduled() || left() != 1 {
		t.Errorf("scheduled: %v, left to do: %d; want both to wait for Temporal", scheduled(), left())
	}
	h.sql("update outbox set due_at = now(), locked_until = null")
	h.must(h.carrier.Unschedules(t.Context()))
	if scheduled() || left() != 0 {
		t.Errorf("scheduled: %v, left to do: %d; want neither", scheduled(), left())
	}
	t.Run("one that is gone is no error", func(t *testing.T) {
		if err := workflows.UnscheduleSync(t.Context(), h.temporal, in); err != nil {
			t.Error(err)
		}
	})
}
