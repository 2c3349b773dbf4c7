// Package emulator plays a bailiff that serves the interface of package bailiff:
// it keeps cases and notes, checks archives, and says what a bailiff would.
package emulator

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/voldaan/voldaan/core/bailiff"
)

// Bailiff is the emulator. Its zero value accepts every key.
type Bailiff struct {
	Token string
	Now   func() time.Time

	mu      sync.Mutex
	down    int
	cases   map[string]bailiff.Parcel
	refs    map[string]string
	told    map[string]bailiff.Note
	order   []string
	replies []bailiff.Note
	taken   map[string]time.Time
	works   bool
	path    string
}

// Fail lets the next calls fail, as a server in trouble does.
func (b *Bailiff) Fail(n int) { b.mu.Lock(); defer b.mu.Unlock(); b.down = n }

// Cases are the numbers of the cases that were taken.
func (b *Bailiff) Cases() (out []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.cases {
		out = append(out, p.Case)
	}
	return out
}

// Told are the notes that came in, in their order.
func (b *Bailiff) Told() (out []bailiff.Note) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range b.order {
		out = append(out, b.told[id])
	}
	return out
}

// Say adds a note of the bailiff.
func (b *Bailiff) Say(n bailiff.Note) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.say(n)
}

func (b *Bailiff) say(n bailiff.Note) {
	if n.ID == "" {
		n.ID = fmt.Sprintf("b%06d", len(b.replies)+1)
	}
	if n.At.IsZero() {
		n.At = b.now()
	}
	b.replies = append(b.replies, n)
}

func (b *Bailiff) now() time.Time {
	if b.Now != nil {
		return b.Now()
	}
	return time.Now().UTC()
}

// ServeHTTP implements http.Handler.
func (b *Bailiff) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.cases == nil {
		b.begin()
	}
	if r.URL.Path == "/_control/messages" && r.Method == http.MethodGet { // for whoever watches: what it was told
		told := []bailiff.Note{}
		for _, id := range b.order {
			told = append(told, b.told[id])
		}
		answer(w, told)
		return
	}
	switch {
	case b.Token != "" && r.Header.Get("Authorization") != "Bearer "+b.Token:
		problem(w, http.StatusUnauthorized, "The key is not known.")
		return
	case b.down > 0:
		b.down--
		problem(w, http.StatusServiceUnavailable, "Out of service for a moment.")
		return
	}
	b.work()
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /v1/cases/{id}", b.take)
	mux.HandleFunc("PUT /v1/notes/{id}", b.hear)
	mux.HandleFunc("GET /v1/notes", b.answer)
	rec := &held{ResponseWriter: w}
	mux.ServeHTTP(rec, r)
	if err := b.keep(); err != nil {
		problem(w, http.StatusServiceUnavailable, "The files cannot be kept.")
		return
	}
	rec.release()
}

// held keeps an answer until what it says is kept.
type held struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader implements http.ResponseWriter.
func (h *held) WriteHeader(status int) { h.status = status }

// Write implements http.ResponseWriter.
func (h *held) Write(p []byte) (int, error) { return h.body.Write(p) }

func (h *held) release() {
	if h.status != 0 {
		h.ResponseWriter.WriteHeader(h.status)
	}
	_, _ = h.ResponseWriter.Write(h.body.Bytes()) // who went away needs no answer
}

func (b *Bailiff) take(w http.ResponseWriter, r *http.Request) {
	var p bailiff.Parcel
	if err := json.NewDecoder(r.Body).Decode(&p); err != nil || p.ID.String() != r.PathValue("id") {
		problem(w, http.StatusUnprocessableEntity, "The case could not be read, or its id differs from the address.")
		return
	}
	sum := sha256.Sum256(p.Archive)
	if hex.EncodeToString(sum[:]) != p.SHA256 {
		problem(w, http.StatusUnprocessableEntity, "The archive is not what its SHA-256 says.")
		return
	}
	if z, err := zip.NewReader(bytes.NewReader(p.Archive), int64(len(p.Archive))); err != nil || len(z.File) == 0 || z.File[0].Name != "manifest.json" {
		problem(w, http.StatusUnprocessableEntity, "The archive has no manifest.json.")
		return
	}
	id := p.ID.String()
	if _, known := b.cases[id]; !known {
		b.taken[id] = b.now()
		b.refs[id] = fmt.Sprintf("GDW-%05d", len(b.cases)+1)
		b.say(bailiff.Note{Case: p.Case, Kind: "status", Text: "We took the case under " + b.refs[id] + "."})
	}
	b.cases[id] = p
	answer(w, map[string]string{"reference": b.refs[id]})
}

func (b *Bailiff) hear(w http.ResponseWriter, r *http.Request) {
	var n bailiff.Note
	if err := json.NewDecoder(r.Body).Decode(&n); err != nil || n.ID != r.PathValue("id") {
		problem(w, http.StatusUnprocessableEntity, "The note could not be read.")
		return
	}
	if _, ok := bailiff.Kinds[n.Kind]; !ok {
		problem(w, http.StatusUnprocessableEntity, "This kind of note is not known.")
		return
	}
	if _, known := b.told[n.ID]; !known {
		b.order = append(b.order, n.ID)
		switch {
		case n.Kind == "recall":
			b.say(bailiff.Note{Case: n.Case, Kind: "closed", Text: "We closed the case as you asked."})
		case n.Kind == "question" && b.works:
			b.say(bailiff.Note{Case: n.Case, Kind: "answer", Text: "The writ is with the debtor, who answered the door and wants to pay."})
		}
	}
	b.told[n.ID] = n
	answer(w, map[string]string{})
}

func (b *Bailiff) answer(w http.ResponseWriter, r *http.Request) {
	after, _ := strconv.Atoi(r.URL.Query().Get("after")) // none is the beginning
	after = min(max(after, 0), len(b.replies))
	answer(w, map[string]any{"notes": b.replies[after:], "next": strconv.Itoa(len(b.replies))})
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // who went away needs no answer
}

func problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"status": status, "detail": detail}) // who went away needs no answer
}
