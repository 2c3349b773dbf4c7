package cassette

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Load reads a cassette from a file.
func Load(file string) (*Cassette, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read cassette: %w", err)
	}
	c, err := Parse(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return c, nil
}

// Parse reads a cassette strictly; an error names the line.
func Parse(data []byte) (*Cassette, error) {
	text, ended := strings.CutSuffix(string(data), "\n")
	r := &reader{lines: strings.Split(text, "\n")}
	if !ended || r.next() != first {
		return nil, fmt.Errorf("line 1: not a cassette; expected %q", first)
	}
	c := &Cassette{}
	if err := r.meta(c); err != nil {
		return nil, fmt.Errorf("line %d: %w", r.at, err)
	}
	for r.more() {
		e, err := r.exchange()
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", r.at, err)
		}
		c.Exchanges = append(c.Exchanges, e)
	}
	return c, nil
}

type reader struct {
	lines []string
	at    int // lines read
}

func (r *reader) more() bool { return r.at < len(r.lines) }

func (r *reader) peek() string {
	if !r.more() {
		return ""
	}
	return r.lines[r.at]
}

func (r *reader) next() string {
	s := r.peek()
	r.at++
	return s
}

func (r *reader) meta(c *Cassette) error {
	for r.more() && r.peek() != "" {
		name, value, ok := strings.Cut(r.next(), ": ")
		if !ok || !valid(value) {
			return fmt.Errorf("expected a name, a colon and a value")
		}
		switch key, config := strings.CutPrefix(name, "config."); {
		case config:
			if c.Config == nil {
				c.Config = map[string]string{}
			}
			c.Config[key] = value
		case name == "connector":
			c.Connector, c.Version, ok = strings.Cut(value, " ")
			if !ok || c.Connector == "" || c.Version == "" || strings.Contains(c.Version, " ") {
				return fmt.Errorf("expected a name and a version")
			}
		case name == "recorded":
			at, err := time.Parse(time.RFC3339, value)
			if err != nil {
				return fmt.Errorf("expected a moment such as 2026-03-02T09:30:00Z")
			}
			c.Recorded = at.UTC()
		case name == "on":
			c.On = value
		case name == "administration":
			c.Administration = value
		case name == "ignore":
			c.Ignore = strings.Fields(value)
		case name == "covers":
			c.Covers = strings.Fields(value)
			for _, p := range c.Covers {
				if !slices.Contains(Phases, p) {
					return fmt.Errorf("%q is no phase; expected %s", p, strings.Join(Phases, ", "))
				}
			}
		default:
			return fmt.Errorf("%q is not known", name)
		}
	}
	if c.Connector == "" || c.Recorded.IsZero() {
		return fmt.Errorf("expected connector and recorded before the first empty line")
	}
	return nil
}

func (r *reader) exchange() (e Exchange, err error) {
	if r.next() != "" {
		return e, fmt.Errorf("expected an empty line before an exchange")
	}
	var ok bool
	if e.Phase, ok = strings.CutPrefix(r.next(), "=== "); !ok || !slices.Contains(Phases, e.Phase) {
		return e, fmt.Errorf("expected === and a phase: %s", strings.Join(Phases, ", "))
	}
	if e.Method, e.URL, ok = strings.Cut(r.next(), " "); !ok || e.Method == "" || e.URL == "" || strings.Contains(e.URL, " ") {
		return e, fmt.Errorf("expected a method and a URL")
	}
	if e.Header, e.Body, _, err = r.part(asks); err != nil {
		return e, err
	}
	status, ok := strings.CutPrefix(r.next(), "--- ")
	if e.Status, err = strconv.Atoi(status); !ok || err != nil || e.Status < 100 || e.Status > 599 {
		return e, fmt.Errorf("expected --- and a status")
	}
	e.AnswerHeader, e.Answer, e.Shortened, err = r.part(answers)
	return e, err
}

// valid reports whether a value is as it is written: with nothing around it that
// would be lost.
func valid(v string) bool {
	return v != "" && strings.TrimSpace(v) == v && strings.Map(printable, v) == v
}

// part reads headers and a body.
func (r *reader) part(allowed []string) (h http.Header, body []byte, shortened int, err error) {
	h = http.Header{}
	for r.more() && r.peek() != "" && !strings.HasPrefix(r.peek(), "[") && !strings.HasPrefix(r.peek(), "--- ") {
		name, value, ok := strings.Cut(r.next(), ": ")
		if name = http.CanonicalHeaderKey(name); !ok || !valid(value) || !slices.Contains(allowed, name) {
			return nil, nil, 0, fmt.Errorf("expected one of the headers that a cassette keeps, a body or ---")
		}
		h.Add(name, value)
	}
	if !strings.HasPrefix(r.peek(), "[") {
		return h, nil, 0, nil
	}
	mark, ok := strings.CutSuffix(strings.TrimPrefix(r.next(), "["), "]")
	if !ok {
		return nil, nil, 0, fmt.Errorf("expected a mark such as [json]")
	}
	if kind, note, cut := strings.Cut(mark, ", shortened from "); cut {
		mark = kind
		if shortened, err = strconv.Atoi(strings.TrimSuffix(note, " bytes")); err != nil || shortened <= 0 {
			return nil, nil, 0, fmt.Errorf("expected a number of bytes")
		}
	}
	var list []string
	for strings.HasPrefix(r.peek(), "|") {
		l := r.next()
		if l != "|" && !strings.HasPrefix(l, "| ") {
			return nil, nil, 0, fmt.Errorf("expected a space after |")
		}
		list = append(list, strings.TrimPrefix(strings.TrimPrefix(l, "|"), " "))
	}
	if len(list) == 0 {
		return nil, nil, 0, fmt.Errorf("expected the lines of a body, each after |")
	}
	body, err = unlines(mark, list)
	return h, body, shortened, err
}
