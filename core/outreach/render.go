package outreach

import (
	"fmt"
)

// Message is a rendered e-mail.
type Message struct {
	Subject string
	Text    string // plain-text twin, lines end in LF
	HTML    string
	Version string // see Document.Version
}

// Render makes the e-mail of a content. The same content gives the same bytes.
// It has the errors of Compose.
func Render(c Content) (Message, error) {
	c.Channel = Email
	c = c.clean()
	d, err := Compose(c)
	if err != nil {
		return Message{}, err
	}
	w, err := WordsOf(c.Language)
	if err != nil {
		return Message{}, err
	}
	html, err := htmlOf(c, d, w)
	if err != nil {
		return Message{}, err
	}
	return Message{Subject: d.Subject, Text: textOf(c, d, w), HTML: html, Version: d.Version}, nil
}

// Discreet is the text for a channel that others can see (SMS, voicemail, push,
// envelope): the creditor, a reference and a link, never an amount, arrears or
// the word collection (R119).
func Discreet(c Content) (string, error) {
	c = c.clean()
	w, err := WordsOf(c.Language)
	if err != nil {
		return "", err
	}
	if c.Creditor.Name == "" || !isWeb(c.PortalURL) {
		return "", fmt.Errorf("a discreet message needs the creditor's name and a portal link")
	}
	reference := ""
	if c.Reference != "" {
		reference = fmt.Sprintf(w.Label("discreet_reference"), c.Reference)
	}
	return fmt.Sprintf(w.Label("discreet"), c.Creditor.Name, reference, c.PortalURL), nil
}
