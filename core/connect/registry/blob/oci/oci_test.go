package oci_test

import (
	"bytes"
	"errors"
	"io"
	"log"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/voldaan/voldaan/core/connect/registry/blob"
	"github.com/voldaan/voldaan/core/connect/registry/blob/blobtest"
	"github.com/voldaan/voldaan/core/connect/registry/blob/oci"
	"github.com/voldaan/voldaan/sdk/pack"
)

func open(t *testing.T) *oci.Repository {
	t.Helper()
	srv := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(srv.Close)
	r, err := oci.Open(strings.TrimPrefix(srv.URL, "http://")+"/acme/connectors", true)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRepository(t *testing.T) {
	t.Parallel()
	blobtest.Run(t, func(t *testing.T) blob.Blobs { return open(t) }, nil)
}

func TestTheSamePackageComesBack(t *testing.T) {
	t.Parallel()
	r := open(t)
	want, err := pack.Build(&pack.Source{Files: map[string][]byte{
		pack.Manifest: []byte("name: acme\ntitle: Acme\nkind: accounting\nversion: 1.0.0\npublisher: acme\nsummary: s\nprogram: acme\nreads: [invoices]\nauth: [{name: none, title: None, type: none}]\n"),
	}, Programs: map[pack.Platform][]byte{"any": []byte("program")}})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := r.Push(t.Context(), want, "acme-1.0.0"); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := r.Pull(t.Context(), "acme-1.0.0"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes of %d came back: %v", len(got), len(want), err)
	}
	if _, err := r.Pull(t.Context(), "acme-2.0.0"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("a tag that is not there: %v", err)
	}
	if err := r.Push(t.Context(), []byte("not a package"), "x"); !errors.Is(err, pack.ErrFormat) {
		t.Errorf("pushed what is no package: %v", err)
	}
}
