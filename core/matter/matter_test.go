package matter_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/store"
)

const kind matter.Kind = "promise"

// told is how many changes wait for the workflow of a matter.
func told(w *dunningtest.World, id uuid.UUID) (n int) {
	w.T.Helper()
	w.In(func(tx store.Tx) error {
		return tx.QueryRow(context.Background(), `select count(*) from outbox where kind = $1 and subject_id = $2 and payload->>'kind' = $3`,
			matter.Outbox, id, kind).Scan(&n)
	})
	return n
}

func TestSetReplacesTheMomentAndTellsTheWorkflow(t *testing.T) {
	t.Parallel()
	w := dunningtest.New(t, "2026-03-02 10:00")
	id, ctx := uuid.New(), context.Background()
	plan := func() (p matter.Plan) {
		w.In(func(tx store.Tx) (err error) {
			p, err = matter.PlanOf(ctx, tx, kind, id)
			return err
		})
		return p
	}
	set := func(at string, why string) {
		w.In(func(tx store.Tx) error {
			return matter.Set(ctx, tx, matter.Item{Kind: kind, ID: id, At: dunningtest.At(at), Why: why})
		})
	}
	set("2026-03-05 09:00", "The grace of the promise ends")
	set("2026-03-05 09:00", "The grace of the promise ends")
	if p := plan(); p.Version != 1 || told(w, id) != 1 {
		t.Errorf("setting the same again made version %d and told %d times; want 1 and 1", p.Version, told(w, id))
	}
	set("2026-03-09 09:00", "The grace of the promise ends")
	if p := plan(); p.Version != 2 || !p.WakeAt.Equal(dunningtest.At("2026-03-09 09:00")) || told(w, id) != 2 {
		t.Errorf("after a new moment: %+v, told %d times", p, told(w, id))
	}
	for range 2 {
		w.In(func(tx store.Tx) error { return matter.Close(ctx, tx, kind, id) })
	}
	if p := plan(); !p.Closed || p.Version != 3 || told(w, id) != 3 {
		t.Errorf("after closing twice: %+v, told %d times", p, told(w, id))
	}
	set("2026-03-09 09:00", "The grace of the promise ends")
	if p := plan(); p.Closed || p.Version != 4 {
		t.Errorf("a closed matter that is set again: %+v", p)
	}
}

// bell rings once at each moment and then waits a week, three times.
type bell struct {
	w    *dunningtest.World
	rang []string
}

func (b *bell) Wake(ctx context.Context, tenant, id uuid.UUID) error {
	return b.w.Store.In(ctx, tenant, func(tx store.Tx) error {
		due, err := matter.Due(ctx, tx, b.w.Clock, kind, id)
		if err != nil || !due {
			return err
		}
		b.rang = append(b.rang, b.w.Clock.Now().In(dunningtest.Amsterdam).Format("2 Jan 15:04"))
		if len(b.rang) == 3 {
			return matter.Close(ctx, tx, kind, id)
		}
		return matter.Set(ctx, tx, matter.Item{Kind: kind, ID: id, At: b.w.Clock.Now().Add(7 * 24 * time.Hour), Why: "The next"})
	})
}

func TestMatterWakesUntilClosed(t *testing.T) {
	t.Parallel()
	w := dunningtest.New(t, "2026-03-02 10:00")
	b, id, ctx := &bell{w: w}, uuid.New(), context.Background()
	w.Wakers[kind] = b
	w.In(func(tx store.Tx) error {
		return matter.Set(ctx, tx, matter.Item{Kind: kind, ID: id, At: dunningtest.At("2026-03-05 09:00"), Why: "The first"})
	})
	if err := b.Wake(ctx, w.Tenant, id); err != nil || len(b.rang) != 0 {
		t.Errorf("woken too early it rang %v, %v", b.rang, err)
	}
	w.Walk("2026-06-01 10:00")
	if len(b.rang) != 3 || b.rang[0] != "5 Mar 09:00" || b.rang[2] != "19 Mar 09:00" {
		t.Errorf("it rang at %v", b.rang)
	}
}
