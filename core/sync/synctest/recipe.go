package synctest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/core/connect/conform"
)

// Recipe returns a catalogue with the connector whose connector.yaml with a recipe
// is in a folder, under the name of the folder, and builds the program that
// carries it out.
func Recipe(t testing.TB, source string) (dir, runtime string) {
	t.Helper()
	source, err := filepath.Abs(source)
	if err != nil {
		t.Fatal(err)
	}
	dir, runtime = t.TempDir(), filepath.Join(t.TempDir(), "recipes")
	for _, err := range []error{
		os.Chmod(dir, 0o755), // connectors run as a user of their own
		conform.Build(source, filepath.Join(dir, filepath.Base(source))),
		conform.BuildRuntime(source, runtime),
		catalog.Lock(dir),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir, runtime
}
