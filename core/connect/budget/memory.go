package budget

import (
	"cmp"
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// Config of a Memory budget; the zero value is usable.
type Config struct {
	Clock clock.Clock // real time when nil
	// Patience is the longest wait for a permit, 6 minutes when zero: just more
	// than the common window of 5.
	Patience time.Duration
	// Reserve is the part of each limit in percent that is kept from background
	// work, 20 when zero.
	Reserve int
	// Speed shortens the windows of the limits, for emulators whose clock runs
	// that many times as fast as ours; 1 when zero.
	Speed int
}

// Memory is the budget of one process.
type Memory struct {
	config Config

	mu      sync.Mutex // protects what follows
	windows map[string]*window
	// blocked holds connections that were told to wait, by spender.
	blocked map[string]time.Time
	changed chan struct{} // closed and replaced when a wait may end earlier
}

// window counts the requests of one limit. It starts with the first request,
// as most packages count, and is set right by their headers.
type window struct {
	until time.Time
	used  int
	size  int // as the package says, 0 for as the manifest says
	busy  int // requests under way, for limits on concurrency
}

// NewMemory returns a budget that is kept in memory.
func NewMemory(c Config) *Memory {
	c.Patience = cmp.Or(c.Patience, 6*time.Minute)
	c.Reserve = cmp.Or(c.Reserve, 20)
	c.Speed = cmp.Or(c.Speed, 1)
	if c.Clock == nil {
		c.Clock = clock.Real
	}
	return &Memory{config: c, windows: map[string]*window{}, blocked: map[string]time.Time{}, changed: make(chan struct{})}
}

// Acquire implements Budget.
func (m *Memory) Acquire(ctx context.Context, who Spender, limits []manifest.Limit, method, path string) (Permit, error) {
	p := &permit{memory: m, who: who}
	for _, l := range limits {
		if l.Concerns(method, path) {
			p.limits = append(p.limits, l)
		}
	}
	for waited := time.Duration(0); ; {
		m.mu.Lock()
		now := m.config.Clock.Now()
		until := m.earliest(now, who, p.limits)
		if !until.After(now) {
			m.spend(now, who, p.limits)
			m.mu.Unlock()
			return p, nil
		}
		changed := m.changed
		m.mu.Unlock()

		wait := until.Sub(now)
		deadline, bounded := ctx.Deadline()
		if waited+wait > m.config.Patience || bounded && time.Until(deadline) < wait {
			return nil, Spent(who.Connector, wait)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		case <-changed:
		case <-timer.C:
		}
		timer.Stop()
		waited += m.config.Clock.Now().Sub(now)
	}
}

// concurrencyPoll is how soon a request that waits for another one to end looks
// again by itself; normally the end of that one wakes it.
const concurrencyPoll = time.Second

// earliest returns when the request may go, a moment not after now if at once.
func (m *Memory) earliest(now time.Time, who Spender, limits []manifest.Limit) time.Time {
	at := m.blocked[key(who, manifest.PerConnection, nil)]
	for i := range limits {
		l := &limits[i]
		w := m.windows[key(who, l.Scope, l)]
		switch {
		case w == nil:
		case l.Concurrent > 0 && w.busy >= m.share(l.Concurrent, who.Priority):
			at = later(at, now.Add(concurrencyPoll))
		case l.Requests > 0 && w.until.After(now) && w.used >= m.share(cmp.Or(w.size, l.Requests), who.Priority):
			at = later(at, w.until)
		}
	}
	return at
}

// share returns how much of a limit a priority may use.
func (m *Memory) share(limit int, p Priority) int {
	if p == Urgent || limit < 2 {
		return limit
	}
	return limit - max(1, limit*m.config.Reserve/100)
}

func (m *Memory) spend(now time.Time, who Spender, limits []manifest.Limit) {
	for i := range limits {
		l := &limits[i]
		k := key(who, l.Scope, l)
		w := m.windows[k]
		if w == nil {
			w = &window{}
			m.windows[k] = w
		}
		if l.Concurrent > 0 {
			w.busy++
			continue
		}
		if !w.until.After(now) {
			w.until, w.used = now.Add(m.hurried(l.Per)), 0
		}
		w.used++
	}
}

func (m *Memory) hurried(d time.Duration) time.Duration { return d / time.Duration(m.config.Speed) }

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

type permit struct {
	memory *Memory
	who    Spender
	limits []manifest.Limit
	once   sync.Once
}

// Done implements Permit.
func (p *permit) Done(status int, header http.Header) {
	p.once.Do(func() {
		m := p.memory
		m.mu.Lock()
		defer m.mu.Unlock()
		now := m.config.Clock.Now()
		for i := range p.limits {
			if l := &p.limits[i]; l.Concurrent > 0 {
				m.windows[key(p.who, l.Scope, l)].busy--
			}
		}
		if wait, ok := RetryAfter(status, header, now); ok {
			k := key(p.who, manifest.PerConnection, nil)
			m.blocked[k] = later(m.blocked[k], now.Add(m.hurried(wait)))
		}
		for i, t := range read(p.limits, header, now) {
			p.learn(now, p.limits[i], t)
		}
		close(m.changed)
		m.changed = make(chan struct{})
	})
}

// learn corrects the window that an answer tells about.
func (p *permit) learn(now time.Time, l manifest.Limit, t told) {
	w := p.memory.windows[key(p.who, l.Scope, &l)]
	if w == nil {
		return
	}
	if t.limit > 0 {
		w.size = t.limit
	}
	w.used = max(w.used, cmp.Or(w.size, l.Requests)-t.remaining)
	if t.reset > 0 {
		w.until = now.Add(p.memory.hurried(min(t.reset, l.Per)))
	}
}
