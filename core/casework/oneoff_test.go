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
	"github.com/voldaan/voldaan/core/policy"
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
	for _, tc := range []struct {
		law, language string
		kind          sdk.PartyKind
		amount        money.Amount
		next, flow    string
		currency      money.Currency
		costs         int64 // of a case that was opened
	}{
		{"NL", "nl", sdk.Business, money.EUR(100_000), "", "b2b-nl", "EUR", 15_000},
		{"BE", "fr", sdk.Business, money.EUR(100_000), "", "b2b-be", "EUR", 4_000},
		{"BE", "nl", sdk.Consumer, money.EUR(100_000), "fourteen_day_letter", "b2c-be", "EUR", 0},
		{"DE", "de", sdk.Business, money.EUR(100_000), "final_reminder", "b2b-de", "EUR", 0},
		{"DE", "de", sdk.Consumer, money.EUR(100_000), "fourteen_day_letter", "b2c-nl", "EUR", 0},
		{"FR", "fr", sdk.Business, money.EUR(100_000), "final_reminder", "b2b-fr", "EUR", 0},
		{"GB", "en", sdk.Business, money.Of(100_000, "GBP"), "", "b2b-uk", "GBP", 7_000},
		{"UK", "en", sdk.Business, money.EUR(100_000), "", "b2b-uk", "GBP", 0},
	} {
		t.Run("R121 by the law of "+tc.law+" for a "+string(tc.kind)+" in "+string(tc.amount.Currency), func(t *testing.T) {
			t.Parallel()
			w, d := begin(t)
			q := oneOff(tc.kind)
			q.Law, q.Amount, q.Subject, q.Debtor.Language, q.Debtor.Address.Country = tc.law, tc.amount, "bread", tc.language, tc.law
			id, err := d.Start(ctx, w.Tenant, q, "anna")
			if err != nil {
				t.Fatal(err)
			}
			var adm db.Administration
			w.In(func(tx store.Tx) error {
				inv, err := tx.Invoice(ctx, id)
				if err != nil {
					return err
				}
				if inv.Currency != tc.amount.Currency || inv.Reference != "bread" {
					t.Errorf("the invoice is in %s for %q", inv.Currency, inv.Reference)
				}
				adm, err = tx.Administration(ctx, inv.AdministrationID)
				return err
			})
			s := state(w, id)
			if adm.Currency != tc.currency || s.Flow != tc.flow || tc.next != "" && s.NextStep != tc.next {
				t.Errorf("books in %s, flow %s, next %s (%s)", adm.Currency, s.Flow, s.NextStep, s.HeldWhy)
			}
			if tc.next != "" {
				return
			}
			if w.Walk("2026-03-30 00:00"); tc.amount.Currency != tc.currency {
				if s := state(w, id); s.HeldRule != "R95" || !strings.Contains(s.HeldWhy, "exchange rate") {
					t.Errorf("held by %q: %s", s.HeldRule, s.HeldWhy)
				}
				return
			}
			for day := 0; day < 5; day++ {
				w.In(func(tx store.Tx) error {
					pending, err := w.Planner.PendingFigures(ctx, tx)
					if err != nil {
						return err
					}
					var keys []policy.FigureKey
					for _, p := range pending {
						keys = append(keys, p.Key())
					}
					if len(keys) == 0 {
						return nil
					}
					_, err = w.Planner.ApproveFigures(ctx, tx, keys, "anna")
					return err
				})
				w.Walk(date.MustParse("2026-03-31").AddDays(day).String() + " 00:00")
			}
			w.In(func(tx store.Tx) error {
				list, err := tx.Cases(ctx)
				if err != nil || len(list) != 1 {
					t.Fatalf("%d cases, %v; held by %q (%s)", len(list), err, state(w, id).HeldRule, state(w, id).HeldWhy)
				}
				m, err := dossier.Look(ctx, tx, list[0].ID)
				if m.Sum.Costs.Minor != tc.costs || m.Sum.Costs.Currency != tc.currency {
					t.Errorf("costs %s", m.Sum.Costs)
				}
				return err
			})
		})
	}
	t.Run("R121 two claims by one law are in the same books", func(t *testing.T) {
		t.Parallel()
		w, d := begin(t)
		books := map[uuid.UUID]int{}
		for i, country := range []string{"", "GB", "NL", "GB", "FR"} {
			q := oneOff(sdk.Business)
			q.Law, q.Number = country, q.Number+string(rune('a'+i))
			id, err := d.Start(ctx, w.Tenant, q, "anna")
			if err != nil {
				t.Fatal(err)
			}
			w.In(func(tx store.Tx) error {
				inv, err := tx.Invoice(ctx, id)
				books[inv.AdministrationID]++
				return err
			})
		}
		if len(books) != 3 {
			t.Errorf("%v", books)
		}
		q := oneOff(sdk.Business)
		q.Law = "LU"
		if _, err := d.Start(ctx, w.Tenant, q, "anna"); fault.Of(err).Code != "one_off_law" {
			t.Errorf("the law of Luxembourg: %v", err)
		}
	})
	t.Run("R121 the law of Belgium wants to know what was supplied", func(t *testing.T) {
		t.Parallel()
		w, d := begin(t)
		q := oneOff(sdk.Consumer)
		q.Law = "BE"
		if _, err := d.Start(ctx, w.Tenant, q, "anna"); err == nil || !strings.Contains(err.Error(), "what was supplied") {
			t.Errorf("%v", err)
		}
	})
}
