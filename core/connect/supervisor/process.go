package supervisor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	goplugin "github.com/hashicorp/go-plugin/runner"
	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/sdk/wire"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
	"google.golang.org/grpc"
)

// process is a connector that runs.
type process struct {
	program   Program
	connector pb.ConnectorServiceClient
	port      *broker.Port
	client    *plugin.Client
	runner    *runner
	out       *output
	dir       string
	started   time.Time

	// Of the unit that it belongs to, protected by the unit's mutex.
	calls   int
	carries map[string]*carried // calls of connectors that it carries out, by ID
	culprit *Program            // who is known to be the cause of its end
	retired bool
	noted   bool // its end

	mu     sync.Mutex
	reason string // why we ended it, protected by mu; empty when we did not
}

// start runs a program and shakes hands with it. The error tells what the
// program printed.
func (s *Supervisor) start(program Program) (*process, error) {
	if err := s.box.Report().Check(program.Needs); err != nil {
		return nil, err
	}
	log := s.config.Log.With("connector", program.Connector, "version", program.Version)
	p := &process{program: program, port: s.config.Broker.NewPort(), carries: map[string]*carried{}, started: time.Now()}
	p.out = &output{log: log, limit: s.config.Limits.Output, flood: func() {
		p.kill(fmt.Sprintf("it printed more than %d MiB within %s", s.config.Limits.Output>>20, outputWindow))
	}}
	dir, err := os.MkdirTemp(s.dir, "")
	if err != nil {
		return nil, fmt.Errorf("make the connector's folder: %w", err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		return nil, fmt.Errorf("make the connector's folder: %w", err)
	}
	p.dir = dir
	p.client = plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion: wire.ProtocolVersion, MagicCookieKey: wire.CookieKey, MagicCookieValue: wire.CookieValue,
		},
		Plugins:          plugin.PluginSet{wire.PluginName: &hostPlugin{}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		SkipHostEnv:      true,
		StartTimeout:     s.config.StartTimeout,
		Logger:           hclog.NewNullLogger(),
		SyncStdout:       p.out,
		SyncStderr:       p.out,
		UnixSocketConfig: &plugin.UnixSocketConfig{TempDir: dir},
		GRPCDialOptions: []grpc.DialOption{
			grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(wire.MaxMessage)),
			grpc.WithInitialWindowSize(wire.Window), grpc.WithInitialConnWindowSize(wire.Window),
			grpc.WithReadBufferSize(wire.SocketBuffer), grpc.WithWriteBufferSize(wire.SocketBuffer),
		},
		RunnerFunc: func(_ hclog.Logger, cmd *exec.Cmd, own string) (goplugin.Runner, error) {
			p.runner = &runner{
				box: s.box, program: program, env: cmd.Env, dir: own, limits: s.config.Limits, out: p.out, log: log, port: p.port,
				exited: make(chan struct{}),
			}
			if s.asRoot {
				p.runner.user = s.users.get(program.Connector + "/" + program.For)
			}
			return p.runner, nil
		},
	})
	if err := p.connect(); err != nil {
		return nil, errors.Join(p.startError(err), p.cleanUp())
	}
	go p.watchFolder(s.config.Limits.Folder)
	log.Info("connector started", slog.Int("pid", p.pid()), slog.Duration("took", time.Since(p.started)))
	return p, nil
}

func (p *process) connect() error {
	client, err := p.client.Client()
	if err != nil {
		return err
	}
	raw, err := client.Dispense(wire.PluginName)
	if err != nil {
		return err
	}
	p.connector = raw.(pb.ConnectorServiceClient)
	return nil
}

// startError explains a failed start: go-plugin's words, how the process ended
// and what it printed.
func (p *process) startError(err error) error {
	text := strings.TrimSpace(strings.SplitN(err.Error(), "\n", 2)[0])
	if errors.Is(err, ErrSwapped) || p.runner == nil || p.runner.process == nil {
		return fmt.Errorf("%w", err)
	}
	if len(text) > 300 {
		text = text[:300] + " ..."
	}
	p.kill("it did not start")
	select {
	case <-p.runner.exited:
		if state := p.runner.process.State(); state != nil && state.ExitCode() > 0 {
			text += "; " + p.runner.process.Cause()
		}
	case <-time.After(5 * time.Second):
	}
	if last := p.lastWords(); last != "" {
		text += "; it printed: " + last
	}
	return errors.New(text)
}

// usable reports whether the process runs and is to go on running.
func (p *process) usable() bool {
	select {
	case <-p.runner.exited:
		return false
	default:
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.reason == ""
}

func (p *process) pid() int { return p.runner.process.Pid() }

// kill ends the process at once, for a reason that goes into the errors of its
// calls.
func (p *process) kill(reason string) {
	p.mu.Lock()
	if p.reason == "" {
		p.reason = reason
	}
	p.mu.Unlock()
	if p.runner != nil {
		_ = p.runner.Kill(context.Background())
	}
}

// stop asks the process to end and waits until it has.
func (p *process) stop(reason string) {
	p.mu.Lock()
	if p.reason == "" {
		p.reason = reason
	}
	p.mu.Unlock()
	asked := make(chan struct{})
	go func() {
		p.client.Kill() // asks, and kills after 2 seconds; it waits for ever for one that is stopped
		close(asked)
	}()
	select {
	case <-asked:
	case <-time.After(3 * time.Second):
		p.kill(reason)
		<-asked
	}
	<-p.runner.exited
}

// cause says why the process ended.
func (p *process) cause() string {
	p.mu.Lock()
	reason := p.reason
	p.mu.Unlock()
	if reason != "" {
		return reason
	}
	text := p.runner.process.Cause()
	if last := p.lastWords(); last != "" {
		text += "; its last words: " + last
	}
	return text
}

// lastWords returns the line that says most: the one of a panic, or the last.
func (p *process) lastWords() string {
	if line := p.out.panicLine(); line != "" {
		return line
	}
	lines := p.out.lines()
	if len(lines) == 0 {
		return ""
	}
	return lines[len(lines)-1]
}

// cleanUp removes what is left of a process that has ended.
func (p *process) cleanUp() error {
	if p.client != nil {
		// It ends go-plugin's goroutines and the connection. Calls under way first
		// read what the process had still sent.
		time.AfterFunc(time.Second, p.client.Kill)
	}
	if p.runner != nil && p.runner.host != nil {
		p.runner.host.Stop()
	}
	if err := os.RemoveAll(p.dir); err != nil {
		return fmt.Errorf("remove %s: %w", filepath.Base(p.dir), err)
	}
	return nil
}

// hostPlugin makes the client of the contract.
type hostPlugin struct{ plugin.NetRPCUnsupportedPlugin }

// GRPCServer is the connector's side.
func (*hostPlugin) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error {
	return errors.New("the host is not a connector")
}

// GRPCClient returns a pb.ConnectorServiceClient.
func (*hostPlugin) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, c *grpc.ClientConn) (any, error) {
	return pb.NewConnectorServiceClient(c), nil
}

// carried counts the calls of one connector in a process that carries out many.
type carried struct {
	program Program
	calls   int
}

// join and leave keep count of the calls of a connector that this process is not
// itself. The unit is locked.
func (p *process) join(caller Program, key string) {
	if caller.Runtime == "" || key == caller.ID() {
		return
	}
	c := p.carries[caller.ID()]
	if c == nil {
		c = &carried{program: caller}
		p.carries[caller.ID()] = c
	}
	c.calls++
}

func (p *process) leave(caller Program) {
	if c := p.carries[caller.ID()]; c != nil {
		if c.calls--; c.calls == 0 {
			delete(p.carries, caller.ID())
		}
	}
}

// suspects returns the connectors that can have ended this process: the one that
// is known to have, or all that it carried out when it ended; none when it is a
// connector of its own. The unit is locked.
func (p *process) suspects() []Program {
	if p.culprit != nil && p.carries[p.culprit.ID()] != nil {
		return []Program{*p.culprit}
	}
	out := make([]Program, 0, len(p.carries))
	for _, c := range p.carries {
		out = append(out, c.program)
	}
	return out
}
