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
	"github.com/voldaan/voldaan/core/dunning"
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
}

// Run mirrors one administration: from the last checkpoint on, or everything
// the first time. A run that fails keeps what it wrote and goes on from there;
// its error is a *Failed. beat is called every few seconds to show that it is
// alive; it is nil when nobody tries again before the next regular run.
func (r *Runner) Run(ctx context.Context, tenant, administration uuid.UUID, beat func()) error {
	p, err := r.takeTurn(ctx, tenant, administration, beat)
	if err != nil {
		return err
	}
	ctx, rest := p.live(ctx)
	defer rest()
	err = r.Host.Pull(ctx, p.conn, sdk.PullRequest{Administration: p.adm.ExternalID, Cursor: p.cursor}, p)
	if errors.Is(err, sdk.ErrResync) {
		if err = r.Store.In(ctx, tenant, func(tx store.Tx) error { return tx.DropCursor(ctx, administration) }); err == nil {
			p.full = true
			err = r.Host.Pull(ctx, p.conn, sdk.PullRequest{Administration: p.adm.ExternalID}, p)
		}
	}
	if lost := context.Cause(ctx); errors.Is(lost, errTurnLost) {
		return lost
	}
	return p.finish(context.WithoutCancel(ctx), err)
}

// Confirm reads invoices at their source, at the gate's priority.
func (r *Runner) Confirm(ctx context.Context, tenant, administration uuid.UUID, invoices []uuid.UUID) error {
	if len(invoices) == 0 {
		return nil
	}
	var adm db.Administration
	var conn connect.Connection
	var externals []string
	if err := r.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		if adm, conn, err = r.connection(ctx, tx, administration); err != nil {
			return err
		}
		rows, err := tx.InvoicesOf(ctx, invoices)
		for _, row := range rows {
			externals = append(externals, row.ExternalID)
		}
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
		return adm, c, fault.New(fault.Conflict, "connection_paused", "The connection %s is %s; resume it on the marketplace page.", row.Title, row.State)
	}
	c, err = connectionOf(row)
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
		p.conn.Run = p.id
		if p.started, err = dunning.Now(ctx, tx, r.Real); err != nil {
			return err
		}
		return p.begin(ctx, tx)
	})
}

// pull is one pull under way.
type pull struct {
	runner   *Runner
	tenant   uuid.UUID
	id       uuid.UUID
	adm      db.Administration
	conn     connect.Connection
	cursor   []byte
	full     bool
	targeted bool // a look at some invoices: not a run of its own
	started  time.Time
	beat     func()

	total    Changes
	progress map[sdk.Stream]int
	seen     map[sdk.Stream]map[string]bool // in this run, to know what is gone
}

// Batch writes a batch with its checkpoint in one transaction.
func (p *pull) Batch(ctx context.Context, in *connect.Batch) error {
	for s, n := range in.Expected {
		p.expect(s, n)
	}
	b := Batch{Parties: in.Parties, Invoices: in.Invoices, Payments: in.Payments, Cursor: in.Checkpoint, Gone: map[sdk.Stream][]string{}}
	for _, g := range in.Gone {
		b.Gone[g.Stream] = append(b.Gone[g.Stream], g.ID)
	}
	for _, u := range in.Unreadable {
		b.Problems = append(b.Problems, Problem{Stream: u.Stream, ID: u.ID, Code: "unreadable", Message: u.Reason})
	}
	p.remember(b)
	for _, s := range in.Complete {
		if err := p.complete(ctx, s, b.Gone); err != nil {
			return err
		}
	}
	return p.write(ctx, b)
}

func (p *pull) write(ctx context.Context, b Batch) error {
	return p.runner.Store.In(ctx, p.tenant, func(tx store.Tx) error {
		now, err := dunning.Now(ctx, tx, p.runner.Real)
		if err != nil {
			return err
		}
		c, err := Apply(ctx, tx, p.adm.ID, b, now)
		if err != nil {
			return err
		}
		if p.targeted {
			if err := p.confirmed(ctx, tx, b, now); err != nil {
				return err
			}
		}
		if err := p.runner.Observer.InvoicesChanged(ctx, tx, p.adm.ID, c.Invoices); err != nil {
			return fmt.Errorf("plan changed invoices: %w", err)
		}
		if p.targeted {
			return nil
		}
		p.total.add(c)
		return p.report(ctx, tx)
	})
}

// asOf is the moment of which the books speak when they are read: that moment,
// or when the newest list of open items came in, for books that are such lists.
// A list says nothing of what was paid after it (R5).
func (p *pull) asOf(ctx context.Context, tx store.Tx, read time.Time) (time.Time, error) {
	listed, err := tx.NewestInboxList(ctx, p.conn.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		return read, nil
	}
	if err != nil {
		return read, fmt.Errorf("look for the newest list: %w", err)
	}
	if listed.Before(read) {
		return listed, nil
	}
	return read, nil
}

// confirmed notes until when the source says that these invoices owe this.
func (p *pull) confirmed(ctx context.Context, tx store.Tx, b Batch, now time.Time) error {
	at, err := p.asOf(ctx, tx, now)
	if err != nil {
		return err
	}
	ids := make([]uuid.UUID, len(b.Invoices))
	for i, inv := range b.Invoices {
		ids[i] = InvoiceID(p.adm.ID, inv.ID)
	}
	return tx.ConfirmInvoices(ctx, db.ConfirmInvoicesParams{At: at, Ids: ids})
}

// Compare returns the ids that we do not have in the listed revision, and marks
// what is not listed as gone.
func (p *pull) Compare(ctx context.Context, s sdk.Stream, listed []sdk.Revision) (wanted []string, err error) {
	known := map[string]string{}
	err = p.runner.Store.In(ctx, p.tenant, func(tx store.Tx) error {
		return p.known(ctx, tx, s, known)
	})
	if err != nil {
		return nil, err
	}
	for _, l := range listed {
		if rev, ok := known[l.ID]; !ok || rev != l.Revision {
			wanted = append(wanted, l.ID)
		}
		delete(known, l.ID)
	}
	p.total.Read += len(listed)
	return wanted, p.gone(ctx, s, known)
}

// complete adds to gone what a complete pull did not show.
func (p *pull) complete(ctx context.Context, s sdk.Stream, gone map[sdk.Stream][]string) error {
	if p.seen == nil || s == sdk.Payments {
		return nil
	}
	known := map[string]string{}
	if err := p.runner.Store.In(ctx, p.tenant, func(tx store.Tx) error { return p.known(ctx, tx, s, known) }); err != nil {
		return err
	}
	for id := range known {
		if !p.seen[s][id] {
			gone[s] = append(gone[s], id)
		}
	}
	return nil
}

func (p *pull) expect(s sdk.Stream, n int) {
	if p.progress != nil {
		p.progress[s] = n
	}
}

func (p *pull) known(ctx context.Context, tx store.Tx, s sdk.Stream, out map[string]string) error {
	switch s {
	case sdk.Invoices:
		rows, err := tx.InvoiceRevisions(ctx, p.adm.ID)
		for _, r := range rows {
			out[r.ExternalID] = r.Revision
		}
		return err
	case sdk.Parties:
		rows, err := tx.DebtorRevisions(ctx, p.adm.ID)
		for _, r := range rows {
			out[r.ExternalID] = r.Revision
		}
		return err
	}
	return nil
}

func (p *pull) gone(ctx context.Context, s sdk.Stream, left map[string]string) error {
	if len(left) == 0 {
		return nil
	}
	b := Batch{Gone: map[sdk.Stream][]string{}}
	for id := range left {
		b.Gone[s] = append(b.Gone[s], id)
	}
	return p.write(ctx, b)
}

func (p *pull) remember(b Batch) {
	if p.seen == nil {
		return
	}
	mark := func(s sdk.Stream, id string) {
		if p.seen[s] == nil {
			p.seen[s] = map[string]bool{}
		}
		p.seen[s][id] = true
	}
	for i := range b.Parties {
		mark(sdk.Parties, b.Parties[i].ID)
	}
	for i := range b.Invoices {
		mark(sdk.Invoices, b.Invoices[i].ID)
	}
	for _, u := range b.Problems { // what cannot be told is there all the same
		mark(u.Stream, u.ID)
	}
}

func (p *pull) report(ctx context.Context, tx store.Tx) error {
	expected := 0
	for _, n := range p.progress {
		expected += n
	}
	t := p.total
	n, err := tx.ProgressSyncRun(ctx, db.ProgressSyncRunParams{
		ID: p.id, Expected: int32(max(expected, t.Read)), Read: int32(t.Read), Added: int32(t.Added), Changed: int32(t.Changed), Gone: int32(t.Gone), Held: int32(t.Problems),
	})
	if err == nil && n == 0 {
		return errTurnLost
	}
	return err
}

func (c *Changes) add(d Changes) {
	c.Read, c.Added, c.Changed, c.Gone, c.Problems = c.Read+d.Read, c.Added+d.Added, c.Changed+d.Changed, c.Gone+d.Gone, c.Problems+d.Problems
}

// finish closes the run with a report: fresh when it went well, with what
// happens next when it did not.
func (p *pull) finish(ctx context.Context, cause error) error {
	var failed *Failed
	err := p.runner.Store.In(ctx, p.tenant, func(tx store.Tx) error {
		now, err := dunning.Now(ctx, tx, p.runner.Real)
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
