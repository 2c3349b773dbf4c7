package sync_test

import (
	"syscall"
	"testing"
)

func kill(t *testing.T, pid int) {
	t.Helper()
	if pid == 0 {
		return
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Errorf("kill the connector: %v", err)
	}
}
