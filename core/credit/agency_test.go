package credit_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/credit"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
)

// TestRiskOf holds the risk to scores and reports.
func TestRiskOf(t *testing.T) {
	t.Parallel()
	own := func(n int) credit.Score { return credit.Score{Known: true, Value: n} }
	says := func(n int) *sdk.CreditReport { return &sdk.CreditReport{Score: n, ScoreMax: 100} }
	set := credit.Cautious()
	off := set
	off.RiskFromScore = false
	for name, tc := range map[string]struct {
		score  credit.Score
		report *sdk.CreditReport
		set    credit.Settings
		want   policy.Risk
	}{
		"nothing to go by":                  {set: set},
		"pays well":                         {score: own(85), set: set, want: policy.LowRisk},
		"in between":                        {score: own(84), set: set, want: policy.MediumRisk},
		"just not poor":                     {score: own(30), set: set, want: policy.MediumRisk},
		"poor":                              {score: own(29), set: set, want: policy.HighRisk},
		"an agency alone makes nobody good": {report: says(99), set: set},
		"an agency alone can warn":          {report: says(12), set: set, want: policy.HighRisk},
		"pays well, the agency warns":       {score: own(95), report: says(12), set: set, want: policy.MediumRisk},
		"insolvent":                         {score: own(95), report: &sdk.CreditReport{Insolvent: true}, set: set, want: policy.HighRisk},
		"not rated":                         {score: own(95), report: &sdk.CreditReport{}, set: set, want: policy.LowRisk},
		"switched off":                      {score: own(1), report: says(1), set: off},
	} {
		got, why := credit.RiskOf(tc.score, tc.report, tc.set)
		if got != tc.want || (got == "") != (why == "") {
			t.Errorf("%s: %q (%s), want %q", name, got, why, tc.want)
		}
	}
}

// TestChanges holds what is told of a new report to the one before.
func TestChanges(t *testing.T) {
	t.Parallel()
	limit := func(n int64) *money.Amount { a := money.EUR(n * 100); return &a }
	good := sdk.CreditReport{Score: 80, ScoreMax: 100, Grade: "A", Limit: limit(5000), Status: sdk.CompanyActive}
	change := func(f func(*sdk.CreditReport)) sdk.CreditReport { r := good; f(&r); return r }
	for name, tc := range map[string]struct {
		was  *sdk.CreditReport
		now  sdk.CreditReport
		says []string // parts, one a change
	}{
		"the first":                 {now: good},
		"the same":                  {was: &good, now: good},
		"the first, insolvent":      {now: change(func(r *sdk.CreditReport) { r.Insolvent = true }), says: []string{"insolvent"}},
		"a little less":             {was: &good, now: change(func(r *sdk.CreditReport) { r.Score = 71 })},
		"much less":                 {was: &good, now: change(func(r *sdk.CreditReport) { r.Score = 70 }), says: []string{"70 of 100; it was 80"}},
		"another class":             {was: &good, now: change(func(r *sdk.CreditReport) { r.Grade = "C" }), says: []string{"class is C; it was A"}},
		"a lower limit":             {was: &good, now: change(func(r *sdk.CreditReport) { r.Limit = limit(100) }), says: []string{"limit is"}},
		"no limit any more":         {was: &good, now: change(func(r *sdk.CreditReport) { r.Limit = nil }), says: []string{"no advised limit"}},
		"a first limit":             {was: new(change(func(r *sdk.CreditReport) { r.Limit = nil })), now: good},
		"went bankrupt":             {was: &good, now: change(func(r *sdk.CreditReport) { r.Insolvent, r.Status = true, sdk.CompanyInsolvent }), says: []string{"insolvent"}},
		"dissolved without a class": {was: &good, now: change(func(r *sdk.CreditReport) { r.Grade, r.Status = "", sdk.CompanyDissolved }), says: []string{"dissolved", "class is none"}},
	} {
		got := credit.Changes(tc.was, tc.now)
		if len(got) != len(tc.says) || slices.ContainsFunc(tc.says, func(s string) bool { return !strings.Contains(strings.Join(got, "|"), s) }) {
			t.Errorf("%s: %q, want %q", name, got, tc.says)
		}
	}
}

// TestAsk asks an agency through the database.
func TestAsk(t *testing.T) {
	t.Parallel()
	w := dunningtest.New(t, "2026-01-05 09:00")
	ctx := context.Background()
	a := reporting(30000)
	office := &credit.Office{Store: w.Store, Real: w.Clock, Agency: a}
	w.Planner.Watcher = office
	w.Wakers[credit.Daily] = office
	party := dunningtest.Debtor("a", sdk.Business)
	party.Registration = "12345678"
	person := dunningtest.Debtor("b", sdk.Consumer)
	w.Books.Put(party, dunningtest.Invoice("F1", "a", "2026-01-02", "2026-01-31", 20000))
	w.Books.Put(person, dunningtest.Invoice("F2", "b", "2026-01-02", "2026-01-31", 20000))
	w.Books.Sync()
	debtor := w.DebtorID("a")
	count := func(query string, args ...any) (n int) {
		w.In(func(tx store.Tx) error { return tx.QueryRow(ctx, query, args...).Scan(&n) })
		return n
	}
	ask := func(key uuid.UUID, price *money.Amount) (string, error) {
		row, err := office.Ask(ctx, w.Tenant, credit.Question{Key: key, Debtor: debtor, Company: "C1", Price: price, By: "anna"})
		return row.State, err
	}
	if _, err := office.Look(ctx, w.Tenant, w.DebtorID("b"), "anna"); err == nil {
		t.Error("a consumer was looked up")
	}
	if _, err := ask(uuid.New(), &price); err == nil || len(a.asked) != 0 {
		t.Errorf("a report on a company that nobody chose: %v", err)
	}
	found, err := office.Look(ctx, w.Tenant, debtor, "anna")
	if err != nil || len(found) != 1 || *credit.PriceOf(found[0].PriceMinor, found[0].PriceCurrency) != price || found[0].FoundBy != "registration" || len(a.asked) != 0 {
		t.Fatalf("found %+v: %v", found, err)
	}
	dear := money.EUR(1)
	if _, err := ask(uuid.New(), &dear); err == nil || len(a.asked) != 0 {
		t.Errorf("a report at another price than was told: %v", err)
	}
	key := uuid.New()
	for range 3 {
		if state, err := ask(key, &price); err != nil || state != credit.Kept {
			t.Errorf("%s: %v", state, err)
		}
	}
	if n := count("select count(*) from credit_report"); n != 1 || len(a.asked) != 1 || a.asked[0] != key.String() {
		t.Errorf("%d reports, asked %v", n, a.asked)
	}
	t.Run("a lost answer is not asked again", func(t *testing.T) {
		a.fails = errors.New("the line broke")
		key := uuid.New()
		if state, err := ask(key, &price); err == nil || state != credit.Unclear {
			t.Errorf("%s: %v", state, err)
		}
		a.fails = nil
		if state, err := ask(key, &price); err != nil || state != credit.Unclear || len(a.asked) != 2 {
			t.Errorf("%s, asked %d times: %v", state, len(a.asked), err)
		}
		a.fails = fmt.Errorf("%w: used up", sdk.ErrInvalid)
		if state, _ := ask(uuid.New(), &price); state != credit.Refused {
			t.Errorf("a refusal is %s", state)
		}
		a.fails = nil
	})
	t.Run("a change is told, and counts as a risk", func(t *testing.T) {
		w.Clock.Set(dunningtest.At("2026-01-05 10:00"))
		a.says.Insolvent, a.says.Status, a.says.Limit = true, sdk.CompanyInsolvent, nil
		if _, err := ask(uuid.New(), &price); err != nil {
			t.Fatal(err)
		}
		if n := count("select count(*) from task where kind = 'credit_change' and done_at is null"); n != 1 {
			t.Errorf("%d tasks", n)
		}
		if n := count("select count(*) from debtor_risk where debtor_id = $1 and risk = 'high' and computed and why <> ''", debtor); n != 1 {
			t.Error("the risk is not high")
		}
		if n := count("select count(*) from outbox where kind = $1", flow.KindReplan); n == 0 {
			t.Error("nothing is planned again")
		}
		// A person's word counts above it.
		w.In(func(tx store.Tx) error {
			return flow.SetRisk(ctx, tx, debtor, policy.LowRisk, flow.Act{By: "anna", At: w.Clock.Now()})
		})
		w.In(func(tx store.Tx) error { return office.Rerisk(ctx, tx) })
		if n := count("select count(*) from debtor_risk where risk = 'low' and not computed"); n != 1 {
			t.Error("the person's risk is gone")
		}
		w.In(func(tx store.Tx) error {
			if err := flow.SetRisk(ctx, tx, debtor, "", flow.Act{By: "anna", At: w.Clock.Now()}); err != nil {
				return err
			}
			return office.Rerisk(ctx, tx, debtor)
		})
		if n := count("select count(*) from debtor_risk where risk = 'high' and computed"); n != 1 {
			t.Error("the computed risk is not back")
		}
	})
	t.Run("a person is not reported on, and what was charged is told", func(t *testing.T) {
		dearer := money.EUR(price.Minor + 50)
		a.says.NaturalPerson, a.says.Price = true, &dearer
		before, key := count("select count(*) from credit_report"), uuid.New()
		if state, err := ask(key, &price); err == nil || state != credit.Withheld || count("select count(*) from credit_report") != before {
			t.Errorf("%s: %v", state, err)
		}
		a.says.Price = nil
		if n := count("select count(*) from credit_request where id = $1 and price_minor = $2 and reason <> ''", key, dearer.Minor); n != 1 {
			t.Error("it is not told that it was charged, at the agency's price and why in vain")
		}
		w.In(func(tx store.Tx) error {
			s := credit.Cautious()
			s.NaturalPersons = true
			return office.SetSettings(ctx, tx, s, "anna")
		})
		if state, err := ask(uuid.New(), &price); err != nil || state != credit.Kept {
			t.Errorf("allowed: %s: %v", state, err)
		}
	})
	t.Run("R122 every day, and when nothing is synced", func(t *testing.T) {
		w.In(func(tx store.Tx) error {
			return office.Set(ctx, tx, debtor, credit.Setting{Kind: credit.Own, Amount: money.EUR(25000), By: "anna"})
		})
		alerts := func() int { return count("select count(*) from credit_alert where ended_at is null") }
		if alerts() != 0 {
			t.Fatal("an alert within the limit")
		}
		// A figure that changes without anybody telling is seen the next day.
		w.In(func(tx store.Tx) error {
			_, err := tx.Exec(ctx, "insert into unbilled (tenant_id, debtor_id, currency, amount_minor, set_by, set_at) values ($1, $2, 'EUR', 9000, 'x', now())", w.Tenant, debtor)
			return err
		})
		w.Walk("2026-01-07 09:00")
		if alerts() != 1 {
			t.Error("not seen the next day")
		}
		w.In(func(tx store.Tx) error {
			_, err := tx.Exec(ctx, "update unbilled set amount_minor = 0")
			return err
		})
		// Whatever has the plans made anew has the limits looked at, without a sync.
		w.In(func(tx store.Tx) error { return w.Planner.Replan(ctx, tx, []uuid.UUID{w.ID("F1")}) })
		if alerts() != 0 {
			t.Error("the alert lasts")
		}
	})
}
