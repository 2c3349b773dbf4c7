package dunning_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	subledger "github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func setLaw(t *testing.T, w *dunningtest.World, s dunning.LawSettings) {
	t.Helper()
	w.In(func(tx store.Tx) error { return w.Planner.SetLaw(context.Background(), tx, w.Adm, s, "anna") })
}

func TestSetLaw(t *testing.T) {
	t.Parallel()
	t.Run("R95 what was held for want of a term goes on, and what was sent stays sent", func(t *testing.T) {
		t.Parallel()
		w := abroad(t, "2025-03-03 07:00", "BE", "nl", "EUR", "b2b-be", "b2c-be", db.SetLawParams{})
		w.Books.Put(local(sdk.Consumer, "BE", "nl"), bill("F1", "2025-03-03", "2025-03-17", money.EUR(100_000)))
		w.Books.Sync()
		walkApproving(t, w, "2025-05-01", "")
		before, sent := w.State("F1"), w.Sent("F1")
		if before.HeldRule != "R95" || len(sent) == 0 {
			t.Fatalf("held by %q: %s, sent %v", before.HeldRule, before.HeldWhy, sent)
		}
		setLaw(t, w, dunning.LawSettings{CostsClause: true, Supplies: "brood"})
		after := w.State("F1")
		if after.HeldRule == "R95" || after.PlanVersion <= before.PlanVersion || after.NextStep != before.NextStep {
			t.Errorf("planned %s at %v, held by %q, version %d after %d", after.NextStep, after.NextAt, after.HeldRule, after.PlanVersion, before.PlanVersion)
		}
		walkApproving(t, w, "2025-05-20", "fourteen_day_letter")
		if now := w.Sent("F1"); !slices.Equal(now[:len(sent)], sent) || !strings.Contains(said(w, "fourteen_day_letter"), "brood") {
			t.Errorf("sent %v after %v", now, sent)
		}
		once(t, w)
	})
	t.Run("R93 R118 a notice of another law gives no costs: one by the law that holds now follows", func(t *testing.T) {
		t.Parallel()
		w := abroad(t, "2025-03-03 07:00", "NL", "nl", "EUR", "b2b-nl", "b2c-nl", db.SetLawParams{CostsClause: true, Supplies: "brood"})
		w.In(func(tx store.Tx) error {
			_, err := tx.Exec(context.Background(), "update administration set registration = '0123.456.789'")
			return err
		})
		w.Books.Put(local(sdk.Consumer, "NL", "nl"), bill("F1", "2025-03-03", "2025-03-17", money.EUR(100_000)))
		w.Books.Sync()
		walkApproving(t, w, "2025-04-30", "fourteen_day_letter")
		dutch, sent := message(w, "F1", "fourteen_day_letter"), w.Sent("F1")
		setLaw(t, w, dunning.LawSettings{Country: "BE", CostsClause: true, Supplies: "brood"})
		s := w.State("F1")
		if s.NextStep != "fourteen_day_letter" {
			t.Fatalf("next is %s at %v, held by %q: %s", s.NextStep, s.NextAt, s.HeldRule, s.HeldWhy)
		}
		if got := notices(w); len(got) != 1 || !got[0].void {
			t.Errorf("notices %+v", got)
		}
		walkApproving(t, w, "2025-08-30", "case_opened")
		got := notices(w)
		if len(got) != 2 || got[1].void || got[1].costs != 9_000 {
			t.Fatalf("notices %+v", got)
		}
		if claims(w)["costs"] != 9_000 {
			t.Errorf("booked %v, want the Belgian compensation", claims(w))
		}
		if again := w.Messages("F1"); !slices.ContainsFunc(again, func(m db.Message) bool { return m.ID == dutch.ID && m.BodyText == dutch.BodyText }) || !slices.Equal(w.Sent("F1")[:len(sent)], sent) {
			t.Error("what was sent is not kept as it was")
		}
	})
	t.Run("R91 R93 a case keeps the law that it was opened under", func(t *testing.T) {
		t.Parallel()
		w := abroad(t, "2025-03-03 07:00", "NL", "nl", "EUR", "b2b-nl", "b2c-nl", db.SetLawParams{})
		w.Books.Put(local(sdk.Business, "NL", "nl"), bill("F1", "2025-03-03", "2025-03-17", money.EUR(100_000)))
		w.Books.Sync()
		walkApproving(t, w, "2025-05-30", "case_opened")
		costs := claims(w)["costs"]
		setLaw(t, w, dunning.LawSettings{Country: "DE"})
		if got := claims(w)["costs"]; got != costs || costs != 15_000 {
			t.Errorf("costs %d, were %d", got, costs)
		}
		walkApproving(t, w, "2025-07-30", "summons_2")
		if text := said(w, "summons_2"); strings.Contains(text, "BGB") || !strings.Contains(text, "€ 150,00") {
			t.Errorf("the case changed its law:\n%s", text)
		}
	})
	t.Run("R91 R118 a case keeps the agreed rate and the clause of its opening", func(t *testing.T) {
		t.Parallel()
		w := abroad(t, "2025-03-03 07:00", "BE", "nl", "EUR", "b2b-be", "b2c-be", db.SetLawParams{})
		setLaw(t, w, dunning.LawSettings{CostsClause: true, Supplies: "brood", AgreedRateConsumer: "6"})
		w.Books.Put(local(sdk.Consumer, "BE", "nl"), bill("F1", "2025-03-03", "2025-03-17", money.EUR(100_000)))
		w.Books.Sync()
		walkApproving(t, w, "2025-06-30", "case_opened")
		stands := func() (s subledger.State) {
			w.In(func(tx store.Tx) error {
				list, err := tx.Cases(context.Background())
				if err != nil {
					return err
				}
				f, err := subledger.Load(context.Background(), tx, list[0].ID)
				if err != nil {
					return err
				}
				if s, err = f.Today(date.MustParse("2025-12-31")); err != nil {
					return err
				}
				_, err = subledger.SettleOne(context.Background(), tx, list[0].ID, w.Clock.Now())
				return err
			})
			return s
		}
		before := stands()
		setLaw(t, w, dunning.LawSettings{Supplies: "brood", AgreedRateConsumer: "1"})
		after := stands()
		if before.Interest == 0 || after.Interest != before.Interest || after.Costs != before.Costs || after.Costs != 9_000 {
			t.Errorf("costs %d and interest %d, were %d and %d", after.Costs, after.Interest, before.Costs, before.Interest)
		}
		if got := claims(w); got["costs"] != 9_000 {
			t.Errorf("booked %v", got)
		}
		// A new case follows the terms of today.
		w.Books.Put(local(sdk.Consumer, "BE", "nl"), bill("F2", "2025-07-03", "2025-07-17", money.EUR(100_000)))
		w.Books.Sync()
		walkApproving(t, w, "2025-11-30", "")
		if got := claims(w); got["costs"] != 9_000 {
			t.Errorf("a case without the clause booked %v", got)
		}
	})
}
