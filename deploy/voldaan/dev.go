package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/deploy/postgres"
	"github.com/voldaan/voldaan/deploy/stack"
	"github.com/voldaan/voldaan/workflows"
	"github.com/voldaan/voldaan/workflows/temporalserver"
)

func devCommand() *cobra.Command {
	var day time.Duration
	cmd := &cobra.Command{
		Use: "dev", Short: "Start everything on this machine, with a demonstration tenant", GroupID: "try", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := stack.New(stack.Config{})
			if err != nil {
				return err
			}
			defer s.Close()
			m := &machine{stack: s, day: day, names: devDatabases}
			if err := m.declare(); err != nil {
				return err
			}
			defer m.live()()
			return s.Run(cmd.Context(), func() {
				m.box()
				go m.tellDay(cmd.Context())
			})
		},
	}
	cmd.Flags().DurationVar(&day, "day", 2*time.Second, "how long a day of the demonstration lasts")
	return cmd
}

// machine is the whole installation on one machine.
type machine struct {
	stack *stack.Stack
	day   time.Duration
	names databases

	ports map[string]int

	mu       sync.Mutex // protects the rest, which a restart may change
	postgres *postgres.Server
	database string
	temporal temporalserver.Ready
}

func (m *machine) address(name string) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(m.ports[name]))
}

func (m *machine) url(name string) string { return "http://" + m.address(name) }

func (m *machine) dir(name string) string { return m.stack.Dir(name) }

func (m *machine) clock() string { return m.dir("clock.json") }

func (m *machine) declare() error {
	m.ports = map[string]int{}
	for _, wish := range []struct {
		name string
		port int
	}{{"hub", 8080}, {"inbound", 2525}, {"temporal", 7233}, {"temporal-ui", 8233}, {"moneybird", 4010}, {"mollie", 4020}, {"bailiff", 4030}, {"mail", 8025}, {"smtp", 1025}} {
		port, err := m.stack.Port(wish.name, wish.port)
		if err != nil {
			return err
		}
		m.ports[wish.name] = port
	}
	m.stack.Add(
		stack.Part{Name: "Postgres", Start: m.startPostgres, ReadyIn: 5 * time.Minute, Hint: ownInstead(postgres.URLVariable, "a Postgres")},
		stack.Part{Name: "Temporal", Start: m.startTemporal, ReadyIn: 30 * time.Minute, Hint: ownInstead("TEMPORAL_ADDRESS", "a Temporal")},
		m.program("Mail sink", "mail", "emulate", "mail", "--listen", m.address("mail"), "--smtp", m.address("smtp"), "--state", m.dir("mail"), "--inbound", m.address("inbound"), "--clock", m.clock()),
		m.program("Moneybird (emulated)", "moneybird", "emulate", "moneybird", "--listen", m.address("moneybird"), "--public", m.url("moneybird"), "--state", m.dir("moneybird"), "--clock", m.clock()),
		m.program("Mollie (emulated)", "mollie", "emulate", "mollie", "--listen", m.address("mollie"), "--public", m.url("mollie"), "--state", m.dir("mollie"), "--clock", m.clock()),
		m.program("Bailiff (emulated)", "bailiff", "emulate", "bailiff", "--listen", m.address("bailiff"), "--state", m.dir("bailiff"), "--clock", m.clock()),
		m.goesOn(m.program("Hub", "hub", "serve")),
		// The debtors catch up before the worker does: what they did while the
		// machine was down came first.
		m.demonstration(),
		m.program("Worker", "", "worker"),
	)
	return m.hold()
}

// ownInstead suggests the other way to have a part.
func ownInstead(variable, what string) string {
	if os.Getenv(variable) != "" {
		return "Unset " + variable + " to let Voldaan run " + what + " by itself."
	}
	return "Set " + variable + " to use " + what + " of your own."
}

// goesOn lets the story go on when the part starts for the first time: what
// comes before it changes nothing, so the story need not pass meanwhile.
func (m *machine) goesOn(p stack.Part) stack.Part {
	released, command := false, p.Command
	p.Command = func(env stack.Env) (*exec.Cmd, error) {
		if !released {
			if err := m.release(context.Background()); err != nil {
				return nil, err
			}
			released = true
		}
		return command(env)
	}
	return p
}

// demonstration is the part that sets the tenant up and acts the debtors.
func (m *machine) demonstration() stack.Part {
	p, ready := m.program("Demonstration", "", "play"), m.dir("demonstration.ready")
	command := p.Command
	p.Command = func(env stack.Env) (*exec.Cmd, error) {
		if err := os.Remove(ready); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		cmd, err := command(env)
		if err == nil {
			cmd.Env = append(cmd.Env, "VOLDAAN_DEMO_READY="+ready)
		}
		return cmd, err
	}
	p.Ready = func(context.Context) error {
		_, err := os.Stat(ready)
		return err
	}
	return p
}

func (m *machine) startPostgres(ctx context.Context, env stack.Env) (stack.Running, error) {
	s, err := postgres.Open(ctx, postgres.Config{Dir: m.dir("postgres"), Note: env.Note})
	if err != nil {
		return nil, err
	}
	login, err := m.prepare(ctx, s, env.Note)
	if err != nil {
		s.Close(5 * time.Second)
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.postgres, m.database = s, login
	env.Show(s.Address())
	return s, nil
}

// prepare brings the database up to date and returns its address for hub and
// worker.
func (m *machine) prepare(ctx context.Context, s *postgres.Server, note func(string)) (string, error) {
	if err := m.startOver(ctx, s); err != nil {
		return "", err
	}
	owner, err := postgres.EnsureDatabase(ctx, s, m.names.voldaan)
	if err != nil {
		return "", err
	}
	if err := store.Migrate(ctx, owner); err != nil {
		return "", err
	}
	login, err := m.login(ctx, owner, note)
	if err != nil {
		return "", err
	}
	return login, m.strangers(ctx, login)
}

func (m *machine) startTemporal(ctx context.Context, env stack.Env) (stack.Running, error) {
	if given, ok := temporalserver.Given(); ok {
		if err := ensureNamespace(ctx, given.Address, namespace, retention); err != nil {
			return nil, fmt.Errorf("use the Temporal that TEMPORAL_ADDRESS names, %s: %w", given.Address, err)
		}
		m.use(given)
		env.Show(given.Address)
		return stack.Elsewhere(), nil
	}
	binary, err := temporalserver.Binary(ctx, env.Note)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	admin := m.postgres.Admin()
	m.mu.Unlock()
	s, err := temporalserver.Start(ctx, binary, temporalserver.Config{
		Postgres: admin, Database: m.names.temporal, Visibility: m.names.visibility, Port: m.ports["temporal"], UIPort: m.ports["temporal-ui"],
		Namespace: namespace, Retention: retention, Log: env.Log, Refresh: time.Second,
		SearchAttributes: map[string]string{
			workflows.AttrTenant.GetName(): "Keyword", workflows.AttrInvoice.GetName(): "Keyword",
			workflows.AttrPhase.GetName(): "Keyword", workflows.AttrHold.GetName(): "Keyword",
		},
	})
	if err != nil {
		return nil, err
	}
	m.use(s.Ready)
	env.Show(s.UI)
	return s, nil
}

// What the one-machine stack keeps in Temporal, and for how long after the end.
const (
	namespace = "voldaan"
	retention = 7 * 24 * time.Hour
)

func (m *machine) use(r temporalserver.Ready) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.temporal = r
}

// program is a part that is a command of this binary.
func (m *machine) program(name, port string, args ...string) stack.Part {
	p := stack.Part{
		Name: name,
		Command: func(stack.Env) (*exec.Cmd, error) {
			exe, err := os.Executable()
			if err != nil {
				return nil, err
			}
			cmd := exec.Command(exe, args...)
			cmd.Env = append(os.Environ(), m.environment()...)
			return cmd, nil
		},
	}
	if port != "" {
		p.Address, p.Ready = m.url(port), stack.Dials(m.address(port))
	}
	return p
}

// environment is how hub, worker and the demonstration find the others.
func (m *machine) environment() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return []string{
		"VOLDAAN_DATABASE_URL=" + m.database, "TEMPORAL_ADDRESS=" + m.temporal.Address, "TEMPORAL_NAMESPACE=" + namespace, "TEMPORAL_UI=" + m.temporal.UI,
		"VOLDAAN_LISTEN=" + m.address("hub"), "VOLDAAN_PUBLIC_URL=" + m.url("hub"), "VOLDAAN_INBOUND_LISTEN=" + m.address("inbound"),
		"VOLDAAN_SMTP_ADDRESS=" + m.address("smtp"), "VOLDAAN_MAIL_DOMAIN=voldaan.localhost", "VOLDAAN_MAIL_LOG_URL=" + m.url("mail"),
		"VOLDAAN_KEYS=" + m.dir("keys"), "VOLDAAN_FOLDERS=" + m.dir("folders"), "VOLDAAN_MOLLIE_URL=" + m.url("mollie"), "VOLDAAN_MOLLIE_KEY=" + demoMollieKey,
		"VOLDAAN_HOST_OVERRIDES=moneybird.com=" + m.url("moneybird") + ",storage.moneybird.dev=" + m.url("moneybird"),
		"VOLDAAN_OAUTH_CLIENTS=moneybird=" + demoClient.ID + ":" + demoClient.Secret,
		"VOLDAAN_DEMO_CLOCK=" + m.clock(), "VOLDAAN_DEMO_DAY=" + m.day.String(), "VOLDAAN_DEMO_MONEYBIRD=" + m.url("moneybird"),
		"VOLDAAN_DEMO_BAILIFF=" + m.url("bailiff"), "VOLDAAN_SFTP_NETWORKS=127.0.0.1/32",
	}
}

// environmentFile tells commands beside a running stack where everything is.
const environmentFile = "environment"

// pace says how fast the story's time passes.
func (m *machine) pace() string {
	c, err := readClock(m.clock())
	if err != nil {
		return "has not begun"
	}
	if !c.at(time.Now()).Before(c.Until) {
		return "has been played; its time goes on at real pace"
	}
	return fmt.Sprintf("a day lasts %s; eleven weeks pass in about %s", c.DayLength, (time.Duration(storyDays) * c.DayLength).Round(10*time.Second))
}

// tellDay shows on a terminal which day of the story it is, while it is fast.
func (m *machine) tellDay(ctx context.Context) {
	if !m.stack.Terminal() {
		return
	}
	clock, last := &fileClock{path: m.clock()}, storyOrigin.AddDate(0, 0, fastDays)
	show := m.stack.Progress()
	for now := clock.Now(); now.Before(last); now = clock.Now() {
		show("In the story it is " + now.In(amsterdam()).Format("Monday 2 January 2006"))
		select {
		case <-ctx.Done():
			return
		case <-time.After(lookAgain):
		}
	}
	show("")
	m.stack.Note("The story has been played. Its time goes on at real pace.")
}

func (m *machine) box() {
	if err := os.WriteFile(m.dir(environmentFile), []byte(strings.Join(m.environment(), "\n")+"\n"), 0o600); err != nil {
		m.stack.Note("  " + err.Error())
	}
	home := m.stack.Dir()
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, home); err == nil && !strings.HasPrefix(rel, "..") {
			home = rel
		}
	}
	m.stack.Box("Voldaan is running",
		stack.Row{Label: "Pages", Value: m.url("hub")},
		stack.Row{Label: "Sign in", Value: demoEmail + "  /  " + demoPassword},
		stack.Row{Label: "Temporal UI", Value: m.temporal.UI},
		stack.Row{Label: "Sent mail", Value: m.url("mail")},
		stack.Row{Label: "REST API", Value: m.url("hub") + "/api/docs"},
		stack.Row{Label: "The story", Value: m.pace()},
		stack.Row{Label: "Stop", Value: "Ctrl-C"},
		stack.Row{Label: "Start over", Value: "remove " + home + ", then start again"},
	)
}
