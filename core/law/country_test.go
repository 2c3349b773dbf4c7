package law_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
	"gopkg.in/yaml.v3"
)

// runExamples is a country's worked examples on their way through the tests.
type runExamples struct {
	t       *testing.T
	country *law.Country
	ran     int
}

func (r *runExamples) run(name string, f func(t *testing.T)) {
	r.ran++
	r.t.Run(name, f)
}

// workedCountry reads the examples of a pack into out. When the test ends, all
// that the pack has must have run.
func workedCountry(t *testing.T, country, file, prefix string, out any) *runExamples {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Examples yaml.Node }
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	if err := doc.Examples.Decode(out); err != nil {
		t.Fatal(err)
	}
	r := &runExamples{t: t, country: packOf(t, country)}
	written := bytes.Count(raw, []byte("- {id: "+prefix))
	t.Cleanup(func() {
		if r.ran != written {
			t.Errorf("%d worked examples ran of %d: a group was not read", r.ran, written)
		}
	})
	return r
}

func packOf(t testing.TB, country string) *law.Country {
	t.Helper()
	c, err := law.Pack(country)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// workedSegment is a run of days at one rate in a worked example.
type workedSegment struct {
	From, Through date.Date
	Days          int
	Rate          string
	BaseCents     int64  `yaml:"base_cents"`
	YearDays      int    `yaml:"year_days"`
	Unrounded     string `yaml:"unrounded_cents"`
}

// workedInterest is an example of interest by a table.
type workedInterest struct {
	ID    string
	Input struct {
		Table          string
		PrincipalCents int64 `yaml:"principal_cents"`
		From, Through  date.Date
	}
	Expect struct {
		InterestCents int64 `yaml:"interest_cents"`
		TotalCents    int64 `yaml:"total_cents"`
		Days          int
		Segments      []workedSegment
	}
	FlatSumCents *int64 `yaml:"flat_sum_cents"`
}

// interestOf computes interest for a debtor who is in default on the first day.
func (r *runExamples) interestOf(t *testing.T, debtor law.DebtorType, principal int64, from, through date.Date) law.Interest {
	t.Helper()
	got, err := r.country.Interest(law.InterestClaim{
		Debtor: debtor, Principal: r.money(principal), From: from, Through: through, DefaultSince: from,
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (r *runExamples) money(minor int64) money.Amount { return money.Of(minor, r.country.Currency()) }

func (r *runExamples) interest(e workedInterest, debtors map[string]law.DebtorType) {
	r.run("R103 "+e.ID, func(t *testing.T) {
		got := r.interestOf(t, debtors[e.Input.Table], e.Input.PrincipalCents, e.Input.From, e.Input.Through)
		same(t, "interest", got.Open, r.money(e.Expect.InterestCents))
		same(t, "total", got.Principal.Minor+got.Open.Minor, e.Expect.TotalCents)
		same(t, "days", got.Days, e.Expect.Days)
		r.segments(t, got.Segments, e.Expect.Segments)
		if e.FlatSumCents == nil {
			return
		}
		costs, err := r.country.CollectionCosts(law.CostsClaim{Debtor: debtors[e.Input.Table], Principals: []money.Amount{r.money(e.Input.PrincipalCents)}})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "flat sum", costs.Total, r.money(*e.FlatSumCents))
	})
}

func (r *runExamples) segments(t *testing.T, got []law.Segment, want []workedSegment) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d segments, want %d: %v", len(got), len(want), got)
	}
	for i, w := range want {
		g := got[i]
		g.Exact, g.Provisional = nil, false
		same(t, "a segment", g, law.Segment{From: w.From, Through: w.Through, Days: w.Days, Rate: w.Rate, Base: r.money(w.BaseCents), YearDays: w.YearDays})
	}
}
