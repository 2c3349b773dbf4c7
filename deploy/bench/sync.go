package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// atLeastCopied is the least that a first load may run at, as a share of a bare
// COPY.
const atLeastCopied = 0.5

// loads is how often the first load and the COPY are measured, in turns.
const loads = 3

// mirrored are the tables that a load fills.
var mirrored = []string{"debtor", "invoice"}

// mirror measures a first load through a connector process, as in production,
// against a bare COPY of the same rows into the same tables with the same
// indexes; and what a second load costs when nothing changed.
func mirror(ctx context.Context, l *lab) error {
	h, err := openHouse(ctx, l, "voldaan")
	if err != nil {
		return err
	}
	defer h.close()
	var load, bare time.Duration
	for i := range loads {
		note(fmt.Sprintf("load %d invoices, %d of %d", l.invoices, i+1, loads))
		adm, err := h.administration(ctx, l.invoices)
		if err != nil {
			return err
		}
		begin := time.Now()
		if err := h.runner.Run(ctx, h.tenant, adm, func() {}); err != nil {
			return err
		}
		load += time.Since(begin)
		d, err := h.copied(ctx, adm, i)
		if err != nil {
			return err
		}
		bare += d
		if i == loads-1 {
			if err := h.again(ctx, adm); err != nil {
				return err
			}
		}
	}
	rate := func(d time.Duration) float64 { return float64(loads*l.invoices) / d.Seconds() }
	l.table.show("sync", "bare COPY of the same rows", "%.0f invoices/s", rate(bare))
	l.table.show("sync", fmt.Sprintf("first load of %d invoices", l.invoices), "%.0f invoices/s", rate(load))
	l.table.atLeast("sync", "share of the COPY's rate", rate(load)/rate(bare), atLeastCopied, "%.2f")
	return nil
}

// copied copies the rows of an administration, in the order in which they lie,
// into the empty tables of another database as its owner.
func (h *house) copied(ctx context.Context, adm uuid.UUID, turn int) (time.Duration, error) {
	dsn, err := h.lab.database(ctx, fmt.Sprintf("bare%d", turn))
	if err != nil {
		return 0, err
	}
	from, err := pgx.Connect(ctx, h.dsn)
	if err != nil {
		return 0, err
	}
	defer func() { _ = from.Close(ctx) }()
	to, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return 0, err
	}
	defer func() { _ = to.Close(ctx) }()
	var took time.Duration
	for _, table := range mirrored {
		var rows bytes
		if _, err := from.PgConn().CopyTo(ctx, &rows, fmt.Sprintf("copy (select * from %s where administration_id = '%s' order by ctid) to stdout (format binary)", table, adm)); err != nil {
			return 0, err
		}
		begin := time.Now()
		if _, err := to.PgConn().CopyFrom(ctx, &rows, fmt.Sprintf("copy %s from stdin (format binary)", table)); err != nil {
			return 0, err
		}
		took += time.Since(begin)
	}
	return took, nil
}

// bytes is a buffer that is read in one go.
type bytes struct {
	data []byte
	at   int
}

func (b *bytes) Write(p []byte) (int, error) {
	b.data = append(b.data, p...)
	return len(p), nil
}

func (b *bytes) Read(p []byte) (int, error) {
	if b.at == len(b.data) {
		return 0, io.EOF
	}
	n := copy(p, b.data[b.at:])
	b.at += n
	return n, nil
}

// again loads everything a second time and counts what that wrote.
func (h *house) again(ctx context.Context, adm uuid.UUID) error {
	before, err := h.state(ctx)
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := h.runner.Run(ctx, h.tenant, adm, func() {}); err != nil {
		return err
	}
	took := time.Since(begin)
	after, err := h.state(ctx)
	if err != nil {
		return err
	}
	h.lab.table.show("sync", "second load, nothing changed", "%.0f invoices/s", float64(h.lab.invoices)/took.Seconds())
	h.lab.table.atMost("sync", "rows that it wrote", float64(after.written-before.written), 0, "%.0f")
	h.lab.table.atMost("sync", "workflows that it signalled", float64(after.outbox-before.outbox), 0, "%.0f")
	return nil
}

type state struct{ written, outbox int64 }

// state counts the rows that were ever written to the mirror, to plans and to the
// outbox. The statistics of a session are complete when it has ended, so the pool
// is emptied first.
func (h *house) state(ctx context.Context) (s state, err error) {
	h.store.Close()
	if h.store, err = store.Open(ctx, h.dsn); err != nil {
		return s, err
	}
	h.runner.Store = h.store
	time.Sleep(1500 * time.Millisecond) // the server may hold statistics back for a second
	c, err := pgx.Connect(ctx, h.dsn)
	if err != nil {
		return s, err
	}
	defer func() { _ = c.Close(ctx) }()
	err = c.QueryRow(ctx, `select sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint, sum(n_tup_ins) filter (where relname = 'outbox')
		from pg_stat_user_tables where relname in ('invoice', 'debtor', 'payment', 'allocation', 'collection', 'decision', 'outbox', 'sync_problem')`).
		Scan(&s.written, &s.outbox)
	return s, err
}

// administration adds books with n invoices and returns their id.
func (h *house) administration(ctx context.Context, n int) (uuid.UUID, error) {
	conn, adm := uuid.New(), uuid.New()
	return adm, h.store.In(ctx, h.tenant, func(tx store.Tx) error {
		if err := tx.AddConnection(ctx, db.AddConnectionParams{
			ID: conn, TenantID: h.tenant, Connector: "books", Title: "Books", Config: fmt.Appendf(nil, `{"invoices": "%d"}`, n), Auth: "none", State: "connected",
		}); err != nil {
			return err
		}
		return tx.AddAdministration(ctx, db.AddAdministrationParams{
			ID: adm, TenantID: h.tenant, ConnectionID: uuid.NullUUID{UUID: conn, Valid: true}, ExternalID: "1", Name: "Books",
			Country: "NL", Currency: "EUR", TimeZone: "Europe/Amsterdam", Language: "nl", LegalName: "Bakkerij Voorbeeld B.V.",
		})
	})
}
