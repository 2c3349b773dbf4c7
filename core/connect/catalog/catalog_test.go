package catalog_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/pack"
)

var now = time.Date(2026, 3, 14, 9, 30, 0, 0, time.UTC)

// shop is a catalogue's folder and the key of its publisher "us".
type shop struct {
	dir string
	key pack.PrivateKey
}

func newShop(t testing.TB) *shop {
	t.Helper()
	s := &shop{dir: t.TempDir(), key: newKey(t)}
	s.trust(t, catalog.Publisher{Name: "us", Keys: []pack.TrustedKey{{Public: s.key.Public()}}})
	return s
}

func newKey(t testing.TB) pack.PrivateKey {
	t.Helper()
	k, err := pack.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (s *shop) trust(t testing.TB, p catalog.Publisher) {
	t.Helper()
	if err := catalog.Trust(s.dir, p); err != nil {
		t.Fatal(err)
	}
}

func manifestOf(name, version, publisher string) []byte {
	return fmt.Appendf(nil, "name: %s\ntitle: Acme %s\nkind: accounting\nversion: %s\npublisher: %s\nsummary: s\nprogram: prog\nreads: [administrations, invoices]\nauth: [{name: none, title: None, type: none}]\n",
		name, name, version, publisher)
}

// program would leave a trace if it was run.
func (s *shop) program(name string) []byte {
	return []byte("#!/bin/sh\n# " + name + "\ntouch " + filepath.Join(s.dir, "executed") + "\n")
}

func (s *shop) add(t testing.TB, file, name, version string) {
	t.Helper()
	s.addBy(t, file, name, version, "us", s.key)
}

func (s *shop) addBy(t testing.TB, file, name, version, publisher string, key pack.PrivateKey) {
	t.Helper()
	data, err := pack.Build(&pack.Source{
		Files:    map[string][]byte{pack.Manifest: manifestOf(name, version, publisher), pack.Readme: []byte("# " + name)},
		Programs: map[pack.Platform][]byte{pack.Host(): s.program(name)},
	})
	if err == nil {
		data, err = pack.Sign(data, key, now)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, file+pack.Extension, data)
}

func (s *shop) write(t testing.TB, file string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(filepath.Join(s.dir, file)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.dir, file), data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func (s *shop) open(t testing.TB) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Open(s.dir, catalog.WithClock(clock.Func(func() time.Time { return now })))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func ids(list []*catalog.Package) (out []string) {
	for _, p := range list {
		out = append(out, p.ID())
	}
	return out
}

func TestCatalog(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.add(t, "books", "books", "1.9.0")
	s.add(t, "books-1.10.0", "books", "1.10.0")
	s.add(t, "crm", "crm", "0.1.0")
	c := s.open(t)
	if got := ids(c.List()); !slices.Equal(got, []string{"books@1.10.0", "crm@0.1.0"}) {
		t.Errorf("list: %v, problems %v", got, c.Problems())
	}
	if got := ids(c.Versions("books")); !slices.Equal(got, []string{"books@1.10.0", "books@1.9.0"}) {
		t.Errorf("versions: %v", got)
	}
	p, err := c.Get("books", "1.9.0")
	if err != nil || p.ID() != "books@1.9.0" || p.Signature.Publisher != "us" {
		t.Errorf("pinned: %+v, %v", p, err)
	}
	if b, err := p.File(pack.Readme); err != nil || string(b) != "# books" {
		t.Errorf("readme %q, %v", b, err)
	}
	if _, err := p.File(pack.Icon); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an icon that is not there: %v", err)
	}
	for _, version := range []string{"", "2.0.0"} {
		name := map[string]string{"": "nobody", "2.0.0": "books"}[version]
		if _, err := c.Get(name, version); !fault.Is(err, fault.NotFound) {
			t.Errorf("Get(%s, %s): %v", name, version, err)
		}
	}
	if _, err := os.Stat(filepath.Join(s.dir, "executed")); err == nil {
		t.Error("scanning ran a program")
	}
}

func TestProgramsAreUnpackedWhenStarted(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.add(t, "books", "books", "1.0.0")
	s.add(t, "crm", "crm", "1.0.0")
	c := s.open(t)
	p, err := c.Get("books", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(p.Program); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("unpacked before it was started: %v", err)
	}
	f, err := p.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if b, err := io.ReadAll(f); err != nil || !bytes.Equal(b, s.program("books")) {
		t.Errorf("program %q, %v", b, err)
	}
	info, err := os.Stat(p.Program)
	if err != nil || info.Mode().Perm() != 0o755 || filepath.Base(filepath.Dir(p.Program)) != pack.Hash(p.SHA256).String() {
		t.Errorf("%s has mode %v, %v", p.Program, info.Mode(), err)
	}
	if entries, err := os.ReadDir(filepath.Join(s.dir, ".programs")); err != nil || len(entries) != 1 {
		t.Errorf("the cache holds %v, %v", entries, err)
	}
	// A cache that others can write to is not used.
	if err := os.RemoveAll(filepath.Dir(p.Program)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(s.dir, ".programs"), 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Open(); err == nil || !strings.Contains(err.Error(), "others can put programs") {
		t.Errorf("a cache that others can write to: %v", err)
	}
}

const recipe = `recipe:
  base: https://books.example
  administrations: {request: GET /books, each: .data, map: {id: .id, name: .name}}
  pull:
    invoices:
      request: GET /invoices
      each: .data
      only: {request: 'GET /invoices/{{ $id }}', each: '[.]'}
      invoice: {id: .id, party: .customer, number: .number, status: {of: .state, is: {open: open}}, issued: .date | day, due: .due | day, currency: .currency, total: .total, open: .open}
hosts: [books.example]
`

func TestManifestConnector(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	source := bytes.Replace(manifestOf("books", "1.0.0", "us"), []byte("program: prog\n"), []byte(recipe), 1)
	data, err := pack.Build(&pack.Source{Files: map[string][]byte{pack.Manifest: source}})
	if err == nil {
		data, err = pack.Sign(data, s.key, now)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, "books.vpkg", data)
	p, err := s.open(t).Get("books", "")
	if err != nil || p.Program != "" || !bytes.Equal(p.Source, source) {
		t.Fatalf("%+v, %v", p, err)
	}
	if _, err := p.Open(); err == nil {
		t.Error("a program that is not there was opened")
	}
}

func TestWhatIsNotInOrderIsNotOffered(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	stranger, other, old, lost := newKey(t), newKey(t), newKey(t), newKey(t)
	s.trust(t, catalog.Publisher{Name: "them", Keys: []pack.TrustedKey{{Public: other.Public()}}})
	s.trust(t, catalog.Publisher{Name: "us", Connectors: []string{"ours"}, Keys: []pack.TrustedKey{
		{Public: s.key.Public()}, {Public: old.Public(), ExpiresAt: now.Add(-time.Hour)}, {Public: lost.Public(), RevokedAt: now, Why: "lost"},
	}})
	s.add(t, "good", "good", "1.0.0")
	s.add(t, "ours", "ours", "1.0.0")
	s.add(t, "double", "double", "1.0.0")
	s.add(t, "double-again", "double", "1.0.0")
	s.add(t, "fought", "fought", "1.0.0")
	s.addBy(t, "fought-2", "fought", "2.0.0", "them", other)
	s.addBy(t, "ours-2", "ours", "2.0.0", "them", other)
	s.addBy(t, "stranger", "stranger", "1.0.0", "us", stranger)
	s.addBy(t, "nobody", "nobody", "1.0.0", "nobody", stranger)
	s.addBy(t, "expired", "expired", "1.0.0", "us", old)
	s.addBy(t, "revoked", "revoked", "1.0.0", "us", lost)
	good, err := os.ReadFile(filepath.Join(s.dir, "good.vpkg"))
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, "cut.vpkg", good[:len(good)/2])
	s.write(t, "changed.vpkg", bytes.ReplaceAll(good, []byte(`"name": "good"`), []byte(`"name": "evil"`)))
	s.write(t, "loose/connector.yaml", manifestOf("loose", "1.0.0", "us"))
	s.write(t, "broken/connector.yaml", []byte("name: [\n"))
	s.write(t, "publishers/bad.json", []byte("{"))
	if err := os.Mkdir(filepath.Join(s.dir, "folder.vpkg"), 0o755); err != nil {
		t.Fatal(err)
	}
	c := s.open(t)
	if got := ids(c.List()); !slices.Equal(got, []string{"double@1.0.0", "good@1.0.0", "ours@1.0.0"}) {
		t.Errorf("offered: %v", got)
	}
	want := map[string]string{
		"double-again.vpkg": "also in double.vpkg", "fought.vpkg": "two publishers offer", "fought-2.vpkg": "two publishers offer",
		"ours-2.vpkg": "the name ours is us's", "stranger.vpkg": "is not a key of us", "nobody.vpkg": "the publisher nobody is not registered",
		"expired.vpkg": "expired on 2026-03-14", "revoked.vpkg": "revoked on 2026-03-14 (lost)", "cut.vpkg": "cut off", "changed.vpkg": "changed after us signed",
		"loose": "voldaan connector pack", "broken": "not valid YAML", "publishers/bad.json": "nobody is trusted by it", "folder.vpkg": "not a plain file",
	}
	for _, p := range c.Problems() {
		if want[p.Folder] == "" || !strings.Contains(p.Err.Error(), want[p.Folder]) {
			t.Errorf("%s: %v, want %q", p.Folder, p.Err, want[p.Folder])
		}
		delete(want, p.Folder)
	}
	if len(want) > 0 {
		t.Errorf("no word about %v", want)
	}
}

func TestScanSeesWhatChanged(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.add(t, "books", "books", "1.0.0")
	c := s.open(t)
	first, err := c.Get("books", "")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Scan(); err != nil {
		t.Fatal(err)
	}
	if again, _ := c.Get("books", ""); again != first {
		t.Error("a package that did not change was read twice")
	}
	// A new version in the same file.
	s.add(t, "books", "books", "1.1.0")
	if _, err := first.File(pack.Readme); err == nil || !strings.Contains(err.Error(), "was replaced") {
		t.Errorf("a file of another package: %v", err)
	}
	if _, err := first.Open(); err == nil || !strings.Contains(err.Error(), "was replaced") {
		t.Errorf("the program of another package: %v", err)
	}
	if err := c.Scan(); err != nil {
		t.Fatal(err)
	}
	if got := ids(c.Versions("books")); !slices.Equal(got, []string{"books@1.1.0"}) {
		t.Errorf("after an upgrade: %v", got)
	}
	// Its key is revoked.
	s.trust(t, catalog.Publisher{Name: "us", Keys: []pack.TrustedKey{{Public: s.key.Public(), RevokedAt: now, Why: "stolen"}}})
	if err := c.Scan(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Get("books", ""); !fault.Is(err, fault.NotFound) {
		t.Errorf("offered with a key that was revoked: %v", err)
	}
}

func TestNobodyTrustedOffersNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.add(t, "books", "books", "1.0.0")
	if err := os.RemoveAll(filepath.Join(s.dir, "publishers")); err != nil {
		t.Fatal(err)
	}
	if l := s.open(t).List(); len(l) != 0 {
		t.Errorf("offered: %v", ids(l))
	}
}

func TestLock(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.write(t, "books/connector.yaml", manifestOf("books", "1.0.0", "us"))
	s.write(t, "books/prog", s.program("books"))
	s.write(t, "broken/connector.yaml", []byte("name: ["))
	for _, program := range []string{"first", "second"} {
		s.write(t, "books/prog", []byte(program))
		if err := catalog.Lock(s.dir); err != nil {
			t.Fatal(err)
		}
		c, err := catalog.Open(s.dir)
		if err != nil {
			t.Fatal(err)
		}
		p, err := c.Get("books", "")
		if err != nil {
			t.Fatal(err)
		}
		f, err := p.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(f)
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if err != nil || string(b) != program || len(c.Problems()) != 1 {
			t.Errorf("%s: %q, %v, problems %v", program, b, err, c.Problems())
		}
	}
}

// What a manifest's expressions mean is found out by whoever carries it out, not at
// each start of a hub with a thousand of them.
func TestRecipesAreNotReadAtTheStart(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../plugins/hubspot/connector.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s := newShop(t)
	data, err := pack.Build(&pack.Source{Fast: true, Files: map[string][]byte{
		pack.Manifest: []byte(strings.Replace(string(text), "publisher: voldaan", "publisher: us", 1)),
	}})
	if err == nil {
		data, err = pack.Sign(data, s.key, now)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, "hubspot"+pack.Extension, data)
	p, err := s.open(t).Get("hubspot", "")
	if err != nil {
		t.Fatal(err)
	}
	if p.Manifest.Recipe != nil || len(p.Source) == 0 || len(p.Manifest.Auth) != 2 {
		t.Errorf("recipe read: %v, %d bytes of source, %d ways to sign in", p.Manifest.Recipe != nil, len(p.Source), len(p.Manifest.Auth))
	}
}
