package web

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/market"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

const (
	daysShown  = 10 // of the preview
	linesShown = 8  // per day
)

var entries = []component.Option{
	{Value: string(policy.Reminder1), Label: "Start at reminder 1", Hint: "A friendly first reminder, one message per debtor"},
	{Value: string(policy.Reminder2), Label: "Start at reminder 2", Hint: "For books in which a first reminder was sent already"},
}

func (v *visit) goLiveForm() error {
	m, _, err := v.goLiveModel()
	if err != nil {
		return err
	}
	return v.show(market.GoLive(m))
}

// goLiveModel shows what would be sent, for the day and the entry that are
// chosen. It writes nothing.
func (v *visit) goLiveModel() (m market.GoLiveModel, adms []db.Administration, err error) {
	m.Date, m.Entry = v.r.FormValue("date"), cmp.Or(v.r.FormValue("entry"), string(policy.Reminder1))
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		row, err := v.connection(ctx, tx)
		if err != nil {
			return err
		}
		if m.Frame, err = v.frame(tx, component.Marketplace, "Go live"); err != nil {
			return err
		}
		m.ID, m.Connector, m.Earliest = row.ID.String(), row.Title, m.Frame.Today().String()
		for _, e := range entries {
			e.Selected = e.Value == m.Entry
			m.Entries = append(m.Entries, e)
		}
		m.All = v.r.FormValue("show") == "all"
		on, wrong := goLiveDay(m, m.Frame.Today())
		m.Date, m.Error = on.String(), wrong
		if adms, err = tx.AdministrationsOf(ctx, uuid.NullUUID{UUID: row.ID, Valid: true}); err != nil {
			return fmt.Errorf("list administrations: %w", err)
		}
		return v.previewGoLive(ctx, tx, &m, adms, on)
	})
	return m, adms, err
}

// goLiveDay reads the chosen day; tomorrow when none is chosen.
func goLiveDay(m market.GoLiveModel, today date.Date) (date.Date, string) {
	if m.Date == "" {
		return today.AddDays(1), ""
	}
	on, err := date.Parse(m.Date)
	if err != nil {
		return today.AddDays(1), "Write the day as 2026-11-24, or choose it."
	}
	if on.Before(today) {
		return today.AddDays(1), "This day has passed. Choose today or later."
	}
	return on, ""
}

func (v *visit) previewGoLive(ctx context.Context, tx store.Tx, m *market.GoLiveModel, adms []db.Administration, on date.Date) error {
	var all []dunning.Rehearsed
	for _, a := range adms {
		if !a.GoLiveOn.IsZero() {
			m.Live = a.GoLiveOn
		}
		list, err := v.Planner.Rehearse(ctx, tx, a.ID, on, policy.StepID(m.Entry))
		if err != nil {
			return fmt.Errorf("rehearse going live: %w", err)
		}
		all = append(all, list...)
	}
	out, err := v.leftOut(ctx, tx, m)
	if err != nil {
		return err
	}
	all = leaveOutOf(m, all, out)
	for _, r := range all {
		if !r.Old {
			continue
		}
		m.OldItems++
		if sum, err := m.OldAmount.Add(r.Open); err == nil {
			m.OldAmount = sum
		}
	}
	lines := linesShown
	if m.All {
		lines = len(all)
	}
	m.Preview = previewDays(m.Frame, all, lines)
	return nil
}

// leftOut are the debtors that the form leaves out of the first run, each with
// whether it is for its segment: those that were left out before and still are,
// those that were shown with a tick that is gone, and those of a segment.
func (v *visit) leftOut(ctx context.Context, tx store.Tx, m *market.GoLiveModel) (map[uuid.UUID]bool, error) {
	_ = v.r.FormValue("out") // reads the form
	out, ticks := map[uuid.UUID]bool{}, map[uuid.UUID]int{}
	for _, id := range parseIDs(v.r.Form["out"]) {
		out[id] = false
	}
	for _, id := range parseIDs(v.r.Form["in"]) {
		ticks[id]++
	}
	for _, id := range parseIDs(v.r.Form["shown"]) { // once for each of its messages
		if ticks[id]--; ticks[id] < 0 {
			out[id] = false
		}
	}
	a := &asking{in: v.r.Form}
	name, err := chooseSegment(ctx, tx, a)
	if err != nil || len(a.filters) == 0 {
		return out, err
	}
	m.Segments = a.filters[0].Options
	m.Segments[0].Label = "None"
	if name == "" {
		return out, nil
	}
	q := db.DebtorListParams{Most: mostExported}
	if err := flow.InSegment(ctx, tx, &q, name); err != nil {
		return nil, err
	}
	rows, err := tx.DebtorList(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("list the debtors of segment %s: %w", name, err)
	}
	for _, r := range rows {
		out[r.ID] = true
	}
	return out, nil
}

// leaveOutOf tells who is left out, and returns what would be sent to the others.
func leaveOutOf(m *market.GoLiveModel, all []dunning.Rehearsed, out map[uuid.UUID]bool) (rest []dunning.Rehearsed) {
	at := map[uuid.UUID]int{}
	for _, r := range all {
		segment, is := out[r.Debtor]
		if !is {
			rest = append(rest, r)
			continue
		}
		i, known := at[r.Debtor]
		if !known {
			i = len(m.Out)
			at[r.Debtor] = i
			m.Out = append(m.Out, market.LeftOut{ID: r.Debtor.String(), Name: r.Name, Segment: segment, Amount: money.Of(0, r.Open.Currency)})
		}
		m.Out[i].Invoices++
		if sum, err := m.Out[i].Amount.Add(r.Open); err == nil {
			m.Out[i].Amount = sum
		}
	}
	slices.SortStableFunc(m.Out, func(a, b market.LeftOut) int { return strings.Compare(a.Name, b.Name) })
	return rest
}

// holdLeftOut pauses the reminders of who is left out of the first run, of one
// administration, before anything of it is planned (R16, R63).
func (v *visit) holdLeftOut(ctx context.Context, tx store.Tx, administration uuid.UUID, out []market.LeftOut, held *[]uuid.UUID) error {
	for _, o := range out {
		id := uuid.MustParse(o.ID)
		d, err := tx.Debtor(ctx, id)
		if err != nil {
			return fmt.Errorf("load debtor %s: %w", id, err)
		}
		if d.AdministrationID != administration {
			continue
		}
		hold, err := v.Planner.Hold(ctx, tx, dunning.HoldRequest{Scope: dunning.OfDebtor, ID: id, Reason: receivable.RemindersPaused, Note: "Left out of the first run", By: v.member.Name})
		if err != nil {
			return err
		}
		*held = append(*held, hold)
	}
	return nil
}

// previewDays groups what would be sent by day, debtor and step.
func previewDays(f component.Frame, list []dunning.Rehearsed, lines int) (out []market.PreviewDay) {
	slices.SortStableFunc(list, func(a, b dunning.Rehearsed) int {
		return cmp.Or(a.First.At.Compare(b.First.At), strings.Compare(a.Name, b.Name))
	})
	type key struct {
		debtor uuid.UUID
		step   policy.StepID
	}
	seen := map[date.Date]map[key]int{}
	numbers := map[date.Date]map[key][]string{}
	for _, r := range list {
		on := date.Of(r.First.At.In(f.Now.Location()))
		if seen[on] == nil {
			if len(out) == daysShown {
				break
			}
			out = append(out, market.PreviewDay{On: on})
			seen[on], numbers[on] = map[key]int{}, map[key][]string{}
		}
		day, k := &out[len(out)-1], key{r.Debtor, r.First.Step.ID}
		at, known := seen[on][k]
		numbers[on][k] = append(numbers[on][k], r.Number)
		switch {
		case known && at >= 0:
			line := &day.Lines[at]
			line.Invoices = fmt.Sprintf("%s and %d more", numbers[on][k][0], len(numbers[on][k])-1)
			if sum, err := line.Amount.Add(r.Open); err == nil {
				line.Amount = sum
			}
		case known:
		case len(day.Lines) == lines:
			seen[on][k] = -1
			day.More++
		default:
			seen[on][k] = len(day.Lines)
			day.Lines = append(day.Lines, market.PreviewLine{DebtorID: r.Debtor.String(), Debtor: r.Name, Step: r.First.Step.Title, Invoices: r.Number, Amount: r.Open})
		}
	}
	return out
}

func (v *visit) goLive() error {
	m, adms, err := v.goLiveModel()
	if err != nil {
		return err
	}
	if v.r.FormValue("date") == "" {
		m.Error = "Choose a day."
	}
	if m.Error != "" {
		return v.again(market.GoLive(m))
	}
	on, err := date.Parse(m.Date)
	if err != nil {
		return err
	}
	var held []uuid.UUID
	for _, a := range adms {
		if err := v.Connections.SetGoLive(v.r.Context(), v.member.Tenant, a.ID, sync.GoLive{On: on, Entry: policy.StepID(m.Entry), Before: func(ctx context.Context, tx store.Tx) error {
			return v.holdLeftOut(ctx, tx, a.ID, m.Out, &held)
		}}); err != nil {
			if f := fault.Of(err); f.Kind == fault.Invalid {
				m.Error = f.Message
				return v.again(market.GoLive(m))
			}
			return err
		}
	}
	text := "Live from " + m.Frame.Weekday(on) + ". Every open invoice has its plan; you can pause any of them."
	if n := len(held); n > 0 {
		text += fmt.Sprintf(" %d %s left out: resume the reminders on the page of the debtor.", n, plural(n, "debtor is", "debtors are"))
	}
	return v.done("/invoices", component.Flash{Tone: component.Green, Text: text, Undo: undoToken(held)})
}
