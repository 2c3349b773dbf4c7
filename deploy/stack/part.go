// Package stack starts the parts of a one-machine installation in order, shows them on one line
// each, starts again what dies, and stops everything in reverse order.
package stack

import (
	"context"
	"io"
	"os/exec"
	"syscall"
	"time"

	"github.com/voldaan/voldaan/core/process"
)

// Part is one thing that has to run. Exactly one of Command and Start is set.
type Part struct {
	// Name is shown and names the log file: "Temporal".
	Name string
	// Command makes the program to run, anew for every start. Its output goes to the part's log.
	Command func(Env) (*exec.Cmd, error)
	// Start brings up anything else and returns when it can be used. The context ends with the
	// start: what keeps running must not depend on it.
	Start func(context.Context, Env) (Running, error)
	// Ready is asked over and over until it returns nil. Nil means ready at once.
	Ready func(context.Context) error
	// ReadyIn is how long a start may take. Default: a minute.
	ReadyIn time.Duration
	// Address is shown beside the name; Env.Show replaces it.
	Address string
	// Once says that the whole stack stops when this part ends. Otherwise it is started again.
	Once bool
	// StopSignal asks a command to stop. Default: SIGTERM.
	StopSignal syscall.Signal
	// StopIn is how long a stop may take before the part is killed. Default: ten seconds.
	StopIn time.Duration
	// Hint is one sentence on what to try when the part does not start.
	Hint string
}

// Env is what a part is given for one start.
type Env struct {
	// Log is the part's log file.
	Log io.Writer
	// Note shows a line to the person: slow steps, things done otherwise than expected.
	Note func(string)
	// Show sets the address that is shown beside the name.
	Show func(address string)
}

// Running is a started part.
type Running interface {
	// Done is closed when the part has ended. A nil channel belongs to a part that others run.
	Done() <-chan struct{}
	// Err is how the part ended; it is asked after Done.
	Err() error
	// Close stops the part and returns when it has ended, at the latest shortly after limit.
	Close(limit time.Duration)
}

// command is a running program.
type command struct {
	*process.Child
	signal syscall.Signal
}

func (c command) Close(limit time.Duration) { c.Stop(c.signal, limit) }

// Go runs work inside this process as a part. Close cancels the context of work.
func Go(work func(context.Context) error) Running {
	ctx, cancel := context.WithCancel(context.Background())
	g := &routine{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(g.done)
		defer cancel()
		g.err = work(ctx)
	}()
	return g
}

type routine struct {
	cancel context.CancelFunc
	done   chan struct{}
	err    error // set before done is closed
}

func (g *routine) Done() <-chan struct{} { return g.done }

func (g *routine) Err() error {
	<-g.done
	return g.err
}

func (g *routine) Close(limit time.Duration) {
	g.cancel()
	select {
	case <-g.done:
	case <-time.After(limit):
	}
}

// Elsewhere is a part that somebody else runs, such as a database given by its URL.
func Elsewhere() Running { return elsewhere{} }

type elsewhere struct{}

func (elsewhere) Done() <-chan struct{} { return nil }
func (elsewhere) Err() error            { return nil }
func (elsewhere) Close(time.Duration)   {}
