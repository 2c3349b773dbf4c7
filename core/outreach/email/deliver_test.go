package email_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/outreach/email"
)

// script is an SMTP server that answers each command with the reply of its
// verb; "<hang up>" closes the connection, "<silence>" never answers.
type script map[string]string

const (
	hangUp  = "<hang up>"
	silence = "<silence>"
)

type fake struct {
	address string
	tls     *tls.Config

	mu   sync.Mutex
	data []string // messages that were complete
}

func (f *fake) messages() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.data...)
}

func serve(t *testing.T, s script, secure *tls.Config) *fake {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{address: l.Addr().String(), tls: secure}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go f.talk(conn, s)
		}
	}()
	return f
}

func (f *fake) talk(conn net.Conn, s script) {
	defer func() { _ = conn.Close() }()
	r := bufio.NewReader(conn)
	say := func(verb, usual string) bool {
		reply, ok := s[verb]
		if !ok {
			reply = usual
		}
		switch reply {
		case hangUp:
			return false
		case silence:
			_, _ = io.Copy(io.Discard, r)
			return false
		}
		_, err := io.WriteString(conn, strings.ReplaceAll(reply, "\n", "\r\n")+"\r\n")
		return err == nil && !strings.HasPrefix(reply, "421")
	}
	if !say("greeting", "220 mx.example ESMTP") {
		return
	}
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		verb, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(line)), " ")
		switch verb {
		case "EHLO":
			usual := "250-mx.example\n250-8BITMIME\n250 ENHANCEDSTATUSCODES"
			if f.tls != nil {
				usual = "250-mx.example\n250 STARTTLS"
			}
			if !say(verb, usual) {
				return
			}
		case "STARTTLS":
			if !say(verb, "220 go ahead") {
				return
			}
			secured := tls.Server(conn, f.tls)
			conn, r = secured, bufio.NewReader(secured)
			f.tls = nil
		case "DATA":
			if !say(verb, "354 go ahead") {
				return
			}
			var text strings.Builder
			for {
				line, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				text.WriteString(strings.TrimPrefix(line, "."))
			}
			f.mu.Lock()
			f.data = append(f.data, text.String())
			f.mu.Unlock()
			if !say("final", "250 2.0.0 Ok: queued as 4XyZ") {
				return
			}
		case "QUIT":
			_ = say(verb, "221 bye")
			return
		default:
			if !say(verb, "250 2.1.0 ok") {
				return
			}
		}
	}
}

func envelope(t *testing.T) email.Envelope {
	t.Helper()
	e, _ := compose(t, draft(), nil)
	return e
}

func TestDeliver(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		script   script
		outcome  email.Outcome
		stage    email.Stage
		code     int
		enhanced string
		bounce   bool // the refusal is about the recipient
		complete int  // messages the server had whole
	}{
		"accepted":                                {script{}, email.Accepted, email.Final, 250, "2.0.0", false, 1},
		"accepted, dies at QUIT":                  {script{"QUIT": hangUp}, email.Accepted, email.Final, 250, "2.0.0", false, 1},
		"greylisted":                              {script{"RCPT": "451 4.7.1 Greylisted, try again later"}, email.Temporary, email.Recipient, 451, "4.7.1", false, 0},
		"unknown user":                            {script{"RCPT": "550 5.1.1 No such user"}, email.Refused, email.Recipient, 550, "5.1.1", true, 0},
		"unknown user, no enhanced code":          {script{"RCPT": "550 No such user"}, email.Refused, email.Recipient, 550, "", true, 0},
		"sender refused":                          {script{"MAIL": "550 5.7.1 Sender not allowed"}, email.Refused, email.MailFrom, 550, "5.7.1", false, 0},
		"greeting refused":                        {script{"greeting": "554 5.7.1 not you"}, email.Refused, email.Connect, 554, "5.7.1", false, 0},
		"busy":                                    {script{"greeting": "421 4.3.2 busy"}, email.Temporary, email.Connect, 421, "4.3.2", false, 0},
		"no to DATA":                              {script{"DATA": "451 4.3.0 later"}, email.Temporary, email.Data, 451, "4.3.0", false, 0},
		"message refused after DATA":              {script{"final": "554 5.6.0 looks like spam"}, email.Refused, email.Final, 554, "5.6.0", false, 1},
		"mailbox full after DATA":                 {script{"final": "552 5.2.2 mailbox full"}, email.Refused, email.Final, 552, "5.2.2", true, 1},
		"later after DATA":                        {script{"final": "451 4.3.0 queue full"}, email.Temporary, email.Final, 451, "4.3.0", false, 1},
		"hangs up before DATA":                    {script{"DATA": hangUp}, email.Temporary, email.Data, 0, "", false, 0},
		"hangs up at RCPT":                        {script{"RCPT": hangUp}, email.Temporary, email.Recipient, 0, "", false, 0},
		"R9 dies after DATA":                      {script{"final": hangUp}, email.Uncertain, email.Final, 0, "", false, 1},
		"R9 silent after DATA":                    {script{"final": silence}, email.Uncertain, email.Final, 0, "", false, 1},
		"R9 nonsense after DATA":                  {script{"final": "what?"}, email.Uncertain, email.Final, 0, "", false, 1},
		"silent at MAIL":                          {script{"MAIL": silence}, email.Temporary, email.MailFrom, 0, "", false, 0},
		"multi-line answer":                       {script{"final": "250-2.0.0 thanks\n250 2.0.0 queued"}, email.Accepted, email.Final, 250, "2.0.0", false, 1},
		"unusual yes":                             {script{"final": "251 2.1.5 forwarded"}, email.Accepted, email.Final, 251, "2.1.5", false, 1},
		"relaying denied without a code":          {script{"RCPT": "554 Relay access denied"}, email.Refused, email.Recipient, 554, "", false, 0},
		"relaying denied is about us, not debtor": {script{"RCPT": "550 5.7.0 relaying denied"}, email.Refused, email.Recipient, 550, "5.7.0", false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, tc.script, nil)
			s := email.Server{
				Address: f.address, Security: email.NoTLS, Clock: clock.At(noon),
				CommandTimeout: 300 * time.Millisecond, FinalTimeout: 300 * time.Millisecond,
			}
			r := s.Deliver(t.Context(), envelope(t))
			if r.Outcome != tc.outcome || r.Stage != tc.stage || r.Code != tc.code || r.Enhanced != tc.enhanced || r.AboutRecipient() != tc.bounce {
				t.Errorf("%v (about recipient: %v), want %s at %s, %d %s", r, r.AboutRecipient(), tc.outcome, tc.stage, tc.code, tc.enhanced)
			}
			if got := len(f.messages()); got != tc.complete {
				t.Errorf("the server had %d whole messages, want %d", got, tc.complete)
			}
			if !r.At.Equal(noon) || r.Host != f.address || r.MessageID != draft().MessageID || r.Text == "" {
				t.Errorf("receipt lacks evidence: %+v", r)
			}
		})
	}
}

func TestDeliverKeepsTheMessage(t *testing.T) {
	t.Parallel()
	f := serve(t, script{}, nil)
	e := envelope(t)
	e.Raw = append(bytes.Clone(e.Raw), "\n.\r\nRSET\r\n..two\r\nlone\rcr"...)
	if r := (email.Server{Address: f.address, Security: email.NoTLS}).Deliver(t.Context(), e); r.Outcome != email.Accepted {
		t.Fatal(r)
	}
	want := string(e.Raw[:len(e.Raw)-len("\n.\r\nRSET\r\n..two\r\nlone\rcr")]) + "\r\n.\r\nRSET\r\n..two\r\nlone\r\ncr\r\n"
	if got := f.messages(); len(got) != 1 || got[0] != want {
		t.Errorf("%d messages arrived; the first is %q", len(got), got)
	}
}

func TestDeliverNobodyThere(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	if r := (email.Server{Address: address, Security: email.NoTLS}).Deliver(t.Context(), envelope(t)); r.Outcome != email.Temporary || r.Stage != email.Connect {
		t.Errorf("%v", r)
	}
}

func TestDeliverCancelled(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		script  script
		outcome email.Outcome
	}{
		"before DATA nothing was sent": {script{"MAIL": silence}, email.Temporary},
		"R9 after DATA nobody knows":   {script{"final": silence}, email.Uncertain},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, tc.script, nil)
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			s := email.Server{Address: f.address, Security: email.NoTLS, Grace: 50 * time.Millisecond}
			if r := s.Deliver(ctx, envelope(t)); r.Outcome != tc.outcome {
				t.Errorf("%v", r)
			}
		})
	}
}

func TestDeliverTLS(t *testing.T) {
	t.Parallel()
	https := httptest.NewTLSServer(nil)
	t.Cleanup(https.Close)
	pool := x509.NewCertPool()
	pool.AddCert(https.Certificate())
	trusting := &tls.Config{RootCAs: pool, ServerName: "example.com"}
	ours := func() *tls.Config { return &tls.Config{Certificates: https.TLS.Certificates} }
	for name, tc := range map[string]struct {
		server   *tls.Config
		security email.Security
		trust    *tls.Config
		outcome  email.Outcome
		secured  bool
	}{
		"STARTTLS":                           {ours(), email.RequireTLS, trusting, email.Accepted, true},
		"STARTTLS when offered":              {ours(), email.OfferTLS, trusting, email.Accepted, true},
		"plain when not offered":             {nil, email.OfferTLS, trusting, email.Accepted, false},
		"required but not offered":           {nil, email.RequireTLS, trusting, email.Temporary, false},
		"a certificate of somebody else":     {ours(), email.RequireTLS, nil, email.Temporary, false},
		"the default asks for a secure line": {nil, "", nil, email.Temporary, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, script{}, tc.server)
			r := email.Server{Address: f.address, Security: tc.security, TLS: tc.trust}.Deliver(t.Context(), envelope(t))
			if r.Outcome != tc.outcome || strings.HasPrefix(r.TLS, "TLS 1.3 ") != tc.secured {
				t.Errorf("%v over %q", r, r.TLS)
			}
		})
	}
}
