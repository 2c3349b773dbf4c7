package supervisor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/connect/contain"
	"github.com/voldaan/voldaan/sdk/wire"
	"google.golang.org/grpc"
)

// ErrSwapped means that a program is not the one that was installed.
var ErrSwapped = contain.ErrSwapped

// runner starts one process in the way go-plugin wants it, with everything that
// go-plugin leaves to us: verification, user, limits, group, output, and the
// socket for requests to the host.
type runner struct {
	box     *contain.Box
	program Program
	env     []string // of go-plugin: cookie, versions, socket folder
	dir     string   // of this process, its own
	user    uint32   // 0 for ours
	limits  Limits
	out     *output
	log     *slog.Logger
	port    *broker.Port

	process *contain.Process
	host    *grpc.Server
	stdout  *os.File
	exited  chan struct{} // closed when the process is gone
}

// Start implements go-plugin's runner.Runner.
func (r *runner) Start(context.Context) error {
	file, err := r.program.Open()
	if err != nil {
		return fmt.Errorf("open the program: %w", err)
	}
	program, err := r.box.Open(file, r.program.SHA256)
	if err != nil {
		return fmt.Errorf("%s: %w", r.program.ID(), err)
	}
	defer func() { _ = program.Close() }()
	if afterCheck != nil {
		afterCheck(file.Name())
	}
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
	r.process, err = r.box.Start(contain.Start{
		Name: r.program.File, Program: program, Dir: r.dir, Env: r.environment(program.Static()), User: r.user,
		Limits: contain.Limits{Memory: r.limits.Memory, Files: r.limits.Files, Disk: r.limits.Disk, Threads: r.limits.Threads},
		Stdout: stdoutW, Stderr: stderrW,
	})
	_, _ = stdoutW.Close(), stderrW.Close()
	if err != nil {
		_, _ = stdoutR.Close(), stderrR.Close()
		return err
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

// afterCheck lets a test change the file between its check and its start.
var afterCheck func(path string)

// reap waits for the end of the process and of its output.
func (r *runner) reap(stderr *os.File, drained chan struct{}) {
	_ = r.process.Wait()
	r.host.Stop()
	select {
	case <-drained:
	case <-time.After(time.Second): // something that left the group holds the pipe
	}
	close(r.exited)
	_ = stderr.Close()
	time.AfterFunc(time.Second, func() { _ = r.stdout.Close() })
}

// environment is all that a connector gets to see of ours: nothing.
func (r *runner) environment(static bool) []string {
	env := r.env
	if !static {
		env = append([]string{"PATH=/usr/local/bin:/usr/bin:/bin"}, env...) // for an interpreter
	}
	return append([]string{
		"TMPDIR=" + r.dir,
		"TZ=UTC",
		"GOGC=200", // a small heap, whose limit is below
		"LANG=C.UTF-8",
		"GOMEMLIMIT=" + strconv.FormatUint(r.limits.Memory*4/5, 10),
		wire.HostSocket + "=" + r.socket(),
	}, env...)
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
	if r.user == 0 {
		return nil
	}
	return errors.Join(os.Chown(r.dir, int(r.user), int(r.user)), os.Chown(r.socket(), int(r.user), int(r.user)))
}

// Wait implements runner.AttachedRunner.
func (r *runner) Wait(context.Context) error {
	<-r.exited
	return nil
}

// Kill implements runner.AttachedRunner.
func (r *runner) Kill(context.Context) error {
	if r.process == nil {
		return nil
	}
	select {
	case <-r.exited:
		return nil
	default:
		return r.process.Kill()
	}
}

// Stdout implements runner.Runner.
func (r *runner) Stdout() io.ReadCloser { return counted{r.stdout, r.out} }

// counted takes account of what a program prints past its handshake: nobody reads
// it, and it may not be without end.
type counted struct {
	from io.ReadCloser
	out  *output
}

// Close implements io.Closer.
func (c counted) Close() error { return c.from.Close() }

// Read implements io.Reader.
func (c counted) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.out.count(n)
	return n, err
}

// Stderr implements runner.Runner. We read it ourselves.
func (r *runner) Stderr() io.ReadCloser { return io.NopCloser(strings.NewReader("")) }

// Name implements runner.Runner.
func (r *runner) Name() string { return r.program.ID() }

// ID implements runner.AttachedRunner.
func (r *runner) ID() string {
	if r.process == nil {
		return ""
	}
	return strconv.Itoa(r.process.Pid())
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
