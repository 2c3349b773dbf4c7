// Package process runs child programs that do not outlive us unnoticed.
package process

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// Options says how a child is tied to this process.
type Options struct {
	// DeathSignal is what the kernel sends the child when this process dies, also by kill -9.
	// Zero leaves the child running. Only Linux can do this; elsewhere it is ignored.
	DeathSignal syscall.Signal
	// Detached gives the child a session of its own, for servers meant to outlive us.
	Detached bool
}

// Child is a running program in a process group of its own.
type Child struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error // set before done is closed
}

// Start runs cmd. It adds to cmd.SysProcAttr and leaves what is set there, such as Credential.
func Start(cmd *exec.Cmd, o Options) (*Child, error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	if o.Detached {
		cmd.SysProcAttr.Setsid = true
	} else {
		cmd.SysProcAttr.Setpgid = true
	}
	// A pipe held open by a grandchild must not keep us waiting for a child that is gone.
	if cmd.WaitDelay == 0 {
		cmd.WaitDelay = 2 * time.Second
	}
	setDeathSignal(cmd.SysProcAttr, o.DeathSignal)

	c := &Child{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// The death signal is tied to the thread that started the child, not to the process, so that
		// thread must live as long as the child does.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		started <- nil
		c.err = cmd.Wait()
		// What the child started and left behind belongs to nobody now.
		if !o.Detached {
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		}
		close(c.done)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return c, nil
}

// PID is the process id of the child.
func (c *Child) PID() int { return c.cmd.Process.Pid }

// Done is closed when the child has ended.
func (c *Child) Done() <-chan struct{} { return c.done }

// Err is how the child ended: nil for exit code 0. It waits for the end.
func (c *Child) Err() error {
	<-c.done
	return c.err
}

// Signal sends sig to the child; a child that is gone is no error.
func (c *Child) Signal(sig syscall.Signal) error {
	if err := c.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}

// Stop sends sig and waits for the end; after limit it kills the child and everything in its group.
// It reports whether the child ended by itself in time.
func (c *Child) Stop(sig syscall.Signal, limit time.Duration) bool {
	select {
	case <-c.done:
		return true // its process group may belong to somebody else by now
	default:
	}
	_ = c.Signal(sig)
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-c.done:
		return true
	case <-timer.C:
		_ = syscall.Kill(-c.PID(), syscall.SIGKILL)
		<-c.done
		return false
	}
}
