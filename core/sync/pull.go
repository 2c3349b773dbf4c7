package sync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
)

// pull is one pull under way.
type pull struct {
	runner   *Runner
	tenant   uuid.UUID
	id       uuid.UUID
	adm      db.Administration
	conn     connect.Connection
	cursor   []byte
	full     bool
	blank    bool // nothing was known of invoices when it began
	doubted  bool // the run before found most of the books gone, and did nothing
	targeted bool // a look at some invoices: not a run of its own
	started  time.Time
	beat     func()

	line *line // nil when targeted

	total    Changes                        // of what was written, the writer's
	expected int                            // about how many records come, as the writer knows
	progress map[sdk.Stream]int             // the same by stream, the reader's
	seen     map[sdk.Stream]map[string]bool // in this run, to know what is gone
}

// read pulls everything from a cursor on. What came is written, also when the
// pull does not get to its end.
func (p *pull) read(ctx context.Context, cursor []byte) error {
	p.line = newLine(cmp.Or(p.runner.Together, together), p.empty, func(b *prepared) error { return p.write(ctx, b) })
	err := p.runner.Host.Pull(ctx, p.conn, sdk.PullRequest{Administration: p.adm.ExternalID, Cursor: cursor}, p)
	if failed := p.line.close(ctx); failed != nil {
		return failed
	}
	return err
}

func (p *pull) empty() *prepared { return &prepared{tenant: p.tenant, adm: p.adm.ID, novel: true} }

// Batch takes a batch over; it is written with its checkpoint in one
// transaction.
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
	b.novel = p.remember(b)
	for _, s := range in.Complete {
		if err := p.complete(ctx, s, b.Gone); err != nil {
			return err
		}
	}
	if p.targeted {
		return p.write(ctx, prepare(p.tenant, p.adm.ID, b))
	}
	return p.line.add(ctx, b, p.announced())
}

// announced is about how many records come.
func (p *pull) announced() (n int) {
	for _, some := range p.progress {
		n += some
	}
	return n
}

func (p *pull) write(ctx context.Context, b *prepared) error {
	if b.blank() {
		return nil
	}
	return p.runner.Store.In(ctx, p.tenant, func(tx store.Tx) error {
		if !p.targeted {
			// A batch that is lost in a crash of the database is lost with its
			// checkpoint, and read again.
			if _, err := tx.Exec(ctx, "set local synchronous_commit = off"); err != nil {
				return err
			}
		}
		now, err := tx.Now(ctx, p.runner.Real)
		if err != nil {
			return err
		}
		c, err := b.apply(ctx, tx, now)
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
		p.expected = max(p.expected, b.expected)
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
func (p *pull) confirmed(ctx context.Context, tx store.Tx, b *prepared, now time.Time) error {
	at, err := p.asOf(ctx, tx, now)
	if err != nil {
		return err
	}
	return tx.ConfirmInvoices(ctx, db.ConfirmInvoicesParams{At: at, Ids: ids(b.invoices.rows)})
}

// Compare returns the ids that we do not have in the listed revision, and marks
// what is not listed as gone.
func (p *pull) Compare(ctx context.Context, s sdk.Stream, listed []sdk.Revision) (wanted []string, err error) {
	if !p.targeted {
		if err := p.line.flush(ctx); err != nil {
			return nil, err
		}
	}
	known := map[string]string{}
	err = p.runner.Store.In(ctx, p.tenant, func(tx store.Tx) error {
		return p.known(ctx, tx, s, known)
	})
	if err != nil {
		return nil, err
	}
	total := len(known)
	for _, l := range listed {
		if rev, ok := known[l.ID]; !ok || rev != l.Revision {
			wanted = append(wanted, l.ID)
		}
		delete(known, l.ID)
	}
	if err := p.doubt(ctx, s, len(known), total); err != nil {
		return nil, err
	}
	p.total.Read += len(listed)
	return wanted, p.gone(ctx, s, known)
}

// complete adds to gone what a complete pull did not show.
func (p *pull) complete(ctx context.Context, s sdk.Stream, gone map[sdk.Stream][]string) error {
	if p.seen == nil || s == sdk.Payments || s == sdk.Invoices && p.blank {
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
	return p.doubt(ctx, s, len(gone[s]), len(known))
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
	return p.write(ctx, prepare(p.tenant, p.adm.ID, b))
}

// remember notes what this run showed. It reports whether the mirror cannot have
// any invoice of the batch.
func (p *pull) remember(b Batch) (novel bool) {
	if p.seen == nil {
		return false
	}
	novel = p.blank
	mark := func(s sdk.Stream, id string) {
		if p.seen[s] == nil {
			p.seen[s] = map[string]bool{}
		}
		if s == sdk.Invoices && novel {
			novel = !p.seen[s][id]
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
	return novel
}

func (p *pull) report(ctx context.Context, tx store.Tx) error {
	t := p.total
	n, err := tx.ProgressSyncRun(ctx, db.ProgressSyncRunParams{
		ID: p.id, Expected: int32(max(p.expected, t.Read)), Read: int32(t.Read), Added: int32(t.Added), Changed: int32(t.Changed), Gone: int32(t.Gone), Held: int32(t.Problems),
	})
	if err == nil && n == 0 {
		return errTurnLost
	}
	return err
}

func (c *Changes) add(d Changes) {
	c.Read, c.Added, c.Changed, c.Gone, c.Problems = c.Read+d.Read, c.Added+d.Added, c.Changed+d.Changed, c.Gone+d.Gone, c.Problems+d.Problems
}
