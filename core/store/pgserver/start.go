package pgserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voldaan/voldaan/core/process"
)

// maxLog is how much of the server's log is kept over a start.
const maxLog = 8 << 20

// start runs the server until it answers. A few failures pass by themselves and are tried again: the
// backends of a killed server that still hold its memory, and a port taken in the meantime.
func (c *cluster) start(ctx context.Context) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	port, err := c.choosePort()
	if err != nil {
		return nil, err
	}
	for patience := 40; ; patience-- {
		s, said, err := c.run(ctx, port)
		if err == nil {
			return s, nil
		}
		if ctx.Err() != nil || patience == 0 {
			return nil, err
		}
		switch {
		case strings.Contains(said, "pre-existing shared memory block"), strings.Contains(said, `lock file "postmaster.pid" already exists`):
			time.Sleep(250 * time.Millisecond)
		case strings.Contains(said, "could not bind"):
			if port, err = freePort(); err != nil {
				return nil, err
			}
		default:
			return nil, err
		}
	}
}

// run starts the server once; on failure it also returns what the server logged.
func (c *cluster) run(ctx context.Context, port int) (s *Server, said string, err error) {
	log, err := c.openLog()
	if err != nil {
		return nil, "", err
	}
	defer log.Close()
	from, _ := log.Seek(0, io.SeekEnd)

	cmd := exec.Command(filepath.Join(c.bin.dir, "postgres"), c.settings(port)...)
	cmd.SysProcAttr, cmd.Dir, cmd.Env = c.home.attr(), c.home.dir, c.env()
	cmd.Stdout, cmd.Stderr = log, log
	// SIGINT is Postgres' fast shutdown: when we are killed it still ends cleanly, by itself.
	options := process.Options{DeathSignal: syscall.SIGINT}
	if c.Shared {
		options = process.Options{Detached: true}
	}
	child, err := process.Start(cmd, options)
	if err != nil {
		return nil, "", fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	s = &Server{origin: c.bin.origin, home: c.home, port: port, pass: c.pass, pid: child.PID()}
	if !c.Shared {
		s.child = child
	}
	for {
		if s.version, err = c.ask(ctx, s); err == nil {
			_ = os.WriteFile(c.home.port(), []byte(strconv.Itoa(port)), 0o600)
			return s, "", nil
		}
		select {
		case <-child.Done():
			said = c.logSince(from)
			return nil, said, fmt.Errorf("the database in %s did not start: %s", c.home.dir, complaint(said))
		case <-ctx.Done():
			child.Stop(syscall.SIGINT, 5*time.Second)
			return nil, c.logSince(from), fmt.Errorf("the database in %s did not answer: %w (see %s)", c.home.dir, errors.Join(ctx.Err(), err), c.home.log())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// settings are given on the command line, so that the files in the data directory stay as made.
func (c *cluster) settings(port int) []string {
	socket := ""
	if c.home.socketFits() {
		socket = c.home.socket()
	}
	args := []string{"-D", c.home.data()}
	for _, setting := range []string{
		"listen_addresses=127.0.0.1", "port=" + strconv.Itoa(port), "unix_socket_directories=" + socket,
		"max_connections=300", "shared_buffers=128MB", "timezone=UTC", "log_timezone=UTC",
		"logging_collector=off", "log_destination=stderr", "log_min_duration_statement=2s",
		// Values may be personal data; they stay out of the log.
		"log_parameter_max_length=0", "log_parameter_max_length_on_error=0", "log_error_verbosity=terse",
	} {
		args = append(args, "-c", setting)
	}
	if c.Fast {
		for _, setting := range []string{
			"fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0",
			"max_wal_size=2GB", "checkpoint_timeout=30min",
		} {
			args = append(args, "-c", setting)
		}
	}
	return args
}

// ask connects as superuser and makes sure that it is our server that answers on this port.
func (c *cluster) ask(ctx context.Context, s *Server) (version string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.Admin())
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	var dir string
	err = conn.QueryRow(ctx, "SELECT current_setting('server_version'), current_setting('data_directory')").Scan(&version, &dir)
	if err == nil && dir != c.home.data() {
		err = fmt.Errorf("port %d is answered by another database, in %s", s.port, dir)
	}
	return version, err
}

// adopt returns the shared server that already runs, or nil.
func (c *cluster) adopt(ctx context.Context) *Server {
	pid, port := c.postmaster()
	if pid == 0 || port == 0 || !alive(pid) || !c.isPostmaster(pid) {
		return nil
	}
	s := &Server{origin: "shared, from an earlier run", home: c.home, port: port, pass: c.pass, pid: pid}
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end) && alive(pid); time.Sleep(50 * time.Millisecond) {
		version, err := c.ask(ctx, s)
		if err == nil {
			s.version = version
			return s
		}
		if ctx.Err() != nil {
			return nil
		}
	}
	return nil
}

// choosePort takes the wanted port, else the one of the last run, else a free one.
func (c *cluster) choosePort() (int, error) {
	remembered := 0
	if raw, err := os.ReadFile(c.home.port()); err == nil {
		remembered, _ = strconv.Atoi(strings.TrimSpace(string(raw)))
	}
	for _, port := range []int{c.Port, remembered} {
		if port == 0 {
			continue
		}
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return port, l.Close()
		}
		c.note("Port %d is taken by another program, so the database takes a free one", port)
	}
	return freePort()
}

// openLog appends to the log, dropping it first when it has grown too large.
func (c *cluster) openLog() (*os.File, error) {
	path := c.home.log()
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		_ = os.Rename(path, path+".old")
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the database's log: %w", err)
	}
	return file, c.home.own(path)
}

func (c *cluster) logSince(from int64) string {
	file, err := os.Open(c.home.log())
	if err != nil {
		return ""
	}
	defer file.Close()
	raw, _ := io.ReadAll(io.NewSectionReader(file, from, 64<<10))
	return string(raw)
}

// complaint is the first line in which the server says why it stopped.
func complaint(said string) string {
	for _, line := range strings.Split(said, "\n") {
		for _, level := range []string{"FATAL:", "PANIC:", "ERROR:", "postgres:"} {
			if _, text, ok := strings.Cut(line, level); ok {
				return strings.TrimSpace(text)
			}
		}
	}
	return lastLine([]byte(said))
}
