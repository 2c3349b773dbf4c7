package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/voldaan/voldaan/core/process"
)

// Pauses before a part is started again: doubled from the first to the last, and back to the first
// after a part has run for steady.
const (
	firstPause = 500 * time.Millisecond
	lastPause  = 30 * time.Second
	steady     = 10 * time.Second
)

// shownLines is how much of a log is shown when a part fails.
const shownLines = 12

func (p Part) withDefaults() Part {
	p.ReadyIn = cmp.Or(p.ReadyIn, time.Minute)
	p.StopIn = cmp.Or(p.StopIn, 10*time.Second)
	p.StopSignal = cmp.Or(p.StopSignal, syscall.SIGTERM)
	return p
}

// supervised is a part with its process.
type supervised struct {
	stack *Stack
	part  Part
	stop  chan struct{} // closed to end watching
	gone  chan struct{} // closed when watch has returned

	mu      sync.Mutex // protects the rest
	address string
	logFrom int64   // where the log of the latest start begins
	current Running // nil while the part is down
}

// logged closes the log together with the part.
type logged struct {
	Running
	log *os.File
}

func (l logged) Close(limit time.Duration) {
	l.Running.Close(limit)
	_ = l.log.Close()
}

// start brings the part up once and returns when it is ready.
func (s *supervised) start(ctx context.Context) (Running, error) {
	ctx, cancel := context.WithTimeout(ctx, s.part.ReadyIn)
	defer cancel()
	log, err := s.stack.openLog(s.part.Name)
	if err != nil {
		return nil, err
	}
	from, _ := log.Seek(0, io.SeekEnd)
	s.mu.Lock()
	s.logFrom = from
	s.mu.Unlock()
	env := Env{
		Log:  log,
		Note: func(line string) { s.stack.screen.line("%s", s.stack.screen.paint(dim, line)) },
		Show: func(address string) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.address = address
		},
	}
	var running Running
	if s.part.Start != nil {
		running, err = s.part.Start(ctx, env)
	} else {
		running, err = s.launch(env)
	}
	if err != nil {
		_ = log.Close()
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			err = fmt.Errorf("not ready after %s: %w", s.part.ReadyIn, err)
		}
		return nil, err
	}
	running = logged{running, log}
	if err := s.awaitReady(ctx, running); err != nil {
		running.Close(s.part.StopIn)
		return nil, err
	}
	s.mu.Lock()
	s.current = running
	s.mu.Unlock()
	return running, nil
}

func (s *supervised) launch(env Env) (Running, error) {
	cmd, err := s.part.Command(env)
	if err != nil {
		return nil, err
	}
	if cmd.Stdout == nil {
		cmd.Stdout = env.Log
	}
	if cmd.Stderr == nil {
		cmd.Stderr = env.Log
	}
	child, err := process.Start(cmd, process.Options{DeathSignal: s.part.StopSignal})
	if err != nil {
		return nil, err
	}
	return command{Child: child, signal: s.part.StopSignal}, nil
}

func (s *supervised) awaitReady(ctx context.Context, running Running) error {
	if s.part.Ready == nil {
		return nil
	}
	for {
		attempt, cancel := context.WithTimeout(ctx, 5*time.Second)
		err := s.part.Ready(attempt)
		cancel()
		if err == nil {
			return nil
		}
		select {
		case <-running.Done():
			return &endedError{running.Err()}
		case <-ctx.Done():
			return fmt.Errorf("not ready after %s: %w", s.part.ReadyIn, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// watch starts the part again whenever it ends, until it is told to stop.
func (s *supervised) watch(running Running) {
	defer close(s.gone)
	pause, failures := firstPause, 0
	began := time.Now()
	for {
		select {
		case <-s.stop:
			running.Close(s.part.StopIn)
			return
		case <-running.Done():
		}
		s.mu.Lock()
		s.current = nil
		s.mu.Unlock()
		s.stack.falls.Add(1)
		running.Close(0) // frees what the part holds beside its process
		if s.part.Once {
			s.tell(fmt.Errorf("ended: %s", ending(running.Err())))
			s.stack.finish(fmt.Errorf("%s ended: %s", s.part.Name, ending(running.Err())))
			return
		}
		if time.Since(began) > steady {
			pause, failures = firstPause, 0
		}
		s.stack.screen.line("%s %s  ended (%s), starting it again in %s", s.stack.screen.paint(yellow, "!"),
			s.stack.screen.pad(s.part.Name, s.stack.screen.width), ending(running.Err()), duration(pause))
		for running = nil; running == nil; {
			select {
			case <-s.stop:
				return
			case <-time.After(pause):
			}
			pause = min(2*pause, lastPause)
			failures++
			began = time.Now()
			next, err := s.restart()
			if err != nil {
				select {
				case <-s.stop:
					return
				default:
				}
				// The first failure may be chance; then the log is shown once, not every time.
				if failures == 2 {
					s.tell(err)
				} else {
					s.stack.screen.line("%s %s  did not start again (%s), trying once more in %s", s.stack.screen.paint(yellow, "!"),
						s.stack.screen.pad(s.part.Name, s.stack.screen.width), err, duration(pause))
				}
				continue
			}
			running = next
			s.stack.screen.up(s.part.Name, s.shown(), time.Since(began), "started again")
		}
	}
}

// restart is start under a context that ends when the part is told to stop.
func (s *supervised) restart() (Running, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-s.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	return s.start(ctx)
}

// end stops the part and waits for it; once impatient is closed the part is killed.
func (s *supervised) end(impatient <-chan struct{}) {
	close(s.stop)
	select {
	case <-s.gone:
		return
	case <-impatient:
	}
	s.mu.Lock()
	current := s.current
	s.mu.Unlock()
	if current != nil {
		current.Close(0)
	}
	<-s.gone
}

func (s *supervised) shown() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return cmp.Or(s.address, s.part.Address)
}

// tell shows a failure with the end of the log.
func (s *supervised) tell(err error) {
	s.mu.Lock()
	from := s.logFrom
	s.mu.Unlock()
	path := s.stack.logPath(s.part.Name)
	lines := tail(path, from, shownLines)
	if len(lines) == 0 {
		path = "" // an empty log is no help
	}
	s.stack.screen.trouble(s.part.Name, sentence(err), lines, path, s.part.Hint)
}

// sentence is an error in one line: of a list of causes the first.
func sentence(err error) string {
	head, rest, _ := strings.Cut(err.Error(), "\n")
	first, _, _ := strings.Cut(strings.TrimSpace(rest), "\n")
	return strings.TrimSpace(head + " " + first)
}

// endedError is a part that ended while it started.
type endedError struct{ cause error }

func (e *endedError) Error() string { return "ended while starting: " + ending(e.cause) }
func (e *endedError) Unwrap() error { return e.cause }

// killed reports whether a program was ended from outside, rather than failing.
func killed(err error) bool {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

func ending(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}
