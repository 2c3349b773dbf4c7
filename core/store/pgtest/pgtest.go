package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// admin is the pool on the maintenance database through which databases come and go.
var admin = sync.OnceValues(func() (*pgxpool.Pool, error) {
	instance, err := Shared()
	if err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(instance.Admin())
	if err != nil {
		return nil, err
	}
	config.MaxConns = 4
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, err
	}
	if instance.lease != nil {
		sweep(context.Background(), pool)
	}
	return pool, nil
})

var sequence atomic.Int64

// New returns the URL of a fresh database for this test, as superuser. The database is a copy of a
// template that migrate has filled once for this key; key must change whenever migrate would do
// something else, so make it a hash of the migrations. Migrations of different keys never run at the
// same time, but roles they make are shared by all databases of the server.
//
// The database is dropped when the test ends; when it failed it is kept for a day and a psql line is
// printed.
func New(t testing.TB, migrate func(ctx context.Context, dsn string) error, key string) string {
	t.Helper()
	ctx := context.Background()
	pool, err := admin()
	if err != nil {
		t.Fatalf("start the test database: %v", err)
	}
	template, err := ensureTemplate(ctx, pool, migrate, key)
	if err != nil {
		t.Fatalf("prepare the template database: %v", err)
	}
	name := databaseName(t.Name())
	if err := clone(ctx, pool, name, template); err != nil {
		t.Fatalf("copy the template database: %v", err)
	}
	instance, _ := Shared()
	dsn := instance.DSN(name)
	t.Cleanup(func() {
		if t.Failed() {
			_, _ = pool.Exec(ctx, fmt.Sprintf("COMMENT ON DATABASE %s IS 'kept %d'", quote(name), time.Now().Unix()))
			t.Logf("the database of this failed test is kept for a day: psql '%s'", dsn)
			return
		}
		if _, err := pool.Exec(ctx, "DROP DATABASE IF EXISTS "+quote(name)+" WITH (FORCE)"); err != nil {
			t.Logf("drop the test database %s: %v", name, err)
		}
	})
	return dsn
}

var unsafe = regexp.MustCompile(`[^a-z0-9]+`)

// databaseName is unique among all test binaries of this machine and readable in a list.
func databaseName(test string) string {
	slug := strings.Trim(unsafe.ReplaceAllString(strings.ToLower(test), "_"), "_")
	name := fmt.Sprintf("test_%d_%d_%s", os.Getpid(), sequence.Add(1), slug)
	return name[:min(len(name), 63)]
}

// clone copies the template, trying again while something is still connected to it.
func clone(ctx context.Context, pool *pgxpool.Pool, name, template string) error {
	for patience := 50; ; patience-- {
		_, err := pool.Exec(ctx, "CREATE DATABASE "+quote(name)+" TEMPLATE "+quote(template))
		var pgErr *pgconn.PgError
		if patience > 0 && errors.As(err, &pgErr) && pgErr.Code == objectInUse {
			time.Sleep(50 * time.Millisecond)
			continue
		}
		return err
	}
}

const objectInUse = "55006"

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }
