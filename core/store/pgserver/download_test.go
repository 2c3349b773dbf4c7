package pgserver_test

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/store/pgserver"
)

// TestDownload serves a small repository whose binaries are scripts that run the installed ones
// under the version number of the download.
func TestDownload(t *testing.T) {
	t.Parallel()
	matches, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if _, err := exec.LookPath("xz"); err != nil || len(matches) == 0 {
		t.Skip("needs xz and Debian's PostgreSQL binaries to stand behind the download")
	}
	jar := repository(t, matches[len(matches)-1])
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".sha256") {
			sum := sha256.Sum256(jar)
			fmt.Fprint(w, hex.EncodeToString(sum[:]))
			return
		}
		asked++
		_, _ = w.Write(jar)
	}))
	t.Cleanup(server.Close)

	cache := filepath.Dir(room(t))
	for range 2 {
		var notes []string
		s, err := pgserver.Open(t.Context(), pgserver.Config{
			Dir: room(t), Cache: cache, DownloadURL: server.URL, SearchPath: []string{}, Fast: true,
			Note: func(n string) { notes = append(notes, n) },
		})
		if err != nil {
			t.Fatal(err, notes)
		}
		if !strings.HasPrefix(s.Origin(), "downloaded to "+cache) {
			t.Errorf("origin %q", s.Origin())
		}
		exec1(t, s.Admin(), "SELECT 1")
		s.Close(0)
	}
	if asked != 1 {
		t.Errorf("%d downloads for two starts, want 1", asked)
	}
}

// repository packs wrapper scripts the way embedded-postgres packs binaries: a tar.xz in a jar.
func repository(t *testing.T, real string) []byte {
	t.Helper()
	tree := t.TempDir()
	if err := os.Mkdir(filepath.Join(tree, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, script := range map[string]string{
		"initdb": `exec ` + real + `/initdb "$@"`,
		"pg_ctl": `exec ` + real + `/pg_ctl "$@"`,
		"postgres": `[ "$1" = --version ] && echo "postgres (PostgreSQL) 17.5" && exit
exec ` + real + `/postgres "$@"`,
	} {
		if err := os.WriteFile(filepath.Join(tree, "bin", name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("tar", "-C", tree, "-cJf", filepath.Join(tree, "pg.txz"), "bin").CombinedOutput(); err != nil {
		t.Fatalf("tar: %v: %s", err, out)
	}
	txz, err := os.ReadFile(filepath.Join(tree, "pg.txz"))
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(filepath.Join(tree, "pg.jar"))
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(file)
	entry, err := w.Create("postgres-linux-x86_64.txz")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := entry.Write(txz); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	jar, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return jar
}
