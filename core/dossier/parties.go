package dossier

import (
	"cmp"
	"strings"

	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
)

func creditor(a db.Administration) outreach.Creditor {
	return outreach.Creditor{
		Name: cmp.Or(a.LegalName, a.Name), Email: a.SenderEmail, Phone: a.SenderPhone, Colour: a.Accent, IBAN: a.Iban, Number: a.Registration,
		Address: lines(a.Line1, strings.TrimSpace(a.PostalCode+"  "+a.City)),
	}
}

func debtor(d db.Debtor, home string) outreach.Debtor {
	capacity := outreach.Consumer
	if d.Kind == string(sdk.Business) {
		capacity = outreach.Business
	}
	country := ""
	if d.Country != home {
		country = d.Country
	}
	return outreach.Debtor{
		Name: d.Name, Attention: d.Attention, Capacity: capacity, Number: d.ExternalID,
		Address: lines(d.Line1, d.Line2, strings.TrimSpace(d.PostalCode+"  "+strings.ToUpper(d.City)), country),
	}
}

func lines(all ...string) (out []string) {
	for _, l := range all {
		if l != "" {
			out = append(out, l)
		}
	}
	return out
}

// language is the first of the tags that there are papers in, English otherwise.
func language(tags ...string) outreach.Language {
	for _, tag := range tags {
		base, _, _ := strings.Cut(strings.ToLower(tag), "-")
		for _, have := range outreach.Languages() {
			if w, err := outreach.WordsOf(have); base == string(have) && err == nil && w.Label("statement_title") != "" {
				return have
			}
		}
	}
	return outreach.English
}
