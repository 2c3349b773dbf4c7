package inbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"

	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/sdk/invoicefile/filebox"
)

// Memory keeps files in memory.
type Memory struct {
	clock clock.Clock

	mu       sync.Mutex // protects what follows
	index    index
	contents map[string][]byte
}

var _ Files = (*Memory)(nil)

// index is what is known of the files, apart from their contents.
type index struct {
	Files    []filebox.File             `json:"files"`
	Outcomes map[string]filebox.Outcome `json:"outcomes"`
	Claims   map[string]holding         `json:"claims"`
}

// holding is who delivered an invoice.
type holding struct {
	Owner  string `json:"owner,omitempty"`
	Digest string `json:"digest,omitempty"` // of the owner's claim
	Latest string `json:"latest"`
}

// NewMemory returns an empty store.
func NewMemory(c clock.Clock) *Memory {
	return &Memory{clock: c, index: newIndex(), contents: map[string][]byte{}}
}

func newIndex() index {
	return index{Outcomes: map[string]filebox.Outcome{}, Claims: map[string]holding{}}
}

// Put implements Files.
func (m *Memory) Put(_ context.Context, name string, content io.Reader) (filebox.File, bool, error) {
	b, err := Read(content)
	if err != nil {
		return filebox.File{}, false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	f, fresh := m.index.add(name, b, m.clock)
	if fresh {
		m.contents[f.ID] = b
	}
	return f, fresh, nil
}

func (x *index) add(name string, content []byte, c clock.Clock) (filebox.File, bool) {
	sum := sha256.Sum256(content)
	digest := hex.EncodeToString(sum[:])
	for _, f := range x.Files {
		if f.Digest == digest {
			return f, false
		}
	}
	f := filebox.File{
		ID: x.next(), Name: SafeName(name), Size: int64(len(content)),
		Digest: digest, Received: c.Now().UTC(), State: filebox.Waiting,
	}
	x.Files = append(x.Files, f)
	return f, true
}

func (x *index) next() string {
	last := 0
	if n := len(x.Files); n > 0 {
		last, _ = strconv.Atoi(x.Files[n-1].ID) // our own
	}
	return fmt.Sprintf("%012d", last+1)
}

// Again implements Files.
func (m *Memory) Again(_ context.Context, id string) (filebox.File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f, err := m.index.again(id, m.clock)
	if err == nil && f.ID != id {
		m.contents[f.ID] = m.contents[id]
		delete(m.contents, id)
	}
	return f, err
}

func (x *index) again(id string, c clock.Clock) (filebox.File, error) {
	f, err := x.get(id)
	if err != nil || !f.State.Settled() {
		return f, err
	}
	f.ID, f.State, f.Kind, f.Received = x.next(), filebox.Waiting, "", c.Now().UTC()
	x.Files = append(slices.DeleteFunc(x.Files, func(o filebox.File) bool { return o.ID == id }), f)
	delete(x.Outcomes, id)
	for key, h := range x.Claims {
		if h.Owner == id {
			h.Owner = f.ID
		}
		if h.Latest == id {
			h.Latest = f.ID
		}
		x.Claims[key] = h
	}
	return f, nil
}

// List implements Files.
func (m *Memory) List(_ context.Context, after string, limit int, open bool) ([]filebox.File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.index.list(after, limit, open), nil
}

func (x *index) list(after string, limit int, open bool) []filebox.File {
	out := []filebox.File{}
	for _, f := range x.Files {
		if len(out) < limit && f.ID > after && !(open && f.State.Settled()) {
			out = append(out, f)
		}
	}
	return out
}

// Get implements Files.
func (m *Memory) Get(_ context.Context, id string) (filebox.File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.index.get(id)
}

func (x *index) at(id string) int {
	return slices.IndexFunc(x.Files, func(f filebox.File) bool { return f.ID == id })
}

func (x *index) get(id string) (filebox.File, error) {
	if i := x.at(id); i >= 0 {
		return x.Files[i], nil
	}
	return filebox.File{}, ErrNotFound
}

// Open implements Files.
func (m *Memory) Open(_ context.Context, id string) (io.ReadCloser, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, ok := m.contents[id]
	if !ok {
		return nil, ErrNotFound
	}
	return io.NopCloser(bytes.NewReader(b)), nil
}

// Claim implements Files.
func (m *Memory) Claim(_ context.Context, id string, claims []filebox.Claim) (filebox.Claimed, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.index.claim(id, claims)
}

func (x *index) claim(id string, claims []filebox.Claim) (filebox.Claimed, error) {
	if _, err := x.get(id); err != nil {
		return filebox.Claimed{}, err
	}
	out := filebox.Claimed{Conflicts: []filebox.Conflict{}, Owned: []string{}}
	for _, c := range claims {
		h := x.Claims[c.Key]
		if !c.Shared {
			if h.Owner != "" && h.Owner != id && h.Digest != c.Digest {
				owner, err := x.get(h.Owner)
				if err != nil {
					return filebox.Claimed{}, err
				}
				out.Conflicts = append(out.Conflicts, filebox.Conflict{Key: c.Key, File: owner})
				continue
			}
			if h.Owner == "" || h.Owner == id {
				h.Owner, h.Digest = id, c.Digest
			}
		} else if h.Owner != "" {
			out.Owned = append(out.Owned, c.Key)
		}
		h.Latest = max(h.Latest, id)
		x.Claims[c.Key] = h
	}
	return out, nil
}

// Holders implements Files.
func (m *Memory) Holders(_ context.Context, key string) (filebox.Holders, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.index.holders(key)
}

func (x *index) holders(key string) (filebox.Holders, error) {
	h, ok := x.Claims[key]
	if !ok {
		return filebox.Holders{}, ErrNotFound
	}
	latest, err := x.get(h.Latest)
	if err != nil {
		return filebox.Holders{}, err
	}
	out := filebox.Holders{Latest: latest}
	if h.Owner != "" {
		out.Owner, err = x.get(h.Owner)
	}
	return out, err
}

// LatestList implements Files.
func (m *Memory) LatestList(_ context.Context, before string) (filebox.File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.index.latestList(before)
}

func (x *index) latestList(before string) (filebox.File, error) {
	for _, f := range slices.Backward(x.Files) {
		if (before == "" || f.ID < before) && f.Kind == filebox.List && (f.State == filebox.Taken || f.State == filebox.Partly) {
			return f, nil
		}
	}
	return filebox.File{}, ErrNotFound
}

// Settle implements Files.
func (m *Memory) Settle(_ context.Context, id string, o filebox.Outcome) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.index.settle(id, o)
}

func (x *index) settle(id string, o filebox.Outcome) error {
	i := x.at(id)
	if i < 0 {
		return ErrNotFound
	}
	x.Files[i].State, x.Files[i].Kind = o.State, o.Kind
	x.Outcomes[id] = o
	return nil
}

// Outcome implements Files.
func (m *Memory) Outcome(_ context.Context, id string) (filebox.Outcome, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.index.outcome(id)
}

func (x *index) outcome(id string) (filebox.Outcome, error) {
	if _, err := x.get(id); err != nil {
		return filebox.Outcome{}, err
	}
	if o, ok := x.Outcomes[id]; ok {
		return o, nil
	}
	return filebox.Outcome{State: filebox.Waiting}, nil
}
