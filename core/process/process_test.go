package process_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/process"
)

// TestMain lets the test binary play the parent that gets killed.
func TestMain(m *testing.M) {
	if os.Getenv("PROCESS_TEST_PARENT") == "1" {
		child, err := process.Start(exec.Command("sleep", "60"), process.Options{DeathSignal: syscall.SIGKILL})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(child.PID())
		select {}
	}
	os.Exit(m.Run())
}

func TestChildDiesWithAKilledParent(t *testing.T) {
	t.Parallel()
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), "PROCESS_TEST_PARENT=1")
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatalf("parent said %q", line)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	deadline := time.Now().Add(5 * time.Second)
	for alive(pid) {
		if time.Now().After(deadline) {
			t.Fatalf("process %d outlived its killed parent", pid)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// alive ignores a zombie that nobody has reaped yet.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

func TestStop(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, script string
		limit        time.Duration
		clean        bool
	}{
		{"ends on the signal", "sleep 60", 5 * time.Second, true},
		{"is killed when it ignores the signal", "trap '' TERM; while :; do sleep 0.1; done", 300 * time.Millisecond, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			child, err := process.Start(exec.Command("sh", "-c", tc.script), process.Options{DeathSignal: syscall.SIGKILL})
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond) // let the shell set its trap
			if got := child.Stop(syscall.SIGTERM, tc.limit); got != tc.clean {
				t.Errorf("Stop = %v, want %v", got, tc.clean)
			}
			if child.Err() == nil {
				t.Error("a child ended by a signal reports no error")
			}
		})
	}
}

func TestGrandchildrenGoWithTheChild(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "pid")
	child, err := process.Start(exec.Command("sh", "-c", "sleep 60 & echo $! > "+file+"; sleep 0.2"), process.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Err(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(raw)))
	deadline := time.Now().Add(2 * time.Second)
	for alive(pid) {
		if time.Now().After(deadline) {
			t.Fatalf("grandchild %d is still there", pid)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	first, err := process.TryLock(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := process.TryLock(path); !errors.Is(err, process.ErrLocked) {
		t.Fatalf("second lock: %v, want ErrLocked", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if _, err := process.WaitLock(ctx, path); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("wait: %v, want a deadline", err)
	}
	first.Unlock()
	a, err := process.Share(path)
	if err != nil {
		t.Fatal(err)
	}
	b, err := process.Share(path)
	if err != nil {
		t.Fatal(err)
	}
	a.Unlock()
	if _, err := process.TryLock(path); !errors.Is(err, process.ErrLocked) {
		t.Fatalf("exclusive beside a shared lock: %v, want ErrLocked", err)
	}
	b.Unlock()
	if last, err := process.TryLock(path); err != nil {
		t.Fatal(err)
	} else {
		last.Unlock()
	}
}
