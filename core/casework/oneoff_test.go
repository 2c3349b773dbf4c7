package casework_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/casework"
	"github.com/voldaan/voldaan/core/dossier"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func oneOff(kind sdk.PartyKind) casework.OneOff {
	file := func(name string) casework.File {
		return casework.File{Name: name, Media: "application/pdf", Content: []byte("%PDF-1.4 " + name)}
	}
	p := dunningtest.Debtor("piet", kind)
	p.ID = ""
	return casework.OneOff{
		Debtor: p, Number: "2026-77", Issued: date.MustParse("2026-01-02"), Due: date.MustParse("2026-01-16"), Amount: money.EUR(100_000),
		Invoice: file("invoice.pdf"), Contract: file("contract.pdf"), Notices: []casework.EarlierNotice{{On: date.MustParse("2026-02-10"), Proof: file("reminder.pdf")}},
	}
}

func TestOneOff(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	begin := func(t *testing.T) (*dunningtest.World, *casework.Desk) {
		w := dunningtest.New(t, "2026-03-02 07:00")
		d := &casework.Desk{Store: w.Store, Real: w.Clock, Planner: w.Planner, Teller: w.Steps}
		w.Wakers[dunning.CaseMatter] = d
		return w, d
	}
	state := func(w *dunningtest.World, invoice uuid.UUID) (row db.Collection) {
		w.In(func(tx store.Tx) (err error) {
			row, err = tx.Collection(ctx, invoice)
			return err
		})
		return row
	}
	t.Run("R121 what the law asks for is required", func(t *testing.T) {
		t.Parallel()
		w, d := begin(t)
		q := oneOff(sdk.Unknown)
		q.Contract, q.Notices = casework.File{}, nil
		_, err := d.Start(ctx, w.Tenant, q, "anna")
		if !fault.Is(err, fault.Invalid) {
			t.Fatalf("the answer is %v", err)
		}
		for _, need := range []string{"business or a consumer", "contract", "earlier notice"} {
			if !strings.Contains(err.Error(), need) {
				t.Errorf("%q is not asked for: %v", need, err)
			}
		}
	})
	t.Run("R121 R93 a consumer starts with the statutory letter, at no costs", func(t *testing.T) {
		t.Parallel()
		w, d := begin(t)
		id, err := d.Start(ctx, w.Tenant, oneOff(sdk.Consumer), "anna")
		if err != nil {
			t.Fatal(err)
		}
		if s := state(w, id); s.NextStep != "fourteen_day_letter" {
			t.Errorf("next is %q (%s)", s.NextStep, s.HeldWhy)
		}
		w.Walk("2026-03-10 00:00")
		w.In(func(tx store.Tx) error {
			list, err := tx.Cases(ctx)
			if len(list) != 0 {
				t.Errorf("%d cases before the term is over", len(list))
			}
			return err
		})
	})
	t.Run("R121 a business goes on to the case, with a dossier that is complete", func(t *testing.T) {
		t.Parallel()
		w, d := begin(t)
		id, err := d.Start(ctx, w.Tenant, oneOff(sdk.Business), "anna")
		if err != nil {
			t.Fatal(err)
		}
		w.Walk("2026-03-20 00:00")
		if s := state(w, id); s.Phase != "case" {
			t.Fatalf("phase %s, next %q, held by %q (%s)", s.Phase, s.NextStep, s.HeldRule, s.HeldWhy)
		}
		w.In(func(tx store.Tx) error {
			list, err := tx.Cases(ctx)
			if err != nil || len(list) != 1 {
				t.Fatalf("%d cases, %v", len(list), err)
			}
			m, err := dossier.Look(ctx, tx, list[0].ID)
			var codes []string
			for _, x := range m.Missing {
				codes = append(codes, x.Code)
			}
			if slices.Contains(codes, "contract") || m.Sum.Costs.Minor != 15_000 {
				t.Errorf("missing %v, costs %s", codes, m.Sum.Costs)
			}
			return err
		})
	})
}
