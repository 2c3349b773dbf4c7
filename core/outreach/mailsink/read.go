package mailsink

import (
	"bytes"
	"cmp"
	"io"
	"mime"
	"net/mail"
	"strings"
	"time"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // texts in every character set
)

// content is a message taken apart for the page.
type content struct {
	Header      message.Header
	Text, HTML  string
	Attachments []attachment
}

type attachment struct {
	Name, Type string
	Bytes      []byte
}

func describe(id string, env envelope, raw []byte) *Message {
	c := open(raw)
	m := &Message{ID: id, From: env.From, To: env.To, Received: env.Received, Size: len(raw)}
	m.MessageID = strings.TrimSpace(c.Header.Get("Message-Id"))
	m.Subject = field(c.Header, "Subject")
	m.Sender = field(c.Header, "From")
	if t, err := mail.ParseDate(c.Header.Get("Date")); err == nil {
		m.Date = t.UTC()
	} else {
		m.Date = env.Received.UTC().Truncate(time.Second)
	}
	for _, a := range c.Attachments {
		m.Attachments = append(m.Attachments, a.Name)
	}
	return m
}

func field(h message.Header, name string) string {
	s, err := h.Text(name)
	if err != nil {
		s = h.Get(name)
	}
	return strings.ToValidUTF8(s, "\ufffd")
}

// open reads what can be read; a broken message shows as its raw text.
func open(raw []byte) content {
	e, err := message.Read(bytes.NewReader(raw))
	if e == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return content{Text: strings.ToValidUTF8(string(raw), "\ufffd")}
	}
	c := content{Header: e.Header}
	c.walk(e, 0)
	return c
}

func (c *content) walk(e *message.Entity, depth int) {
	if depth > 8 || len(c.Attachments) > 100 {
		return
	}
	if r := e.MultipartReader(); r != nil {
		for {
			p, err := r.NextPart()
			if p == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
				return
			}
			c.walk(p, depth+1)
		}
	}
	body, err := io.ReadAll(e.Body)
	if err != nil && len(body) == 0 {
		return
	}
	kind, params, err := e.Header.ContentType()
	if err != nil {
		kind = "text/plain"
	}
	disposition, dparams, _ := e.Header.ContentDisposition()
	name := cmp.Or(dparams["filename"], params["name"])
	switch {
	case disposition != "attachment" && kind == "text/plain" && c.Text == "":
		c.Text = strings.ToValidUTF8(string(body), "\ufffd")
	case disposition != "attachment" && kind == "text/html" && c.HTML == "":
		c.HTML = strings.ToValidUTF8(string(body), "\ufffd")
	default:
		if decoded, err := new(mime.WordDecoder).DecodeHeader(name); err == nil {
			name = decoded
		}
		if name == "" {
			name = strings.ReplaceAll(kind, "/", ".")
		}
		c.Attachments = append(c.Attachments, attachment{name, kind, body})
	}
}
