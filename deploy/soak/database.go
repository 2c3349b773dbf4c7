package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/pgserver"
	"github.com/voldaan/voldaan/deploy/postgres"
)

// database is a Postgres server of the year's own.
type database struct {
	dir    string
	server *pgserver.Server
	dsn    string
}

func openDatabase(ctx context.Context) (*database, error) {
	dir, err := os.MkdirTemp("", "voldaan-soak")
	if err != nil {
		return nil, err
	}
	d := &database{dir: dir}
	if err := d.open(ctx); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *database) open(ctx context.Context) (err error) {
	// The cluster may run as another user, who has to get there.
	if err := os.Chmod(d.dir, 0o755); err != nil {
		return err
	}
	if d.server, err = pgserver.Open(ctx, pgserver.Config{Dir: filepath.Join(d.dir, "postgres"), Note: func(line string) { fmt.Fprintln(os.Stderr, line) }}); err != nil {
		return err
	}
	if d.dsn, err = postgres.EnsureDatabase(ctx, d.server, "soak"); err != nil {
		return err
	}
	return store.Migrate(ctx, d.dsn)
}

func (d *database) close() {
	if d.server != nil {
		d.server.Close(10 * time.Second)
	}
	if err := postgres.Remove(filepath.Join(d.dir, "postgres")); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	_ = os.RemoveAll(d.dir)
}
