package connecttest_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/connect/connecttest"
	"github.com/voldaan/voldaan/core/connect/contain"
)

// forkWith makes this test binary a host whose connector forks a child that leaves
// its group, under the measure that it names.
const forkWith = "CONNECTTEST_FORK_WITH"

// TestForksDieToo kills a host with -9 whose connector has a child that left its
// group: the child dies with it when processes have a namespace of their own, and
// only then.
func TestForksDieToo(t *testing.T) {
	if with, ok := os.LookupEnv(forkWith); ok {
		forkAndWait(t, contain.Measure(with))
		return
	}
	t.Parallel()
	connecttest.Program(t, "hostile")
	for _, c := range []struct {
		with   contain.Measure
		remain bool
	}{{contain.ProcessNamespace, false}, {"", true}} {
		host := exec.Command(os.Args[0], "-test.run=^TestForksDieToo$", "-test.v")
		host.Env = append(os.Environ(), forkWith+"="+string(c.with))
		out, err := host.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := host.Start(); err != nil {
			t.Fatal(err)
		}
		var pid, child int
		for lines := bufio.NewScanner(out); child == 0 && lines.Scan(); {
			if _, text, ok := strings.Cut(lines.Text(), "started "); ok {
				_, _ = fmt.Sscan(text, &pid, &child)
			}
			if strings.Contains(lines.Text(), "no process namespace") {
				_ = host.Process.Kill()
				_ = host.Wait()
				t.Skip("this machine has no process namespace")
			}
		}
		if err := host.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = host.Wait()
		if child == 0 {
			t.Fatal("the host told nothing")
		}
		gone(t, pid)
		if !c.remain {
			gone(t, child)
			continue
		}
		time.Sleep(200 * time.Millisecond)
		if syscall.Kill(child, syscall.SIGKILL) != nil {
			t.Error("the child died without a namespace, so this test proves nothing")
		}
	}
}

func forkAndWait(t *testing.T, with contain.Measure) {
	h := hostile(t, []contain.Measure{with}, nil)
	if with != "" && !h.Supervisor().Containment().Has(with) {
		fmt.Println("no process namespace")
		return
	}
	if told, err := try(t, h, "fork", nil); err != nil || !strings.HasPrefix(told, "done") {
		t.Fatalf("%q, %v", told, err)
	}
	pid := status(h).PID
	fmt.Println("started", pid, children(t, pid)[0])
	time.Sleep(time.Minute)
}
