package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/pgserver"
	"github.com/voldaan/voldaan/deploy/postgres"
	"github.com/voldaan/voldaan/workflows"
	"github.com/voldaan/voldaan/workflows/temporalserver"
	"go.temporal.io/sdk/client"
)

// lab is where measurements are made: a database server with the settings of
// production and a Temporal server on it, both of its own.
type lab struct {
	dir      string
	postgres *pgserver.Server
	temporal *temporalserver.Server
	client   client.Client
	table    table
	invoices int
	open     int
}

const namespace = "bench"

func note(line string) { fmt.Fprintln(os.Stderr, "bench:", line) }

func openLab(ctx context.Context) (*lab, error) {
	dir, err := os.MkdirTemp("", "voldaan-bench")
	if err != nil {
		return nil, err
	}
	l := &lab{dir: dir}
	for _, step := range []func(context.Context) error{l.openPostgres, l.openTemporal} {
		if err := step(ctx); err != nil {
			l.close()
			return nil, err
		}
	}
	return l, nil
}

func (l *lab) openPostgres(ctx context.Context) (err error) {
	// The cluster may run as another user, who has to get there.
	if err := os.Chmod(l.dir, 0o755); err != nil {
		return err
	}
	l.postgres, err = pgserver.Open(ctx, pgserver.Config{Dir: filepath.Join(l.dir, "postgres"), Note: note})
	return err
}

func (l *lab) openTemporal(ctx context.Context) error {
	binary, err := temporalserver.Binary(ctx, note)
	if err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	attributes := map[string]string{}
	for _, a := range workflows.Attributes() {
		attributes[a.GetName()] = "Keyword"
	}
	log, err := os.Create(filepath.Join(l.dir, "temporal.log"))
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	if l.temporal, err = temporalserver.Start(ctx, binary, temporalserver.Config{
		Postgres: l.postgres.Admin(), Database: "temporal", Visibility: "temporal_visibility", Port: port,
		Namespace: namespace, Retention: 24 * time.Hour, SearchAttributes: attributes, Log: log,
	}); err != nil {
		return err
	}
	l.client, err = client.DialContext(ctx, client.Options{HostPort: l.temporal.Address, Namespace: namespace, Logger: quiet{}})
	return err
}

// database makes a database with our schema and returns its address.
func (l *lab) database(ctx context.Context, name string) (string, error) {
	dsn, err := postgres.EnsureDatabase(ctx, l.postgres, name)
	if err != nil {
		return "", err
	}
	return dsn, store.Migrate(ctx, dsn)
}

func (l *lab) close() {
	if l.client != nil {
		l.client.Close()
	}
	if l.temporal != nil {
		l.temporal.Close(10 * time.Second)
	}
	if l.postgres != nil {
		l.postgres.Close(10 * time.Second)
	}
	if err := postgres.Remove(filepath.Join(l.dir, "postgres")); err != nil {
		note(err.Error())
	}
	_ = os.RemoveAll(l.dir)
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// build compiles a program of this module.
func build(ctx context.Context, file, pkg string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", file, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, out)
	}
	return nil
}

// quiet drops what the SDK logs.
type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}
