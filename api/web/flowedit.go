package web

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/flows"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
)

func (v *visit) editFlow() error {
	var m flows.EditModel
	if err := v.read(func(ctx context.Context, tx store.Tx) error {
		id := v.r.PathValue("flow")
		f, draft, err := flow.Draft(ctx, tx, id)
		if err != nil {
			return err
		}
		frame, err := v.frame(tx, component.Flows, "Edit "+f.Title)
		if err != nil {
			return err
		}
		segments, err := tx.Segments(ctx)
		m = editModel(f, segments)
		m.Frame, m.Draft, m.Open = frame, draft, v.r.URL.Query().Get("step")
		return err
	}); err != nil {
		return err
	}
	return v.show(flows.Edit(m))
}

func editModel(f policy.Flow, segments []db.SegmentsRow) flows.EditModel {
	m := flows.EditModel{
		ID: f.ID, Version: f.Version,
		Title:    component.TextInput{ID: "title", Name: "title", Label: "Title", Value: f.Title, Required: true},
		About:    component.TextInput{ID: "about", Name: "about", Label: "What it is for", Value: f.Description, Rows: 2},
		Debtors:  choicesOf(string(f.Debtors), "", "Anybody, protected as a consumer", "business", "Businesses", "consumer", "Consumers"),
		Country:  component.TextInput{ID: "country", Name: "country", Label: "Law of", Value: f.Country, Hint: "NL, BE, DE, FR or GB; empty for none in particular."},
		Interval: component.TextInput{ID: "interval", Name: "interval", Label: "Days between two reminders", Value: number(f.Sending.MinInterval), Type: "number", Min: "1", Max: "60", Hint: "Empty for the administration's."},
		Adds: choicesOf("", "reminder_1", "Reminder", "reminder_2", "Second reminder", "pre_reminder", "Word before the due date", "call_task", "Call", "voice_call", "Voice message",
			"final_reminder", "Final reminder", "fourteen_day_letter", "Statutory notice", "case_opened", "Case", "summons_reminder", "Summons reminder", "plan_offer", "Plan offer",
			"summons_2", "Summons", "pre_judicial", "Last letter before a bailiff", "ready_for_bailiff", "Hand-over"),
	}
	m.Dots, m.Axis = flowDots(f)
	problems := policy.Check(f)
	for _, p := range problems {
		m.Problems = append(m.Problems, flows.Problem{Step: string(p.Step), Message: p.Message})
	}
	for i, s := range f.Steps {
		e := editStep(i, s, segments)
		e.First, e.Last = i == 0, i == len(f.Steps)-1
		for _, p := range problems {
			if p.Step == s.ID {
				e.Problems = append(e.Problems, p.Message)
			}
		}
		m.Steps = append(m.Steps, e)
	}
	return m
}

func editStep(i int, s policy.Step, segments []db.SegmentsRow) flows.EditStep {
	e := flows.EditStep{
		Index: i, ID: string(s.ID), Title: s.Title, Day: dayWords(s), Offset: strconv.Itoa(s.Offset), Term: number(s.Term), Asks: s.Demand, Approval: s.Approval,
		Phase: phaseWords[string(s.Phase)], Icons: looksOf(s.Channels),
		From:   choicesOf(string(s.From), "issue", "the invoice date", "due", "the due date", "month_end", "the end of its month", "previous", "the step before", "notice", "the end of the statutory notice", "case", "the case", "next_invoice", "with the next invoice"),
		Phases: choicesOf(string(s.Phase), "sent", "Sent", "reminding", "Reminding", "final", "Final notice", "case", "In a case", "bailiff", "Ready for bailiff"),
	}
	for _, t := range policy.Tones() {
		e.Tones = append(e.Tones, component.Option{Value: string(t), Label: string(t), Selected: t == s.Tone})
	}
	for _, c := range policy.Channels() {
		e.Channels = append(e.Channels, component.Option{Value: string(c), Label: channelLooks[c].Label, Selected: slices.Contains(s.Channels, c)})
		e.Else = append(e.Else, component.Option{Value: string(c), Label: channelLooks[c].Label, Selected: slices.Contains(s.Else, c)})
	}
	if s.Text != "" {
		for _, k := range policy.Kinds() {
			e.Texts = append(e.Texts, component.Option{Value: string(k), Label: stepTitle("", string(k)), Selected: k == s.Text})
		}
	}
	if s.Statutory {
		return e
	}
	for n, c := range append(slices.Clone(s.When), policy.Condition{}) {
		e.Conditions = append(e.Conditions, editCondition(n, c, segments))
	}
	return e
}

func editCondition(n int, c policy.Condition, segments []db.SegmentsRow) flows.EditCondition {
	e := flows.EditCondition{
		Index: n, Min: whole(c.MinMinor), Max: whole(c.MaxMinor), Countries: strings.Join(c.Countries, " "),
		RiskFrom: choicesOf(string(c.RiskAtLeast), "", "any", "low", "low", "medium", "medium", "high", "high"),
		RiskTo:   choicesOf(string(c.RiskAtMost), "", "any", "low", "low", "medium", "medium", "high", "high"),
		Debtors:  choicesOf(string(c.Debtors), "", "any", "business", "business", "consumer", "consumer", "unknown", "kind unknown"),
		Segments: segmentOptions(c.Segment, segments), NotSegment: segmentOptions(c.NotSegment, segments),
	}
	return e
}

func segmentOptions(chosen string, segments []db.SegmentsRow) []component.Option {
	pairs := []string{"", "any"}
	found := chosen == ""
	for _, s := range segments {
		pairs = append(pairs, s.Name, s.Title)
		found = found || s.Name == chosen
	}
	if !found {
		pairs = append(pairs, chosen, chosen)
	}
	return choicesOf(chosen, pairs...)
}

// choicesOf are pairs of value and label, with one chosen.
func choicesOf(chosen string, pairs ...string) (out []component.Option) {
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, component.Option{Value: pairs[i], Label: pairs[i+1], Selected: pairs[i] == chosen})
	}
	return out
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// whole writes minor units as an amount without its currency; empty for none.
func whole(minor int64) string {
	if minor == 0 {
		return ""
	}
	return money.Of(minor, "EUR").Decimal()
}

// minorOf reads an amount; both marks may stand before the cents.
func minorOf(text string) (int64, error) {
	text = strings.ReplaceAll(strings.TrimSpace(text), ",", ".")
	if text == "" {
		return 0, nil
	}
	a, err := money.Parse(text, "EUR")
	if err != nil || a.Minor < 0 {
		return 0, fault.New(fault.Invalid, "flow_amount", "%q is no amount; write it as 2500.00.", text)
	}
	return a.Minor, nil
}

func (v *visit) saveFlow() error {
	id := v.r.PathValue("flow")
	do, subject, _ := strings.Cut(cmp.Or(v.r.FormValue("do"), "save"), " ")
	to, said := "/flows/"+id+"/edit", "Draft saved."
	err := v.changing(func(ctx context.Context, tx store.Tx, act flow.Act) error {
		if do == "discard" {
			to, said = "/flows", "The draft is gone."
			return flow.Discard(ctx, tx, id, act)
		}
		f, _, err := flow.Draft(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := v.readFlow(&f); err != nil {
			return err
		}
		open := rearrange(&f, do, cmp.Or(subject, v.r.FormValue("add")))
		if err := flow.Save(ctx, tx, f, act); err != nil {
			return err
		}
		if open != "" {
			to += "?step=" + open + "#step-" + open
		}
		if do != "publish" || len(policy.Check(f)) > 0 {
			return nil
		}
		n, err := flow.Publish(ctx, tx, id, strings.TrimSpace(v.r.FormValue("note")), act)
		to, said = "/flows/"+id, fmt.Sprintf("Version %d is published. Open invoices of this flow follow it from their next step.", n)
		return err
	})
	if err != nil && !mendable(err) {
		return err
	}
	flash := component.Flash{Tone: component.Green, Text: said}
	switch {
	case err != nil:
		flash = component.Flash{Tone: component.Red, Text: fault.Of(err).Message}
	case do == "publish" && strings.HasPrefix(to, "/flows/"+id+"/edit"):
		flash = component.Flash{Tone: component.Amber, Text: "The draft is saved. Mend what is listed, then publish."}
	case do == "up" || do == "down" || do == "remove" || do == "add":
		flash = component.Flash{}
	}
	return v.done(to, flash)
}

// readFlow puts what the form says into a flow. What the form does not show
// stays as it is.
func (v *visit) readFlow(f *policy.Flow) error {
	r := v.r
	f.Title, f.Description = strings.TrimSpace(r.FormValue("title")), strings.TrimSpace(r.FormValue("about"))
	f.Debtors, f.Country = sdk.PartyKind(r.FormValue("debtors")), strings.ToUpper(strings.TrimSpace(r.FormValue("country")))
	f.Sending.MinInterval, _ = strconv.Atoi(r.FormValue("interval"))
	var steps []policy.Step
	for i, id := range r.PostForm["step"] {
		s, ok := f.Step(policy.StepID(id))
		if !ok {
			continue
		}
		if err := v.readStep(&s, strconv.Itoa(i)); err != nil {
			return err
		}
		steps = append(steps, s)
	}
	f.Steps = steps
	return nil
}

func (v *visit) readStep(s *policy.Step, n string) (err error) {
	r := v.r
	s.Title = strings.TrimSpace(r.FormValue("title-" + n))
	if s.Offset, err = strconv.Atoi(cmp.Or(strings.TrimSpace(r.FormValue("offset-"+n)), "0")); err != nil {
		return fault.New(fault.Invalid, "flow_days", "%q is no number of days.", r.FormValue("offset-"+n))
	}
	s.Term, _ = strconv.Atoi(r.FormValue("term-" + n))
	s.From, s.Tone, s.Phase = policy.Anchor(r.FormValue("from-"+n)), policy.Tone(r.FormValue("tone-"+n)), receivable.Phase(r.FormValue("phase-"+n))
	s.Channels, s.Else = channelsOf(r.PostForm["channel-"+n]), channelsOf(r.PostForm["else-"+n])
	s.Approval, s.Demand = r.FormValue("approval-"+n) != "", r.FormValue("asks-"+n) != ""
	if t := r.FormValue("text-" + n); t != "" {
		s.Text = policy.StepID(t)
	}
	if s.Statutory {
		return nil
	}
	s.When = nil
	for i := 0; ; i++ {
		p := fmt.Sprintf("when-%s-%d-", n, i)
		if _, ok := r.PostForm[p+"min"]; !ok {
			return nil
		}
		c, err := v.readCondition(p)
		if err != nil {
			return err
		}
		if c.Words("EUR") != "" {
			s.When = append(s.When, c)
		}
	}
}

func (v *visit) readCondition(p string) (c policy.Condition, err error) {
	r := v.r
	c = policy.Condition{
		RiskAtLeast: policy.Risk(r.FormValue(p + "risk-from")), RiskAtMost: policy.Risk(r.FormValue(p + "risk-to")),
		Segment: r.FormValue(p + "segment"), NotSegment: r.FormValue(p + "not"), Debtors: sdk.PartyKind(r.FormValue(p + "debtors")),
		Countries: strings.FieldsFunc(strings.ToUpper(r.FormValue(p+"countries")), func(r rune) bool { return r == ' ' || r == ',' }),
	}
	if len(c.Countries) == 0 {
		c.Countries = nil
	}
	if c.MinMinor, err = minorOf(r.FormValue(p + "min")); err != nil {
		return c, err
	}
	c.MaxMinor, err = minorOf(r.FormValue(p + "max"))
	return c, err
}

// channelsOf keeps the order of the menu.
func channelsOf(names []string) (out []policy.Channel) {
	for _, n := range names {
		out = append(out, policy.Channel(n))
	}
	return out
}

// rearrange moves, removes or adds a step, and returns the one to show open.
func rearrange(f *policy.Flow, do, subject string) string {
	i := slices.IndexFunc(f.Steps, func(s policy.Step) bool { return string(s.ID) == subject })
	switch {
	case do == "up" && i > 0:
		f.Steps[i-1], f.Steps[i] = f.Steps[i], f.Steps[i-1]
	case do == "down" && i >= 0 && i < len(f.Steps)-1:
		f.Steps[i+1], f.Steps[i] = f.Steps[i], f.Steps[i+1]
	case do == "remove" && i >= 0:
		f.Steps = slices.Delete(f.Steps, i, i+1)
	case do == "add" && subject != "":
		s := newStep(*f, policy.StepID(subject))
		at := len(f.Steps)
		for at > 0 && f.Steps[at-1].Phase.Beyond(s.Phase) {
			at--
		}
		if at > 0 && f.Steps[at-1].From == s.From && s.Offset <= f.Steps[at-1].Offset {
			s.Offset = f.Steps[at-1].Offset + policy.DefaultMinInterval
		}
		f.Steps = slices.Insert(f.Steps, at, s)
		return string(s.ID)
	}
	return ""
}

// newStep is a step as the flows that ship have it, under a name that is free.
func newStep(f policy.Flow, kind policy.StepID) policy.Step {
	s := policy.Step{ID: kind, Title: stepTitle("", string(kind)), From: policy.FromDue, Channels: []policy.Channel{policy.Email}, Tone: policy.Neutral, Phase: receivable.Reminding}
	for _, shipped := range policy.Shipped() {
		if have, ok := shipped.Step(kind); ok {
			s = have
			s.Channels, s.Else, s.When = slices.Clone(have.Channels), slices.Clone(have.Else), nil
			break
		}
	}
	if _, taken := f.Step(kind); !taken || !slices.Contains(policy.Kinds(), kind) {
		return s
	}
	s.Text = kind
	for n := 2; ; n++ {
		s.ID = policy.StepID(fmt.Sprintf("%s_%d", kind, n))
		if _, taken := f.Step(s.ID); !taken && policy.StepID(s.ID) != policy.Summons2 {
			s.Title = fmt.Sprintf("%s (%d)", s.Title, n)
			return s
		}
	}
}
