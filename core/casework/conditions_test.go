package casework_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/bailiff"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

func TestConditions(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	until := date.MustParse("2026-04-30")
	// waived has let go of all costs and interest until then.
	waived := func(t *testing.T) (*yard, claim.State, claim.State) {
		t.Helper()
		y := newYard(t, sdk.Business, "2026-04-16 00:00")
		_, before := y.standing()
		if err := y.desk.Waive(ctx, y.Tenant, y.id, claim.Waiver{Until: until, Reason: "If it is paid now", By: "anna"}); err != nil {
			t.Fatal(err)
		}
		_, after := y.standing()
		if after.Charges() != 0 || after.Principal != before.Principal {
			t.Fatalf("%d are left", after.Charges())
		}
		return y, before, after
	}
	t.Run("R104 what was waived until a day is owed again after it", func(t *testing.T) {
		t.Parallel()
		y, before, _ := waived(t)
		if told := y.told("case_statement"); len(told) == 0 {
			y.Walk("2026-04-17 12:00")
		}
		if told := y.told("case_statement"); len(told) != 1 || !strings.Contains(told[0].BodyText, "30 april 2026") {
			t.Errorf("%d statements: %+v", len(told), told)
		}
		y.Walk("2026-05-03 23:00")
		if _, s := y.standing(); s.Costs != 0 {
			t.Errorf("it lapsed before a payment in time could be known: %d", s.Costs)
		}
		y.Walk("2026-05-05 12:00")
		if _, s := y.standing(); s.Costs != before.Costs || s.Interest <= before.Interest {
			t.Errorf("costs %d, were %d; interest %d", s.Costs, before.Costs, s.Interest)
		}
		y.Walk("2026-05-06 12:00")
		if told := y.told("case_statement"); len(told) != 2 {
			t.Errorf("%d statements", len(told))
		}
	})
	t.Run("R104 paid by the day, the waiver stays and the case closes", func(t *testing.T) {
		t.Parallel()
		y, _, after := waived(t)
		y.Books.Pay("F1", after.Total(), date.MustParse("2026-04-30"))
		y.Clock.Set(dunningtest.At("2026-05-02 10:00"))
		y.Books.Sync()
		y.Walk("2026-05-06 12:00")
		if row, s := y.standing(); row.State != "closed" || s.Total() != 0 {
			t.Errorf("the case is %s, %d are open", row.State, s.Total())
		}
	})
	t.Run("R104 a day in the past, or the same day twice, is refused", func(t *testing.T) {
		t.Parallel()
		y, _, _ := waived(t)
		if err := y.desk.Waive(ctx, y.Tenant, y.id, claim.Waiver{Costs: 1, Until: date.MustParse("2026-04-01"), Reason: "x", By: "anna"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v", err)
		}
	})
}

func TestChoose(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	t.Run("R108 the bailiff of the case goes before that of its books and the standard one", func(t *testing.T) {
		t.Parallel()
		y, b := withBailiff(t, "2026-05-18 00:00")
		y.contract()
		standard := y.bailiff(func(p *db.PutBailiffParams) { p.Standard = true })
		books := y.bailiff(func(p *db.PutBailiffParams) { p.Name = "Of the books" })
		own := y.bailiff(func(p *db.PutBailiffParams) {
			p.Name, p.NoCureNoPay, p.FeeBp, p.Terms = "Of the case", true, 1550, "Within a year."
		})
		chosen := func() (id uuid.UUID) {
			y.In(func(tx store.Tx) error {
				c, err := tx.ChosenBailiff(ctx, y.id)
				id = c.ID
				return err
			})
			return id
		}
		if got := chosen(); got != standard {
			t.Errorf("at first %s", got)
		}
		p := claim.Cautious()
		p.Bailiff, p.WatchAfter = books, true
		y.policy(p)
		if got := chosen(); got != books {
			t.Errorf("then %s", got)
		}
		if err := y.desk.Choose(ctx, y.Tenant, y.id, own, "anna"); err != nil {
			t.Fatal(err)
		}
		if got := chosen(); got != own {
			t.Errorf("at last %s", got)
		}
		p.Automatic = true
		y.policy(p)
		y.Walk("2026-05-20 00:00")
		y.wake(t)
		y.wake(t)
		h := y.handover()
		if h.BailiffID != own || h.Terms != "No cure, no pay: paid only from what it brings in. Keeps 15.5% of what comes in. Within a year." {
			t.Fatalf("the hand-over is %+v; tasks %v", h, y.tasks())
		}
		b.Say(bailiff.Note{Case: "Z2026-0001", Kind: "closed", Text: "No income."})
		y.wake(t)
		if row, _ := y.standing(); row.State != "monitored" || row.LookOn.IsZero() || slices.Contains(y.tasks(), "bailiff_note") {
			t.Errorf("R111 the case is %s until %s; tasks %v", row.State, row.LookOn, y.tasks())
		}
	})
	t.Run("R110 a collector without registration is not chosen", func(t *testing.T) {
		t.Parallel()
		y, _ := withBailiff(t, "2026-05-18 00:00")
		to := y.bailiff(func(p *db.PutBailiffParams) { p.Kind = "collector" })
		if err := y.desk.Choose(ctx, y.Tenant, y.id, to, "anna"); !fault.Is(err, fault.Conflict) {
			t.Errorf("%v", err)
		}
	})
}
