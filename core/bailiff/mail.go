package bailiff

import (
	"context"
	"fmt"
	"html"
	"net/mail"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/outreach/email"
	"github.com/voldaan/voldaan/core/outreach/token"
)

// Attachable is how large an archive may be that goes with an e-mail. Mail servers
// take 10 MB of message or more, and an attachment grows by a third on its way.
const Attachable = 7 << 20

// DeliveryLog is what the mail provider knows of messages.
type DeliveryLog interface {
	Delivered(ctx context.Context, messageID string) (bool, error)
}

// Mail brings cases by e-mail, with the archive attached, or with a link to it when
// it is too large. Answers come to an address of the hand-over.
//
// A mail server cannot tell whether it has a message, so what may have left is sent
// again only when the provider's log says that it did not.
type Mail struct {
	Server  email.Server
	Signer  *email.Signer
	Log     DeliveryLog // nil where the provider has none
	Keys    token.Keys
	Domain  string
	To      mail.Address
	From    mail.Address // the creditor
	Now     time.Time
	Subject string // begins every subject, such as the name of the creditor
}

// HandOver implements Transport.
func (m Mail) HandOver(ctx context.Context, p Parcel) (string, error) {
	text := fmt.Sprintf("Hereby we hand over case %s of %s.\n\n", p.Case, p.Creditor)
	var files []email.Attachment
	if p.Link == "" {
		text += fmt.Sprintf("The archive %s holds the dossier as PDF, every document, and manifest.json with the SHA-256 of each file.\n", p.Name)
		files = []email.Attachment{{Name: p.Name, ContentType: "application/zip", Bytes: p.Archive}}
	} else {
		text += fmt.Sprintf("The archive %s (%d MB) is too large for e-mail. Fetch it through %s:\n\n%s\n\nThe page sends a code to this address, so that nobody else can. The archive holds the dossier as PDF, every document, and manifest.json with the SHA-256 of each file.\n",
			p.Name, len(p.Archive)>>20, p.LinkUntil, p.Link)
	}
	text += fmt.Sprintf("SHA-256 of the archive: %s\nThe debtor pays: %s\n", p.SHA256, map[string]string{"creditor": "us", "bailiff": "you"}[p.PaysTo])
	if p.NoCure {
		text += "Terms: you are paid only from what you bring in. " + p.Terms + "\n"
	}
	text += "\nPlease confirm that you take the case, and tell us what happens with it: answer this message. An answer may begin with lines such as\n\n  Kind: payment\n  Amount: 250.00 EUR\n  Date: 2026-05-20\n\nwith the kinds status, question, payment, costs and closed.\n"
	return "", m.send(ctx, p.ID, p.ID, p.Tried, p.Creditor+": case "+p.Case, text, files)
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
	return m.send(ctx, uuid.NewSHA1(uuid.NameSpaceURL, []byte("note/"+n.ID)), n.Handover, n.Tried, m.Subject+": case "+n.Case+", "+n.Kind, text+"\n", nil)
}

// Code brings the code that opens the page of an archive.
func (m Mail) Code(ctx context.Context, handover uuid.UUID, number, code string) error {
	return m.send(ctx, uuid.New(), handover, false, m.Subject+": code for case "+number, "Your code to fetch the archive of case "+number+": "+code+"\n\nIt works for fifteen minutes. If you did not ask for it, do nothing.\n", nil)
}

// Collect implements Transport: answers come in by themselves.
func (m Mail) Collect(_ context.Context, cursor string) ([]Note, string, error) {
	return nil, cursor, nil
}

func (m Mail) send(ctx context.Context, id, handover uuid.UUID, tried bool, subject, text string, files []email.Attachment) error {
	header := email.MessageID(id, m.Domain)
	if tried {
		switch left, err := m.recall(ctx, header); {
		case err != nil:
			return err
		case left:
			return nil
		}
	}
	e, err := email.Compose(email.Draft{
		MessageID: header, Date: m.Now, From: email.Sender(m.From.Name, m.From.Address, false, "post@"+m.Domain), To: m.To,
		ReplyTo: mail.Address{Name: m.From.Name, Address: m.Keys.Address(token.Reply, handover, m.Domain)},
		Bounce:  m.Keys.Address(token.Bounce, handover, m.Domain), Subject: subject, Text: text, HTML: "<pre style=\"white-space:pre-wrap\">" + html.EscapeString(text) + "</pre>", Attachments: files,
	}, m.Signer)
	if err != nil {
		return err
	}
	switch r := m.Server.Deliver(ctx, e); r.Outcome {
	case email.Accepted:
		return nil
	case email.Refused:
		return fault.New(fault.Conflict, "bailiff_mail_refused", "The mail server refused the message to %s: %s. Check the address of the bailiff.", m.To.Address, r)
	case email.Uncertain:
		left, err := m.recall(ctx, header)
		if err == nil && !left {
			err = fault.New(fault.Unavailable, Unknown, "The mail server broke off and does not have the message yet. It is asked again.")
		}
		return err
	default:
		return fault.New(fault.Unavailable, "bailiff_mail", "The mail server did not take the message to the bailiff: %s. It is tried again.", r)
	}
}

// Unknown is the code of a fault after which nobody knows whether a message left.
const Unknown = "bailiff_mail_unknown"

// recall asks the log of the provider about a message that may have left.
func (m Mail) recall(ctx context.Context, header string) (bool, error) {
	if m.Log == nil {
		return false, fault.New(fault.Conflict, Unknown, "Nobody can tell whether the e-mail to %s left. Ask the bailiff, and then say here whether it arrived.", m.To.Address)
	}
	left, err := m.Log.Delivered(ctx, header)
	if err != nil {
		return false, fault.New(fault.Unavailable, Unknown, "The mail provider could not say what became of the message. It is asked again.").Because(err)
	}
	return left, nil
}
