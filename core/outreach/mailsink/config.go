package mailsink

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/voldaan/voldaan/core/clock"
)

// Behaviour is what the sink does with mail for a recipient.
type Behaviour string

// The behaviours. The empty Behaviour is Accept.
const (
	Accept    Behaviour = ""
	Refuse    Behaviour = "refuse"     // 550 5.1.1 at RCPT
	Greylist  Behaviour = "greylist"   // 451 the first time, then accept
	DieStored Behaviour = "die_stored" // keep the message and hang up before 250, once per message
	DieLost   Behaviour = "die_lost"   // lose the message and hang up before 250, once per message
	Bounce    Behaviour = "bounce"     // accept, then send a hard bounce to the envelope sender
	SoftFail  Behaviour = "soft_fail"  // accept, then send a soft bounce
	Slow      Behaviour = "slow"       // wait for Config.Delay before 250
)

// Rule gives recipients a behaviour. The first rule that matches counts.
type Rule struct {
	Recipient string // address or pattern of path.Match, in lower case: "*@bounce.example"
	Do        Behaviour
}

// Config of a sink.
type Config struct {
	Dir     string // where messages are kept; created when missing
	Rules   []Rule
	Inbound string        // host:port that replies and bounces are sent to
	Delay   time.Duration // of Slow and before a bounce, default 1 s
	Domain  string        // the sink's name, default "sink.localhost"
	Clock   clock.Clock   // moment shown for a message, default the real one
	Logger  *slog.Logger
}

// Sink keeps mail. It is an http.Handler for its page and API; mount it at the
// root of a listener of its own.
type Sink struct {
	config Config
	store  *store
	smtp   *smtp.Server
	mux    http.Handler

	mu    sync.Mutex
	rules []Rule
	once  map[string]bool // greylisted and died before, by sender and recipient

	stop    context.Context
	cancel  context.CancelFunc
	pending sync.WaitGroup
}

// New opens the folder and reads what it holds. Bounces that were not sent
// before the last stop are sent now.
func New(c Config) (*Sink, error) {
	if c.Dir == "" {
		return nil, errors.New("the mail sink needs a folder to keep messages in")
	}
	c.Delay = cmp.Or(c.Delay, time.Second)
	c.Domain = cmp.Or(c.Domain, "sink.localhost")
	if c.Clock == nil {
		c.Clock = clock.Real
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	for _, r := range c.Rules {
		if _, err := path.Match(r.Recipient, ""); err != nil {
			return nil, fmt.Errorf("mail sink rule %q: %w", r.Recipient, err)
		}
	}
	st, err := openStore(c.Dir)
	if err != nil {
		return nil, err
	}
	s := &Sink{config: c, store: st, rules: c.Rules, once: map[string]bool{}}
	s.stop, s.cancel = context.WithCancel(context.Background())
	s.smtp = s.server()
	s.mux = s.routes()
	for _, m := range st.list() {
		if do := s.behaviour(m.To); !m.bounced && (do == Bounce || do == SoftFail) {
			s.bounceLater(m, do)
		}
	}
	return s, nil
}

// ServeSMTP accepts mail until Close.
func (s *Sink) ServeSMTP(l net.Listener) error {
	err := s.smtp.Serve(l)
	if s.stop.Err() != nil || errors.Is(err, smtp.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// ServeHTTP serves the page and the API.
func (s *Sink) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// SetRules replaces the rules for mail that comes in from now on.
func (s *Sink) SetRules(rules []Rule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = rules
}

// Close stops the mail server and waits for what is under way.
func (s *Sink) Close() error {
	s.cancel()
	err := s.smtp.Close()
	s.pending.Wait()
	if errors.Is(err, smtp.ErrServerClosed) {
		return nil
	}
	return err
}

func (s *Sink) behaviour(recipient string) Behaviour {
	s.mu.Lock()
	defer s.mu.Unlock()
	recipient = strings.ToLower(recipient)
	for _, r := range s.rules {
		if ok, err := path.Match(strings.ToLower(r.Recipient), recipient); err == nil && ok {
			return r.Do
		}
	}
	return Accept
}

// first reports whether this happens for the first time since the start.
func (s *Sink) first(what, from, to string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := what + " " + from + " " + to
	seen := s.once[key]
	s.once[key] = true
	return !seen
}
