package web

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/deals"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
)

var riskWords = map[policy.Risk]string{policy.LowRisk: "Low", policy.MediumRisk: "Medium", policy.HighRisk: "High"}

var languageWords = map[outreach.Language]string{outreach.Dutch: "Dutch", outreach.English: "English", outreach.German: "German", outreach.French: "French"}

var formWords = map[string]string{string(outreach.Formal): "formally", string(outreach.Informal): "informally"}

// debtorProfile shows how a debtor is treated, what of it was chosen by hand,
// and why the rest is as it is.
func (v *visit) debtorProfile(ctx context.Context, tx store.Tx, m *deals.DebtorModel, d db.Debtor) error {
	p, err := flow.ProfileOf(ctx, tx, d.ID)
	if err != nil {
		return err
	}
	adm, err := tx.Administration(ctx, d.AdministrationID)
	if err != nil {
		return fmt.Errorf("load the administration: %w", err)
	}
	book, err := flow.Load(ctx, tx, []uuid.UUID{d.ID}, nil)
	if err != nil {
		return err
	}
	about := policy.Debtor{Kind: sdk.PartyKind(d.Kind), Country: cmp.Or(d.Country, adm.Country), Risk: book.Risk(d.ID)}
	about.Segments = book.Segments(d.ID, about, m.Total.Minor)
	segments, err := tx.Segments(ctx)
	if err != nil {
		return fmt.Errorf("list segments: %w", err)
	}
	var in []string
	for _, s := range segments {
		byHand := slices.Contains(p.Segments, s.Name)
		m.Profile.Segments = append(m.Profile.Segments, component.Option{Value: s.Name, Label: s.Title, Selected: byHand})
		if slices.Contains(about.Segments, s.Name) {
			in = append(in, s.Title+map[bool]string{true: ", by hand", false: ", by its rule"}[byHand])
		}
	}
	use := book.Resolve(flow.Question{Debtor: d.ID, Of: about, Business: adm.FlowBusiness, Consumer: adm.FlowConsumer})
	fact := func(label, text string) {
		m.Profile.Facts = append(m.Profile.Facts, deals.Fact{Label: label, Text: text})
	}
	risk, err := riskNow(ctx, tx, d.ID)
	if err != nil {
		return err
	}
	fact("Risk", risk)
	fact("Segments", cmp.Or(strings.Join(in, "; "), "None"))
	fact("Flow", use.Flow.Title+". "+use.Why)
	fact("Language", cmp.Or(languageWords[outreach.Language(p.Language)], "As in the books: "+cmp.Or(d.Language, adm.Language)))
	fact("Addressed", cmp.Or(upperFirst(formWords[p.Form]), upperFirst(formWords[formOf(adm)])+", as all debtors"))
	return v.profileChoices(ctx, tx, m, p, adm)
}

// riskNow is the risk in words: as a person set it, as it was computed, or none.
func riskNow(ctx context.Context, tx store.Tx, debtor uuid.UUID) (string, error) {
	row, err := tx.DebtorProfile(ctx, debtor)
	if err != nil {
		return "", fmt.Errorf("load the risk: %w", err)
	}
	switch {
	case row.Risk != "":
		return riskWords[policy.Risk(row.Risk)] + ", by hand", nil
	case row.Computed != "":
		return joinNonEmpty(". ", riskWords[policy.Risk(row.Computed)]+", computed", row.ComputedWhy), nil
	}
	return "Medium, as long as nothing says otherwise", nil
}

func formOf(a db.Administration) string {
	if a.Formal {
		return string(outreach.Formal)
	}
	return string(outreach.Informal)
}

func (v *visit) profileChoices(ctx context.Context, tx store.Tx, m *deals.DebtorModel, p flow.Profile, adm db.Administration) error {
	all, err := publishedFlows(ctx, tx)
	if err != nil {
		return err
	}
	m.Profile.Risks = []component.Option{{Label: "Not chosen", Selected: p.Risk == ""}}
	for _, r := range policy.Risks() {
		m.Profile.Risks = append(m.Profile.Risks, component.Option{Value: string(r), Label: riskWords[r], Selected: r == p.Risk})
	}
	m.Profile.Flows = flowOptions(all, p.Flow, "Not chosen: segment or administration decides", nil)
	m.Profile.Languages = []component.Option{{Label: "As in the books", Selected: p.Language == ""}}
	for _, l := range outreach.Languages() {
		m.Profile.Languages = append(m.Profile.Languages, component.Option{Value: string(l), Label: cmp.Or(languageWords[l], string(l)), Selected: string(l) == p.Language})
	}
	m.Profile.Forms = choicesOf(p.Form, "", "As all debtors: "+formWords[formOf(adm)], string(outreach.Formal), "Formally", string(outreach.Informal), "Informally")
	return nil
}

func (v *visit) setProfile() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	_ = v.r.FormValue("risk") // reads the form
	want := flow.Profile{
		Risk: policy.Risk(v.r.FormValue("risk")), Segments: v.r.PostForm["segment"], Flow: v.r.FormValue("flow"),
		Voice: flow.Voice{Language: v.r.FormValue("language"), Form: v.r.FormValue("form")},
	}
	var before flow.Profile
	if err := v.changing(func(ctx context.Context, tx store.Tx, act flow.Act) (err error) {
		before, err = flow.SetProfile(ctx, tx, id, want, act)
		return err
	}); err != nil {
		return v.refusedOn(id, err)
	}
	f := component.Flash{Tone: component.Green, Text: "Saved. What is open is planned again.", Undo: undoing{Debtor: id, Profile: &before}.token()}
	return v.done("/debtors/"+id.String(), f)
}
