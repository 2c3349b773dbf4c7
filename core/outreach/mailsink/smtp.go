package mailsink

import (
	"io"
	"time"

	"github.com/emersion/go-smtp"
)

func (s *Sink) server() *smtp.Server {
	srv := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{sink: s, conn: c}, nil
	}))
	srv.Domain = s.config.Domain
	srv.MaxMessageBytes, srv.MaxRecipients = 50<<20, 100
	srv.ReadTimeout, srv.WriteTimeout = 5*time.Minute, time.Minute
	srv.EnableSMTPUTF8 = true
	srv.ErrorLog = quiet{}
	return srv
}

type session struct {
	sink *Sink
	conn *smtp.Conn
	from string
	to   []string
}

func (s *session) Reset()        { s.from, s.to = "", nil }
func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	switch s.sink.behaviour(to) {
	case Refuse:
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such user here"}
	case Greylist:
		if s.sink.first("greylist", s.from, to) {
			return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "Greylisted, please try again later"}
		}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	die := false
	for _, to := range s.to {
		do := s.sink.behaviour(to)
		switch {
		case do == DieLost && s.sink.first("die", s.from, to):
			die = true
			continue
		case do == DieStored && s.sink.first("die", s.from, to):
			die = true
		case do == Slow:
			select {
			case <-time.After(s.sink.config.Delay):
			case <-s.sink.stop.Done():
			}
		}
		m, err := s.sink.store.add(envelope{From: s.from, To: to, Received: s.sink.config.Clock.Now().UTC()}, raw)
		if err != nil {
			s.sink.config.Logger.Error("mail sink could not keep a message", "error", err)
			return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 3, 1}, Message: "Cannot store the message"}
		}
		if do == Bounce || do == SoftFail {
			s.sink.bounceLater(m, do)
		}
	}
	if die {
		_ = s.conn.Conn().Close()
	}
	return nil
}

// quiet drops the server's log: clients that hang up are no news to a sink.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}
