package erasure_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/erasure"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

func TestGrounds(t *testing.T) {
	t.Parallel()
	today := date.New(2026, 3, 2)
	for _, c := range []struct {
		name string
		g    erasure.Grounds
		want date.Date
	}{
		{"nothing", erasure.Grounds{}, date.Date{}},
		{"R116 an invoice of this year is kept until seven years after it", erasure.Grounds{LastYear: 2026}, date.New(2034, 1, 1)},
		{"R116 an open claim", erasure.Grounds{Open: 1, LastYear: 2025}, date.New(2033, 1, 1)},
		{"R116 ten years for a German creditor", erasure.Grounds{LastYear: 2026, Country: "DE"}, date.New(2037, 1, 1)},
		{"R116 six for a British one", erasure.Grounds{LastYear: 2026, Country: "GB"}, date.New(2033, 1, 1)},
		{"the last day", erasure.Grounds{LastYear: 2019}, date.New(2027, 1, 1)},
		{"the term is over", erasure.Grounds{LastYear: 2018}, date.Date{}},
		{"R116 a case that outlives the term", erasure.Grounds{Cases: 1, LastYear: 2010}, today.AddDays(30)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got, why := c.g.Decide(today); got != c.want || why == "" {
				t.Errorf("kept until %s (%s), want %s", got, why, c.want)
			}
		})
	}
}

func TestErasure(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := dunningtest.New(t, "2026-03-02 10:00")
	office := &erasure.Office{Store: w.Store, Real: w.Clock}
	w.Books.Put(dunningtest.Debtor("jan", sdk.Consumer), dunningtest.Invoice("F1", "jan", "2026-02-02", "2026-02-16", 5_000))
	w.Books.Put(dunningtest.Debtor("eva", sdk.Consumer))
	w.Books.Sync()
	ask := func(debtor string) (row db.Erasure) {
		t.Helper()
		w.In(func(tx store.Tx) (err error) {
			row, err = office.Ask(ctx, tx, w.DebtorID(debtor), "Sanne")
			return err
		})
		return row
	}
	find := func() (n int) {
		w.In(func(tx store.Tx) error {
			rows, err := tx.FindDebtors(ctx, db.FindDebtorsParams{Pattern: "%", Most: 10})
			n = len(rows)
			return err
		})
		return n
	}
	lines := func() (n int) {
		w.In(func(tx store.Tx) error {
			rows, err := tx.Invoices(ctx, store.InvoiceFilter{Tab: store.Any, Today: date.New(2026, 3, 2), Most: 10})
			n = len(rows)
			return err
		})
		return n
	}
	debtor := func(id string) (d db.Debtor) {
		w.In(func(tx store.Tx) (err error) {
			d, err = tx.Debtor(ctx, w.DebtorID(id))
			return err
		})
		return d
	}
	t.Run("R116 an open claim restricts, with a day of deletion", func(t *testing.T) {
		row := ask("jan")
		if row.State != erasure.Restricted || row.DeleteOn != date.New(2034, 1, 1) {
			t.Fatalf("the request is %+v", row)
		}
		if d := debtor("jan"); d.Email == "" {
			t.Error("data was erased that has to be kept")
		}
		if find() != 1 || lines() != 1 {
			t.Errorf("a search finds %d debtors and the list %d invoices; want the other debtor, and the claim that is open", find(), lines())
		}
	})
	t.Run("R116 what is settled leaves the lists", func(t *testing.T) {
		w.Books.Pay("F1", 5_000, date.New(2026, 3, 2))
		w.Books.Sync()
		if lines() != 0 {
			t.Errorf("%d invoices are listed", lines())
		}
	})
	t.Run("withdrawn and asked again", func(t *testing.T) {
		w.In(func(tx store.Tx) error { return office.Withdraw(ctx, tx, w.DebtorID("jan"), "Sanne") })
		if find() != 2 || lines() != 1 {
			t.Error("a request that was withdrawn still restricts")
		}
		ask("jan")
	})
	t.Run("R116 nothing to keep is made anonymous at once, and the books do not bring it back", func(t *testing.T) {
		if row := ask("eva"); row.State != erasure.Anonymised {
			t.Fatalf("the request is %+v", row)
		}
		w.Books.Sync()
		if d := debtor("eva"); d.Email != "" || d.Name != "Erased" {
			t.Errorf("after a sync the debtor is %+v", d)
		}
	})
	t.Run("R116 on its day it is made anonymous", func(t *testing.T) {
		wake := func() {
			t.Helper()
			if err := office.Wake(ctx, w.Tenant, w.DebtorID("jan")); err != nil {
				t.Fatal(err)
			}
		}
		w.Clock.Set(dunningtest.At("2033-12-31 12:00"))
		wake()
		if d := debtor("jan"); d.Email == "" {
			t.Fatal("it was erased before its day")
		}
		w.Clock.Set(dunningtest.At("2034-01-01 12:00"))
		wake()
		wake()
		if d := debtor("jan"); d.Email != "" || d.Name != "Erased" {
			t.Errorf("after its day the debtor is %+v", d)
		}
		w.In(func(tx store.Tx) error {
			inv, err := tx.Invoice(ctx, w.ID("F1"))
			if err == nil && inv.TotalMinor != 5_000 {
				t.Error("an amount is gone")
			}
			var n int
			if err := tx.QueryRow(ctx, "select count(*) from audit where action = 'debtor.anonymised' and subject = $1", "debtor/"+w.DebtorID("jan").String()).Scan(&n); err != nil || n != 1 {
				t.Errorf("%d audit rows, %v", n, err)
			}
			return err
		})
	})
	if err := w.Store.In(ctx, w.Tenant, func(tx store.Tx) error {
		_, err := office.Ask(ctx, tx, uuid.New(), "Sanne")
		return err
	}); err == nil {
		t.Error("a request for nobody was taken")
	}
}
