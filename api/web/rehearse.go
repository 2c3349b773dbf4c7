package web

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/chart"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/flows"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/rehearsal"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/money"
)

func amountOf(minor int64, c money.Currency) money.Amount { return money.Of(minor, c) }

func (v *visit) rehearseForm() error {
	m, err := v.rehearseModel(v.r.URL.Query().Get("flow"))
	if err != nil {
		return err
	}
	return v.show(flows.Rehearse(m))
}

func (v *visit) rehearseModel(chosen string) (m flows.RehearseModel, err error) {
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		if m.Frame, err = v.frame(tx, component.Flows, "Rehearse a flow"); err != nil {
			return err
		}
		rows, err := tx.FlowRows(ctx)
		if err != nil {
			return err
		}
		titles := map[string]string{}
		for _, r := range rows {
			f, label := policy.Flow{Title: r.ID}, ""
			body := r.Body
			if r.Draft != nil {
				body, label = r.Draft, " (draft)"
			}
			if f, err = policy.Parse(body); err != nil {
				return fmt.Errorf("read flow %s: %w", r.ID, err)
			}
			titles[r.ID] = f.Title
			m.Flows = append(m.Flows, component.Option{Value: r.ID, Label: f.Title + label, Selected: r.ID == chosen})
		}
		for _, f := range policy.Shipped() {
			titles[f.ID] = f.Title
			m.Flows = append(m.Flows, component.Option{Value: f.ID, Label: f.Title, Selected: f.ID == chosen})
		}
		adms, err := tx.Administrations(ctx)
		if err != nil {
			return err
		}
		for _, a := range adms {
			m.Books = append(m.Books, component.Option{Value: a.ID.String(), Label: a.Name})
		}
		m.NoBooks = len(adms) == 0
		m.Over = []component.Option{
			{Value: "books", Label: "The last year of the books", Hint: "With what was really paid, and when", Selected: true},
			{Value: "sample", Label: "2,000 sample invoices", Hint: "Early, late, slow and never: for books that are still empty"},
		}
		earlier, err := tx.Rehearsals(ctx)
		for _, r := range earlier {
			var q rehearsal.Request
			if err := json.Unmarshal(r.Request, &q); err != nil {
				return fmt.Errorf("read rehearsal %s: %w", r.ID, err)
			}
			m.Recent = append(m.Recent, flows.Recent{ID: r.ID.String(), Flow: cmp.Or(titles[q.Flow], q.Flow), By: r.AskedBy, State: r.State, At: r.AskedAt.In(m.Frame.Now.Location())})
		}
		return err
	})
	return m, err
}

func (v *visit) rehearse() error {
	id, err := uuid.Parse(v.r.FormValue("books"))
	if err != nil {
		return errNotHere
	}
	q := rehearsal.Request{Administration: id, Flow: v.r.FormValue("flow"), Draft: true}
	if v.r.FormValue("over") == "sample" {
		q.Sample = 2000
	}
	var now time.Time
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		now, err = tx.Now(ctx, v.Real)
		return err
	}); err != nil {
		return err
	}
	studio := rehearsal.Studio{Store: v.Store, Real: v.Real, Log: v.log}
	run, err := studio.Start(v.r.Context(), v.member.Tenant, q, v.member.Name, now)
	if mendable(err) {
		m, err2 := v.rehearseModel(q.Flow)
		if err2 != nil {
			return err2
		}
		m.Error = fault.Of(err).Message
		return v.again(flows.Rehearse(m))
	}
	if err != nil {
		return err
	}
	return v.done("/rehearsals/"+run.String(), component.Flash{})
}

func (v *visit) rehearsal() error {
	m, err := v.reportModel()
	if err != nil {
		return err
	}
	return v.show(flows.Report(m))
}

func (v *visit) rehearsalStatus() error {
	m, err := v.reportModel()
	if err != nil {
		return err
	}
	return v.show(flows.ReportBody(m))
}

func (v *visit) reportModel() (m flows.ReportModel, err error) {
	id, err := v.id("id")
	if err != nil {
		return m, err
	}
	var row db.Rehearsal
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		if row, err = tx.Rehearsal(ctx, id); err != nil {
			return err
		}
		m.Frame, err = v.frame(tx, component.Flows, "Rehearsal")
		return err
	})
	if err != nil {
		return m, err
	}
	m.ID, m.Running, m.Done, m.Total, m.Problem, m.Title = id.String(), row.State == "running", int(row.Done), int(row.Total), row.Problem, "Rehearsal"
	if len(row.Result) == 0 {
		return m, nil
	}
	var r rehearsal.Report
	if err := json.Unmarshal(row.Result, &r); err != nil {
		return m, fmt.Errorf("read the report of rehearsal %s: %w", id, err)
	}
	fillReport(&m, r)
	return m, nil
}

func fillReport(m *flows.ReportModel, r rehearsal.Report) {
	f, now, then := m.Frame, r.Present, r.Candidate
	m.Title, m.Flow, m.Wrong, m.More, m.Notes = "Rehearsal of "+r.Title, r.Flow, then.Wrong, r.More, r.Notes
	m.Over = fmt.Sprintf("%s invoices of %s debtors, %s to %s.", f.Number(then.Invoices), f.Number(then.Debtors), f.Date(r.Since), f.Date(r.Through))
	if r.Sample {
		m.Over = "Sample invoices. " + m.Over
	}
	m.Tiles = []flows.Tile{
		{Label: "Messages", Value: f.Number(then.Messages), Present: f.Number(now.Messages)},
		{Label: "Tasks for people", Value: f.Number(then.Tasks), Present: f.Number(now.Tasks)},
		{Label: "Costs of channels", Value: f.Amount(then.Cost()), Present: f.Amount(now.Cost())},
		{Label: "Debtors reached", Value: f.Number(then.Reached), Present: f.Number(now.Reached)},
		{Label: "Paid before being asked", Value: f.Number(then.Spared), Present: f.Number(now.Spared)},
	}
	for _, month := range then.ByMonth {
		name := month.Month
		label := name
		if t, err := time.Parse("2006-01", name); err == nil {
			name, label = t.Format("January 2006"), t.Format("Jan")
		}
		m.Months = append(m.Months, chart.Bar{Label: label, Name: name, Value: int64(month.Messages), Short: shortNumber(month.Messages), Text: f.Number(month.Messages), Count: month.Tasks})
	}
	count := map[string]int{}
	for _, s := range now.ByStep {
		count[string(s.Step)] = s.Messages
	}
	for _, s := range then.ByStep {
		m.Steps = append(m.Steps, compareRow(f, s.Title, count[string(s.Step)], s.Messages, ""))
		delete(count, string(s.Step))
	}
	for _, s := range now.ByStep {
		if _, left := count[string(s.Step)]; left {
			m.Steps = append(m.Steps, compareRow(f, s.Title, s.Messages, 0, ""))
		}
	}
	by := map[policy.Channel]int{}
	for _, c := range now.ByChannel {
		by[c.Channel] = c.Messages
	}
	for _, c := range then.ByChannel {
		m.Channels = append(m.Channels, compareRow(f, channelLooks[c.Channel].Label, by[c.Channel], c.Messages, f.Amount(money.Of(c.CostMinor, then.Currency))))
		delete(by, c.Channel)
	}
	for _, c := range now.ByChannel {
		if _, left := by[c.Channel]; left {
			m.Channels = append(m.Channels, compareRow(f, channelLooks[c.Channel].Label, c.Messages, 0, f.Amount(money.Of(0, then.Currency))))
		}
	}
	for i, l := range r.Lines {
		if i == linesOfReport {
			m.More += len(r.Lines) - linesOfReport
			break
		}
		var how []string
		for _, c := range l.Channels {
			how = append(how, channelLooks[policy.Channel(c)].Label)
		}
		cost := ""
		if l.CostMinor > 0 {
			cost = f.Amount(money.Of(l.CostMinor, then.Currency))
		}
		m.Lines = append(m.Lines, flows.ReportLine{At: l.At.In(f.Now.Location()), Debtor: l.Debtor, Step: l.Title, How: strings.Join(how, ", "), Invoices: shortList(l.Invoices), Asks: l.Asks, Cost: cost})
	}
}

// linesOfReport is how many messages a page lists.
const linesOfReport = 300

func compareRow(f component.Frame, label string, now, then int, cost string) flows.CompareRow {
	delta := "same"
	if d := then - now; d != 0 {
		delta = fmt.Sprintf("%+d", d)
	}
	return flows.CompareRow{Label: label, Now: f.Number(now), Then: f.Number(then), Delta: delta, Cost: cost}
}

func shortNumber(n int) string {
	if n < 10_000 {
		return strconv.Itoa(n)
	}
	return strconv.Itoa(n/1000) + "k"
}

func shortList(list []string) string {
	if len(list) > 3 {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:3], ", "), len(list)-3)
	}
	return strings.Join(list, ", ")
}
