package credit_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/credit"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/insight"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// TestRate holds the score to ledgers of one debtor.
func TestRate(t *testing.T) {
	t.Parallel()
	day := date.MustParse
	eur := func(n int64) money.Amount { return money.EUR(n * 100) }
	issued := func(due string) insight.Event {
		return insight.Event{Kind: insight.Issued, On: day("2026-01-01"), Due: day(due), Item: "a", Debtor: "x", Amount: eur(100)}
	}
	paid := func(on string) insight.Event {
		return insight.Event{Kind: insight.Paid, On: day(on), Item: "a", Debtor: "x", Amount: eur(100)}
	}
	for name, tc := range map[string]struct {
		events []insight.Event
		deeds  credit.Deeds
		value  int
		band   credit.Band
		says   string
	}{
		"nothing to go by":   {band: credit.Unknown},
		"pays on time":       {events: []insight.Event{issued("2026-01-31"), paid("2026-01-31")}, value: 100, band: credit.Good},
		"pays ten late":      {events: []insight.Event{issued("2026-01-31"), paid("2026-02-10")}, value: 90, band: credit.Good, says: "Pays 10.0 days late"},
		"never pays":         {events: []insight.Event{issued("2026-01-31")}, value: 10, band: credit.Poor, says: "The oldest invoice is 151 days overdue"},
		"breaks promises":    {events: []insight.Event{issued("2026-01-31"), paid("2026-01-31")}, deeds: credit.Deeds{"promise_broken": 2, "plan_broken": 1}, value: 69, band: credit.Fair, says: "2 promises were broken"},
		"went bankrupt":      {deeds: credit.Deeds{"legal_stop_bankruptcy": 1}, value: 0, band: credit.Poor, says: "Bankrupt"},
		"no worse than zero": {events: []insight.Event{issued("2026-01-02")}, deeds: credit.Deeds{"promise_broken": 9, "plan_broken": 9}, value: 0, band: credit.Poor},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := insight.New("EUR", tc.events)
			if err != nil {
				t.Fatal(err)
			}
			s := credit.Rate(l.Habits(day("2026-07-01"))["x"], tc.deeds)
			if s.Band != tc.band || s.Value != tc.value {
				t.Errorf("%+v", s)
			}
			sum, words := 0, ""
			for _, p := range s.Parts {
				sum += p.Points
				words += p.Text + ". "
			}
			if sum != s.Value || !strings.Contains(words, tc.says) {
				t.Errorf("the parts add up to %d: %s", sum, words)
			}
		})
	}
}

// TestLowest takes the lowest limit of the same currency.
func TestLowest(t *testing.T) {
	t.Parallel()
	limits := []credit.Limit{{credit.Own, money.EUR(5000)}, {credit.External, money.EUR(3000)}, {credit.Manual, money.Of(10, "USD")}}
	if l, ok := credit.Lowest(limits, "EUR"); !ok || l.Kind != credit.External {
		t.Errorf("%v %v", l, ok)
	}
	if _, ok := credit.Lowest(limits, "GBP"); ok {
		t.Error("a limit in another currency counts")
	}
}

// agency knows every company; what it says can be changed, and it counts.
type agency struct {
	says   sdk.CreditReport
	fails  error
	found  []sdk.Company
	asked  []string // keys
	looked []sdk.CompanyQuery
}

var bureau = uuid.New()

func (*agency) Connection(context.Context, uuid.UUID) (uuid.UUID, string, bool, error) {
	return bureau, "Bureau", true, nil
}

func (a *agency) Companies(_ context.Context, _, _ uuid.UUID, q sdk.CompanyQuery) ([]sdk.Company, error) {
	a.looked = append(a.looked, q)
	if q.Registration == "" {
		return nil, nil
	}
	return a.found, nil
}

func (a *agency) CreditReport(_ context.Context, _, _ uuid.UUID, r sdk.CreditRequest) (sdk.CreditReport, bool, error) {
	a.asked = append(a.asked, r.Key)
	return a.says, true, a.fails
}

func reporting(limit int64) *agency {
	amount, price := money.EUR(limit), money.EUR(450)
	return &agency{
		found: []sdk.Company{{ID: "C1", Name: "Debtor a", Price: &price, Status: sdk.CompanyActive}},
		says:  sdk.CreditReport{ID: "R1", Company: "C1", Name: "Debtor a", On: date.MustParse("2026-01-02"), Score: 61, ScoreMax: 100, Grade: "B", Limit: &amount, Advice: "To be trusted with care", Status: sdk.CompanyActive},
	}
}

var price = money.EUR(450)

// TestLimit passes a limit with an invoice, and goes below it with a payment.
func TestLimit(t *testing.T) {
	t.Parallel()
	w := dunningtest.New(t, "2026-01-05 09:00")
	ctx := context.Background()
	office := &credit.Office{Store: w.Store, Real: w.Clock, Agency: reporting(30000)}
	w.Planner.Watcher = office
	party := dunningtest.Debtor("a", sdk.Business)
	party.Registration = "12345678"
	w.Books.Put(party, dunningtest.Invoice("F1", "a", "2026-01-02", "2026-01-31", 20000))
	w.Books.Sync()
	debtor := w.DebtorID("a")
	count := func(query string) (n int) {
		w.In(func(tx store.Tx) error { return tx.QueryRow(ctx, query).Scan(&n) })
		return n
	}
	want := func(what string, alerts, tasks, events int) {
		t.Helper()
		a, k, e := count("select count(*) from credit_alert where ended_at is null"), count("select count(*) from task where kind = 'credit_limit' and done_at is null"), count("select count(*) from event where type = 'credit.limit_passed' and debtor_id is not null and data ->> 'kind' <> '' and data -> 'exposure' is not null")
		if a != alerts || k != tasks || e != events {
			t.Errorf("%s: %d alerts, %d tasks, %d events; want %d, %d, %d", what, a, k, e, alerts, tasks, events)
		}
	}
	set := func(kind credit.LimitKind, cents int64) {
		t.Helper()
		w.In(func(tx store.Tx) error {
			return office.Set(ctx, tx, debtor, credit.Setting{Kind: kind, Amount: money.EUR(cents), By: "anna"})
		})
	}
	t.Run("R122 an internal event and a task, no message", func(t *testing.T) {
		set(credit.Own, 50000)
		want("within the own limit", 0, 0, 0)
		if _, err := office.Look(ctx, w.Tenant, debtor, "anna"); err != nil {
			t.Fatal(err)
		}
		if _, err := office.Ask(ctx, w.Tenant, credit.Question{Key: uuid.New(), Debtor: debtor, Company: "C1", Price: &price, By: "anna"}); err != nil {
			t.Fatal(err)
		}
		want("within the agency's limit", 0, 0, 0)
		set("", 15000) // not billed yet: 350 of 300
		want("passed with what is not billed yet", 1, 1, 1)
		w.Books.Put(party, dunningtest.Invoice("F2", "a", "2026-01-02", "2026-01-31", 10000))
		w.Books.Sync()
		want("once until it is over", 1, 1, 1)
		set(credit.Manual, 45000) // the lowest counts
		want("a higher manual limit", 1, 1, 1)
		w.Books.Pay("F1", 20000, date.MustParse("2026-01-05"))
		w.Books.Sync()
		want("below it after a payment", 0, 0, 1)
		set(credit.Manual, 10000)
		want("a lower manual limit", 1, 1, 2)
		if n := count("select count(*) from message"); n != 0 {
			t.Errorf("%d messages were made", n)
		}
	})
	t.Run("the file", func(t *testing.T) {
		w.In(func(tx store.Tx) error {
			files, err := credit.Files(ctx, tx, debtor)
			if err != nil {
				return err
			}
			f := files[0]
			if f.Total != money.EUR(25000) || f.Exposure.Open != money.EUR(10000) || f.Exposure.Unbilled != money.EUR(15000) || len(f.Limits) != 3 || f.Lowest.Kind != credit.Manual || f.Report.Grade != "B" {
				t.Errorf("%+v", f)
			}
			return nil
		})
	})
	t.Run("no agency, no report", func(t *testing.T) {
		none := &credit.Office{Store: w.Store, Real: w.Clock}
		if _, err := none.Look(ctx, w.Tenant, debtor, "anna"); err == nil {
			t.Error("a report came from nowhere")
		}
	})
}
