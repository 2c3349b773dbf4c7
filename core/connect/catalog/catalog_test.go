package catalog_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/core/fault"
)

func add(t testing.TB, dir, folder, name, version string) {
	t.Helper()
	path := filepath.Join(dir, folder)
	if err := os.MkdirAll(path, 0o755); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("name: %s\ntitle: Acme %s\nkind: accounting\nversion: %s\npublisher: us\nsummary: s\nprogram: prog\nreads: [invoices]\nauth: [{name: none, title: None, type: none}]\n", name, name, version)
	write(t, filepath.Join(path, "connector.yaml"), text)
	write(t, filepath.Join(path, "prog"), "#!/bin/sh\ntouch "+filepath.Join(dir, "executed")+"\n")
}

func write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, dir string) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCatalog(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	add(t, dir, "books", "books", "1.9.0")
	add(t, dir, "books-1.10.0", "books", "1.10.0")
	add(t, dir, "crm", "crm", "0.1.0")
	if err := catalog.Lock(dir); err != nil {
		t.Fatal(err)
	}
	c := open(t, dir)
	if l := c.List(); len(l) != 2 || l[0].ID() != "books@1.10.0" || l[1].ID() != "crm@0.1.0" {
		t.Errorf("list: %v", l)
	}
	if p, err := c.Get("books", "1.9.0"); err != nil || p.Program != filepath.Join(dir, "books", "prog") {
		t.Errorf("pinned: %+v, %v", p, err)
	}
	for _, version := range []string{"", "2.0.0"} {
		name := map[string]string{"": "nobody", "2.0.0": "books"}[version]
		if _, err := c.Get(name, version); !fault.Is(err, fault.NotFound) {
			t.Errorf("Get(%s, %s): %v", name, version, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "executed")); err == nil {
		t.Error("scanning ran a program")
	}
}

func TestWhatIsNotInOrderIsNotOffered(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"good", "changed", "broken", "double"} {
		add(t, dir, name, name, "1.0.0")
	}
	add(t, dir, "twice", "double", "1.0.0")
	if err := catalog.Lock(dir); err != nil {
		t.Fatal(err)
	}
	add(t, dir, "stranger", "stranger", "1.0.0")
	write(t, filepath.Join(dir, "changed", "connector.yaml"), "name: evil")
	if err := os.Remove(filepath.Join(dir, "broken", "connector.yaml")); err != nil {
		t.Fatal(err)
	}
	c := open(t, dir)
	if l := c.List(); len(l) != 2 || l[0].Name() != "double" || l[1].Name() != "good" {
		t.Errorf("offered: %v", l)
	}
	want := map[string]string{
		"stranger": "connectors.lock does not name it", "changed": "was changed after", "broken": "read manifest", "twice": "also in double",
	}
	for _, p := range c.Problems() {
		if want[p.Folder] == "" || !strings.Contains(p.Err.Error(), want[p.Folder]) {
			t.Errorf("%s: %v", p.Folder, p.Err)
		}
		delete(want, p.Folder)
	}
	if len(want) > 0 {
		t.Errorf("no word about %v", want)
	}
}

func TestNoLockOffersNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	add(t, dir, "books", "books", "1.0.0")
	if l := open(t, dir).List(); len(l) != 0 {
		t.Errorf("offered without a lock: %v", l)
	}
	write(t, filepath.Join(dir, catalog.LockFile), "rubbish\n")
	if _, err := catalog.Open(dir); err == nil || !strings.Contains(err.Error(), "connectors.lock:1: expected a SHA-256") {
		t.Errorf("a broken lock: %v", err)
	}
}

func BenchmarkScan1000(b *testing.B) {
	dir := b.TempDir()
	for i := range 1000 {
		add(b, dir, fmt.Sprint("p", i), fmt.Sprint("p", i), "1.0.0")
	}
	if err := catalog.Lock(dir); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if n := len(open(b, dir).List()); n != 1000 {
			b.Fatalf("%d packages", n)
		}
	}
}
