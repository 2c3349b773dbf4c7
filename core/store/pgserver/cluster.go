package pgserver

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/voldaan/voldaan/core/process"
)

// cluster is a private cluster on its way to a running server.
type cluster struct {
	Config
	home home
	bin  binaries
	pass string
}

// open makes the cluster when it is new, deals with what an earlier run left, and starts the server.
// The lock makes sure that two programs never work on the same directory: for a server of our own
// it is held until Close, for a shared one only while it is being found or started.
func (c *cluster) open(ctx context.Context) (*Server, error) {
	lock, err := c.takeLock(ctx)
	if err != nil {
		return nil, err
	}
	s, err := c.openLocked(ctx)
	if err != nil || c.Shared {
		lock.Unlock()
		return s, err
	}
	s.lock = lock
	return s, nil
}

func (c *cluster) takeLock(ctx context.Context) (*process.Lock, error) {
	if c.Shared {
		return process.WaitLock(ctx, c.home.lock())
	}
	lock, err := process.TryLock(c.home.lock())
	if errors.Is(err, process.ErrLocked) {
		return nil, fmt.Errorf("the database in %s is in use by another running voldaan: stop that one first", c.home.dir)
	}
	return lock, err
}

func (c *cluster) openLocked(ctx context.Context) (*Server, error) {
	var err error
	if c.pass, err = c.password(); err != nil {
		return nil, err
	}
	if c.Shared {
		if s := c.adopt(ctx); s != nil {
			return s, nil
		}
	}
	if err := c.clearLeftovers(); err != nil {
		return nil, err
	}
	if err := c.initialise(ctx); err != nil {
		return nil, err
	}
	return c.start(ctx)
}

// password reads the superuser's password or makes one up for a new cluster.
func (c *cluster) password() (string, error) {
	raw, err := os.ReadFile(c.home.password())
	if err == nil && len(raw) > 0 {
		return strings.TrimSpace(string(raw)), nil
	}
	if _, statErr := os.Stat(c.home.data()); statErr == nil {
		return "", fmt.Errorf("the password file %s is missing: restore it, or remove %s to start over", c.home.password(), c.home.dir)
	}
	secret := make([]byte, 20)
	_, _ = rand.Read(secret)
	pass := hex.EncodeToString(secret)
	// initdb reads the file as the user of the cluster.
	if err := os.WriteFile(c.home.password(), []byte(pass+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("store the database password: %w", err)
	}
	return pass, c.home.own(c.home.password())
}

// initialise makes the data directory, or nothing when it is there. It works beside and renames, so
// that a kill in the middle leaves no half cluster.
func (c *cluster) initialise(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(c.home.data(), "PG_VERSION")); err == nil {
		return nil
	}
	fresh := c.home.data() + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("remove a half-made cluster: %w", err)
	}
	locale := "C"
	if runtime.GOOS == "linux" {
		locale = "C.UTF-8"
	}
	args := []string{
		"--pgdata=" + fresh, "--username=" + superuser, "--pwfile=" + c.home.password(),
		"--auth=scram-sha-256", "--encoding=UTF8", "--locale=" + locale, "--no-instructions",
	}
	if c.Fast {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, filepath.Join(c.bin.dir, "initdb"), args...)
	cmd.SysProcAttr, cmd.Dir, cmd.Env = c.home.attr(), c.home.dir, c.env()
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	child, err := process.Start(cmd, process.Options{DeathSignal: syscall.SIGKILL})
	if err == nil {
		err = child.Err()
	}
	if err != nil {
		return fmt.Errorf("make a database cluster in %s: %w: %s", c.home.dir, err, lastLine([]byte(out.String())))
	}
	if err := os.Rename(fresh, c.home.data()); err != nil {
		return fmt.Errorf("put the new cluster in place: %w", err)
	}
	return nil
}

// env keeps the caller's PG* settings and secrets away from the server.
func (c *cluster) env() []string {
	return []string{"PATH=" + c.bin.dir + ":/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC", "HOME=" + c.home.dir}
}

// postmaster is what postmaster.pid says: the process and its port, zero when there is no file.
func (c *cluster) postmaster() (pid, port int) {
	raw, err := os.ReadFile(filepath.Join(c.home.data(), "postmaster.pid"))
	if err != nil {
		return 0, 0
	}
	lines := strings.Split(string(raw), "\n")
	pid, _ = strconv.Atoi(strings.TrimSpace(lines[0]))
	if len(lines) > 3 {
		port, _ = strconv.Atoi(strings.TrimSpace(lines[3]))
	}
	return pid, port
}

// clearLeftovers stops a server that an earlier run left behind and removes a pid file whose number
// now belongs to some other program, which Postgres would take for itself.
func (c *cluster) clearLeftovers() error {
	pid, _ := c.postmaster()
	if pid == 0 || !alive(pid) {
		return nil
	}
	if !c.isPostmaster(pid) {
		return os.Remove(filepath.Join(c.home.data(), "postmaster.pid"))
	}
	c.note("Stopping the database that an earlier run left behind (process %d)", pid)
	for _, step := range []struct {
		sig   syscall.Signal
		limit time.Duration
	}{{syscall.SIGINT, 20 * time.Second}, {syscall.SIGQUIT, 5 * time.Second}, {syscall.SIGKILL, 5 * time.Second}} {
		if err := syscall.Kill(pid, step.sig); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stop the database that an earlier run left behind (process %d): %w", pid, err)
		}
		for end := time.Now().Add(step.limit); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			if !alive(pid) {
				return nil
			}
		}
	}
	return fmt.Errorf("the database of an earlier run (process %d) does not stop: end it by hand", pid)
}

// isPostmaster tells whether pid really serves our data directory. Where there is no /proc the pid
// file is believed.
func (c *cluster) isPostmaster(pid int) bool {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return runtime.GOOS != "linux"
	}
	return strings.Contains(string(raw), "postgres") && strings.Contains(string(raw), c.home.data())
}

// alive ignores a zombie that its parent has not reaped.
func alive(pid int) bool {
	if err := syscall.Kill(pid, 0); err != nil && !errors.Is(err, syscall.EPERM) {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return runtime.GOOS != "linux"
	}
	return !strings.Contains(string(stat), ") Z ")
}
