package outreach

import (
	"slices"
	"strings"
	"unicode"
)

// clean drops control characters and line breaks from every text that comes
// from outside, so that a name can neither start a block nor a header line.
// The statutory block keeps its text.
func (c Content) clean() Content {
	c.Creditor.Name, c.Creditor.Email = line(c.Creditor.Name), line(c.Creditor.Email)
	c.Creditor.Phone, c.Creditor.Website = line(c.Creditor.Phone), line(c.Creditor.Website)
	c.Creditor.Holder, c.Creditor.IBAN = line(c.Creditor.Holder), line(c.Creditor.IBAN)
	c.Creditor.BIC, c.Creditor.Number = line(c.Creditor.BIC), line(c.Creditor.Number)
	c.Creditor.Address, c.Debtor.Address = lines(c.Creditor.Address), lines(c.Debtor.Address)
	c.Debtor.Name, c.Debtor.Attention, c.Debtor.Number = line(c.Debtor.Name), line(c.Debtor.Attention), line(c.Debtor.Number)
	c.Reference, c.CaseNumber, c.Bailiff, c.ReplyTo = line(c.Reference), line(c.CaseNumber), line(c.Bailiff), line(c.ReplyTo)
	c.Demanded, c.NotYetDue, c.NotDemanded = items(c.Demanded), items(c.NotYetDue), items(c.NotDemanded)
	c.Charges, c.Announced = charges(c.Charges), charges(c.Announced)
	c.Credits = slices.Clone(c.Credits)
	for i := range c.Credits {
		c.Credits[i].Number = line(c.Credits[i].Number)
	}
	if c.Notice != nil {
		n := *c.Notice
		n.Covers = lines(n.Covers)
		c.Notice = &n
	}
	if c.Payment != nil {
		p := *c.Payment
		p.Method = line(p.Method)
		c.Payment = &p
	}
	return c
}

func items(in []Item) []Item {
	out := slices.Clone(in)
	for i := range out {
		out[i].Number = line(out[i].Number)
	}
	return out
}

func charges(in []Charge) []Charge {
	out := slices.Clone(in)
	for i := range out {
		out[i].Label, out[i].Detail = line(out[i].Label), line(out[i].Detail)
	}
	return out
}

func lines(in []string) []string {
	out := make([]string, 0, len(in))
	for _, s := range in {
		if s = line(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// line makes one line of a text. Characters that turn the direction of text
// around are dropped too: they can make an amount or a name read otherwise.
func line(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\r', r == '\t', r == '\u2028', r == '\u2029':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s)
	return strings.Trim(strings.ReplaceAll(s, "**", "*"), " ")
}
