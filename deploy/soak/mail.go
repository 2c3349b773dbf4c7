package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/mail"
	"sync"

	"github.com/emersion/go-smtp"
)

// mailbox is the mail server of the world: it keeps the id of every message that
// it took, refuses dead addresses, and misbehaves by the dice of each attempt.
type mailbox struct {
	y      *year
	server *smtp.Server
	addr   string

	mu       sync.Mutex
	taken    map[string]int // how often it took a message, by its id
	attempts map[string]int
	dead     map[string]bool // addresses that do not exist
}

func newMailbox(y *year) (*mailbox, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open a mail server: %w", err)
	}
	m := &mailbox{y: y, addr: l.Addr().String(), taken: map[string]int{}, attempts: map[string]int{}, dead: map[string]bool{}}
	m.server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &letterbox{mailbox: m, conn: c}, nil }))
	m.server.Domain, m.server.MaxMessageBytes, m.server.ErrorLog = "mail.test", 20<<20, silent{}
	go func() { _ = m.server.Serve(l) }()
	return m, nil
}

func (m *mailbox) close() { _ = m.server.Close() }

// kill makes an address not exist any more.
func (m *mailbox) kill(address string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dead[address] = true
}

// Delivered implements dunning.DeliveryLog. Now and then it is out of reach.
func (m *mailbox) Delivered(_ context.Context, id string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.attempts["log "+id]++
	if m.y.luck(mailMute, fmt.Sprintf("log %s %d", id, m.attempts["log "+id]), 10) {
		return false, errors.New("the delivery log is out of reach")
	}
	return m.taken[id] > 0, nil
}

type letterbox struct {
	mailbox *mailbox
	conn    *smtp.Conn
	to      string
}

func (l *letterbox) Reset()                               { l.to = "" }
func (l *letterbox) Logout() error                        { return nil }
func (l *letterbox) Mail(string, *smtp.MailOptions) error { return nil }

func (l *letterbox) Rcpt(to string, _ *smtp.RcptOptions) error {
	l.to = to
	l.mailbox.mu.Lock()
	defer l.mailbox.mu.Unlock()
	if l.mailbox.dead[to] {
		l.mailbox.y.faults.fire(mailDead)
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such user here"}
	}
	return nil
}

// Data takes a message, or says that it is busy, or hangs up before or after it
// has kept the message.
func (l *letterbox) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	parsed, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	id := parsed.Header.Get("Message-ID")
	m := l.mailbox
	m.mu.Lock()
	defer m.mu.Unlock()
	m.attempts[id]++
	name := fmt.Sprintf("mail %s %d", id, m.attempts[id])
	switch {
	case m.y.luck(mailBusy, name, 125):
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Try again later"}
	case m.y.luck(mailLost, "lost "+name, 250):
		return l.conn.Conn().Close()
	}
	m.taken[id]++
	if m.y.luck(mailKept, "kept "+name, 250) {
		return l.conn.Conn().Close()
	}
	return nil
}

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}
