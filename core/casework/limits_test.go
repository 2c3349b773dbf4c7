package casework_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/casework"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk"
)

func TestLimits(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, tc := range []struct {
		kind       sdk.PartyKind
		soon, near string
	}{
		{sdk.Consumer, "2027-12-10 00:00", "2027-12-28 00:00"}, // two years after the due date
		{sdk.Business, "2030-12-10 00:00", "2030-12-28 00:00"}, // five
	} {
		t.Run("R111 an invoice in no case, of a "+string(tc.kind), func(t *testing.T) {
			t.Parallel()
			w := dunningtest.New(t, "2026-03-16 10:00")
			desk := &casework.Desk{Store: w.Store, Real: w.Clock, Planner: w.Planner, Teller: w.Steps}
			w.Wakers[casework.LimitsMatter] = casework.Limits{Desk: desk}
			w.Books.Put(dunningtest.Debtor("jan", tc.kind), dunningtest.Invoice("F1", "jan", "2026-03-02", "2026-03-16", 100_000))
			w.Books.Sync()
			w.In(func(tx store.Tx) error {
				if err := desk.BeginLimits(ctx, tx); err != nil {
					return err
				}
				if err := desk.BeginLimits(ctx, tx); err != nil {
					return err
				}
				_, err := w.Planner.Hold(ctx, tx, dunning.HoldRequest{Scope: dunning.OfInvoice, ID: w.ID("F1"), Reason: receivable.Paused, By: "anna"})
				return err
			})
			proposed := func(at string) (title string) {
				w.Clock.Set(dunningtest.At(at))
				if err := (casework.Limits{Desk: desk}).Wake(ctx, w.Tenant, w.Tenant); err != nil {
					t.Fatal(err)
				}
				w.In(func(tx store.Tx) error {
					list, err := tx.OpenTasks(ctx)
					for _, k := range list {
						if k.Kind == "limitation" && k.SubjectID == w.ID("F1") {
							title += k.Title
						}
					}
					return err
				})
				return title
			}
			if got := proposed(tc.soon); got != "" {
				t.Errorf("too soon: %q", got)
			}
			last := strings.Split(tc.near, "-")[0]
			if got := proposed(tc.near); !strings.Contains(got, "F1") || !strings.Contains(got, "-03-16") || strings.Contains(got, last) {
				t.Errorf("proposed %q", got)
			}
			if got := proposed(dunningtest.At(tc.near).Add(8 * 24 * time.Hour).Format("2006-01-02 15:04")); strings.Count(got, "F1") != 1 {
				t.Errorf("proposed twice: %q", got)
			}
		})
	}
	t.Run("R111 what is in a case is left to the case", func(t *testing.T) {
		t.Parallel()
		y := newYard(t, sdk.Business, "2026-04-16 00:00")
		y.In(func(tx store.Tx) error { return y.desk.BeginLimits(ctx, tx) })
		y.Clock.Set(dunningtest.At("2030-12-28 10:00"))
		if err := (casework.Limits{Desk: y.desk}).Wake(ctx, y.Tenant, y.Tenant); err != nil {
			t.Fatal(err)
		}
		if slices.Contains(y.tasks(), "limitation") {
			t.Errorf("tasks %v", y.tasks())
		}
	})
}
