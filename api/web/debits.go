package web

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	view "github.com/voldaan/voldaan/api/web/view/debit"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/payment/debit"
	"github.com/voldaan/voldaan/core/payment/sepa"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func (s *site) debitRoutes() {
	s.look("GET /debits", (*visit).debits)
	s.act("POST /debits", (*visit).collect)
	s.act("POST /debits/{debit}/cancel", (*visit).cancelDebit)
	s.act("POST /debits/{debit}/answer", (*visit).answerDebit)
	s.look("GET /debtors/{debtor}/debit", (*visit).debtorDebits)
	s.act("POST /debtors/{debtor}/debit", (*visit).chooseDebit)
	s.act("POST /mandates/{mandate}/revoke", (*visit).revokeMandate)
	s.act("POST /mandates/{mandate}/resume", (*visit).resumeMandate)
	s.look("GET /settings/debit", (*visit).debitSettings)
	s.own("POST /settings/debit/{administration}", (*visit).setDebit)
}

// debitTabs are the filters of the collections, with the states that each shows.
var debitTabs = []struct {
	key, label string
	tone       component.Tone
	states     []string
}{
	{"", "Coming", "", []string{"scheduled", "announced", "submitted"}},
	{"failed", "Failed and taken back", component.Amber, []string{"failed", "reversed"}},
	{"paid", "Paid", "", []string{"paid"}},
	{"cancelled", "Cancelled", "", []string{"cancelled"}},
}

func (v *visit) debits() error {
	m := view.ListModel{Look: !v.member.Role.May()}
	q := v.r.URL.Query()
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if m.Frame, err = v.frame(tx, component.Debits, "Direct debit"); err != nil {
			return err
		}
		sums, err := tx.DebitSums(ctx)
		if err != nil {
			return fmt.Errorf("count collections: %w", err)
		}
		want := db.DebitsPageParams{States: debitTabs[0].states, Most: pageSize + 1}
		total := 0
		for _, t := range debitTabs {
			item := component.Tab{Label: t.label, Href: debitHref(t.key), Tone: t.tone, Active: t.key == q.Get("tab")}
			for _, s := range sums {
				if slices.Contains(t.states, s.State) {
					item.Count += int(s.N)
				}
			}
			if item.Active {
				want.States, total = t.states, item.Count
			}
			m.Tabs = append(m.Tabs, item)
		}
		if day, id, ok := strings.Cut(q.Get("after"), "_"); ok {
			if want.AfterDay, err = date.Parse(day); err != nil {
				return errNotHere
			}
			if want.AfterID, err = uuid.Parse(id); err != nil {
				return errNotHere
			}
			m.Pager.Previous = debitHref(q.Get("tab"))
		}
		rows, err := tx.DebitsPage(ctx, want)
		if err != nil {
			return fmt.Errorf("list collections: %w", err)
		}
		if len(rows) > pageSize {
			rows = rows[:pageSize]
			last := rows[pageSize-1]
			m.Pager.Next = "/debits?" + url.Values{"tab": {q.Get("tab")}, "after": {last.CollectOn.String() + "_" + last.ID.String()}}.Encode()
		}
		m.Pager.Shown = fmt.Sprintf("%d of %s", len(rows), m.Frame.Number(total))
		for _, r := range rows {
			row := debitRow(m.Frame, debit.Row(r))
			row.Debtor, row.Numbers, row.Account = r.DebtorName, r.Numbers, r.AccountLast
			m.Rows = append(m.Rows, row)
		}
		m.Off, err = v.collectsNothing(ctx, tx)
		return err
	}); err != nil {
		return err
	}
	return v.show(view.List(m))
}

func debitHref(tab string) string {
	if tab == "" {
		return "/debits"
	}
	return "/debits?tab=" + tab
}

// collectsNothing reports whether direct debit is off everywhere.
func (v *visit) collectsNothing(ctx context.Context, tx store.Tx) (bool, error) {
	adms, err := tx.Administrations(ctx)
	if err != nil {
		return false, fmt.Errorf("load administrations: %w", err)
	}
	for _, a := range adms {
		s, err := debit.Setting(ctx, tx, a.ID)
		if err != nil {
			return false, err
		}
		if s.Enabled || s.Offered {
			return false, nil
		}
	}
	return true, nil
}

// debitLooks are the words and tones of a collection's states.
var debitLooks = map[string]struct {
	word string
	tone component.Tone
}{
	"scheduled": {"Planned", component.Plain}, "announced": {"Announced", component.Planned}, "submitted": {"At the bank", component.Planned}, "paid": {"Paid", component.Green},
	"failed": {"Failed", component.Red}, "reversed": {"Taken back", component.Red}, "cancelled": {"Cancelled", component.Plain},
}

func debitRow(f component.Frame, d db.Debit) view.Row {
	look := debitLooks[d.State]
	r := view.Row{
		ID: d.ID.String(), DebtorID: d.DebtorID.String(), Amount: money.Of(d.AmountMinor, d.Currency), On: d.CollectOn, State: look.word, Tone: look.tone,
		Rule: d.ReasonRule, Cancel: d.State == "scheduled" || d.State == "announced", Ask: d.Asked,
	}
	switch d.State {
	case "scheduled":
		r.Next = "The debtor is told " + f.Weekday(d.AnnounceOn) + "."
	case "announced":
		r.Next = "Goes to the bank " + f.Weekday(d.SubmitOn) + "."
	case "submitted":
		r.Next = "The bank answers within days."
	case "paid":
		r.Next = "Paid " + f.Date(d.SettledOn) + "."
	case "cancelled":
		r.Why = d.Why
	default:
		r.Why = d.Why
		if d.ReasonCode != "" {
			r.Why = d.ReasonCode + ": " + d.Why
		}
		switch {
		case d.Asked:
			r.Next = "Waits for your answer."
		case d.WillRetry:
			r.Next = "It is tried once more."
		case !d.PayBy.IsZero():
			r.Next = "To be transferred by " + f.Date(d.PayBy) + "."
		}
		if d.State == "reversed" && d.BackMinor != d.AmountMinor {
			r.State = f.Amount(money.Of(d.BackMinor, d.Currency)) + " taken back"
		}
	}
	if d.State == "scheduled" || d.State == "announced" || d.State == "submitted" {
		r.Why = d.Why
	}
	if d.Attempt > 1 {
		r.State += ", second attempt"
	}
	return r
}

func (v *visit) cancelDebit() error {
	id, err := v.id("debit")
	if err != nil {
		return err
	}
	if err := v.Debits.Cancel(v.r.Context(), v.member.Tenant, id, v.member.Name); err != nil {
		return err
	}
	return v.done(local(refererPath(v.r), "/debits"), component.Flash{Tone: component.Green, Text: "Cancelled. The debtor has a new term to transfer it."})
}

func (v *visit) answerDebit() error {
	id, err := v.id("debit")
	if err != nil {
		return err
	}
	dispute := v.r.FormValue("dispute")
	if dispute != "yes" && dispute != "no" {
		return fault.New(fault.Invalid, "debit_answer", "Say whether it is a dispute.")
	}
	if err := v.Debits.Answer(v.r.Context(), v.member.Tenant, id, dispute == "yes", v.member.Name); err != nil {
		return err
	}
	said := "Noted. The debtor is asked to transfer it."
	if dispute == "yes" {
		said = "Noted as a dispute. Nothing is asked until it is decided."
	}
	return v.done(local(refererPath(v.r), "/debits"), component.Flash{Tone: component.Green, Text: said})
}

func (v *visit) collect() error {
	invoice, err := uuid.Parse(v.r.FormValue("invoice"))
	if err != nil {
		return fault.New(fault.Invalid, "invoice_missing", "Choose an invoice.")
	}
	if err := v.Debits.Collect(v.r.Context(), v.member.Tenant, invoice, v.member.Name); err != nil {
		return err
	}
	return v.done(local(refererPath(v.r), "/debits"), component.Flash{Tone: component.Green, Text: "Planned. The debtor is told first."})
}

// mandateLooks are the words and tones of a mandate's states.
var mandateLooks = map[sepa.State]struct {
	word string
	tone component.Tone
}{
	sepa.Pending: {"Waits for its first payment", component.Plain}, sepa.Valid: {"In force", component.Green}, sepa.Suspended: {"Suspended", component.Amber},
	sepa.Revoked: {"Withdrawn", component.Plain}, sepa.NotGiven: {"Not given", component.Plain}, sepa.Expired: {"Lapsed", component.Plain},
}

func (v *visit) debtorDebits() error {
	id, err := v.id("debtor")
	if err != nil {
		return err
	}
	m := view.DebtorModel{Look: !v.member.Role.May(), ID: id.String()}
	if err := v.read(func(ctx context.Context, tx store.Tx) error {
		if m.Frame, err = v.frame(tx, component.Debits, "Direct debit"); err != nil {
			return err
		}
		d, err := tx.Debtor(ctx, id)
		if err != nil {
			return errNotHere.Because(err)
		}
		m.Name, m.Frame.Title = d.Name, d.Name
		if err := fillMandates(ctx, tx, &m, id); err != nil {
			return err
		}
		rows, err := tx.DebitsOf(ctx, id)
		if err != nil {
			return fmt.Errorf("load collections: %w", err)
		}
		for _, r := range rows {
			row := debitRow(m.Frame, r)
			parts, err := tx.DebitInvoices(ctx, r.ID)
			if err != nil {
				return fmt.Errorf("load collections: %w", err)
			}
			var numbers []string
			for _, p := range parts {
				numbers = append(numbers, p.Number)
			}
			row.Numbers = strings.Join(numbers, ", ")
			m.Rows = append(m.Rows, row)
		}
		return v.fillChoices(ctx, tx, &m, id)
	}); err != nil {
		return err
	}
	return v.show(view.Debtor(m))
}

func fillMandates(ctx context.Context, tx store.Tx, m *view.DebtorModel, debtor uuid.UUID) error {
	list, err := tx.MandatesOf(ctx, debtor)
	if err != nil {
		return fmt.Errorf("load mandates: %w", err)
	}
	for _, a := range list {
		state := sepa.State(a.State)
		look := mandateLooks[state]
		m.Mandates = append(m.Mandates, view.Mandate{
			ID: a.ID.String(), State: look.word, Tone: look.tone, Why: a.Why, Reference: a.Reference, Bank: a.ProviderReference, Account: a.AccountLast, Signed: a.SignedOn, LastUsed: a.LastUsed,
			Lead: int(a.LeadDays), Scheme: "SEPA " + schemeWords[a.Scheme], Text: strings.Split(a.Wording, "\n\n"), Revoke: !state.Ended(), Resume: state == sepa.Suspended,
		})
	}
	return nil
}

var schemeWords = map[string]string{"core": "Core", "b2b": "B2B"}

// fillChoices offers what may be chosen for a debtor.
func (v *visit) fillChoices(ctx context.Context, tx store.Tx, m *view.DebtorModel, debtor uuid.UUID) error {
	mode, err := v.Debits.Mode(ctx, tx, debtor)
	if err != nil {
		return err
	}
	m.Modes = []component.Option{{Value: "", Label: "As set for the administration"}, {Value: "on", Label: "Yes, for this debtor"}, {Value: "off", Label: "No, not for this debtor"}}
	for i := range m.Modes {
		m.Modes[i].Selected = m.Modes[i].Value == mode
	}
	open, err := tx.PortalInvoices(ctx, debtor)
	if err != nil {
		return fmt.Errorf("load invoices: %w", err)
	}
	for _, i := range open {
		if _, err := tx.DebitTarget(ctx, i.ID); err == nil && i.OpenMinor > i.Received {
			m.Collectable = append(m.Collectable, component.Option{Value: i.ID.String(), Label: i.Number + ", " + m.Frame.Amount(money.Of(i.OpenMinor-i.Received, i.Currency))})
		}
	}
	return nil
}

func (v *visit) chooseDebit() error {
	id, err := v.id("debtor")
	if err != nil {
		return err
	}
	if err := v.Debits.Choose(v.r.Context(), v.member.Tenant, id, v.r.FormValue("mode"), v.member.Name); err != nil {
		return err
	}
	return v.done("/debtors/"+id.String()+"/debit", component.Flash{Tone: component.Green, Text: "Saved."})
}

func (v *visit) revokeMandate() error {
	id, err := v.id("mandate")
	if err != nil {
		return err
	}
	if err := v.Debits.Revoke(v.r.Context(), v.member.Tenant, id, v.member.Name); err != nil {
		return err
	}
	return v.done(local(refererPath(v.r), "/debits"), component.Flash{Tone: component.Green, Text: "Withdrawn. Nothing more is collected by it, and the debtor is told."})
}

func (v *visit) resumeMandate() error {
	id, err := v.id("mandate")
	if err != nil {
		return err
	}
	if err := v.Debits.Resume(v.r.Context(), v.member.Tenant, id, v.member.Name); err != nil {
		return err
	}
	return v.done(local(refererPath(v.r), "/debits"), component.Flash{Tone: component.Green, Text: "In force again."})
}
