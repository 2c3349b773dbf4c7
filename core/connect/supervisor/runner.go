package supervisor

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/sdk/wire"
	"google.golang.org/grpc"
)

// ErrSwapped means that a program is not the one that was installed.
var ErrSwapped = errors.New("the program is not the one that was installed; install the connector again")

// runner starts one process in the way go-plugin wants it, with everything that
// go-plugin leaves to us: verification, user, limits, group, output, and the
// socket for requests to the host.
type runner struct {
	pkg    *catalog.Package
	env    []string // of go-plugin: cookie, versions, socket folder
	dir    string   // of this process, its own
	user   *user
	limits Limits
	out    *output
	log    *slog.Logger
	port   *broker.Port

	cmd    *exec.Cmd
	host   *grpc.Server
	stdout *os.File
	exited chan struct{} // closed when the process is gone and state is set
	state  *os.ProcessState
}

// Start implements go-plugin's runner.Runner.
func (r *runner) Start(context.Context) error {
	program, err := verified(r.pkg)
	if err != nil {
		return err
	}
	defer func() { _ = program.Close() }()
	if err := r.serveHost(); err != nil {
		return err
	}
	if err := r.own(); err != nil {
		return fmt.Errorf("give the connector its folder: %w", err)
	}
	stdoutR, stdoutW, err := os.Pipe()
	if err != nil {
		return err
	}
	stderrR, stderrW, err := os.Pipe()
	if err != nil {
		_, _ = stdoutR.Close(), stdoutW.Close()
		return err
	}
	err = r.launch(program, stdoutW, stderrW)
	_, _ = stdoutW.Close(), stderrW.Close()
	if err != nil {
		_, _ = stdoutR.Close(), stderrR.Close()
		return fmt.Errorf("start %s: %w", filepath.Base(r.pkg.Program), err)
	}
	r.stdout = stdoutR
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		_, _ = io.Copy(r.out, stderrR)
	}()
	go r.reap(stderrR, drained)
	return nil
}

// reap waits for the end of the process and of its output.
func (r *runner) reap(stderr *os.File, drained chan struct{}) {
	_ = r.cmd.Wait()
	r.state = r.cmd.ProcessState
	_ = killGroup(r.cmd.Process.Pid) // what it left behind
	r.host.Stop()
	select {
	case <-drained:
	case <-time.After(time.Second): // something that left the group holds the pipe
	}
	close(r.exited)
	_ = stderr.Close()
	time.AfterFunc(time.Second, func() { _ = r.stdout.Close() })
}

// launch starts the program, as another user where the kernel lets us.
func (r *runner) launch(program, stdout, stderr *os.File) error {
	for {
		r.cmd = &exec.Cmd{
			Args:   []string{filepath.Base(r.pkg.Program)},
			Env:    r.environment(),
			Dir:    r.dir,
			Stdout: stdout, Stderr: stderr,
		}
		err := launch(r.cmd, program, r.user, r.limits)
		if err == nil || r.user == nil || !refusedUser(err) {
			return err
		}
		r.log.Warn("the kernel does not let the connector run as another user; it runs as ours", "error", err)
		r.user = nil
		if err := os.Chown(r.dir, os.Getuid(), os.Getgid()); err != nil {
			return err
		}
	}
}

// environment is all that a connector gets to see of ours: nothing.
func (r *runner) environment() []string {
	return append([]string{
		"TMPDIR=" + r.dir,
		"TZ=UTC",
		"LANG=C.UTF-8",
		"GOMEMLIMIT=" + strconv.FormatUint(r.limits.Memory*4/5, 10),
		wire.HostSocket + "=" + r.socket(),
	}, r.env...)
}

func (r *runner) socket() string { return filepath.Join(r.dir, "host") }

// serveHost opens the socket that only this process can reach.
func (r *runner) serveHost() error {
	l, err := net.Listen("unix", r.socket())
	if err != nil {
		return fmt.Errorf("open the host's socket: %w", err)
	}
	r.host = r.port.Server()
	go func() { _ = r.host.Serve(l) }()
	return nil
}

// own gives the folder and the socket to the connector's user.
func (r *runner) own() error {
	if r.user == nil {
		return nil
	}
	return errors.Join(
		os.Chown(r.dir, int(r.user.id), int(r.user.id)),
		os.Chown(r.socket(), int(r.user.id), int(r.user.id)),
	)
}

// verified opens the program and makes sure that it is what was installed. What
// is run is the open file.
func verified(pkg *catalog.Package) (*os.File, error) {
	f, err := pkg.Open()
	if err != nil {
		return nil, fmt.Errorf("open the program: %w", err)
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("read the program: %w", err)
	}
	if [sha256.Size]byte(h.Sum(nil)) != pkg.SHA256 {
		_ = f.Close()
		return nil, fmt.Errorf("%s: %w", pkg.ID(), ErrSwapped)
	}
	return f, nil
}

// Wait implements runner.AttachedRunner.
func (r *runner) Wait(context.Context) error {
	<-r.exited
	return nil
}

// Kill implements runner.AttachedRunner.
func (r *runner) Kill(context.Context) error {
	if r.cmd == nil || r.cmd.Process == nil {
		return nil
	}
	select {
	case <-r.exited:
		return nil
	default:
		return killGroup(r.cmd.Process.Pid)
	}
}

// Stdout implements runner.Runner.
func (r *runner) Stdout() io.ReadCloser { return r.stdout }

// Stderr implements runner.Runner. We read it ourselves.
func (r *runner) Stderr() io.ReadCloser { return io.NopCloser(strings.NewReader("")) }

// Name implements runner.Runner.
func (r *runner) Name() string { return r.pkg.ID() }

// ID implements runner.AttachedRunner.
func (r *runner) ID() string {
	if r.cmd == nil || r.cmd.Process == nil {
		return ""
	}
	return strconv.Itoa(r.cmd.Process.Pid)
}

// Diagnose implements runner.Runner; the supervisor adds the output itself.
func (r *runner) Diagnose(context.Context) string { return "" }

// PluginToHost implements runner.AddrTranslator. A connector may only name a
// socket in its own folder.
func (r *runner) PluginToHost(network, address string) (string, string, error) {
	if network != "unix" || filepath.Dir(filepath.Clean(address)) != r.dir {
		return "", "", fmt.Errorf("the connector listens on %s %q, outside its folder", network, address)
	}
	return network, address, nil
}

// HostToPlugin implements runner.AddrTranslator.
func (r *runner) HostToPlugin(network, address string) (string, string, error) {
	return network, address, nil
}
