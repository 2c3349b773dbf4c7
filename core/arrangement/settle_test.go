package arrangement_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
)

func holdOf(w *dunningtest.World, reason receivable.HoldReason) dunning.HoldRequest {
	return dunning.HoldRequest{Scope: dunning.OfDebtor, ID: w.DebtorID("jan"), Reason: reason, By: "anna"}
}

func dispute(w *dunningtest.World, d *arrangement.Desk, minor int64) (id uuid.UUID) {
	w.T.Helper()
	w.In(func(tx store.Tx) (err error) {
		id, err = d.Dispute(ctx, tx, arrangement.NewDispute{Invoice: w.ID("F1"), Amount: money.EUR(minor), Reason: "price", Lines: "regel 2", Note: "Te duur", By: "debtor"})
		return err
	})
	return id
}

func resolve(w *dunningtest.World, d *arrangement.Desk, id uuid.UUID, credit int64) {
	w.T.Helper()
	w.In(func(tx store.Tx) error {
		return d.Resolve(ctx, tx, arrangement.Resolution{Dispute: id, Credit: money.EUR(credit), Text: "Wij hebben het nagekeken.", By: "anna"})
	})
}

func TestDispute(t *testing.T) {
	t.Parallel()
	t.Run("R70 only the disputed amount stops", func(t *testing.T) {
		t.Parallel()
		w, d := world(t, sdk.Business)
		w.Walk("2026-03-18 10:00")
		dispute(w, d, 30_000)
		w.Walk("2026-03-20 00:00")
		text := body(t, w, "F1", "reminder_1")
		if !strings.Contains(text, "€ 700,00") || !strings.Contains(text, "niet gevraagd: € 300,00") || strings.Contains(text, "Betaal € 1.000,00") {
			t.Errorf("the reminder says:\n%s", text)
		}
		w.Walk("2026-04-20 00:00") // a case of the undisputed part
		s := w.State("F1")
		if s.Phase != "case" {
			t.Fatalf("phase %s: %v", s.Phase, w.Story("F1"))
		}
		w.In(func(tx store.Tx) error {
			rows, err := tx.LedgerCases(ctx, []uuid.UUID{w.DebtorID("jan")})
			if err == nil && (len(rows) != 1 || rows[0].PrincipalMinor != 70_000) {
				t.Errorf("the case is about %+v", rows)
			}
			return err
		})
	})
	t.Run("R70 all of it stops all of it, until what is undisputed is paid", func(t *testing.T) {
		t.Parallel()
		w, d := world(t, sdk.Business)
		w.Walk("2026-03-18 10:00")
		dispute(w, d, 0)
		if s := w.State("F1"); s.HeldRule != "R70" || s.NextAt != nil {
			t.Errorf("held by %q until %v", s.HeldRule, s.NextAt)
		}
	})
	t.Run("R71 past its deadline it escalates inside and goes on holding", func(t *testing.T) {
		t.Parallel()
		w, d := world(t, sdk.Business)
		w.Walk("2026-03-18 10:00")
		id := dispute(w, d, 0)
		w.Walk("2026-06-01 00:00")
		if !slices.Contains(tasks(w), "dispute_late") || w.State("F1").HeldRule != "R70" || !slices.Equal(w.Sent("F1"), []string{"invoice", "dispute_received"}) {
			t.Errorf("tasks %v, held by %q, sent %v", tasks(w), w.State("F1").HeldRule, w.Sent("F1"))
		}
		w.In(func(tx store.Tx) error {
			return d.Assign(ctx, tx, id, uuid.NullUUID{}, day("2026-06-05"), "anna")
		})
		if slices.Contains(tasks(w), "dispute_late") {
			t.Error("a new deadline leaves the task")
		}
	})
	t.Run("R72 rejected, the debtor has a fresh term and the statutory notice goes again", func(t *testing.T) {
		t.Parallel()
		w, d := world(t, sdk.Consumer)
		w.Walk("2026-04-08 00:00")
		notices := func() (live, void int) {
			w.In(func(tx store.Tx) error {
				return tx.QueryRow(ctx, "select count(*) filter (where void_at is null), count(*) filter (where void_at is not null) from notice").Scan(&live, &void)
			})
			return live, void
		}
		if live, _ := notices(); live != 1 {
			t.Fatalf("no statutory notice yet: %v", w.Story("F1"))
		}
		id := dispute(w, d, 0)
		w.Walk("2026-04-14 10:00")
		resolve(w, d, id, 0)
		if live, void := notices(); live != 0 || void != 1 {
			t.Fatalf("%d notices stand, %d are void", live, void)
		}
		s := w.State("F1")
		if s.NextStep != "fourteen_day_letter" || s.NextAt == nil || s.NextAt.Before(dunningtest.At("2026-04-22 00:00")) {
			t.Errorf("next is %s at %v", s.NextStep, s.NextAt)
		}
		w.Walk("2026-05-10 00:00")
		if live, _ := notices(); live != 1 {
			t.Errorf("it was not sent again: %v", w.Story("F1"))
		}
		if text := body(t, w, "F1", "dispute_answered"); !strings.Contains(text, "Wij hebben het nagekeken.") || !strings.Contains(text, "21 april 2026") {
			t.Errorf("the debtor was told %s", text)
		}
	})
	t.Run("R73 accepted in part, the rest goes on; what is credited is not asked meanwhile", func(t *testing.T) {
		t.Parallel()
		w, d := world(t, sdk.Business)
		w.Walk("2026-03-18 10:00")
		id := dispute(w, d, 50_000)
		resolve(w, d, id, 30_000)
		if !slices.Contains(tasks(w), "credit_note") {
			t.Errorf("tasks %v", tasks(w))
		}
		w.Walk("2026-03-31 00:00")
		if text := body(t, w, "F1", "reminder_1"); !strings.Contains(text, "€ 700,00") {
			t.Errorf("before the credit note:\n%s", text)
		}
		w.Books.Change("F1", func(i *sdk.Invoice) { i.Open, i.Total = money.EUR(70_000), money.EUR(70_000) })
		w.Books.Sync()
		w.Walk("2026-04-01 12:00")
		if slices.Contains(tasks(w), "credit_note") {
			t.Errorf("the credit note is in, tasks %v", tasks(w))
		}
		w.Walk("2026-04-12 00:00")
		if text := body(t, w, "F1", "reminder_2"); !strings.Contains(text, "€ 700,00") || strings.Contains(text, "niet gevraagd") {
			t.Errorf("after the credit note:\n%s", text)
		}
	})
	t.Run("R74 the whole invoice stays in what is owed", func(t *testing.T) {
		t.Parallel()
		w, d := world(t, sdk.Business)
		w.Walk("2026-03-18 10:00")
		dispute(w, d, 30_000)
		w.In(func(tx store.Tx) error {
			s, err := w.Planner.Standing(ctx, tx, w.DebtorID("jan"))
			if o, ok := s.Of(w.ID("F1")); !ok || o.Claim.Open() != money.EUR(100_000) || o.Claim.Ask() != money.EUR(70_000) || o.Claim.Disputed != money.EUR(30_000) {
				t.Errorf("%+v", o.Claim)
			}
			return err
		})
	})
	t.Run("it is decided once", func(t *testing.T) {
		t.Parallel()
		w, d := world(t, sdk.Business)
		w.Walk("2026-03-18 10:00")
		id := dispute(w, d, 0)
		w.In(func(tx store.Tx) error { return d.WithdrawDispute(ctx, tx, id, "debtor") })
		err := w.Store.In(ctx, w.Tenant, func(tx store.Tx) error {
			return d.Resolve(ctx, tx, arrangement.Resolution{Dispute: id, Text: "x", By: "anna"})
		})
		if !fault.Is(err, fault.Conflict) || w.State("F1").HeldRule != "" {
			t.Errorf("%v, held by %q", err, w.State("F1").HeldRule)
		}
	})
}

func TestPaidAlready(t *testing.T) {
	t.Parallel()
	claim := func(t *testing.T) (*dunningtest.World, uuid.UUID) {
		w, d := world(t, sdk.Business)
		w.Walk("2026-03-18 10:00")
		var id uuid.UUID
		w.In(func(tx store.Tx) (err error) {
			id, err = d.PaidAlready(ctx, tx, arrangement.NewPaidClaim{Invoice: w.ID("F1"), PaidOn: day("2026-03-16"), By: "debtor"})
			return err
		})
		if s := w.State("F1"); s.HeldRule != "R61" || s.NextAt == nil || !s.NextAt.Equal(dunningtest.At("2026-03-25 09:00")) {
			t.Fatalf("held by %q until %v", s.HeldRule, s.NextAt)
		}
		return w, id
	}
	state := func(w *dunningtest.World, id uuid.UUID) (c db.PaidClaimRow) {
		w.In(func(tx store.Tx) (err error) {
			c, err = tx.PaidClaim(ctx, id)
			return err
		})
		return c
	}
	t.Run("R61 the money shows up", func(t *testing.T) {
		t.Parallel()
		w, id := claim(t)
		w.Walk("2026-03-20 10:00")
		w.Books.Pay("F1", 100_000, day("2026-03-16"))
		w.Books.Sync()
		w.Walk("2026-04-10 00:00")
		if c := state(w, id); c.State != "matched" || slices.Contains(tasks(w), "paid_claim") || len(w.Sent("F1")) != 1 {
			t.Errorf("it is %s, tasks %v, sent %v", c.State, tasks(w), w.Sent("F1"))
		}
	})
	t.Run("R61 it does not: a task, a question, and the flow goes on", func(t *testing.T) {
		t.Parallel()
		w, id := claim(t)
		w.Walk("2026-04-10 00:00")
		if c := state(w, id); c.State != "not_found" || !slices.Contains(tasks(w), "paid_claim") {
			t.Errorf("it is %s, tasks %v", c.State, tasks(w))
		}
		body(t, w, "F1", "paid_not_found")
		if got := w.Sent("F1"); !slices.Contains(got, "reminder_1") && !slices.Contains(got, "reminder_2") {
			t.Errorf("sent %v", got)
		}
	})
}

func TestLegalStop(t *testing.T) {
	t.Parallel()
	stop := func(w *dunningtest.World, d *arrangement.Desk, kind arrangement.StopKind, on string) (id uuid.UUID) {
		w.In(func(tx store.Tx) (err error) {
			id, err = d.Stop(ctx, tx, arrangement.NewStop{Debtor: w.DebtorID("jan"), Kind: kind, EffectiveOn: day(on), Source: "letter", By: "anna"})
			return err
		})
		return id
	}
	for _, kind := range arrangement.StopKinds() {
		t.Run("R97 "+string(kind)+" stops all pressure and opens a legal task", func(t *testing.T) {
			t.Parallel()
			w, d := world(t, sdk.Business)
			w.Walk("2026-03-18 10:00")
			id := stop(w, d, kind, "2026-03-17")
			w.Walk("2026-05-01 00:00")
			if s := w.State("F1"); s.HeldRule != "R97" || len(w.Sent("F1")) != 1 || !slices.Contains(tasks(w), "legal") {
				t.Errorf("held by %q, sent %v, tasks %v", s.HeldRule, w.Sent("F1"), tasks(w))
			}
			w.In(func(tx store.Tx) error { return d.Lift(ctx, tx, id, "The decision was annulled.", "anna") })
			s := w.State("F1")
			if s.HeldRule != "" || s.NextAt == nil || s.NextAt.Before(dunningtest.At("2026-05-08 00:00")) || slices.Contains(tasks(w), "legal") {
				t.Errorf("after lifting it is held by %q, next at %v, tasks %v", s.HeldRule, s.NextAt, tasks(w))
			}
		})
	}
	t.Run("R97 interest is presented as of the stop", func(t *testing.T) {
		t.Parallel()
		w, d := world(t, sdk.Business)
		w.Walk("2026-04-20 00:00")
		interest := func() (a money.Amount) {
			w.In(func(tx store.Tx) error {
				s, err := w.Planner.Standing(ctx, tx, w.DebtorID("jan"))
				if err != nil {
					return err
				}
				_, a, err = s.Charges(ctx, tx, []uuid.UUID{w.ID("F1")})
				return err
			})
			return a
		}
		stop(w, d, arrangement.Bankruptcy, "2026-04-20")
		at := interest()
		w.Walk("2026-08-01 00:00")
		if got := interest(); got != at || !at.Positive() {
			t.Errorf("interest grew from %s to %s", at, got)
		}
	})
	t.Run("R97 a breathing space ends in a question, not by itself", func(t *testing.T) {
		t.Parallel()
		w, d := world(t, sdk.Consumer)
		w.Walk("2026-03-18 10:00")
		stop(w, d, arrangement.BreathingSpace, "2026-03-17")
		w.Walk("2026-09-20 00:00")
		if !slices.Contains(tasks(w), "legal_end") || w.State("F1").HeldRule != "R97" {
			t.Errorf("tasks %v, held by %q", tasks(w), w.State("F1").HeldRule)
		}
	})
	t.Run("R97 no plan is made during one", func(t *testing.T) {
		t.Parallel()
		w, d := world(t, sdk.Business)
		w.Walk("2026-03-18 10:00")
		stop(w, d, arrangement.DebtRelief, "2026-03-17")
		err := w.Store.In(ctx, w.Tenant, func(tx store.Tx) error {
			_, _, err := d.Propose(ctx, tx, arrangement.NewPlan{Debtor: w.DebtorID("jan"), Invoices: []uuid.UUID{w.ID("F1")}, Number: 3, First: day("2026-04-01"), Every: arrangement.Monthly, By: "anna"})
			return err
		})
		if err == nil || fault.Of(err).Code != "legal_stop" {
			t.Errorf("%v", err)
		}
	})
}
