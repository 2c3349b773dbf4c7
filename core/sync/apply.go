package sync

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
)

// Changes is what a batch changed in the mirror.
type Changes struct {
	Read, Added, Changed, Gone int
	Problems                   int
	// Invoices lists those that were added or changed, or whose payments were.
	Invoices []uuid.UUID
}

// Observer is told, inside the transaction, which invoices are not what they
// were. The dunning process plans them again.
type Observer interface {
	InvoicesChanged(ctx context.Context, tx store.Tx, administration uuid.UUID, invoices []uuid.UUID) error
}

// apply writes a batch: only rows whose content differs are touched, so that a
// repeated batch is harmless and an unchanged one writes nothing.
func apply(ctx context.Context, tx store.Tx, adm uuid.UUID, b Batch, now time.Time) (Changes, error) {
	c := Changes{Read: len(b.Parties) + len(b.Invoices) + len(b.Payments)}
	parties, invoices, problems := rows(tx.Tenant, adm, b, now)
	added, err := merge(ctx, tx, "debtor", debtorColumns, parties)
	if err != nil {
		return c, fmt.Errorf("write parties: %w", err)
	}
	c.count(added)
	merged, err := merge(ctx, tx, "invoice", invoiceColumns, invoices)
	if err != nil {
		return c, fmt.Errorf("write invoices: %w", err)
	}
	c.count(merged)
	for _, m := range merged {
		c.Invoices = append(c.Invoices, m.id)
	}
	if err := c.payments(ctx, tx, adm, b.Payments, now); err != nil {
		return c, fmt.Errorf("write payments: %w", err)
	}
	if err := c.gone(ctx, tx, adm, b.Gone, now); err != nil {
		return c, fmt.Errorf("mark deleted records: %w", err)
	}
	problems = append(problems, b.Problems...)
	if err := c.problems(ctx, tx, adm, b.Invoices, problems, now); err != nil {
		return c, fmt.Errorf("note problems: %w", err)
	}
	slices.SortFunc(c.Invoices, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	c.Invoices = slices.Compact(c.Invoices)
	if b.Cursor == nil {
		return c, nil
	}
	return c, tx.SetCursor(ctx, db.SetCursorParams{AdministrationID: adm, TenantID: tx.Tenant, Cursor: b.Cursor, UpdatedAt: now})
}

// rows maps the records of a batch, the last of each id, in the order of ids so
// that two syncs at once never wait for each other in a circle.
func rows(tenant, adm uuid.UUID, b Batch, now time.Time) (parties, invoices [][]any, problems []Problem) {
	for i := range b.Parties {
		parties = append(parties, debtorRow(tenant, adm, &b.Parties[i], now))
	}
	for i := range b.Invoices {
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
	slices.SortStableFunc(rows, func(a, b []any) int {
		x, y := a[0].(uuid.UUID), b[0].(uuid.UUID)
		return slices.Compare(x[:], y[:])
	})
	return slices.CompactFunc(rows, func(a, b []any) bool { return a[0] == b[0] })
}

type mergedRow struct {
	id    uuid.UUID
	added bool
}

func (c *Changes) count(rows []mergedRow) {
	for _, r := range rows {
		if r.added {
			c.Added++
		} else {
			c.Changed++
		}
	}
}

// merge copies the rows into a staging table of the session and moves over only
// those that differ. (COPY cannot write into a table with row-level security.)
func merge(ctx context.Context, tx pgx.Tx, table string, columns []string, rows [][]any) ([]mergedRow, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	stage := "stage_" + table
	if _, err := tx.Exec(ctx, fmt.Sprintf(
		"create temp table if not exists %s (like public.%s) on commit delete rows", stage, table)); err != nil {
		return nil, err
	}
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{stage}, columns, pgx.CopyFromRows(rows)); err != nil {
		return nil, err
	}
	got, err := tx.Query(ctx, mergeSQL(table, columns))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(got, func(row pgx.CollectableRow) (m mergedRow, err error) {
		return m, row.Scan(&m.id, &m.added)
	})
}

func mergeSQL(table string, columns []string) string {
	list := strings.Join(columns, ", ")
	var set []string
	for _, col := range columns[4:] {
		set = append(set, col+" = excluded."+col)
	}
	if table == "invoice" {
		set = append(set, "debtor_id = excluded.debtor_id")
	}
	return fmt.Sprintf(`
		with moved as (
		  insert into %[1]s as t (%[2]s)
		  select %[2]s from stage_%[1]s s
		  where not exists (select 1 from %[1]s o where o.id = s.id and o.hash = s.hash and o.gone_at is null)
		  on conflict (id) do update set %[3]s, gone_at = null
		  returning id, (xmax = 0) as added)
		select id, added from moved`, table, list, strings.Join(set, ", "))
}

func (c *Changes) gone(ctx context.Context, tx store.Tx, adm uuid.UUID, gone map[sdk.Stream][]string, now time.Time) error {
	if ids := gone[sdk.Invoices]; len(ids) > 0 {
		marked, err := tx.MarkInvoicesGone(ctx, db.MarkInvoicesGoneParams{AdministrationID: adm, At: now, Ids: ids})
		if err != nil {
			return err
		}
		c.Gone += len(marked)
		c.Invoices = append(c.Invoices, marked...)
	}
	if ids := gone[sdk.Parties]; len(ids) > 0 {
		n, err := tx.MarkDebtorsGone(ctx, db.MarkDebtorsGoneParams{AdministrationID: adm, At: now, Ids: ids})
		if err != nil {
			return err
		}
		c.Gone += int(n)
	}
	return nil
}

func (c *Changes) problems(ctx context.Context, tx store.Tx, adm uuid.UUID, seen []sdk.Invoice, problems []Problem, now time.Time) error {
	bad := map[string]bool{}
	for _, p := range problems {
		bad[p.ID] = true
		if err := tx.SetSyncProblem(ctx, db.SetSyncProblemParams{
			AdministrationID: adm, Stream: string(p.Stream), ExternalID: p.ID, TenantID: tx.Tenant, Code: p.Code, Message: p.Message, At: now,
		}); err != nil {
			return err
		}
		c.Invoices = append(c.Invoices, InvoiceID(adm, p.ID))
	}
	c.Problems += len(problems)
	var good []string
	for i := range seen {
		if !bad[seen[i].ID] {
			good = append(good, seen[i].ID)
		}
	}
	if len(good) == 0 {
		return nil
	}
	_, err := tx.ClearSyncProblems(ctx, db.ClearSyncProblemsParams{AdministrationID: adm, Stream: string(sdk.Invoices), Ids: good})
	return err
}
