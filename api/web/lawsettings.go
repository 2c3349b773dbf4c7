package web

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/settings"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

func (s *site) lawRoutes() {
	s.look("GET /settings/law", (*visit).lawPage)
	s.own("POST /settings/law/{administration}", (*visit).setTerms)
	s.own("POST /settings/law/{administration}/country", (*visit).setLawCountry)
}

func (v *visit) lawPage() error {
	m, err := v.lawModel(v.r.URL.Query().Get("administration"), nil)
	if err != nil {
		return err
	}
	return v.show(settings.Law(m))
}

// lawModel shows an administration, the first when none is named; typed is what a
// refused form held.
func (v *visit) lawModel(administration string, typed *dunning.LawSettings) (m settings.LawModel, err error) {
	m.Look = !v.owner()
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		if m.Frame, err = v.frame(tx, component.Settings, "Law and terms"); err != nil {
			return err
		}
		adms, err := tx.Administrations(ctx)
		if err != nil || len(adms) == 0 {
			return err
		}
		i := slices.IndexFunc(adms, func(a db.Administration) bool { return a.ID.String() == administration })
		if i < 0 && administration != "" {
			return errNotHere
		}
		a := adms[max(i, 0)]
		for _, each := range adms {
			m.Books = append(m.Books, component.Tab{Label: each.Name, Href: lawHref(each.ID), Active: each.ID == a.ID})
		}
		m.ID = a.ID.String()
		s := dunning.LawSettingsOf(a)
		country := cmp.Or(s.Country, a.Country)
		rulings, on, err := v.Planner.Clauses(ctx, tx, a, s)
		if err != nil {
			return err
		}
		var wrong map[string]string
		chosen := country
		if typed != nil {
			s, wrong = *typed, typed.Check(a, on)
			chosen = cmp.Or(s.Country, a.Country)
		}
		if of, books, differ := s.Converts(a); differ && rulings != nil {
			m.Converts = fmt.Sprintf("The law of %s counts in %s, and these books are in %s.", titleOf(country), of, books)
		}
		m.CountryError, m.Country, m.Known = wrong["country"], titleOf(country), rulings != nil
		for _, code := range law.Countries() {
			m.Countries = append(m.Countries, component.Option{Value: code, Label: titleOf(code), Selected: code == chosen})
		}
		if !slices.Contains(law.Countries(), a.Country) {
			m.Countries = append([]component.Option{{Value: a.Country, Label: titleOf(a.Country) + ": the principal only", Selected: chosen == a.Country}}, m.Countries...)
		}
		m.Terms = termsOf(s, rulings, wrong)
		switch {
		case len(wrong) == 0 || m.CountryError != "":
		case chosen != country:
			m.CountryError = "Your terms do not fit the law of " + titleOf(chosen) + ". Change what is marked below first."
		default:
			m.Error = "This was not saved. Look at what is marked below."
		}
		return nil
	})
	return m, err
}

func titleOf(country string) string {
	if country == "NL" || country == "GB" {
		return "the " + countryTitles[country]
	}
	return cmp.Or(countryTitles[country], country)
}

// termsOf are the fields that the law makes something of.
func termsOf(s dunning.LawSettings, rulings map[law.Clause][]law.Ruling, wrong map[string]string) (out []settings.Term) {
	text := func(clause law.Clause, label, value, hint, placeholder, mode string) settings.Term {
		name := string(clause)
		return settings.Term{Text: &component.TextInput{ID: name, Name: name, Label: label, Value: value, Hint: hint, Placeholder: placeholder, InputMode: mode, Autocomplete: "off", Error: wrong[name]}}
	}
	agreed := ""
	if s.DueAgreed != nil {
		agreed = map[bool]string{true: "yes", false: "no"}[*s.DueAgreed]
	}
	for _, t := range []struct {
		clause law.Clause
		term   settings.Term
	}{
		{law.DueAgreed, settings.Term{
			Label: "Your contracts fix the day to pay", Hint: "A day that stands in the contract or the terms, not on the invoice alone.",
			Options: []component.Option{{Label: "As is usual in the country", Selected: agreed == ""}, {Value: "yes", Label: "Yes, they do", Selected: agreed == "yes"}, {Value: "no", Label: "No, it only stands on the invoice", Selected: agreed == "no"}},
		}},
		{law.CostsClause, settings.Term{Label: "Your terms claim collection costs", Hint: "As far as the law allows, and your customers agreed to these terms.", On: s.CostsClause}},
		{law.AgreedRateBusiness, text(law.AgreedRateBusiness, "Yearly interest agreed with businesses (%)", s.AgreedRateBusiness, "Empty for the statutory rate.", "12.00", "decimal")},
		{law.AgreedRateConsumer, text(law.AgreedRateConsumer, "Yearly interest agreed with consumers (%)", s.AgreedRateConsumer, "Empty for the statutory rate.", "8.00", "decimal")},
		{law.InvoiceNotices, settings.Term{Label: "Put the sentences of the law in invoice messages", Hint: "In the message that Voldaan sends an invoice with. What stands on the PDF is yours.", On: s.InvoiceNotices}},
		{law.Supplies, text(law.Supplies, "What you sell", s.Supplies, "In a few words, as in: bread and pastry. Used where an invoice has no description of its own.", "", "")},
		{law.RecurringSupply, settings.Term{Label: "You deliver regularly under one contract", Hint: "Such as energy, telephone or a subscription.", On: s.RecurringSupply}},
		{law.ReminderCharge, text(law.ReminderCharge, "What a reminder costs the debtor", s.ReminderFee, "What one letter really costs you, or what your terms ask; the law lowers it. Empty: nothing is asked. Have it checked before you fill it in.", "2.50", "decimal")},
	} {
		said := rulings[t.clause]
		if len(said) == 0 {
			continue // the law makes nothing of it
		}
		t.term.Name = string(t.clause)
		for _, r := range said {
			t.term.Rulings = append(t.term.Rulings, settings.Ruling{Who: whoOf(t.clause, r.Debtors), Text: r.Text, Article: r.Article, Provisional: !r.Status.Confirmed(), Sources: strings.Join(r.Sources, "; ")})
		}
		out = append(out, t.term)
	}
	return out
}

var debtorsInWords = map[law.DebtorType]string{law.Business: "businesses", law.PublicBody: "public bodies", law.Consumer: "consumers"}

// whoOf names the debtors that a ruling is about, unless it is about all, or the
// clause says so.
func whoOf(clause law.Clause, who []law.DebtorType) string {
	if len(who) == len(debtorsInWords) || clause == law.AgreedRateBusiness || clause == law.AgreedRateConsumer {
		return ""
	}
	var words []string
	for _, w := range who {
		words = append(words, debtorsInWords[w])
	}
	all := strings.Join(words, " and ")
	return strings.ToUpper(all[:1]) + all[1:]
}

func lawHref(administration uuid.UUID) string {
	return "/settings/law?" + url.Values{"administration": {administration.String()}}.Encode()
}

func (v *visit) setLawCountry() error {
	return v.changeLaw("Changed. What is asked of debtors from now on follows this law.", func(s *dunning.LawSettings, _ map[law.Clause][]law.Ruling) {
		s.Country = cutText(v.r.FormValue("country"), 2)
	})
}

// setTerms changes what the page shows for the country, and leaves the rest as it is.
func (v *visit) setTerms() error {
	return v.changeLaw("Saved. Open invoices follow it from now on.", func(s *dunning.LawSettings, shown map[law.Clause][]law.Ruling) {
		for clause := range shown {
			said := cutText(v.r.FormValue(string(clause)), 200)
			switch yes := said == "yes"; clause {
			case law.DueAgreed:
				if s.DueAgreed = nil; said != "" {
					s.DueAgreed = &yes
				}
			case law.CostsClause:
				s.CostsClause = yes
			case law.AgreedRateBusiness:
				s.AgreedRateBusiness = said
			case law.AgreedRateConsumer:
				s.AgreedRateConsumer = said
			case law.InvoiceNotices:
				s.InvoiceNotices = yes
			case law.Supplies:
				s.Supplies = said
			case law.RecurringSupply:
				s.RecurringSupply = yes
			case law.ReminderCharge:
				s.ReminderFee = said
			}
		}
	})
}

// changeLaw changes the law settings of the administration in the address, and
// shows the form again when they are refused.
func (v *visit) changeLaw(said string, change func(*dunning.LawSettings, map[law.Clause][]law.Ruling)) error {
	id, err := v.id("administration")
	if err != nil {
		return err
	}
	var s dunning.LawSettings
	err = v.write(func(ctx context.Context, tx store.Tx) error {
		a, err := tx.Administration(ctx, id)
		if err != nil {
			return errNotHere.Because(err)
		}
		s = dunning.LawSettingsOf(a)
		shown, _, err := v.Planner.Clauses(ctx, tx, a, s)
		if err != nil {
			return err
		}
		change(&s, shown)
		s = s.Tidy(a)
		return v.Planner.SetLaw(ctx, tx, id, s, v.member.Name)
	})
	if fault.Is(err, fault.Invalid) {
		m, err := v.lawModel(id.String(), &s)
		if err != nil {
			return err
		}
		return v.again(settings.Law(m))
	}
	if err != nil {
		return err
	}
	return v.done(lawHref(id), component.Flash{Tone: component.Green, Text: said})
}
