package contain

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// cgroups makes groups of processes with limits of their own, beside the group
// that we are in.
type cgroups struct{ dir string }

// findCgroups returns why there are none, if so. The group above ours must be
// delegated to us and hold no processes of its own.
func findCgroups() (*cgroups, error) {
	own, err := ownCgroup("/proc/self/mountinfo", "/proc/self/cgroup")
	if err != nil {
		return nil, err
	}
	c := &cgroups{dir: filepath.Dir(own)}
	has, err := os.ReadFile(filepath.Join(c.dir, "cgroup.controllers"))
	if err != nil {
		return nil, errors.New("our group is the topmost one that we see")
	}
	for _, need := range []string{"memory", "pids"} {
		if !strings.Contains(" "+strings.TrimSpace(string(has))+" ", " "+need+" ") {
			return nil, fmt.Errorf("version 2 does not control %s here", need)
		}
	}
	if err := c.set("cgroup.subtree_control", "+memory +pids"); err != nil {
		return nil, errors.New("it is not delegated to us")
	}
	g, err := c.make(Limits{Memory: 64 << 20, Threads: 16})
	if err != nil {
		return nil, err
	}
	g.close()
	g.remove()
	return c, nil
}

// ownCgroup returns the folder of the group of version 2 that we are in.
func ownCgroup(mounts, groups string) (string, error) {
	mountinfo, err := os.ReadFile(mounts)
	if err != nil {
		return "", err
	}
	at := ""
	for line := range strings.SplitSeq(string(mountinfo), "\n") {
		before, after, ok := strings.Cut(line, " - cgroup2 ")
		if f := strings.Fields(before); ok && after != "" && len(f) > 4 {
			at = f[4]
			break
		}
	}
	if at == "" {
		return "", errors.New("version 2 is not mounted")
	}
	list, err := os.ReadFile(groups)
	if err != nil {
		return "", err
	}
	for line := range strings.SplitSeq(string(list), "\n") {
		if path, ok := strings.CutPrefix(line, "0::"); ok {
			return filepath.Join(at, path), nil
		}
	}
	return "", errors.New("we are in no group of version 2")
}

func (c *cgroups) set(file, value string) error {
	return os.WriteFile(filepath.Join(c.dir, file), []byte(value), 0o644)
}

// cgroup is the group of one process. A nil one does nothing.
type cgroup struct {
	dir  string
	file *os.File
}

func (c *cgroups) make(l Limits) (*cgroup, error) {
	dir := filepath.Join(c.dir, "connector-"+rand.Text()[:12])
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make a cgroup: %w", err)
	}
	g := &cgroup{dir: dir}
	for file, value := range map[string]string{
		"memory.max": strconv.FormatUint(l.Memory, 10), "memory.oom.group": "1", "pids.max": strconv.FormatUint(l.Threads, 10),
	} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(value), 0o644); err != nil {
			g.remove()
			return nil, fmt.Errorf("limit a cgroup: %w", err)
		}
	}
	_ = os.WriteFile(filepath.Join(dir, "memory.swap.max"), []byte("0"), 0o644) // not where there is no swap
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		g.remove()
		return nil, fmt.Errorf("open a cgroup: %w", err)
	}
	g.file = os.NewFile(uintptr(fd), dir)
	return g, nil
}

func (g *cgroup) fd() int { return int(g.file.Fd()) }

func (g *cgroup) close() { _ = g.file.Close() }

// outOfMemory reports whether the kernel ended processes for want of memory.
func (g *cgroup) outOfMemory() bool {
	if g == nil {
		return false
	}
	b, err := os.ReadFile(filepath.Join(g.dir, "memory.events"))
	if err != nil {
		return false
	}
	for line := range strings.SplitSeq(string(b), "\n") {
		if n, ok := strings.CutPrefix(line, "oom_kill "); ok {
			return n != "0"
		}
	}
	return false
}

// remove ends what is left in the group and removes it.
func (g *cgroup) remove() {
	if g == nil {
		return
	}
	_ = os.WriteFile(filepath.Join(g.dir, "cgroup.kill"), []byte("1"), 0o644)
	for range 50 {
		if err := os.Remove(g.dir); err == nil || errors.Is(err, os.ErrNotExist) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}
