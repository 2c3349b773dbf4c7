package claim_test

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/payment"
	"github.com/voldaan/voldaan/core/payment/statement"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// inCase is a world with a case over F1 of 3,000.00, opened on 15 April with
// 425.00 costs.
func inCase(t *testing.T, more ...sdk.Invoice) (*dunningtest.World, uuid.UUID) {
	t.Helper()
	w := dunningtest.New(t, "2026-03-02 07:00")
	w.Books.Put(dunningtest.Debtor("jan", sdk.Business), append(more, dunningtest.Invoice("F1", "jan", "2026-03-02", "2026-03-16", 300_000))...)
	w.Books.Sync()
	w.Walk("2026-04-16 00:00")
	return w, theCase(w)
}

func theCase(w *dunningtest.World) (id uuid.UUID) {
	w.In(func(tx store.Tx) error {
		all, err := tx.Cases(context.Background())
		if len(all) != 1 {
			w.T.Fatalf("%d cases", len(all))
		}
		id = all[0].ID
		return err
	})
	return id
}

// standing is a case as it is on record, with its state at the end of the day.
func standing(w *dunningtest.World, id uuid.UUID) (row db.CollectionCase, s claim.State) {
	w.In(func(tx store.Tx) (err error) {
		if row, err = tx.CaseByID(context.Background(), id); err != nil {
			return err
		}
		f, err := claim.Load(context.Background(), tx, id)
		if err != nil {
			return err
		}
		s, err = f.Today(date.Of(w.Clock.Now().In(dunningtest.Amsterdam)))
		return err
	})
	return row, s
}

// entries sums the ledger of a case by kind.
func entries(w *dunningtest.World, id uuid.UUID) map[string]int64 {
	out := map[string]int64{}
	w.In(func(tx store.Tx) error {
		list, err := tx.ClaimEntries(context.Background(), id)
		for _, e := range list {
			out[e.Kind] += e.AmountMinor
		}
		return err
	})
	return out
}

func openTasks(w *dunningtest.World) (kinds []string) {
	w.In(func(tx store.Tx) error {
		list, err := tx.OpenTasks(context.Background())
		for _, t := range list {
			kinds = append(kinds, t.Kind)
		}
		return err
	})
	return kinds
}

// transfer imports a bank statement with one payment.
func transfer(w *dunningtest.World, reference, text string, cents int64) {
	w.T.Helper()

	s, err := statement.Compose("NL91ABNA0417164300", reference, "1", date.Of(w.Clock.Now().In(dunningtest.Amsterdam)), money.EUR(0),
		statement.Line{Amount: money.EUR(cents), CounterpartyName: "Jan", Text: text, BankReference: reference})
	if err != nil {
		w.T.Fatal(err)
	}
	var file bytes.Buffer
	if err := statement.WriteCAMT053(&file, w.Clock.Now(), s); err != nil {
		w.T.Fatal(err)
	}
	bank := payment.Bank{Store: w.Store, Planner: w.Planner, Clock: w.Now}
	if rep, err := bank.Import(context.Background(), w.Tenant, w.Adm, reference+".xml", &file); err != nil || rep.Matched != 1 {
		w.T.Fatalf("statement: %+v, %v", rep, err)
	}
}

func open(w *dunningtest.World, number string) (n int64) {
	w.In(func(tx store.Tx) (err error) {
		n, err = tx.OpenOf(context.Background(), w.ID(number))
		return err
	})
	return n
}

func TestSettle(t *testing.T) {
	t.Parallel()
	t.Run("R30 a part payment by bank goes to costs and interest first", func(t *testing.T) {
		t.Parallel()
		w, id := inCase(t)
		w.Clock.Set(dunningtest.At("2026-04-17 10:00"))
		_, before := standing(w, id)
		transfer(w, "B1", "zaak Z2026-0001", 50_000)
		row, s := standing(w, id)
		if s.Costs != 0 || s.Interest != 0 || s.Total() != before.Total()-50_000 {
			t.Errorf("open are %d, %d, %d; before %d in all", s.Costs, s.Interest, s.Principal, before.Total())
		}
		if open(w, "F1") != s.Principal || row.ChargesMinor != 0 || row.PrincipalMinor != s.Principal {
			t.Errorf("F1 asks %d, the case %d", open(w, "F1"), s.Principal)
		}
		e := entries(w, id)
		if e["costs"]+e["interest"]+e["payment"] != 0 || e["payment"] != -42_500-before.Interest {
			t.Errorf("entries %v", e)
		}
		// The same payment from the books changes nothing.
		w.Books.Pay("F1", 50_000, date.MustParse("2026-04-17"))
		w.Books.Sync()
		if _, again := standing(w, id); again.Total() != s.Total() || again.Principal != s.Principal || open(w, "F1") != s.Principal {
			t.Errorf("after the books: %d, was %d", again.Total(), s.Total())
		}
	})
	t.Run("R30 the creditor puts the principal first, and that is logged", func(t *testing.T) {
		t.Parallel()
		w, id := inCase(t)
		w.In(func(tx store.Tx) error {
			p := claim.Cautious()
			p.Ordering = law.PrincipalFirst
			return claim.SetPolicy(context.Background(), tx, w.Adm, p, w.Clock.Now(), "anna")
		})
		w.Clock.Set(dunningtest.At("2026-04-17 10:00"))
		transfer(w, "B1", "zaak Z2026-0001", 50_000)
		if _, s := standing(w, id); s.Costs != 42_500 || s.Principal != 250_000 {
			t.Errorf("open are %d and %d", s.Costs, s.Principal)
		}
		w.In(func(tx store.Tx) error {
			var n int
			err := tx.QueryRow(context.Background(), "select count(*) from audit where action = 'case_principal_first'").Scan(&n)
			if n != 1 {
				t.Errorf("%d lines of audit", n)
			}
			return err
		})
	})
	t.Run("R105 payment of all closes the case in the same run, with every step", func(t *testing.T) {
		t.Parallel()
		w, id := inCase(t)
		w.Clock.Set(dunningtest.At("2026-04-17 10:00"))
		_, s := standing(w, id)
		transfer(w, "B1", "zaak Z2026-0001", s.Total())
		row, after := standing(w, id)
		if row.State != "closed" || row.ClosedCode != claim.Paid || after.Total() != 0 {
			t.Errorf("the case is %s (%s), %d open", row.State, row.ClosedCode, after.Total())
		}
		if k := w.State("F1"); k.Phase != "closed" || k.NextStep != "" || k.NextAt != nil {
			t.Errorf("F1 is in phase %s, next %q", k.Phase, k.NextStep)
		}
		sent := len(w.Mail.Received())
		w.Walk("2026-07-01 00:00")
		if len(w.Mail.Received()) != sent || slices.Contains(openTasks(w), "costs_open") {
			t.Errorf("%d messages after it was paid; tasks %v", len(w.Mail.Received())-sent, openTasks(w))
		}
	})
	t.Run("R105 what came up in interest since the last letter is let go", func(t *testing.T) {
		t.Parallel()
		w, id := inCase(t)
		_, s := standing(w, id)
		w.Clock.Set(dunningtest.At("2026-04-21 10:00"))
		transfer(w, "B1", "zaak Z2026-0001", s.Total())
		row, _ := standing(w, id)
		if row.State != "closed" || entries(w, id)["waiver"] >= 0 {
			t.Errorf("the case is %s, entries %v", row.State, entries(w, id))
		}
	})
	t.Run("R36 principal paid, costs open: interest stops, the case stays", func(t *testing.T) {
		t.Parallel()
		w, id := inCase(t)
		w.Books.Pay("F1", 300_000, date.MustParse("2026-04-16"))
		w.Books.Sync()
		w.Clock.Set(dunningtest.At("2026-06-16 10:00"))
		row, s := standing(w, id)
		want := interest(t, 300_000, "2026-03-17", "2026-04-16")
		if row.State != "open" || s.Principal != 0 || s.Costs != 42_500 || s.Interest != want || row.CostsOnlySince.IsZero() {
			t.Errorf("the case is %s: %d, %d, %d; interest should be %d", row.State, s.Principal, s.Costs, s.Interest, want)
		}
		if k := w.State("F1"); k.Phase != "closed" {
			t.Errorf("F1, which the books call paid, is in phase %s", k.Phase)
		}
	})
	t.Run("R91 a charge-back opens the case again, without new costs", func(t *testing.T) {
		t.Parallel()
		w, id := inCase(t)
		w.Clock.Set(dunningtest.At("2026-04-17 10:00"))
		_, s := standing(w, id)
		transfer(w, "B1", "zaak Z2026-0001", s.Total())
		w.In(func(tx store.Tx) error {
			ctx := context.Background()
			now := w.Clock.Now()
			if _, err := tx.Exec(ctx, "update payment set state = 'reversed'"); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, "update allocation set reversed_at = $1", now); err != nil {
				return err
			}
			return w.Planner.Replan(ctx, tx, []uuid.UUID{w.ID("F1")})
		})
		row, again := standing(w, id)
		if row.State != "open" || again.Costs != 42_500 || again.Principal != 300_000 {
			t.Errorf("the case is %s, %d of costs and %d of principal", row.State, again.Costs, again.Principal)
		}
		w.Walk("2026-07-01 00:00")
		if e := entries(w, id); e["costs"] != 42_500 {
			t.Errorf("costs were charged again: %v", e)
		}
		theCase(w)
	})
	t.Run("R42 a credit note for a part takes costs and interest down from the start", func(t *testing.T) {
		t.Parallel()
		w, id := inCase(t)
		note := dunningtest.Invoice("C1", "jan", "2026-04-20", "2026-04-20", -200_000)
		note.Kind, note.Credits, note.Open, note.Status = sdk.CreditNote, "F1", money.EUR(0), sdk.Paid
		w.Books.Put(dunningtest.Debtor("jan", sdk.Business), note)
		w.Books.Change("F1", func(i *sdk.Invoice) { i.Open = money.EUR(100_000) })
		w.Clock.Set(dunningtest.At("2026-04-20 10:00"))
		w.Books.Sync()
		_, s := standing(w, id)
		if want := interest(t, 100_000, "2026-03-17", "2026-04-20"); s.Costs != 15_000 || s.Principal != 100_000 || s.Interest != want {
			t.Errorf("open are %d of costs, %d of interest (want %d) and %d", s.Costs, s.Interest, want, s.Principal)
		}
	})
	t.Run("R27 cancelled in the books: the case is withdrawn, its costs cancelled", func(t *testing.T) {
		t.Parallel()
		w, id := inCase(t)
		w.Books.Change("F1", func(i *sdk.Invoice) { i.Status, i.Open = sdk.Void, money.EUR(0) })
		w.Books.Sync()
		row, _ := standing(w, id)
		if row.State != "closed" || row.ClosedCode != claim.Withdrawn || entries(w, id)["costs"] != 0 {
			t.Errorf("the case is %s (%s), entries %v", row.State, row.ClosedCode, entries(w, id))
		}
	})
	t.Run("R27 one of two cancelled: costs over what is left", func(t *testing.T) {
		t.Parallel()
		w, id := inCase(t, dunningtest.Invoice("F2", "jan", "2026-03-02", "2026-03-16", 200_000))
		if e := entries(w, id); e["costs"] != 62_500 {
			t.Fatalf("entries %v", e)
		}
		w.Books.Change("F1", func(i *sdk.Invoice) { i.Status, i.Open = sdk.Void, money.EUR(0) })
		w.Books.Sync()
		if row, s := standing(w, id); row.State != "open" || s.Costs != 30_000 || s.Principal != 200_000 {
			t.Errorf("the case is %s with %d of costs and %d", row.State, s.Costs, s.Principal)
		}
	})
	t.Run("R24 a total that changes in a case waits for a person", func(t *testing.T) {
		t.Parallel()
		w, id := inCase(t)
		w.Books.Change("F1", func(i *sdk.Invoice) { i.Total, i.Open = money.EUR(250_000), money.EUR(250_000) })
		w.Books.Sync()
		if _, s := standing(w, id); s.Principal != 300_000 || !slices.Contains(openTasks(w), "case_changed") || w.State("F1").HeldRule != "R24" {
			t.Errorf("the case follows at once: %d, tasks %v, held by %q", s.Principal, openTasks(w), w.State("F1").HeldRule)
		}
		w.Books.Change("F1", func(i *sdk.Invoice) { i.Total, i.Open = money.EUR(300_000), money.EUR(300_000) })
		w.Books.Sync()
		if slices.Contains(openTasks(w), "case_changed") || w.State("F1").HeldRule == "R24" {
			t.Errorf("put right in the books, it still waits: %v", openTasks(w))
		}
	})
	t.Run("R106 an invoice that falls due later follows its own path", func(t *testing.T) {
		t.Parallel()
		w, id := inCase(t)
		w.Books.Put(dunningtest.Debtor("jan", sdk.Business), dunningtest.Invoice("F2", "jan", "2026-04-17", "2026-04-30", 50_000))
		w.Books.Sync()
		w.Walk("2026-05-08 00:00")
		if _, s := standing(w, id); len(s.Lines) != 1 {
			t.Errorf("the case claims %d invoices", len(s.Lines))
		}
		if k := w.State("F2"); k.Phase != "reminding" {
			t.Errorf("F2 is in phase %s", k.Phase)
		}
	})
	t.Run("R104 a waiver lowers the total at once", func(t *testing.T) {
		t.Parallel()
		w, id := inCase(t)
		_, before := standing(w, id)
		w.In(func(tx store.Tx) error {
			o, err := claim.Waive(context.Background(), tx, id, claim.Waiver{Costs: 42_500, Scope: claim.Final, Reason: "A good customer", By: "anna"}, w.Clock.Now())
			if err != nil {
				return err
			}
			return dunning.AfterSettling(context.Background(), tx, o, w.Clock.Now())
		})
		row, s := standing(w, id)
		if s.Total() != before.Total()-42_500 || row.ChargesMinor != s.Interest {
			t.Errorf("%d is owed, before %d", s.Total(), before.Total())
		}
	})
	t.Run("R97 the case of who is bankrupt presents interest as of the stop, until that is lifted", func(t *testing.T) {
		t.Parallel()
		w, id := inCase(t)
		_, before := standing(w, id)
		desk := &arrangement.Desk{Store: w.Store, Real: w.Clock, Planner: w.Planner, Teller: w.Steps}
		var stop uuid.UUID
		w.In(func(tx store.Tx) (err error) {
			stop, err = desk.Stop(context.Background(), tx, arrangement.NewStop{Debtor: w.DebtorID("jan"), Kind: arrangement.Bankruptcy, EffectiveOn: date.MustParse("2026-04-16"), Source: "insolventies.rechtspraak.nl", By: "anna"})
			return err
		})
		w.Clock.Set(dunningtest.At("2026-09-01 10:00"))
		if _, s := standing(w, id); s.Interest != before.Interest || s.Total() != before.Total() {
			t.Errorf("interest grew from %d to %d", before.Interest, s.Interest)
		}
		w.In(func(tx store.Tx) error { return desk.Lift(context.Background(), tx, stop, "Annulled", "anna") })
		if _, s := standing(w, id); s.Interest <= before.Interest {
			t.Errorf("interest of %d after the stop was lifted", s.Interest)
		}
	})
	t.Run("R70 what is disputed in a case bears no interest there", func(t *testing.T) {
		t.Parallel()
		w, id := inCase(t)
		_, before := standing(w, id)
		desk := &arrangement.Desk{Store: w.Store, Real: w.Clock, Planner: w.Planner, Teller: w.Steps}
		var dispute uuid.UUID
		w.In(func(tx store.Tx) (err error) {
			dispute, err = desk.Dispute(context.Background(), tx, arrangement.NewDispute{Invoice: w.ID("F1"), Reason: "price", By: "debtor"})
			return err
		})
		w.Clock.Set(dunningtest.At("2026-05-01 10:00"))
		if row, s := standing(w, id); row.State == "closed" || s.Interest != before.Interest || s.Principal != before.Principal {
			t.Errorf("the case is %s; interest went from %d to %d, principal from %d to %d", row.State, before.Interest, s.Interest, before.Principal, s.Principal)
		}
		w.In(func(tx store.Tx) error {
			return desk.Resolve(context.Background(), tx, arrangement.Resolution{Dispute: dispute, Credit: money.EUR(0), Text: "The price was agreed.", By: "anna"})
		})
		if _, s := standing(w, id); s.Interest <= before.Interest {
			t.Errorf("interest of %d after the dispute was rejected", s.Interest)
		}
	})
	t.Run("R82 a conditional waiver lapses with its plan", func(t *testing.T) {
		t.Parallel()
		w, id := inCase(t)
		w.In(func(tx store.Tx) error {
			_, err := claim.Waive(context.Background(), tx, id, claim.Waiver{Costs: 42_500, Scope: claim.Conditional, Plan: "p1", Reason: "When the plan is kept", By: "anna"}, w.Clock.Now())
			return err
		})
		w.In(func(tx store.Tx) error {
			_, err := claim.Revive(context.Background(), tx, id, "p1", w.Clock.Now(), "voldaan")
			return err
		})
		if _, s := standing(w, id); s.Costs != 42_500 {
			t.Errorf("costs of %d", s.Costs)
		}
	})
}
