package token

import (
	"context"
	"sync"
	"time"
)

// Memory is a Store for tests and for tools that run once.
type Memory struct {
	mu   sync.Mutex
	rows map[Ref]*row
}

type row struct {
	Record
	holder string
	until  time.Time
}

// NewMemory returns an empty store.
func NewMemory() *Memory { return &Memory{rows: map[Ref]*row{}} }

// Load implements Store.
func (m *Memory) Load(_ context.Context, ref Ref) (Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.rows[ref]; r != nil && r.Sealed != nil {
		return r.Record, nil
	}
	return Record{}, ErrNone
}

// TakeLease implements Store.
func (m *Memory) TakeLease(_ context.Context, ref Ref, holder string, ttl time.Duration) (Record, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.rows[ref]
	if r == nil || r.Sealed == nil {
		return Record{}, false, ErrNone
	}
	if r.holder != "" && time.Now().Before(r.until) {
		return Record{}, false, nil
	}
	r.holder, r.until = holder, time.Now().Add(ttl)
	return r.Record, true, nil
}

// CompareAndSwap implements Store.
func (m *Memory) CompareAndSwap(_ context.Context, ref Ref, generation int64, sealed []byte) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.rows[ref]
	if r == nil || r.Generation != generation {
		return false, nil
	}
	r.Record, r.holder = Record{Sealed: sealed, Generation: generation + 1}, ""
	return true, nil
}

// Release implements Store.
func (m *Memory) Release(_ context.Context, ref Ref, holder string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.rows[ref]; r != nil && r.holder == holder {
		r.holder = ""
	}
	return nil
}

// Replace implements Store.
func (m *Memory) Replace(_ context.Context, ref Ref, sealed []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.rows[ref]
	if r == nil {
		r = &row{}
		m.rows[ref] = r
	}
	r.Record, r.holder = Record{Sealed: sealed, Generation: r.Generation + 1}, ""
	return nil
}
