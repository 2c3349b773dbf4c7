package web

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/settings"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/money"
)

func (s *site) arrangementSettingRoutes() {
	s.look("GET /settings/arrangements", (*visit).arrangementSettings)
	s.own("POST /settings/arrangements/{administration}", (*visit).setArrangements)
}

func (v *visit) arrangementSettings() error {
	m, err := v.arrangementModel(v.r.URL.Query().Get("administration"), nil)
	if err != nil {
		return err
	}
	return v.show(settings.Arrangements(m))
}

// arrangementModel shows an administration, the first when none is named; typed
// is what a refused form held, by the names of its fields.
func (v *visit) arrangementModel(administration string, typed url.Values) (m settings.ArrangementsModel, err error) {
	m.Look = !v.owner()
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		if m.Frame, err = v.frame(tx, component.Settings, "Promises and plans"); err != nil {
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
			m.Books = append(m.Books, component.Tab{Label: a.Name, Href: arrangementsHref(a.ID), Active: a.ID == chosen.ID})
		}
		m.ID = chosen.ID.String()
		s, err := arrangement.SettingsOf(ctx, tx, chosen.ID)
		if err != nil {
			return err
		}
		people, err := tx.Members(ctx)
		if err != nil {
			return fmt.Errorf("load the members: %w", err)
		}
		m.Groups = ruleGroups(s, chosen.Currency, people, typed)
		return nil
	})
	return m, err
}

func arrangementsHref(administration uuid.UUID) string {
	return "/settings/arrangements?administration=" + administration.String()
}

// ruleNumbers are the settings that are whole numbers, by the name of the field.
func ruleNumbers(s *arrangement.Settings) map[string]*int {
	return map[string]*int{
		"promise_grace": &s.PromiseGrace, "promise_most": &s.PromiseMost, "promise_days": &s.PromiseDays,
		"plan_auto_months": &s.PlanAutoMonths, "plan_most_months": &s.PlanMostMonths, "plan_hold": &s.PlanHold, "plan_grace": &s.PlanGrace, "plan_cure": &s.PlanCure, "plan_remind": &s.PlanRemind,
		"dispute_days": &s.DisputeDays, "dispute_term": &s.DisputeTerm, "paid_hold": &s.PaidHold,
	}
}

func ruleGroups(s arrangement.Settings, cur money.Currency, people []db.MembersRow, typed url.Values) []settings.RuleGroup {
	numbers := ruleNumbers(&s)
	number := func(name, label, hint string, low, high int) component.TextInput {
		t := component.TextInput{ID: name, Name: name, Label: label, Type: "number", Value: strconv.Itoa(*numbers[name]), Hint: hint, Min: strconv.Itoa(low), Max: strconv.Itoa(high), Required: true}
		if typed != nil {
			t.Value = typed.Get(name)
		}
		return t
	}
	amount := func(name, label, hint string, minor int64) component.TextInput {
		t := component.TextInput{ID: name, Name: name, Label: label, Value: money.Of(minor, cur).Decimal(), Hint: hint, InputMode: "decimal", Required: true}
		if typed != nil {
			t.Value = typed.Get(name)
		}
		return t
	}
	on := func(name string, is bool) bool {
		if typed != nil {
			return typed.Get(name) == "yes"
		}
		return is
	}
	owner := ""
	if s.DisputeOwner != nil {
		owner = s.DisputeOwner.String()
	}
	if typed != nil {
		owner = typed.Get("dispute_owner")
	}
	owners := []component.Option{{Label: "Nobody: it waits for all of you"}}
	for _, p := range people {
		if p.DisabledAt == nil {
			owners = append(owners, component.Option{Value: p.ID.String(), Label: p.Name, Selected: p.ID.String() == owner})
		}
	}
	return []settings.RuleGroup{
		{
			Name: "promises", Title: "Promises", Text: "A debtor names a day to pay. Nothing is asked until that day and its grace are over; then the flow goes on, one tone firmer.",
			Fields: []component.TextInput{
				number("promise_days", "Days ahead, at most", "From the day of the promise.", 1, 90), number("promise_grace", "Grace", "Bank days, for money that is under way.", 0, 10),
				number("promise_most", "Promises for one invoice", "0 to take none in the portal.", 0, 10),
			},
		},
		{
			Name: "plans", Title: "Payment plans", Text: "A plan that a debtor proposes within these limits starts by itself. Any other waits for you, and is never longer than the longest.",
			Fields: []component.TextInput{
				amount("plan_auto", "Starts by itself up to ("+string(cur)+")", "0 to decide on every plan.", s.PlanAutoMinor), number("plan_auto_months", "And up to so many months", "", 0, 36),
				amount("plan_min", "Least instalment ("+string(cur)+")", "", s.PlanMinMinor), number("plan_most_months", "Longest plan, in months", "", 1, 60),
				number("plan_hold", "A proposal holds reminders for", "Business days, in which you decide.", 1, 30), number("plan_remind", "Reminder of an instalment", "Days before it is due; 0 for none.", 0, 14),
				number("plan_grace", "Grace of an instalment", "Days, before the warning.", 0, 30), number("plan_cure", "Days to mend after the warning", "Then the plan ends.", 3, 30),
			},
			Toggles: []settings.RuleToggle{
				{Name: "plan_approval", Label: "A person decides whether a plan ends", Hint: "Otherwise it ends by itself when the warning has run out.", On: on("plan_approval", s.PlanApproval)},
				{Name: "plan_rest_due", Label: "The rest is due at once when a plan ends", Hint: "Otherwise each invoice keeps its own due date.", On: on("plan_rest_due", s.PlanRestDue)},
			},
		},
		{
			Name: "disputes", Title: "Disputes", Text: "What is in dispute is not asked until you decide; the rest of the invoice goes on. When the time is over a task says so, and the debtor is still not asked.",
			Fields: []component.TextInput{number("dispute_days", "Days to decide", "", 1, 90), number("dispute_term", "Days to pay after a rejection", "The debtor gets at least a week.", 7, 60)},
			Choice: &settings.RuleChoice{Name: "dispute_owner", Label: "New disputes go to", Hint: "Each can be given to somebody else on its page.", Options: owners},
		},
		{
			Name: "paid", Title: "“I paid already”", Text: "The money is looked for in bank statements and in the books. When it is not found the debtor is asked for proof, and the flow goes on.",
			Fields: []component.TextInput{number("paid_hold", "Reminders wait for", "Business days. A bank transfer takes one or two.", 1, 20)},
		},
		{
			Name: "waive", Title: "Waiving costs and interest", Text: "Costs and interest of a case are yours to give up, in part or on a condition. Each time it is written down who did it and why.",
			Toggles: []settings.RuleToggle{{Name: "waive_owners", Label: "Only owners waive", Hint: "Otherwise collectors do too.", On: on("waive_owners", s.WaiveOwners)}},
		},
	}
}

// typedArrangements reads the form into settings.
func (v *visit) typedArrangements(s *arrangement.Settings, cur money.Currency) error {
	for name, to := range ruleNumbers(s) {
		n, err := strconv.Atoi(strings.TrimSpace(v.r.FormValue(name)))
		if err != nil {
			return fault.New(fault.Invalid, "not_a_number", "Fill in days and months as whole numbers.")
		}
		*to = n
	}
	for name, to := range map[string]*int64{"plan_auto": &s.PlanAutoMinor, "plan_min": &s.PlanMinMinor} {
		a, err := money.Parse(strings.ReplaceAll(strings.TrimSpace(v.r.FormValue(name)), ",", "."), cur)
		if err != nil {
			return fault.New(fault.Invalid, "not_an_amount", "Write an amount such as 1000 or 1000,00.")
		}
		*to = a.Minor
	}
	s.PlanApproval, s.PlanRestDue, s.WaiveOwners = v.r.FormValue("plan_approval") == "yes", v.r.FormValue("plan_rest_due") == "yes", v.r.FormValue("waive_owners") == "yes"
	s.DisputeOwner = nil
	if text := v.r.FormValue("dispute_owner"); text != "" {
		id, err := uuid.Parse(text)
		if err != nil {
			return fault.New(fault.Invalid, "dispute_owner", "Choose the owner of disputes from the list.")
		}
		s.DisputeOwner = &id
	}
	return nil
}

func (v *visit) setArrangements() error {
	id, err := v.id("administration")
	if err != nil {
		return err
	}
	err = v.write(func(ctx context.Context, tx store.Tx) error {
		a, err := tx.Administration(ctx, id)
		if err != nil {
			return errNotHere.Because(err)
		}
		s, err := arrangement.SettingsOf(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := v.typedArrangements(&s, a.Currency); err != nil {
			return err
		}
		return v.Desk.Save(ctx, tx, id, s, v.member.Name)
	})
	if fault.Is(err, fault.Invalid) {
		m, err2 := v.arrangementModel(id.String(), v.r.PostForm)
		if err2 != nil {
			return err2
		}
		m.Error = fault.Of(err).Message
		return v.again(settings.Arrangements(m))
	}
	if err != nil {
		return err
	}
	return v.done(arrangementsHref(id), component.Flash{Tone: component.Green, Text: "Saved. What is agreed from now on follows it."})
}
