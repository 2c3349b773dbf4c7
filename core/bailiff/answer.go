package bailiff

import (
	"cmp"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/voldaan/voldaan/core/outreach/inbound"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// caseNumber is a number of ours wherever it stands.
var caseNumber = regexp.MustCompile(`\bZ\d{4}-\d{4,}\b`)

// Answer reads an e-mail of a bailiff about a case. It may say what it is: by a note
// as JSON in an attachment, or by lines "Kind: payment", "Amount: 250.00 EUR" and
// "Date: 2026-05-20" at its beginning. What does not is for a person to read.
//
// A sender's name on an e-mail proves nothing, so what it says of money always has
// a doubt.
func Answer(r inbound.Reply, address string) Note {
	n := Note{ID: r.ID, At: r.Received, Text: strings.TrimSpace(r.Text), Kind: "status", Doubt: "It came by e-mail, which does not prove who wrote it."}
	if n.Text == "" {
		n.Text = strings.TrimSpace(cmp.Or(r.Whole, r.Subject))
	}
	if r.Unreadable {
		n.Text, n.Loose = "An e-mail came in that cannot be read. Ask the bailiff to send it again.", true
		return n
	}
	n.Case = caseNumber.FindString(r.Subject)
	if r.AutoSubmitted {
		return n
	}
	if !structured(&n, r) {
		n.Loose = true
		if strings.Contains(n.Text, "?") {
			n.Kind = "question"
		}
	}
	if !sameHouse(r.From.Address, address) {
		n.Loose, n.Doubt = true, "It came from "+r.From.Address+", which is not the address of this bailiff."
		if n.Kind == "closed" {
			n.Kind = "status"
		}
	}
	if len(n.Text) > longest {
		n.Text = strings.ToValidUTF8(n.Text[:longest], "") + "…"
	}
	return n
}

const longest = 5000

// structured takes from a mail what it says in our terms.
func structured(n *Note, r inbound.Reply) bool {
	for _, a := range r.Attachments {
		var said Note
		if !strings.HasSuffix(strings.ToLower(a.Name), ".json") || json.Unmarshal(a.Bytes, &said) != nil {
			continue
		}
		if _, known := Kinds[said.Kind]; !known {
			continue
		}
		n.Kind, n.Minor, n.Currency, n.On, n.Case, n.Reference = said.Kind, said.Minor, said.Currency, said.On, cmp.Or(said.Case, n.Case), said.Reference
		n.Text = cmp.Or(said.Text, n.Text)
		return true
	}
	found := false
	var rest []string
	for line := range strings.SplitSeq(n.Text, "\n") {
		name, value, ok := strings.Cut(line, ":")
		if !ok || !field(n, strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value), &found) {
			rest = append(rest, line)
		}
	}
	if found {
		if text := strings.TrimSpace(strings.Join(rest, "\n")); text != "" {
			n.Text = text
		}
	}
	return found
}

// kinds are the words for the kinds of a note that people write.
var kinds = map[string]string{
	"status": "status", "stand": "status", "question": "question", "vraag": "question", "answer": "answer", "antwoord": "answer",
	"payment": "payment", "betaling": "payment", "costs": "costs", "kosten": "costs", "closed": "closed", "gesloten": "closed", "afgesloten": "closed",
}

func field(n *Note, name, value string, found *bool) bool {
	switch name {
	case "kind", "soort":
		kind, ok := kinds[strings.ToLower(value)]
		if ok {
			n.Kind, *found = kind, true
		}
		return ok
	case "amount", "bedrag":
		a, ok := amount(value)
		if ok {
			n.Minor, n.Currency = a.Minor, string(a.Currency)
		}
		return ok
	case "date", "datum":
		on, err := date.Parse(value)
		if err == nil {
			n.On = on
		}
		return err == nil
	case "reference", "kenmerk":
		n.Reference = value
		return value != ""
	case "case", "zaak":
		number := caseNumber.FindString(value)
		n.Case = cmp.Or(number, n.Case)
		return number != ""
	}
	return false
}

// amount reads "250.00 EUR", "EUR 250,00" and "€ 1.250,00".
func amount(text string) (money.Amount, bool) {
	currency := money.Currency("EUR")
	var figures string
	for part := range strings.FieldsSeq(strings.ReplaceAll(text, "€", " ")) {
		if len(part) == 3 && strings.ToUpper(part) == part && strings.Trim(part, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
			currency = money.Currency(part)
			continue
		}
		figures += part
	}
	if comma := strings.LastIndexByte(figures, ','); comma > strings.LastIndexByte(figures, '.') {
		figures = strings.ReplaceAll(figures[:comma], ".", "") + "." + figures[comma+1:]
	} else {
		figures = strings.ReplaceAll(figures, ",", "")
	}
	a, err := money.Parse(figures, currency)
	return a, err == nil && a.Positive()
}

// sameHouse reports whether two addresses are of one domain.
func sameHouse(a, b string) bool {
	_, x, ok := strings.Cut(a, "@")
	_, y, also := strings.Cut(b, "@")
	return ok && also && (strings.EqualFold(a, b) || strings.EqualFold(x, y) && !public[strings.ToLower(x)])
}

// public are domains where anybody may have an address.
var public = map[string]bool{"gmail.com": true, "outlook.com": true, "hotmail.com": true, "live.nl": true, "ziggo.nl": true, "kpnmail.nl": true, "icloud.com": true, "yahoo.com": true}
