package stack

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/voldaan/voldaan/core/process"
)

// HomeVariable names the state directory.
const HomeVariable = "VOLDAAN_HOME"

// Home is the state directory: VOLDAAN_HOME, else .voldaan in the working directory.
func Home() (string, error) {
	dir := os.Getenv(HomeVariable)
	if dir == "" {
		dir = ".voldaan"
	}
	return filepath.Abs(dir)
}

// takeHome makes the state directory and takes it for this process alone.
func takeHome(dir string) (*process.Lock, error) {
	// Others may pass through, so that root can run the database as another user.
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return nil, fmt.Errorf("make the state directory; set %s to another: %w", HomeVariable, err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "log"), 0o700); err != nil {
		return nil, fmt.Errorf("make the log directory: %w", err)
	}
	path := filepath.Join(dir, "lock")
	lock, err := process.TryLock(path)
	if errors.Is(err, process.ErrLocked) {
		owner, _ := os.ReadFile(path)
		return nil, fmt.Errorf("voldaan already runs in %s (process %s): stop that one, or set %s to another directory", dir, strings.TrimSpace(string(owner)), HomeVariable)
	}
	if err != nil {
		return nil, err
	}
	if err := lock.File().Truncate(0); err == nil {
		_, _ = lock.File().WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
	}
	return lock, nil
}

// Ports are chosen below the range from which the kernel takes ports for outgoing connections, so
// that a remembered port is still free at the next start.
const portsFrom, portsTo = 20000, 30000

// portPatience is how long a remembered port may still be held by what a killed run left behind.
const portPatience = 5 * time.Second

// Port returns the port on 127.0.0.1 for a purpose. It is chosen once and remembered, so that links
// stay the same: the first free one of wishes, else any. When somebody else holds it at a later
// start, another is chosen, with a note.
func (s *Stack) Port(purpose string, wishes ...int) (int, error) {
	path := filepath.Join(s.dir, "ports.json")
	ports := map[string]int{}
	if raw, err := os.ReadFile(path); err == nil {
		_ = json.Unmarshal(raw, &ports) // an unreadable file means new ports
	}
	if port, ok := ports[purpose]; ok {
		for end := time.Now().Add(portPatience); ; time.Sleep(50 * time.Millisecond) {
			if s.reserve(port) {
				return port, nil
			}
			if time.Now().After(end) {
				break
			}
		}
		s.screen.line("Port %d for %s is taken by another program, choosing another", port, purpose)
		delete(ports, purpose)
	}
	var given []int
	for _, port := range ports {
		given = append(given, port)
	}
	for range 1000 {
		var port int
		if len(wishes) > 0 {
			port, wishes = wishes[0], wishes[1:]
		} else {
			port = portsFrom + rand.IntN(portsTo-portsFrom)
		}
		if slices.Contains(given, port) || !s.reserve(port) {
			continue
		}
		ports[purpose] = port
		raw, err := json.MarshalIndent(ports, "", "  ")
		if err != nil {
			return 0, err
		}
		if err := writeFile(path, raw); err != nil {
			return 0, fmt.Errorf("remember the port for %s: %w", purpose, err)
		}
		return port, nil
	}
	return 0, fmt.Errorf("no free port for %s between %d and %d", purpose, portsFrom, portsTo)
}

// reserve takes a free port for this stack, so that another one that starts at the
// same time looks further: the part itself takes it only later. The kernel gives
// the reservation back when this process ends, however it ends.
func (s *Stack) reserve(port int) bool {
	if _, ours := s.reserved[port]; !ours && runtime.GOOS == "linux" {
		// A socket without a file: its name is the reservation.
		l, err := net.Listen("unix", fmt.Sprintf("@voldaan/port/%d", port))
		if err != nil {
			return false
		}
		if !free(port) {
			l.Close()
			return false
		}
		s.reserved[port] = l
		return true
	}
	return free(port)
}

func free(port int) bool {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return false
	}
	return l.Close() == nil
}

// writeFile replaces path whole or not at all.
func writeFile(path string, raw []byte) error {
	part := path + ".part"
	if err := os.WriteFile(part, raw, 0o600); err != nil {
		return err
	}
	return os.Rename(part, path)
}

// maxLog is how much of a log is carried into the next start.
const maxLog = 8 << 20

// openLog appends to the log of a part and puts a large one aside.
func (s *Stack) openLog(name string) (*os.File, error) {
	path := s.logPath(name)
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		_ = os.Rename(path, path+".old")
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", name, err)
	}
	return file, nil
}

func (s *Stack) logPath(name string) string {
	return filepath.Join(s.dir, "log", strings.ReplaceAll(strings.ToLower(name), " ", "-")+".log")
}

// tail returns the last lines written to a log since offset from.
func tail(path string, from int64, lines int) []string {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	size, _ := file.Seek(0, io.SeekEnd)
	from = max(from, size-16<<10)
	raw, _ := io.ReadAll(io.NewSectionReader(file, from, size-from))
	text := strings.TrimRight(string(raw), "\n")
	if text == "" {
		return nil
	}
	all := strings.Split(text, "\n")
	return all[max(0, len(all)-lines):]
}
