package bailiff

import (
	"context"
	"fmt"
	"net/mail"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/outreach/email"
)

// Mail brings cases by e-mail with the archive attached. What the bailiff answers
// goes to the creditor, who enters it with the case.
type Mail struct {
	Server  email.Server
	Signer  *email.Signer
	Domain  string
	To      mail.Address
	From    mail.Address // the creditor
	Now     time.Time
	Subject string // begins every subject, such as the name of the creditor
}

// HandOver implements Transport.
func (m Mail) HandOver(ctx context.Context, p Parcel) (string, error) {
	text := fmt.Sprintf("Hereby we hand over case %s of %s.\n\nThe archive %s holds the dossier as PDF, every document, and manifest.json with the SHA-256 of each file.\nSHA-256 of the archive: %s\nPayments go to: the %s\n\nPlease confirm that you take the case, and tell us what happens with it.\n",
		p.Case, p.Creditor, p.Name, p.SHA256, p.PaysTo)
	return "", m.send(ctx, p.ID, p.Creditor+": case "+p.Case, text, []email.Attachment{{Name: p.Name, ContentType: "application/zip", Bytes: p.Archive}})
}

// Tell implements Transport.
func (m Mail) Tell(ctx context.Context, n Note) error {
	text := n.Text
	if n.Minor != 0 {
		text += fmt.Sprintf("\n\nAmount: %d.%02d %s", n.Minor/100, n.Minor%100, n.Currency)
	}
	if !n.On.IsZero() {
		text += "\nDate: " + n.On.String()
	}
	return m.send(ctx, uuid.NewSHA1(uuid.NameSpaceURL, []byte("note/"+n.ID)), m.Subject+": case "+n.Case+", "+n.Kind, text+"\n", nil)
}

// Collect implements Transport: a mailbox is not read.
func (m Mail) Collect(_ context.Context, cursor string) ([]Note, string, error) {
	return nil, cursor, nil
}

func (m Mail) send(ctx context.Context, id uuid.UUID, subject, text string, files []email.Attachment) error {
	e, err := email.Compose(email.Draft{
		MessageID: email.MessageID(id, m.Domain), Date: m.Now, From: email.Sender(m.From.Name, m.From.Address, false, "post@"+m.Domain), To: m.To, ReplyTo: m.From,
		Bounce: "post@" + m.Domain, Subject: subject, Text: text, HTML: "<pre>" + escape(text) + "</pre>", Attachments: files,
	}, m.Signer)
	if err != nil {
		return err
	}
	if r := m.Server.Deliver(ctx, e); r.Outcome != email.Accepted {
		return fault.New(fault.Unavailable, "bailiff_mail", "The mail server did not take the message to the bailiff: %s. It is tried again.", r)
	}
	return nil
}
