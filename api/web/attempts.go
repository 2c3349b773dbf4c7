package web

import (
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/fault"
)

const (
	attemptsAllowed = 10
	attemptsWindow  = 10 * time.Minute
	attemptsKept    = 10_000
)

// attempts limits how often one address may try a password, per process.
type attempts struct {
	real clock.Clock

	mu    sync.Mutex
	tried map[string][]time.Time // by address, protected by mu
}

func newAttempts(real clock.Clock) *attempts {
	return &attempts{real: real, tried: map[string][]time.Time{}}
}

// try counts an attempt and refuses one too many.
func (a *attempts) try(r *http.Request) error {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	now := a.real.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.tried) > attemptsKept {
		clear(a.tried) // rather forget than grow without end
	}
	recent := a.tried[host][:0]
	for _, t := range a.tried[host] {
		if now.Sub(t) < attemptsWindow {
			recent = append(recent, t)
		}
	}
	if len(recent) >= attemptsAllowed {
		a.tried[host] = recent
		return fault.New(fault.Denied, "too_many_attempts", "There were too many attempts from here. Please wait ten minutes and try again.")
	}
	a.tried[host] = append(recent, now)
	return nil
}

// forget lifts the count after a success.
func (a *attempts) forget(r *http.Request) {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.tried, host)
}
