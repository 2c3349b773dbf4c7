package dunning_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/fee"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
)

// fees are the entries about an invoice, as "kind amount".
func fees(w *dunningtest.World, invoice string) (out []string, list []fee.Entry) {
	w.In(func(tx store.Tx) (err error) {
		list, err = fee.Entries(context.Background(), tx, w.ID(invoice))
		return err
	})
	for _, e := range list {
		out = append(out, e.Kind+" "+e.Amount.Decimal())
	}
	return out, list
}

func german(t *testing.T, kind sdk.PartyKind, s dunning.LawSettings) *dunningtest.World {
	t.Helper()
	w := abroad(t, "2025-05-20 07:00", "DE", "de", "EUR", "b2b-de", "b2c-nl", db.SetLawParams{})
	setLaw(t, w, s)
	w.Books.Put(local(kind, "DE", "de"), bill("F1", "2025-05-20", "2025-06-19", money.EUR(123_456)))
	w.Books.Sync()
	return w
}

func TestReminderFee(t *testing.T) {
	t.Parallel()
	t.Run("R93 R104 a reminder by letter after default costs what it costs, once, and the case takes it over", func(t *testing.T) {
		t.Parallel()
		w := german(t, sdk.Business, dunning.LawSettings{DueAgreed: yes(), ReminderFee: "10"})
		walkApproving(t, w, "2025-08-01", "reminder_1")
		if got, _ := fees(w, "F1"); len(got) != 0 {
			t.Fatalf("the first reminder cost %v", got)
		}
		walkApproving(t, w, "2025-08-01", "final_reminder")
		got, list := fees(w, "F1")
		if !slices.Equal(got, []string{"charged 2.50"}) {
			t.Fatalf("fees %v, want the 2.50 that courts let through of 10.00", got)
		}
		letter := slices.IndexFunc(w.Messages("F1"), func(m db.Message) bool { return m.ID == list[0].Message })
		if e := list[0]; letter < 0 || w.Messages("F1")[letter].Channel != string(policy.Letter) || e.Law != "DE" || !strings.Contains(e.Rule(), "280") || len(e.Fee.Citations[0].Sources) == 0 {
			t.Errorf("the entry does not say its message, rule and source: %+v", e)
		}
		if text := said(w, "final_reminder"); !strings.Contains(text, "Mahnkosten 2,50 € für diese Mahnung zu Rechnung F1 (par. 280, 286 BGB; BGH VIII ZR 95/18)") || !strings.Contains(text, "1.237,06 €") {
			t.Errorf("the letter does not name the fee, or its sum is wrong:\n%s", text)
		}
		walkApproving(t, w, "2025-08-30", "case_opened")
		if got, _ := fees(w, "F1"); !slices.Equal(got, []string{"charged 2.50", "taken_over -2.50"}) {
			t.Errorf("fees %v", got)
		}
		// The flat sum is set off against it (§ 288 V 3 BGB): 40.00 in all.
		if c := claims(w); c["fee"] != 250 || c["costs"] != 3_750 {
			t.Errorf("the case booked %v, want a fee of 250 and costs of 3750", c)
		}
		text := said(w, "case_opened")
		for _, want := range []string{"37,50 €", "Mahnkosten 2,50 € für frühere Mahnungen zu Rechnung F1", "1.283,96 €"} {
			if !strings.Contains(text, want) {
				t.Errorf("the case does not say %q:\n%s", want, text)
			}
		}
		walkApproving(t, w, "2025-10-30", "pre_judicial")
		if text := said(w, "pre_judicial"); strings.Contains(text, "Mahnkosten") || !strings.Contains(text, "40,00 €") {
			t.Errorf("a later summons counts the fee otherwise:\n%s", text)
		}
		if c := claims(w); c["fee"] != 250 || c["costs"] != 3_750 {
			t.Errorf("the case has %v later", c)
		}
		once(t, w)
	})
	t.Run("R93 nothing is asked until a fee is set", func(t *testing.T) {
		t.Parallel()
		w := german(t, sdk.Business, dunning.LawSettings{DueAgreed: yes()})
		walkApproving(t, w, "2025-08-30", "case_opened")
		if got, _ := fees(w, "F1"); len(got) != 0 || claims(w)["costs"] != 4_000 || claims(w)["fee"] != 0 {
			t.Errorf("fees %v, booked %v", got, claims(w))
		}
	})
	t.Run("R93 what puts a debtor in default is free", func(t *testing.T) {
		t.Parallel()
		no := false
		w := german(t, sdk.Business, dunning.LawSettings{DueAgreed: &no, ReminderFee: "2.50"})
		walkApproving(t, w, "2025-08-01", "final_reminder")
		if got, _ := fees(w, "F1"); len(got) != 0 {
			t.Errorf("the Mahnung that puts in default cost %v", got)
		}
	})
	t.Run("R93 a consumer's case has the fees and no costs", func(t *testing.T) {
		t.Parallel()
		w := german(t, sdk.Consumer, dunning.LawSettings{DueAgreed: yes(), ReminderFee: "1.30"})
		walkApproving(t, w, "2025-10-30", "case_opened")
		got, _ := fees(w, "F1")
		if !slices.Equal(got, []string{"charged 1.30", "taken_over -1.30"}) || claims(w)["fee"] != 130 || claims(w)["costs"] != 0 {
			t.Errorf("fees %v, booked %v", got, claims(w))
		}
	})
	t.Run("R93 the Dutch law has no such fee, whatever was filled in", func(t *testing.T) {
		t.Parallel()
		w := abroad(t, "2025-03-03 07:00", "NL", "nl", "EUR", "b2b-nl", "b2c-nl", db.SetLawParams{ReminderFeeMinor: 1_000})
		w.Books.Put(local(sdk.Consumer, "NL", "nl"), bill("F1", "2025-03-03", "2025-03-17", money.EUR(100_000)))
		w.Books.Sync()
		walkApproving(t, w, "2025-06-30", "case_opened")
		if got, _ := fees(w, "F1"); len(got) != 0 || claims(w)["fee"] != 0 {
			t.Errorf("fees %v", got)
		}
	})
}

func TestBelgianFee(t *testing.T) {
	t.Parallel()
	t.Run("R47 R95 the fourth first reminder of a year under regular supply costs something and says so", func(t *testing.T) {
		t.Parallel()
		w := abroad(t, "2025-03-03 07:00", "BE", "nl", "EUR", "b2b-be", "b2c-be", db.SetLawParams{})
		setLaw(t, w, dunning.LawSettings{CostsClause: true, Supplies: "brood", RecurringSupply: true, ReminderFee: "9"})
		for i, due := range []string{"2025-03-10", "2025-03-31", "2025-04-21", "2025-05-12"} {
			id := "F" + string(rune('4'-i))
			w.Books.Put(local(sdk.Consumer, "BE", "nl"), bill(id, "2025-03-03", due, money.EUR(20_000)))
		}
		w.Books.Sync()
		walkApproving(t, w, "2025-07-30", "fourteen_day_letter")
		for _, id := range []string{"F2", "F3", "F4"} {
			if got, _ := fees(w, id); len(got) != 0 {
				t.Errorf("the reminder of %s cost %v; three are free", id, got)
			}
		}
		if got, list := fees(w, "F1"); !slices.Equal(got, []string{"charged 7.50"}) || list[0].Law != "BE" {
			t.Fatalf("fees %v, want the 7.50 of the law", got)
		}
		text := said(w, "fourteen_day_letter")
		for _, want := range []string{"met € 7,50 voor deze herinnering", "€ 207,50", "Pas daarna kunnen andere kosten"} {
			if !strings.Contains(text, want) {
				t.Errorf("the reminder does not say %q:\n%s", want, text)
			}
		}
		if strings.Contains(text, "herinnering is gratis") {
			t.Error("it calls itself free")
		}
	})
}
