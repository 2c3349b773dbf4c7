package outreach

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
