package connecttest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/voldaan/voldaan/sdk/manifest"
)

// ProgramsDir names a folder in the environment with programs that are built
// already, for tests that run as a user who cannot build.
const ProgramsDir = "CONNECTTEST_PROGRAMS"

var (
	building sync.Mutex
	built    = map[string][]byte{}
)

// Program returns a program that lies in a folder of this one, or by its path in
// the module, built once per test binary.
func Program(t testing.TB, name string) []byte {
	t.Helper()
	building.Lock()
	defer building.Unlock()
	if built[name] == nil {
		b, err := build(name)
		if err != nil {
			t.Fatal(err)
		}
		built[name] = b
	}
	return built[name]
}

func build(name string) ([]byte, error) {
	if dir := os.Getenv(ProgramsDir); dir != "" {
		return os.ReadFile(filepath.Join(dir, filepath.Base(name)))
	}
	dir, err := os.MkdirTemp("", filepath.Base(name))
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file, path := filepath.Join(dir, filepath.Base(name)), name
	if !strings.Contains(name, "/") {
		path = "core/connect/connecttest/" + name
	}
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", file, "github.com/voldaan/voldaan/"+path)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build %s: %w\n%s", name, err, out)
	}
	return os.ReadFile(file)
}

// Install puts a connector into a folder: its manifest and, unless it is nil, its
// program. The folder is still to be locked.
func Install(t testing.TB, dir, name, text string, program []byte) {
	t.Helper()
	folder := filepath.Join(dir, name)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	m, err := manifest.Parse(manifest.FileName, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{manifest.FileName: []byte(text)}
	if program != nil {
		files[m.Program] = program
	}
	for file, content := range files {
		if err := os.WriteFile(filepath.Join(folder, file), content, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}
