package sync

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/voldaan/voldaan/core/connect/budget"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync/inbox/pginbox"
	"github.com/voldaan/voldaan/sdk"
)

// Failed is the error of a run that did not come to its end. Wait is how soon it
// is worth to be tried again; zero leaves that to the next regular run.
type Failed struct {
	Wait time.Duration
	Why  error
}

// Error returns why.
func (e *Failed) Error() string { return e.Why.Error() }

// Unwrap returns why.
func (e *Failed) Unwrap() error { return e.Why }

const (
	firstWait = 2 * time.Second
	lastWait  = 5 * time.Minute
	// soon is how often in a row a failed run is tried again soon; after that it
	// waits for the next regular one.
	soon = 8
)

// waitAfter is how long a run waits that failed for the nth time in a row; zero
// when it waits for the next regular one.
func waitAfter(cause error, failures int) time.Duration {
	f := fault.Of(cause)
	if errors.Is(cause, sdk.ErrAuth) || f.Kind == fault.Invalid || failures > soon {
		return 0 // the same again would end the same
	}
	wait := min(firstWait<<min(failures-1, 10), lastWait)
	if r, ok := errors.AsType[*sdk.RetryAfter](cause); ok {
		wait = max(wait, r.Wait)
	}
	return wait
}

// died reports whether the connector's program ended over its work.
func died(cause error) bool {
	switch fault.Of(cause).Code {
	case "connector_crashed", "connector_hung", "connector_flood", "connector_failed":
		return true
	default:
		return false
	}
}

// endOf is the state of a run that did not come to its end: one that waits for a
// spent limit goes on where it was, and does not count as a failure.
func endOf(cause error) string {
	if errors.Is(cause, budget.ErrSpent) {
		return "waiting"
	}
	return "failed"
}

// sentence tells what happened and what the reader can do. What Voldaan does by
// itself is in the time of the next try.
func sentence(cause error, title string) string {
	f := fault.Of(cause)
	switch {
	case errors.Is(cause, sdk.ErrAuth):
		return fmt.Sprintf("%s does not let us in any more. Connect it again on the marketplace page.", title)
	case died(cause), f.Code == "connector_quarantined":
		return f.Message + " Tell its publisher when this goes on."
	case f.Code == "internal" && (errors.Is(cause, context.Canceled) || errors.Is(cause, context.DeadlineExceeded)):
		return cutOff
	case f.Kind == fault.Internal:
		return "Something went wrong on our side while the books were read. You need to do nothing; tell the operator of this installation when it goes on."
	case f.Kind == fault.Unavailable:
		return f.Message + " You need to do nothing."
	}
	return f.Message
}

// failed closes a run that did not come to its end.
func (p *pull) failed(ctx context.Context, tx store.Tx, now time.Time, cause error) (*Failed, error) {
	failures, err := tx.FailedSyncRuns(ctx, p.adm.ID)
	if err != nil {
		return nil, fmt.Errorf("count failed syncs: %w", err)
	}
	if died(cause) {
		if err := pginbox.Blame(ctx, tx, p.conn.ID, p.id); err != nil {
			return nil, err
		}
	}
	scale, err := tx.Scale(ctx)
	if err != nil {
		return nil, err
	}
	conn, err := tx.Connection(ctx, p.conn.ID)
	if err != nil {
		return nil, fmt.Errorf("load the connection: %w", err)
	}
	out := &Failed{Why: cause}
	again := now.Add(p.adm.SyncEvery)
	if p.beat != nil {
		out.Wait = waitAfter(cause, int(failures)+1)
	}
	if out.Wait > 0 {
		again = scale.Tenant(p.runner.Real.Now().Add(out.Wait))
	}
	run := db.FinishSyncRunParams{ID: p.id, State: endOf(cause), FinishedAt: &now, Problem: sentence(cause, conn.Title), NextTryAt: &again}
	state := "connected"
	if errors.Is(cause, sdk.ErrAuth) {
		state, run.NextTryAt = "broken", nil // it is the reader's turn
	}
	if err := tx.SetConnectionState(ctx, db.SetConnectionStateParams{ID: p.conn.ID, State: state, StateReason: run.Problem}); err != nil {
		return nil, err
	}
	return out, tx.FinishSyncRun(ctx, run)
}
