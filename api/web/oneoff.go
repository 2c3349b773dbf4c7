package web

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/voldaan/voldaan/api/web/view/cases"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/core/casework"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// oneOffCurrencies are what a claim is mostly in, those of the laws first.
var oneOffCurrencies = []string{"EUR", "GBP", "USD", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK"}

// oneOffFields are the words of the form, which come back when it is refused.
var oneOffFields = []string{"law", "subject", "name", "kind", "line1", "postal_code", "city", "country", "email", "language", "number", "amount", "currency", "issued", "due", "notice_on"}

func (v *visit) oneOffForm() error { return v.oneOffPage("") }

func (v *visit) oneOffPage(problem string) error {
	m := cases.OneOffModel{Error: problem, Typed: map[string]string{}}
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if m.Frame, err = v.frame(tx, component.Cases, "A claim without accounting package"); err != nil {
			return err
		}
		adms, err := tx.Administrations(ctx)
		m.Typed["country"], m.Typed["language"], m.Typed["currency"] = "NL", "nl", "EUR"
		if len(adms) > 0 {
			m.Typed["law"], m.Typed["country"], m.Typed["language"], m.Typed["currency"] = cmp.Or(adms[0].LawCountry, adms[0].Country), adms[0].Country, adms[0].Language, string(adms[0].Currency)
		}
		return err
	}); err != nil {
		return err
	}
	for _, code := range law.Countries() {
		m.Laws = append(m.Laws, [2]string{code, titleOf(code)})
		m.Countries = append(m.Countries, [2]string{code, countryTitles[code]})
	}
	for _, c := range oneOffCurrencies {
		m.Currencies = append(m.Currencies, [2]string{c, c})
	}
	for _, l := range outreach.Languages() {
		m.Languages = append(m.Languages, [2]string{string(l), languageNames[string(l)]})
	}
	if problem == "" {
		return v.show(cases.OneOff(m))
	}
	for _, name := range oneOffFields {
		m.Typed[name] = cutText(v.field(name), 300)
	}
	return v.again(cases.OneOff(m))
}

// oneOff takes in a claim that is in no accounting package (R121).
func (v *visit) oneOff() error {
	q := casework.OneOff{Law: v.field("law"), Subject: cutText(v.field("subject"), 80), Number: v.field("number"), Debtor: sdk.Party{
		Name: v.field("name"), Kind: sdk.PartyKind(v.field("kind")), Email: v.field("email"), Language: v.field("language"),
		Address: sdk.Address{Line1: v.field("line1"), PostalCode: v.field("postal_code"), City: v.field("city"), Country: strings.ToUpper(v.field("country"))},
	}}
	if !slices.Contains(outreach.Languages(), outreach.Language(q.Debtor.Language)) || len(q.Debtor.Address.Country) != 2 {
		return v.oneOffPage("Choose the country and the language of the debtor.")
	}
	var notice casework.EarlierNotice
	for name, to := range map[string]*date.Date{"issued": &q.Issued, "due": &q.Due, "notice_on": &notice.On} {
		day, err := date.Parse(v.field(name))
		if err != nil {
			return v.oneOffPage("Write each day as 2026-11-24, or choose it.")
		}
		*to = day
	}
	currency, err := money.ParseCurrency(v.field("currency"))
	if err != nil {
		return v.oneOffPage("Choose the currency of the invoice.")
	}
	if q.Amount, err = money.Parse(strings.ReplaceAll(v.field("amount"), ",", "."), currency); err != nil {
		return v.oneOffPage("Write the amount as 1250.00.")
	}
	for name, to := range map[string]*casework.File{"invoice": &q.Invoice, "contract": &q.Contract, "notice": &notice.Proof} {
		if to.Name, to.Content, err = v.file(name); err != nil && fault.Of(err).Code != "file_missing" {
			return err
		}
		to.Media = mediaOf(to.Name, to.Content)
	}
	q.Notices = []casework.EarlierNotice{notice}
	id, err := v.Cases.Start(v.r.Context(), v.member.Tenant, q, v.member.Name)
	if x := fault.Of(err); err != nil && x.Kind == fault.Invalid {
		return v.oneOffPage(x.Message)
	}
	if err != nil {
		return err
	}
	return v.done("/invoices/"+id.String(), component.Flash{Tone: component.Green, Text: "The claim is in. Its next step is planned below."})
}
