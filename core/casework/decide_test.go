package casework_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/casework"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// yard is a world with a desk and one open case over F1 of 3,000.00 and what else
// is put in.
type yard struct {
	*dunningtest.World
	desk *casework.Desk
	id   uuid.UUID
}

func newYard(t *testing.T, kind sdk.PartyKind, until string, more ...sdk.Invoice) *yard {
	t.Helper()
	w := dunningtest.New(t, "2026-03-02 07:00")
	y := &yard{World: w, desk: &casework.Desk{Store: w.Store, Real: w.Clock, Planner: w.Planner, Teller: w.Steps}}
	w.Wakers[dunning.CaseMatter] = y.desk
	w.Books.Put(dunningtest.Debtor("jan", kind), append(more, dunningtest.Invoice("F1", "jan", "2026-03-02", "2026-03-16", 300_000))...)
	w.Books.Sync()
	w.Walk(until)
	w.In(func(tx store.Tx) error {
		all, err := tx.Cases(context.Background())
		if len(all) != 1 {
			t.Fatalf("%d cases", len(all))
		}
		y.id = all[0].ID
		return err
	})
	return y
}

func (y *yard) standing() (row db.CollectionCase, s claim.State) {
	y.In(func(tx store.Tx) (err error) {
		if row, err = tx.CaseByID(context.Background(), y.id); err != nil {
			return err
		}
		f, err := claim.Load(context.Background(), tx, y.id)
		if err != nil {
			return err
		}
		s, err = f.Today(date.Of(y.Clock.Now().In(dunningtest.Amsterdam)))
		return err
	})
	return row, s
}

// told are the messages of a step to the debtor.
func (y *yard) told(step string) (out []db.Message) {
	y.In(func(tx store.Tx) error {
		rows, err := tx.Query(context.Background(), "select id from message where step = $1 and state = 'sent' order by created_at", step)
		if err != nil {
			return err
		}
		var ids []uuid.UUID
		for rows.Next() {
			var id uuid.UUID
			if err := rows.Scan(&id); err != nil {
				return err
			}
			ids = append(ids, id)
		}
		for _, id := range ids {
			m, err := tx.Message(context.Background(), id)
			if err != nil {
				return err
			}
			out = append(out, m)
		}
		return rows.Err()
	})
	return out
}

func (y *yard) policy(p claim.Policy) {
	y.In(func(tx store.Tx) error {
		return claim.SetPolicy(context.Background(), tx, y.Adm, p, y.Clock.Now(), "anna")
	})
}

func TestDecide(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	t.Run("R104 who waived, why and how much is kept, and the debtor is told once", func(t *testing.T) {
		t.Parallel()
		y := newYard(t, sdk.Business, "2026-04-16 00:00")
		if err := y.desk.Waive(ctx, y.Tenant, y.id, claim.Waiver{Costs: 42_500, Scope: claim.Final, By: "anna"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("without a reason: %v", err)
		}
		if err := y.desk.Waive(ctx, y.Tenant, y.id, claim.Waiver{Costs: 42_500, Scope: claim.Final, Reason: "A good customer", By: "anna"}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := y.desk.Wake(ctx, y.Tenant, y.id); err != nil {
				t.Fatal(err)
			}
		}
		told := y.told("case_statement")
		if len(told) != 1 || !strings.Contains(told[0].BodyText, "Z2026-0001") {
			t.Fatalf("%d statements", len(told))
		}
		y.In(func(tx store.Tx) error {
			e, err := tx.LastCaseEvent(ctx, db.LastCaseEventParams{CaseID: y.id, Kind: "waived"})
			if e.Actor != "anna" || !strings.Contains(e.Text, "A good customer") || !strings.Contains(e.Text, "final") {
				t.Errorf("on record is %q by %s", e.Text, e.Actor)
			}
			return err
		})
	})
	t.Run("R24 a person confirms another total", func(t *testing.T) {
		t.Parallel()
		y := newYard(t, sdk.Business, "2026-04-16 00:00")
		y.Books.Change("F1", func(i *sdk.Invoice) { i.Total, i.Open = money.EUR(200_000), money.EUR(200_000) })
		y.Books.Sync()
		if err := y.desk.Confirm(ctx, y.Tenant, y.id, y.ID("F1"), "anna"); err != nil {
			t.Fatal(err)
		}
		if _, s := y.standing(); s.Principal != 200_000 || s.Costs != 30_000 {
			t.Errorf("it claims %d and %d of costs", s.Principal, s.Costs)
		}
		if y.State("F1").HeldRule == "R24" {
			t.Error("it is still held")
		}
		y.Walk("2026-04-17 12:00")
		if len(y.told("case_statement")) != 1 {
			t.Error("R42 no corrected statement went out")
		}
	})
	t.Run("R66 one invoice of a case is not paused alone", func(t *testing.T) {
		t.Parallel()
		y := newYard(t, sdk.Business, "2026-04-16 00:00", dunningtest.Invoice("F2", "jan", "2026-03-02", "2026-03-16", 200_000))
		y.In(func(tx store.Tx) error {
			_, err := y.Planner.Hold(ctx, tx, dunning.HoldRequest{Scope: dunning.OfInvoice, ID: y.ID("F2"), Reason: receivable.Paused, By: "anna"})
			if f := fault.Of(err); f == nil || f.Code != "invoice_in_case" {
				t.Errorf("the answer is %v", err)
			}
			return nil
		})
		if err := y.desk.TakeOut(ctx, y.Tenant, y.id, y.ID("F2"), "Sent to the wrong address", "anna"); err != nil {
			t.Fatal(err)
		}
		if _, s := y.standing(); s.Principal != 300_000 || s.Costs != 42_500 || len(s.Lines) != 1 {
			t.Errorf("the case claims %d with %d of costs", s.Principal, s.Costs)
		}
		if err := y.desk.Pause(ctx, y.Tenant, y.id, "A talk", dunningtest.At("2026-05-20 00:00"), "anna"); err != nil {
			t.Fatal(err)
		}
		if s := y.State("F1"); s.HeldRule != "R64" {
			t.Errorf("F1 is held by %q", s.HeldRule)
		}
	})
	t.Run("R36 costs that remain are waived after some days", func(t *testing.T) {
		t.Parallel()
		y := newYard(t, sdk.Business, "2026-04-16 00:00")
		p := claim.Cautious()
		p.CostsLeft, p.WaiveAfterDays = claim.WaiveLater, 20
		y.policy(p)
		y.Books.Pay("F1", 300_000, date.MustParse("2026-04-16"))
		y.Books.Sync()
		y.Walk("2026-05-05 00:00")
		if row, _ := y.standing(); row.State != "open" {
			t.Errorf("the case is %s before its day", row.State)
		}
		y.Walk("2026-05-08 00:00")
		if row, s := y.standing(); row.State != "closed" || s.Total() != 0 {
			t.Errorf("the case is %s with %d", row.State, s.Total())
		}
	})
	t.Run("R36 costs that remain are asked for, twice, and then a person decides", func(t *testing.T) {
		t.Parallel()
		y := newYard(t, sdk.Business, "2026-04-16 00:00")
		p := claim.Cautious()
		p.CostsLeft = claim.AskForThem
		y.policy(p)
		y.Books.Pay("F1", 300_000, date.MustParse("2026-04-16"))
		y.Books.Sync()
		y.Walk("2026-07-01 00:00")
		told := y.told("costs_remain")
		if len(told) != 2 || !strings.Contains(told[0].BodyText, "Dank u wel voor de betaling") {
			t.Errorf("%d messages", len(told))
		}
		var kinds []string
		y.In(func(tx store.Tx) error {
			list, err := tx.OpenTasks(ctx)
			for _, k := range list {
				kinds = append(kinds, k.Kind)
			}
			return err
		})
		if !slices.Contains(kinds, "costs_open") {
			t.Errorf("tasks %v", kinds)
		}
	})
	t.Run("R42 a credit note brings a corrected statement", func(t *testing.T) {
		t.Parallel()
		y := newYard(t, sdk.Business, "2026-04-16 00:00")
		note := dunningtest.Invoice("C1", "jan", "2026-04-20", "2026-04-20", -200_000)
		note.Kind, note.Credits, note.Open, note.Status = sdk.CreditNote, "F1", money.EUR(0), sdk.Paid
		y.Books.Put(dunningtest.Debtor("jan", sdk.Business), note)
		y.Books.Change("F1", func(i *sdk.Invoice) { i.Open = money.EUR(100_000) })
		y.Clock.Set(dunningtest.At("2026-04-20 10:00"))
		y.Books.Sync()
		y.Walk("2026-04-20 18:00")
		told := y.told("case_statement")
		if len(told) != 1 || !strings.Contains(strings.ReplaceAll(told[0].BodyText, "\u00a0", " "), "€ 150,00") {
			t.Fatalf("%d statements: %v", len(told), told)
		}
	})
}
