package dunning_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk"
)

// TestHoldBack lets a share of first reminders leave some days later: on record with
// the reason, sent all the same, and never what the law prescribes.
func TestHoldBack(t *testing.T) {
	t.Parallel()
	w := dunningtest.New(t, "2026-03-02 09:00")
	ctx := context.Background()
	trial := policy.Trial{Share: 20, Days: 4}
	w.In(func(tx store.Tx) error {
		if err := flow.SetTrial(ctx, tx, policy.Trial{Share: 21, Days: 4}, flow.Act{By: "anna", At: w.Clock.Now()}); err == nil {
			t.Error("a share of 21 percent was taken")
		}
		return flow.SetTrial(ctx, tx, trial, flow.Act{By: "anna", At: w.Clock.Now()})
	})
	var held, sent string
	for i := 0; held == "" || sent == ""; i++ {
		number := fmt.Sprintf("F%d", i)
		if trial.Picks(w.ID(number), policy.Reminder1, 1) {
			if held != "" {
				continue
			}
			held = number
		} else if sent != "" {
			continue
		} else {
			sent = number
		}
		party := dunningtest.Debtor("p"+number, sdk.Business)
		w.Books.Put(party, dunningtest.Invoice(number, "p"+number, "2026-03-02", "2026-03-16", 20000))
	}
	w.Books.Sync()
	day := func(number, step string) string {
		for _, m := range w.Messages(number) {
			if m.Step == step && m.SentAt != nil {
				return m.SentAt.In(dunningtest.Amsterdam).Format("2006-01-02")
			}
		}
		return ""
	}
	w.Walk("2026-03-20 00:00")
	if day(sent, "reminder_1") != "2026-03-19" || day(held, "reminder_1") != "" {
		t.Fatalf("%s left on %q, %s on %q", sent, day(sent, "reminder_1"), held, day(held, "reminder_1"))
	}
	if s := w.State(held); s.NextStep != "reminder_1" || s.NextRule != policy.HeldBack || !strings.Contains(s.NextWhy, "measure this step until 23 March 2026") {
		t.Errorf("next %s by %s: %s", s.NextStep, s.NextRule, s.NextWhy)
	}
	var decisions, rows int
	w.In(func(tx store.Tx) error {
		if err := tx.QueryRow(ctx, "select count(*) from decision where rule = 'hold_back' and outcome = 'moved' and step = 'reminder_1' and reason like 'Held back to measure%'").Scan(&decisions); err != nil {
			return err
		}
		return tx.QueryRow(ctx, "select count(*) from hold_back where step = 'reminder_1' and open_minor = 20000 and until = '2026-03-23'").Scan(&rows)
	})
	if decisions != 1 || rows != 1 {
		t.Errorf("%d decisions, %d rows", decisions, rows)
	}
	// Planned again meanwhile, it stays held back until its day.
	w.In(func(tx store.Tx) error { return w.Planner.Replan(ctx, tx, []uuid.UUID{w.ID(held)}) })
	if s := w.State(held); s.NextRule != policy.HeldBack {
		t.Errorf("planned again by %s: %s", s.NextRule, s.NextWhy)
	}
	w.Walk("2026-04-25 00:00")
	if day(held, "reminder_1") != "2026-03-23" || day(held, "reminder_2") == "" {
		t.Errorf("reminder 1 left on %q, reminder 2 on %q", day(held, "reminder_1"), day(held, "reminder_2"))
	}
	w.In(func(tx store.Tx) error {
		return tx.QueryRow(ctx, "select count(*) from hold_back where step <> 'reminder_1'").Scan(&rows)
	})
	if rows != 0 {
		t.Errorf("%d other steps were held back", rows)
	}
}
