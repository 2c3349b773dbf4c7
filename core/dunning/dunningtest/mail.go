package dunningtest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/mail"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// Mail is an SMTP server that keeps every message, and misbehaves on request.
type Mail struct {
	address string

	mu       sync.Mutex
	received []Message
	answer   func(to string) Answer
	hold     func(to string)
	silent   bool
}

// Message is an e-mail as it arrived.
type Message struct {
	ID  string // of its Message-ID field
	To  string
	At  time.Time // by the machine's monotonic clock
	Raw []byte
}

// Answer is what the server does with a message.
type Answer int

// The answers. The zero Answer accepts.
const (
	Accept  Answer = iota
	Refuse         // 550 at RCPT: no such user
	Later          // 451 at RCPT
	DieKept        // keep the message and hang up without an answer
	DieLost        // lose the message and hang up without an answer
)

func newMail(t testing.TB) *Mail {
	l := listen(t)
	m := &Mail{address: l.Addr().String()}
	srv := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{mail: m, conn: c}, nil }))
	srv.Domain, srv.MaxMessageBytes = "mail.test", 20<<20
	srv.ErrorLog = quiet{}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	return m
}

// Answer sets what the server does; nil accepts everything.
func (m *Mail) Answer(f func(to string) Answer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answer = f
}

// Hold sets a function that is called before a message is accepted.
func (m *Mail) Hold(f func(to string)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hold = f
}

// Silence makes the delivery log unreachable, or reachable again.
func (m *Mail) Silence(silent bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.silent = silent
}

// Delivered implements dunning.DeliveryLog.
func (m *Mail) Delivered(_ context.Context, id string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.silent {
		return false, errors.New("the delivery log is out of reach")
	}
	for _, r := range m.received {
		if r.ID == id {
			return true, nil
		}
	}
	return false, nil
}

// Received returns what arrived so far, in order.
func (m *Mail) Received() []Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Message(nil), m.received...)
}

type session struct {
	mail *Mail
	conn *smtp.Conn
	to   string
}

func (s *session) Reset()                               { s.to = "" }
func (s *session) Logout() error                        { return nil }
func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

func (s *session) does() Answer {
	s.mail.mu.Lock()
	defer s.mail.mu.Unlock()
	if s.mail.answer == nil {
		return Accept
	}
	return s.mail.answer(s.to)
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	switch s.does() {
	case Refuse:
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such user here"}
	case Later:
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Try again later"}
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mail.mu.Lock()
	hold := s.mail.hold
	s.mail.mu.Unlock()
	if hold != nil {
		hold(s.to)
	}
	do := s.does()
	if do != DieLost {
		s.mail.keep(s.to, raw)
	}
	if do == DieKept || do == DieLost {
		_ = s.conn.Conn().Close()
	}
	return nil
}

func (m *Mail) keep(to string, raw []byte) {
	parsed, err := mail.ReadMessage(bytes.NewReader(raw))
	id := ""
	if err == nil {
		id = parsed.Header.Get("Message-ID")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.received = append(m.received, Message{ID: id, To: to, At: time.Now(), Raw: raw})
}

// quiet drops the server's log.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}
