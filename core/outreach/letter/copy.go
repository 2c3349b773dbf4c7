package letter

import (
	"fmt"
	"strings"
	"time"

	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Copy is an electronic invoice for people to read. The electronic one stays the
// invoice; a copy shows what is in it and adds nothing.
type Copy struct {
	Language outreach.Language
	Credit   bool // a credit note
	Number   string
	Issued   date.Date
	Due      date.Date
	// Facts are what else identifies it: references, terms, where to pay.
	Facts  []Fact
	Seller []string // name, address and numbers, line by line
	Buyer  []string
	Notes  []string
	Lines  []CopyLine
	Left   int // lines that are not shown
	// Sums are what lead to Total, in order.
	Sums  []CopySum
	Total money.Amount
	Paid  money.Amount // before it was made
	Open  money.Amount
	// Source names the file of the electronic invoice, SHA256 what it holds.
	Source, SHA256 string
}

// CopyLine is an invoiced item.
type CopyLine struct {
	Text, Detail string
	Amount       money.Amount
}

// CopySum is a line between the items and the total.
type CopySum struct {
	Text string
	// Rate and Base make it the tax at a rate in percent over an amount.
	Rate   string
	Base   money.Amount
	Amount money.Amount
}

// Fact is a label of CopyLabel with its value.
type Fact struct{ Key, Value string }

// CopyLabel returns a word of a copy in a language: reference, terms, account,
// payment_id, net, tax, allowance, charge.
func CopyLabel(l outreach.Language, key string) string {
	if words, ok := copyWords[l]; ok {
		return words[key]
	}
	return copyWords[outreach.English][key]
}

var copyWords = map[outreach.Language]map[string]string{
	outreach.Dutch: {
		"invoice": "Factuur", "credit": "Creditnota", "issued": "Datum", "due": "Vervaldatum", "seller": "Van", "buyer": "Aan", "reference": "Uw referentie", "terms": "Betalingsvoorwaarden",
		"account": "Te betalen op", "payment_id": "Onder vermelding van", "net": "Totaal zonder btw", "tax": "Btw", "tax_at": "Btw %s%% over %s",
		"allowance": "Korting", "charge": "Toeslag", "total": "Totaal", "prepaid": "Al betaald", "open": "Te betalen", "more": "En nog %d regels, die in de elektronische factuur staan.",
		"what": "Leesbare weergave van een elektronische factuur (UBL). Het elektronische bestand is de factuur.",
	},
	outreach.English: {
		"invoice": "Invoice", "credit": "Credit note", "issued": "Date", "due": "Due date", "seller": "From", "buyer": "To", "reference": "Your reference", "terms": "Payment terms",
		"account": "Pay to", "payment_id": "Payment reference", "net": "Total without VAT", "tax": "VAT", "tax_at": "VAT %s%% on %s",
		"allowance": "Allowance", "charge": "Charge", "total": "Total", "prepaid": "Paid before", "open": "To pay", "more": "And %d more lines, which are in the electronic invoice.",
		"what": "Readable copy of an electronic invoice (UBL). The electronic file is the invoice.",
	},
	outreach.German: {
		"invoice": "Rechnung", "credit": "Gutschrift", "issued": "Datum", "due": "Fällig am", "seller": "Von", "buyer": "An", "reference": "Ihre Referenz", "terms": "Zahlungsbedingungen",
		"account": "Zahlbar auf", "payment_id": "Verwendungszweck", "net": "Summe ohne USt.", "tax": "USt.", "tax_at": "%s %% USt. auf %s",
		"allowance": "Nachlass", "charge": "Zuschlag", "total": "Summe", "prepaid": "Schon bezahlt", "open": "Zu zahlen", "more": "Und %d weitere Zeilen, die in der elektronischen Rechnung stehen.",
		"what": "Lesbare Fassung einer elektronischen Rechnung (UBL). Die elektronische Datei ist die Rechnung.",
	},
	outreach.French: {
		"invoice": "Facture", "credit": "Avoir", "issued": "Date", "due": "Échéance", "seller": "De", "buyer": "À", "reference": "Votre référence", "terms": "Conditions de paiement",
		"account": "À payer sur", "payment_id": "Communication", "net": "Total hors TVA", "tax": "TVA", "tax_at": "TVA %s %% sur %s",
		"allowance": "Remise", "charge": "Supplément", "total": "Total", "prepaid": "Déjà payé", "open": "À payer", "more": "Et %d autres lignes, qui figurent dans la facture électronique.",
		"what": "Copie lisible d'une facture électronique (UBL). Le fichier électronique est la facture.",
	},
}

// PrintCopy prints a copy. The bytes depend on the copy only.
func PrintCopy(c Copy) (PDF, error) {
	if _, ok := copyWords[c.Language]; !ok {
		c.Language = outreach.English
	}
	w, err := outreach.WordsOf(c.Language)
	if err != nil {
		return PDF{}, err
	}
	word := func(key string) string { return CopyLabel(c.Language, key) }
	kind := "invoice"
	if c.Credit {
		kind = "credit"
	}
	title := word(kind) + " " + c.Number
	seller := ""
	if len(c.Seller) > 0 {
		seller = c.Seller[0]
	}
	s := newSheet(title, seller, string(c.Language), c.Issued.At(12, 0, time.UTC))
	s.font(22, true, black)
	s.at(leftEdge, 32, title, rightEdge-leftEdge)
	s.font(9.5, false, soft)
	s.at(leftEdge, 39, word("what"), rightEdge-leftEdge)
	s.y = 48
	s.beside(word("seller"), c.Seller, word("buyer"), c.Buyer)
	facts := []Fact{{word("issued"), w.Date(c.Issued)}}
	if !c.Due.IsZero() && !c.Credit {
		facts = append(facts, Fact{word("due"), w.Date(c.Due)})
	}
	for _, f := range c.Facts {
		facts = append(facts, Fact{word(f.Key), f.Value})
	}
	for _, f := range facts {
		s.paragraph([]outreach.Run{{Text: f.Key + ": "}, {Text: f.Value, Strong: true}}, style{9.5, 5, black, false}, leftEdge, rightEdge-leftEdge)
	}
	s.y += 4
	for _, n := range c.Notes {
		s.paragraph(plain(n), body, leftEdge, rightEdge-leftEdge)
		s.y += 1.5
	}
	s.items(c, w, word)
	s.feet(w, strings.Join([]string{title, c.Source, "SHA-256 " + c.SHA256[:min(len(c.SHA256), 16)]}, " · "))
	out := PDF{Subject: title, Pages: s.pdf.PageCount()}
	out.Bytes, err = s.bytes()
	return out, err
}

// items prints the lines and what they add up to.
func (s *sheet) items(c Copy, w *outreach.Words, word func(string) string) {
	t := outreach.Table{Columns: []string{w.Label("description"), w.Label("amount")}}
	for _, l := range c.Lines {
		t.Rows = append(t.Rows, outreach.Row{Label: l.Text, Detail: l.Detail, Amounts: []string{shown(w, l.Amount)}})
	}
	if c.Left > 0 {
		t.Rows = append(t.Rows, outreach.Row{Label: fmt.Sprintf(word("more"), c.Left), Amounts: []string{""}})
	}
	for _, sum := range c.Sums {
		text := sum.Text
		if sum.Rate != "" {
			text = fmt.Sprintf(word("tax_at"), sum.Rate, w.Amount(sum.Base))
		}
		t.Rows = append(t.Rows, outreach.Row{Label: text, Amounts: []string{shown(w, sum.Amount)}})
	}
	t.Totals = append(t.Totals, outreach.Row{Label: word("total"), Amounts: []string{w.Amount(c.Total)}})
	if !c.Paid.IsZero() {
		t.Totals = append(t.Totals,
			outreach.Row{Label: word("prepaid"), Amounts: []string{w.Amount(c.Paid.Neg())}},
			outreach.Row{Label: word("open"), Amounts: []string{w.Amount(c.Open)}})
	}
	s.table(t)
}

// shown leaves out an amount that the file does not give.
func shown(w *outreach.Words, a money.Amount) string {
	if a.Currency == "" {
		return ""
	}
	return w.Amount(a)
}

// beside prints two blocks of lines next to each other.
func (s *sheet) beside(left string, l []string, right string, r []string) {
	half := (rightEdge - leftEdge) / 2
	deepest := s.y
	for i, block := range []struct {
		title string
		lines []string
	}{{left, l}, {right, r}} {
		x, y := leftEdge+float64(i)*half, s.y+3
		s.font(8, false, soft)
		s.at(x, y, block.title, 0)
		y += 1.5
		for n, text := range block.lines {
			y += 4.6
			s.font(9.5, n == 0, black)
			s.at(x, y, text, half-6)
		}
		deepest = max(deepest, y)
	}
	s.y = deepest + 6
}
