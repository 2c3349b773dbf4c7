package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/voldaan/voldaan/core/process"
)

// Config says where the stack keeps its state and shows its lines.
type Config struct {
	// Dir is the state directory. Default: Home().
	Dir string
	// Out receives the status lines. Default: standard output.
	Out io.Writer
	// Quiet leaves out where the data is kept, for a stack whose state is removed.
	Quiet bool
}

// Stack is a list of parts and what is known about them.
type Stack struct {
	dir    string
	quiet  bool
	screen *screen
	lock   *process.Lock
	parts  []Part

	reserved map[int]net.Listener // of ports, by port

	falls atomic.Int64 // how often a started part has ended

	mu      sync.Mutex // protects started and over
	started []*supervised
	over    error // why the stack ends before anybody asked, nil otherwise

	ended   chan struct{} // closed with over
	endOnce sync.Once
}

// New takes the state directory, which no other stack may use at the same time. Release it with Close.
func New(c Config) (*Stack, error) {
	if c.Dir == "" {
		dir, err := Home()
		if err != nil {
			return nil, fmt.Errorf("find the state directory: %w", err)
		}
		c.Dir = dir
	}
	if c.Out == nil {
		c.Out = os.Stdout
	}
	lock, err := takeHome(c.Dir)
	if err != nil {
		return nil, err
	}
	return &Stack{dir: c.Dir, quiet: c.Quiet, screen: newScreen(c.Out), lock: lock, reserved: map[int]net.Listener{}, ended: make(chan struct{})}, nil
}

// Close gives the state directory back.
func (s *Stack) Close() {
	for _, l := range s.reserved {
		_ = l.Close()
	}
	s.lock.Unlock()
}

// Dir is a path in the state directory.
func (s *Stack) Dir(elem ...string) string { return filepath.Join(append([]string{s.dir}, elem...)...) }

// Terminal reports whether a person looks at the lines as they come.
func (s *Stack) Terminal() bool { return s.screen.terminal }

// Note shows a line to the person.
func (s *Stack) Note(line string) { s.screen.line("%s", line) }

// Add appends a part; parts start in this order and stop in reverse.
func (s *Stack) Add(parts ...Part) {
	for _, p := range parts {
		s.screen.width = max(s.screen.width, utf8.RuneCountInString(p.Name))
	}
	s.parts = append(s.parts, parts...)
}

// ErrPartFailed says that a part did not start; what went wrong has been shown.
var ErrPartFailed = errors.New("a part did not start")

// Run starts the parts, calls up, and returns after everything has stopped: when ctx ends, on SIGINT,
// SIGTERM or SIGHUP, or when a part ends that runs only once. A second signal kills instead of
// waiting. The error is nil when the stop was asked for.
func (s *Stack) Run(ctx context.Context, up func()) error {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	impatient := make(chan struct{})
	go func() {
		select {
		case <-signals:
			cancel()
		case <-ctx.Done():
		}
		<-signals
		close(impatient)
	}()

	err := s.Up(ctx)
	if err == nil {
		if up != nil {
			up()
		}
		select {
		case <-ctx.Done():
		case <-s.ended:
			s.mu.Lock()
			err = s.over
			s.mu.Unlock()
		}
	} else if ctx.Err() != nil {
		err = nil // stopped while starting, as asked
	}
	s.Down(impatient)
	return err
}

// Up starts the parts in order and returns when all are ready. On failure what has started keeps
// running until Down.
func (s *Stack) Up(ctx context.Context) error {
	for _, part := range s.parts {
		sup := &supervised{stack: s, part: part.withDefaults(), stop: make(chan struct{}), gone: make(chan struct{})}
		s.screen.begin(part.Name)
		began := time.Now()
		running, err := s.startFirst(ctx, sup)
		s.screen.end()
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			sup.tell(err)
			return fmt.Errorf("%w: %s", ErrPartFailed, part.Name)
		}
		s.screen.up(part.Name, sup.shown(), time.Since(began), "")
		s.mu.Lock()
		s.started = append(s.started, sup)
		s.mu.Unlock()
		go sup.watch(running)
	}
	return nil
}

// Down stops the parts in reverse order. When impatient is closed, the rest is killed; it may be nil.
func (s *Stack) Down(impatient <-chan struct{}) {
	s.mu.Lock()
	started := slices.Clone(s.started)
	s.started = nil
	s.mu.Unlock()
	if len(started) == 0 {
		return
	}
	s.screen.replace("", true)
	s.screen.write("", "  Stopping ...")
	began := time.Now()
	for _, sup := range slices.Backward(started) {
		sup.end(impatient)
	}
	if s.quiet {
		s.screen.line("Stopped in %s", duration(time.Since(began)))
		return
	}
	s.screen.line("Stopped in %s. Everything is kept in %s; start again to go on", duration(time.Since(began)), s.dir)
}

// finish ends the stack because of a part.
func (s *Stack) finish(err error) {
	s.endOnce.Do(func() {
		s.mu.Lock()
		s.over = err
		s.mu.Unlock()
		close(s.ended)
	})
}
