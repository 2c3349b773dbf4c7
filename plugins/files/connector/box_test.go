package files_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/invoicefile/filebox"
	"github.com/voldaan/voldaan/sdk/sdktest"
)

// box answers the protocol of package filebox from memory, as the host does.
type box struct {
	mu       sync.Mutex
	files    []filebox.File
	contents map[string][]byte
	owner    map[string][2]string // key: file and digest
	latest   map[string]string
	outcomes map[string]filebox.Outcome
	failPut  bool // the next outcome is lost
	srv      *httptest.Server
}

func newBox(t *testing.T) *box {
	t.Helper()
	b := &box{contents: map[string][]byte{}, owner: map[string][2]string{}, latest: map[string]string{}, outcomes: map[string]filebox.Outcome{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/files", func(w http.ResponseWriter, r *http.Request) {
		out := []filebox.File{}
		for _, f := range b.files {
			if f.ID > r.URL.Query().Get("after") && !(r.URL.Query().Get("open") == "true" && f.State.Settled()) {
				out = append(out, f)
			}
		}
		reply(w, map[string]any{"files": out})
	})
	mux.HandleFunc("GET /v1/files/{id}/content", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(b.contents[r.PathValue("id")])
	})
	mux.HandleFunc("POST /v1/files/{id}/claims", b.claims)
	mux.HandleFunc("PUT /v1/files/{id}/outcome", func(w http.ResponseWriter, r *http.Request) {
		if b.failPut {
			b.failPut = false
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		var o filebox.Outcome
		if err := json.NewDecoder(r.Body).Decode(&o); err != nil {
			t.Error(err)
		}
		f := b.file(r.PathValue("id"))
		f.State, f.Kind = o.State, o.Kind
		b.outcomes[f.ID] = o
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /v1/invoices", func(w http.ResponseWriter, r *http.Request) {
		key := r.URL.Query().Get("key")
		if b.latest[key] == "" {
			http.NotFound(w, r)
			return
		}
		h := filebox.Holders{Latest: *b.file(b.latest[key])}
		if o := b.owner[key][0]; o != "" {
			h.Owner = *b.file(o)
		}
		reply(w, h)
	})
	mux.HandleFunc("GET /v1/lists/latest", func(w http.ResponseWriter, r *http.Request) {
		for _, f := range slices.Backward(b.files) {
			if f.ID < r.URL.Query().Get("before") && f.Kind == filebox.List && (f.State == filebox.Taken || f.State == filebox.Partly) {
				reply(w, f)
				return
			}
		}
		http.NotFound(w, r)
	})
	b.srv = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		defer b.mu.Unlock()
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(b.srv.Close)
	return b
}

func (b *box) claims(w http.ResponseWriter, r *http.Request) {
	var in struct{ Claims []filebox.Claim }
	_ = json.NewDecoder(r.Body).Decode(&in)
	out, id := filebox.Claimed{}, r.PathValue("id")
	for _, c := range in.Claims {
		o := b.owner[c.Key]
		switch {
		case c.Shared && o[0] != "":
			out.Owned = append(out.Owned, c.Key)
		case c.Shared:
		case o[0] != "" && o[0] != id && o[1] != c.Digest:
			out.Conflicts = append(out.Conflicts, filebox.Conflict{Key: c.Key, File: *b.file(o[0])})
			continue
		case o[0] == "":
			b.owner[c.Key] = [2]string{id, c.Digest}
		}
		b.latest[c.Key] = id
	}
	reply(w, out)
}

func reply(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) }

func (b *box) file(id string) *filebox.File {
	for i := range b.files {
		if b.files[i].ID == id {
			return &b.files[i]
		}
	}
	return &filebox.File{}
}

func (b *box) put(name, content string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	id, sum := fmt.Sprintf("%03d", len(b.files)+1), sha256.Sum256([]byte(content))
	b.files = append(b.files, filebox.File{ID: id, Name: name, Digest: hex.EncodeToString(sum[:]), State: filebox.Waiting,
		Received: time.Date(2026, 11, len(b.files)+1, 0, 0, 0, 0, time.UTC)})
	b.contents[id] = []byte(content)
	return id
}

func (b *box) outcome(id string) filebox.Outcome {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.outcomes[id]
}

func (b *box) session(t *testing.T, config map[string]string) *sdk.Session {
	return sdktest.NewSession(t, sdktest.Options{Hosts: map[string]string{filebox.Host: b.srv.URL}, Config: config})
}
