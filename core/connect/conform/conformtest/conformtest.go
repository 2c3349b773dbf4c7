// Package conformtest runs the conformance kit in tests of connectors.
package conformtest

import (
	"errors"
	"flag"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/connect/conform"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/sdk/cassette"
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
		save(t, filepath.Join(file, r.Connector+"-"+strings.ReplaceAll(r.On, " ", "-")), r)
	}
	return r
}

// Cassettes plays each cassette in the folder cassettes below a connector's source,
// as Run does.
func Cassettes(t *testing.T, source string) {
	t.Helper()
	m, err := manifest.Load(source)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(source, "cassettes", "*.cassette"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no cassettes below %s; make one with voldaan connector record (%v)", source, err)
	}
	for _, f := range files {
		c, err := cassette.Load(f)
		if err != nil {
			t.Fatal(err)
		}
		Run(t, source, conformance.Cassette(strings.TrimSuffix(filepath.Base(f), ".cassette"), c, m), func(o *conformance.Options) { o.Short = true })
	}
}

// record has tests record the cassettes of our own emulators anew.
var record = flag.Bool("record", false, "record the cassette of the connector anew")

// Record writes the cassette of a connector from a play with a few invoices, when
// the flag -record asks for it. Ignore names fields of requests that follow from
// what is replaced in a recording.
func Record(t *testing.T, source string, open conformance.Opener, ignore ...string) {
	t.Helper()
	if !*record {
		return
	}
	m, err := manifest.Load(source)
	if err != nil {
		t.Fatal(err)
	}
	clock := &conformance.Clock{}
	p, err := open(clock)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Books.Begin(14); err != nil {
		t.Fatal(err)
	}
	clock.Pass(10 * time.Minute)
	h := p.Answer
	if p.Fresh != nil {
		h = p.Fresh()
	}
	srv := httptest.NewServer(h)
	defer srv.Close()
	c := ready(t, source)
	c.Network, c.Base, c.App = true, map[string]string{}, token.App{ClientID: conformance.ClientID, ClientSecret: conformance.ClientSecret}
	for _, host := range append(conform.Hosts(m), p.Hosts...) {
		c.Base[host] = srv.URL
	}
	access, err := p.Grant()
	if err != nil {
		t.Fatal(err)
	}
	data, _, err := conform.Record(t.Context(), conform.Recording{Config: c, Access: access, On: "emulator", Write: true, Ignore: ignore, Done: func(x conform.Covered) {
		t.Logf("%-16s %3d requests  %s %v", x.Phase, x.Requests, x.Note, x.Err)
	}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(source, "cassettes", m.Name+".cassette")
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, data, 0o644)); err != nil {
		t.Fatal(err)
	}
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
	c := ready(t, source)
	c.Hosts = p.Hosts
	target, err := conform.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(target.Close)
	return target
}

// ready builds what runs.
func ready(t *testing.T, source string) conform.Config {
	t.Helper()
	dir := t.TempDir()
	c := conform.Config{Folder: filepath.Join(dir, "connector")}
	if err := conform.Build(source, c.Folder); err != nil {
		t.Fatal(err)
	}
	if m, err := manifest.Load(source); err == nil && m.Program == "" {
		c.Recipes = filepath.Join(dir, "recipes")
		if err := conform.BuildRuntime(source, c.Recipes); err != nil {
			t.Fatal(err)
		}
	}
	return c
}
