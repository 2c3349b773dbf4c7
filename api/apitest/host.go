package apitest

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/core/connect/registry"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/core/secret"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/sync"
)

// host opens a connector host over the manifests of the connectors that ship.
// Their programs are empty files: a test that calls one says so.
func host(t testing.TB, s *store.Store, versions *registry.Registry) (h *connect.Host, dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, name := range []string{"moneybird", "files"} {
		manifest, err := os.ReadFile(filepath.Join(root(t), "plugins", name, "connector.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(
			os.MkdirAll(filepath.Join(dir, name), 0o755), os.WriteFile(filepath.Join(dir, name, "connector.yaml"), manifest, 0o644),
			os.WriteFile(filepath.Join(dir, name, name), []byte("no program"), 0o755),
		); err != nil {
			t.Fatal(err)
		}
	}
	if err := catalog.Lock(dir); err != nil {
		t.Fatal(err)
	}
	box, err := secret.Open(filepath.Join(t.TempDir(), "master.json"))
	if err != nil {
		t.Fatal(err)
	}
	h, err = connect.Open(connect.Config{
		Catalog: dir, Versions: versions, Store: sync.Credentials{Store: s}, Sealer: sync.Sealer{Box: box}, Log: slog.New(slog.DiscardHandler),
		App: func(_ context.Context, connector string) (token.App, error) {
			return token.App{ClientID: "client-of-" + connector, ClientSecret: "shh"}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close(context.Background()) })
	return h, dir
}

// root is the folder of the module, above the package that is tested.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	t.Fatal("the test does not run in the module")
	return ""
}
