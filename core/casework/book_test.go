package casework_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/bailiff"
	"github.com/voldaan/voldaan/core/bailiff/emulator"
	"github.com/voldaan/voldaan/core/casework"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// handed is a yard whose bailiff has the case since 19 May and is paid.
func handed(t *testing.T, paysTo string) (*yard, *emulator.Bailiff) {
	t.Helper()
	y, b := withBailiff(t, "2026-05-19 00:00")
	y.contract()
	if err := y.desk.HandOver(context.Background(), y.Tenant, y.id, y.bailiff(func(p *db.PutBailiffParams) { p.PaysTo = paysTo }), "anna"); err != nil {
		t.Fatal(err)
	}
	y.wake(t)
	y.Clock.Set(dunningtest.At("2026-05-25 10:00"))
	return y, b
}

func paid(minor int64, on string) bailiff.Note {
	return bailiff.Note{Case: "Z2026-0001", Kind: "payment", Text: "The debtor paid.", Minor: minor, Currency: "EUR", On: date.MustParse(on)}
}

// money are the notes about payments.
func (y *yard) money() []db.BailiffNote {
	return slices.DeleteFunc(y.notes(), func(n db.BailiffNote) bool { return n.Kind != "payment" })
}

// nearly leaves room for the interest of a few days on what was paid.
func nearly(got, want int64) bool { return got >= want && got < want+100 }

func TestBook(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	t.Run("R30 money at the bailiff goes to costs, then interest, then principal, and is not told back", func(t *testing.T) {
		t.Parallel()
		y, b := handed(t, "bailiff")
		_, before := y.standing()
		b.Say(paid(100_000, "2026-05-22"))
		y.wake(t)
		y.wake(t)
		_, after := y.standing()
		if after.Costs != 0 || after.Interest > before.Interest || after.Principal >= before.Principal || !nearly(before.Total()-after.Total(), 100_000) {
			t.Errorf("before %d/%d/%d, after %d/%d/%d", before.Costs, before.Interest, before.Principal, after.Costs, after.Interest, after.Principal)
		}
		if n := y.money(); n[len(n)-1].Booking != casework.Booked || !n[len(n)-1].PaymentID.Valid || slices.Contains(y.tasks(), "bailiff_payment") {
			t.Errorf("the notes are %+v; tasks %v", n, y.tasks())
		}
		for _, told := range b.Told() {
			if told.Kind == "payment" {
				t.Errorf("the bailiff was told of its own payment: %+v", told)
			}
		}
	})
	t.Run("R105 all of it paid at the bailiff closes the case, and the bailiff is told", func(t *testing.T) {
		t.Parallel()
		y, b := handed(t, "bailiff")
		_, s := y.standing()
		b.Say(paid(s.Total(), "2026-05-25"))
		y.wake(t)
		if row, _ := y.standing(); row.State != "closed" {
			t.Fatalf("the case is %s; tasks %v", row.State, y.tasks())
		}
		y.wake(t)
		if told := b.Told(); len(told) != 1 || told[0].Kind != "closed" {
			t.Errorf("the bailiff was told %+v", told)
		}
	})
	t.Run("R91 what is taken back after the bailiff closed it opens the case here, for a person", func(t *testing.T) {
		t.Parallel()
		y, b := handed(t, "bailiff")
		_, s := y.standing()
		b.Say(paid(s.Total(), "2026-05-25"))
		y.wake(t)
		y.wake(t)
		if row, _ := y.standing(); row.State != "closed" {
			t.Fatalf("the case is %s; tasks %v", row.State, y.tasks())
		}
		notes := y.money()
		if err := y.desk.TakeBack(ctx, y.Tenant, y.id, notes[len(notes)-1].ID, "The bank of the debtor took it back", "anna"); err != nil {
			t.Fatal(err)
		}
		y.wake(t)
		row, again := y.standing()
		if row.State != "ready" || again.Costs != s.Costs || !slices.Contains(y.tasks(), "ready_for_bailiff") || y.State("F1").HeldRule == "R109" {
			t.Errorf("the case is %s with %d of costs, were %d; tasks %v, held by %q", row.State, again.Costs, s.Costs, y.tasks(), y.State("F1").HeldRule)
		}
		if err := y.desk.End(ctx, y.Tenant, y.id, "Not worth it", "anna"); err != nil {
			t.Errorf("nobody can do anything with it: %v", err)
		}
	})
	t.Run("R105 a claim that is paid in three parts closes to the cent", func(t *testing.T) {
		t.Parallel()
		y, b := handed(t, "bailiff")
		_, s := y.standing()
		for _, minor := range []int64{100_000, 50_000, s.Total() - 150_000} {
			b.Say(paid(minor, "2026-05-25"))
			y.wake(t)
		}
		row, s := y.standing()
		if row.State != "closed" || s.Total() != 0 || s.Lines[0].Amount != 300_000 {
			t.Errorf("the case is %s, principal %d of %d, %d open", row.State, s.Principal, s.Lines[0].Amount, s.Total())
		}
	})
	t.Run("R109 what does not fit waits for a person", func(t *testing.T) {
		t.Parallel()
		for name, tc := range map[string]struct {
			paysTo string
			note   bailiff.Note
			why    string
		}{
			"paid to the creditor": {"creditor", paid(1000, "2026-05-22"), "pays to you"},
			"too much":             {"bailiff", paid(900_000, "2026-05-22"), "more than was owed"},
			"before the hand-over": {"bailiff", paid(1000, "2026-05-02"), "did not have the case"},
			"in the future":        {"bailiff", paid(1000, "2026-06-02"), "did not have the case"},
			"other currency":       {"bailiff", bailiff.Note{Case: "Z2026-0001", Kind: "payment", Minor: 100, Currency: "USD", On: date.MustParse("2026-05-22")}, "USD"},
			"no day":               {"bailiff", bailiff.Note{Case: "Z2026-0001", Kind: "payment", Minor: 100, Currency: "EUR"}, "No day"},
			"no amount":            {"bailiff", bailiff.Note{Case: "Z2026-0001", Kind: "payment"}, "No amount"},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				y, b := handed(t, tc.paysTo)
				_, before := y.standing()
				b.Say(tc.note)
				y.wake(t)
				_, after := y.standing()
				n := y.money()[0]
				if after.Total() != before.Total() || n.Booking != casework.Waiting || !strings.Contains(n.BookingWhy, tc.why) || !slices.Contains(y.tasks(), "bailiff_payment") {
					t.Errorf("%s %q; tasks %v", n.Booking, n.BookingWhy, y.tasks())
				}
			})
		}
	})
	t.Run("R109 the same money twice waits for a person", func(t *testing.T) {
		t.Parallel()
		y, b := handed(t, "bailiff")
		b.Say(paid(5000, "2026-05-22"))
		b.Say(paid(5000, "2026-05-23"))
		y.wake(t)
		if n := y.money(); n[0].Booking != casework.Booked || n[1].Booking != casework.Waiting {
			t.Errorf("%s and %s", n[0].Booking, n[1].Booking)
		}
	})
	t.Run("R109 a person confirms, refuses, or takes back", func(t *testing.T) {
		t.Parallel()
		y, b := handed(t, "creditor")
		_, start := y.standing()
		b.Say(paid(40_000, "2026-05-22"))
		b.Say(paid(50_000, "2026-05-23"))
		y.wake(t)
		n := y.money()
		if err := y.desk.Book(ctx, y.Tenant, y.id, uuid.New(), casework.Received{}, "anna"); !fault.Is(err, fault.NotFound) {
			t.Errorf("of another case: %v", err)
		}
		if err := y.desk.Book(ctx, y.Tenant, y.id, n[0].ID, casework.Received{Minor: 30_000}, "anna"); err != nil {
			t.Fatal(err)
		}
		if err := y.desk.Refuse(ctx, y.Tenant, y.id, n[1].ID, "It is ours", "anna"); err != nil {
			t.Fatal(err)
		}
		if err := y.desk.Book(ctx, y.Tenant, y.id, n[0].ID, casework.Received{}, "anna"); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second time: %v", err)
		}
		if _, s := y.standing(); !nearly(start.Total()-s.Total(), 30_000) || slices.Contains(y.tasks(), "bailiff_payment") {
			t.Errorf("from %d to %d; tasks %v", start.Total(), s.Total(), y.tasks())
		}
		if err := y.desk.TakeBack(ctx, y.Tenant, y.id, n[0].ID, "Given back", "anna"); err != nil {
			t.Fatal(err)
		}
		if _, s := y.standing(); s.Total() < start.Total() || s.Costs != start.Costs {
			t.Errorf("from %d to %d", start.Total(), s.Total())
		}
	})
	t.Run("R30 what the bailiff hands on is counted once, by what it names", func(t *testing.T) {
		t.Parallel()
		for name, text := range map[string]string{"the reference of the money": "Afdracht DW-17", "the bailiff's own of the case": "betaling gdw-00001", "the bailiff": "Deurwaarder De Wit, afdracht"} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				y, b := handed(t, "bailiff")
				n := paid(100_000, "2026-05-22")
				n.Reference = "DW-17"
				b.Say(n)
				y.wake(t)
				_, before := y.standing()
				y.Books.PayNaming("F1", 100_000, date.MustParse("2026-05-28"), text)
				y.Clock.Set(dunningtest.At("2026-05-28 10:00"))
				y.Books.Sync()
				y.wake(t)
				_, after := y.standing()
				if after.Principal != before.Principal || after.Costs != before.Costs || slices.Contains(y.tasks(), "bailiff_payment") {
					t.Errorf("%d and %d, then %d and %d", before.Principal, before.Costs, after.Principal, after.Costs)
				}
			})
		}
	})
	t.Run("R32 a debtor who pays the creditor as much as the bailiff paid twice, and a person looks", func(t *testing.T) {
		t.Parallel()
		y, b := handed(t, "bailiff")
		b.Say(paid(40_000, "2026-05-22"))
		y.wake(t)
		_, before := y.standing()
		y.Books.PayNaming("F1", 40_000, date.MustParse("2026-05-28"), "Jan Bakker Z2026-0001")
		y.Clock.Set(dunningtest.At("2026-05-28 10:00"))
		y.Books.Sync()
		y.wake(t)
		if _, after := y.standing(); before.Total()-after.Total() < 39_500 || !slices.Contains(y.tasks(), "bailiff_payment") {
			t.Errorf("from %d to %d; tasks %v", before.Total(), after.Total(), y.tasks())
		}
	})
	t.Run("R32 two payments of one amount with references of their own are both booked", func(t *testing.T) {
		t.Parallel()
		y, b := handed(t, "bailiff")
		_, before := y.standing()
		for _, one := range [][2]string{{"2026-05-22", "DW-1"}, {"2026-05-23", "DW-2"}} {
			n := paid(5000, one[0])
			n.Reference = one[1]
			b.Say(n)
		}
		y.wake(t)
		_, after := y.standing()
		if n := y.money(); n[0].Booking != casework.Booked || n[1].Booking != casework.Booked || !nearly(before.Total()-after.Total(), 10_000) {
			t.Errorf("%s and %s; from %d to %d", n[0].Booking, n[1].Booking, before.Total(), after.Total())
		}
	})
	t.Run("R113 money that is reported again under its reference counts once", func(t *testing.T) {
		t.Parallel()
		y, b := handed(t, "bailiff")
		for _, minor := range []int64{5000, 5000, 7000} {
			n := paid(minor, "2026-05-22")
			n.Reference = "DW-1"
			b.Say(n)
		}
		y.wake(t)
		n := y.money()
		if n[0].Booking != casework.Booked || n[1].Booking != casework.Refused || n[2].Booking != casework.Waiting || !strings.Contains(n[2].BookingWhy, "DW-1") {
			t.Errorf("%s, %s and %s", n[0].Booking, n[1].Booking, n[2].Booking)
		}
	})
}
