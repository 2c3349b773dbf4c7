package mailsink

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/smtp"
	"strings"
	"time"
)

// bounceLater sends a delivery report to the envelope sender after the delay.
// It tries until the report is accepted or the sink stops; the next start goes
// on where this one ended.
func (s *Sink) bounceLater(m Message, do Behaviour) {
	if s.config.Inbound == "" || m.From == "" {
		return
	}
	s.pending.Go(func() {
		wait := s.config.Delay
		for {
			select {
			case <-time.After(wait):
			case <-s.stop.Done():
				return
			}
			err := s.send("", m.From, s.notification(m, do))
			if err == nil {
				err = s.store.markBounced(m.ID)
			}
			if err == nil {
				return
			}
			s.config.Logger.Warn("mail sink could not send a bounce and tries again", "error", err)
			wait = min(2*wait, time.Minute)
		}
	})
}

func (s *Sink) notification(m Message, do Behaviour) []byte {
	status, reply, action := "5.1.1", "550 5.1.1 No such user here", "failed"
	if do == SoftFail {
		status, reply = "4.2.2", "452 4.2.2 Mailbox full, gave up"
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: MAILER-DAEMON@%s\r\nTo: %s\r\nSubject: Undelivered Mail Returned to Sender\r\n", s.config.Domain, m.From)
	fmt.Fprintf(&b, "Date: %s\r\nMessage-ID: <bounce-%s@%s>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n", s.date(), m.ID, s.config.Domain)
	b.WriteString("Content-Type: multipart/report; report-type=delivery-status; boundary=\"report\"\r\n\r\n")
	fmt.Fprintf(&b, "--report\r\nContent-Type: text/plain\r\n\r\nYour message to %s could not be delivered.\r\n\r\n", m.To)
	fmt.Fprintf(&b, "--report\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; %s\r\n\r\n", s.config.Domain)
	fmt.Fprintf(&b, "Final-Recipient: rfc822; %s\r\nAction: %s\r\nStatus: %s\r\nDiagnostic-Code: smtp; %s\r\n\r\n", m.To, action, status, reply)
	fmt.Fprintf(&b, "--report\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: %s\r\n\r\n--report--\r\n", m.MessageID)
	return b.Bytes()
}

// Reply answers a message as its recipient would: to Reply-To, else From, with
// the thread and the original quoted. The mail goes to Config.Inbound.
func (s *Sink) Reply(id, text string) error {
	if s.config.Inbound == "" {
		return errors.New("replies have nowhere to go: the sink was started without an inbound address")
	}
	m, raw, err := s.store.find(id)
	if err != nil {
		return err
	}
	c := open(raw)
	to, err := answerTo(c)
	if err != nil {
		return err
	}
	subject := m.Subject
	if !strings.HasPrefix(strings.ToLower(subject), "re:") {
		subject = "Re: " + subject
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: %s\r\nTo: %s\r\nSubject: %s\r\nDate: %s\r\n", (&mail.Address{Address: m.To}).String(), to.String(), mime.QEncoding.Encode("utf-8", subject), s.date())
	fmt.Fprintf(&b, "Message-ID: <reply-%d-%s@%s>\r\n", time.Now().UnixNano(), m.ID, s.config.Domain)
	if m.MessageID != "" {
		fmt.Fprintf(&b, "In-Reply-To: %s\r\nReferences: %s\r\n", m.MessageID, strings.Join(append(strings.Fields(c.Header.Get("References")), m.MessageID), "\r\n "))
	}
	b.WriteString("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
	q := quotedprintable.NewWriter(&b)
	body := strings.TrimSpace(text) + "\n\nOp " + m.Date.Format("2006-01-02") + " schreef " + m.Sender + ":\n\n> " + strings.ReplaceAll(strings.TrimSpace(c.Text), "\n", "\n> ") + "\n"
	if _, err := q.Write([]byte(body)); err != nil {
		return err
	}
	if err := q.Close(); err != nil {
		return err
	}
	return s.send(m.To, to.Address, b.Bytes())
}

func answerTo(c content) (*mail.Address, error) {
	for _, name := range []string{"Reply-To", "From"} {
		value, err := c.Header.Text(name)
		if err != nil || value == "" {
			value = c.Header.Get(name)
		}
		if list, err := mail.ParseAddressList(value); err == nil && len(list) > 0 {
			return list[0], nil
		}
	}
	return nil, errors.New("the message has no address to answer to")
}

func (s *Sink) date() string { return s.config.Clock.Now().Format(time.RFC1123Z) }

// send hands a mail to the inbound server.
func (s *Sink) send(from, to string, raw []byte) error {
	ctx, cancel := context.WithTimeout(s.stop, 15*time.Second)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.config.Inbound)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	host, _, _ := net.SplitHostPort(s.config.Inbound)
	c, err := smtp.NewClient(conn, host)
	if err != nil {
		return err
	}
	if err := c.Hello(s.config.Domain); err != nil {
		return err
	}
	if err := c.Mail(from); err != nil {
		return err
	}
	if err := c.Rcpt(to); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(raw); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	// Accepted; what happens to QUIT changes nothing.
	_ = c.Quit()
	return nil
}
