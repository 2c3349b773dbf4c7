package supervisor

import (
	"context"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/voldaan/voldaan/core/connect/contain"
	"github.com/voldaan/voldaan/core/fault"
)

// Supervisor runs the connectors of one host.
type Supervisor struct {
	config Config
	dir    string
	box    *contain.Box
	asRoot bool
	users  users

	mu       sync.Mutex // protects what follows; no unit is locked while it is held
	units    map[string]*unit
	suspects map[string]suspect // by ID of the connector's program
	closed   bool
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
	s := &Supervisor{config: c, dir: dir, units: map[string]*unit{}, suspects: map[string]suspect{}, asRoot: os.Geteuid() == 0 && !c.SameUser}
	options := contain.Options{Without: c.Without, Scratch: dir}
	if s.asRoot {
		options.User = firstUser
	}
	s.box = contain.New(options)
	s.asRoot = s.box.Report().Has(contain.OwnUser)
	c.Log.Info("connectors run contained", "folder", dir, "containment", s.box.Report().String())
	return s, nil
}

// Containment says what keeps connectors in here.
func (s *Supervisor) Containment() contain.Report { return s.box.Report() }

// Acquire returns the right to make one call to a connector, starting it when
// need be. It waits as long as ctx allows; the error is a fault that says why
// the connector cannot be called.
func (s *Supervisor) Acquire(ctx context.Context, p Program) (*Lease, error) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, fault.New(fault.Unavailable, "host_stopping", "Voldaan is stopping; try again in a moment.")
	}
	u := s.unit(s.route(p))
	s.mu.Unlock()
	return u.acquire(ctx, p)
}

// unit returns the unit with a key. One that runs another file takes its place
// when the program has changed. s.mu is held.
func (s *Supervisor) unit(key string, p Program) *unit {
	u := s.units[key]
	if u == nil || u.program.SHA256 != p.SHA256 {
		if u != nil {
			go u.drain()
		}
		u = &unit{s: s, key: key, program: p, state: Verified}
		s.units[key] = u
	}
	return u
}

// Status is what an operator sees of one connector version, or of the runtime that
// carries out many.
type Status struct {
	Connector string
	Version   string // empty for a runtime
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
			Connector: u.program.Connector, Version: u.program.Version, State: u.state, Starts: u.starts,
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

// Pardon ends the quarantine, backoff or suspicion of a connector, in all versions.
func (s *Supervisor) Pardon(connector string) {
	s.mu.Lock()
	s.clear(connector)
	s.mu.Unlock()
	for _, u := range s.all() {
		u.mu.Lock()
		if u.program.Connector == connector && (u.state == Quarantined || u.state == Backoff) {
			u.state, u.crashes = Verified, nil
		}
		u.mu.Unlock()
	}
}

// Drain stops a connector after the calls under way, in all versions. The next
// call starts it again.
func (s *Supervisor) Drain(connector string) {
	for _, u := range s.all() {
		if u.program.Connector == connector {
			u.drain()
		}
	}
}

// Retire stops one version of a connector after the calls under way, as when all
// tenants have gone on to another.
func (s *Supervisor) Retire(connector, version string) {
	for _, u := range s.all() {
		if u.program.Connector == connector && u.program.Version == version {
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
