package supervisor

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// maxRunDir leaves room for the socket's name in the 108 bytes of a unix
// socket's address.
const maxRunDir = 48

// makeRunDir makes the folder for sockets. Others may pass through it, since
// connectors run as other users, but not list it.
func makeRunDir(dir string) (string, error) {
	if dir == "" {
		base := os.TempDir()
		if len(base) > maxRunDir-30 {
			base = "/tmp"
		}
		sweep(base)
		var err error
		if dir, err = os.MkdirTemp(base, runPrefix+strconv.Itoa(os.Getpid())+"-"); err != nil {
			return "", fmt.Errorf("make a folder for sockets: %w", err)
		}
	} else if err := os.MkdirAll(dir, 0o711); err != nil {
		return "", fmt.Errorf("make a folder for sockets: %w", err)
	}
	if len(dir) > maxRunDir {
		return "", fmt.Errorf("the folder for sockets, %s, has a name of more than %d bytes; choose a shorter one", dir, maxRunDir)
	}
	return dir, os.Chmod(dir, 0o711)
}

const runPrefix = "voldaan-"

// sweep removes the folders of hosts that are no more.
func sweep(base string) {
	old, _ := filepath.Glob(filepath.Join(base, runPrefix+"*-*"))
	for _, dir := range old {
		pid, err := strconv.Atoi(strings.Split(strings.TrimPrefix(filepath.Base(dir), runPrefix), "-")[0])
		if err == nil && syscall.Kill(pid, 0) == syscall.ESRCH {
			_ = os.RemoveAll(dir)
		}
	}
}

// users hands out user ids, one per connector, so that connectors can neither
// signal nor read each other. The range is the one that systemd keeps for
// dynamic users; no account has them.
type users struct {
	mu   sync.Mutex
	of   map[string]uint32
	next uint32
}

const firstUser, lastUser = 61184, 65519

func (u *users) get(name string) uint32 {
	u.mu.Lock()
	defer u.mu.Unlock()
	id, ok := u.of[name]
	if !ok {
		if u.of == nil {
			u.of = map[string]uint32{}
		}
		id = firstUser + u.next%(lastUser-firstUser+1)
		u.next++
		u.of[name] = id
	}
	return id
}
