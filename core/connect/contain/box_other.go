//go:build !linux

package contain

import (
	"fmt"
	"io"
	"os"
	"os/exec"
)

// Box starts programs. Outside Linux nothing is in force.
type Box struct{ report Report }

// New returns a box that contains nothing.
func New(Options) *Box {
	b := &Box{}
	for _, m := range measures {
		b.report.States = append(b.report.States, State{Measure: m, Detail: "only on Linux"})
	}
	return b
}

// Process is a program that was started.
type Process struct{ cmd *exec.Cmd }

// Start runs the verified file by its name.
func (b *Box) Start(s Start) (*Process, error) {
	p := &Process{&exec.Cmd{Path: s.Program.file.Name(), Args: []string{s.Name}, Env: s.Env, Dir: s.Dir, Stdout: s.Stdout, Stderr: s.Stderr}}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", s.Name, err)
	}
	return p, nil
}

func (p *Program) copySealed(from *os.File, also io.Writer) error {
	_, err := io.Copy(also, from)
	return err
}

// Pid returns the process id.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Wait waits for the end of the process.
func (p *Process) Wait() error { return p.cmd.Wait() }

// State returns how the process ended, nil before Wait returns.
func (p *Process) State() *os.ProcessState { return p.cmd.ProcessState }

// Kill ends the process.
func (p *Process) Kill() error { return p.cmd.Process.Kill() }

// Cause says in words how the process ended.
func (p *Process) Cause() string {
	if p.State() == nil {
		return "it could not be waited for"
	}
	return fmt.Sprintf("it ended: %s", p.State())
}
