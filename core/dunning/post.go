package dunning

import (
	"context"
	"net/mail"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/outreach/email"
	"github.com/voldaan/voldaan/core/outreach/token"
)

// Post hands e-mail to a server.
type Post struct {
	Server email.Server
	Keys   token.Keys
	// Domain is of our own addresses: sender, bounces and replies.
	Domain string
	// Signer adds DKIM when there is a key.
	Signer *email.Signer
	// Log answers what became of a message whose fate is not known; nil when the
	// mail provider has none.
	Log DeliveryLog
}

// DeliveryLog is the mail provider's record of messages.
type DeliveryLog interface {
	// Delivered reports whether the provider took the message with this
	// Message-ID. An error means that it could not be asked.
	Delivered(ctx context.Context, messageID string) (bool, error)
}

// sealed is an e-mail ready to go.
type sealed struct {
	id     uuid.UUID
	header string
	draft  email.Draft
}

func (p *Post) seal(id uuid.UUID, c outreach.Creditor, to mail.Address, m outreach.Message, thread []string, files []email.Attachment, at time.Time) sealed {
	header := email.MessageID(id, p.Domain)
	return sealed{id: id, header: header, draft: email.Draft{
		MessageID: header, Thread: thread, Date: at,
		From: email.Sender(c.Name, c.Email, false, "post@"+p.Domain), To: to,
		ReplyTo: mail.Address{Name: c.Name, Address: p.Keys.Address(token.Reply, id, p.Domain)},
		Bounce:  p.Keys.Address(token.Bounce, id, p.Domain),
		Subject: m.Subject, Text: m.Text, HTML: m.HTML, Attachments: files,
	}}
}

// hand gives the e-mail to the server. beforeLast is called when everything but
// the end of the message has been sent: what it records is true before the
// server can accept (I3). An error of it stops the hand-over safely.
func (p *Post) hand(ctx context.Context, s sealed, beforeLast func() error) (email.Receipt, error) {
	e, err := email.Compose(s.draft, p.Signer)
	if err != nil {
		return email.Receipt{}, err
	}
	e.BeforeEnd = beforeLast
	return p.Server.Deliver(ctx, e), nil
}
