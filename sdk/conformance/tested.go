package conformance

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/voldaan/voldaan/sdk/manifest"
)

// Tested identifies what a run was on: a report is about nothing else. Libraries
// that a program is built with, and the runtime of manifests, are not in it.
type Tested struct {
	// Manifest is the SHA-256 of connector.yaml, in hex.
	Manifest string `json:"manifest"`
	// Program is the SHA-256, in hex, of the names and contents of the files of the
	// program: its source, else what was built; "" for a manifest connector.
	Program string `json:"program,omitempty"`
}

// beside are folders that a connector's folder may have beside its program.
var beside = []string{"cassettes", "dist", "emulator", "node_modules", "program", "test", "testdata"}

// source are the ends of names of files that a program is made of.
var source = []string{".go", ".mod", ".sum", ".ts", ".js", ".mjs", ".cjs", ".json", ".py", ".rs", ".java", ".kt", ".cs", ".rb", ".toml", ".lock"}

// TestedIn identifies the connector in a folder as it is now.
func TestedIn(folder string) (Tested, error) {
	m, err := manifest.Load(folder)
	if err != nil {
		return Tested{}, err
	}
	text, err := os.ReadFile(filepath.Join(folder, manifest.FileName))
	if err != nil {
		return Tested{}, err
	}
	hash := sha256.Sum256(text)
	t := Tested{Manifest: hex.EncodeToString(hash[:])}
	if m.Program == "" {
		return t, nil
	}
	files, err := programFiles(folder)
	if err == nil && len(files) == 0 {
		files, err = filepath.Glob(filepath.Join(folder, "program", "*", m.Program))
	}
	if err == nil && len(files) == 0 {
		files = []string{filepath.Join(folder, m.Program)}
	}
	if err != nil {
		return Tested{}, err
	}
	sum := sha256.New()
	slices.Sort(files)
	for _, file := range files {
		name, err := filepath.Rel(folder, file)
		if err != nil {
			return Tested{}, err
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return Tested{}, fmt.Errorf("read the program: %w", err)
		}
		fmt.Fprintf(sum, "%s\x00%d\x00", filepath.ToSlash(name), len(content))
		_, _ = sum.Write(content) // a hash takes everything
	}
	t.Program = hex.EncodeToString(sum.Sum(nil))
	return t, nil
}

// programFiles are the sources of a program, without its tests.
func programFiles(folder string) (out []string, err error) {
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		name := d.Name()
		switch {
		case err != nil:
			return err
		case d.IsDir():
			if path != folder && (slices.Contains(beside, name) || strings.HasPrefix(name, ".")) {
				return fs.SkipDir
			}
		case name == "conformance.json" || strings.HasSuffix(name, "_test.go"):
		case slices.Contains(source, filepath.Ext(name)):
			out = append(out, path)
		}
		return nil
	})
	return out, err
}
