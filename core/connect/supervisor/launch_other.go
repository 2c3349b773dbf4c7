//go:build !linux

package supervisor

import (
	"fmt"
	"os"
	"os/exec"
)

// launch starts a prepared command. Outside Linux a process is neither limited
// nor ended with the host, and the file that was verified is run by its name.
func launch(cmd *exec.Cmd, program *os.File, _ *user, _ Limits) error {
	cmd.Path = program.Name()
	return cmd.Start()
}

func refusedUser(error) bool { return false }

func killGroup(pid int) error {
	p, err := os.FindProcess(pid)
	if err != nil {
		return nil
	}
	_ = p.Kill()
	return nil
}

func exitCause(state *os.ProcessState) string {
	if state == nil {
		return "it could not be waited for"
	}
	return fmt.Sprintf("it ended: %s", state)
}
