package synctest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/voldaan/voldaan/core/connect/catalog"
)

// Catalog builds the connector whose main package is in a folder and returns a
// catalogue that has it, under the name of the folder.
func Catalog(t testing.TB, source string) string {
	t.Helper()
	source, err := filepath.Abs(source)
	if err != nil {
		t.Fatal(err)
	}
	dir, name := t.TempDir(), filepath.Base(source)
	if err := os.Chmod(dir, 0o755); err != nil { // connectors run as a user of their own
		t.Fatal(err)
	}
	folder := filepath.Join(dir, name)
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-o", filepath.Join(folder, name), ".")
	build.Dir, build.Env = source, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", name, err, out)
	}
	manifest, err := os.ReadFile(filepath.Join(source, "connector.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "connector.yaml"), manifest, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := catalog.Lock(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}
