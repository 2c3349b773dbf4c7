package insight_test

import (
	"slices"
	"testing"

	"github.com/voldaan/voldaan/core/insight"
)

func majors(weeks []insight.PredictedWeek) (out []int64) {
	for _, w := range weeks {
		out = append(out, w.Expected.Minor/100)
	}
	return out
}

// TestPredict holds the forecast to ledgers that can be counted by hand.
func TestPredict(t *testing.T) {
	t.Parallel()
	of := func(e insight.Event, debtor string) insight.Event { e.Debtor = debtor; return e }
	collection := func(b2b bool, settled string) []insight.Collection {
		return []insight.Collection{
			{Amount: eur(560), Settled: day(settled), B2B: b2b},
			{Amount: eur(560), Back: eur(560), Settled: day("2025-06-01")}, // half of what was collected by core
			{Amount: eur(0), Settled: day("2025-06-02")},
		}
	}
	on := "2026-03-31"
	for name, tc := range map[string]struct {
		events []insight.Event
		with   insight.Expected
		want   []int64
	}{
		"on the due date without a habit": {events: []insight.Event{invoice("a", "2026-03-10", "2026-04-09", 100)}, want: []int64{0, 100, 0, 0}},
		"by habit of the debtor": {
			events: []insight.Event{of(invoice("a", "2026-02-01", "2026-02-10", 50), "x"), event(insight.Paid, "a", "2026-02-17", 50), of(invoice("b", "2026-03-10", "2026-04-09", 100), "x")},
			want:   []int64{0, 0, 100, 0},
		},
		"a promise": {
			events: []insight.Event{invoice("a", "2026-03-10", "2026-04-09", 100)},
			with:   insight.Expected{Commitments: []insight.Commitment{{Item: "a", Amount: eur(60), On: day("2026-04-25"), Made: day("2026-03-30")}}},
			want:   []int64{0, 40, 0, 60},
		},
		"a promise that was made later": {
			events: []insight.Event{invoice("a", "2026-03-10", "2026-04-09", 100)},
			with:   insight.Expected{Commitments: []insight.Commitment{{Item: "a", Amount: eur(60), On: day("2026-04-25"), Made: day("2026-04-01")}}},
			want:   []int64{0, 100, 0, 0},
		},
		"nothing of a dispute": {
			events: []insight.Event{invoice("a", "2026-03-10", "2026-04-09", 100), mark(insight.Disputed, "a", "2026-03-20", 30)},
			want:   []int64{0, 70, 0, 0},
		},
		"the share of what is beyond habit": {
			// Four weeks ago 200 was overdue, and half of it came in since.
			events: []insight.Event{invoice("a", "2026-01-10", "2026-02-01", 100), invoice("b", "2026-01-10", "2026-02-01", 100), event(insight.Paid, "b", "2026-03-20", 100)},
			want:   []int64{12, 12, 12, 12},
		},
		"R89 core may come back":                  {with: insight.Expected{Collections: collection(false, "2026-03-30")}, want: nil},
		"R89 of B2B nothing comes back":           {with: insight.Expected{Collections: collection(true, "2026-03-30")}, want: []int64{0, 0, 0, 0}},
		"R89 core is final after the eight weeks": {with: insight.Expected{Collections: collection(false, "2026-01-15")}, want: []int64{0, 0, 0, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := majors(ledger(t, tc.events...).Predict(day(on), insight.ForecastWeeks, tc.with))
			switch {
			case tc.want != nil && !slices.Equal(got, tc.want):
				t.Errorf("%v, want %v", got, tc.want)
			case tc.want == nil && name == "R89 core may come back" && (got[0] >= 0 || got[3] >= 0):
				t.Errorf("%v, want less than nothing", got)
			}
		})
	}
	t.Run("R89 final after the return window", func(t *testing.T) {
		t.Parallel()
		b2b, core := insight.Collection{Settled: day("2026-03-02"), B2B: true}, insight.Collection{Settled: day("2026-03-02")}
		for on, want := range map[string][2]bool{"2026-03-06": {false, false}, "2026-03-07": {true, false}, "2026-04-26": {true, false}, "2026-04-27": {true, true}} {
			if b2b.Final(day(on)) != want[0] || core.Final(day(on)) != want[1] {
				t.Errorf("on %s B2B is %v, core %v", on, b2b.Final(day(on)), core.Final(day(on)))
			}
		}
	})
}

// TestBacktest makes a forecast of four weeks ago again and tells how wrong it was.
func TestBacktest(t *testing.T) {
	t.Parallel()
	l := ledger(t, invoice("a", "2026-02-01", "2026-03-29", 100), event(insight.Paid, "a", "2026-03-28", 80))
	tests := l.Backtest(day("2026-03-31"), 1, insight.Expected{})
	if len(tests) != 1 || tests[0].Expected != eur(100) || tests[0].Cash != eur(80) || tests[0].Week != day("2026-03-25") {
		t.Fatalf("%+v", tests)
	}
	if e, err := insight.MeanForecastError(tests); err != nil || e.Percent(1) != "25.0" {
		t.Errorf("the error is %s, %v", e.Percent(1), err)
	}
}
