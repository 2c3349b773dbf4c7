package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/pgserver"
	"github.com/voldaan/voldaan/deploy/postgres"
	"github.com/voldaan/voldaan/workflows"
	"github.com/voldaan/voldaan/workflows/temporalserver"
	"go.temporal.io/sdk/client"
)

// database is a Postgres server of the year's own.
type database struct {
	dir    string
	server *pgserver.Server
	dsn    string
	engine *temporalserver.Server
	client client.Client
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
	if d.server, err = pgserver.Open(ctx, pgserver.Config{Dir: filepath.Join(d.dir, "postgres"), Fast: true, Note: func(line string) { fmt.Fprintln(os.Stderr, line) }}); err != nil {
		return err
	}
	if d.dsn, err = postgres.EnsureDatabase(ctx, d.server, "soak"); err != nil {
		return err
	}
	return store.Migrate(ctx, d.dsn)
}

// temporal starts a Temporal server on the same Postgres, to live workflows
// again.
func (d *database) temporal(ctx context.Context) (client.Client, error) {
	binary, err := temporalserver.Binary(ctx, func(line string) { fmt.Fprintln(os.Stderr, line) })
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("find a free port: %w", err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	_ = l.Close()
	attributes := map[string]string{}
	for _, a := range workflows.Attributes() {
		attributes[a.GetName()] = "Keyword"
	}
	log, err := os.Create(filepath.Join(d.dir, "temporal.log"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	if d.engine, err = temporalserver.Start(ctx, binary, temporalserver.Config{
		Postgres: d.server.Admin(), Database: "temporal", Visibility: "temporal_visibility", Port: port,
		Namespace: "soak", Retention: 24 * time.Hour, SearchAttributes: attributes, Log: log,
	}); err != nil {
		return nil, err
	}
	d.client, err = client.DialContext(ctx, client.Options{HostPort: d.engine.Address, Namespace: "soak", Logger: mute{}})
	return d.client, err
}

// mute drops what the Temporal client logs.
type mute struct{}

func (mute) Debug(string, ...any) {}
func (mute) Info(string, ...any)  {}
func (mute) Warn(string, ...any)  {}
func (mute) Error(string, ...any) {}

func (d *database) close() {
	if d.client != nil {
		d.client.Close()
	}
	if d.engine != nil {
		d.engine.Close(10 * time.Second)
	}
	if d.server != nil {
		d.server.Close(10 * time.Second)
	}
	if err := postgres.Remove(filepath.Join(d.dir, "postgres")); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	_ = os.RemoveAll(d.dir)
}
