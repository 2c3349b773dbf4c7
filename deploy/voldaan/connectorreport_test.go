package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/sdk/pack"
)

// TestReportsOfConnectorsAreNotStale holds the reports that are packed to what is
// packed beside them.
func TestReportsOfConnectorsAreNotStale(t *testing.T) {
	t.Parallel()
	folders, err := connectorFolders("../../plugins")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		report, err := os.ReadFile(filepath.Join(f, pack.Report))
		recordings, _ := filepath.Glob(filepath.Join(f, "cassettes", "*.cassette")) // the pattern is ours
		if errors.Is(err, fs.ErrNotExist) && plays[filepath.Base(f)] == nil && len(recordings) == 0 {
			continue // nothing plays its package
		}
		if err != nil {
			t.Error(err)
			continue
		}
		if why, err := useless(f, report); err != nil || why != "" {
			t.Errorf("%s: %s (%v); run voldaan connector test %s --save and commit the report", f, why, err, filepath.Base(f))
		}
	}
}

func TestPackLeavesOutAReportThatProvesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	copied := func(name string, old, with string) {
		t.Helper()
		b, err := os.ReadFile(filepath.Join("../../plugins/tryton", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), bytes.Replace(b, []byte(old), []byte(with), 1), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name, change, report string // one word for another
		says                 string
	}{
		{name: "as it was tested"},
		{name: "changed since", change: "title: Tryton/title: Triton", says: "the connector has changed since"},
		{name: "short", report: `"passed"/"short": true, "passed"`, says: "of a short run"},
		{name: "an older kit", report: `"kit": 1/"kit": 0`, says: "another version of the conformance kit"},
	} {
		old, with, _ := strings.Cut(c.change, "/")
		copied("connector.yaml", old, with)
		old, with, _ = strings.Cut(c.report, "/")
		copied(pack.Report, old, with)
		file := filepath.Join(dir, "tryton"+pack.Extension)
		var said bytes.Buffer
		cmd := connectorPack()
		cmd.SetArgs([]string{dir, "-o", file})
		cmd.SetOut(&bytes.Buffer{})
		cmd.SetErr(&said)
		if err := cmd.ExecuteContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		p, f, err := pack.OpenFile(file)
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
		if _, packed := p.Index().Entry(pack.Report); packed != (c.says == "") || !strings.Contains(said.String(), c.says) {
			t.Errorf("%s: packed %v, and it says %q", c.name, packed, said.String())
		}
	}
}
