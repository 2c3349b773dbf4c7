package conform

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/sdk/conformance"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// stages leads the requests of each connection to what plays its package.
type stages struct {
	tokens map[string]bool // host and path of token endpoints

	mu      sync.Mutex // protects what follows
	by      map[uuid.UUID]http.Handler
	refresh map[string]uuid.UUID // connection by refresh token
}

func newStages(m *manifest.Manifest) *stages {
	s := &stages{tokens: map[string]bool{}, by: map[uuid.UUID]http.Handler{}, refresh: map[string]uuid.UUID{}}
	for _, a := range m.Auth {
		for _, address := range []string{a.TokenURL, a.RevokeURL} {
			if u, err := url.Parse(address); err == nil && u.Host != "" {
				s.tokens[u.Host+u.Path] = true
			}
		}
	}
	return s
}

func (s *stages) open(id uuid.UUID, refresh string, h http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.by[id] = h
	if refresh != "" {
		s.refresh[refresh] = id
	}
}

func (s *stages) close(id uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.by, id)
}

func (s *stages) get(id uuid.UUID) http.Handler {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.by[id]
}

// ServeHTTP implements http.Handler.
func (s *stages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.tokens[r.URL.Host+r.URL.Path] {
		s.token(w, r)
		return
	}
	c, ok := broker.ConnectionOf(r.Context())
	if !ok { // signing in
		ref, _ := token.RefOf(r.Context())
		c.ID = ref.Connection
		r = r.WithContext(conformance.SigningIn(r.Context()))
	}
	h := s.get(c.ID)
	if h == nil {
		http.Error(w, "no package is played for this connection any more", http.StatusBadGateway)
		return
	}
	h.ServeHTTP(w, r)
}

// token answers a refresh. The token service asks for a connection without saying
// which; the refresh token tells.
func (s *stages) token(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	form, _ := url.ParseQuery(string(body))
	s.mu.Lock()
	id := s.refresh[form.Get("refresh_token")]
	h := s.by[id]
	s.mu.Unlock()
	if h == nil && form.Get("refresh_token") == "" {
		// Client credentials: the context tells whom they are for.
		if c, ok := broker.ConnectionOf(r.Context()); ok {
			id = c.ID
		} else if ref, ok := token.RefOf(r.Context()); ok {
			id = ref.Connection
		}
		h = s.get(id)
	}
	if h == nil {
		http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	var made struct {
		Refresh string `json:"refresh_token"`
	}
	if json.Unmarshal(rec.Body.Bytes(), &made) == nil && made.Refresh != "" {
		s.mu.Lock()
		s.refresh[made.Refresh] = id
		s.mu.Unlock()
	}
	for k, v := range rec.Header() {
		w.Header()[k] = v
	}
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes())
}
