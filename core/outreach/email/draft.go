package email

import (
	"bytes"
	"fmt"
	"mime"
	"net/mail"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	gomail "github.com/wneessen/go-mail"
)

// Draft is a message before it is put on the wire.
type Draft struct {
	MessageID   string   // made by MessageID and stored before sending
	Thread      []string // Message-IDs of earlier messages of the conversation, oldest first
	Date        time.Time
	From        mail.Address // made by Sender
	To          mail.Address
	ReplyTo     mail.Address // reply address with token
	Bounce      string       // envelope sender with token (VERP)
	Subject     string
	Text, HTML  string
	Attachments []Attachment
	// Stop is the web address at which mail of this kind is ended by one request
	// (RFC 8058); "" for what is no service, such as a demand or a notice.
	Stop string
}

// Attachment is a file that goes with a message.
type Attachment struct {
	Name        string
	ContentType string
	Bytes       []byte
}

// Envelope is a message ready for the wire.
type Envelope struct {
	MessageID string
	From      string // envelope sender
	To        string // the one recipient
	Raw       []byte
	// BeforeEnd is called when all but the closing dot has been sent, so that
	// the caller can record that from here on the message may arrive. An error
	// of it ends the dialogue: nothing was delivered.
	BeforeEnd func() error
}

func (e Envelope) beforeEnd() error {
	if e.BeforeEnd == nil {
		return nil
	}
	return e.BeforeEnd()
}

// MessageID returns the Message-ID of a message: always the same for the same
// id, so that it can be stored first and recognised at the other end.
func MessageID(message uuid.UUID, domain string) string {
	return "<" + message.String() + "@" + domain + ">"
}

// Sender returns the From address. When the creditor's domain is aligned (SPF
// or DKIM pass for it) mail goes out in the creditor's name; otherwise from our
// own address as "Creditor via Voldaan", or receivers would treat it as forged.
func Sender(creditor, address string, aligned bool, ours string) mail.Address {
	if aligned && address != "" {
		return mail.Address{Name: creditor, Address: address}
	}
	return mail.Address{Name: creditor + " via Voldaan", Address: ours}
}

var messageID = regexp.MustCompile(`^<[^<>@\s]+@[^<>@\s]+>$`)

// Compose writes the message: text and HTML as alternatives, then the
// attachments; own Message-ID, thread headers, Auto-Submitted, and
// List-Unsubscribe only with Stop (a demand is not a subscription). With a signer
// it carries a DKIM signature.
func Compose(d Draft, s *Signer) (Envelope, error) {
	if !messageID.MatchString(d.MessageID) {
		return Envelope{}, fmt.Errorf("compose: %q is not a Message-ID", d.MessageID)
	}
	if d.Bounce == "" || strings.ContainsAny(d.Bounce, " <>\r\n") {
		return Envelope{}, fmt.Errorf("compose: %q is not an envelope address", d.Bounce)
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	for set, a := range map[*mail.Address]func(...*mail.Address){&d.To: m.ToMailAddress, &d.ReplyTo: m.ReplyToMailAddress} {
		if set.Address == "" && set == &d.ReplyTo {
			continue
		}
		checked, err := address(*set)
		if err != nil {
			return Envelope{}, err
		}
		a(checked)
	}
	from, err := address(d.From)
	if err != nil {
		return Envelope{}, err
	}
	m.FromMailAddress(from)
	m.SetMessageIDWithValue(strings.Trim(d.MessageID, "<>"))
	m.SetDateWithValue(d.Date)
	m.Subject(d.Subject)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	if d.Stop != "" {
		if strings.ContainsAny(d.Stop, " <>\r\n") {
			return Envelope{}, fmt.Errorf("compose: %q is not a web address", d.Stop)
		}
		m.SetGenHeaderPreformatted("List-Unsubscribe", "<"+d.Stop+">")
		m.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	if n := len(d.Thread); n > 0 {
		m.SetGenHeaderPreformatted(gomail.HeaderInReplyTo, d.Thread[n-1])
		m.SetGenHeaderPreformatted(gomail.HeaderReferences, strings.Join(references(d.Thread), "\r\n "))
	}
	m.SetBodyString(gomail.TypeTextPlain, d.Text)
	if d.HTML != "" {
		m.AddAlternativeString(gomail.TypeTextHTML, d.HTML)
	}
	for _, a := range d.Attachments {
		if err := m.AttachReader(a.Name, bytes.NewReader(a.Bytes), gomail.WithFileContentType(gomail.ContentType(mediaType(a.ContentType)))); err != nil {
			return Envelope{}, fmt.Errorf("compose: attach %s: %w", a.Name, err)
		}
	}
	var raw bytes.Buffer
	if _, err := m.WriteTo(&raw); err != nil {
		return Envelope{}, fmt.Errorf("compose: %w", err)
	}
	e := Envelope{MessageID: d.MessageID, From: d.Bounce, To: d.To.Address, Raw: raw.Bytes()}
	if s == nil {
		return e, nil
	}
	e.Raw, err = s.sign(e.Raw)
	return e, err
}

// address refuses what would not survive the wire: a recipient field that holds
// a list, a name or a line break.
func address(a mail.Address) (*mail.Address, error) {
	parsed, err := mail.ParseAddress(a.Address)
	if err != nil || parsed.Address != a.Address || parsed.Name != "" {
		return nil, fmt.Errorf("compose: %q is not one e-mail address", a.Address)
	}
	name := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, a.Name)
	return &mail.Address{Name: name, Address: a.Address}, nil
}

// mediaType is the bare type of a file; what is no type could end the header.
func mediaType(s string) string {
	kind, _, err := mime.ParseMediaType(s)
	if err != nil || !mediaTypes.MatchString(kind) {
		return "application/octet-stream"
	}
	return kind
}

var mediaTypes = regexp.MustCompile(`^[a-z0-9.+-]+/[a-z0-9.+-]+$`)

// references keeps the whole thread up to 20 messages; of a longer one the
// first and the last ten.
func references(thread []string) []string {
	if len(thread) <= 20 {
		return thread
	}
	return append([]string{thread[0]}, thread[len(thread)-10:]...)
}
