package pgserver

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// home is where a cluster lies and as whom it runs. Everything in dir belongs to that user.
type home struct {
	dir      string
	uid, gid int
	drop     bool   // we are root and run the server as uid
	user     string // its name, for messages
}

func (h home) data() string     { return filepath.Join(h.dir, "data") }
func (h home) socket() string   { return filepath.Join(h.dir, "run") }
func (h home) password() string { return filepath.Join(h.dir, "password") }
func (h home) port() string     { return filepath.Join(h.dir, "port") }
func (h home) log() string      { return filepath.Join(h.dir, "postgres.log") }
func (h home) lock() string     { return filepath.Join(h.dir, "lock") }

// socketFits tells whether the socket's path fits into sockaddr_un, 107 bytes.
func (h home) socketFits() bool { return len(h.socket())+len("/.s.PGSQL.65535") <= 107 }

// attr makes a child run as the user of the cluster.
func (h home) attr() *syscall.SysProcAttr {
	if !h.drop {
		return &syscall.SysProcAttr{}
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(h.uid), Gid: uint32(h.gid)}}
}

// own gives path to the user of the cluster.
func (h home) own(path string) error {
	if !h.drop {
		return nil
	}
	return os.Lchown(path, h.uid, h.gid)
}

// settle makes the directory of the cluster. Postgres refuses to run as root, so root needs another
// user, and that user must be able to enter the directory: where it cannot, another place is taken.
func settle(c Config) (home, error) {
	h := home{dir: c.Dir, uid: os.Getuid(), gid: os.Getgid()}
	if h.uid != 0 {
		if err := os.MkdirAll(h.dir, 0o700); err != nil {
			return h, fmt.Errorf("make the database directory: %w", err)
		}
		return h, h.layout()
	}
	h.drop = true
	if err := h.unprivileged(); err != nil {
		return h, err
	}
	if blocked := h.barrier(h.dir); blocked != "" {
		sum := sha256.Sum256([]byte(c.Dir))
		name := "voldaan-" + hex.EncodeToString(sum[:4])
		for _, parent := range []string{"/var/lib", os.TempDir()} {
			if h.barrier(filepath.Join(parent, name)) == "" {
				h.dir = filepath.Join(parent, name)
				break
			}
		}
		if h.dir == c.Dir {
			return h, fmt.Errorf("user %s cannot enter %s and there is no other place for the database: choose a directory that others may enter, or do not run as root", h.user, blocked)
		}
		if err := h.moved(c); err != nil {
			return h, err
		}
		c.note("User %s cannot enter %s, so the database lies in %s", h.user, blocked, h.dir)
	}
	if err := os.MkdirAll(h.dir, 0o755); err != nil {
		return h, fmt.Errorf("make the database directory: %w", err)
	}
	return h, h.layout()
}

// elsewhere is the file in the wanted directory that names the real one, and the file in the real
// one that names the wanted one; both hold the same two lines.
const elsewhere = "elsewhere"

// moved ties the real directory to the wanted one. Whoever removes the wanted directory wants to
// start over, so data that has lost its counterpart is set aside and not used again.
func (h home) moved(c Config) error {
	mark := filepath.Join(c.Dir, elsewhere)
	wanted, _ := os.ReadFile(mark)
	real, _ := os.ReadFile(filepath.Join(h.dir, elsewhere))
	if len(wanted) > 0 && string(wanted) == string(real) {
		return nil
	}
	if _, err := os.Stat(h.data()); err == nil {
		aside := h.dir + ".old"
		if err := os.RemoveAll(aside); err != nil {
			return fmt.Errorf("remove %s: %w", aside, err)
		}
		if err := os.Rename(h.dir, aside); err != nil {
			return fmt.Errorf("set old data aside: %w", err)
		}
		c.note("%s is new, so the data of an earlier one was set aside in %s", c.Dir, aside)
	}
	id := make([]byte, 8)
	_, _ = rand.Read(id)
	both := fmt.Appendf(nil, "%s\n%x\n", h.dir, id)
	for _, dir := range []string{h.dir, c.Dir} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("make the database directory: %w", err)
		}
		if err := os.WriteFile(filepath.Join(dir, elsewhere), both, 0o600); err != nil {
			return fmt.Errorf("note where the database lies: %w", err)
		}
	}
	return nil
}

// Remove deletes the cluster of Config.Dir wherever it really lies, to start over. The server must
// have been stopped.
func Remove(dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if raw, err := os.ReadFile(filepath.Join(dir, elsewhere)); err == nil {
		real, _, _ := strings.Cut(string(raw), "\n")
		if there, err := os.ReadFile(filepath.Join(real, elsewhere)); err == nil && string(there) == string(raw) {
			if err := os.RemoveAll(real); err != nil {
				return fmt.Errorf("remove the database: %w", err)
			}
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove the database: %w", err)
	}
	return nil
}

// unprivileged picks the owner of existing data, else user postgres, else nobody.
func (h *home) unprivileged() error {
	if info, err := os.Stat(h.data()); err == nil {
		if stat := info.Sys().(*syscall.Stat_t); stat.Uid != 0 {
			h.uid, h.gid, h.user = int(stat.Uid), int(stat.Gid), strconv.Itoa(int(stat.Uid))
			if u, err := user.LookupId(h.user); err == nil {
				h.user = u.Username
			}
			return nil
		}
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.Atoi(u.Uid)
		gid, gidErr := strconv.Atoi(u.Gid)
		if uidErr == nil && gidErr == nil && uid != 0 {
			h.uid, h.gid, h.user = uid, gid, name
			return nil
		}
	}
	return errors.New("postgres refuses to run as root and there is neither a user postgres nor a user nobody: create one, or do not run as root")
}

// barrier is the first parent of dir that the user of the cluster cannot enter, empty when there is
// none. Parents that do not exist yet are made by us, open to enter.
func (h home) barrier(dir string) string {
	var chain []string
	for p := filepath.Dir(dir); ; p = filepath.Dir(p) {
		chain = append([]string{p}, chain...)
		if p == filepath.Dir(p) {
			break
		}
	}
	for _, p := range chain {
		info, err := os.Stat(p)
		if errors.Is(err, fs.ErrNotExist) {
			return ""
		}
		if err != nil || !info.IsDir() {
			return p
		}
		stat := info.Sys().(*syscall.Stat_t)
		enter := fs.FileMode(0o001)
		switch {
		case int(stat.Uid) == h.uid:
			enter = 0o100
		case int(stat.Gid) == h.gid:
			enter = 0o010
		}
		if info.Mode()&enter == 0 {
			return p
		}
	}
	return ""
}

// layout makes the directories and hands them over.
func (h home) layout() error {
	for _, dir := range []string{h.dir, h.socket()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("make the database directory: %w", err)
		}
		if err := os.Chmod(dir, 0o700); err != nil {
			if info, statErr := os.Stat(dir); statErr == nil {
				if owner := info.Sys().(*syscall.Stat_t).Uid; int(owner) != h.uid {
					return fmt.Errorf("the database in %s belongs to user id %d: start as that user or as root, or choose another directory", h.dir, owner)
				}
			}
			return fmt.Errorf("close the database directory to others: %w", err)
		}
		if err := h.own(dir); err != nil {
			return fmt.Errorf("hand %s to user %s: %w", dir, h.user, err)
		}
	}
	return nil
}
