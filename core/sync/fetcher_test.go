package sync_test

import (
	"context"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/core/sync/inbox/inboxtest"
)

func (b *books) fetcher() *sync.Fetcher {
	return &sync.Fetcher{
		Connections: b.conns, Log: slog.New(slog.DiscardHandler), FolderEvery: time.Nanosecond, SFTPEvery: time.Nanosecond,
		Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Sync: func(ctx context.Context, tenant, administration uuid.UUID) error {
			return b.conns.Runner.Run(ctx, tenant, administration, nil)
		},
	}
}

func look(t *testing.T, f *sync.Fetcher, times int) {
	t.Helper()
	for range times {
		if err := f.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func (b *books) source(t *testing.T) sync.Source {
	t.Helper()
	all, err := b.conns.Sources(t.Context(), b.tenant, b.connection)
	if err != nil || len(all) != 1 {
		t.Fatalf("%+v %v", all, err)
	}
	return all[0]
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func wantFile(t *testing.T, path, says string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || !strings.Contains(string(got), says) {
		t.Errorf("%s: %q %v", path, got, err)
	}
}

func TestFetchFromFolder(t *testing.T) {
	t.Parallel()
	b := openBooks(t, map[string]string{"folder": "invoices"})
	f := b.fetcher()
	look(t, f, 1)
	at := b.source(t).Place
	if at != filepath.Join(b.conns.Folders, "zoet", "invoices") || b.source(t).LookedAt.IsZero() {
		t.Fatalf("%+v", b.source(t))
	}
	write(t, filepath.Join(at, "F1.xml"), invoiceOf("F1", "121.00"))
	write(t, filepath.Join(at, "wrong.csv"), "Naam;Plaats\nJansen;Delft\n")
	write(t, filepath.Join(at, "list.csv"), listHeader+listRow("F2", "50,00")+listRow("F3", "tien"))
	look(t, f, 3)
	if inv, ok := b.invoice(t, "invoice:f1"); !ok || inv.OpenMinor != 12100 {
		t.Errorf("%+v", inv)
	}
	if inv, ok := b.invoice(t, "invoice:f2"); !ok || inv.OpenMinor != 5000 {
		t.Errorf("%+v", inv)
	}
	wantFile(t, filepath.Join(at, "done", "F1.xml"), "<Invoice")
	wantFile(t, filepath.Join(at, "done", "list.csv.reason.txt"), "Taken from this file: 1. Not taken:\n\nRow 3: ")
	wantFile(t, filepath.Join(at, "failed", "wrong.csv"), "Plaats")
	wantFile(t, filepath.Join(at, "failed", "wrong.csv.reason.txt"), "Nothing of this file was taken.\n\n")
	if _, err := os.Stat(filepath.Join(at, "done", "F1.xml.reason.txt")); err == nil {
		t.Error("a file that was taken whole has a reason")
	}
	// Another worker finds what the first one left.
	write(t, filepath.Join(at, "F4.xml"), invoiceOf("F4", "4.00"))
	look(t, f, 1)
	look(t, b.fetcher(), 3)
	wantFile(t, filepath.Join(at, "done", "F4.xml"), "<Invoice")
	if err := b.conns.Remove(t.Context(), b.tenant, b.connection); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(at, "F5.xml"), invoiceOf("F5", "5.00"))
	look(t, f, 3)
	wantFile(t, filepath.Join(at, "F5.xml"), "<Invoice")
}

func TestFolderNames(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	b.connect(t, map[string]string{"folder": "invoices"})
	for name, code := range map[string]string{"../other": "folder_name", "/etc": "folder_name", ".": "folder_name", `a\b`: "folder_name", "Invoices": "folder_taken"} {
		_, err := b.conns.Begin(t.Context(), b.tenant, "files", "none", map[string]string{"folder": name})
		if fault.Of(err).Code != code {
			t.Errorf("%q: %v", name, err)
		}
	}
	b.in(t, func(tx store.Tx) error {
		all, err := tx.Connections(t.Context())
		if len(all) != 1 {
			t.Errorf("a connection that was refused is half there: %d", len(all))
		}
		return err
	})
	b.conns.Folders = ""
	if _, err := b.conns.Begin(t.Context(), b.tenant, "files", "none", map[string]string{"folder": "x"}); fault.Of(err).Code != "folders_off" {
		t.Errorf("%v", err)
	}
}

func TestFetchBySFTP(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write(t, filepath.Join(root, "out", "F1.xml"), invoiceOf("F1", "121.00"))
	write(t, filepath.Join(root, "out", "notes.txt"), "n")
	address, key := inboxtest.SFTPServer(t, root)
	form := map[string]string{"sftp_address": address, "sftp_user": "books", "sftp_password": "pw", "sftp_folder": "out", "sftp_pattern": "*.xml", "sftp_done": "done"}
	b := openBooks(t, form)
	f := b.fetcher()
	look(t, f, 1)
	if p := b.source(t).Problem; !strings.Contains(p, "shows the fingerprint "+key) {
		t.Errorf("before the key is confirmed: %q", p)
	}
	// The password stays as it was.
	with := func(name, value string) {
		t.Helper()
		form["sftp_password"], form[name] = "", value
		if err := b.conns.Change(t.Context(), b.tenant, b.connection, form); err != nil {
			t.Fatal(err)
		}
		look(t, f, 1)
	}
	with("sftp_host_key", "SHA256:"+strings.Repeat("A", 43))
	if p := b.source(t).Problem; !strings.Contains(p, "shows another key") {
		t.Errorf("another key: %q", p)
	}
	if _, ok := b.invoice(t, "invoice:f1"); ok {
		t.Error("something was fetched")
	}
	with("sftp_host_key", key)
	if inv, ok := b.invoice(t, "invoice:f1"); !ok || inv.OpenMinor != 12100 {
		t.Errorf("%+v, %q", inv, b.source(t).Problem)
	}
	if left, _ := filepath.Glob(filepath.Join(root, "out", "*")); len(left) != 2 { // notes.txt and done
		t.Errorf("%v", left)
	}
	b.in(t, func(tx store.Tx) error {
		row, err := tx.Connection(t.Context(), b.connection)
		if strings.Contains(string(row.Config), `pw`) || strings.Contains(string(row.SealedCredentials), "pw\"") {
			t.Error("the password can be read in the database")
		}
		return err
	})
	f.Networks = nil
	look(t, f, 1)
	if p := b.source(t).Problem; !strings.Contains(p, "cannot be reached") {
		t.Errorf("a server in our own network: %q", p)
	}
	if err := b.conns.Change(t.Context(), b.tenant, b.connection, map[string]string{"sftp_address": "sftp.example.com"}); fault.Of(err).Code != "sftp_user" {
		t.Errorf("%v", err)
	}
	if err := b.conns.Change(t.Context(), b.tenant, b.connection, nil); err != nil {
		t.Fatal(err)
	}
	if all, err := b.conns.Sources(t.Context(), b.tenant, b.connection); err != nil || len(all) != 0 {
		t.Errorf("%+v %v", all, err)
	}
}

func TestFetchersTogether(t *testing.T) {
	t.Parallel()
	b := openBooks(t, map[string]string{"folder": "invoices"})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	for range 2 {
		f := b.fetcher()
		f.FolderEvery = 50 * time.Millisecond
		go func() { ended <- f.Run(ctx) }()
	}
	at := filepath.Join(b.conns.Folders, "zoet", "invoices")
	for i := range 6 {
		write(t, filepath.Join(at, "F"+string(rune('1'+i))+".xml"), invoiceOf("F"+string(rune('1'+i)), "10.00"))
	}
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		if done, _ := filepath.Glob(filepath.Join(at, "done", "*")); len(done) == 6 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("not all files were put away")
		}
	}
	stop()
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	b.in(t, func(tx store.Tx) error {
		n, err := tx.InvoiceRevisions(t.Context(), b.adm)
		if len(n) != 6 {
			t.Errorf("%d invoices", len(n))
		}
		return err
	})
}
