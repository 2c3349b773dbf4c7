package room

import (
	"fmt"
	"testing"
)

type row struct {
	at   int
	name string
	want string
}

var shared = []row{{1, "from a variable of the package", ""}}

// TestRows is about comment, R1.
func TestRows(t *testing.T) {
	// R2 in a comment
	t.Run("plain", func(t *testing.T) { t.Fatal("R3 in a message") })
	t.Run("joined "+fmt.Sprint(1), nil)
	t.Run(fmt.Sprintf("printed %d times", 2), nil)
	for _, tc := range []struct{ name, want string }{
		{"by place", "R4 in an expectation"},
		{want: "R5", name: "by name"},
	} {
		t.Run(tc.name, func(*testing.T) {})
	}
	for name, tc := range map[string]row{"by key": {want: "R6"}} {
		t.Run(name, func(*testing.T) { _ = tc })
	}
	for _, tc := range []row{{1, "of a named type", "R7"}} {
		tc := tc
		t.Run("prefix "+tc.name, nil)
	}
	for _, tc := range []*row{{name: "of pointers"}} {
		t.Run(tc.name, nil)
	}
	table := []row{{name: "from a variable"}}
	for _, tc := range table {
		t.Run(tc.name, nil)
	}
	for _, tc := range shared {
		t.Run(tc.name, nil)
	}
	for _, tc := range returned() {
		t.Run(tc.name, nil)
	}
	for _, kind := range []string{"word"} {
		t.Run(kind, nil)
	}
	for _, tc := range []row{{name: "R8 in a table that runs nothing"}} {
		if tc.want != "" {
			t.Error(tc.name)
		}
	}
}

func returned() []row { return []row{{name: "from a function"}} }

func TestHelpers(t *testing.T) {
	run := func(name string, f func(*testing.T)) { t.Run("closure "+name, f) }
	run("here", nil)
	named(t, "helper", nil)
	each(t, []row{{name: "table for a helper"}})
	desk{t}.try("method")
}

func named(t *testing.T, name string, f func(*testing.T)) { t.Run(name, f) }

func each(t *testing.T, rows []row) {
	for _, r := range rows {
		named(t, r.name, nil)
	}
}

type desk struct{ t *testing.T }

func (d desk) try(name string) { d.t.Run(name, nil) }

func unused(t *testing.T) { t.Run("R9 in a helper that nobody calls", nil) }

func FuzzRows(f *testing.F) { f.Fuzz(func(*testing.T, string) {}) }

func TestMain(m *testing.M) { m.Run() }
