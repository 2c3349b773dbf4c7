package casework_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/casework"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/payment"
	"github.com/voldaan/voldaan/core/payment/statement"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// credited brings a bank statement with lines of an account.
func (y *yard) credited(t *testing.T, name string, lines ...statement.Line) payment.ImportReport {
	t.Helper()
	y.Clock.Set(dunningtest.At("2026-05-28 10:00"))
	for i := range lines {
		lines[i].CounterpartyName, lines[i].CounterpartyIBAN = name, "NL02RABO0123456789"
	}
	day := date.MustParse("2026-05-28")
	s, err := statement.Compose("NL91ABNA0417164300", "2026-05", lines[0].Text, day, money.EUR(0), lines...)
	if err != nil {
		t.Fatal(err)
	}
	var file strings.Builder
	if err := statement.WriteCAMT053(&file, y.Clock.Now(), s); err != nil {
		t.Fatal(err)
	}
	bank := payment.Bank{Store: y.Store, Planner: y.desk.Planner, Clock: func(ctx context.Context, tx store.Tx) (time.Time, error) { return tx.Now(ctx, y.Clock) }}
	report, err := bank.Import(context.Background(), y.Tenant, y.Adm, "bank.xml", strings.NewReader(file.String()))
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func line(minor int64, text string) statement.Line {
	return statement.Line{Amount: money.EUR(minor), Text: text, BankReference: text}
}

// lines are the lines of bank statements by their text.
func (y *yard) lines(t *testing.T) map[string]db.BankLine {
	t.Helper()
	out := map[string]db.BankLine{}
	y.In(func(tx store.Tx) error {
		list, err := tx.BankStatements(context.Background())
		if err != nil {
			return err
		}
		for _, s := range list {
			rows, err := tx.BankLines(context.Background(), []uuid.UUID{s.ID})
			if err != nil {
				return err
			}
			for _, r := range rows {
				out[r.Text] = r
			}
		}
		return nil
	})
	return out
}

// TestRemittance proves that what a bailiff hands on is known by what it names.
func TestRemittance(t *testing.T) {
	t.Parallel()
	yardWith := func(t *testing.T, fee int32) *yard {
		t.Helper()
		y, b := handed(t, "bailiff")
		y.In(func(tx store.Tx) error {
			_, err := tx.Exec(context.Background(), "update bailiff set fee_bp = $1", fee)
			return err
		})
		for i, on := range []string{"2026-05-22", "2026-05-23"} {
			n := paid(5000, on)
			n.Reference = []string{"DW-1", "DW-10"}[i]
			b.Say(n)
		}
		y.wake(t)
		return y
	}
	t.Run("R30 named in full it is not booked again, and once only", func(t *testing.T) {
		t.Parallel()
		y := yardWith(t, 0)
		y.Clock.Set(dunningtest.At("2026-05-28 10:00"))
		_, before := y.standing()
		y.credited(t, "Deurwaarder De Wit", line(10_000, "Afdracht DW-1 en DW-10"), line(10_000, "Nogmaals DW-1 en DW-10"))
		_, after := y.standing()
		got := y.lines(t)
		if first := got["Afdracht DW-1 en DW-10"]; first.State != "ignored" || !strings.Contains(first.Why, "Z2026-0001") || first.PaymentID.Valid {
			t.Errorf("%s: %s", first.State, first.Why)
		}
		if again := got["Nogmaals DW-1 en DW-10"]; again.State != "suggested" {
			t.Errorf("the second is %s: %s", again.State, again.Why)
		}
		if before.Total() != after.Total() {
			t.Errorf("from %d to %d", before.Total(), after.Total())
		}
		for _, n := range y.money() {
			if n.Booking != casework.Booked || n.HandedOn == "" {
				t.Errorf("%s is %s, handed on with %q", n.Reference, n.Booking, n.HandedOn)
			}
		}
	})
	t.Run("R30 one of two of the same amount, by its reference", func(t *testing.T) {
		t.Parallel()
		y := yardWith(t, 0)
		y.credited(t, "Stichting Derdengelden", line(5000, "DW-10"))
		n := y.money()
		if n[0].HandedOn != "" || n[1].HandedOn == "" {
			t.Errorf("handed on: %q and %q", n[0].HandedOn, n[1].HandedOn)
		}
	})
	t.Run("R30 less what they keep", func(t *testing.T) {
		t.Parallel()
		y := yardWith(t, 1250)
		y.credited(t, "Deurwaarder De Wit", line(8750, "Z2026-0001"))
		if got := y.lines(t)["Z2026-0001"]; got.State != "ignored" || !strings.Contains(got.Why, "12.50") {
			t.Errorf("%s: %s", got.State, got.Why)
		}
	})
	t.Run("R30 another amount, or nothing named, is for a person", func(t *testing.T) {
		t.Parallel()
		y := yardWith(t, 0)
		y.credited(t, "Deurwaarder De Wit", line(6000, "DW-1"), line(5000, "zonder kenmerk"))
		for text, got := range y.lines(t) {
			if got.State != "suggested" || got.Why == "" {
				t.Errorf("%s is %s: %s", text, got.State, got.Why)
			}
		}
	})
	t.Run("R28 the debtor's own line with the number of the case is booked", func(t *testing.T) {
		t.Parallel()
		y := yardWith(t, 0)
		y.Clock.Set(dunningtest.At("2026-05-28 10:00"))
		_, before := y.standing()
		y.credited(t, "J Bakker", line(5000, "Zaak Z2026-0001"))
		if _, after := y.standing(); before.Total()-after.Total() != 5000 {
			t.Errorf("from %d to %d: %+v", before.Total(), after.Total(), y.lines(t))
		}
	})
}
