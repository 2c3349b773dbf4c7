package sync

import (
	"bytes"
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// table is one of the mirrored tables.
type table struct {
	name    string
	columns []string
	// SQL
	stage, insert, merge, differ string
}

func mirrored(name, debtor string, columns []string) *table {
	return &table{
		name: name, columns: columns, stage: stageSQL(name, columns), insert: insertSQL(name, columns), merge: mergeSQL(name, columns),
		// The lateral look-up keeps the plan at one probe of the primary key for each
		// row: what a planner expects of row-level security makes it prefer a loop
		// over the tenant's whole mirror.
		differ: `
			select coalesce(array_agg(u.i) filter (where o.hash = u.hash and o.gone_at is null), '{}')::int[],
			       coalesce(array_agg(u.i) filter (where o.hash <> u.hash or o.gone_at is not null), '{}')::int[],
			       coalesce(array_agg(` + debtor + `) filter (where o.hash <> u.hash or o.gone_at is not null), '{}')::uuid[]
			from unnest($1::uuid[], $2::bigint[]) with ordinality as u(id, hash, i)
			cross join lateral (select * from ` + name + ` where id = u.id limit 1) o`,
	}
}

var (
	debtorTable  = mirrored("debtor", "o.id", debtorColumns)
	invoiceTable = mirrored("invoice", "o.debtor_id", invoiceColumns)
)

// auditSQL leaves a line for each invoice whose total, due date or debtor the books
// changed, with what it was and what it is (R24).
const auditSQL = `
	insert into audit (tenant_id, at, actor, action, subject, detail)
	select s.tenant_id, $1, 'books', 'invoice.changed', 'invoice/' || s.id, jsonb_strip_nulls(jsonb_build_object(
		'total_minor', case when o.total_minor <> s.total_minor then jsonb_build_array(o.total_minor, s.total_minor) end,
		'due', case when o.due is distinct from s.due then jsonb_build_array(o.due, s.due) end,
		'debtor', case when o.debtor_id <> s.debtor_id then jsonb_build_array(o.debtor_id, s.debtor_id) end))
	from stage_invoice s cross join lateral (select * from invoice where id = s.id limit 1) o
	where o.total_minor <> s.total_minor or o.due is distinct from s.due or o.debtor_id <> s.debtor_id`

// difference is which rows of a set are not in the mirror as they are.
type difference struct {
	rows    []staged
	known   int         // rows that are in the mirror with other content
	debtors []uuid.UUID // of the known rows, as the mirror has them
	novel   bool        // the mirror cannot have any
}

// differ compares the hashes of a set with the mirror, unless that cannot have
// any of it.
func (w *writing) differ(ctx context.Context, t *table, set *rowset, novel bool) (d difference, err error) {
	d.novel = novel
	d.rows = make([]staged, 0, len(set.rows))
	for _, s := range set.rows {
		if s.to > s.from {
			d.rows = append(d.rows, s)
		}
	}
	if len(d.rows) == 0 || novel {
		return d, nil
	}
	ids, hashes := make([][16]byte, len(d.rows)), make([]int64, len(d.rows))
	for i, s := range d.rows {
		ids[i], hashes[i] = s.id, s.hash
	}
	var same, other []int32
	// A plan that was made when the mirror was small must not be kept.
	if err := w.QueryRow(ctx, t.differ, pgx.QueryExecModeCacheDescribe, ids, hashes).Scan(&same, &other, &d.debtors); err != nil {
		return d, err
	}
	d.known = len(other)
	d.rows = without(d.rows, same)
	return d, nil
}

// without leaves out rows by their place, counted from 1.
func without(rows []staged, places []int32) []staged {
	if len(places) == 0 {
		return rows
	}
	drop := make([]bool, len(rows))
	for _, i := range places {
		drop[i-1] = true
	}
	kept := rows[:0]
	for i, s := range rows {
		if !drop[i] {
			kept = append(kept, s)
		}
	}
	return kept
}

// move writes the rows of a difference through a table of the session: COPY
// cannot write into a table with row-level security.
func (w *writing) move(ctx context.Context, t *table, set *rowset, d difference) error {
	if len(d.rows) == 0 {
		return nil
	}
	if _, err := w.Exec(ctx, t.stage); err != nil {
		return err
	}
	sql := "copy stage_" + t.name + " (" + strings.Join(t.columns, ", ") + ") from stdin (format binary)"
	if _, err := w.Conn().PgConn().CopyFrom(ctx, bytes.NewReader(set.stream(d.rows)), sql); err != nil {
		return err
	}
	into := t.merge
	if d.novel {
		into = t.insert
	} else if d.known > 0 && t == invoiceTable {
		if _, err := w.Exec(ctx, auditSQL, w.now); err != nil {
			return err
		}
	}
	if _, err := w.Exec(ctx, into, w.now); err != nil {
		return err
	}
	w.changes.Changed += d.known
	w.changes.Added += len(d.rows) - d.known
	return nil
}
