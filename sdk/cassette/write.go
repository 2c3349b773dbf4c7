package cassette

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

const first = "voldaan cassette 1"

// Format writes a cassette. It returns an error for what has no place in a line,
// such as a name with a line break.
func Format(c *Cassette) ([]byte, error) {
	w := &writer{}
	w.line(first)
	w.field("connector", c.Connector+" "+c.Version)
	w.field("recorded", c.Recorded.UTC().Format(time.RFC3339))
	w.field("on", c.On)
	w.field("covers", strings.Join(c.Covers, " "))
	w.field("administration", c.Administration)
	w.field("ignore", strings.Join(c.Ignore, " "))
	for _, k := range slices.Sorted(maps.Keys(c.Config)) {
		w.field("config."+k, c.Config[k])
	}
	for i := range c.Exchanges {
		e := &c.Exchanges[i]
		w.line("")
		w.line("=== " + e.Phase)
		if strings.ContainsAny(e.Method+e.URL, " \t") {
			w.fail("%s %q has a space in it", e.Method, e.URL)
		}
		w.line(e.Method + " " + e.URL)
		w.headers(keep(e.Header, asks))
		w.body(e.Body, 0)
		w.line(fmt.Sprintf("--- %d", e.Status))
		w.headers(keep(e.AnswerHeader, answers))
		w.body(e.Answer, e.Shortened)
	}
	return w.b.Bytes(), w.err
}

type writer struct {
	b   bytes.Buffer
	err error
}

func (w *writer) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf("write cassette: "+format, args...)
	}
}

func (w *writer) line(s string) {
	if strings.ContainsAny(s, "\r\n") {
		w.fail("%q has a line break in it", s)
	}
	w.b.WriteString(s)
	w.b.WriteByte('\n')
}

// field writes a value unless it is empty.
func (w *writer) field(name, value string) {
	if strings.TrimSpace(value) != value && strings.TrimSpace(value) != "" {
		value = strings.TrimSpace(value)
	}
	if value = strings.Map(printable, value); value != "" {
		w.line(name + ": " + value)
	}
}

func (w *writer) headers(h http.Header) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, v := range h[name] {
			w.field(strings.ToLower(name), v)
		}
	}
}

func (w *writer) body(body []byte, shortened int) {
	if len(body) == 0 {
		return
	}
	mark, list := lines(body)
	if shortened > 0 {
		mark += fmt.Sprintf(", shortened from %d bytes", shortened)
	}
	w.line("[" + mark + "]")
	for _, l := range list {
		if l == "" {
			w.line("|")
		} else {
			w.line("| " + l)
		}
	}
}
