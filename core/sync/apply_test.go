package sync_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	booksync "github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func start(t *testing.T) *dunningtest.World {
	t.Helper()
	return dunningtest.New(t, "2026-03-02 07:00")
}

func invoice(id string) sdk.Invoice {
	return dunningtest.Invoice(id, "jan", "2026-03-02", "2026-03-16", 10_000)
}

// written is which rows a batch may have written: their versions in the heap.
func written(w *dunningtest.World) (out string) {
	w.In(func(tx store.Tx) error {
		return tx.QueryRow(context.Background(), `select string_agg(v, ' ' order by v) from (
			select 'i' || i.id || i.xmin || i.ctid as v from invoice i
			union all select 'd' || d.id || d.xmin || d.ctid || d.xmax from debtor d
			union all select 'c' || c.invoice_id || c.xmin || c.ctid from collection c
			union all select 'p' || p.id || p.xmin || p.ctid from payment p
			union all select 's' || s.external_id || s.xmin || s.ctid from sync_problem s
			union all select 'o' || o.id from outbox o
			union all select 'k' || k.xmin || k.ctid from sync_cursor k) all_rows`).Scan(&out)
	})
	return out
}

func TestApply(t *testing.T) {
	t.Parallel()
	t.Run("the first load, again and changed", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		b := booksync.Batch{Parties: []sdk.Party{dunningtest.Debtor("jan", sdk.Business)}, Cursor: []byte("one")}
		for i := range 50 {
			b.Invoices = append(b.Invoices, invoice(fmt.Sprintf("F%d", i)))
		}
		b.Payments = []sdk.Payment{{ID: "p1", PartyID: "jan", InvoiceID: "F1", Amount: money.EUR(100), ValueDate: date.MustParse("2026-03-02")}}
		if c := w.Books.Apply(b); c.Added != 52 || c.Changed != 0 || c.Read != 52 || len(c.Invoices) != 50 {
			t.Errorf("first load: %+v", c)
		}
		before := written(w)
		if c := w.Books.Apply(b); c.Added+c.Changed+c.Gone != 0 || len(c.Invoices) != 0 {
			t.Errorf("the same again: %+v", c)
		}
		if after := written(w); after != before {
			t.Error("an unchanged batch wrote rows")
		}
		b.Invoices[3].Open, b.Cursor = money.EUR(5_000), []byte("two")
		if c := w.Books.Apply(b); c.Changed != 1 || c.Added != 0 || len(c.Invoices) != 1 || c.Invoices[0] != w.ID("F3") {
			t.Errorf("one changed: %+v", c)
		}
	})
	t.Run("an invoice before its party", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		w.Books.Apply(booksync.Batch{Invoices: []sdk.Invoice{invoice("F1")}})
		if c := w.Books.Apply(booksync.Batch{Parties: []sdk.Party{dunningtest.Debtor("jan", sdk.Business)}}); len(c.Invoices) != 1 {
			t.Errorf("the party came: %+v", c)
		}
		if s := w.State("F1"); s.NextStep != "invoice" {
			t.Errorf("next is %q", s.NextStep)
		}
	})
	t.Run("twice in a batch the last one counts", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		first, last := invoice("F1"), invoice("F1")
		first.Due, last.Number = date.MustParse("2026-01-01"), "F1-bis"
		c := w.Books.Apply(booksync.Batch{Parties: []sdk.Party{dunningtest.Debtor("jan", sdk.Business), dunningtest.Debtor("jan", sdk.Consumer)}, Invoices: []sdk.Invoice{first, last}})
		if c.Added != 2 || c.Problems != 0 {
			t.Errorf("%+v", c)
		}
		w.In(func(tx store.Tx) error {
			i, err := tx.Invoice(context.Background(), w.ID("F1"))
			if err == nil && i.Number != "F1-bis" {
				t.Errorf("the number is %s", i.Number)
			}
			d, err2 := tx.Debtor(context.Background(), w.DebtorID("jan"))
			if d.Kind != "consumer" {
				t.Errorf("the debtor is a %s", d.Kind)
			}
			_ = err2
			return err
		})
	})
	t.Run("R24 another total or debtor leaves a line with what it was", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		party := dunningtest.Debtor("jan", sdk.Business)
		w.Books.Apply(booksync.Batch{Parties: []sdk.Party{party, dunningtest.Debtor("eva", sdk.Business)}, Invoices: []sdk.Invoice{invoice("F1"), invoice("F2")}})
		lines := func() (out []string) {
			w.In(func(tx store.Tx) error {
				rows, err := tx.Query(context.Background(), "select detail::text from audit where action = 'invoice.changed' and actor = 'books' and subject = $1 order by id", "invoice/"+w.ID("F1").String())
				if err != nil {
					return err
				}
				out, err = pgx.CollectRows(rows, pgx.RowTo[string])
				return err
			})
			return out
		}
		changed := invoice("F1")
		changed.Reference = "order 12"
		w.Books.Apply(booksync.Batch{Invoices: []sdk.Invoice{changed}})
		if got := lines(); len(got) != 0 {
			t.Errorf("a reference leaves %v", got)
		}
		changed.Total, changed.Open, changed.PartyID = money.EUR(12_000), money.EUR(12_000), "eva"
		for range 2 {
			w.Books.Apply(booksync.Batch{Invoices: []sdk.Invoice{changed, invoice("F2")}})
		}
		want := fmt.Sprintf(`{"debtor": ["%s", "%s"], "total_minor": [10000, 12000]}`, w.DebtorID("jan"), w.DebtorID("eva"))
		if got := lines(); len(got) != 1 || got[0] != want {
			t.Errorf("the lines are %v, want %s", got, want)
		}
	})
	t.Run("R25 gone and back", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		b := booksync.Batch{Parties: []sdk.Party{dunningtest.Debtor("jan", sdk.Business)}, Invoices: []sdk.Invoice{invoice("F1")}}
		w.Books.Apply(b)
		gone := booksync.Batch{Gone: map[sdk.Stream][]string{sdk.Invoices: {"F1", "never seen"}, sdk.Parties: {"jan"}}}
		if c := w.Books.Apply(gone); c.Gone != 2 || len(c.Invoices) != 1 {
			t.Errorf("gone: %+v", c)
		}
		if c := w.Books.Apply(gone); c.Gone != 0 {
			t.Errorf("gone again: %+v", c)
		}
		if c := w.Books.Apply(b); c.Changed != 2 || c.Added != 0 {
			t.Errorf("back: %+v", c)
		}
	})
	t.Run("two batches at once", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		var b booksync.Batch
		for i := range 40 {
			b.Parties = append(b.Parties, dunningtest.Debtor(fmt.Sprint("d", i), sdk.Business))
			inv := invoice(fmt.Sprint("F", i))
			inv.PartyID = fmt.Sprint("d", i)
			b.Invoices = append(b.Invoices, inv)
		}
		w.Books.Apply(b)
		errs := make(chan error, 8)
		for n := range 8 {
			c := booksync.Batch{Parties: append([]sdk.Party(nil), b.Parties...), Invoices: append([]sdk.Invoice(nil), b.Invoices...)}
			for i := range c.Invoices {
				c.Invoices[i].Reference = fmt.Sprint("round ", n)
				c.Parties[(i+n)%40].Phone = fmt.Sprint(n)
			}
			go func() {
				errs <- w.Store.In(context.Background(), w.Tenant, func(tx store.Tx) error {
					done, err := booksync.Apply(context.Background(), tx, w.Adm, c, w.Clock.Now())
					if err != nil {
						return err
					}
					return w.Planner.InvoicesChanged(context.Background(), tx, w.Adm, done.Invoices)
				})
			}()
		}
		for range 8 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
	})
}

func TestProblems(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, code, says string
		stored           bool
		spoil            func(*sdk.Invoice)
	}{
		{"R7 due before issue", "due_before_issue", "is due on 2026-02-01, before its date 2026-03-02", true, func(i *sdk.Invoice) { i.Due = date.MustParse("2026-02-01") }},
		{"R7 negative total", "negative_total", "Make it a credit note", true, func(i *sdk.Invoice) { i.Total, i.Open = money.EUR(-100), money.EUR(-100) }},
		{"R7 unknown currency", "unknown_currency", "ISO 4217", false, func(i *sdk.Invoice) { i.Total, i.Open = money.Of(1, "XXQ"), money.Of(1, "XXQ") }},
		{"R7 more open than its total", "open_above_total", "more open", true, func(i *sdk.Invoice) { i.Open = money.EUR(10_001) }},
		{"R7 two currencies", "mixed_currency", "open amount in USD", false, func(i *sdk.Invoice) { i.Open = money.Of(1, "USD") }},
		{"R7 no due date", "date_missing", "no due date", false, func(i *sdk.Invoice) { i.Due = date.Date{} }},
		{"R7 no number", "number_missing", "has no number", true, func(i *sdk.Invoice) { i.Number = "" }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			good, bad := invoice("good"), invoice("F1")
			tc.spoil(&bad)
			b := booksync.Batch{Parties: []sdk.Party{dunningtest.Debtor("jan", sdk.Business)}, Invoices: []sdk.Invoice{good, bad}}
			if c := w.Books.Apply(b); c.Problems != 1 {
				t.Errorf("%+v", c)
			}
			list := problems(w)
			if len(list) != 1 || list[0].Code != tc.code || list[0].ExternalID != "F1" || !strings.Contains(list[0].Message, tc.says) {
				t.Fatalf("problems %+v; want %s that says %q", list, tc.code, tc.says)
			}
			before := written(w)
			if c := w.Books.Apply(b); len(c.Invoices) != 0 {
				t.Errorf("the same problem again: %+v", c)
			}
			if written(w) != before {
				t.Error("the same problem again wrote rows")
			}
			if w.State("good").HeldRule != "" {
				t.Error("the good invoice is held as well")
			}
			if tc.stored && w.State("F1").HeldRule != "R7" {
				t.Errorf("it is held by %q", w.State("F1").HeldRule)
			}
			w.Books.Apply(booksync.Batch{Invoices: []sdk.Invoice{invoice("F1")}})
			if list := problems(w); len(list) != 0 || w.State("F1").HeldRule != "" {
				t.Errorf("mended: %+v, held by %q", list, w.State("F1").HeldRule)
			}
		})
	}
}

func problems(w *dunningtest.World) (out []db.SyncProblem) {
	w.In(func(tx store.Tx) (err error) {
		out, err = tx.SyncProblems(context.Background(), w.Adm)
		return err
	})
	return out
}

// ours is money that we saw ourselves, at the bank or at Mollie.
func ours(w *dunningtest.World, source, external string, cents int64, on string) uuid.UUID {
	id := uuid.New()
	w.In(func(tx store.Tx) error {
		ctx := context.Background()
		if _, err := tx.PutPayment(ctx, db.PutPaymentParams{
			ID: id, TenantID: w.Tenant, AdministrationID: w.Adm, DebtorID: uuid.NullUUID{UUID: w.DebtorID("jan"), Valid: true}, Source: source, ExternalID: external,
			State: "booked", Currency: "EUR", AmountMinor: cents, ValueDate: date.MustParse(on), Reference: external, SeenAt: w.Clock.Now(),
		}); err != nil {
			return err
		}
		if err := tx.AddAllocation(ctx, db.AddAllocationParams{
			ID: uuid.New(), TenantID: w.Tenant, PaymentID: id, InvoiceID: w.ID("F1"), Kind: "principal", AmountMinor: cents, Method: "number", CreatedAt: w.Clock.Now(),
		}); err != nil {
			return err
		}
		return w.Planner.Replan(ctx, tx, []uuid.UUID{w.ID("F1")})
	})
	return id
}

func openOf(w *dunningtest.World) (open int64) {
	w.In(func(tx store.Tx) (err error) {
		open, err = tx.OpenOf(context.Background(), w.ID("F1"))
		return err
	})
	return open
}

func TestMoneyIsCountedOnce(t *testing.T) {
	t.Parallel()
	in := func(cents int64, id, reference, on string) booksync.Batch {
		inv := invoice("F1")
		inv.Open = money.EUR(10_000 - cents)
		if inv.Open.Minor == 0 {
			inv.Status = sdk.Paid
		}
		return booksync.Batch{
			Parties: []sdk.Party{dunningtest.Debtor("jan", sdk.Business)}, Invoices: []sdk.Invoice{inv},
			Payments: []sdk.Payment{{ID: id, PartyID: "jan", InvoiceID: "F1", Amount: money.EUR(cents), ValueDate: date.MustParse(on), Reference: reference}},
		}
	}
	empty := booksync.Batch{Parties: []sdk.Party{dunningtest.Debtor("jan", sdk.Business)}, Invoices: []sdk.Invoice{invoice("F1")}}
	for _, tc := range []struct {
		name      string
		source    string
		reference string // in the books
		cents     int64
		open      int64
	}{
		{"R2 of the bank, in part, the same value date", "bank", "", 4_000, 6_000},
		{"R2 of Mollie, in part, named in the books", "mollie", "Mollie tr_1", 4_000, 6_000},
		{"R2 of Mollie, in full, not named", "mollie", "", 10_000, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			w.Books.Apply(empty)
			ours(w, tc.source, "tr_1", tc.cents, "2026-03-05")
			if got := openOf(w); got != 10_000-tc.cents {
				t.Fatalf("seen by us, %d is open", got)
			}
			w.Books.Apply(in(tc.cents, "b1", tc.reference, "2026-03-05"))
			w.Books.Apply(in(tc.cents, "b1", tc.reference, "2026-03-05"))
			if got := openOf(w); got != tc.open {
				t.Errorf("in the books as well, %d is open, want %d", got, tc.open)
			}
			// The bookkeeper takes it out again: we still have it.
			w.Books.Apply(booksync.Batch{Invoices: empty.Invoices, Gone: map[sdk.Stream][]string{sdk.Payments: {"b1"}}})
			if got := openOf(w); got != 10_000-tc.cents {
				t.Errorf("taken out of the books, %d is open", got)
			}
		})
	}
	t.Run("another payment of the same amount is another payment", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		w.Books.Apply(empty)
		ours(w, "mollie", "tr_1", 4_000, "2026-03-05")
		w.Books.Apply(in(4_000, "b1", "cash", "2026-03-06"))
		if got := openOf(w); got != 2_000 {
			t.Errorf("%d is open after two payments of 40.00", got)
		}
	})
	t.Run("R2 closed on the value date", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		w.Books.Apply(empty)
		w.Clock.Set(w.Clock.Now().Add(10 * 24 * time.Hour))
		w.Books.Apply(in(10_000, "b1", "", "2026-03-05"))
		if s := w.State("F1"); s.Phase != "closed" || s.ClosedOn != date.MustParse("2026-03-05") || !w.Said("F1", "closed", "R2") {
			t.Errorf("%s on %s: %v", s.Phase, s.ClosedOn, w.Story("F1"))
		}
	})
	t.Run("known later under the id that the books gave it", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		w.Books.Apply(empty)
		id := ours(w, "mollie", "tr_1", 4_000, "2026-03-05")
		w.Books.Apply(in(4_000, "b1", "", "2026-03-09")) // nothing tells that it is the same yet
		wb := uuid.New()
		w.In(func(tx store.Tx) error {
			if err := tx.AddWriteBack(context.Background(), db.AddWriteBackParams{ID: wb, TenantID: w.Tenant, AdministrationID: w.Adm, PaymentID: id, InvoiceID: w.ID("F1"), AmountMinor: 4_000, Currency: "EUR", ValueDate: date.MustParse("2026-03-05"), UpdatedAt: w.Clock.Now()}); err != nil {
				return err
			}
			return tx.SetWriteBack(context.Background(), db.SetWriteBackParams{ID: wb, State: "applied", ExternalID: "b1", UpdatedAt: w.Clock.Now()})
		})
		w.Books.Apply(in(4_000, "b1", "", "2026-03-09"))
		if got := openOf(w); got != 6_000 {
			t.Errorf("%d is open", got)
		}
	})
	t.Run("a settlement with a credit note is no money", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		b := in(4_000, "b1", "", "2026-03-05")
		b.Payments[0].CreditNote = "C1"
		if c := w.Books.Apply(b); c.Added != 2 {
			t.Errorf("%+v", c)
		}
	})
}
