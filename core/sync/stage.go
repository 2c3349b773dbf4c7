package sync

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// rows maps the records of a batch, the last of each id, in the order of ids so
// that two syncs at once never wait for each other in a circle.
func rows(tenant, adm uuid.UUID, b Batch, now time.Time) (parties, invoices [][]any, problems []Problem) {
	for i := range b.Parties {
		parties = append(parties, debtorRow(tenant, adm, &b.Parties[i], now))
	}
	last := make(map[string]int, len(b.Invoices))
	for i := range b.Invoices {
		last[b.Invoices[i].ID] = i
	}
	for i := range b.Invoices {
		if last[b.Invoices[i].ID] != i {
			continue
		}
		p, storable := problemOf(&b.Invoices[i])
		if p.Code != "" {
			problems = append(problems, p)
		}
		if storable {
			invoices = append(invoices, invoiceRow(tenant, adm, &b.Invoices[i], now))
		}
	}
	return lastOfEach(parties), lastOfEach(invoices), problems
}

func lastOfEach(rows [][]any) [][]any {
	slices.Reverse(rows)
	slices.SortStableFunc(rows, func(a, b []any) int { return byID(a[0].(uuid.UUID), b[0].(uuid.UUID)) })
	return slices.CompactFunc(rows, func(a, b []any) bool { return a[0] == b[0] })
}

// stage copies the rows into tables of the session and keeps those that differ
// from the mirror. (COPY cannot write into a table with row-level security.)
func (w *writing) stage(ctx context.Context, parties, invoices [][]any) error {
	for _, t := range []struct {
		table   string
		columns []string
		rows    [][]any
	}{{"debtor", debtorColumns, parties}, {"invoice", invoiceColumns, invoices}} {
		if _, err := w.Exec(ctx, fmt.Sprintf(
			"create temp table if not exists stage_%[1]s (like public.%[1]s) on commit delete rows", t.table)); err != nil {
			return err
		}
		if len(t.rows) == 0 {
			continue
		}
		stage := "stage_" + t.table
		if _, err := w.CopyFrom(ctx, pgx.Identifier{stage}, t.columns, pgx.CopyFromRows(t.rows)); err != nil {
			return err
		}
		if _, err := w.Exec(ctx, fmt.Sprintf(
			"delete from %[1]s s using %[2]s o where o.id = s.id and o.hash = s.hash and o.gone_at is null", stage, t.table)); err != nil {
			return err
		}
	}
	return nil
}

// staged lists the debtors that what is staged touches: those that change, and
// those that changed invoices belong to, now and before.
func (w *writing) staged(ctx context.Context) ([]uuid.UUID, error) {
	got, err := w.Query(ctx, `
		select id from stage_debtor
		union select debtor_id from stage_invoice
		union select o.debtor_id from invoice o join stage_invoice s on s.id = o.id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(got, pgx.RowTo[uuid.UUID])
}

// move writes what is staged.
func (w *writing) move(ctx context.Context) error {
	debtors, err := w.upsert(ctx, "debtor", debtorColumns)
	if err != nil {
		return err
	}
	if len(debtors) > 0 {
		// Another address or another kind of debtor changes what comes next; so
		// does one that comes after its invoices.
		ids := make([]uuid.UUID, len(debtors))
		for i, m := range debtors {
			ids[i] = m.id
		}
		open, err := w.OpenInvoicesOfDebtors(ctx, ids)
		if err != nil {
			return err
		}
		w.changes.Invoices = append(w.changes.Invoices, open...)
	}
	invoices, err := w.upsert(ctx, "invoice", invoiceColumns)
	for _, m := range invoices {
		w.changes.Invoices = append(w.changes.Invoices, m.id)
	}
	return err
}

type moved struct {
	id    uuid.UUID
	added bool
}

func (w *writing) upsert(ctx context.Context, table string, columns []string) ([]moved, error) {
	var set []string
	for _, col := range columns[3:] {
		set = append(set, col+" = excluded."+col)
	}
	got, err := w.Query(ctx, fmt.Sprintf(`
		insert into %[1]s as t (%[2]s) select %[2]s from stage_%[1]s
		on conflict (id) do update set %[3]s, gone_at = null
		returning id, (xmax = 0)`, table, strings.Join(columns, ", "), strings.Join(set, ", ")))
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(got, func(row pgx.CollectableRow) (m moved, err error) { return m, row.Scan(&m.id, &m.added) })
	for _, m := range list {
		if m.added {
			w.changes.Added++
		} else {
			w.changes.Changed++
		}
	}
	return list, err
}
