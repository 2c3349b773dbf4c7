package emulator

import (
	"sync"
	"time"
)

// Rate is a number of requests per fixed window. A limit of 0 or below does not
// limit.
type Rate struct {
	Limit  int
	Window time.Duration
}

// Limiter counts requests per key in fixed windows.
type Limiter struct {
	rate Rate
	mu   sync.Mutex
	keys map[string]*window
}

type window struct {
	used  int
	until time.Time
}

// NewLimiter returns a limiter.
func NewLimiter(rate Rate) *Limiter { return &Limiter{rate: rate, keys: map[string]*window{}} }

// Quota is what is left after a request.
type Quota struct {
	OK        bool // false: the request is one too many
	Limit     int
	Remaining int
	Reset     time.Time // end of the window
}

// Take counts a request of key at a moment of the wall clock.
func (l *Limiter) Take(key string, at time.Time) Quota {
	if l.rate.Limit <= 0 {
		return Quota{OK: true}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.keys[key]
	if w == nil || !at.Before(w.until) {
		w = &window{until: at.Add(l.rate.Window)}
		l.keys[key] = w
	}
	q := Quota{Limit: l.rate.Limit, Reset: w.until}
	if w.used < l.rate.Limit {
		w.used++
		q.OK = true
	}
	q.Remaining = l.rate.Limit - w.used
	return q
}
