package web

import (
	"context"
	"fmt"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/core/insight"
	"github.com/voldaan/voldaan/core/insight/board"
	"github.com/voldaan/voldaan/core/store"
)

// insightCSV is the figures of the page as a file.
func (v *visit) insightCSV() error {
	var rows [][]string
	var on string
	if err := v.read(func(ctx context.Context, tx store.Tx) error {
		f, err := v.frame(tx, component.Insight, "Insight")
		if err != nil {
			return err
		}
		a, b, err := v.boardOf(ctx, tx, f)
		if err != nil {
			return err
		}
		on, rows = a.On.String(), insightRows(b)
		return nil
	}); err != nil {
		return err
	}
	return sendCSV(v.w, "voldaan-insight-"+on+".csv", rows)
}

// insightRows is figure, value, unit; then the aging, the steps and the forecast.
func insightRows(b *board.Board) [][]string {
	rows := [][]string{{"figure", "value", "unit"}, {"as_of", b.On.String(), "date"}}
	share := func(name string, r insight.Ratio) { rows = append(rows, []string{name, r.Percent(2), "percent"}) }
	of := func(name string, r insight.Ratio) { rows = append(rows, []string{name, r.Decimal(2), "days"}) }
	cur := string(b.Currency)
	share("wrong_reminder_rate", b.Wrong.Rate())
	rows = append(rows, []string{"ar_gross", b.AR.Gross.Decimal(), cur}, []string{"credit", b.AR.Credit.Decimal(), cur}, []string{"ar_net", b.AR.Net.Decimal(), cur},
		[]string{"disputed", b.AR.Disputed.Decimal(), cur}, []string{"promised", b.AR.Promised.Decimal(), cur}, []string{"on_plan", b.AR.OnPlan.Decimal(), cur}, []string{"in_transit", b.AR.InTransit.Decimal(), cur})
	for _, d := range []struct {
		name string
		r    insight.Ratio
	}{{"dso", b.DSO.Year}, {"dso_90", b.DSO.Quarter}, {"dso_countback", b.DSO.Countback}, {"dso_best_possible", b.DSO.Best}, {"average_days_delinquent", b.DSO.Delinquent},
		{"dso_full_amount", b.DSO.FullAmount}, {"weighted_days_late", b.DaysLate}, {"dispute_cycle", b.Cycle}} {
		of(d.name, d.r)
	}
	for _, d := range []struct {
		name string
		r    insight.Ratio
	}{{"cei", b.CEI}, {"at_risk", b.AtRisk}, {"promises_kept", b.Promises.Number}, {"promises_kept_value", b.Promises.Value}, {"plan_success", b.Plans}, {"dispute_rate", b.Disputed},
		{"bad_debt", b.BadDebt}, {"costs_recovered", b.Costs.Recovered}, {"costs_waived", b.Costs.WaivedRate}, {"reach", b.Reach}, {"forecast_error", b.Error}} {
		share(d.name, d.r)
	}
	for _, c := range b.Bounces {
		share("bounced_"+c.Channel, c.Rate)
	}
	rows = append(rows, []string{}, []string{"days_late", "invoices", "open", "disputed", "currency"})
	for i, one := range b.Aging.Buckets {
		rows = append(rows, []string{agingBuckets[i].Name, fmt.Sprint(one.Invoices), one.Open.Decimal(), one.Disputed.Decimal(), cur})
	}
	rows = append(rows, []string{"not_applied", "", b.Aging.Credit.Decimal(), "", cur}, []string{"receivable", "", b.Aging.Net.Decimal(), b.AR.Disputed.Decimal(), cur})
	rows = append(rows, []string{}, []string{"step", "messages", "demanded", "paid_percent", "held_back_percent", "difference"})
	for _, s := range b.Steps {
		rows = append(rows, []string{s.Step, fmt.Sprint(s.Sent), s.Demanded.Decimal(), s.Effect.Sent.Percent(2), s.Trial.PaidHeldBack.Percent(2), s.Trial.Lift.Percent(2)})
	}
	rows = append(rows, []string{}, []string{"week_from", "forecast", "cash", "off_percent"})
	for _, w := range b.Backtest {
		off, _ := insight.ForecastError(w)
		rows = append(rows, []string{w.Week.String(), w.Expected.Decimal(), w.Cash.Decimal(), off.Percent(2)})
	}
	for _, w := range b.Forecast {
		rows = append(rows, []string{w.First.String(), w.Expected.Decimal(), "", ""})
	}
	return rows
}
