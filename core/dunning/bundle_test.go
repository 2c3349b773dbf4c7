package dunning_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk"
)

// three invoices of one debtor: F1 is a step ahead of F2, F3 is not due yet.
func three(t *testing.T) *dunningtest.World {
	t.Helper()
	w := dunningtest.New(t, "2026-03-02 07:00")
	w.Books.Put(dunningtest.Debtor("jan", sdk.Business),
		dunningtest.Invoice("F1", "jan", "2026-03-02", "2026-03-16", 10_000),
		dunningtest.Invoice("F2", "jan", "2026-03-02", "2026-03-23", 20_000),
		dunningtest.Invoice("F3", "jan", "2026-03-02", "2026-05-29", 30_000))
	w.Books.Sync()
	return w
}

func roles(w *dunningtest.World, message uuid.UUID) map[string]string {
	out := map[string]string{}
	w.In(func(tx store.Tx) error {
		rows, err := tx.MessageInvoices(context.Background(), []uuid.UUID{message})
		for _, r := range rows {
			for _, number := range []string{"F1", "F2", "F3"} {
				if r.InvoiceID == w.ID(number) {
					out[number] = r.Role
				}
			}
		}
		return err
	})
	return out
}

func TestBundle(t *testing.T) {
	t.Parallel()
	t.Run("R43 R44 each at its own step, not due apart", func(t *testing.T) {
		t.Parallel()
		w := three(t)
		w.Walk("2026-03-27 00:00")
		m := message(w, "F2", "reminder_2")
		if m.ID == uuid.Nil {
			t.Fatalf("F2 did not go along: %v", w.Story("F2"))
		}
		if got := roles(w, m.ID); got["F1"] != "demanded" || got["F2"] != "demanded" || got["F3"] != "not_due" {
			t.Errorf("roles %v", got)
		}
		if got := w.Sent("F1"); !slices.Equal(got, []string{"invoice", "reminder_1", "reminder_2"}) {
			t.Errorf("F1 took %v", got)
		}
		if got := w.Sent("F2"); !slices.Equal(got, []string{"invoice", "reminder_1"}) {
			t.Errorf("F2 took %v", got)
		}
		if got := w.Sent("F3"); !slices.Equal(got, []string{"invoice"}) {
			t.Errorf("F3 took %v", got)
		}
		once(t, w)
	})
	t.Run("R45 the others keep their step when the oldest is paid", func(t *testing.T) {
		t.Parallel()
		w := three(t)
		w.Walk("2026-03-27 00:00")
		w.Books.Pay("F1", 10_000, w.State("F1").PlannedDue)
		w.Walk("2026-04-10 00:00")
		if got := w.Sent("F2"); !slices.Equal(got, []string{"invoice", "reminder_1", "reminder_2"}) {
			t.Errorf("F2 took %v", got)
		}
	})
	t.Run("R46 what is disputed is named and not demanded", func(t *testing.T) {
		t.Parallel()
		w := three(t)
		w.Walk("2026-03-20 00:00")
		w.In(func(tx store.Tx) error {
			return w.Planner.Dispute(context.Background(), tx, w.ID("F1"), receivable.Claim{}.Total, "wrong_amount", "too much", "debtor")
		})
		w.Walk("2026-04-03 00:00")
		m := message(w, "F2", "reminder_1")
		if got := roles(w, m.ID); got["F1"] != "not_demanded" || got["F2"] != "demanded" {
			t.Errorf("roles %v in %q", got, m.Subject)
		}
		if s := w.State("F1"); s.HeldRule != "R70" {
			t.Errorf("F1 is held by %q", s.HeldRule)
		}
	})
	t.Run("R15 one debtor gets no two reminders within a week", func(t *testing.T) {
		t.Parallel()
		w := three(t)
		w.Walk("2026-06-15 00:00")
		var days []string
		for _, number := range []string{"F1", "F2", "F3"} {
			for _, m := range w.Messages(number) {
				if m.Step != "invoice" && m.Channel == "email" {
					days = append(days, m.SentAt.In(dunningtest.Amsterdam).Format("2006-01-02"))
				}
			}
		}
		slices.Sort(days)
		days = slices.Compact(days)
		for i := range days[1:] {
			if a, b := dunningtest.At(days[i]+" 12:00"), dunningtest.At(days[i+1]+" 12:00"); b.Sub(a).Hours() < 6.9*24 {
				t.Errorf("reminders on %s and %s", days[i], days[i+1])
			}
		}
		once(t, w)
	})
}

func TestHolds(t *testing.T) {
	t.Parallel()
	t.Run("R64 sending resumes when none of the holds is left", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Business)
		w.Walk("2026-03-18 00:00")
		hold := func(scope dunning.Scope, id uuid.UUID) (hold uuid.UUID) {
			w.In(func(tx store.Tx) (err error) {
				hold, err = w.Planner.Hold(context.Background(), tx, dunning.HoldRequest{Scope: scope, ID: id, Reason: receivable.Paused, By: "anna"})
				return err
			})
			return hold
		}
		holds := []uuid.UUID{hold(dunning.OfInvoice, w.ID("F1")), hold(dunning.OfDebtor, w.DebtorID("jan")), hold(dunning.OfAdministration, w.Adm)}
		for i, h := range holds {
			if s := w.State("F1"); s.HeldRule != "R64" || s.WakeAt != nil {
				t.Fatalf("with %d holds left it is held by %q and wakes %v", len(holds)-i, s.HeldRule, s.WakeAt)
			}
			w.Walk("2026-04-0" + string(rune('1'+i)) + " 00:00")
			w.In(func(tx store.Tx) error { return w.Planner.Release(context.Background(), tx, h, "anna") })
		}
		if s := w.State("F1"); s.HeldRule != "" || s.WakeAt == nil {
			t.Errorf("after the last hold it is held by %q", s.HeldRule)
		}
		if got := w.Sent("F1"); slices.Contains(got, "reminder_1") {
			t.Errorf("a reminder went out while it was held: %v", got)
		}
		w.Walk("2026-04-10 00:00")
		if got := w.Sent("F1"); len(got) != 3 {
			t.Errorf("R65: after the pause it took %v, one step and no burst was due", got)
		}
	})
	t.Run("R64 a pause with an end", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Business)
		w.Walk("2026-03-18 00:00")
		until := dunningtest.At("2026-03-30 09:00")
		w.In(func(tx store.Tx) error {
			_, err := w.Planner.Hold(context.Background(), tx, dunning.HoldRequest{Scope: dunning.OfInvoice, ID: w.ID("F1"), Reason: receivable.Paused, Until: until, By: "anna"})
			return err
		})
		if s := w.State("F1"); s.HeldRule != "R64" || s.NextAt == nil || !s.NextAt.Equal(until) {
			t.Errorf("held by %q until %v", s.HeldRule, s.NextAt)
		}
		w.Walk("2026-03-31 00:00")
		if got := w.Sent("F1"); !slices.Equal(got[2:], []string{"reminder_2"}) && !slices.Equal(got[2:], []string{"reminder_1"}) {
			t.Errorf("after the pause it took %v", got)
		}
	})
}

func TestPortalAccess(t *testing.T) {
	t.Parallel()
	w := world(t, sdk.Business)
	w.Walk("2026-03-03 00:00")
	w.In(func(tx store.Tx) error {
		var hashes, size int
		if err := tx.QueryRow(context.Background(), "select count(*), min(length(token_hash)) from portal_access where debtor_id = $1", w.DebtorID("jan")).Scan(&hashes, &size); err != nil {
			return err
		}
		if hashes != 1 || size != 32 {
			t.Errorf("R112: %d links with %d bytes", hashes, size)
		}
		return nil
	})
	m := w.Messages("F1")[0]
	_, token, _ := strings.Cut(m.BodyText, "https://pay.test/")
	token, _, _ = strings.Cut(strings.Fields(token)[0], "/")
	if len(token) < 20 {
		t.Fatalf("the message has no link: %s", m.BodyText)
	}
	found, err := w.Store.Door().DoorPortal(context.Background(), hash(token))
	if err != nil || found.DebtorID != w.DebtorID("jan") {
		t.Errorf("R112: the link leads to %v, %v", found, err)
	}
}
