package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/voldaan/voldaan/core/store/db"
)

// Together runs reads in one round trip to the database. What a read asks must
// not depend on what came of an earlier one. Every read is called twice: first to
// hear its queries, with no rows for an answer, then with the rows.
func (t Tx) Together(ctx context.Context, reads ...func(Tx) error) error {
	heard := &listener{}
	for _, read := range reads {
		if err := read(t.by(heard)); err != nil {
			return err
		}
	}
	if heard.batch.Len() == 0 {
		return nil
	}
	answers := &answers{asked: heard.batch.QueuedQueries, results: t.Tx.SendBatch(ctx, &heard.batch)}
	for _, read := range reads {
		if err := read(t.by(answers)); err != nil {
			return errors.Join(err, answers.results.Close())
		}
	}
	if err := answers.results.Close(); err != nil {
		return err
	}
	if len(answers.asked) > 0 {
		return errDependent
	}
	return nil
}

func (t Tx) by(way db.DBTX) Tx { return Tx{Tx: t.Tx, Queries: db.New(way), Tenant: t.Tenant} }

var errDependent = errors.New("reads that depend on each other cannot be done together")

// listener notes queries and answers them with nothing.
type listener struct {
	db.DBTX
	batch pgx.Batch
}

func (l *listener) Query(_ context.Context, sql string, args ...any) (pgx.Rows, error) {
	l.batch.Queue(sql, args...)
	return nothing{}, nil
}

func (l *listener) QueryRow(_ context.Context, sql string, args ...any) pgx.Row {
	l.batch.Queue(sql, args...)
	return nothing{}
}

// nothing is a result without rows, and a row without columns.
type nothing struct{ pgx.Rows }

func (nothing) Next() bool                    { return false }
func (nothing) Err() error                    { return nil }
func (nothing) Close()                        {}
func (nothing) Scan(...any) error             { return nil }
func (nothing) CommandTag() pgconn.CommandTag { return pgconn.CommandTag{} }

// answers gives the results in the order of the queries.
type answers struct {
	db.DBTX
	asked   []*pgx.QueuedQuery
	results pgx.BatchResults
}

func (a *answers) next(sql string) error {
	if len(a.asked) == 0 || a.asked[0].SQL != sql {
		return fmt.Errorf("%w: %.60s", errDependent, sql)
	}
	a.asked = a.asked[1:]
	return nil
}

func (a *answers) Query(_ context.Context, sql string, _ ...any) (pgx.Rows, error) {
	if err := a.next(sql); err != nil {
		return nothing{}, err
	}
	return a.results.Query()
}

func (a *answers) QueryRow(_ context.Context, sql string, _ ...any) pgx.Row {
	if err := a.next(sql); err != nil {
		return refused{err}
	}
	return a.results.QueryRow()
}

// refused is a row that cannot be read.
type refused struct{ error }

func (r refused) Scan(...any) error { return r.error }
