package web

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/flows"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
)

func (v *visit) flowUse() error {
	m, err := v.useModel()
	if err != nil {
		return err
	}
	return v.show(flows.Use(m))
}

func (v *visit) useModel() (m flows.UseModel, err error) {
	m.Look = !v.owner()
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		if m.Frame, err = v.frame(tx, component.Flows, "Who follows what"); err != nil {
			return err
		}
		all, err := publishedFlows(ctx, tx)
		if err != nil {
			return err
		}
		adms, err := tx.Administrations(ctx)
		if err != nil {
			return err
		}
		for _, a := range adms {
			b, err := booksModel(a, all)
			if err != nil {
				return err
			}
			m.Books = append(m.Books, b)
		}
		return v.choiceModel(ctx, tx, &m, all)
	})
	return m, err
}

// publishedFlows are the flows that may be followed.
func publishedFlows(ctx context.Context, tx store.Tx) ([]policy.Flow, error) {
	var out []policy.Flow
	rows, err := tx.FlowRows(ctx)
	if err != nil {
		return nil, fmt.Errorf("list flows: %w", err)
	}
	for _, r := range rows {
		if r.Version == 0 {
			continue
		}
		f, err := flow.Current(ctx, tx, r.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return append(out, policy.Shipped()...), nil
}

func flowOptions(all []policy.Flow, chosen, none string, fits func(policy.Flow) bool) (out []component.Option) {
	if none != "" {
		out = append(out, component.Option{Value: "", Label: none, Selected: chosen == ""})
	}
	for _, f := range all {
		if fits == nil || fits(f) || f.ID == chosen {
			out = append(out, component.Option{Value: f.ID, Label: f.Title, Selected: f.ID == chosen})
		}
	}
	return out
}

func forBusiness(f policy.Flow) bool { return f.Debtors != sdk.Consumer }
func forConsumer(f policy.Flow) bool { return f.Debtors != sdk.Business }

var weekdayNames = []string{"mon", "Monday", "tue", "Tuesday", "wed", "Wednesday", "thu", "Thursday", "fri", "Friday"}

func booksModel(a db.Administration, all []policy.Flow) (flows.Books, error) {
	var form policy.SendingForm
	if err := json.Unmarshal(a.Sending, &form); err != nil {
		return flows.Books{}, fmt.Errorf("read the settings of administration %s: %w", a.ID, err)
	}
	id := a.ID.String()
	b := flows.Books{
		ID: id, Name: a.Name, GoLive: a.GoLiveOn, OwnHolidaysOnly: form.OwnHolidaysOnly,
		Business: flowOptions(all, a.FlowBusiness, "", forBusiness), Consumer: flowOptions(all, a.FlowConsumer, "", forConsumer),
		Interval: component.TextInput{ID: "interval-" + id, Name: "interval", Label: "Days between two reminders", Type: "number", Min: "1", Max: "60", Value: strconv.Itoa(int(a.MinimumInterval)), Required: true},
		Approve:  component.TextInput{ID: "approve-" + id, Name: "approve", Label: "A person approves each case for so many days after go-live", Type: "number", Min: "0", Max: "3650", Value: strconv.Itoa(int(a.ApproveCasesDays)), Required: true, Hint: "A hand-over is always approved by a person."},
		Entry:    choicesOf(a.EntryStep, "reminder_1", "Reminder 1", "reminder_2", "Reminder 2"),
	}
	if a.ConnectionID.Valid {
		b.GoLiveHref = "/connections/" + a.ConnectionID.UUID.String() + "/go-live"
	}
	chosen := strings.Join(form.Days, " ")
	for i := 0; i < len(weekdayNames); i += 2 {
		b.Days = append(b.Days, component.Option{Value: weekdayNames[i], Label: weekdayNames[i+1], Selected: chosen == "" || strings.Contains(chosen, weekdayNames[i])})
	}
	for _, c := range []policy.Channel{policy.Email, policy.Letter, policy.SMS, policy.Voice, policy.Call} {
		b.Hours = append(b.Hours, component.TextInput{ID: "hours-" + string(c) + "-" + id, Name: "hours-" + string(c), Label: channelLooks[c].Label, Value: form.Hours[string(c)], Autocomplete: "off"})
	}
	return b, nil
}

func (v *visit) choiceModel(ctx context.Context, tx store.Tx, m *flows.UseModel, all []policy.Flow) error {
	chosen := map[string]string{}
	rows, err := tx.FlowChoices(ctx)
	if err != nil {
		return err
	}
	titles := map[string]string{}
	for _, f := range all {
		titles[f.ID] = f.Title
	}
	for _, r := range rows {
		if r.Scope == string(flow.OfSegment) {
			chosen[r.Subject] = r.Flow
			continue
		}
		row := flows.ChoiceRow{Scope: r.Scope, Subject: r.Subject, Name: r.Subject, Flow: cmp.Or(titles[r.Flow], r.Flow), By: r.ChosenBy, At: r.ChosenAt.In(m.Frame.Now.Location())}
		id, err := uuid.Parse(r.Subject)
		if err != nil {
			continue
		}
		if r.Scope == string(flow.OfInvoice) {
			row.Href = "/invoices/" + r.Subject
			if i, err := tx.Invoice(ctx, id); err == nil {
				row.Name = i.Number
			}
		} else {
			row.Href = "/debtors/" + r.Subject
			if d, err := tx.Debtor(ctx, id); err == nil {
				row.Name = d.Name
			}
		}
		m.Choices = append(m.Choices, row)
	}
	segments, err := tx.Segments(ctx)
	for _, s := range segments {
		rule := "Filled by hand"
		if len(s.Rule) > 0 {
			var f policy.ConditionForm
			if err := json.Unmarshal(s.Rule, &f); err != nil {
				return fmt.Errorf("read the rule of segment %s: %w", s.Name, err)
			}
			rule = upperFirst(f.Condition().Words("EUR"))
		}
		m.Segments = append(m.Segments, flows.SegmentRow{Name: s.Name, Title: s.Title, Rule: rule, Rank: int(s.Rank), Members: int(s.Members), Flows: flowOptions(all, chosen[s.Name], "No flow of its own", nil)})
	}
	in := func(name, label, hint string) component.TextInput {
		return component.TextInput{ID: "new-" + name, Name: name, Label: label, Hint: hint, Autocomplete: "off"}
	}
	m.New = flows.NewSegment{
		Name: in("name", "Short name", "As key-accounts"), Title: in("title", "Title", ""), Min: in("min", "Amount from", ""), Max: in("max", "Amount up to", ""),
		Debtors: choicesOf("", "", "any", "business", "businesses", "consumer", "consumers"), Risk: choicesOf("", "", "any", "medium", "at least medium", "high", "high"),
		Countries: in("countries", "Countries", "As BE DE"),
	}
	m.New.Title.Required, m.New.Name.Required = true, true
	return err
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// useAgain shows the page once more with what was wrong.
func (v *visit) useAgain(err error) error {
	if !mendable(err) {
		return err
	}
	m, err2 := v.useModel()
	if err2 != nil {
		return err2
	}
	m.Error = fault.Of(err).Message
	return v.again(flows.Use(m))
}

func (v *visit) setBooks() error {
	id, err := v.id("administration")
	if err != nil {
		return err
	}
	interval, _ := strconv.Atoi(v.r.FormValue("interval"))
	approve, err := strconv.Atoi(v.r.FormValue("approve"))
	if err != nil {
		approve = -1
	}
	form := policy.SendingForm{MinimumInterval: interval, OwnHolidaysOnly: v.r.FormValue("own") != "", Days: v.r.PostForm["day"], Hours: map[string]string{}}
	if len(form.Days) == len(weekdayNames)/2 {
		form.Days = nil
	}
	for _, c := range policy.Channels() {
		if h := strings.TrimSpace(v.r.FormValue("hours-" + string(c))); h != "" {
			form.Hours[string(c)] = h
		}
	}
	err = v.changing(func(ctx context.Context, tx store.Tx, act flow.Act) error {
		for _, k := range []string{"business", "consumer"} {
			f, err := flow.Current(ctx, tx, v.r.FormValue(k))
			if err != nil {
				return err
			}
			if len(f.Steps) == 0 || k == "consumer" && f.Debtors == sdk.Business {
				return fault.New(fault.Invalid, "flow_unknown", "Choose a flow for %ss from the list.", k)
			}
		}
		if err := tx.SetFlows(ctx, db.SetFlowsParams{ID: id, FlowBusiness: v.r.FormValue("business"), FlowConsumer: v.r.FormValue("consumer")}); err != nil {
			return err
		}
		return flow.SetSending(ctx, tx, id, flow.Settings{Sending: form, Approve: approve, Entry: policy.StepID(v.r.FormValue("entry"))}, act)
	})
	if err != nil {
		return v.useAgain(err)
	}
	return v.done("/flows/use", component.Flash{Tone: component.Green, Text: "Saved. Open invoices are planned again."})
}

func (v *visit) chooseFlow() error {
	err := v.changing(func(ctx context.Context, tx store.Tx, act flow.Act) error {
		return flow.Choose(ctx, tx, flow.Scope(v.r.FormValue("scope")), v.r.FormValue("subject"), v.r.FormValue("flow"), act)
	})
	if err != nil {
		return v.useAgain(err)
	}
	return v.done(back(v.r, "/flows/use"), component.Flash{Tone: component.Green, Text: "Saved. What is open is planned again."})
}

// chooseForInvoice chooses the flow of an invoice or its debtor from the page of
// the invoice, and the debtor's segments.
func (v *visit) chooseForInvoice() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	if err := v.changing(func(ctx context.Context, tx store.Tx, act flow.Act) error {
		inv, err := tx.Invoice(ctx, id)
		if err != nil {
			return err
		}
		scope, subject := flow.OfInvoice, id
		if v.r.FormValue("scope") == string(flow.OfDebtor) {
			scope, subject = flow.OfDebtor, inv.DebtorID
		}
		if err := flow.Choose(ctx, tx, scope, subject.String(), v.r.FormValue("flow"), act); err != nil {
			return err
		}
		return v.Planner.Replan(ctx, tx, []uuid.UUID{id})
	}); err != nil {
		return err
	}
	return v.done("/invoices/"+id.String(), component.Flash{Tone: component.Green, Text: "Saved. It is planned again."})
}

func (v *visit) leaveOut() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	if err := v.write(func(ctx context.Context, tx store.Tx) error { return v.Planner.LeaveOut(ctx, tx, id, v.member.Name) }); err != nil {
		return err
	}
	return v.done("/invoices/"+id.String(), component.Flash{Tone: component.Green, Text: "Left out of today's message. It is eligible again from tomorrow.", Undo: undoing{Out: []uuid.UUID{id}}.token()})
}

func (v *visit) addSegment() error {
	r := v.r
	err := v.changing(func(ctx context.Context, tx store.Tx, act flow.Act) error {
		c := policy.Condition{
			Debtors: sdk.PartyKind(r.FormValue("debtors")), RiskAtLeast: policy.Risk(r.FormValue("risk")),
			Countries: strings.FieldsFunc(strings.ToUpper(r.FormValue("countries")), func(r rune) bool { return r == ' ' || r == ',' }),
		}
		var err error
		if c.MinMinor, err = minorOf(r.FormValue("min")); err != nil {
			return err
		}
		if c.MaxMinor, err = minorOf(r.FormValue("max")); err != nil {
			return err
		}
		s := flow.Segment{Name: strings.TrimSpace(r.FormValue("name")), Title: strings.TrimSpace(r.FormValue("title")), Rank: 100}
		if c.Words("EUR") != "" {
			s.Rule = &c
		}
		return flow.PutSegment(ctx, tx, s, act)
	})
	if err != nil {
		return v.useAgain(err)
	}
	return v.done("/flows/use", component.Flash{Tone: component.Green, Text: "The segment is there. Choose its flow."})
}

func (v *visit) removeSegment() error {
	if err := v.changing(func(ctx context.Context, tx store.Tx, act flow.Act) error {
		return flow.DropSegment(ctx, tx, v.r.PathValue("name"), act)
	}); err != nil {
		return err
	}
	return v.done("/flows/use", component.Flash{Tone: component.Green, Text: "The segment is gone."})
}
