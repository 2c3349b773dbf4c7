package web

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/settings"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/payment/debit"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/money"
)

func (v *visit) debitSettings() error {
	m, err := v.debitModel(v.r.URL.Query().Get("administration"), nil, "")
	if err != nil {
		return err
	}
	return v.show(settings.Debit(m))
}

// debitModel shows an administration, the first when none is named; typed is what a
// refused form held.
func (v *visit) debitModel(administration string, typed *db.DebitSetting, problem string) (m settings.DebitModel, err error) {
	m.Look, m.Error = !v.owner(), problem
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		if m.Frame, err = v.frame(tx, component.Settings, "Direct debit"); err != nil {
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
			m.Books = append(m.Books, component.Tab{Label: a.Name, Href: "/settings/debit?administration=" + a.ID.String(), Active: a.ID == chosen.ID})
		}
		m.ID = chosen.ID.String()
		s, err := debit.Setting(ctx, tx, chosen.ID)
		if err != nil {
			return err
		}
		if typed != nil {
			s = *typed
		}
		fillDebit(&m, s)
		return nil
	})
	return m, err
}

func fillDebit(m *settings.DebitModel, s db.DebitSetting) {
	number := func(name, label, hint string, value, low, high int) component.TextInput {
		return component.TextInput{ID: name, Name: name, Label: label, Type: "number", Value: strconv.Itoa(value), Hint: hint, Min: strconv.Itoa(low), Max: strconv.Itoa(high), Required: true}
	}
	limit := func(name, label string, minor int64) component.TextInput {
		t := component.TextInput{ID: name, Name: name, Label: label, InputMode: "decimal", Hint: "In euros; empty for no limit."}
		if minor > 0 {
			t.Value = money.EUR(minor).Decimal()
		}
		return t
	}
	m.Offered, m.Enabled, m.Retry = s.Offered, s.Enabled, s.Retry
	m.Creditor = component.TextInput{
		ID: "creditor", Name: "creditor", Label: "Creditor id", Value: s.CreditorID, Placeholder: "NL08ZZZ502057730000", Autocomplete: "off",
		Hint: "As Mollie shows it: Mollie collects under its own. Debtors are told it before each collection.",
	}
	m.Lead = number("lead", "Days of notice", "14, unless you agree on fewer in the mandate.", int(s.LeadDays), 1, 60)
	m.Fresh = number("fresh", "New term in days", "To transfer, after a debit failed or a mandate ended.", int(s.FreshDays), 1, 60)
	m.Limit = limit("limit", "Limit of one collection", s.LimitMinor)
	m.Month = limit("month", "Limit of a debtor in a month", s.MonthMinor)
	m.PayDay = number("payday", "Pay day", "Of the month; 0 for none.", int(s.RetryPayDay), 0, 31)
	m.After = number("after", "Least days between", "The two attempts.", int(s.RetryAfter), 1, 60)
	m.RetryLead = number("retrylead", "Days of notice of it", "Agreed on in the mandate.", int(s.RetryLeadDays), 1, 60)
}

func (v *visit) setDebit() error {
	id, err := v.id("administration")
	if err != nil {
		return err
	}
	s, err := v.typedDebit(id)
	if err == nil {
		err = v.Debits.Configure(v.r.Context(), v.member.Tenant, s, v.member.Name)
	}
	if fault.Is(err, fault.Invalid) {
		m, err2 := v.debitModel(id.String(), &s, fault.Of(err).Message)
		if err2 != nil {
			return err2
		}
		return v.again(settings.Debit(m))
	}
	if err != nil {
		return err
	}
	return v.done("/settings/debit?administration="+id.String(), component.Flash{Tone: component.Green, Text: "Saved."})
}

// typedDebit reads the form.
func (v *visit) typedDebit(administration uuid.UUID) (s db.DebitSetting, err error) {
	if err := v.read(func(ctx context.Context, tx store.Tx) error {
		_, err := tx.Administration(ctx, administration)
		return err
	}); err != nil {
		return s, errNotHere.Because(err)
	}
	s = db.DebitSetting{
		AdministrationID: administration, TenantID: v.member.Tenant, Offered: v.r.FormValue("offered") == "yes", Enabled: v.r.FormValue("enabled") == "yes",
		Retry: v.r.FormValue("retry") == "yes", CreditorID: strings.TrimSpace(cutText(v.r.FormValue("creditor"), 50)),
	}
	for name, to := range map[string]*int32{"lead": &s.LeadDays, "fresh": &s.FreshDays, "payday": &s.RetryPayDay, "after": &s.RetryAfter, "retrylead": &s.RetryLeadDays} {
		n, wrong := strconv.Atoi(strings.TrimSpace(v.r.FormValue(name)))
		if wrong != nil || n < 0 || n > 1000 {
			err = fault.New(fault.Invalid, "not_a_number", "Fill in the days as whole numbers.")
		}
		*to = int32(n)
	}
	for name, to := range map[string]*int64{"limit": &s.LimitMinor, "month": &s.MonthMinor} {
		text := strings.TrimSpace(strings.ReplaceAll(v.r.FormValue(name), ",", "."))
		if text == "" {
			continue
		}
		a, wrong := money.Parse(text, "EUR")
		if wrong != nil {
			err = fault.New(fault.Invalid, "not_an_amount", "Write a limit as an amount, such as 2500 or 2500,00.")
		}
		*to = a.Minor
	}
	if err != nil {
		return s, fmt.Errorf("read the form: %w", err)
	}
	return s, nil
}
