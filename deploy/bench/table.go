package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
)

// figure is one line of the table.
type figure struct {
	part, what, value, limit string
	missed                   bool
}

// table collects figures.
type table []figure

// show adds a figure without a limit.
func (t *table) show(part, what, format string, args ...any) {
	*t = append(*t, figure{part: part, what: what, value: fmt.Sprintf(format, args...)})
}

// atMost and atLeast add a figure with a limit.
func (t *table) atMost(part, what string, value, limit float64, format string) {
	*t = append(*t, figure{part, what, fmt.Sprintf(format, value), "at most " + fmt.Sprintf(format, limit), value > limit})
}

func (t *table) atLeast(part, what string, value, limit float64, format string) {
	*t = append(*t, figure{part, what, fmt.Sprintf(format, value), "at least " + fmt.Sprintf(format, limit), value < limit})
}

// print writes the table and reports whether every limit is kept.
func (t table) print(out io.Writer) bool {
	kept := true
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "PART\tWHAT\tFIGURE\tLIMIT\t")
	for _, f := range t {
		verdict := ""
		switch {
		case f.missed:
			kept, verdict = false, "MISSED"
		case f.limit != "":
			verdict = "kept"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", f.part, f.what, f.value, f.limit, verdict)
	}
	_ = w.Flush()
	return kept
}

// machine says what the figures were taken on.
func machine(l *lab) string {
	model := runtime.GOARCH
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.SplitSeq(string(b), "\n") {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%d cores, %s, %s, Postgres %s, Temporal %s", runtime.NumCPU(), model, runtime.Version(), l.postgres.Version(), l.temporal.Version)
}
