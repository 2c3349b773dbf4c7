package tryton_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// proxy stands between the host and Tryton, counts, and does what goes wrong on
// the way.
type proxy struct {
	to    http.Handler
	mu    sync.Mutex // protects what follows
	asked int
	traps []*trap
}

// trap goes off once, at a request with a word in it.
type trap struct {
	word   string
	skip   int    // so many requests first
	before func() // it gets there
	lose   bool   // the answer does not come back
	refuse int    // a status instead of an answer of Tryton's
}

func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	return &proxy{to: httputil.NewSingleHostReverseProxy(u)}
}

func (p *proxy) set(traps ...*trap) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.traps = traps
}

// count returns how many requests came since the last time.
func (p *proxy) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.asked
	p.asked = 0
	return n
}

func (p *proxy) caught(body string) *trap {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	for i, t := range p.traps {
		if strings.Contains(body, t.word) {
			if t.skip--; t.skip < 0 {
				p.traps = append(p.traps[:i:i], p.traps[i+1:]...)
				return t
			}
		}
	}
	return nil
}

// unsprung are the words of traps that nothing went into.
func (p *proxy) unsprung() (words []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range p.traps {
		words = append(words, t.word)
	}
	return words
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	t := p.caught(string(body))
	switch {
	case t == nil:
		p.to.ServeHTTP(w, r)
	case t.refuse != 0:
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(t.refuse)
	default:
		if t.before != nil {
			t.before()
		}
		if t.lose {
			p.to.ServeHTTP(&nowhere{header: http.Header{}}, r)
			panic(http.ErrAbortHandler)
		}
		p.to.ServeHTTP(w, r)
	}
}

// nowhere takes an answer that nobody gets.
type nowhere struct{ header http.Header }

func (n *nowhere) Header() http.Header         { return n.header }
func (n *nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (n *nowhere) WriteHeader(int)             {}
