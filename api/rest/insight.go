package rest

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
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

// Insight is the figures of a day, in one currency. A rate or a number of days is
// a decimal text, absent when there is nothing to divide by.
type Insight struct {
	AsOf      string            `json:"as_of" format:"date"`
	Currency  string            `json:"currency"`
	Gross     Amount            `json:"ar_gross"`
	Credit    Amount            `json:"credit" doc:"Not applied yet"`
	Net       Amount            `json:"ar_net"`
	Disputed  Amount            `json:"disputed" doc:"Within ar_gross, like the next three"`
	Promised  Amount            `json:"promised"`
	OnPlan    Amount            `json:"on_plan"`
	InTransit Amount            `json:"in_transit"`
	Aging     []AgingColumn     `json:"aging"`
	Days      map[string]string `json:"days" doc:"dso, dso_90, dso_countback, dso_best_possible, average_days_delinquent, dso_full_amount, weighted_days_late, dispute_cycle"`
	Rates     map[string]string `json:"rates" doc:"In percent: wrong_reminders, wrong_reminders_at_worst (with money of the day of sending), cei, at_risk, promises_kept, promises_kept_value, plan_success, dispute_rate, bad_debt, costs_recovered, costs_waived, reach, forecast_error and bounced_ with a channel"`
	Reminders int               `json:"reminders" doc:"Sent in the year until the day"`
	Wrong     int               `json:"wrong_reminders" doc:"Of them, to who had paid"`
	Waiting   int               `json:"waiting_messages" doc:"Of debtors, for more than a day"`
	Fresh     Freshness         `json:"freshness" doc:"How old the books were when reminders left"`
	Steps     []StepEffect      `json:"steps"`
	Forecast  []ForecastWeek    `json:"forecast" doc:"The next four weeks"`
	PastWeeks []ForecastWeek    `json:"past_weeks" doc:"What was forecast four weeks before, and what came"`
}

// Freshness is an age of data in minutes.
type Freshness struct {
	Median int `json:"median_minutes"`
	Oldest int `json:"oldest_minutes"`
}

// AgingColumn is what is open in one stretch of days late.
type AgingColumn struct {
	Column   string `json:"column" enum:"not_due,1-30,31-60,61-90,91-120,over_120,unapplied"`
	Invoices int    `json:"invoices"`
	Open     Amount `json:"open" doc:"Below zero for unapplied"`
	Disputed Amount `json:"disputed" doc:"Within open"`
}

// StepEffect is what the messages of a step brought in.
type StepEffect struct {
	Step     string `json:"step"`
	Messages int    `json:"messages"`
	Demanded Amount `json:"demanded"`
	Paid     string `json:"paid_percent,omitempty"`
	HeldBack string `json:"held_back_percent,omitempty"`
	Lift     string `json:"difference,omitempty"`
	// What the comparison rests on.
	Margin string `json:"difference_margin,omitempty" doc:"How far off the difference may be, either way, in nineteen cases of twenty"`
	Alone  int    `json:"compared_messages" doc:"Messages about one invoice since the step is measured"`
	Held   int    `json:"held_back" doc:"Messages that were held back"`
	Days   int    `json:"compared_days,omitempty" doc:"Both groups are compared over so many days"`
}

// ForecastWeek is what is expected in a week, and what came.
type ForecastWeek struct {
	First    string  `json:"first_day" format:"date"`
	Expected Amount  `json:"expected"`
	Cash     *Amount `json:"cash,omitempty"`
}

type getInsight struct {
	AsOf           string `query:"as_of" format:"date" doc:"A day that has been; today when absent"`
	Administration string `query:"administration" format:"uuid" doc:"All when absent"`
	Currency       string `query:"currency" doc:"The one that most is open in when absent"`
	Known          bool   `query:"known_then" doc:"Leave out what was entered after the day"`
}

type oneInsight struct{ Body Insight }

func (h *hub) insight() {
	register(h, operation{id: "get-insight", method: http.MethodGet, path: "/insight", tag: "Insight", scope: tenant.Read, summary: "Get the figures of a day"}, h.getInsight)
	register(h, operation{id: "get-step-trial", method: http.MethodGet, path: "/step-trial", tag: "Insight", scope: tenant.Read, summary: "Get how friendly reminders are measured"}, h.stepTrial)
	register(h, operation{id: "put-step-trial", method: http.MethodPut, path: "/step-trial", tag: "Insight", scope: tenant.Write, status: http.StatusNoContent, summary: "Set how friendly reminders are measured",
		description: "A share of the friendly reminders leaves some days later, to learn what they bring in. Steps that the law prescribes, final notices and cases are never held back."}, h.putStepTrial)
}

// StepTrial is how friendly reminders are measured.
type StepTrial struct {
	Share int `json:"share" minimum:"0" maximum:"20" doc:"Of a hundred; 0, the default, measures nothing"`
	Days  int `json:"days" minimum:"1" maximum:"7"`
}

type oneTrial struct{ Body StepTrial }

func (h *hub) stepTrial(ctx context.Context, who actor, _ *struct{}) (*oneTrial, error) {
	out := &oneTrial{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		t, err := flow.Trial(ctx, tx)
		out.Body = StepTrial(t)
		return err
	})
}

func (h *hub) putStepTrial(ctx context.Context, who actor, in *oneTrial) (*struct{}, error) {
	return nil, h.changing(ctx, who, func(tx store.Tx, act flow.Act) error { return flow.SetTrial(ctx, tx, policy.Trial(in.Body), act) })
}

// today is the tenant's moment and zone.
func (h *hub) today(ctx context.Context, tx store.Tx) (time.Time, *time.Location, error) {
	t, err := tx.Queries.Tenant(ctx)
	if err != nil {
		return time.Time{}, nil, fmt.Errorf("load the organisation: %w", err)
	}
	zone, err := time.LoadLocation(t.TimeZone)
	if err != nil {
		return time.Time{}, nil, fmt.Errorf("time zone %q: %w", t.TimeZone, err)
	}
	now, err := tx.Now(ctx, h.Real)
	return now, zone, err
}

func (h *hub) getInsight(ctx context.Context, who actor, in *getInsight) (*oneInsight, error) {
	out := &oneInsight{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		now, zone, err := h.today(ctx, tx)
		if err != nil {
			return err
		}
		a := board.Ask{On: date.Of(now.In(zone)), Now: now, Zone: zone, Currency: money.Currency(in.Currency), Known: in.Known}
		if in.AsOf != "" {
			on, err := date.Parse(in.AsOf)
			if err != nil || on.After(a.On) {
				return fault.New(fault.Invalid, "day", "as_of must be a day that has been.")
			}
			a.On = on
		}
		if in.Administration != "" {
			id, err := uuid.Parse(in.Administration)
			if err != nil {
				return fault.New(fault.Invalid, "administration", "administration must be an id.")
			}
			a.Administration = uuid.NullUUID{UUID: id, Valid: true}
		}
		rows, err := board.Read(ctx, tx, a.Administration, now)
		if err != nil {
			return err
		}
		b, err := board.Make(rows, a)
		if err != nil {
			return err
		}
		out.Body = insightOf(b)
		return nil
	})
}

var agingColumns = []string{"not_due", "1-30", "31-60", "61-90", "91-120", "over_120"}

func insightOf(b *board.Board) Insight {
	of := func(a money.Amount) Amount { return amountOf(a.Minor, a.Currency) }
	i := Insight{
		AsOf: b.On.String(), Currency: string(b.Currency), Gross: of(b.AR.Gross), Credit: of(b.AR.Credit), Net: of(b.AR.Net), Disputed: of(b.AR.Disputed), Promised: of(b.AR.Promised), OnPlan: of(b.AR.OnPlan), InTransit: of(b.AR.InTransit),
		Days: map[string]string{}, Rates: map[string]string{}, Reminders: b.Wrong.Sent, Wrong: b.Wrong.Wrong, Waiting: b.Waiting, Fresh: Freshness{Median: int(b.Freshness.Median.Minutes()), Oldest: int(b.Freshness.Oldest.Minutes())}, Steps: []StepEffect{}, Forecast: []ForecastWeek{}, PastWeeks: []ForecastWeek{},
	}
	for n, c := range b.Aging.Buckets {
		i.Aging = append(i.Aging, AgingColumn{Column: agingColumns[n], Invoices: c.Invoices, Open: of(c.Open), Disputed: of(c.Disputed)})
	}
	i.Aging = append(i.Aging, AgingColumn{Column: "unapplied", Open: of(b.Aging.Credit), Disputed: amountOf(0, b.Currency)})
	for name, r := range map[string]insight.Ratio{
		"dso": b.DSO.Year, "dso_90": b.DSO.Quarter, "dso_countback": b.DSO.Countback, "dso_best_possible": b.DSO.Best, "average_days_delinquent": b.DSO.Delinquent, "dso_full_amount": b.DSO.FullAmount,
		"weighted_days_late": b.DaysLate, "dispute_cycle": b.Cycle,
	} {
		if r.Known() {
			i.Days[name] = r.Decimal(2)
		}
	}
	rates := map[string]insight.Ratio{
		"wrong_reminders": b.Wrong.Rate(), "wrong_reminders_at_worst": b.Wrong.RateAtWorst(), "cei": b.CEI, "at_risk": b.AtRisk, "promises_kept": b.Promises.Number, "promises_kept_value": b.Promises.Value, "plan_success": b.Plans, "dispute_rate": b.Disputed,
		"bad_debt": b.BadDebt, "costs_recovered": b.Costs.Recovered, "costs_waived": b.Costs.WaivedRate, "reach": b.Reach, "forecast_error": b.Error,
	}
	for _, c := range b.Bounces {
		rates["bounced_"+c.Channel] = c.Rate
	}
	for name, r := range rates {
		if r.Known() {
			i.Rates[name] = r.Percent(2)
		}
	}
	for _, s := range b.Steps {
		i.Steps = append(i.Steps, StepEffect{Step: s.Step, Messages: s.Sent, Demanded: of(s.Demanded), Paid: s.Effect.Sent.Percent(2), HeldBack: s.Trial.PaidHeldBack.Percent(2), Lift: s.Trial.Lift.Percent(2), Margin: s.Trial.Margin.Percent(2), Alone: s.Trial.Sent, Held: s.Trial.HeldBack, Days: s.Days})
	}
	for _, w := range b.Forecast {
		i.Forecast = append(i.Forecast, ForecastWeek{First: w.First.String(), Expected: of(w.Expected)})
	}
	for _, w := range b.Backtest {
		cash := of(w.Cash)
		i.PastWeeks = append(i.PastWeeks, ForecastWeek{First: w.Week.String(), Expected: of(w.Expected), Cash: &cash})
	}
	return i
}
