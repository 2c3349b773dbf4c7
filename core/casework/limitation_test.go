package casework_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/casework"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/payment"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// lapses is the day after which the claim cannot be enforced any more.
func (y *yard) lapses(t *testing.T) (last date.Date) {
	t.Helper()
	y.In(func(tx store.Tx) error {
		f, err := claim.Load(context.Background(), tx, y.id)
		if err != nil {
			return err
		}
		last, err = casework.LimitedOn(context.Background(), tx, f)
		return err
	})
	return last
}

// pays is money of the debtor for a part of F1, matched in a way.
func (y *yard) pays(method, source string) payment.Receipt {
	today := date.Of(y.Clock.Now().In(dunningtest.Amsterdam))
	r := payment.Receipt{
		ID: uuid.New(), Administration: y.Adm, Debtor: uuid.NullUUID{UUID: y.DebtorID("jan"), Valid: true}, Source: source, ExternalID: uuid.NewString(), Amount: money.EUR(10_000),
		ValueDate: today, SeenAt: y.Clock.Now(), Allocations: []payment.Allocation{{Invoice: y.ID("F1"), Amount: money.EUR(10_000), Method: method}},
	}
	y.In(func(tx store.Tx) error { return payment.Elsewhere(context.Background(), tx, y.Planner, r) })
	return r
}

func (y *yard) acknowledgements() (out []db.Acknowledgement) {
	y.In(func(tx store.Tx) (err error) {
		out, err = tx.Acknowledgements(context.Background(), y.id)
		return err
	})
	return out
}

func TestAcknowledgement(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	t.Run("R111 a part that the debtor named makes limitation begin anew, until it is taken back", func(t *testing.T) {
		t.Parallel()
		y := newYard(t, sdk.Business, "2026-05-08 12:00")
		before := y.lapses(t)
		y.Clock.Set(dunningtest.At("2026-05-20 10:00"))
		y.pays("account", "bank")
		y.pays("number", "bailiff")
		y.wake(t)
		if got := y.lapses(t); got != before || len(y.acknowledgements()) != 0 {
			t.Errorf("lapses after %s, was %s: money that we placed, or that a bailiff took, acknowledges nothing", got, before)
		}
		r := y.pays("number", "bank")
		y.wake(t)
		y.wake(t)
		list := y.acknowledgements()
		if got := y.lapses(t); got.String() != "2031-05-20" || len(list) != 1 || !strings.Contains(list[0].Why, "F1") || !strings.Contains(list[0].Why, "3:318") {
			t.Fatalf("lapses after %s, noted %+v", got, list)
		}
		y.In(func(tx store.Tx) error { return payment.TakeBack(ctx, tx, y.Planner, r) })
		y.wake(t)
		if got := y.lapses(t); got != before || len(y.acknowledgements()) != 0 {
			t.Errorf("lapses after %s, was %s before a payment that does not stand", got, before)
		}
	})
	t.Run("R111 a person notes what the debtor wrote, with the reason", func(t *testing.T) {
		t.Parallel()
		y := newYard(t, sdk.Business, "2026-05-08 12:00")
		y.Clock.Set(dunningtest.At("2026-06-01 10:00"))
		on := date.MustParse("2026-05-30")
		for _, tc := range []struct {
			on   string
			why  string
			code string
		}{{"2026-06-02", "x", "acknowledged_on"}, {"2026-05-30", " ", "acknowledged_why"}} {
			if err := y.desk.Acknowledged(ctx, y.Tenant, y.id, date.MustParse(tc.on), tc.why, "anna"); fault.Of(err).Code != tc.code {
				t.Errorf("%s %q: %v", tc.on, tc.why, err)
			}
		}
		if err := y.desk.Acknowledged(ctx, y.Tenant, y.id, on, "E-mail of that day: I will pay", "anna"); err != nil {
			t.Fatal(err)
		}
		list := y.acknowledgements()
		if got := y.lapses(t); got.String() != "2031-05-30" || len(list) != 1 || list[0].Actor != "anna" || !strings.Contains(list[0].Why, "I will pay") {
			t.Errorf("lapses after %s, noted %+v", got, list)
		}
		y.wake(t)
		if len(y.acknowledgements()) != 1 {
			t.Error("what a person noted was ended")
		}
		y.Clock.Set(dunningtest.At("2031-06-10 10:00"))
		if err := y.desk.Acknowledged(ctx, y.Tenant, y.id, date.MustParse("2031-06-05"), "too late", "anna"); fault.Of(err).Code != "acknowledged_late" {
			t.Errorf("an acknowledgement of what lapsed: %v", err)
		}
	})
}
