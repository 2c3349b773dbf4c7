package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/settings"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/payment/reference"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
)

func (s *site) settingRoutes() {
	s.mux.Handle("GET /settings", http.RedirectHandler("/settings/sender", http.StatusSeeOther))
	s.look("GET /settings/sender", (*visit).senderPage)
	s.own("POST /settings/sender/{administration}", (*visit).setSender)
	s.own("POST /settings/sender/{administration}/account", (*visit).proposeAccount)
	s.own("POST /settings/sender/{administration}/account/decide", (*visit).settleAccount)
	s.look("GET /settings/people", (*visit).peoplePage)
	s.own("POST /settings/people", (*visit).invite)
	s.own("POST /settings/people/{member}", (*visit).setMember)
	s.look("GET /settings/keys", (*visit).keysPage)
	s.own("POST /settings/keys", (*visit).makeKey)
	s.own("POST /settings/keys/{key}/revoke", (*visit).revokeKey)
	s.look("GET /settings/figures", (*visit).figuresPage)
	s.own("POST /settings/figures", (*visit).approveFigure)
}

// owner reports whether the reader may change settings.
func (v *visit) owner() bool { return v.member.Role == tenant.Owner }

func (v *visit) senderPage() error {
	m, err := v.senderModel(v.r.URL.Query().Get("administration"), nil)
	if err != nil {
		return err
	}
	return v.show(settings.Sender(m))
}

// senderModel shows an administration, the first when none is named; typed is
// what a refused form held.
func (v *visit) senderModel(administration string, typed *tenant.Sender) (m settings.SenderModel, err error) {
	m.Look = !v.owner()
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		if m.Frame, err = v.frame(tx, component.Settings, "Sender"); err != nil {
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
		chosen := adms[max(i, 0)]
		for _, a := range adms {
			m.Books = append(m.Books, component.Tab{Label: a.Name, Href: "/settings/sender?administration=" + a.ID.String(), Active: a.ID == chosen.ID})
		}
		people, err := v.Directory.People(ctx, tx)
		if err != nil {
			return err
		}
		v.fillSender(&m, chosen, people, typed)
		return nil
	})
	return m, err
}

func (v *visit) fillSender(m *settings.SenderModel, a db.Administration, people []tenant.Person, typed *tenant.Sender) {
	m.ID = a.ID.String()
	s := tenant.SenderOf(a)
	m.Preview = slices.DeleteFunc([]string{s.Name, s.Line1, joinNonEmpty("  ", s.PostalCode, s.City), s.Phone, s.Email, numbered("KvK", s.Registration), numbered("VAT", s.VAT), numbered("IBAN", reference.PrintIBAN(a.Iban))}, func(l string) bool { return l == "" })
	var wrong map[string]string
	if typed != nil {
		s = *typed
		wrong = s.Check(a.Country)
	}
	in := func(name, label, value, hint string, required bool) component.TextInput {
		return component.TextInput{ID: name, Name: name, Label: label, Value: value, Hint: hint, Required: required, Error: wrong[name]}
	}
	m.Fields = settings.Fields{
		Name: in("name", "Name", s.Name, "", true), Line1: in("line1", "Street and number", s.Line1, "", true),
		PostalCode: in("postal_code", "Postal code", s.PostalCode, "", true), City: in("city", "Place", s.City, "", true),
		Email: in("email", "E-mail", s.Email, "", true), Phone: in("phone", "Telephone", s.Phone, "", false),
		Registration: in("registration", "KvK number", s.Registration, "", false), VAT: in("vat", "VAT number", s.VAT, "", false),
		Colour: in("colour", "Colour", s.Colour, "Of the portal and of buttons in e-mails. Leave it empty for Voldaan's green.", false),
	}
	m.Fields.Email.Type, m.Fields.Phone.Type, m.Fields.Colour.Placeholder = "email", "tel", "#0b5d78"
	if wrong != nil {
		m.Error = "This was not saved. Look at what is marked below."
	}
	m.Account = settings.Account{Now: grouped(a.Iban), IBAN: component.TextInput{ID: "iban", Name: "iban", Label: "New account (IBAN)", Required: true, Autocomplete: "off"}}
	others := slices.ContainsFunc(people, func(p tenant.Person) bool { return p.ID != v.member.ID && p.Left.IsZero() && p.Role == tenant.Owner })
	if !others && a.Iban != "" {
		m.Account.Password = &component.TextInput{ID: "password", Name: "password", Label: "Your password", Type: "password", Autocomplete: "current-password", Required: true, Hint: "There is no other owner to confirm it."}
	}
	if a.IbanNext == "" {
		return
	}
	m.Account.Waiting, m.Account.WaitingID, m.Account.Mine, m.Account.WaitsFor = grouped(a.IbanNext), a.IbanNext, a.IbanNextBy.UUID == v.member.ID, "somebody"
	for _, p := range people {
		if p.ID == a.IbanNextBy.UUID {
			m.Account.WaitsFor = p.Name
		}
	}
	if a.IbanNextAt != nil {
		m.Account.WaitsFor += " " + m.Frame.Moment(*a.IbanNextAt)
	}
}

func numbered(label, value string) string {
	if value == "" {
		return ""
	}
	return label + " " + value
}

func (v *visit) setSender() error {
	id, err := v.id("administration")
	if err != nil {
		return err
	}
	f := func(name string) string { return cutText(v.r.FormValue(name), 200) }
	s := tenant.Sender{
		Name: f("name"), Line1: f("line1"), PostalCode: f("postal_code"), City: f("city"), Email: f("email"), Phone: f("phone"),
		Registration: f("registration"), VAT: f("vat"), Colour: f("colour"),
	}.Tidy()
	err = v.Directory.SetSender(v.r.Context(), v.member.Tenant, id, s, v.member.Name)
	if fault.Is(err, fault.Invalid) {
		m, err := v.senderModel(id.String(), &s)
		if err != nil {
			return err
		}
		return v.again(settings.Sender(m))
	}
	if err != nil {
		return err
	}
	return v.done(senderHref(id.String()), component.Flash{Tone: component.Green, Text: "Saved. The next message says it."})
}

func senderHref(administration string) string {
	return "/settings/sender?" + url.Values{"administration": {administration}}.Encode()
}

func (v *visit) proposeAccount() error {
	id, err := v.id("administration")
	if err != nil {
		return err
	}
	said := cutText(v.r.FormValue("iban"), 60)
	succeeded, err := v.doors.try(v.client(v.r), v.member.Email)
	var change tenant.AccountChange
	if err == nil {
		change, err = v.Directory.ProposeAccount(v.r.Context(), v.member, id, said, v.r.FormValue("password"))
	}
	if f := fault.Of(err); err != nil && (f.Kind == fault.Invalid || f.Kind == fault.Denied) {
		m, err := v.senderModel(id.String(), nil)
		if err != nil {
			return err
		}
		m.Account.IBAN.Value, m.Account.IBAN.Error = said, f.Message
		if f.Code == "password_needed" && m.Account.Password != nil {
			m.Account.IBAN.Error, m.Account.Password.Error = "", f.Message
		}
		return v.again(settings.Sender(m))
	}
	if err != nil {
		return err
	}
	succeeded()
	return v.done(senderHref(id.String())+"#account", component.Flash{Tone: component.Green, Text: accountWords[change]})
}

var accountWords = map[tenant.AccountChange]string{
	tenant.AccountSame: "Debtors pay to this account already.", tenant.AccountSet: "Changed. The next message names this account.",
	tenant.AccountWaiting: "Noted. Another owner confirms it before debtors see it.",
}

func (v *visit) settleAccount() error {
	id, err := v.id("administration")
	if err != nil {
		return err
	}
	take := v.r.FormValue("decision") == "confirm"
	if err := v.Directory.SettleAccount(v.r.Context(), v.member, id, v.r.FormValue("iban"), take); err != nil {
		return err
	}
	said := "Forgotten. The account stays as it was."
	if take {
		said = "Confirmed. The next message names this account."
	}
	return v.done(senderHref(id.String())+"#account", component.Flash{Tone: component.Green, Text: said})
}
