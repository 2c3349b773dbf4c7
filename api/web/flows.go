package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/flows"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
)

func (s *site) flowRoutes() {
	s.look("GET /flows", (*visit).flowList)
	s.look("GET /flows/schema.json", func(v *visit) error {
		v.w.Header().Set("Content-Type", "application/schema+json")
		_, err := v.w.Write(policy.Schema)
		return ignoreGone(err)
	})
	s.look("GET /flows/import", (*visit).importForm)
	s.own("POST /flows/import", (*visit).importFlow)
	s.look("GET /flows/use", (*visit).flowUse)
	s.own("POST /flow-use/{administration}", (*visit).setBooks)
	s.act("POST /flows/choose", (*visit).chooseFlow)
	s.own("POST /segments", (*visit).addSegment)
	s.own("POST /segments/{name}/remove", (*visit).removeSegment)
	s.look("GET /flows/rehearse", (*visit).rehearseForm)
	s.act("POST /flows/rehearse", (*visit).rehearse)
	s.look("GET /rehearsals/{id}", (*visit).rehearsal)
	s.look("GET /rehearsals/{id}/status", (*visit).rehearsalStatus)
	s.look("GET /flows/{flow}", (*visit).flowPage)
	s.look("GET /flows/{flow}/export.yaml", (*visit).exportFlow)
	s.look("GET /flows/{flow}/versions", (*visit).flowVersions)
	s.own("POST /flows/{flow}/copy", (*visit).copyFlow)
	s.own("GET /flows/{flow}/edit", (*visit).editFlow)
	s.own("POST /flows/{flow}/edit", (*visit).saveFlow)
	s.look("GET /approvals", (*visit).approvals)
	s.look("GET /approvals.csv", (*visit).approvalsCSV)
	s.act("POST /approvals", (*visit).decideApprovals)
	s.act("POST /invoices/{id}/flow", (*visit).chooseForInvoice)
	s.act("POST /invoices/{id}/leave-out", (*visit).leaveOut)
}

func (v *visit) flowList() error {
	m := flows.ListModel{Look: !v.owner()}
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if m.Frame, err = v.frame(tx, component.Flows, "Flows"); err != nil {
			return err
		}
		use, err := v.flowCounts(ctx, tx)
		if err != nil {
			return err
		}
		for _, f := range policy.Shipped() {
			m.Shipped = append(m.Shipped, flowCard(f, use[f.ID]))
		}
		rows, err := tx.FlowRows(ctx)
		if err != nil {
			return err
		}
		for _, r := range rows {
			f, draft, err := flow.Draft(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			c := flowCard(f, use[r.ID])
			c.Version, c.Draft = int(r.Version), draft
			m.Own = append(m.Own, c)
		}
		m.Waiting, err = waitingSteps(ctx, tx)
		return err
	}); err != nil {
		return err
	}
	return v.show(flows.List(m))
}

func (v *visit) flowCounts(ctx context.Context, tx store.Tx) (map[string]int, error) {
	rows, err := tx.FlowUse(ctx)
	out := map[string]int{}
	for _, r := range rows {
		out[r.Flow] = int(r.Invoices)
	}
	return out, err
}

func flowCard(f policy.Flow, invoices int) flows.Card {
	dots, _ := flowDots(f)
	return flows.Card{ID: f.ID, Title: f.Title, Description: f.Description, Badges: flowBadges(f), Version: f.Version, Invoices: invoices, Dots: dots}
}

func flowBadges(f policy.Flow) (out []string) {
	if f.Country != "" {
		out = append(out, f.Country)
	}
	switch f.Debtors {
	case sdk.Business:
		out = append(out, "Businesses")
	case sdk.Consumer:
		out = append(out, "Consumers")
	default:
		out = append(out, "Anybody")
	}
	if f.Provisional != "" {
		out = append(out, "Provisional")
	}
	return out
}

// sampleTerm is the term of the invoice that a timeline is drawn for, and
// sampleNotice about how long a statutory notice runs.
const (
	sampleTerm   = 30
	sampleNotice = 20
)

// flowDays are the days from the due date on which the steps of a flow fall.
func flowDays(f policy.Flow) []int {
	days := make([]int, len(f.Steps))
	notice, opened := 0, 0
	for i, s := range f.Steps {
		switch d := s.Offset; s.From {
		case policy.FromIssue:
			days[i] = d - sampleTerm
		case policy.FromMonthEnd:
			days[i] = d + 15
		case policy.FromPrevious:
			if i > 0 {
				days[i] = days[i-1] + d
			}
		case policy.FromNotice:
			days[i] = notice + sampleNotice + d
		case policy.FromCase:
			days[i] = opened + d
		case policy.FromNext:
			if i > 0 {
				days[i] = days[i-1] + 14
			}
		default:
			days[i] = d
		}
		if s.Statutory {
			notice = days[i]
		}
		if s.ID == policy.OpenCase {
			opened = days[i]
		}
	}
	return days
}

// dayWords is a step's day in short, as "D+10" or "case +7".
func dayWords(s policy.Step) string {
	sign := fmt.Sprintf("%+d", s.Offset)
	switch s.From {
	case policy.FromIssue:
		if s.Offset == 0 {
			return "issue"
		}
		return "issue " + sign
	case policy.FromMonthEnd:
		return "month " + sign
	case policy.FromPrevious:
		return "then " + sign
	case policy.FromNotice:
		return "notice " + sign
	case policy.FromCase:
		return "case " + sign
	case policy.FromNext:
		return "next"
	}
	if s.Offset == 0 {
		return "D"
	}
	return "D" + sign
}

// flowDots places the steps of a flow on a line. The days before the due date
// take less room, since less happens in them.
func flowDots(f policy.Flow) ([]flows.Dot, []flows.Tick) {
	days := flowDays(f)
	last := 10
	for _, d := range days {
		last = max(last, d)
	}
	x := func(day int) string {
		share := 0.0
		switch {
		case day <= 0:
			share = 16 * float64(day+sampleTerm) / sampleTerm
		default:
			share = 16 + 84*float64(day)/float64(last)
		}
		return strconv.FormatFloat(max(0, min(100, share)), 'f', 2, 64) + "%"
	}
	dots := make([]flows.Dot, len(f.Steps))
	for i, s := range f.Steps {
		dots[i] = flows.Dot{X: x(days[i]), Tier: []int{1, 2, 0, 3}[i%4], Day: dayWords(s), Title: s.Title, Phase: string(s.Phase), Task: s.Bookkeeping()}
	}
	ticks := []flows.Tick{{X: x(0), Label: "due"}}
	step := 14
	for last/step > 7 {
		step += 14
	}
	for d := step; d <= last; d += step {
		ticks = append(ticks, flows.Tick{X: x(d), Label: "+" + strconv.Itoa(d)})
	}
	return dots, ticks
}

var channelLooks = map[policy.Channel]flows.Channel{
	policy.Email: {Icon: "mail", Label: "e-mail"}, policy.Letter: {Icon: "printer", Label: "letter"}, policy.SMS: {Icon: "message-square", Label: "SMS"},
	policy.Voice: {Icon: "bell", Label: "voice"}, policy.Call: {Icon: "smartphone", Label: "call"}, policy.Peppol: {Icon: "globe", Label: "Peppol"}, policy.Task: {Icon: "check", Label: "task"},
}

func looksOf(channels []policy.Channel) (out []flows.Channel) {
	for _, c := range channels {
		out = append(out, channelLooks[c])
	}
	return out
}

var phaseWords = map[string]string{"sent": "Sent", "reminding": "Reminding", "final": "Final notice", "case": "In a case", "bailiff": "Ready for bailiff"}

func stepLine(s policy.Step, cur money.Currency) flows.StepLine {
	l := flows.StepLine{
		Day: dayWords(s), When: anchorWords[s.From], Title: s.Title, Channels: looksOf(s.Channels), Tone: string(s.Tone), Phase: phaseWords[string(s.Phase)],
		Approval: s.Approval, Statutory: s.Statutory, Term: s.Term,
	}
	var fallbacks []string
	for _, c := range s.Else {
		fallbacks = append(fallbacks, channelLooks[c].Label)
	}
	l.Else = strings.Join(fallbacks, ", ")
	for _, c := range s.When {
		l.Conditions = append(l.Conditions, c.Words(cmp.Or(cur, "EUR")))
	}
	return l
}

var anchorWords = map[policy.Anchor]string{
	policy.FromIssue: "from the invoice date", policy.FromDue: "from the due date", policy.FromMonthEnd: "from the end of the month", policy.FromPrevious: "from the step before",
	policy.FromNotice: "after the notice has run out", policy.FromCase: "from the case", policy.FromNext: "with the next invoice",
}

func (v *visit) flowPage() error {
	m, err := v.flowModel(v.r.PathValue("flow"))
	if err != nil {
		return err
	}
	return v.show(flows.Show(m))
}

func (v *visit) flowModel(id string) (m flows.ShowModel, err error) {
	m = flows.ShowModel{ID: id, Look: !v.owner()}
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		f, shipped := policy.Flows()[id]
		if m.Shipped = shipped; !shipped {
			if f, m.Draft, err = flow.Draft(ctx, tx, id); err != nil {
				return err
			}
		}
		if m.Frame, err = v.frame(tx, component.Flows, f.Title); err != nil {
			return err
		}
		use, err := v.flowCounts(ctx, tx)
		if err != nil {
			return err
		}
		m.Title, m.Description, m.Provisional, m.Badges, m.Version, m.Invoices = f.Title, f.Description, f.Provisional, flowBadges(f), f.Version, use[id]
		m.Dots, m.Axis = flowDots(f)
		for _, s := range f.Steps {
			m.Steps = append(m.Steps, stepLine(s, f.Currency))
		}
		if m.Draft {
			for _, p := range policy.Check(f) {
				m.Problems = append(m.Problems, p.Message)
			}
		}
		if n := f.Sending.MinInterval; n > 0 {
			m.Sending = append(m.Sending, fmt.Sprintf("At least %d days between two reminders.", n))
		}
		m.Copy = component.TextInput{ID: "copy-id", Name: "id", Label: "Short name", Value: "our-" + id, Required: true, Hint: "Small letters, digits and dashes."}
		m.CopyTitle = component.TextInput{ID: "copy-title", Name: "title", Label: "Title", Value: "Our " + f.Title, Required: true}
		return nil
	})
	return m, err
}

func (v *visit) exportFlow() error {
	id := v.r.PathValue("flow")
	var f policy.Flow
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		var ok bool
		if f, ok = policy.Flows()[id]; !ok {
			f, _, err = flow.Draft(ctx, tx, id)
		}
		return err
	}); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/yaml")
	v.w.Header().Set("Content-Disposition", `attachment; filename="`+f.ID+`.yaml"`)
	_, err := v.w.Write(f.YAML())
	return ignoreGone(err)
}

func (v *visit) act(ctx context.Context, tx store.Tx) (flow.Act, error) {
	now, err := tx.Now(ctx, v.Real)
	return flow.Act{By: v.member.Name, At: now}, err
}

// changing runs f in a transaction with who changes something.
func (v *visit) changing(f func(ctx context.Context, tx store.Tx, act flow.Act) error) error {
	return v.write(func(ctx context.Context, tx store.Tx) error {
		act, err := v.act(ctx, tx)
		if err != nil {
			return err
		}
		return f(ctx, tx, act)
	})
}

func (v *visit) copyFlow() error {
	from, id := v.r.PathValue("flow"), strings.TrimSpace(v.r.FormValue("id"))
	err := v.changing(func(ctx context.Context, tx store.Tx, act flow.Act) error {
		f, err := flow.Current(ctx, tx, from)
		if err != nil {
			return err
		}
		if len(f.Steps) == 0 {
			if f, _, err = flow.Draft(ctx, tx, from); err != nil {
				return err
			}
		}
		return flow.Copy(ctx, tx, f, id, v.r.FormValue("title"), act)
	})
	if mendable(err) {
		m, err2 := v.flowModel(from)
		if err2 != nil {
			return err2
		}
		m.Error, m.Copy.Value, m.CopyTitle.Value = fault.Of(err).Message, id, v.r.FormValue("title")
		return v.again(flows.Show(m))
	}
	if err != nil {
		return err
	}
	return v.done("/flows/"+id+"/edit", component.Flash{Tone: component.Green, Text: "Copied. Change what you like; nothing follows it yet."})
}

// mendable reports whether a form can be mended by who filled it in.
func mendable(err error) bool { return fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) }

func (v *visit) importForm() error {
	return v.showImport(component.TextInput{}, http.StatusOK)
}

func (v *visit) showImport(text component.TextInput, status int) error {
	text.ID, text.Name, text.Label, text.Rows, text.Required = "text", "text", "Flow", 18, true
	var f component.Frame
	if err := v.read(func(_ context.Context, tx store.Tx) (err error) {
		f, err = v.frame(tx, component.Flows, "Import a flow")
		return err
	}); err != nil {
		return err
	}
	return v.site.show(v.w, v.r, status, flows.Import(f, text))
}

func (v *visit) importFlow() error {
	text := v.r.FormValue("text")
	f, err := policy.Parse([]byte(text))
	if err == nil {
		err = v.changing(func(ctx context.Context, tx store.Tx, act flow.Act) error { return flow.Import(ctx, tx, f, act) })
	}
	if mendable(err) {
		return v.showImport(component.TextInput{Value: text, Error: fault.Of(err).Message}, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	return v.done("/flows/"+f.ID, component.Flash{Tone: component.Green, Text: "Imported as a draft."})
}

func (v *visit) flowVersions() error {
	id := v.r.PathValue("flow")
	m := flows.HistoryModel{ID: id}
	if err := v.read(func(ctx context.Context, tx store.Tx) error {
		f, _, err := flow.Draft(ctx, tx, id)
		if err != nil {
			return err
		}
		if m.Frame, err = v.frame(tx, component.Flows, "Versions of "+f.Title); err != nil {
			return err
		}
		m.Title = f.Title
		rows, err := tx.FlowVersions(ctx, id)
		if err != nil {
			return err
		}
		var newer *flows.Version
		var later policy.Flow
		for i, r := range rows {
			f, err := policy.Parse(r.Body)
			if err != nil {
				return fmt.Errorf("read version %d of flow %s: %w", r.Version, id, err)
			}
			if newer != nil {
				newer.Changes = flowChanges(f, later)
			}
			m.Versions = append(m.Versions, flows.Version{Number: int(r.Version), By: r.PublishedBy, At: r.PublishedAt, Note: r.Note, Current: i == 0})
			newer, later = &m.Versions[len(m.Versions)-1], f
		}
		return nil
	}); err != nil {
		return err
	}
	return v.show(flows.History(m))
}

// flowChanges says what a version changed since the one before.
func flowChanges(before, after policy.Flow) (out []flows.Change) {
	note := func(step, field, a, b string) {
		if a != b {
			out = append(out, flows.Change{Kind: "changed", Step: step, Field: field, Before: a, After: b})
		}
	}
	note("The flow", "title", before.Title, after.Title)
	note("The flow", "description", before.Description, after.Description)
	note("The flow", "for", string(before.Debtors), string(after.Debtors))
	note("The flow", "interval", strconv.Itoa(before.Sending.MinInterval), strconv.Itoa(after.Sending.MinInterval))
	for _, s := range after.Steps {
		old, ok := before.Step(s.ID)
		if !ok {
			out = append(out, flows.Change{Kind: "added", Step: s.Title, Field: "step", After: dayWords(s) + ", by " + plainChannels(s.Channels)})
			continue
		}
		note(s.Title, "title", old.Title, s.Title)
		note(s.Title, "day", dayWords(old), dayWords(s))
		note(s.Title, "by", plainChannels(old.Channels), plainChannels(s.Channels))
		note(s.Title, "else", plainChannels(old.Else), plainChannels(s.Else))
		note(s.Title, "tone", string(old.Tone), string(s.Tone))
		note(s.Title, "phase", string(old.Phase), string(s.Phase))
		note(s.Title, "days to pay", strconv.Itoa(old.Term), strconv.Itoa(s.Term))
		note(s.Title, "only for", allConditions(old, before.Currency), allConditions(s, after.Currency))
		note(s.Title, "approval", yesNo(old.Approval), yesNo(s.Approval))
	}
	for _, s := range before.Steps {
		if _, ok := after.Step(s.ID); !ok {
			out = append(out, flows.Change{Kind: "removed", Step: s.Title, Field: "step", Before: dayWords(s)})
		}
	}
	if slices.EqualFunc(before.Steps, after.Steps, func(a, b policy.Step) bool { return a.ID == b.ID }) || len(out) > 0 {
		return out
	}
	return append(out, flows.Change{Kind: "changed", Step: "The flow", Field: "order", After: "the steps come in another order"})
}

func plainChannels(channels []policy.Channel) string {
	var out []string
	for _, c := range channels {
		out = append(out, channelLooks[c].Label)
	}
	return strings.Join(out, ", ")
}

func allConditions(s policy.Step, cur money.Currency) string {
	var out []string
	for _, c := range s.When {
		out = append(out, c.Words(cmp.Or(cur, "EUR")))
	}
	return cmp.Or(strings.Join(out, "; or "), "everybody")
}

func yesNo(b bool) string {
	if b {
		return "needed"
	}
	return "not needed"
}
