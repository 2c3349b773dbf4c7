package supervisor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/connect/contain"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
)

// State is where a connector is in its life; see the package's documentation.
type State string

// The states.
const (
	Verified    State = "verified"
	Starting    State = "starting"
	Ready       State = "ready"
	Draining    State = "draining"
	Idle        State = "idle"
	Backoff     State = "backoff"
	Quarantined State = "quarantined"
)

// unit is one version of a connector.
type unit struct {
	s       *Supervisor
	key     string
	program Program

	mu      sync.Mutex // protects what follows
	state   State
	current *process    // the process that takes calls, nil when there is none
	leaving int         // processes that finish their calls
	attempt *attempt    // the start under way
	crashes []time.Time // within the window
	until   time.Time   // no start before, in backoff
	cause   string      // of the last crash
	last    []string    // output before the last crash
	starts  int
	idle    *time.Timer
}

// attempt is one start that callers wait for.
type attempt struct {
	done chan struct{}
	err  error // set before done is closed
}

// Lease is the right to make one call to a process.
type Lease struct {
	Connector pb.ConnectorServiceClient
	Port      *broker.Port
	unit      *unit
	process   *process
	caller    Program
	once      sync.Once
}

func (u *unit) acquire(ctx context.Context, caller Program) (*Lease, error) {
	for {
		u.mu.Lock()
		if p := u.current; p != nil && !p.usable() {
			u.ended(p)
		}
		switch wait, err := u.obstacle(caller.Title); {
		case err != nil:
			u.mu.Unlock()
			return nil, err
		case wait != nil:
			u.mu.Unlock()
			if err := wait(ctx); err != nil {
				return nil, err
			}
		case u.current != nil:
			l := u.lease(u.current, caller)
			u.mu.Unlock()
			return l, nil
		default:
			u.state, u.attempt = Starting, &attempt{done: make(chan struct{})}
			u.starts++
			go u.start(u.attempt)
			u.mu.Unlock()
		}
	}
}

// obstacle returns what to wait for, or why there is no point in waiting.
func (u *unit) obstacle(title string) (wait func(context.Context) error, err error) {
	switch u.state {
	case Quarantined:
		return nil, fault.New(fault.Unavailable, "connector_quarantined",
			"The connector %s crashed %d times and is out of use until an operator has looked at it.", title, len(u.crashes)).
			Because(errors.New(u.cause))
	case Starting:
		a := u.attempt
		return func(ctx context.Context) error {
			select {
			case <-a.done:
				return refusal(title, a.err)
			case <-ctx.Done():
				return ctx.Err()
			}
		}, nil
	case Backoff:
		pause := time.Until(u.until)
		if pause <= 0 {
			return nil, nil
		}
		cause := u.cause
		return func(ctx context.Context) error {
			if d, ok := ctx.Deadline(); ok && time.Until(d) < pause {
				return fault.New(fault.Unavailable, "connector_backoff", "The connector %s has crashed and starts again in %s.", title, pause.Round(time.Second)).
					Because(fmt.Errorf("%w: %s", &sdk.RetryAfter{Wait: pause, Why: "the connector has crashed"}, cause))
			}
			t := time.NewTimer(pause)
			defer t.Stop()
			select {
			case <-t.C:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}, nil
	}
	return nil, nil
}

// refusal says to a caller why there is no process.
func refusal(title string, err error) error {
	switch missing, ok := errors.AsType[*contain.Missing](err); {
	case err == nil:
		return nil
	case ok:
		return fault.New(fault.Conflict, "connector_uncontained", "The connector %s is not started here: %s", title, missing.Sentence()).Because(err)
	default:
		return fault.New(fault.Unavailable, "connector_start", "The connector %s does not start.", title).Because(err)
	}
}

// start runs without the caller's context: others wait for it as well.
func (u *unit) start(a *attempt) {
	p, err := u.s.start(u.program)
	u.mu.Lock()
	defer u.mu.Unlock()
	defer close(a.done)
	if _, missing := errors.AsType[*contain.Missing](err); missing {
		a.err, u.state = err, Verified // not the program's doing
		return
	}
	if err != nil {
		a.err = err
		u.crashed("it does not start: "+err.Error(), nil)
		return
	}
	u.state, u.current = Ready, p
	go u.watch(p)
}

// watch notices the end of a process.
func (u *unit) watch(p *process) {
	<-p.runner.exited
	u.mu.Lock()
	u.ended(p)
	u.mu.Unlock()
	if err := p.cleanUp(); err != nil {
		u.s.config.Log.Warn("cannot clean up after a connector", "connector", u.program.Connector, "error", err)
	}
}

// ended takes note of the end of a process, at hand or done, once. The unit is locked.
func (u *unit) ended(p *process) {
	switch {
	case p.noted:
		return
	case p.retired:
		u.leaving--
		if u.state == Draining {
			u.state = Idle
		}
	default:
		u.current = nil
		u.blame(p, p.cause())
	}
	p.noted = true
}

// blame decides whose crash it was: the unit's own, or that of connectors which
// the process carried out. The unit is locked.
func (u *unit) blame(p *process, cause string) {
	in := p.suspects()
	if len(in) == 0 {
		u.crashed(cause, p.out.lines())
		return
	}
	u.state, u.cause, u.last = Verified, cause, p.out.lines()
	u.s.accuse(u.key, in, cause, u.last)
}

// crashed decides what follows a crash.
func (u *unit) crashed(cause string, output []string) {
	now := time.Now()
	recent := u.crashes[:0]
	for _, t := range u.crashes {
		if now.Sub(t) < u.s.config.CrashWindow {
			recent = append(recent, t)
		}
	}
	u.crashes = append(recent, now)
	u.cause, u.last = cause, output
	u.state, u.until = Backoff, now
	if n := len(u.crashes); n >= u.s.config.CrashLimit {
		u.state = Quarantined
	} else if n > 1 {
		u.until = now.Add(min(u.s.config.Backoff<<(n-2), time.Minute))
	}
	u.s.config.Log.Error("connector crashed", slog.String("connector", u.program.Connector), slog.String("version", u.program.Version),
		slog.String("cause", cause), slog.Int("crashes", len(u.crashes)), slog.String("state", string(u.state)))
}

func (u *unit) lease(p *process, caller Program) *Lease {
	p.calls++
	p.join(caller, u.key)
	if u.idle != nil {
		u.idle.Stop()
	}
	return &Lease{Connector: p.connector, Port: p.port, unit: u, process: p, caller: caller}
}

// Done gives the lease back.
func (l *Lease) Done() {
	l.once.Do(func() {
		u, p := l.unit, l.process
		u.mu.Lock()
		defer u.mu.Unlock()
		p.calls--
		p.leave(l.caller)
		switch {
		case p.calls > 0:
		case p.retired:
			go p.stop("it was retired")
		case u.current == p:
			u.idle = time.AfterFunc(u.s.config.Idle, func() { u.reap(p) })
		}
	})
}

// Hung takes the process out of use, since a call did not end when it had to.
// The next call gets a new process; this one ends after its other calls.
func (l *Lease) Hung(what string) {
	u, p := l.unit, l.process
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.current != p {
		return
	}
	u.retire(p)
	p.culprit = &l.caller
	u.blame(p, what)
}

// Cut ends the process at once: it does what no connector may do.
func (l *Lease) Cut(why string) {
	l.unit.mu.Lock()
	l.process.culprit = &l.caller
	l.unit.mu.Unlock()
	l.process.kill(why)
}

// Crash returns why the process of this lease ended, waiting a moment for the
// end to be noticed; ok is false when it runs on.
func (l *Lease) Crash() (cause string, ok bool) {
	select {
	case <-l.process.runner.exited:
		l.unit.mu.Lock()
		defer l.unit.mu.Unlock()
		l.unit.ended(l.process)
		return l.process.cause(), true
	case <-time.After(time.Second):
		return "", false
	}
}

// retire makes a process finish its calls and end. The unit is locked.
func (u *unit) retire(p *process) {
	p.retired = true
	u.current = nil
	u.leaving++
	if p.calls == 0 {
		go p.stop("it was retired")
		return
	}
	time.AfterFunc(u.s.config.Drain, func() { p.kill("its calls did not end in time") })
}

// reap stops a process that nobody has called for a while.
func (u *unit) reap(p *process) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.current == p && p.calls == 0 {
		u.retire(p)
		u.state = Draining
	}
}
