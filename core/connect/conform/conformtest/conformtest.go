// Package conformtest runs the conformance kit in tests of connectors.
package conformtest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/voldaan/voldaan/core/connect/conform"
	"github.com/voldaan/voldaan/sdk/conformance"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// Run builds the connector in a folder with its source, tries everything on a
// played package, and fails the test for each scenario that fails. It returns the
// report. Change may change the options.
func Run(t *testing.T, source string, open conformance.Opener, change func(*conformance.Options)) *conformance.Report {
	t.Helper()
	target := Target(t, source, open)
	o := conformance.Options{Target: target, Open: open, Short: testing.Short()}
	if change != nil {
		change(&o)
	}
	r, err := conformance.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range r.Results {
		switch x.State {
		case conformance.Failed:
			t.Errorf("%s: %s: %s\n%s", x.Area, x.Name, x.Sentence, x.Note)
		case conformance.Skipped:
			t.Logf("%s: %s was not tried: %s", x.Area, x.Name, x.Note)
		}
	}
	t.Logf("%s on %s: %d passed, %d failed, %d not tried; score %d", r.Connector, r.On, r.Passed, r.Failed, r.Skipped, r.Score)
	if file := os.Getenv("VOLDAAN_CONFORMANCE"); file != "" {
		save(t, filepath.Join(file, r.Connector+"-"+filepath.Base(r.On)), r)
	}
	return r
}

func save(t *testing.T, name string, r *conformance.Report) {
	t.Helper()
	page, err := r.Page()
	if err != nil {
		t.Fatal(err)
	}
	data, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	for ext, b := range map[string][]byte{".html": page, ".json": data} {
		if err := os.WriteFile(name+ext, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// Target builds the connector in a folder with its source and opens it for what a
// play answers to.
func Target(t *testing.T, source string, open conformance.Opener) *conform.Target {
	t.Helper()
	p, err := open(&conformance.Clock{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Close != nil {
		p.Close()
	}
	dir := t.TempDir()
	c := conform.Config{Folder: filepath.Join(dir, "connector"), Hosts: p.Hosts}
	if err := conform.Build(source, c.Folder); err != nil {
		t.Fatal(err)
	}
	if m, err := manifest.Load(source); err == nil && m.Program == "" {
		c.Recipes = filepath.Join(dir, "recipes")
		if err := conform.BuildRuntime(source, c.Recipes); err != nil {
			t.Fatal(err)
		}
	}
	target, err := conform.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(target.Close)
	return target
}
