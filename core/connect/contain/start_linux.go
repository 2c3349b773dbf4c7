package contain

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// Process is a program that was started.
type Process struct {
	cmd   *exec.Cmd
	group *cgroup
	oom   bool
}

// Start starts a program.
func (b *Box) Start(s Start) (*Process, error) { return b.start(s, false) }

func (b *Box) start(s Start, trial bool) (*Process, error) {
	if !slices.Contains(b.apply, OwnUser) {
		s.User = 0
	}
	text, err := json.Marshal(order{
		Name: s.Name, Dir: s.Dir, Kind: s.Program.kind, Sealed: s.Program.sealed, Limits: s.Limits, Apply: b.apply,
		Threads: s.User != 0 || b.userSpace && b.space() != 0, Trial: trial,
	})
	if err != nil {
		return nil, err
	}
	p := &Process{cmd: &exec.Cmd{
		Path: "/proc/self/exe", Args: []string{shimName, string(text)}, Env: s.Env, Dir: s.Dir,
		Stdout: s.Stdout, Stderr: s.Stderr, ExtraFiles: []*os.File{s.Program.file},
	}}
	p.cmd.SysProcAttr = b.attributes(s)
	if slices.Contains(b.apply, Cgroup) {
		if p.group, err = b.cgroups.make(s.Limits); err != nil {
			return nil, err
		}
		defer p.group.close()
		p.cmd.SysProcAttr.UseCgroupFD, p.cmd.SysProcAttr.CgroupFD = true, p.group.fd()
	}
	if err := onLauncher(p.cmd.Start); err != nil {
		p.group.remove()
		return nil, fmt.Errorf("start %s: %w", s.Name, err)
	}
	return p, nil
}

// space returns the flags of the namespaces that apply.
func (b *Box) space() (flags uintptr) {
	for _, m := range b.apply {
		flags |= namespaces[m]
	}
	return flags
}

func (b *Box) attributes(s Start) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{
		Setsid:     true,            // a signal to our group does not end connectors before they drain
		Pdeathsig:  syscall.SIGKILL, // no orphans, not even after kill -9 of the host
		Cloneflags: b.space(),
	}
	id := int(s.User)
	if s.User != 0 {
		a.Credential = &syscall.Credential{Uid: s.User, Gid: s.User}
	} else {
		id = os.Getuid()
	}
	if a.Cloneflags != 0 && b.userSpace {
		a.Cloneflags |= unix.CLONE_NEWUSER
		group := os.Getgid()
		if s.User != 0 {
			group, a.Credential.NoSetGroups = id, true
		}
		a.UidMappings = []syscall.SysProcIDMap{{ContainerID: id, HostID: id, Size: 1}}
		a.GidMappings = []syscall.SysProcIDMap{{ContainerID: group, HostID: group, Size: 1}}
	}
	if slices.Contains(b.apply, OwnRoot) {
		// To make the root folder; the child gives them up before it becomes the program.
		a.AmbientCaps = []uintptr{unix.CAP_SYS_ADMIN, unix.CAP_SETPCAP}
	}
	return a
}

// Pid returns the process id, as we see it.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Wait waits for the end of the process and ends what it left behind.
func (p *Process) Wait() error {
	err := p.cmd.Wait()
	_ = p.Kill()
	p.oom = p.group.outOfMemory()
	p.group.remove()
	return err
}

// State returns how the process ended, nil before Wait returns.
func (p *Process) State() *os.ProcessState { return p.cmd.ProcessState }

// Kill ends the process and what it started.
func (p *Process) Kill() error {
	err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return nil
	}
	return err
}

// Cause says in words how the process ended.
func (p *Process) Cause() string {
	state := p.State()
	if state == nil {
		return "it could not be waited for"
	}
	status, ok := state.Sys().(syscall.WaitStatus)
	switch {
	case p.oom:
		return "its memory ran out"
	case ok && status.Signaled() && status.Signal() == syscall.SIGKILL:
		return "it was killed from outside (signal 9), most likely because memory ran out"
	case ok && status.Signaled():
		return fmt.Sprintf("it was ended by signal %d (%s)", status.Signal(), status.Signal())
	case state.ExitCode() == 0:
		return "it ended by itself"
	default:
		return fmt.Sprintf("it exited with code %d", state.ExitCode())
	}
}

// launcher is the one thread that starts processes. The kernel ties the
// parent-death signal to the thread, so it must live as long as we do.
var launcher = sync.OnceValue(func() chan func() {
	jobs := make(chan func())
	go func() {
		runtime.LockOSThread()
		for job := range jobs {
			job()
		}
	}()
	return jobs
})

func onLauncher(start func() error) error {
	done := make(chan error, 1)
	launcher() <- func() { done <- start() }
	return <-done
}
