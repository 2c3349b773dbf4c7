package sync

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/budget"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
)

// Runner mirrors administrations through the connector host.
type Runner struct {
	Store    *store.Store
	Host     *connect.Host
	Observer Observer
	Real     clock.Clock
	Log      *slog.Logger
	// Patience is how long a run waits for another one of the same books, 30
	// seconds when zero.
	Patience time.Duration
	// Subscriptions makes packages call us; nil for none.
	Subscriptions *Subscriptions
	// Together is how many records go into one transaction at most, about 10,000
	// when zero.
	Together int
}

// notRead is the code of the fault of a connection that a person paused or removed.
const notRead = "connection_paused"

// Run mirrors one administration: from the last checkpoint on, or everything
// the first time. A run that fails keeps what it wrote and goes on from there;
// its error is a *Failed. beat is called every few seconds to show that it is
// alive; it is nil when nobody tries again before the next regular run.
func (r *Runner) Run(ctx context.Context, tenant, administration uuid.UUID, beat func()) error {
	p, err := r.takeTurn(ctx, tenant, administration, beat)
	if fault.Of(err).Code == notRead {
		return nil // nothing is to be read until a person resumes it
	}
	if err != nil {
		return err
	}
	ctx, rest := p.live(ctx)
	defer rest()
	err = p.read(ctx, p.cursor)
	if errors.Is(err, sdk.ErrResync) {
		if err = r.Store.In(ctx, tenant, func(tx store.Tx) error { return tx.DropCursor(ctx, administration) }); err == nil {
			p.full = true
			err = p.read(ctx, nil)
		}
	}
	if lost := context.Cause(ctx); errors.Is(lost, errTurnLost) {
		return lost
	}
	if err := p.finish(context.WithoutCancel(ctx), err); err != nil {
		return err
	}
	if err := r.subscribe(ctx, tenant, p.adm, p.conn); err != nil {
		r.Log.WarnContext(ctx, "the package does not call us", "administration", administration, "connection", p.conn.ID, "error", err)
	}
	if err := r.learnOnce(ctx, tenant, p.conn); err != nil {
		r.Log.WarnContext(ctx, "the accounts of a connection are not known", "connection", p.conn.ID, "error", err)
	}
	return nil
}

// Confirm reads invoices at their source, at the gate's priority.
func (r *Runner) Confirm(ctx context.Context, tenant, administration uuid.UUID, invoices []uuid.UUID) error {
	if len(invoices) == 0 {
		return nil
	}
	return r.look(ctx, tenant, administration, func(tx store.Tx) (externals []string, err error) {
		rows, err := tx.InvoicesOf(ctx, invoices)
		for _, row := range rows {
			externals = append(externals, row.ExternalID)
		}
		return externals, err
	})
}

// look reads single invoices at their source.
func (r *Runner) look(ctx context.Context, tenant, administration uuid.UUID, which func(store.Tx) ([]string, error)) error {
	var adm db.Administration
	var conn connect.Connection
	var externals []string
	if err := r.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		if adm, conn, err = r.connection(ctx, tx, administration); err != nil {
			return err
		}
		externals, err = which(tx)
		return err
	}); err != nil {
		return err
	}
	if conn.Connector == "" {
		return nil // books without a connector are what was uploaded
	}
	conn.Priority = budget.Urgent
	p := &pull{runner: r, tenant: tenant, adm: adm, conn: conn, targeted: true}
	return r.Host.Pull(ctx, conn, sdk.PullRequest{Administration: adm.ExternalID, Invoices: externals}, p)
}

// connection returns how an administration is reached; no connector for one
// that is fed by hand.
func (r *Runner) connection(ctx context.Context, tx store.Tx, administration uuid.UUID) (adm db.Administration, c connect.Connection, err error) {
	if adm, err = tx.Administration(ctx, administration); err != nil {
		return adm, c, fmt.Errorf("load administration %s: %w", administration, err)
	}
	if !adm.ConnectionID.Valid {
		return adm, c, nil
	}
	row, err := tx.Connection(ctx, adm.ConnectionID.UUID)
	if err != nil {
		return adm, c, fmt.Errorf("load connection %s: %w", adm.ConnectionID.UUID, err)
	}
	if row.State == "paused" || row.State == "removed" {
		return adm, c, fault.New(fault.Conflict, notRead, "The connection %s is %s; resume it on the marketplace page.", row.Title, row.State)
	}
	c, err = connectionOf(row)
	c.Administration = adm.ExternalID
	return adm, c, err
}

// prepare begins a run, or returns errBusy.
func (r *Runner) prepare(ctx context.Context, tenant, administration uuid.UUID, beat func()) (*pull, error) {
	p := &pull{runner: r, tenant: tenant, id: uuid.New(), seen: map[sdk.Stream]map[string]bool{}, progress: map[sdk.Stream]int{}, beat: beat}
	return p, r.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		if p.adm, p.conn, err = r.connection(ctx, tx, administration); err != nil {
			return err
		}
		if p.conn.Connector == "" {
			return fault.New(fault.Invalid, "no_connection", "This administration has no connection to read from; upload its invoices instead.")
		}
		p.cursor, err = tx.Cursor(ctx, administration)
		if p.full = errors.Is(err, pgx.ErrNoRows); p.full {
			err = nil
		}
		if err != nil {
			return fmt.Errorf("load the checkpoint: %w", err)
		}
		if p.full {
			if p.blank, err = blank(ctx, tx, administration); err != nil {
				return err
			}
		}
		if p.doubted, err = tx.LastDoubted(ctx, administration); err != nil {
			return fmt.Errorf("load the run before: %w", err)
		}
		p.conn.Run = p.id
		if p.started, err = tx.Now(ctx, r.Real); err != nil {
			return err
		}
		return p.begin(ctx, tx)
	})
}

// blank reports whether nothing is known of the invoices of an administration.
func blank(ctx context.Context, tx store.Tx, administration uuid.UUID) (bool, error) {
	filled, err := tx.HasInvoices(ctx, administration)
	if err != nil || filled {
		return false, err
	}
	problems, err := tx.CountSyncProblems(ctx, administration)
	return problems == 0, err
}

// finish closes the run with a report: fresh when it went well, with what
// happens next when it did not.
func (p *pull) finish(ctx context.Context, cause error) error {
	var failed *Failed
	err := p.runner.Store.In(ctx, p.tenant, func(tx store.Tx) error {
		now, err := tx.Now(ctx, p.runner.Real)
		if err != nil {
			return err
		}
		if cause != nil {
			if err := p.report(ctx, tx); err != nil {
				return err
			}
			failed, err = p.failed(ctx, tx, now, cause)
			return err
		}
		return p.done(ctx, tx, now)
	})
	if err == nil && failed != nil {
		return failed
	}
	return errors.Join(cause, err)
}

func (p *pull) done(ctx context.Context, tx store.Tx, now time.Time) error {
	if err := p.duplicates(ctx, tx, now); err != nil {
		return err
	}
	held, err := tx.CountSyncProblems(ctx, p.adm.ID)
	if err != nil {
		return fmt.Errorf("count what is held: %w", err)
	}
	p.total.Problems = int(held)
	if err := p.report(ctx, tx); err != nil {
		return err
	}
	if err := tx.ConfirmInboxFiles(ctx, p.id); err != nil {
		return fmt.Errorf("confirm the files that were read: %w", err)
	}
	at, err := p.asOf(ctx, tx, p.started)
	if err != nil {
		return err
	}
	if err := tx.ConfirmAdministration(ctx, db.ConfirmAdministrationParams{ID: p.adm.ID, At: at}); err != nil {
		return err
	}
	if err := tx.SetConnectionState(ctx, db.SetConnectionStateParams{ID: p.conn.ID, State: "connected"}); err != nil {
		return err
	}
	if err := tx.FinishSyncRun(ctx, db.FinishSyncRunParams{ID: p.id, State: "done", FinishedAt: &now}); err != nil {
		return err
	}
	waiting, err := tx.HeldByRule(ctx, db.HeldByRuleParams{AdministrationID: p.adm.ID, Rules: []string{"R5", "R7", "R19"}})
	if err != nil {
		return err
	}
	return p.runner.Observer.InvoicesChanged(ctx, tx, p.adm.ID, waiting)
}
