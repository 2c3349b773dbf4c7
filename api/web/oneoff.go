package web

import (
	"context"
	"strings"

	"github.com/voldaan/voldaan/api/web/view/cases"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/core/casework"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func (v *visit) oneOffForm() error { return v.oneOffPage("") }

func (v *visit) oneOffPage(problem string) error {
	m := cases.OneOffModel{Error: problem}
	if err := v.read(func(_ context.Context, tx store.Tx) (err error) {
		m.Frame, err = v.frame(tx, component.Cases, "A claim without accounting package")
		return err
	}); err != nil {
		return err
	}
	if problem != "" {
		return v.again(cases.OneOff(m))
	}
	return v.show(cases.OneOff(m))
}

// oneOff takes in a claim that is in no accounting package (R121).
func (v *visit) oneOff() error {
	q := casework.OneOff{Number: v.field("number"), Debtor: sdk.Party{
		Name: v.field("name"), Kind: sdk.PartyKind(v.field("kind")), Email: v.field("email"), Language: "nl",
		Address: sdk.Address{Line1: v.field("line1"), PostalCode: v.field("postal_code"), City: v.field("city"), Country: "NL"},
	}}
	var notice casework.EarlierNotice
	for name, to := range map[string]*date.Date{"issued": &q.Issued, "due": &q.Due, "notice_on": &notice.On} {
		day, err := date.Parse(v.field(name))
		if err != nil {
			return v.oneOffPage("Write each day as 2026-11-24, or choose it.")
		}
		*to = day
	}
	var err error
	if q.Amount, err = money.Parse(strings.ReplaceAll(v.field("amount"), ",", "."), "EUR"); err != nil {
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
