package sync

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

const (
	beatEvery = 3 * time.Second
	// deadAfter is how long a run may be silent before another one takes its
	// turn.
	deadAfter = 15 * time.Second
	patience  = 30 * time.Second
	lookAgain = 200 * time.Millisecond
)

var (
	errBusy     = fault.New(fault.Unavailable, "sync_busy", "These books are being read at this moment. They are read again when that is done.")
	errTurnLost = fault.New(fault.Unavailable, "sync_turn_lost", "This sync was silent for so long that another one took over.")
)

// cutOff is what a run says whose process died.
const cutOff = "The program that read the books was stopped half-way. You need to do nothing."

// takeTurn begins a run once no other one of the same books is under way: of two
// at once, the one that listed the books earlier would take what the other one
// brought for deleted.
func (r *Runner) takeTurn(ctx context.Context, tenant, administration uuid.UUID, beat func()) (*pull, error) {
	wait := r.Patience
	if wait == 0 {
		wait = patience
	}
	enough := time.NewTimer(wait)
	defer enough.Stop()
	for {
		p, err := r.prepare(ctx, tenant, administration, beat)
		if !errors.Is(err, errBusy) {
			return p, err
		}
		if beat != nil {
			beat()
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-enough.C:
			return nil, &Failed{Wait: deadAfter, Why: err}
		case <-time.After(lookAgain):
		}
	}
}

// begin takes the turn, also from a run that died.
func (p *pull) begin(ctx context.Context, tx store.Tx) error {
	if err := tx.EndDeadSyncRuns(ctx, db.EndDeadSyncRunsParams{AdministrationID: p.adm.ID, FinishedAt: &p.started, Problem: cutOff, Silence: deadAfter}); err != nil {
		return err
	}
	n, err := tx.AddSyncRun(ctx, db.AddSyncRunParams{ID: p.id, TenantID: p.tenant, AdministrationID: p.adm.ID, FullLoad: p.full, StartedAt: p.started})
	if err == nil && n == 0 {
		return errBusy
	}
	return err
}

// live shows that the run is alive until rest is called. The context ends with
// errTurnLost when another run took over.
func (p *pull) live(ctx context.Context) (_ context.Context, rest func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(beatEvery)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			if p.beat != nil {
				p.beat()
			}
			if p.pulse(ctx) {
				cancel(errTurnLost)
				return
			}
		}
	}()
	return ctx, func() { close(done); cancel(nil) }
}

// pulse reports whether the turn was lost. A database that does not answer
// decides nothing.
func (p *pull) pulse(ctx context.Context) (lost bool) {
	err := p.runner.Store.Aside(ctx, p.tenant, func(tx store.Tx) error {
		n, err := tx.BeatSyncRun(ctx, p.id)
		lost = err == nil && n == 0
		return err
	})
	return err == nil && lost
}
