// Package connecttest builds and hosts a connector that misbehaves on request,
// as a real process, to test what lies around the connector host.
package connecttest

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/core/connect/token"
)

// Name is the connector's name in the catalogue.
const Name = "misbehave"

const manifestText = `name: misbehave
title: Misbehave
kind: accounting
version: 1.0.0
publisher: voldaan
summary: Does what it should not.
program: misbehave
capabilities: [documents, write_payments, webhooks]
reads: [parties, invoices, payments, documents]
writes: [payments]
auth: [{name: none, title: None, type: none}]
hosts: [api.misbehave.example]
`

// Catalog returns a folder with the misbehaving connector installed.
func Catalog(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	Install(t, dir, Name, manifestText, Program(t, Name))
	if err := catalog.Lock(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Runtime returns the path of the program that carries out connectors without one.
func Runtime(t testing.TB) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "recipes")
	if err := os.WriteFile(file, Program(t, "plugins/recipes"), 0o755); err != nil {
		t.Fatal(err)
	}
	return file
}

// hasRecipes reports whether a folder holds connectors without a program.
func hasRecipes(dir string) bool {
	c, err := catalog.Open(dir)
	return err == nil && slices.ContainsFunc(c.List(), func(p *catalog.Package) bool { return p.Program == "" })
}

// NewHost opens a host over the folder, with a program for connectors without one
// where there are any. It is closed at the end of the test.
func NewHost(t testing.TB, dir string, change func(*connect.Config)) *connect.Host {
	t.Helper()
	c := connect.Config{
		Catalog: dir,
		Store:   token.NewMemory(),
		Sealer:  clear{},
		App:     func(context.Context, string) (token.App, error) { return token.App{}, nil },
		Log:     slog.New(slog.DiscardHandler),
	}
	if hasRecipes(dir) {
		c.Recipes = Runtime(t)
	}
	if change != nil {
		change(&c)
	}
	h, err := connect.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := h.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return h
}

// Connection returns a connection whose config says how to misbehave.
func Connection(config map[string]string) connect.Connection {
	return connect.Connection{ID: uuid.New(), Tenant: uuid.New(), Connector: Name, Config: config}
}

// clear seals nothing: there is nothing secret here.
type clear struct{}

func (clear) Seal(_ context.Context, _ token.Ref, b []byte) ([]byte, error) { return b, nil }
func (clear) Open(_ context.Context, _ token.Ref, b []byte) ([]byte, error) { return b, nil }
