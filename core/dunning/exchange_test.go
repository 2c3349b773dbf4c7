package dunning_test

import (
	"context"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/exchange"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// giveRate keeps a reference rate of today, as somebody types it.
func giveRate(t *testing.T, w *dunningtest.World, quote, units string) {
	t.Helper()
	r := exchange.Rate{Base: "EUR", Quote: money.Currency(quote), Units: units, On: date.Of(w.Clock.Now().In(dunningtest.Amsterdam)), Source: exchange.ECB}
	w.In(func(tx store.Tx) error {
		return w.Planner.SetReferenceRates(context.Background(), tx, []exchange.Rate{r}, "anna")
	})
}

// asksRate reports whether somebody is asked for a rate.
func asksRate(w *dunningtest.World) (n int) {
	w.In(func(tx store.Tx) error {
		return tx.QueryRow(context.Background(), "select count(*) from task where kind = 'rate_missing' and done_at is null").Scan(&n)
	})
	return n
}

func TestForeignCurrency(t *testing.T) {
	t.Parallel()
	t.Run("R123 a case waits for a rate, is computed with it, and keeps it", func(t *testing.T) {
		t.Parallel()
		w := abroad(t, "2026-03-02 07:00", "NL", "en", "EUR", "b2b-nl", "b2c-nl", db.SetLawParams{})
		w.Books.Put(local(sdk.Business, "NL", "en"), bill("F1", "2026-03-02", "2026-03-16", money.Of(500_000, "USD")))
		w.Books.Sync()
		walkApproving(t, w, "2026-04-20", "")
		if s := w.State("F1"); s.HeldRule != "R95" || !strings.Contains(s.HeldWhy, "USD") || asksRate(w) != 1 {
			t.Fatalf("held by %q: %s; %d tasks\n%s", s.HeldRule, s.HeldWhy, asksRate(w), strings.Join(w.Story("F1"), "\n"))
		}
		giveRate(t, w, "USD", "1.0835")
		if s := w.State("F1"); s.HeldRule != "" || asksRate(w) != 0 {
			t.Fatalf("still held by %q: %s; %d tasks", s.HeldRule, s.HeldWhy, asksRate(w))
		}
		walkApproving(t, w, "2026-05-04", "final_reminder")
		// USD 5,000.00 is EUR 4,614.67: 15% over 2,500 and 10% over 2,114.67.
		for _, want := range []string{"€586.47", "US$635.44", "Converted at the rate of €1.00 = USD 1.0835 (European Central Bank"} {
			if text := said(w, "final_reminder"); !strings.Contains(text, want) {
				t.Errorf("the final reminder does not say %q:\n%s", want, text)
			}
		}
		giveRate(t, w, "USD", "1.10")
		for day := date.Of(w.Clock.Now()); len(claims(w)) == 0 && day.String() < "2026-06-01"; day = day.AddDays(5) {
			giveRate(t, w, "USD", "1.10")
			walkApproving(t, w, day.AddDays(5).String(), "")
		}
		// At 1.10: EUR 4,545.45, costs EUR 579.55, which is USD 637.51 (637.505).
		if got := claims(w)["costs"]; got != 63_751 {
			t.Fatalf("costs %d\n%s", got, strings.Join(w.Story("F1"), "\n"))
		}
		opened := said(w, "case_opened")
		for _, want := range []string{"€579.55", "US$637.51", "€1.00 = USD 1.10"} {
			if !strings.Contains(opened, want) {
				t.Errorf("the summons does not say %q:\n%s", want, opened)
			}
		}
		giveRate(t, w, "USD", "2.00")
		walkApproving(t, w, "2026-07-01", "summons_2")
		if again := said(w, "summons_2"); !strings.Contains(again, "US$637.51") || !strings.Contains(again, "€579.55") || !strings.Contains(again, "= USD 1.10 ") {
			t.Errorf("converted anew:\n%s", again)
		}
		var kept string
		w.In(func(tx store.Tx) error {
			if err := tx.QueryRow(context.Background(), "select units || ' ' || source from exchange_rate where kind = 'case'").Scan(&kept); err != nil {
				return err
			}
			err := w.Planner.SetInvoiceRate(context.Background(), tx, w.ID("F1"), exchange.Rate{Base: "EUR", Quote: "USD", Units: "3", On: date.MustParse("2026-03-02"), Source: "me"}, "anna")
			if fault.Of(err).Code != "rate_fixed" {
				t.Errorf("the rate of a case could be changed: %v", err)
			}
			return nil
		})
		if kept != "1.10 "+exchange.ECB {
			t.Errorf("kept %q", kept)
		}
		// Half is paid: the correction of the costs uses the rate of the case.
		w.Books.Pay("F1", 100_000, date.Of(w.Clock.Now()))
		if got := claims(w)["costs"]; got != 63_751 {
			t.Errorf("costs after a payment %d", got)
		}
		once(t, w)
	})
	t.Run("R123 the fixed sum of 40 euro in another currency, by the rate of one invoice", func(t *testing.T) {
		t.Parallel()
		w := abroad(t, "2026-03-02 07:00", "FR", "fr", "EUR", "b2b-fr", "", db.SetLawParams{})
		w.Books.Put(local(sdk.Business, "FR", "fr"), bill("F1", "2026-03-02", "2026-03-16", money.Of(99_990, "CHF")))
		w.Books.Sync()
		giveRate(t, w, "CHF", "0.80")
		w.In(func(tx store.Tx) error {
			return w.Planner.SetInvoiceRate(context.Background(), tx, w.ID("F1"), exchange.Rate{Base: "CHF", Quote: "EUR", Units: "1.0526", On: date.MustParse("2026-03-02"), Source: "Contrat, article 4"}, "anna")
		})
		walkApproving(t, w, "2026-05-30", "case_opened")
		if got := claims(w)["costs"]; got != 3_800 { // 40 / 1.0526
			t.Errorf("costs %d", got)
		}
		for step, words := range map[string][]string{
			"final_reminder": {"indemnité forfaitaire de 40,00 €", "CHF"},
			"case_opened":    {"38,00 CHF", "40,00 €", "1,0526 (Contrat, article 4, 2 mars 2026)"},
		} {
			for _, want := range words {
				if text := said(w, step); !strings.Contains(text, want) {
					t.Errorf("%s does not say %q:\n%s", step, want, text)
				}
			}
		}
		once(t, w)
	})
	t.Run("R93 R95 R123 the 14-day letter states its costs in euro, and the case owes no more", func(t *testing.T) {
		t.Parallel()
		w := abroad(t, "2026-03-02 07:00", "NL", "nl", "EUR", "b2b-nl", "b2c-nl", db.SetLawParams{})
		w.Books.Put(local(sdk.Consumer, "NL", "nl"), bill("F1", "2026-03-02", "2026-03-16", money.Of(100_000, "USD")))
		w.Books.Sync()
		for day := date.MustParse("2026-03-10"); len(notices(w)) == 0 && day.String() < "2026-04-30"; day = day.AddDays(5) {
			giveRate(t, w, "USD", "1.25")
			walkApproving(t, w, day.AddDays(5).String(), "")
		}
		got := notices(w)
		if len(got) != 1 || got[0].principal != 80_000 || got[0].costs != 12_000 {
			t.Fatalf("notices %+v\n%s", got, strings.Join(w.Story("F1"), "\n"))
		}
		text := said(w, "fourteen_day_letter")
		for _, want := range []string{"€ 120,00", "€ 800,00", "US$ 1.000,00 is dan € 800,00", "€ 1,00 = USD 1,25"} {
			if !strings.Contains(text, want) {
				t.Errorf("the letter does not say %q:\n%s", want, text)
			}
		}
		giveRate(t, w, "USD", "1.00") // by which the costs would be more than announced
		walkApproving(t, w, "2026-06-30", "case_opened")
		if got := claims(w)["costs"]; got != 15_000 {
			t.Errorf("costs %d, want those of the letter at its rate\n%s", got, said(w, "case_opened"))
		}
		once(t, w)
	})
	t.Run("R123 what needs no rate is not asked for one", func(t *testing.T) {
		t.Parallel()
		w := abroad(t, "2026-03-02 07:00", "NL", "nl", "EUR", "b2b-nl", "b2c-nl", db.SetLawParams{})
		w.Books.Put(local(sdk.Business, "NL", "nl"), bill("F1", "2026-03-02", "2026-03-16", money.EUR(100_000)))
		w.Books.Sync()
		w.In(func(tx store.Tx) error {
			_, in, needed, err := w.Planner.RateOf(context.Background(), tx, w.ID("F1"))
			if err != nil || needed || in != "EUR" {
				t.Errorf("%v %s %v", needed, in, err)
			}
			err = w.Planner.SetInvoiceRate(context.Background(), tx, w.ID("F1"), exchange.Rate{Base: "EUR", Quote: "USD", Units: "1.1", On: date.MustParse("2026-03-02"), Source: "me"}, "anna")
			if fault.Of(err).Code != "rate_needless" {
				t.Errorf("%v", err)
			}
			return nil
		})
	})
}

func TestForeignLaw(t *testing.T) {
	t.Parallel()
	t.Run("R123 books in euro under a law that counts in pounds wait for a rate, and are converted by it", func(t *testing.T) {
		t.Parallel()
		w := abroad(t, "2026-03-02 07:00", "NL", "en", "EUR", "b2b-uk", "b2c-nl", db.SetLawParams{})
		setLaw(t, w, dunning.LawSettings{Country: "GB", DueAgreed: yes()})
		w.Books.Put(local(sdk.Business, "NL", "en"), bill("F1", "2026-03-02", "2026-03-16", money.EUR(200_000)))
		w.Books.Sync()
		walkApproving(t, w, "2026-04-30", "")
		if s := w.State("F1"); s.HeldRule != "R95" || !strings.Contains(s.HeldWhy, "the law of GB counts in GBP") || asksRate(w) != 1 {
			t.Fatalf("held by %q: %s; %d tasks", s.HeldRule, s.HeldWhy, asksRate(w))
		}
		for day := date.Of(w.Clock.Now()); len(claims(w)) == 0 && day.String() < "2026-07-01"; day = day.AddDays(5) {
			giveRate(t, w, "GBP", "0.80")
			walkApproving(t, w, day.AddDays(5).String(), "")
		}
		// EUR 2,000.00 is GBP 1,600.00: a fixed sum of GBP 70.00, which is EUR 87.50.
		if got := claims(w)["costs"]; got != 8_750 {
			t.Fatalf("costs %d\n%s", got, strings.Join(w.Story("F1"), "\n"))
		}
		for _, want := range []string{"€87.50", "£70.00", "0.80"} {
			if text := said(w, "case_opened"); !strings.Contains(text, want) {
				t.Errorf("the summons does not say %q:\n%s", want, text)
			}
		}
	})
}
