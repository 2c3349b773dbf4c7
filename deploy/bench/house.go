package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/secret"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	booksync "github.com/voldaan/voldaan/core/sync"
)

// house is what mirrors books, wired as in production, with a tenant.
type house struct {
	lab    *lab
	dsn    string
	store  *store.Store
	host   *connect.Host
	runner *booksync.Runner
	tenant uuid.UUID
}

func openHouse(ctx context.Context, l *lab, database string) (_ *house, err error) {
	h := &house{lab: l, tenant: uuid.New()}
	if h.dsn, err = l.database(ctx, database); err != nil {
		return nil, err
	}
	if h.store, err = store.Open(ctx, h.dsn); err != nil {
		return nil, err
	}
	packages, err := l.packages(ctx)
	if err != nil {
		return nil, err
	}
	box, err := secret.Open(filepath.Join(l.dir, "master.json"))
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if h.host, err = connect.Open(connect.Config{
		Catalog: packages, Store: booksync.Credentials{Store: h.store}, Sealer: booksync.Sealer{Box: box}, Log: log,
		App: func(context.Context, string) (token.App, error) {
			return token.App{}, errors.New("there are no applications here")
		},
	}); err != nil {
		return nil, err
	}
	h.runner = &booksync.Runner{Store: h.store, Host: h.host, Observer: dunning.Planner{Real: clock.Real}, Real: clock.Real, Log: log}
	return h, h.store.Door().DoorCreateTenant(ctx, db.DoorCreateTenantParams{
		ID: h.tenant, Slug: "bench", Name: "Bench", TimeZone: "Europe/Amsterdam", Clock: []byte("{}"),
	})
}

func (h *house) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := h.host.Close(ctx); err != nil {
		note(err.Error())
	}
	h.store.Close()
}

const manifest = `name: books
title: Books
kind: accounting
version: 1.0.0
publisher: voldaan
summary: Makes up as many invoices as it is asked for.
program: books
capabilities: []
reads: [administrations, parties, invoices]
writes: []
auth: [{name: none, title: None, type: none}]
form: [{name: invoices, title: How many}]
hosts: [books.example]
`

// packages makes a folder with the connector of the benchmarks.
func (l *lab) packages(ctx context.Context) (string, error) {
	dir := filepath.Join(l.dir, "connectors")
	folder := filepath.Join(dir, "books")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(folder, "connector.yaml"), []byte(manifest), 0o644); err != nil {
		return "", err
	}
	if err := build(ctx, filepath.Join(folder, "books"), "github.com/voldaan/voldaan/deploy/bench/books"); err != nil {
		return "", err
	}
	return dir, catalog.Lock(dir)
}
