package email

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/smtp"
	"net/textproto"
	"time"

	"github.com/voldaan/voldaan/core/clock"
)

// Security is how the connection to the server is protected.
type Security string

// The ways to protect a connection. The empty Security is RequireTLS.
const (
	RequireTLS  Security = "starttls"      // STARTTLS or nothing is sent
	ImplicitTLS Security = "tls"           // TLS from the first byte (port 465)
	OfferTLS    Security = "opportunistic" // STARTTLS where the server has it
	NoTLS       Security = "none"          // for a server on the same machine
)

// Server is the SMTP server that takes our mail.
type Server struct {
	Address  string // host:port
	Security Security
	Username string
	Password string
	Name     string // our name in EHLO
	TLS      *tls.Config

	ConnectTimeout time.Duration // default 30 s
	CommandTimeout time.Duration // per command, default 5 min (RFC 5321 4.5.3.2)
	FinalTimeout   time.Duration // for the answer to the message, default 10 min
	Grace          time.Duration // how long a cancelled delivery still waits for that answer, default 10 s
	Clock          clock.Clock   // for Receipt.At, default the real one
}

// LogValue keeps the password out of logs.
func (s Server) LogValue() slog.Value {
	return slog.GroupValue(slog.String("address", s.Address), slog.String("security", string(s.Security)), slog.Bool("auth", s.Username != ""))
}

// Deliver hands one message to the server. It never fails without a receipt:
// the receipt says whether the message was accepted, refused, not handed over
// (safe to try again), or handed over without an answer.
func (s Server) Deliver(ctx context.Context, e Envelope) Receipt {
	if s.Clock == nil {
		s.Clock = clock.Real
	}
	r := Receipt{MessageID: e.MessageID, Host: s.Address}
	d := &dialogue{server: s}
	stage, err := d.run(ctx, e, &r)
	r.At = s.Clock.Now()
	if d.client != nil {
		if state, ok := d.client.TLSConnectionState(); ok && state.HandshakeComplete {
			r.TLS = tls.VersionName(state.Version) + " " + tls.CipherSuiteName(state.CipherSuite)
		}
	}
	d.close(err == nil)
	if err != nil {
		return r.judge(stage, err)
	}
	r.Outcome, r.Stage = Accepted, Final
	return r
}

type dialogue struct {
	server Server
	conn   net.Conn
	client *smtp.Client
}

func (d *dialogue) run(ctx context.Context, e Envelope, r *Receipt) (Stage, error) {
	if err := d.connect(ctx); err != nil {
		return Connect, err
	}
	// A cancelled context ends the dialogue at once, up to the closing dot.
	stop := context.AfterFunc(ctx, func() { _ = d.conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	for _, step := range []struct {
		stage Stage
		do    func() error
	}{
		{Connect, d.greet},
		{Hello, func() error { return d.client.Hello(cmp.Or(d.server.Name, "localhost")) }},
		{StartTLS, d.startTLS},
		{Auth, d.auth},
		{MailFrom, func() error { return d.client.Mail(e.From) }},
		{Recipient, func() error { return d.client.Rcpt(e.To) }},
		{Data, func() error { return d.text(e.Raw) }},
		{Data, e.beforeEnd},
	} {
		if err := ctx.Err(); err != nil {
			return step.stage, err
		}
		d.deadline(ctx, cmp.Or(d.server.CommandTimeout, 5*time.Minute))
		if err := step.do(); err != nil {
			return step.stage, err
		}
	}
	stop()
	return Final, d.finish(ctx, r)
}

func (d *dialogue) deadline(ctx context.Context, timeout time.Duration) {
	_ = d.conn.SetDeadline(time.Now().Add(timeout))
	if ctx.Err() != nil {
		_ = d.conn.SetDeadline(time.Unix(1, 0))
	}
}

func (d *dialogue) connect(ctx context.Context) error {
	dialer := net.Dialer{Timeout: cmp.Or(d.server.ConnectTimeout, 30*time.Second)}
	conn, err := dialer.DialContext(ctx, "tcp", d.server.Address)
	if err != nil {
		return err
	}
	d.conn = conn
	return nil
}

func (d *dialogue) config() *tls.Config {
	host, _, _ := net.SplitHostPort(d.server.Address)
	if d.server.TLS == nil {
		return &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	}
	c := d.server.TLS.Clone()
	c.ServerName = cmp.Or(c.ServerName, host)
	return c
}

func (d *dialogue) greet() error {
	if d.server.Security == ImplicitTLS {
		d.conn = tls.Client(d.conn, d.config())
	}
	host, _, _ := net.SplitHostPort(d.server.Address)
	client, err := smtp.NewClient(d.conn, host)
	if err != nil {
		return err
	}
	d.client = client
	return nil
}

func (d *dialogue) startTLS() error {
	switch d.server.Security {
	case NoTLS, ImplicitTLS:
		return nil
	}
	if ok, _ := d.client.Extension("STARTTLS"); !ok {
		if d.server.Security == OfferTLS {
			return nil
		}
		return errors.New("the server does not offer STARTTLS; nothing was sent in plain text")
	}
	return d.client.StartTLS(d.config())
}

func (d *dialogue) auth() error {
	if d.server.Username == "" {
		return nil
	}
	host, _, _ := net.SplitHostPort(d.server.Address)
	return d.client.Auth(smtp.PlainAuth("", d.server.Username, d.server.Password, host))
}

// text sends DATA and the message without its closing dot: a connection lost
// up to here delivered nothing.
func (d *dialogue) text(raw []byte) error {
	id, err := d.client.Text.Cmd("DATA")
	if err != nil {
		return err
	}
	d.client.Text.StartResponse(id)
	_, _, err = d.client.Text.ReadResponse(354)
	d.client.Text.EndResponse(id)
	if err != nil {
		return err
	}
	if _, err = d.client.Text.W.Write(stuffed(raw)); err == nil {
		err = d.client.Text.W.Flush()
	}
	if err == nil {
		return nil
	}
	// A server that hangs up on a message often says why first.
	_ = d.conn.SetReadDeadline(time.Now().Add(time.Second))
	var reply *textproto.Error
	if _, _, said := d.client.Text.ReadResponse(250); errors.As(said, &reply) {
		return reply
	}
	return err
}

// finish sends the closing dot and waits for the answer. From its first byte on
// silence means that nobody knows.
func (d *dialogue) finish(ctx context.Context, r *Receipt) error {
	d.deadline(context.WithoutCancel(ctx), cmp.Or(d.server.FinalTimeout, 10*time.Minute))
	grace := cmp.Or(d.server.Grace, 10*time.Second)
	stop := context.AfterFunc(ctx, func() { _ = d.conn.SetDeadline(time.Now().Add(grace)) })
	defer stop()
	if _, err := d.client.Text.W.WriteString(".\r\n"); err != nil {
		return err
	}
	if err := d.client.Text.W.Flush(); err != nil {
		return err
	}
	code, msg, err := d.client.Text.ReadResponse(250)
	if err != nil {
		return err
	}
	r.Code = code
	r.Enhanced, r.Text = split(msg)
	return nil
}

func (d *dialogue) close(polite bool) {
	if d.conn == nil {
		return
	}
	if polite && d.client != nil {
		// The message is delivered whatever happens to QUIT.
		_ = d.conn.SetDeadline(time.Now().Add(2 * time.Second))
		_ = d.client.Quit()
	}
	_ = d.conn.Close()
}

// stuffed returns the message with CRLF line ends, a dot before each line that
// starts with one (RFC 5321 4.5.2), and a line end after the last line.
func stuffed(raw []byte) []byte {
	out := make([]byte, 0, len(raw)+64)
	start := true
	for i, b := range raw {
		if start && b == '.' {
			out = append(out, '.')
		}
		switch {
		case b == '\n' && (i == 0 || raw[i-1] != '\r'):
			out = append(out, '\r', '\n')
		case b == '\r' && (i+1 == len(raw) || raw[i+1] != '\n'):
			// A lone CR could end a line for some servers and not for others.
			out = append(out, '\r', '\n')
		default:
			out = append(out, b)
		}
		start = b == '\n' || b == '\r' && (i+1 == len(raw) || raw[i+1] != '\n')
	}
	if n := len(out); n < 2 || out[n-2] != '\r' || out[n-1] != '\n' {
		out = append(out, '\r', '\n')
	}
	return out
}

// String names the outcome with what was said, for logs and timelines.
func (r Receipt) String() string {
	return fmt.Sprintf("%s at %s by %s: %d %s %s", r.Outcome, r.Stage, r.Host, r.Code, r.Enhanced, r.Text)
}
