package main

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/voldaan/voldaan/core/store/db"
)

// TestTableFits prints long cells: no line is wider than a terminal.
func TestTableFits(t *testing.T) {
	t.Parallel()
	r := &review{rows: []*row{{
		actor: cast[1], debtor: strings.Repeat("Bäckerei ", 12), number: "2026-0102", wrong: []string{"its phase is closed, not case"},
		found: db.StoryInvoiceRow{Phase: "closed", ClosedWhy: strings.Repeat("The books say that it was paid. ", 5)},
	}}}
	r.rows[0].end = r.rows[0].ending()
	var b strings.Builder
	r.print(&b)
	for line := range strings.SplitSeq(b.String(), "\n") {
		if utf8.RuneCountInString(line) > 120 {
			t.Errorf("%d columns: %q", utf8.RuneCountInString(line), line)
		}
	}
	if !strings.Contains(b.String(), "✗ 2026-0102") || !strings.Contains(b.String(), "WRONG: its phase is closed") {
		t.Errorf("what is wrong is not shown:\n%s", b.String())
	}
	if r.verdict() == nil {
		t.Error("a wrong invoice passes")
	}
}
