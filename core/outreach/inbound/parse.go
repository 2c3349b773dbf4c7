package inbound

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/mail"
	"regexp"
	"strings"
	"time"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // texts in every character set
	"github.com/google/uuid"

	"github.com/voldaan/voldaan/core/outreach/token"
)

const (
	maxDepth = 8
	maxParts = 200
	maxText  = 256 << 10
)

// Parse reads a mail that came in for a message of ours. Exactly one of the
// results is set. from is the envelope sender ("" for none), purpose the kind
// of address it came to. A mail that cannot be read is a Reply with Unreadable
// set: it is never dropped.
//
// What the mail is decides before where it came: a delivery report at a reply
// address is a bounce, a person's mail at a bounce address is a reply.
func Parse(raw []byte, purpose token.Purpose, msg uuid.UUID, from string, received time.Time) (*Bounce, *Reply) {
	sum := sha256.Sum256(append(append([]byte(nil), msg[:]...), raw...))
	p := &parser{id: hex.EncodeToString(sum[:16]), from: from}
	entity, err := message.Read(bytes.NewReader(raw))
	if entity == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return nil, &Reply{ID: p.id, Message: msg, Unreadable: true, Received: received, Raw: raw}
	}
	p.header = entity.Header
	p.walk(entity, 0)
	if b := p.bounce(purpose); b != nil {
		b.ID, b.Message, b.Received, b.Raw = p.id, msg, received, raw
		return b, nil
	}
	r := p.reply()
	r.Message, r.Received, r.Raw = msg, received, raw
	return nil, r
}

type parser struct {
	id     string
	from   string
	header message.Header

	parts       int
	plain, html string
	status      string // delivery-status part
	feedback    bool
	original    string
	attachments []Attachment
	broken      bool
}

func (p *parser) walk(e *message.Entity, depth int) {
	if p.parts++; p.parts > maxParts || depth > maxDepth {
		p.broken = true
		return
	}
	kind, params, err := e.Header.ContentType()
	if err != nil {
		kind = "text/plain"
	}
	if r := e.MultipartReader(); r != nil {
		for {
			part, err := r.NextPart()
			if part == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
				p.broken = p.broken || err != io.EOF
				return
			}
			p.walk(part, depth+1)
			if p.parts > maxParts {
				return
			}
		}
	}
	body, err := io.ReadAll(e.Body)
	if err != nil {
		p.broken = true
	}
	p.leaf(e.Header, kind, params, body)
}

func (p *parser) leaf(h message.Header, kind string, params map[string]string, body []byte) {
	disposition, dparams, _ := h.ContentDisposition()
	name := dparams["filename"]
	if name == "" {
		name = params["name"]
	}
	text := func() string { return clip(strings.ToValidUTF8(string(body), "\ufffd")) }
	switch {
	case kind == "message/delivery-status" || kind == "message/global-delivery-status":
		p.status += text() + "\n\n"
	case kind == "message/feedback-report":
		p.feedback = true
	case kind == "message/rfc822" || kind == "text/rfc822-headers" || kind == "message/global":
		if m := originalID.FindStringSubmatch(text()); m != nil && p.original == "" {
			p.original = m[1]
		}
	case disposition == "attachment" || name != "":
		p.attachments = append(p.attachments, Attachment{Name: fileName(name), ContentType: kind, Bytes: body})
	case kind == "text/plain" && p.plain == "":
		p.plain = text()
	case kind == "text/html" && p.html == "":
		p.html = text()
	case !strings.HasPrefix(kind, "text/"):
		p.attachments = append(p.attachments, Attachment{Name: fileName(name), ContentType: kind, Bytes: body})
	}
}

var originalID = regexp.MustCompile(`(?im)^message-id:\s*(<[^<>\s]+>)`)

// fileName keeps the last element of a name, without anything a file system or
// a header would read otherwise.
func fileName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`"<>|:*?`, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	return strings.TrimLeft(name, ". ")
}

func (p *parser) bounce(purpose token.Purpose) *Bounce {
	if p.feedback {
		return &Bounce{Kind: Complaint, Original: p.original}
	}
	if r, ok := gravest(reportsOf(p.status)); ok {
		return &Bounce{Kind: r.kind(), Status: r.code(), Diagnostic: r.diagnostic, Recipient: r.recipient, Original: p.original}
	}
	machine := p.from == "" || daemon.MatchString(p.header.Get("From"))
	if machine {
		if r, ok := plainNotice(p.text()); ok {
			return &Bounce{Kind: r.kind(), Status: r.code(), Diagnostic: r.diagnostic, Recipient: r.recipient, Original: p.original}
		}
	}
	if purpose != token.Bounce {
		return nil
	}
	if p.auto() && !daemon.MatchString(p.header.Get("From")) {
		return &Bounce{Kind: AutoReply, Diagnostic: clipLine(p.subject())}
	}
	if machine {
		return &Bounce{Kind: Unclear, Diagnostic: clipLine(p.subject())}
	}
	return nil
}

var daemon = regexp.MustCompile(`(?i)\b(mailer-daemon|postmaster)\b`)

// auto reports whether a machine wrote the mail (RFC 3834 and older habits).
func (p *parser) auto() bool {
	if v := strings.ToLower(strings.TrimSpace(p.header.Get("Auto-Submitted"))); v != "" && v != "no" {
		return true
	}
	switch strings.ToLower(strings.TrimSpace(p.header.Get("Precedence"))) {
	case "bulk", "junk", "list", "auto_reply":
		return true
	}
	return p.from == "" || p.header.Has("X-Autoreply") || p.header.Has("X-Autorespond") || p.header.Has("X-Auto-Reply")
}

func (p *parser) subject() string {
	s, err := p.header.Text("Subject")
	if err != nil {
		s = p.header.Get("Subject")
	}
	return strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
}

func (p *parser) text() string {
	if strings.TrimSpace(p.plain) != "" {
		return p.plain
	}
	return htmlText(p.html, false)
}

func (p *parser) reply() *Reply {
	r := &Reply{
		ID: p.id, Subject: p.subject(), Whole: p.text(), Attachments: p.attachments, AutoSubmitted: p.auto(),
		Unreadable: p.broken && p.plain == "" && p.html == "",
		MessageID:  strings.TrimSpace(p.header.Get("Message-Id")),
		References: messageIDs(p.header.Get("References")),
	}
	if ids := messageIDs(p.header.Get("In-Reply-To")); len(ids) > 0 {
		r.InReplyTo = ids[0]
	}
	from, err := p.header.Text("From")
	if err != nil {
		from = p.header.Get("From")
	}
	if a, err := mail.ParseAddress(from); err == nil {
		r.From = *a
	} else if a, err := mail.ParseAddress(p.header.Get("From")); err == nil {
		r.From = *a
	} else {
		r.From.Address = p.from
	}
	r.Text = Unquote(r.Whole)
	if strings.TrimSpace(p.plain) == "" {
		if own := strings.TrimSpace(htmlText(p.html, true)); own != "" {
			r.Text = Unquote(own)
		}
	}
	return r
}

var idPattern = regexp.MustCompile(`<[^<>\s]+>`)

func messageIDs(value string) []string { return idPattern.FindAllString(value, 50) }

func clip(s string) string {
	if len(s) > maxText {
		return strings.ToValidUTF8(s[:maxText], "")
	}
	return s
}

func clipLine(s string) string {
	if len(s) > 500 {
		return strings.ToValidUTF8(s[:500], "")
	}
	return s
}
