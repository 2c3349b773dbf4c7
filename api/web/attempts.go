package web

import (
	"strings"
	"sync"
	"time"

	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/fault"
)

const (
	attemptsOfAddress = 10
	attemptsAtAccount = 50 // from anywhere, so that a crowd of addresses helps little
	attemptsWindow    = 10 * time.Minute
	attemptsKept      = 20_000
)

// attempts limits how often passwords may be tried from one address and at one
// account, per process. A success takes back its own attempt and no other:
// whoever has an account could otherwise guess at others without end.
type attempts struct {
	real clock.Clock

	mu    sync.Mutex
	tried map[string][]time.Time // by address or account, protected by mu
}

func newAttempts(real clock.Clock) *attempts {
	return &attempts{real: real, tried: map[string][]time.Time{}}
}

var errAttempts = fault.New(fault.Denied, "too_many_attempts", "There were too many attempts from here. Please wait ten minutes and try again.")

// try counts an attempt from a client's address and refuses one too many. The
// attempt is taken back with what it returns.
func (a *attempts) try(client, account string) (succeeded func(), err error) {
	limits := map[string]int{"address " + client: attemptsOfAddress, "account " + strings.ToLower(account): attemptsAtAccount}
	now := a.real.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.makeRoom(now)
	for key, most := range limits {
		if a.tried[key] = since(a.tried[key], now); len(a.tried[key]) >= most {
			return nil, errAttempts
		}
	}
	for key := range limits {
		a.tried[key] = append(a.tried[key], now)
	}
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		for key := range limits {
			if n := len(a.tried[key]); n > 0 {
				a.tried[key] = a.tried[key][:n-1]
			}
		}
	}, nil
}

func since(list []time.Time, now time.Time) []time.Time {
	recent := list[:0]
	for _, t := range list {
		if now.Sub(t) < attemptsWindow {
			recent = append(recent, t)
		}
	}
	return recent
}

// makeRoom drops what is over and, if that is not enough, some of the rest:
// rather forget a few than grow without end or forget all.
func (a *attempts) makeRoom(now time.Time) {
	if len(a.tried) < attemptsKept {
		return
	}
	for key, list := range a.tried {
		if a.tried[key] = since(list, now); len(a.tried[key]) == 0 {
			delete(a.tried, key)
		}
	}
	for key := range a.tried {
		if len(a.tried) < attemptsKept {
			return
		}
		delete(a.tried, key)
	}
}
