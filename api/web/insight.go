package web

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/chart"
	"github.com/voldaan/voldaan/api/web/view/component"
	view "github.com/voldaan/voldaan/api/web/view/insight"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/insight"
	"github.com/voldaan/voldaan/core/insight/board"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func (s *site) insightRoutes() {
	s.look("GET /insight", (*visit).insight)
	s.look("GET /insight.csv", (*visit).insightCSV)
	s.own("POST /insight/trial", (*visit).setTrial)
}

// boardAsk reads of what the figures are; today when no day is named.
func boardAsk(q url.Values, f component.Frame) (board.Ask, error) {
	a := board.Ask{On: f.Today(), Now: f.Now, Zone: f.Now.Location(), Currency: money.Currency(q.Get("currency")), Known: q.Get("known") != ""}
	if text := q.Get("on"); text != "" {
		on, err := date.Parse(text)
		if err != nil || on.After(a.On) || on.Before(date.New(2000, time.January, 1)) {
			return a, fault.New(fault.Invalid, "day", "Choose a day that has been.")
		}
		a.On = on
	}
	if text := q.Get("administration"); text != "" {
		id, err := uuid.Parse(text)
		if err != nil {
			return a, fault.New(fault.NotFound, "administration", "There is no such administration.")
		}
		a.Administration = uuid.NullUUID{UUID: id, Valid: true}
	}
	return a, nil
}

// boardOf loads what the address of the request asks for.
func (v *visit) boardOf(ctx context.Context, tx store.Tx, f component.Frame) (board.Ask, *board.Board, error) {
	a, err := boardAsk(v.r.URL.Query(), f)
	if err != nil {
		return a, nil, err
	}
	rows, err := board.Read(ctx, tx, a.Administration, a.Now)
	if err != nil {
		return a, nil, err
	}
	b, err := board.Make(rows, a)
	return a, b, err
}

func (v *visit) insight() error {
	var m view.Model
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if m.Frame, err = v.frame(tx, component.Insight, "Insight"); err != nil {
			return err
		}
		a, b, err := v.boardOf(ctx, tx, m.Frame)
		if err != nil {
			return err
		}
		books, err := tx.Administrations(ctx)
		if err != nil {
			return fmt.Errorf("list administrations: %w", err)
		}
		m.Administrations = []component.Option{{Label: "All administrations", Selected: !a.Administration.Valid}}
		for _, one := range books {
			m.Administrations = append(m.Administrations, component.Option{Value: one.ID.String(), Label: one.Name, Selected: a.Administration.UUID == one.ID})
		}
		insightModel(&m, a, b, v.r.URL.Query())
		names, err := namesOf(ctx, tx)
		if err != nil {
			return err
		}
		stepsModel(&m, b, names)
		return v.trialModel(ctx, tx, &m)
	}); err != nil {
		return err
	}
	return v.show(view.Page(m))
}

func insightModel(m *view.Model, a board.Ask, b *board.Board, q url.Values) {
	m.On, m.Day, m.Today, m.Known = a.On.String(), m.Frame.Date(a.On), m.Frame.Today().String(), a.Known
	address := url.Values{"on": {m.On}, "currency": {string(b.Currency)}}
	for _, name := range []string{"administration", "known"} {
		if q.Get(name) != "" {
			address.Set(name, q.Get(name))
		}
	}
	m.CSV = "/insight.csv?" + address.Encode()
	for _, c := range b.Currencies {
		m.Currencies = append(m.Currencies, component.Option{Value: string(c), Label: string(c), Selected: c == b.Currency})
	}
	m.Empty = len(b.Currencies) == 0
	f := m.Frame
	m.Headline = []view.Tile{
		{Label: "Reminders to a payer", Value: rate(b.Wrong.Rate()), Note: fmt.Sprintf("%d of %s in a year; %s on the same day", b.Wrong.Wrong, f.Number(b.Wrong.Sent), f.Number(b.Wrong.SameDay)), Bad: b.Wrong.Wrong > 0},
		{Label: "Receivable", Value: f.Lang().Round(b.AR.Net), Note: f.Lang().Round(b.AR.Gross) + " less " + f.Lang().Round(b.AR.Credit) + " credit"},
		{Label: "DSO", Value: days(b.DSO.Year), Note: "best possible " + days(b.DSO.Best) + ", late " + days(b.DSO.Delinquent)},
		{Label: "Collection effectiveness", Value: rate(b.CEI), Note: "of what was due in 90 days"},
	}
	agingModel(m, b)
	for _, t := range b.Trend {
		m.Trend = append(m.Trend, chart.Bar{Label: t.On.Month().String()[:1], Name: f.Date(t.On), Value: wholeDays(t.Year), Short: t.Year.Decimal(0), Text: days(t.Year), Count: 1})
	}
	forecastModel(m, b)
	m.Groups = groups(f, b)
}

// days writes a figure of days, a dash when it is unknown.
func days(r insight.Ratio) string {
	if !r.Known() {
		return "–"
	}
	return r.Decimal(1) + " days"
}

// rate writes a share in percent, a dash when it is unknown.
func rate(r insight.Ratio) string {
	if !r.Known() {
		return "–"
	}
	return r.Percent(1) + "%"
}

func wholeDays(r insight.Ratio) int64 {
	n, _ := strconv.ParseInt(r.Decimal(0), 10, 64)
	return max(n, 0)
}

func agingModel(m *view.Model, b *board.Board) {
	m.Aging = slices.Clone(agingBuckets)
	invoices, disputed := 0, int64(0)
	for i, one := range b.Aging.Buckets {
		fill(m.Frame, &m.Aging[i], one.Open, one.Invoices)
		invoices += one.Invoices
		disputed += one.Disputed.Minor
		m.AgingRows = append(m.AgingRows, view.AgingRow{Label: agingBuckets[i].Name, Invoices: m.Frame.Number(one.Invoices), Open: m.Frame.Amount(one.Open), Disputed: m.Frame.Amount(one.Disputed)})
	}
	m.AgingRows = append(m.AgingRows,
		view.AgingRow{Label: "Not applied yet", Open: m.Frame.Amount(b.Aging.Credit)},
		view.AgingRow{Label: "Receivable", Invoices: m.Frame.Number(invoices), Open: m.Frame.Amount(b.Aging.Net), Disputed: m.Frame.Amount(money.Of(disputed, b.Currency)), Sum: true})
}

func stepsModel(m *view.Model, b *board.Board, names stepNames) {
	for _, s := range b.Steps {
		row := view.Step{Title: names.title("", s.Step), Sent: m.Frame.Number(s.Sent), Demanded: m.Frame.Lang().Round(s.Demanded), Paid: rate(s.Effect.Sent), HeldBack: rate(s.Trial.PaidHeldBack), Lift: lift(s.Trial)}
		if s.Trial.HeldBack > 0 {
			row.Note = fmt.Sprintf("%s held back against %s sent, over %d days%s", m.Frame.Number(s.Trial.HeldBack), m.Frame.Number(s.Trial.Sent), s.Days, verdict(s.Trial))
		}
		if s.Statutory {
			row.HeldBack, row.Lift = "never", "–"
		}
		m.Steps = append(m.Steps, row)
	}
}

// lift is the difference with its margin, in points of a hundred.
func lift(t insight.Trial) string {
	switch {
	case !t.Lift.Known():
		return "–"
	case !t.Margin.Known():
		return t.Lift.Percent(1) + " points"
	}
	return t.Lift.Percent(1) + " ± " + t.Margin.Percent(1) + " points"
}

func verdict(t insight.Trial) string {
	switch {
	case t.Sent < insight.Enough || t.HeldBack < insight.Enough:
		return fmt.Sprintf("; too few to tell, it takes %d of each", insight.Enough)
	case !t.Telling():
		return "; the difference may be chance"
	}
	return ""
}

// trialModel shows how friendly reminders are measured.
func (v *visit) trialModel(ctx context.Context, tx store.Tx, m *view.Model) error {
	t, err := flow.Trial(ctx, tx)
	number := func(id, label, hint string, value, least, most int) component.TextInput {
		return component.TextInput{ID: id, Name: id, Label: label, Hint: hint, Type: "number", Value: strconv.Itoa(value), Min: strconv.Itoa(least), Max: strconv.Itoa(most)}
	}
	m.Trial = view.Trial{
		Look: v.member.Role != tenant.Owner, On: t.Share > 0,
		Share: number("share", "Share held back", "Of a hundred friendly reminders; 0 for none, 20 at most.", t.Share, 0, policy.MaxTrialShare),
		Days:  number("days", "Days", "How many days later they leave, 7 at most.", t.Days, 1, policy.MaxTrialDays),
	}
	return err
}

func (v *visit) setTrial() error {
	share, errShare := strconv.Atoi(v.r.FormValue("share"))
	length, errDays := strconv.Atoi(v.r.FormValue("days"))
	if errShare != nil || errDays != nil {
		return fault.New(fault.Invalid, "step_trial", "Give the share and the days as whole numbers.")
	}
	if err := v.write(func(ctx context.Context, tx store.Tx) error {
		now, err := tx.Now(ctx, v.Real)
		if err != nil {
			return err
		}
		return flow.SetTrial(ctx, tx, policy.Trial{Share: share, Days: length}, flow.Act{By: v.member.Name, At: now})
	}); err != nil {
		return err
	}
	return v.done("/insight", component.Flash{Tone: component.Green, Text: "Saved. What is held back already leaves on its day."})
}

func forecastModel(m *view.Model, b *board.Board) {
	for _, w := range b.Forecast {
		bar := chart.Bar{Label: m.Frame.Lang().Date(w.First)}
		fill(m.Frame, &bar, w.Expected, 1)
		bar.Value = max(bar.Value, 0)
		m.Forecast = append(m.Forecast, bar)
	}
	for _, w := range slices.Backward(b.Backtest) {
		off, err := insight.ForecastError(w)
		if err != nil || w.Expected.IsZero() && w.Cash.IsZero() {
			continue
		}
		m.Weeks = append(m.Weeks, view.Week{Label: m.Frame.Date(w.Week), Expected: m.Frame.Amount(w.Expected), Cash: m.Frame.Amount(w.Cash), Off: rate(off)})
	}
	m.Error = "How far off it usually is cannot be told yet."
	if b.Error.Known() {
		m.Error = "Forecasts of four weeks before were off by " + rate(b.Error) + " on average."
	}
}

func groups(f component.Frame, b *board.Board) []view.Group {
	bounces := make([]view.Figure, 0, len(b.Bounces))
	for _, c := range b.Bounces {
		bounces = append(bounces, view.Figure{Label: "Bounced, " + c.Channel, Value: rate(c.Rate), How: fmt.Sprintf("%d of %s came back", c.Returned, f.Number(c.Sent))})
	}
	risk := "Of a month's invoices, still open 90 days after the due date"
	if !b.RiskMonth.IsZero() {
		risk = "Of the invoices of " + b.RiskMonth.Month().String() + " " + strconv.Itoa(b.RiskMonth.Year()) + ", still open 90 days after the due date"
	}
	return []view.Group{
		{ID: "days", Title: "Days", Rows: []view.Figure{
			figure("DSO over 90 days", days(b.DSO.Quarter), ""),
			figure("DSO by countback", days(b.DSO.Countback), "Takes the sales of one month after the other off the receivable"),
			figure("DSO, Payt-compatible", days(b.DSO.FullAmount), "The full amount of every unpaid invoice, without credit notes"),
			figure("Weighted days late", days(b.DaysLate), "Payments of a year, and what is overdue at its age"),
		}},
		{ID: "parts", Title: "Within the receivable", Rows: []view.Figure{
			figure("Disputed", f.Amount(b.AR.Disputed), ""), figure("Promised", f.Amount(b.AR.Promised), ""), figure("On a payment plan", f.Amount(b.AR.OnPlan), ""), figure("Direct debit under way", f.Amount(b.AR.InTransit), ""),
		}},
		{ID: "agreements", Title: "Agreements and risk", Rows: []view.Figure{
			figure("Promises kept", rate(b.Promises.Number), "By value "+rate(b.Promises.Value)),
			figure("Plans completed", rate(b.Plans), ""),
			figure("Disputed of what was billed", rate(b.Disputed), "Decided in "+days(b.Cycle)+" (median)"),
			figure("At risk", rate(b.AtRisk), risk),
			figure("Bad debt", rate(b.BadDebt), "Written off in a year, of sales"),
			figure("Collection costs recovered", rate(b.Costs.Recovered), f.Amount(b.Costs.Paid)+" of "+f.Amount(b.Costs.Charged)),
			figure("Collection costs waived", rate(b.Costs.WaivedRate), f.Amount(b.Costs.Waived)),
		}},
		{ID: "messages", Title: "Messages", Rows: append([]view.Figure{
			figure("Reminders to a payer, at worst", rate(b.Wrong.RateAtWorst()), "With money of the day of sending itself"),
			figure("Reach", rate(b.Reach), "Arrived by any channel, of what was to be sent"),
			figure("Debtors waiting for more than a day", f.Number(b.Waiting), ""),
			figure("Age of the books at sending", f.Lang().Ago(f.Now.Add(-b.Freshness.Median), f.Now), "Oldest "+age(b.Freshness.Oldest)),
		}, bounces...)},
	}
}

// figure is one row of a card.
func figure(label, value, how string) view.Figure {
	return view.Figure{Label: label, Value: value, How: how}
}

func age(d time.Duration) string {
	if d < time.Hour {
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	}
	return fmt.Sprintf("%d hours", int(d.Hours()))
}
