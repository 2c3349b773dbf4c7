package board_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/insight"
	"github.com/voldaan/voldaan/core/insight/board"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func day(s string) date.Date { return date.MustParse(s) }

// figures computes the board of a day from what is stored now.
func figures(t *testing.T, w *dunningtest.World, on string, known bool) *board.Board {
	t.Helper()
	ask := board.Ask{On: day(on), Now: w.Clock.Now(), Zone: dunningtest.Amsterdam, Administration: uuid.NullUUID{UUID: w.Adm, Valid: true}, Known: known}
	var b *board.Board
	w.In(func(tx store.Tx) error {
		rows, err := board.Read(context.Background(), tx, ask.Administration, ask.Now)
		if err != nil {
			return err
		}
		b, err = board.Make(rows, ask)
		return err
	})
	return b
}

// aged writes an aging as "open(disputed)" for each column, with the credit.
func aged(a insight.Aging) string {
	s := ""
	for _, b := range a.Buckets {
		s += fmt.Sprintf("%d", b.Open.Minor/100)
		if b.Disputed.Positive() {
			s += fmt.Sprintf("(%d)", b.Disputed.Minor/100)
		}
		s += " "
	}
	return s + fmt.Sprintf("%d = %d", a.Credit.Minor/100, a.Net.Minor/100)
}

// TestBoard builds a small ledger by syncs, and asks for figures of past days.
func TestBoard(t *testing.T) {
	t.Parallel()
	w := dunningtest.New(t, "2026-01-05 09:00")
	ctx := context.Background()
	w.Books.Put(dunningtest.Debtor("a", sdk.Business), dunningtest.Invoice("F1", "a", "2026-01-02", "2026-01-31", 10000), dunningtest.Invoice("F3", "a", "2026-01-02", "2026-03-31", 30000))
	w.Books.Put(dunningtest.Debtor("b", sdk.Business), dunningtest.Invoice("F2", "b", "2026-01-02", "2026-02-10", 20000))
	w.Books.Sync()
	at := func(moment string, f func()) {
		w.Clock.Set(dunningtest.At(moment))
		f()
		w.Books.Sync()
	}
	at("2026-02-11 09:00", func() { w.Books.Pay("F1", 6000, day("2026-02-10")) })
	w.In(func(tx store.Tx) error {
		_, err := tx.Exec(ctx, "insert into dispute (id, tenant_id, invoice_id, debtor_id, reason, currency, amount_minor, state, opened_at, deadline) values ($1, $2, $3, $4, 'price', 'EUR', 5000, 'open', $5, '2026-03-01')",
			uuid.New(), w.Tenant, w.ID("F2"), w.DebtorID("b"), dunningtest.At("2026-02-12 10:00"))
		return err
	})
	w.Clock.Set(dunningtest.At("2026-02-15 09:00"))
	const then = "300 240(50) 0 0 0 0 0 = 540"
	t.Run("R74 disputed stays in the total, in a column of its own", func(t *testing.T) {
		b := figures(t, w, "2026-02-15", false)
		if got := aged(b.Aging); got != then {
			t.Errorf("aging is %s, want %s", got, then)
		}
		if b.AR.Net != money.EUR(54000) || b.AR.Disputed != money.EUR(5000) {
			t.Errorf("receivable is %v", b.AR)
		}
		if got := b.DSO.Year.Decimal(1); got != "328.5" { // 540 / 600 x 365
			t.Errorf("DSO is %s", got)
		}
	})
	// Money that comes later, and books that say paid without a payment.
	at("2026-03-06 09:00", func() { w.Books.Pay("F1", 4000, day("2026-03-05")) })
	at("2026-03-20 09:00", func() {
		w.Books.Change("F2", func(i *sdk.Invoice) { i.Open, i.Status = money.EUR(0), sdk.Paid })
	})
	at("2026-04-02 09:00", func() {
		w.Books.Change("F3", func(i *sdk.Invoice) { i.Due = day("2026-05-31") })
	})
	w.In(func(tx store.Tx) error {
		_, err := tx.Exec(ctx, "update dispute set state = 'withdrawn', resolved_at = $1", dunningtest.At("2026-03-19 10:00"))
		return err
	})
	// Seen in May, with a value date in March.
	at("2026-05-04 09:00", func() { w.Books.Pay("F3", 10000, day("2026-03-10")) })
	t.Run("a past day stays as it was after later payments", func(t *testing.T) {
		for on, want := range map[string]string{
			"2026-01-03": "600 0 0 0 0 0 0 = 600",
			"2026-02-09": "500 100 0 0 0 0 0 = 600",
			"2026-02-10": "500 40 0 0 0 0 0 = 540",
			"2026-02-15": then,
			"2026-03-05": "300 200(50) 0 0 0 0 0 = 500",
			"2026-03-15": "200 0 200(50) 0 0 0 0 = 400",
			"2026-03-19": "200 0 200 0 0 0 0 = 400",
			"2026-03-20": "200 0 0 0 0 0 0 = 200",
			"2026-04-01": "0 200 0 0 0 0 0 = 200", // before its due date moved
			"2026-04-02": "200 0 0 0 0 0 0 = 200",
		} {
			if got := aged(figures(t, w, on, false).Aging); got != want {
				t.Errorf("on %s it is %s, want %s", on, got, want)
			}
		}
	})
	t.Run("as it was known on the day", func(t *testing.T) {
		if got, want := aged(figures(t, w, "2026-03-15", true).Aging), "300 0 200(50) 0 0 0 0 = 500"; got != want {
			t.Errorf("it is %s, want %s", got, want)
		}
	})
	t.Run("who does not pay counts in days late", func(t *testing.T) {
		b := figures(t, w, "2026-03-15", false)
		h := b.Habits[w.DebtorID("b").String()]
		if h.DaysLate.Decimal(0) != "33" || h.OfPayments.Known() || h.OldestLate != 33 {
			t.Errorf("the habit is %+v", h)
		}
		// (60 x 10 + 40 x 33 + 100 x -21) / 200
		if h := b.Habits[w.DebtorID("a").String()]; h.DaysLate.Decimal(1) != "-0.9" {
			t.Errorf("the habit is %s", h.DaysLate.Decimal(1))
		}
	})
}

// TestMessages holds the figures about messages to what was sent in a flow.
func TestMessages(t *testing.T) {
	t.Parallel()
	w := dunningtest.New(t, "2026-02-02 09:00")
	w.Books.Put(dunningtest.Debtor("a", sdk.Business), dunningtest.Invoice("F1", "a", "2026-02-02", "2026-02-16", 10000))
	w.Books.Sync()
	w.Walk("2026-02-27 12:00")
	sent := len(w.Messages("F1"))
	if sent < 2 {
		t.Fatalf("%d messages were sent: %v", sent, w.Story("F1"))
	}
	w.Books.Pay("F1", 10000, day("2026-02-28"))
	w.Clock.Set(dunningtest.At("2026-03-02 09:00"))
	w.Books.Sync()
	b := figures(t, w, "2026-03-02", false)
	if b.Wrong.Sent == 0 || b.Wrong.Wrong != 0 || b.Wrong.Rate().Percent(1) != "0.0" {
		t.Errorf("wrong reminders are %+v", b.Wrong)
	}
	if b.Reach.Percent(0) != "100" || len(b.Bounces) == 0 {
		t.Errorf("reach is %s, bounces %v", b.Reach.Percent(0), b.Bounces)
	}
	if len(b.Steps) == 0 {
		t.Error("no step has an effect")
	}
	if b.Freshness.Oldest > time.Hour { // the gate reads the invoice again just before
		t.Errorf("the books were %v old", b.Freshness)
	}
	t.Run("a value date before the reminder makes it wrong", func(t *testing.T) {
		w.In(func(tx store.Tx) error {
			_, err := tx.Exec(context.Background(), "update payment set value_date = '2026-02-03'")
			return err
		})
		if b := figures(t, w, "2026-03-02", false); b.Wrong.Wrong != b.Wrong.Sent {
			t.Errorf("wrong reminders are %+v", b.Wrong)
		}
	})
}
