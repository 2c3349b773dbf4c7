package supervisor

import (
	"context"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/core/fault"
)

// Supervisor runs the connectors of one host.
type Supervisor struct {
	config Config
	dir    string
	asRoot bool
	users  users

	mu     sync.Mutex // protects units and closed; never held while a unit works
	units  map[string]*unit
	closed bool
}

// New prepares a supervisor; no process is started before it is needed.
func New(c Config) (*Supervisor, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	dir, err := makeRunDir(c.RunDir)
	if err != nil {
		return nil, err
	}
	s := &Supervisor{config: c, dir: dir, units: map[string]*unit{}, asRoot: os.Geteuid() == 0 && !c.SameUser}
	c.Log.Info("connectors run as processes", "folder", dir, "own_user", s.asRoot)
	return s, nil
}

// Acquire returns the right to make one call to a connector, starting it when
// need be. It waits as long as ctx allows; the error is a fault that says why
// the connector cannot be called.
func (s *Supervisor) Acquire(ctx context.Context, pkg *catalog.Package) (*Lease, error) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, fault.New(fault.Unavailable, "host_stopping", "Voldaan is stopping; try again in a moment.")
	}
	u := s.units[pkg.ID()]
	if u == nil || u.pkg.SHA256 != pkg.SHA256 {
		if u != nil {
			defer u.drain()
		}
		u = &unit{s: s, pkg: pkg, state: Verified}
		s.units[pkg.ID()] = u
	}
	s.mu.Unlock()
	return u.acquire(ctx)
}

// Status is what an operator sees of one connector version.
type Status struct {
	Connector string
	Version   string
	State     State
	PID       int // 0 when nothing runs
	Calls     int
	Starts    int
	Crashes   int // within the window
	// Cause and Output tell about the last crash.
	Cause  string
	Output []string
	// Until is when a connector in backoff may start again.
	Until time.Time
}

// Status returns what is known of every connector that was ever called.
func (s *Supervisor) Status() []Status {
	out := make([]Status, 0, 8)
	for _, u := range s.all() {
		u.mu.Lock()
		st := Status{
			Connector: u.pkg.Name(), Version: u.pkg.Manifest.Version, State: u.state, Starts: u.starts,
			Crashes: len(u.crashes), Cause: u.cause, Output: u.last, Until: u.until,
		}
		if p := u.current; p != nil {
			st.PID, st.Calls = p.pid(), p.calls
		}
		u.mu.Unlock()
		out = append(out, st)
	}
	slices.SortFunc(out, func(a, b Status) int {
		return strings.Compare(a.Connector+"@"+a.Version, b.Connector+"@"+b.Version)
	})
	return out
}

func (s *Supervisor) all() []*unit {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]*unit, 0, len(s.units))
	for _, u := range s.units {
		out = append(out, u)
	}
	return out
}

// Pardon ends the quarantine or backoff of a connector, in all versions.
func (s *Supervisor) Pardon(connector string) {
	for _, u := range s.all() {
		u.mu.Lock()
		if u.pkg.Name() == connector && (u.state == Quarantined || u.state == Backoff) {
			u.state, u.crashes = Verified, nil
		}
		u.mu.Unlock()
	}
}

// Drain stops a connector after the calls under way, in all versions. The next
// call starts it again.
func (s *Supervisor) Drain(connector string) {
	for _, u := range s.all() {
		if u.pkg.Name() == connector {
			u.drain()
		}
	}
}

func (u *unit) drain() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.current != nil {
		u.retire(u.current)
		u.state = Draining
	}
}

// Close drains all connectors, ends what does not end by itself before ctx
// does, and removes the folder for sockets.
func (s *Supervisor) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	units := s.all()
	for _, u := range units {
		u.drain()
	}
	for _, u := range units {
		for !u.gone() {
			select {
			case <-time.After(10 * time.Millisecond):
			case <-ctx.Done():
				return os.RemoveAll(s.dir) // the parent-death signal ends the rest with us
			}
		}
	}
	return os.RemoveAll(s.dir)
}

func (u *unit) gone() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.current == nil && u.leaving == 0 && u.state != Starting
}
