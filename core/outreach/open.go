package outreach

import (
	"fmt"
	"strings"
)

// shippedOpen are the words that Voldaan ships for what others may see.
func (w *Words) shippedOpen(s Step) string {
	if w == nil {
		return ""
	}
	return w.Label("open_" + string(s))
}

// Discreet is the text for a channel that others can see (SMS, push, envelope):
// the creditor, a reference and a link, never an amount, arrears or the word
// collection (R119).
func Discreet(c Content) (string, error) {
	if c.Creditor.Name == "" || !isWeb(c.PortalURL) {
		return "", fmt.Errorf("a discreet message needs the creditor's name and a portal link")
	}
	return c.open(TextMessage, func(s string) string { return s })
}

// Spoken is how a call begins (R119); spell makes a reference audible.
func Spoken(c Content, spell func(string) string) (string, error) { return c.open(Call, spell) }

// Wording names the words that others may see, as a message keeps them.
func (c Content) Wording(s Step) string {
	if o, ok := c.Said[s]; ok {
		return o.name(c.Language, s)
	}
	return string(s) + "/" + string(c.Language)
}

func (c Content) open(s Step, spell func(string) string) (string, error) {
	c = c.clean()
	w, err := WordsOf(c.Language)
	if err != nil {
		return "", err
	}
	text := w.shippedOpen(s)
	if o, ok := c.Said[s]; ok {
		if err := o.Check(c.Language, s); err != nil {
			return "", err
		}
		text = strings.Join(strings.Fields(o.Body), " ")
	}
	reference := ""
	if c.Reference != "" {
		reference = fmt.Sprintf(w.Label("open_reference"), spell(c.Reference))
	}
	return strings.NewReplacer("{creditor}", c.Creditor.Name, "{debtor}", c.Debtor.Name, "{reference}", reference, "{link}", c.PortalURL).Replace(text), nil
}
