package supervisor

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
)

// verifiedFile is where a child finds the program that was verified: its first
// inherited file. It is run through the open file, so that nothing can be put in
// its place between the check and the start.
const verifiedFile = "/proc/self/fd/3"

// launch starts a prepared command: its Args, Env, Dir, Stdout and Stderr are
// set, program is the open and verified file. This is the seam for containment:
// namespaces belong here, filters in the shim.
func launch(cmd *exec.Cmd, program *os.File, user *user, limits Limits) error {
	cmd.Path, cmd.Args = "/proc/self/exe", shimArgs(cmd.Args[0], limits)
	cmd.ExtraFiles = []*os.File{program}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Setpgid:   true,            // a signal to our group does not end connectors before they drain
		Pdeathsig: syscall.SIGKILL, // no orphans, not even after kill -9 of the host
	}
	if user != nil {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: user.id, Gid: user.id}
	}
	return onLauncher(cmd.Start)
}

// refusedUser reports whether we cannot start as another user: the kernel does
// not let us, as in some containers, or that user may not run our program.
func refusedUser(err error) bool {
	return errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.EACCES)
}

// killGroup ends a process and all it started in its group.
func killGroup(pid int) error {
	err := syscall.Kill(-pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return nil
	}
	return err
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

// exitCause says in words how a process ended.
func exitCause(state *os.ProcessState) string {
	if state == nil {
		return "it could not be waited for"
	}
	status, ok := state.Sys().(syscall.WaitStatus)
	switch {
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
