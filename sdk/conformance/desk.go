package conformance

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/voldaan/voldaan/sdk/manifest"
)

// asked is a request that the connector made, and how it was answered.
type asked struct {
	method, url string
	body        []byte
	answer      answer
	booked      bool // it changed what is open in the books
}

func (a *asked) key() string { return a.method + " " + a.url + " " + string(a.body) }

// place is where the request goes, without its query.
func (a *asked) place() string {
	address, _, _ := strings.Cut(a.url, "?")
	return a.method + " " + address
}

// answer is what goes back.
type answer struct {
	status int
	header http.Header
	body   []byte
	// cut breaks the connection after the body.
	cut bool
}

// desk stands between a connector and its package: it counts, and spoils the
// answers that it is told to.
type desk struct {
	play   *Play
	answer http.Handler
	tokens map[string]bool // host and path of endpoints that hand out tokens

	mu    sync.Mutex // protects what follows
	log   []asked
	from  int       // where the pull under way begins in the log
	fault *Mutation // nil when nothing is to be spoilt
	at    int       // the request, counted from the beginning of the pull, to spoil
	hit   string    // key of the request that was spoilt
	fired int
	open  func() string // what is open in the books, while somebody wants to know
	seen  string        // what open said last
}

func newDesk(p *Play, m *manifest.Manifest) *desk {
	d := &desk{play: p, answer: p.Answer, tokens: map[string]bool{}}
	if p.Fresh != nil {
		d.answer = p.Fresh()
	}
	for _, a := range m.Auth {
		for _, address := range []string{a.TokenURL, a.RevokeURL} {
			if u, err := url.Parse(address); err == nil && u.Host != "" {
				d.tokens[u.Host+u.Path] = true
			}
		}
	}
	return d
}

// arm has the desk spoil the at-th request from now on; nil disarms it.
func (d *desk) arm(m *Mutation, at int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault, d.at, d.hit, d.fired, d.from = m, at, "", 0, len(d.log)
}

// watch has the desk note which requests change what is open in the books, as open
// tells it; nil ends that.
func (d *desk) watch(open func() string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open = open; open != nil {
		d.seen = open()
	}
}

// begin starts to count and returns a function that returns what was asked since.
func (d *desk) begin() func() []asked {
	d.mu.Lock()
	defer d.mu.Unlock()
	from := len(d.log)
	d.from = from
	return func() []asked {
		d.mu.Lock()
		defer d.mu.Unlock()
		return append([]asked{}, d.log[from:]...)
	}
}

func (d *desk) shots() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.fired
}

type signingIn struct{}

// SigningIn marks a request that a host makes by itself to get access. It is
// neither counted nor spoilt: it is no doing of the connector's.
func SigningIn(ctx context.Context) context.Context {
	return context.WithValue(ctx, signingIn{}, true)
}

// ServeHTTP implements http.Handler.
func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if r.Context().Value(signingIn{}) != nil || d.tokens[r.URL.Host+r.URL.Path] {
		d.inner(r, body).write(w)
		return
	}
	q := asked{method: r.Method, url: r.URL.String(), body: body}
	d.mu.Lock()
	n := len(d.log)
	d.log = append(d.log, q)
	m := d.fault
	switch {
	case m == nil, m.every && n-d.from >= d.at:
	case d.hit == "" && n-d.from == d.at:
		d.hit = q.key()
	case d.hit == q.key() && (m.Times < 0 || d.fired < m.Times):
	default:
		m = nil
	}
	var before answer // of the request just before, for a page that comes twice
	if m != nil {
		d.fired++
		if n > d.from && d.log[n-1].place() == q.place() {
			before = d.log[n-1].answer
		}
	}
	d.mu.Unlock()

	var a answer
	if m == nil {
		a = d.inner(r, body)
	} else {
		a = m.play(&scene{d: d, r: r, body: body, before: before})
	}
	d.mu.Lock()
	d.log[n].answer = a
	if d.open != nil {
		now := d.open()
		d.log[n].booked, d.seen = now != d.seen, now
	}
	d.mu.Unlock()
	a.write(w)
}

// inner has the package answer.
func (d *desk) inner(r *http.Request, body []byte) answer {
	d.play.gate.RLock()
	defer d.play.gate.RUnlock()
	return d.ask(r, body)
}

func (d *desk) ask(r *http.Request, body []byte) answer {
	in := r.Clone(r.Context())
	in.Body, in.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	w := httptest.NewRecorder()
	d.answer.ServeHTTP(w, in)
	return answer{status: w.Code, header: w.Result().Header, body: w.Body.Bytes()}
}

func (a answer) write(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	w.Header().Del("Content-Length")
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
	if a.cut {
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// scene is a request of which the answer is to be spoilt.
type scene struct {
	d      *desk
	r      *http.Request
	body   []byte
	before answer
}

// answer returns what the package says; the request takes effect.
func (s *scene) answer() answer { return s.d.inner(s.r, s.body) }

func (s *scene) sleep(d time.Duration) {
	select {
	case <-time.After(d):
	case <-s.r.Context().Done():
	}
}
