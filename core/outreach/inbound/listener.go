package inbound

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/uuid"
	"golang.org/x/net/netutil"

	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/outreach/token"
)

// Config of a listener.
type Config struct {
	Domains []string // domains of our bounce and reply addresses
	Keys    token.Keys
	Handler Handler
	TLS     *tls.Config // offers STARTTLS when set
	Clock   clock.Clock // default the real one
	Logger  *slog.Logger

	MaxBytes       int64         // default 15 MiB
	MaxConnections int           // default 100
	Timeout        time.Duration // for a command or a whole message, default 1 min
	HandleTimeout  time.Duration // for the Handler, default 30 s
}

// Listener receives mail over SMTP.
type Listener struct {
	config Config
	server *smtp.Server
}

// New checks the configuration.
func New(c Config) (*Listener, error) {
	if c.Handler == nil || len(c.Domains) == 0 {
		return nil, errors.New("inbound mail needs a handler and at least one domain")
	}
	c.MaxBytes = cmp.Or(c.MaxBytes, 15<<20)
	c.MaxConnections = cmp.Or(c.MaxConnections, 100)
	c.Timeout = cmp.Or(c.Timeout, time.Minute)
	c.HandleTimeout = cmp.Or(c.HandleTimeout, 30*time.Second)
	if c.Clock == nil {
		c.Clock = clock.Real
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	l := &Listener{config: c}
	s := smtp.NewServer(smtp.BackendFunc(func(conn *smtp.Conn) (smtp.Session, error) {
		return &session{listener: l}, nil
	}))
	s.Domain, s.TLSConfig = c.Domains[0], c.TLS
	s.MaxMessageBytes, s.MaxRecipients = c.MaxBytes, 20
	s.ReadTimeout, s.WriteTimeout = c.Timeout, c.Timeout
	s.ErrorLog = logger{c.Logger}
	l.server = s
	return l, nil
}

// Serve accepts connections until Close or Shutdown.
func (l *Listener) Serve(on net.Listener) error {
	err := l.server.Serve(netutil.LimitListener(on, l.config.MaxConnections))
	if errors.Is(err, smtp.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// Shutdown ends after the conversations that are under way.
func (l *Listener) Shutdown(ctx context.Context) error { return l.server.Shutdown(ctx) }

// Close ends at once. Senders whose mail was not confirmed try again.
func (l *Listener) Close() error { return l.server.Close() }

type target struct {
	purpose token.Purpose
	message uuid.UUID
}

type session struct {
	listener *Listener
	from     string
	targets  []target
}

func (s *session) Reset()        { s.from, s.targets = "", nil }
func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

// Rcpt takes addresses that carry a valid token of ours and nothing else.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	domain := to[strings.LastIndexByte(to, '@')+1:]
	ours := false
	for _, d := range s.listener.config.Domains {
		ours = ours || strings.EqualFold(d, domain)
	}
	if !ours {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "We do not relay mail"}
	}
	purpose, message, err := s.listener.config.Keys.Parse(to)
	if err != nil {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "There is no such address here"}
	}
	for _, t := range s.targets {
		if t.message == message && t.purpose == purpose {
			return nil
		}
	}
	s.targets = append(s.targets, target{purpose, message})
	return nil
}

// Data hands the mail over for each address. It answers 250 only when all of it
// is stored.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	c := s.listener.config
	ctx, cancel := context.WithTimeout(context.Background(), c.HandleTimeout)
	defer cancel()
	for _, t := range s.targets {
		if err := hand(ctx, c, t, raw, s.from); err != nil {
			c.Logger.Error("inbound mail was not stored; its sender will try again", "message", t.message, "error", err)
			return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "We could not store this message now, please try again later"}
		}
	}
	return nil
}

func hand(ctx context.Context, c Config, t target, raw []byte, from string) error {
	b, r := Parse(raw, t.purpose, t.message, from, c.Clock.Now())
	if b != nil {
		return c.Handler.Bounce(ctx, *b)
	}
	return c.Handler.Reply(ctx, *r)
}

// logger hands the server's own errors on. They may hold what a peer sent, so
// only their kind is kept.
type logger struct{ to *slog.Logger }

func (l logger) Printf(format string, _ ...any) { l.to.Debug("inbound mail", "event", format) }
func (l logger) Println(v ...any)               { l.to.Debug("inbound mail", "event", fmt.Sprint(len(v))) }
