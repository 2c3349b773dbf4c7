package insight_test

import (
	"errors"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/insight"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func eur(major int64) money.Amount { return money.EUR(major * 100) }

func day(s string) date.Date { return date.MustParse(s) }

// TestFigures holds the figures to their vectors, and to what they say where
// there is nothing to divide by.
func TestFigures(t *testing.T) {
	t.Parallel()
	months := func(sales ...int64) []insight.Month {
		out := []insight.Month{}
		for i, s := range sales {
			out = append(out, insight.Month{Sales: eur(s), Days: []int{31, 28, 31}[i]})
		}
		return out
	}
	for name, tc := range map[string]struct {
		figure func() (insight.Ratio, error)
		want   string
		err    error
	}{
		"DSO":                                 {figure: func() (insight.Ratio, error) { return insight.DSO(eur(450), eur(600), 90) }, want: "67.5"},
		"DSO over a year":                     {figure: func() (insight.Ratio, error) { return insight.DSO(eur(450), eur(3650), insight.YearWindow) }, want: "45.0"},
		"DSO without sales":                   {figure: func() (insight.Ratio, error) { return insight.DSO(eur(450), eur(0), 90) }},
		"DSO with more credited than sold":    {figure: func() (insight.Ratio, error) { return insight.DSO(eur(450), eur(-10), 90) }},
		"DSO with more credit than open":      {figure: func() (insight.Ratio, error) { return insight.DSO(eur(-60), eur(600), 90) }, want: "-9.0"},
		"DSO of two currencies":               {figure: func() (insight.Ratio, error) { return insight.DSO(eur(450), money.Of(1, "USD"), 90) }, err: money.ErrMixed},
		"best possible DSO":                   {figure: func() (insight.Ratio, error) { return insight.BestDSO(eur(360), eur(600), 90) }, want: "54.0"},
		"days delinquent":                     {figure: func() (insight.Ratio, error) { return insight.DaysDelinquent(eur(450), eur(360), eur(600), 90) }, want: "13.5"},
		"full amount DSO":                     {figure: func() (insight.Ratio, error) { return insight.FullAmountDSO(eur(500), eur(7300)) }, want: "25.0"},
		"countback":                           {figure: func() (insight.Ratio, error) { return insight.CountbackDSO(eur(450), months(200, 180, 220)) }, want: "68.9"},
		"countback within the first month":    {figure: func() (insight.Ratio, error) { return insight.CountbackDSO(eur(50), months(200, 180)) }, want: "7.8"},
		"countback to the end of a month":     {figure: func() (insight.Ratio, error) { return insight.CountbackDSO(eur(380), months(200, 180)) }, want: "59.0"},
		"countback over a month without sale": {figure: func() (insight.Ratio, error) { return insight.CountbackDSO(eur(310), months(200, 0, 220)) }, want: "74.5"},
		"countback with nothing open":         {figure: func() (insight.Ratio, error) { return insight.CountbackDSO(eur(0), months(200)) }, want: "0.0"},
		"countback over too few months":       {figure: func() (insight.Ratio, error) { return insight.CountbackDSO(eur(450), months(200, 180)) }, err: insight.ErrTooFewMonths},
		"CEI in percent":                      {figure: percent(insight.CEI(eur(500), eur(600), eur(450), eur(360))), want: "87.8"},
		"CEI with all that was due collected": {figure: percent(insight.CEI(eur(500), eur(600), eur(360), eur(360))), want: "100.0"},
		"CEI with nothing to collect":         {figure: percent(insight.CEI(eur(0), eur(360), eur(360), eur(360)))},
		"dispute rate in percent":             {figure: percent(insight.DisputeRate(eur(30), eur(1200))), want: "2.5"},
		"bad debt in percent":                 {figure: percent(insight.BadDebt(eur(3), eur(2000))), want: "0.2"},
		"costs recovered in percent":          {figure: percent(insight.CostsRecovered(eur(40), eur(75))), want: "53.3"},
		"costs waived in percent":             {figure: percent(insight.CostsWaived(eur(35), eur(75))), want: "46.7"},
		"reach in percent":                    {figure: percent(insight.Reach(199, 200), nil), want: "99.5"},
		"bounces in percent":                  {figure: percent(insight.BounceRate(1, 8), nil), want: "12.5"},
		"bounces of nothing":                  {figure: percent(insight.BounceRate(0, 0), nil)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := tc.figure()
			if !errors.Is(err, tc.err) || got.Decimal(1) != tc.want {
				t.Errorf("%q, %v; want %q, %v", got.Decimal(1), err, tc.want, tc.err)
			}
			if got.Known() != (tc.want != "") {
				t.Errorf("known is %v", got.Known())
			}
		})
	}
}

// percent lets a share be read as a percentage.
func percent(r insight.Ratio, err error) func() (insight.Ratio, error) {
	return func() (insight.Ratio, error) {
		out := insight.Quotient(0, 1)
		if !r.Known() {
			return r, err
		}
		for range 100 { // r x 100, by what Ratio offers
			out = out.Less(insight.Quotient(0, 1).Less(r))
		}
		if out.Decimal(3) != r.Percent(3) {
			return insight.Ratio{}, errors.New("Percent is not a hundred times the share")
		}
		return out, err
	}
}

func TestPromises(t *testing.T) {
	t.Parallel()
	got, err := insight.Promises([]insight.Promise{
		{Promised: eur(100), Paid: eur(100), Outcome: insight.Kept},
		{Promised: eur(100), Paid: eur(150), Outcome: insight.Kept}, // more than promised counts once
		{Promised: eur(200), Paid: eur(50), Outcome: insight.PartlyKept},
		{Promised: eur(100), Paid: eur(0), Outcome: insight.Broken},
		{Promised: eur(900), Paid: eur(0), Outcome: insight.Running},
		{Promised: eur(900), Paid: eur(900), Outcome: insight.Withdrawn},
	})
	if err != nil || got.Number.Percent(1) != "50.0" || got.Value.Percent(1) != "50.0" {
		t.Errorf("number %s, value %s, %v", got.Number.Percent(1), got.Value.Percent(1), err)
	}
	if none, err := insight.Promises(nil); err != nil || none.Number.Known() || none.Value.Known() {
		t.Errorf("no promises give %+v, %v", none, err)
	}
	_, err = insight.Promises([]insight.Promise{{Promised: eur(1), Outcome: insight.Broken}, {Promised: money.Of(1, "USD"), Outcome: insight.Broken}})
	if !errors.Is(err, money.ErrMixed) {
		t.Errorf("two currencies give %v", err)
	}
	plans := []insight.Outcome{insight.Kept, insight.Kept, insight.Kept, insight.Broken, insight.Running, insight.Withdrawn}
	if got := insight.PlanSuccess(plans).Percent(0); got != "75" {
		t.Errorf("plan success %s", got)
	}
}

func TestDisputeCycle(t *testing.T) {
	t.Parallel()
	dispute := func(opened, resolved string) insight.Dispute {
		return insight.Dispute{Opened: day(opened), Resolved: day(resolved)}
	}
	for name, tc := range map[string]struct {
		disputes []insight.Dispute
		want     string
	}{
		"none":                           {nil, ""},
		"only open ones":                 {[]insight.Dispute{dispute("2026-01-01", "")}, ""},
		"the middle of three":            {[]insight.Dispute{dispute("2026-01-01", "2026-01-31"), dispute("2026-01-01", "2026-01-05"), dispute("2026-02-27", "2026-03-02")}, "4.0"},
		"between the middle two of four": {[]insight.Dispute{dispute("2026-01-01", "2026-01-02"), dispute("2026-01-01", "2026-01-05"), dispute("2026-01-01", "2026-01-08"), dispute("2026-01-01", "2026-03-01"), dispute("2026-01-01", "")}, "5.5"},
	} {
		if got := insight.DisputeCycle(tc.disputes).Decimal(1); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

func TestStepEffect(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	after := func(d time.Duration, major int64) insight.Receipt {
		return insight.Receipt{At: at.Add(d), Amount: eur(major)}
	}
	const h, d = time.Hour, 24 * time.Hour
	demand := func(heldBack bool, receipts ...insight.Receipt) insight.Demand {
		return insight.Demand{At: at, Next: at.Add(7 * d), Demanded: eur(100), Receipts: receipts, HeldBack: heldBack}
	}
	long := demand(false, after(13*d, 30), after(14*d, 50)) // no next step: fourteen days
	long.Next = time.Time{}
	got, err := insight.StepEffect([]insight.Demand{
		demand(false, after(-h, 10), after(h, 60)), // what came before is not by the step
		demand(false, after(6*d, 100), after(8*d, 100)),
		demand(false, after(d, 250)), // the surplus pays something else
		long,
		demand(true, after(d, 40)),
		demand(true),
	})
	if err != nil || got.Sent.Percent(1) != "72.5" || got.HeldBack.Percent(1) != "20.0" || got.Lift.Percent(1) != "52.5" {
		t.Errorf("sent %s, held back %s, lift %s, %v", got.Sent.Percent(1), got.HeldBack.Percent(1), got.Lift.Percent(1), err)
	}
	if got, err := insight.StepEffect([]insight.Demand{demand(false)}); err != nil || got.Sent.Percent(0) != "0" || got.Lift.Known() {
		t.Errorf("without a hold-back group: %+v, %v", got, err)
	}
	letter := demand(true)
	letter.Statutory = true
	if _, err := insight.StepEffect([]insight.Demand{letter}); !errors.Is(err, insight.ErrHeldBack) {
		t.Errorf("a statutory notice held back gives %v", err)
	}
}

func TestWrongReminders(t *testing.T) {
	t.Parallel()
	ams, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	// Half past midnight of 3 March in Amsterdam, still 2 March in UTC.
	sent := time.Date(2026, 3, 2, 23, 30, 0, 0, time.UTC)
	got := insight.CountWrong([]insight.Reminder{
		{Sent: sent, Settled: day("2026-03-02")},
		{Sent: sent, Settled: day("2026-03-03")},
		{Sent: sent, Settled: day("2026-03-04")},
		{Sent: sent},
	}, ams)
	if want := (insight.WrongReminders{Sent: 4, Wrong: 1, SameDay: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got.Rate().Percent(0) != "25" || got.RateAtWorst().Percent(0) != "50" {
		t.Errorf("rates %s and %s", got.Rate().Percent(0), got.RateAtWorst().Percent(0))
	}
	if insight.CountWrong(nil, ams).Rate().Known() {
		t.Error("no reminders have a rate")
	}
}

func TestForecastError(t *testing.T) {
	t.Parallel()
	week := func(made string, expected, cash int64) insight.Forecast {
		return insight.Forecast{Made: day(made), Week: day("2026-03-30"), Expected: eur(expected), Cash: eur(cash)}
	}
	weeks := []insight.Forecast{
		week("2026-03-02", 90, 100),
		week("2026-03-02", 130, 100),
		week("2026-03-03", 100, 100), // a day too late to count
		week("2026-02-01", 50, 0),
	}
	for i, want := range []string{"10.0", "30.0", "", ""} {
		if got, err := insight.ForecastError(weeks[i]); err != nil || got.Percent(1) != want {
			t.Errorf("week %d: %q, %v; want %q", i, got.Percent(1), err, want)
		}
	}
	if got, err := insight.MeanForecastError(weeks); err != nil || got.Percent(1) != "20.0" {
		t.Errorf("mean %q, %v", got.Percent(1), err)
	}
	if got, err := insight.MeanForecastError(weeks[2:]); err != nil || got.Known() {
		t.Errorf("mean of nothing known: %q, %v", got.Percent(1), err)
	}
}

func TestChannels(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	received := []time.Time{now.Add(-time.Hour), now.Add(-24 * time.Hour), now.Add(-24*time.Hour - 1), now.AddDate(0, -1, 0)}
	if got := insight.Overlooked(received, now); got != 2 {
		t.Errorf("%d messages wait for more than a day", got)
	}
	got := insight.FreshnessAtSend([]time.Duration{3 * time.Hour, time.Minute, time.Hour, 26 * time.Hour})
	if want := (insight.Freshness{Median: time.Hour, Oldest: 26 * time.Hour}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := insight.FreshnessAtSend(nil); got != (insight.Freshness{}) {
		t.Errorf("nothing sent gives %+v", got)
	}
}
