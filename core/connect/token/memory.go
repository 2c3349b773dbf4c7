package token

import (
	"context"
	"maps"
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
	holder   string
	until    time.Time
	failures int
	failed   Failure
	after    time.Time // nobody may try before
}

// NewMemory returns an empty store.
func NewMemory() *Memory { return &Memory{rows: map[Ref]*row{}} }

// Load implements Store.
func (m *Memory) Load(_ context.Context, ref Ref) (Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.rows[ref]; r != nil && r.Sealed != nil {
		return r.record(), nil
	}
	return Record{}, ErrNone
}

func (r *row) record() Record {
	out := r.Record
	out.Config = maps.Clone(r.Config)
	return out
}

// TakeLease implements Store.
func (m *Memory) TakeLease(_ context.Context, ref Ref, holder string, ttl time.Duration) (Turn, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.rows[ref]
	if r == nil || r.Sealed == nil {
		return Turn{}, ErrNone
	}
	now := time.Now()
	switch {
	case r.holder != "" && now.Before(r.until):
		return Turn{}, nil
	case now.Before(r.after):
		return Turn{Wait: r.after.Sub(now), Why: r.failed.Why, Failures: r.failures}, nil
	}
	t := Turn{Record: r.record(), OK: true, Failures: r.failures, Why: r.failed.Why, Unsure: r.failed.Lost || r.holder != ""}
	r.failed.Lost = t.Unsure
	r.holder, r.until = holder, now.Add(ttl)
	return t, nil
}

// CompareAndSwap implements Store.
func (m *Memory) CompareAndSwap(_ context.Context, ref Ref, generation int64, sealed []byte, kept map[string]string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.rows[ref]
	if r == nil || r.Generation != generation {
		return false, nil
	}
	r.write(sealed, kept)
	return true, nil
}

func (r *row) write(sealed []byte, kept map[string]string) {
	config := maps.Clone(r.Config)
	if config == nil {
		config = map[string]string{}
	}
	maps.Copy(config, kept)
	*r = row{Record: Record{Sealed: sealed, Generation: r.Generation + 1, Config: config}}
}

// Release implements Store.
func (m *Memory) Release(_ context.Context, ref Ref, holder string, f *Failure) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.rows[ref]; r != nil && r.holder == holder {
		r.holder = ""
		if f != nil {
			lost := r.failed.Lost || f.Lost
			r.failed, r.after = *f, time.Now().Add(f.Wait)
			r.failed.Lost = lost
			r.failures++
		}
	}
	return nil
}

// Replace implements Store.
func (m *Memory) Replace(_ context.Context, ref Ref, sealed []byte, kept map[string]string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.rows[ref]
	if r == nil {
		r = &row{}
		m.rows[ref] = r
	}
	r.write(sealed, kept)
	return nil
}
