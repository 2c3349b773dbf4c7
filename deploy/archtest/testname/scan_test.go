package testname_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/voldaan/voldaan/deploy/archtest/testname"
)

func TestScan(t *testing.T) {
	t.Parallel()
	got, err := testname.Scan("testdata/house")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, n := range got {
		lines = append(lines, strings.TrimSpace(n.Package+" "+n.Func+" "+n.Name))
	}
	want := []string{
		"room TestRows",
		"room TestRows plain",
		"room TestRows joined _",
		"room TestRows printed _ times",
		"room TestRows by place",
		"room TestRows by name",
		"room TestRows by key",
		"room TestRows prefix of a named type",
		"room TestRows of pointers",
		"room TestRows from a variable",
		"room TestRows from a variable of the package",
		"room TestRows from a function",
		"room TestRows word",
		"room TestHelpers",
		"room TestHelpers closure here",
		"room TestHelpers helper",
		"room TestHelpers table for a helper",
		"room TestHelpers method",
		"room FuzzRows",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
}

func TestScanPassesOverWhatIsNotOfTheModule(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, dir := range []string{"here", "testdata", ".hidden", "_out", "nested/below"} {
		write(t, filepath.Join(root, dir, "a_test.go"), "package a\nfunc TestIn() {}\n")
	}
	write(t, filepath.Join(root, "nested", "go.mod"), "module nested\n")
	got, err := testname.Scan(root)
	if diff := cmp.Diff([]testname.Test{{Package: "here", Func: "TestIn"}}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	write(t, filepath.Join(root, "here", "b_test.go"), "not Go")
	if _, err := testname.Scan(root); err == nil || !strings.Contains(err.Error(), "b_test.go") {
		t.Errorf("a file that does not parse gives %v", err)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
