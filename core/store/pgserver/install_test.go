package pgserver_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/store/pgserver"
)

// TestInstall runs against an apt-get of our own that "installs" by linking the binaries this
// machine has into the place where they are looked for.
func TestInstall(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root may install")
	}
	matches, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(matches) == 0 {
		t.Skip("needs Debian's PostgreSQL binaries to stand behind the installation")
	}
	place, tools := filepath.Dir(room(t)), t.TempDir()
	target := filepath.Join(place, "installed")
	script := "#!/bin/sh\n[ \"$1\" = install ] || exit 0\nfor last; do :; done\n[ \"$last\" = postgresql ] || exit 100\n/bin/mkdir -p " + target +
		"\nfor p in initdb postgres; do printf '#!/bin/sh\\nexec " + matches[len(matches)-1] + "/%s \"$@\"\\n' $p > " + target + "/$p; /bin/chmod 755 " + target + "/$p; done\n"
	if err := os.WriteFile(filepath.Join(tools, "apt-get"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", tools+":"+os.Getenv("PATH"))
	if path, err := exec.LookPath("apt-get"); err != nil || filepath.Dir(path) != tools {
		t.Fatalf("apt-get is %s, %v", path, err)
	}
	var notes []string
	s, err := pgserver.Open(t.Context(), pgserver.Config{
		Dir: room(t), Cache: t.TempDir(), SearchPath: []string{target}, Fast: true,
		DownloadURL: "http://127.0.0.1:1", Note: func(n string) { notes = append(notes, n) },
	})
	if err != nil {
		t.Fatal(err, notes)
	}
	defer s.Close(10 * time.Second)
	if !strings.HasPrefix(s.Origin(), "installed now with apt-get") {
		t.Errorf("origin %q", s.Origin())
	}
	if all := strings.Join(notes, "\n"); !strings.Contains(all, "cannot be downloaded") || !strings.Contains(all, "Installing postgresql with apt-get, once") {
		t.Errorf("notes %q", notes)
	}
}
