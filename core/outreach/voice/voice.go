// Package voice writes what a robot says on the telephone. Whoever answers is not
// known, and a voicemail can be heard by others: the words name the creditor and a
// reference, and ask to call back or to open the portal, nothing else (R119, R120).
package voice

import (
	"fmt"
	"strings"

	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/outreach/sms"
)

// Choice is what a key of the phone stands for.
type Choice string

// The choices.
const (
	Settled  Choice = "1" // it was dealt with already
	CallBack Choice = "2" // a person should call
	Link     Choice = "3" // the address of the page by text message
)

// Script is what is said.
type Script struct {
	Language string // BCP 47
	Text     string
	Keys     []Key
	Thanks   string
}

// Key is a choice with its words.
type Key struct {
	Choice Choice
	Text   string
}

type words struct {
	tag, call, page, alone, settled, back, link, thanks, recorded, byPhone string
}

var spoken = map[outreach.Language]words{
	"nl": {
		"nl-NL", " U kunt ons bellen op %s", " of de pagina openen uit ons bericht per e-mail of brief.", " U kunt de pagina openen uit ons bericht per e-mail of brief.",
		"Is dit al geregeld? Toets dan 1.", "Wilt u worden teruggebeld? Toets dan 2.", "Wilt u de link per sms ontvangen? Toets dan 3.", "Dank u wel. Wij hebben het genoteerd.",
		"Dit al geregeld", "Gebeld",
	},
	"en": {
		"en-GB", " You can call us on %s", " or open the page from our message by e-mail or letter.", " You can open the page from our message by e-mail or letter.",
		"If this was dealt with already, press 1.", "To be called back, press 2.", "To get the link by text message, press 3.", "Thank you. We have made a note of it.",
		"Dealt with already", "Called",
	},
	"de": {
		"de-DE", " Sie erreichen uns unter %s", " oder über die Seite aus unserer Nachricht per E-Mail oder Brief.", " Sie finden alles auf der Seite aus unserer Nachricht per E-Mail oder Brief.",
		"Ist dies bereits erledigt? Dann drücken Sie die 1.", "Möchten Sie zurückgerufen werden? Dann drücken Sie die 2.", "Möchten Sie den Link per SMS erhalten? Dann drücken Sie die 3.", "Vielen Dank. Wir haben es notiert.",
		"Bereits erledigt", "Angerufen",
	},
	"fr": {
		"fr-FR", " Vous pouvez nous appeler au %s", " ou ouvrir la page indiquée dans notre message par courriel ou par lettre.", " Vous pouvez ouvrir la page indiquée dans notre message par courriel ou par lettre.",
		"Si c'est déjà réglé, appuyez sur 1.", "Pour être rappelé, appuyez sur 2.", "Pour recevoir le lien par SMS, appuyez sur 3.", "Merci. Nous en avons pris note.",
		"Déjà réglé", "Appelé",
	},
}

// Write makes the script of a content. It refuses one that would tell others too
// much (R119).
func Write(c outreach.Content) (Script, error) {
	w, ok := spoken[c.Language]
	if !ok {
		w = spoken[outreach.English]
	}
	text, err := outreach.Spoken(c, spell)
	if err != nil {
		return Script{}, err
	}
	if c.Creditor.Phone != "" {
		text += fmt.Sprintf(w.call, spell(c.Creditor.Phone)) + w.page
	} else {
		text += w.alone
	}
	s := Script{Language: w.tag, Text: strings.Join(strings.Fields(text), " "), Thanks: w.thanks,
		Keys: []Key{{Settled, w.settled}, {CallBack, w.back}, {Link, w.link}}}
	all := s.Text
	for _, k := range s.Keys {
		all += " " + k.Text
	}
	return s, sms.CheckOpen(all, c.Creditor.Name, c.Debtor.Name, spell(c.Reference), spell(c.Creditor.Phone))
}

// Whole is the script as it is kept: text and choices.
func (s Script) Whole() string {
	lines := []string{s.Text}
	for _, k := range s.Keys {
		lines = append(lines, k.Text)
	}
	return strings.Join(lines, "\n")
}

// spell sets digits apart, so that they are read one by one.
func spell(s string) string {
	var out []string
	word := ""
	flush := func() {
		if word != "" {
			out = append(out, word)
			word = ""
		}
	}
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			flush()
			out = append(out, string(r))
		case r == ' ' || r == '-' || r == '.' || r == '/':
			flush()
		default:
			word += string(r)
		}
	}
	flush()
	return strings.Join(out, " ")
}
