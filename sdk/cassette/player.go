package cassette

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Player answers requests as a cassette does. It is an http.Handler.
//
// A request is known by its method, its address, its query in any order, and its
// body without the fields that the cassette ignores. A date in it may be another
// one by as much time as has passed since the recording. Where the same request
// was recorded more than once, the answers come in turn, those of the phase that
// is under way first; the last one stays.
type Player struct {
	c   *Cassette
	now func() time.Time

	mu      sync.Mutex // protects what follows
	phase   string
	played  map[int]bool
	unknown []string
	entries []entry
}

// entry is an exchange, ready to be compared with.
type entry struct {
	place string // method, host and path
	shape string // query and body, with dates taken out
	dates []string
}

// NewPlayer returns a player; now is the real time when nil.
func NewPlayer(c *Cassette, now func() time.Time) *Player {
	if now == nil {
		now = time.Now
	}
	p := &Player{c: c, now: now, played: map[int]bool{}}
	for i := range c.Exchanges {
		e := &c.Exchanges[i]
		u, err := url.Parse(e.URL)
		if err != nil {
			u = &url.URL{Path: e.URL}
		}
		p.entries = append(p.entries, p.entry(e.Method, u, e.Header, e.Body))
	}
	return p
}

// Phase says what comes next; it starts from the first answers of that phase.
func (p *Player) Phase(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.phase = name
	for i, e := range p.c.Exchanges {
		if e.Phase == name {
			delete(p.played, i)
		}
	}
}

// Unanswered returns the requests that were not in the cassette, with those that
// come nearest.
func (p *Player) Unanswered() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.unknown)
}

// Hosts returns the names of the hosts in the cassette.
func (p *Player) Hosts() []string {
	seen := map[string]bool{}
	for _, e := range p.c.Exchanges {
		if u, err := url.Parse(e.URL); err == nil && u.Hostname() != "" {
			seen[u.Hostname()] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// ServeHTTP implements http.Handler.
func (p *Player) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body bytes.Buffer
	if r.Body != nil {
		if _, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, 64<<20)); err != nil {
			return
		}
	}
	u := *r.URL
	u.Host = cmp.Or(u.Host, r.Host)
	e, ok := p.find(r.Method, &u, r.Header, body.Bytes())
	if !ok {
		http.Error(w, "the cassette has no answer to this request", http.StatusNotImplemented)
		return
	}
	for name, values := range e.AnswerHeader {
		w.Header()[name] = slices.Clone(values)
	}
	w.WriteHeader(e.Status)
	_, _ = w.Write(e.Answer)
}

func (p *Player) find(method string, u *url.URL, h http.Header, body []byte) (*Exchange, bool) {
	asked := p.entry(method, u, h, body)
	p.mu.Lock()
	defer p.mu.Unlock()
	shift := p.now().Sub(p.c.Recorded)
	best, rank := -1, 0
	for i := range p.entries {
		if !p.entries[i].matches(&asked, shift) {
			continue
		}
		// Of this phase and not played yet, then of this phase, then not played yet.
		n := 1
		if p.c.Exchanges[i].Phase == p.phase {
			n += 4
		}
		if !p.played[i] {
			n += 2
		}
		// Among those that were played, the last stays.
		if n > rank || n == rank && p.played[i] {
			best, rank = i, n
		}
	}
	if best < 0 {
		p.unknown = append(p.unknown, p.nearest(method, u, &asked))
		return nil, false
	}
	p.played[best] = true
	return &p.c.Exchanges[best], true
}

// nearest says what was asked and which recorded requests are most like it.
func (p *Player) nearest(method string, u *url.URL, asked *entry) string {
	type near struct {
		text  string
		score int
	}
	var list []near
	for i, e := range p.entries {
		score := common(e.place, asked.place)*4 + common(e.shape, asked.shape)
		x := &p.c.Exchanges[i]
		text := x.Method + " " + x.URL
		if e.place == asked.place && len(x.Body) > 0 {
			text += " with the body " + short(string(x.Body))
		}
		list = append(list, near{text, score})
	}
	slices.SortStableFunc(list, func(a, b near) int { return b.score - a.score })
	out := method + " " + u.String()
	if _, b, ok := strings.Cut(asked.shape, "\n"); ok && b != "" {
		out += " with the body " + short(b)
	}
	seen := map[string]bool{}
	for _, n := range list {
		if len(seen) < 3 && !seen[n.text] {
			seen[n.text] = true
			out += "\n  recorded: " + n.text
		}
	}
	return out
}

func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 120 {
		return string(r[:120]) + "…"
	}
	return s
}

// common is how many bytes two texts begin and end with alike.
func common(a, b string) (n int) {
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	end := 0
	for end < len(a)-n && end < len(b)-n && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	return n + end
}

var dates = regexp.MustCompile(`\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?`)

func (p *Player) entry(method string, u *url.URL, h http.Header, body []byte) entry {
	e := entry{place: method + " " + strings.ToLower(u.Hostname()) + u.EscapedPath()}
	q := u.Query()
	for _, name := range p.c.Ignore {
		q.Del(name)
	}
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(q)) {
		values := slices.Clone(q[k])
		slices.Sort(values)
		for _, v := range values {
			parts = append(parts, k+"="+v)
		}
	}
	whole := strings.Join(parts, "&") + "\n" + p.canonical(body, h)
	e.shape = dates.ReplaceAllStringFunc(whole, func(d string) string {
		e.dates = append(e.dates, d)
		return "<date>"
	})
	return e
}

// canonical writes a body so that bodies that mean the same are the same.
func (p *Player) canonical(body []byte, h http.Header) string {
	t := bytes.TrimSpace(body)
	switch {
	case len(t) == 0:
		return ""
	case t[0] == '{' || t[0] == '[':
		var v any
		dec := json.NewDecoder(bytes.NewReader(t))
		dec.UseNumber()
		if dec.Decode(&v) == nil {
			if b, err := json.Marshal(p.without(v)); err == nil {
				return string(b)
			}
		}
	case t[0] == '<':
		return between.ReplaceAllString(string(t), "><")
	case strings.Contains(h.Get("Content-Type"), "form-urlencoded"):
		if q, err := url.ParseQuery(string(t)); err == nil {
			for _, name := range p.c.Ignore {
				q.Del(name)
			}
			return q.Encode()
		}
	}
	return string(t)
}

var between = regexp.MustCompile(`>\s+<`)

// without takes the ignored fields out.
func (p *Player) without(v any) any {
	switch x := v.(type) {
	case map[string]any:
		for _, name := range p.c.Ignore {
			delete(x, name)
		}
		for k, inner := range x {
			x[k] = p.without(inner)
		}
	case []any:
		for i, inner := range x {
			x[i] = p.without(inner)
		}
	}
	return v
}

// slack is how far a date may be off from where the passing of time puts it.
const slack = 36 * time.Hour

func (e *entry) matches(asked *entry, shift time.Duration) bool {
	if e.place != asked.place || e.shape != asked.shape || len(e.dates) != len(asked.dates) {
		return false
	}
	for i, d := range e.dates {
		if d == asked.dates[i] {
			continue
		}
		then, ok1 := moment(d)
		now, ok2 := moment(asked.dates[i])
		if !ok1 || !ok2 || (now.Sub(then)-shift).Abs() > slack {
			return false
		}
	}
	return true
}

func moment(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// String names what is on the cassette.
func (c *Cassette) String() string {
	return fmt.Sprintf("%s %s, recorded from %s on %s", c.Connector, c.Version, c.On, c.Recorded.Format("2 January 2006"))
}
