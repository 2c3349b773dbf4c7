package conform

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/voldaan/voldaan/sdk/conformance"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// Row is a connector in the table of all of them.
type Row struct {
	Manifest *manifest.Manifest
	Report   *conformance.Report // nil when it was not tried
}

var head = []string{"connector", "kind", "streams", "writes", "webhooks", "conformance", "facts", "unsure"}

// scoreColumn is the only one that does not follow from connector.yaml.
const scoreColumn = 5

func (r Row) cells() []string {
	m := r.Manifest
	var streams []string
	for _, d := range m.Reads {
		if d != manifest.DataAdministrations {
			streams = append(streams, string(d))
		}
	}
	hooks := "no"
	switch {
	case m.Has(manifest.Subscriptions):
		hooks = "by itself"
	case m.Has(manifest.Webhooks):
		hooks = "set up by hand"
	}
	score := "not tried"
	if x := r.Report; x != nil {
		score = fmt.Sprintf("%d%% of %d on %s", x.Score, x.Passed+x.Failed+x.Skipped, x.On)
	}
	var writes []string
	for _, d := range m.Writes {
		writes = append(writes, string(d))
	}
	return []string{
		m.Name, string(m.Kind), orNone(strings.Join(streams, ", ")), orNone(strings.Join(writes, ", ")), hooks, score,
		fmt.Sprintf("%d sources", len(m.Sources)), fmt.Sprintf("%d points", len(m.Unsure)),
	}
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// Print writes the table for a terminal, with what is unsure below it.
func Print(w io.Writer, rows []Row) error {
	table := [][]string{head}
	for _, r := range rows {
		table = append(table, r.cells())
	}
	width := make([]int, len(head))
	for _, cells := range table {
		for i, c := range cells {
			width[i] = max(width[i], utf8.RuneCountInString(c))
		}
	}
	var out bytes.Buffer
	for _, cells := range table {
		line := ""
		for i, c := range cells {
			line += c + strings.Repeat(" ", width[i]-utf8.RuneCountInString(c)+2)
		}
		fmt.Fprintln(&out, strings.TrimRight(line, " "))
	}
	for _, r := range rows {
		for _, s := range r.Manifest.Sources {
			fmt.Fprintf(&out, "\n%s: %s: %s", r.Manifest.Name, s.Fact, s.URL)
		}
		for _, u := range r.Manifest.Unsure {
			fmt.Fprintf(&out, "\n%s, unsure: %s", r.Manifest.Name, u)
		}
	}
	_, err := fmt.Fprintln(w, strings.TrimRight(out.String(), "\n"))
	return err
}

// Marks around the table in a file.
const (
	begin = "<!-- connectors: written by voldaan connector test --all --write -->"
	end   = "<!-- end of connectors -->"
)

// Markdown writes the table between its marks in a document, which gets them at
// its end when it has none. A connector that was not tried keeps the score that it
// has there.
func Markdown(document string, rows []Row) string {
	scores := map[string]string{}
	for l := range strings.Lines(document) {
		if cells := strings.Split(l, " | "); len(cells) == len(head) {
			scores[cells[0]] = cells[scoreColumn]
		}
	}
	var out strings.Builder
	out.WriteString(begin + "\n\n")
	line := func(cells []string) { out.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	line(head)
	out.WriteString(strings.Repeat("|---", len(head)) + "|\n")
	for _, r := range rows {
		cells := r.cells()
		cells[0] = fmt.Sprintf("[%s](%s)", r.Manifest.Title, r.Manifest.Name)
		if score, ok := scores["| "+cells[0]]; ok && r.Report == nil {
			cells[scoreColumn] = score
		}
		line(cells)
	}
	for _, r := range rows {
		if len(r.Manifest.Sources)+len(r.Manifest.Unsure) == 0 {
			continue
		}
		fmt.Fprintf(&out, "\n### %s\n\n", r.Manifest.Title)
		for _, s := range r.Manifest.Sources {
			fmt.Fprintf(&out, "- %s: <%s>\n", s.Fact, s.URL)
		}
		for _, u := range r.Manifest.Unsure {
			fmt.Fprintf(&out, "- Unsure: %s\n", u)
		}
	}
	out.WriteString("\n" + end)
	before, rest, found := strings.Cut(document, begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		return strings.TrimRight(document, "\n") + "\n\n" + out.String() + "\n"
	}
	return before + out.String() + after
}

// Stale reports how the table in a document differs from what the manifests say;
// scores do not count, for they take a run.
func Stale(document string, rows []Row) string {
	want, have := static(Markdown(document, rows)), static(document)
	for i, l := range want {
		if i >= len(have) || have[i] != l {
			return fmt.Sprintf("expected %q", l)
		}
	}
	if len(have) > len(want) {
		return fmt.Sprintf("did not expect %q", have[len(want)])
	}
	return ""
}

// static returns the lines between the marks, without scores.
func static(document string) []string {
	_, rest, _ := strings.Cut(document, begin)
	inside, _, _ := strings.Cut(rest, end)
	lines := strings.Split(inside, "\n")
	for i, l := range lines {
		if cells := strings.Split(l, " | "); len(cells) == len(head) {
			lines[i] = strings.Join(slices.Delete(cells, scoreColumn, scoreColumn+1), " | ")
		}
	}
	return lines
}
