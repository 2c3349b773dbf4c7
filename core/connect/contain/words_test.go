package contain_test

import (
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/connect/contain"
)

// An operator reads of every measure what it means, also where it is missing.
func TestLines(t *testing.T) {
	t.Parallel()
	report := contain.New(contain.Options{Without: []contain.Measure{contain.Cgroup, contain.Landlock}}).Report()
	lines := report.Lines()
	if len(lines) != len(report.States) || len(lines) < 9 {
		t.Fatalf("%d lines for %d measures", len(lines), len(report.States))
	}
	for i, l := range lines {
		s := report.States[i]
		if l.Measure != s.Measure || l.InForce != s.InForce || !strings.HasSuffix(l.Text, ".") {
			t.Errorf("%+v of %+v", l, s)
		}
		if !l.InForce && !strings.Contains(l.Text, s.Detail) || l.Measure == contain.Cgroup && l.Todo == "" {
			t.Errorf("%+v does not say why and what to do", l)
		}
	}
}
