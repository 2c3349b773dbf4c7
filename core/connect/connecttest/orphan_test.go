package connecttest_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/connecttest"
)

// hostDir makes this test binary a host that starts a connector, tells its
// process id and waits to be killed.
const hostDir = "CONNECTTEST_HOST_DIR"

func TestNoOrphanAfterKillOfTheHost(t *testing.T) {
	if dir := os.Getenv(hostDir); dir != "" {
		h := connecttest.NewHost(t, dir, nil)
		if err := h.Check(t.Context(), connecttest.Connection(nil)); err != nil {
			t.Fatal(err)
		}
		fmt.Println("connector", status(h).PID)
		time.Sleep(time.Minute)
		return
	}
	if runtime.GOOS != "linux" {
		t.Skip("only Linux ends a connector with its host")
	}
	t.Parallel()
	host := exec.Command(os.Args[0], "-test.run=^TestNoOrphanAfterKillOfTheHost$", "-test.v")
	host.Env = append(os.Environ(), hostDir+"="+connecttest.Catalog(t))
	out, err := host.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := host.Start(); err != nil {
		t.Fatal(err)
	}
	pid := 0
	for lines := bufio.NewScanner(out); pid == 0 && lines.Scan(); {
		if _, text, ok := strings.Cut(lines.Text(), "connector "); ok {
			pid, _ = strconv.Atoi(text)
		}
	}
	if pid == 0 {
		t.Fatal("the host did not start its connector")
	}
	if err := host.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = host.Wait()
	gone(t, pid)
}

// As root, connectors run as a user of their own; this is the other way.
func TestSameUser(t *testing.T) {
	t.Parallel()
	h := connecttest.NewHost(t, connecttest.Catalog(t), func(c *connect.Config) { c.Supervisor.SameUser = true })
	seen, err := h.Administrations(t.Context(), connecttest.Connection(nil))
	if err != nil || seen[1].Name != strconv.Itoa(os.Getuid()) {
		t.Errorf("%+v, %v", seen, err)
	}
}

// One connector that hangs while it starts does not hold up the host's other
// work, nor a caller for longer than the caller wants.
func TestCallerNeedNotWaitForASlowStart(t *testing.T) {
	t.Parallel()
	dir := connecttest.Catalog(t)
	install(t, dir, "#!/bin/sh\nexec sleep 60\n")
	h := connecttest.NewHost(t, dir, func(c *connect.Config) { c.Supervisor.StartTimeout = 3 * time.Second })
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := h.Check(ctx, connecttest.Connection(nil)); err == nil || time.Since(began) > 2*time.Second {
		t.Errorf("after %s: %v", time.Since(began), err)
	}
}
