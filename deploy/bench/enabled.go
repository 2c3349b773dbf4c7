package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/catalog"
)

// programsAmong is how many of the enabled connectors are programs: one in so many,
// the others are manifests.
const programsAmong = 10

const recipeManifest = `name: NAME
title: NAME
kind: accounting
version: 1.0.0
publisher: voldaan
summary: A manifest and nothing else.
reads: [administrations, invoices]
auth: [{name: none, title: None, type: none}]
hosts: [NAME.example]
recipe:
  base: https://NAME.example
  administrations: {request: GET /books, each: .data, map: {id: .id, name: .name}}
  pull:
    invoices:
      request: GET /invoices
      each: .data
      only: {request: 'GET /invoices/{{ $id }}', each: '[.]'}
      invoice: {id: .id, party: .customer, number: .number, status: {of: .state, is: {open: open}}, issued: .date | day, due: .due | day, currency: .currency, total: .total, open: .open}
`

// enabled measures what many enabled connectors hold on to: right after each was
// called, and when those that nobody calls have been stopped.
func enabled(ctx context.Context, l *lab) error {
	runtime := filepath.Join(l.dir, "recipes")
	if err := build(ctx, runtime, "github.com/voldaan/voldaan/plugins/recipes"); err != nil {
		return err
	}
	_, binary, err := l.streamer(ctx)
	if err != nil {
		return err
	}
	program, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"data": [{"id": "1", "name": "Books"}]}`))
	}))
	defer server.Close()
	for _, n := range []int{50, 300} {
		if err := l.enable(ctx, n, runtime, program, server.URL); err != nil {
			return err
		}
	}
	return nil
}

func (l *lab) enable(ctx context.Context, n int, runtime string, program []byte, server string) error {
	note(fmt.Sprintf("enable %d connectors", n))
	dir := filepath.Join(l.dir, fmt.Sprintf("enabled-%d", n))
	overrides := map[string]string{}
	names := make([]string, n)
	for i := range n {
		names[i] = fmt.Sprintf("books-%d", i)
		text := strings.ReplaceAll(recipeManifest, "NAME", names[i])
		if isProgram(i) {
			text = strings.NewReplacer("name: stream", "name: "+names[i]).Replace(streamManifest)
		}
		folder := filepath.Join(dir, names[i])
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, "connector.yaml"), []byte(text), 0o644); err != nil {
			return err
		}
		if isProgram(i) {
			if err := os.WriteFile(filepath.Join(folder, "stream"), program, 0o755); err != nil {
				return err
			}
		}
		overrides[names[i]+".example"] = server
	}
	if err := catalog.Lock(dir); err != nil {
		return err
	}
	const idle = 5 * time.Second
	h, err := openBoundary(dir, func(c *connect.Config) {
		c.Recipes, c.Egress.Overrides, c.Supervisor.Idle = runtime, overrides, idle
	})
	if err != nil {
		return err
	}
	defer closeHost(h)
	call := func(i int) error {
		c := connect.Connection{ID: uuid.New(), Tenant: uuid.New(), Connector: names[i]}
		if isProgram(i) {
			return h.Check(ctx, c)
		}
		_, err := h.Administrations(ctx, c)
		return err
	}
	for i := range n {
		if err := call(i); err != nil {
			return fmt.Errorf("call %s: %w", names[i], err)
		}
	}
	what := fmt.Sprintf("%d enabled, of which %d programs", n, (n+programsAmong-1)/programsAmong)
	pss, running, err := held(h)
	if err != nil {
		return err
	}
	l.table.show("enabled", what+", all just called (PSS)", "%.0f MiB in %d processes", pss, running)
	for end := time.Now().Add(2 * idle); time.Now().Before(end); time.Sleep(idle / 5) {
		if err := call(1); err != nil { // manifests are called all the time
			return err
		}
	}
	if pss, running, err = held(h); err != nil {
		return err
	}
	l.table.show("enabled", what+", programs idle (PSS)", "%.0f MiB in %d processes", pss, running)
	return nil
}

func isProgram(i int) bool { return i%programsAmong == 0 }

// held adds up what the processes of a host hold.
func held(h *connect.Host) (pss float64, running int, err error) {
	for _, s := range h.Supervisor().Status() {
		if s.PID == 0 {
			continue
		}
		r, err := resident(s.PID)
		if err != nil {
			return 0, 0, err
		}
		pss, running = pss+r.pss, running+1
	}
	return pss, running, nil
}
