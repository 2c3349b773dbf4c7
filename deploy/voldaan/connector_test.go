package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	ociregistry "github.com/google/go-containerregistry/pkg/registry"
	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/core/connect/registry"
	"github.com/voldaan/voldaan/core/connect/registry/blob"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/pgtest"
	"github.com/voldaan/voldaan/sdk/pack"
)

const acmeManifest = `name: acme
title: Acme
kind: accounting
version: 1.0.0
publisher: acme
summary: Acme's books.
program: acme
reads: [invoices]
auth: [{name: none, title: None, type: none}]
`

// voldaan runs a command as its user would.
func voldaan(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := root()
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func must(t *testing.T, args ...string) string {
	t.Helper()
	out, err := voldaan(t, args...)
	if err != nil {
		t.Fatalf("voldaan %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// hubServer serves what the REST service does for publishers.
func hubServer(t *testing.T, r *registry.Registry) string {
	t.Helper()
	serve := func(w http.ResponseWriter, req *http.Request, do func(*registry.Request, []byte) (any, error)) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			t.Error(err)
		}
		var out any
		from, err := registry.ParseRequest(req.Header.Get(registry.SignatureHeader), req.Method, req.URL.Path, req.Host)
		if err == nil {
			out, err = do(from, body)
		}
		if err != nil {
			w.WriteHeader(http.StatusUnprocessableEntity)
			out = map[string]string{"detail": fault.Of(err).Message}
		}
		if err := json.NewEncoder(w).Encode(out); err != nil {
			t.Error(err)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+registry.PublishPath, func(w http.ResponseWriter, req *http.Request) {
		serve(w, req, func(from *registry.Request, body []byte) (any, error) { return r.Publish(req.Context(), from, body) })
	})
	mux.HandleFunc("POST "+registry.YankPath("{name}", "{version}"), func(w http.ResponseWriter, req *http.Request) {
		serve(w, req, func(from *registry.Request, body []byte) (any, error) {
			return nil, r.Yank(req.Context(), from, req.PathValue("name"), req.PathValue("version"), body)
		})
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv.URL
}

// TestFromFolderToHub is the way of a package: key, pack, sign, verify, publish,
// a new version, yank; and a catalogue and an OCI registry on the side.
func TestFromFolderToHub(t *testing.T) {
	dsn := pgtest.New(t, store.Migrate, store.Schema())
	t.Setenv("VOLDAAN_DATABASE_URL", dsn)
	s, err := store.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	dir := t.TempDir()
	r, err := registry.New(registry.Config{Store: s, Blobs: blob.NewFolder(filepath.Join(dir, "blobs")), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	hub := hubServer(t, r)
	key, folder, file, shelf := filepath.Join(dir, "acme.pem"), filepath.Join(dir, "acme"), filepath.Join(dir, "acme.vpkg"), filepath.Join(dir, "shelf")
	write := func(name, text string) {
		t.Helper()
		if err := errors.Join(os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o755), os.WriteFile(filepath.Join(folder, name), []byte(text), 0o755)); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(want string, args ...string) {
		t.Helper()
		if out, err := voldaan(t, args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("voldaan %s: %v, want %q\n%s", strings.Join(args, " "), err, want, out)
		}
	}
	write("connector.yaml", acmeManifest)
	write("program/any/acme", "#!/bin/sh\n")
	write("README.md", "# Acme\n")

	out := must(t, "connector", "keygen", key)
	_, public, _ := strings.Cut(out, "public key   ")
	public = strings.TrimSpace(public)
	refused("exists; choose another name", "connector", "keygen", key)
	must(t, "connector", "keygen", "--if-missing", key)
	if out := must(t, "connector", "pack", folder, "-o", file); !strings.Contains(out, "acme@1.0.0") || !strings.Contains(out, "not signed") {
		t.Errorf("pack says %s", out)
	}
	refused("not signed; sign it with", "connector", "publish", file, "--hub", hub, "--key", key)
	must(t, "connector", "sign", file, "--key", key)
	if out := must(t, "connector", "verify", file, "--public", public); !strings.Contains(out, "acme@1.0.0 is in order: signed by acme") {
		t.Errorf("verify says %s", out)
	}

	refused("is not a key of a publisher acme here", "connector", "publish", file, "--hub", hub, "--key", key)
	must(t, "publisher", "add", "acme", "--title", "Acme B.V.")
	must(t, "publisher", "key", "acme", public)
	if out := must(t, "connector", "publish", file, "--hub", hub, "--key", key); !strings.Contains(out, "acme@1.0.0 published as community, for 100% of tenants") {
		t.Errorf("publish says %s", out)
	}
	if out := must(t, "connector", "publish", file, "--hub", hub, "--key", key); !strings.Contains(out, "was published before") {
		t.Errorf("publish again says %s", out)
	}

	first := filepath.Join(dir, "first.vpkg")
	if err := os.Rename(file, first); err != nil {
		t.Fatal(err)
	}
	write("connector.yaml", strings.NewReplacer("1.0.0", "1.0.1", "[invoices]", "[invoices, parties]").Replace(acmeManifest))
	refused("Give it version 2.0.0", "connector", "diff", first, folder)
	must(t, "connector", "pack", folder, "-o", file, "--key", key)
	refused("It reads parties too, to which users must agree. Give it version 2.0.0.", "connector", "publish", file, "--hub", hub, "--key", key)
	write("connector.yaml", strings.NewReplacer("1.0.0", "2.0.0", "[invoices]", "[invoices, parties]").Replace(acmeManifest))
	if out := must(t, "connector", "diff", first, folder); !strings.Contains(out, "major  It reads parties too") {
		t.Errorf("diff says %s", out)
	}
	must(t, "connector", "pack", folder, "-o", file, "--key", key)
	must(t, "connector", "publish", file, "--hub", hub, "--key", key)
	refused("say who you are and why", "connector", "yank", "acme", "2.0.0", "--hub", hub, "--key", key)
	must(t, "connector", "yank", "acme", "2.0.0", "--publisher", "acme", "--why", "reads too much", "--hub", hub, "--key", key)
	if list, err := r.Versions(context.Background(), "acme"); err != nil || len(list) != 2 || list[1].YankedWhy != "reads too much" {
		t.Errorf("the register has %+v, %v", list, err)
	}

	oci := httptest.NewServer(ociregistry.New())
	t.Cleanup(oci.Close)
	reference := strings.TrimPrefix(oci.URL, "http://") + "/acme/connectors:acme-1.0.0"
	must(t, "connector", "push", first, reference, "--plain-http")
	must(t, "connector", "pull", reference, filepath.Join(shelf, "acme.vpkg"), "--plain-http")
	refused("is not registered here", "connector", "verify", filepath.Join(shelf, "acme.vpkg"), "--catalogue", shelf)
	must(t, "connector", "trust", shelf, "acme", "--public", public, "--name", "acme")
	must(t, "connector", "verify", filepath.Join(shelf, "acme.vpkg"), "--catalogue", shelf)
	if out := must(t, "connector", "list", shelf); !strings.Contains(out, "Acme's books.") {
		t.Errorf("list says %s", out)
	}
	c, err := catalog.Open(shelf)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := c.Get("acme", "1.0.0"); err != nil || p.Signature.Publisher != "acme" || p.Digest == (pack.Hash{}) {
		t.Errorf("the catalogue has %+v, %v", p, err)
	}
}
