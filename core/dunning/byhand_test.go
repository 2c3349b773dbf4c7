package dunning_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

func byHand(t *testing.T, w *dunningtest.World, step policy.StepID, on string) error {
	t.Helper()
	return w.Store.In(t.Context(), w.Tenant, func(tx store.Tx) error {
		return w.Planner.ByHand(context.Background(), tx, w.ID("F1"), step, date.MustParse(on), "anna")
	})
}

// A step that a person took is not taken by the flow as well, be it outside
// Voldaan or with the button, on the day itself or ahead of it.
func TestStepsByHand(t *testing.T) {
	t.Parallel()
	reminders := func(t *testing.T, w *dunningtest.World, step string) (n int) {
		t.Helper()
		for _, m := range w.Messages("F1") {
			if m.Step == step && m.State == "sent" {
				n++
			}
		}
		return n
	}
	t.Run("R11 sent outside on the day of the automatic step", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Business)
		w.Walk("2026-03-19 07:30")
		if s := w.State("F1"); s.NextStep != "reminder_1" || s.NextAt.In(dunningtest.Amsterdam).Format("2006-01-02") != "2026-03-19" {
			t.Fatalf("next %s at %v; the test needs a step that falls today", s.NextStep, s.NextAt)
		}
		if err := byHand(t, w, policy.Reminder1, "2026-03-19"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Take(w.ID("F1")); err != nil { // the timer of the old plan
			t.Fatal(err)
		}
		w.Walk("2026-03-25 23:00")
		if n := reminders(t, w, "reminder_1"); n != 0 {
			t.Errorf("the flow sent it %d times as well", n)
		}
		if !w.Said("F1", "confirmed", "R11") {
			t.Errorf("nothing tells of it:\n%s", strings.Join(w.Story("F1"), "\n"))
		}
		w.Walk("2026-04-01 00:00")
		if got := w.Sent("F1"); !slices.Contains(got, "reminder_2") || slices.Contains(got, "reminder_1") {
			t.Errorf("sent %v", got)
		}
	})
	t.Run("R11 sent with the button on the day of the automatic step", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Business)
		w.Walk("2026-03-19 08:05")
		w.In(func(tx store.Tx) error { return w.Planner.StepNow(context.Background(), tx, w.ID("F1"), "anna") })
		if _, err := w.Take(w.ID("F1")); err != nil {
			t.Fatal(err)
		}
		w.Walk("2026-03-25 23:00")
		if n := reminders(t, w, "reminder_1"); n != 1 {
			t.Errorf("the debtor got it %d times", n)
		}
		once(t, w)
	})
	t.Run("R11 what has to be proven is not taken on somebody's word", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Consumer)
		w.Walk("2026-03-20 00:00")
		for step, on := range map[policy.StepID]string{
			policy.FourteenDay: "2026-03-19", policy.OpenCase: "2026-03-19", "no_such_step": "2026-03-19",
			policy.Reminder2: "2026-03-25", // in the future
		} {
			if err := byHand(t, w, step, on); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", step, err)
			}
		}
		if err := byHand(t, w, policy.Reminder1, "2026-03-19"); !fault.Is(err, fault.Conflict) {
			t.Errorf("a step that was sent: %v", err)
		}
	})
}

// An invoice that the books neither sent nor have a PDF of waits, says what to
// do, and goes on once a person said when it was sent.
func TestInvoiceSentElsewhere(t *testing.T) {
	t.Parallel()
	w := dunningtest.New(t, "2026-03-02 07:00")
	inv := dunningtest.Invoice("F1", "jan", "2026-03-02", "2026-03-16", 300_000)
	inv.Document = false
	w.Books.Put(dunningtest.Debtor("jan", sdk.Business), inv)
	w.Books.Sync()
	w.Walk("2026-03-20 00:00")
	s := w.State("F1")
	if s.HeldRule != "R19" || !strings.Contains(s.HeldWhy, "if you sent the invoice yourself") {
		t.Fatalf("held by %q: %s", s.HeldRule, s.HeldWhy)
	}
	if err := byHand(t, w, policy.SendInvoice, "2026-03-01"); !fault.Is(err, fault.Invalid) {
		t.Errorf("a day before the invoice: %v", err)
	}
	if err := byHand(t, w, policy.SendInvoice, "2026-03-02"); err != nil {
		t.Fatal(err)
	}
	s = w.State("F1")
	if s.HeldRule != "" || s.Phase != "sent" || s.NextStep != "reminder_1" {
		t.Errorf("phase %s, next %s, held by %q", s.Phase, s.NextStep, s.HeldRule)
	}
	w.Walk("2026-03-25 00:00")
	if got := w.Sent("F1"); !slices.Equal(got, []string{"reminder_1"}) {
		t.Errorf("sent %v", got)
	}
	if !w.Said("F1", "confirmed", "R18") {
		t.Errorf("nothing tells of it:\n%s", strings.Join(w.Story("F1"), "\n"))
	}
	w.In(func(tx store.Tx) error {
		tasks, err := tx.OpenTasks(t.Context())
		for _, task := range tasks {
			if task.Kind == "document_missing" {
				t.Error("the task is still open")
			}
		}
		return err
	})
}
