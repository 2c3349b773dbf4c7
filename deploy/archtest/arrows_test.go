// Package archtest holds the house to its rules.
package archtest

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const module = "github.com/voldaan/voldaan/"

// may lists what each room may import of the others.
var may = map[string][]string{
	"sdk":       {"sdk"},
	"plugins":   {"plugins", "sdk"},
	"core":      {"core", "sdk"},
	"workflows": {"workflows", "core", "sdk"},
	"api":       {"api", "workflows", "core", "sdk"},
	"deploy":    {"deploy", "api", "workflows", "core", "plugins", "sdk"},
}

// TestArrows fails for an import against the arrows
// sdk <- plugins, sdk <- core <- workflows <- api <- deploy.
// Tests may look further: a connector is tested against the host that runs it.
func TestArrows(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, p := range packages(t) {
		room := room(p.ImportPath)
		seen++
		for _, imp := range p.Imports {
			if !strings.HasPrefix(imp, module) {
				continue
			}
			if !allowed(room, imp) {
				t.Errorf("%s imports %s: %s may import only %s", p.ImportPath, imp, room, strings.Join(may[room], ", "))
			}
		}
	}
	if seen < 20 {
		t.Fatalf("only %d packages were looked at", seen)
	}
}

// TestPackagesAreDocumented fails for a package without a sentence of its own.
func TestPackagesAreDocumented(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if p.Doc == "" && !p.generated(t) {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

type pkg struct {
	ImportPath string
	Doc        string
	Dir        string
	GoFiles    []string
	Imports    []string
}

// generated reports whether no file of the package was written by hand.
func (p pkg) generated(t *testing.T) bool {
	t.Helper()
	for _, f := range p.GoFiles {
		b, err := os.ReadFile(filepath.Join(p.Dir, f))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(b[:min(len(b), 300)]), "Code generated") {
			return false
		}
	}
	return true
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Doc,Dir,GoFiles,Imports", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	d := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func room(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, module), "/")
	return first
}

func allowed(from, imp string) bool {
	for _, ok := range may[from] {
		if room(imp) == ok {
			return true
		}
	}
	return false
}
