package dunning_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	booksync "github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func nextOn(s db.Collection) string {
	if s.NextAt == nil {
		return ""
	}
	return date.Of(s.NextAt.In(dunningtest.Amsterdam)).String()
}

func TestChangesOfTheBooks(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		do   func(t *testing.T, w *dunningtest.World)
	}{
		{"R21 a later due date re-times what is not sent", func(t *testing.T, w *dunningtest.World) {
			w.Walk("2026-03-20 00:00") // reminder 1 is out
			w.Books.Change("F1", func(i *sdk.Invoice) { i.Due = date.MustParse("2026-04-15") })
			w.Books.Sync()
			s := w.State("F1")
			if s.Phase != "sent" || s.NextStep != "reminder_2" || nextOn(s) != "2026-04-28" {
				t.Errorf("phase %s, %s on %s; want reminder 2 by the new date, moved past King's Day", s.Phase, s.NextStep, nextOn(s))
			}
			if got := w.Sent("F1"); !slices.Contains(got, "reminder_1") {
				t.Errorf("history lost: %v", got)
			}
		}},
		{"R22 an earlier due date never hurries", func(t *testing.T, w *dunningtest.World) {
			w.Walk("2026-03-09 12:00")
			w.Books.Change("F1", func(i *sdk.Invoice) { i.Due = date.MustParse("2026-03-04") })
			w.Books.Sync()
			s := w.State("F1")
			if s.NextStep != "reminder_1" || nextOn(s) != "2026-03-10" {
				t.Errorf("%s on %s", s.NextStep, nextOn(s))
			}
		}},
		{"R25 gone from the books is presumed paid and held", func(t *testing.T, w *dunningtest.World) {
			w.Walk("2026-03-18 00:00")
			w.Books.Apply(booksync.Batch{Gone: map[sdk.Stream][]string{sdk.Invoices: {"F1"}}})
			if s := w.State("F1"); s.HeldRule != "R25" || s.WakeAt != nil || s.Phase == "closed" {
				t.Errorf("held by %q, phase %s", s.HeldRule, s.Phase)
			}
			w.Books.Sync() // it is back
			if s := w.State("F1"); s.HeldRule != "" || s.WakeAt == nil {
				t.Errorf("after it came back it is held by %q", s.HeldRule)
			}
		}},
		{"R26 a payment that is undone", func(t *testing.T, w *dunningtest.World) {
			w.Walk("2026-03-20 00:00")
			w.Books.Pay("F1", 300_000, date.MustParse("2026-03-20"))
			w.Books.Sync()
			if s := w.State("F1"); s.Phase != "closed" {
				t.Fatalf("phase %s", s.Phase)
			}
			w.Walk("2026-03-23 10:00")
			w.Books.Apply(booksync.Batch{
				Invoices: []sdk.Invoice{dunningtest.Invoice("F1", "jan", "2026-03-02", "2026-03-16", 300_000)},
				Gone:     map[sdk.Stream][]string{sdk.Payments: {"pay-1"}},
			})
			s := w.State("F1")
			if s.NextStep != "payment_reversed" || nextOn(s) != "2026-03-24" || s.NextRule != "R26" || s.ClosedAt != nil || s.Workflow != "none" {
				t.Errorf("%s on %s by %s, closed %v, workflow %s", s.NextStep, nextOn(s), s.NextRule, s.ClosedAt, s.Workflow)
			}
			if s.Phase != "reminding" {
				t.Errorf("phase %s", s.Phase)
			}
			w.Books.Change("F1", func(i *sdk.Invoice) { i.Status, i.Open = sdk.Open, money.EUR(300_000) })
			w.Walk("2026-03-24 23:00") // the debtor is told, then gets the minimum interval
			s = w.State("F1")
			if s.NextStep != "reminder_2" || nextOn(s) != "2026-03-30" || s.NextRule != "R26" {
				t.Errorf("%s on %s by %s", s.NextStep, nextOn(s), s.NextRule)
			}
			if got := w.Sent("F1"); !slices.Contains(got, "payment_reversed") {
				t.Errorf("sent %v", got)
			}
		}},
		{"R64 R6 the books wait themselves", func(t *testing.T, w *dunningtest.World) {
			w.Walk("2026-03-18 00:00")
			w.Books.Change("F1", func(i *sdk.Invoice) { i.Hold = sdk.Paused })
			w.Walk("2026-03-25 00:00") // found at the moment of sending
			if s := w.State("F1"); s.HeldRule != "R64" || slices.Contains(w.Sent("F1"), "reminder_1") {
				t.Errorf("held by %q, sent %v", s.HeldRule, w.Sent("F1"))
			}
			w.Books.Change("F1", func(i *sdk.Invoice) { i.Hold = sdk.PaymentPending })
			w.Books.Sync()
			if s := w.State("F1"); s.HeldRule != "R6" || s.NextAt == nil {
				t.Errorf("held by %q until %v", s.HeldRule, s.NextAt)
			}
			w.Books.Change("F1", func(i *sdk.Invoice) { i.Hold = sdk.NoHold })
			w.Books.Sync()
			w.Walk("2026-03-27 00:00")
			if got := w.Sent("F1"); !slices.Contains(got, "reminder_1") && !slices.Contains(got, "reminder_2") {
				t.Errorf("sent %v, held by %q", got, w.State("F1").HeldRule)
			}
		}},
		{"R7 a record that makes no sense is held alone", func(t *testing.T, w *dunningtest.World) {
			w.Books.Put(dunningtest.Debtor("eva", sdk.Business), dunningtest.Invoice("F2", "eva", "2026-03-02", "2026-03-16", 10_000))
			w.Books.Sync()
			w.Walk("2026-03-10 00:00")
			w.Books.Change("F1", func(i *sdk.Invoice) { i.Due = date.MustParse("2026-02-01") })
			w.Books.Sync()
			if s := w.State("F1"); s.HeldRule != "R7" {
				t.Errorf("held by %q", s.HeldRule)
			}
			w.Walk("2026-03-20 00:00")
			if got := w.Sent("F2"); !slices.Contains(got, "reminder_1") {
				t.Errorf("the other invoice took %v", got)
			}
			w.Books.Change("F1", func(i *sdk.Invoice) { i.Due = date.MustParse("2026-03-16") })
			w.Books.Sync()
			if s := w.State("F1"); s.HeldRule != "" {
				t.Errorf("mended, and held by %q", s.HeldRule)
			}
		}},
		{"R18 what the books sent is not sent again", func(t *testing.T, w *dunningtest.World) {
			inv := dunningtest.Invoice("F9", "jan", "2026-03-02", "2026-03-16", 10_000)
			inv.Sent = dunningtest.At("2026-03-02 08:00")
			w.Books.Put(dunningtest.Debtor("jan", sdk.Business), inv)
			w.Books.Sync()
			w.Walk("2026-03-20 00:00")
			if got := w.Sent("F9"); !slices.Equal(got, []string{"reminder_1"}) {
				t.Errorf("took %v", got)
			}
		}},
		{"a debtor who turns out to be a consumer gets the consumer's flow", func(t *testing.T, w *dunningtest.World) {
			w.Walk("2026-03-27 00:00")
			w.Books.Put(dunningtest.Debtor("jan", sdk.Consumer))
			w.Books.Sync()
			if s := w.State("F1"); s.Flow != "b2c-nl" || s.NextStep != "fourteen_day_letter" {
				t.Errorf("flow %s, next %s", s.Flow, s.NextStep)
			}
		}},
		{"R33 credit that covers all that is overdue", func(t *testing.T, w *dunningtest.World) {
			w.Walk("2026-03-18 00:00")
			credit := dunningtest.Invoice("C1", "jan", "2026-03-17", "2026-03-17", 300_000)
			credit.Kind = sdk.CreditNote
			w.Books.Put(dunningtest.Debtor("jan", sdk.Business), credit)
			w.Books.Sync()
			w.Walk("2026-04-03 00:00")
			if s := w.State("F1"); s.HeldRule != "R39" && s.HeldRule != "R33" || slices.Contains(w.Sent("F1"), "reminder_1") {
				t.Errorf("held by %q, took %v", s.HeldRule, w.Sent("F1"))
			}
		}},
		{"R4 a small rest is not worth a reminder", func(t *testing.T, w *dunningtest.World) {
			w.Walk("2026-03-18 00:00")
			w.Books.Pay("F1", 299_950, date.MustParse("2026-03-17"))
			w.Walk("2026-06-01 00:00")
			if got := w.Sent("F1"); slices.Contains(got, "reminder_1") || slices.Contains(got, "case_opened") || !slices.Contains(tasks(w), "small_difference") {
				t.Errorf("took %v, tasks %v", got, tasks(w))
			}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := world(t, sdk.Business)
			tc.do(t, w)
			once(t, w)
		})
	}
}

func TestFirstConnection(t *testing.T) {
	t.Parallel()
	t.Run("R16 nothing before go-live, old items at the chosen step", func(t *testing.T) {
		t.Parallel()
		w := dunningtest.New(t, "2026-03-02 07:00")
		w.In(func(tx store.Tx) error {
			return tx.SetGoLive(context.Background(), db.SetGoLiveParams{ID: w.Adm, EntryStep: "reminder_1"})
		})
		w.Books.Put(dunningtest.Debtor("jan", sdk.Business), dunningtest.Invoice("F1", "jan", "2024-03-02", "2024-03-16", 10_000))
		w.Books.Sync()
		w.Walk("2026-03-10 00:00")
		w.In(func(tx store.Tx) error {
			rows, err := tx.UnplannedInvoices(context.Background(), db.UnplannedInvoicesParams{AdministrationID: w.Adm, Most: 10})
			if len(rows) != 1 || len(w.Mail.Received()) != 0 {
				t.Errorf("%d unplanned, %d messages", len(rows), len(w.Mail.Received()))
			}
			if err != nil {
				return err
			}
			if err := tx.SetGoLive(context.Background(), db.SetGoLiveParams{ID: w.Adm, GoLiveOn: date.MustParse("2026-03-12"), EntryStep: "reminder_1"}); err != nil {
				return err
			}
			return w.Planner.Replan(context.Background(), tx, rows)
		})
		w.Walk("2026-03-12 00:00")
		if n := len(w.Mail.Received()); n != 0 {
			t.Errorf("%d messages before go-live", n)
		}
		w.Walk("2026-03-18 00:00")
		if got := w.Sent("F1"); !slices.Equal(got, []string{"reminder_1"}) {
			t.Errorf("took %v", got)
		}
	})
	t.Run("R20 a zero invoice is sent and never reminded", func(t *testing.T) {
		t.Parallel()
		w := dunningtest.New(t, "2026-03-02 07:00")
		w.Books.Put(dunningtest.Debtor("jan", sdk.Business), dunningtest.Invoice("F1", "jan", "2026-03-02", "2026-03-16", 0))
		w.Books.Sync()
		w.Walk("2026-06-01 00:00")
		if got := w.Sent("F1"); !slices.Equal(got, []string{"invoice"}) {
			t.Errorf("took %v", got)
		}
	})
	t.Run("R1 a message that waits is dropped when the invoice is paid", func(t *testing.T) {
		t.Parallel()
		w := due(t, sdk.Business)
		w.Mail.Answer(func(string) dunningtest.Answer { return dunningtest.Later })
		if _, err := w.Take(w.ID("F1")); err == nil {
			t.Fatal("the server took it")
		}
		w.Books.Pay("F1", 300_000, date.MustParse("2026-03-19"))
		w.Books.Sync()
		if m := message(w, "F1", "reminder_1"); m.State != "dropped" {
			t.Errorf("the message is %s", m.State)
		}
	})
}

func TestSourcesOutOfReach(t *testing.T) {
	t.Parallel()
	t.Run("R5 the books cannot be asked", func(t *testing.T) {
		t.Parallel()
		w := due(t, sdk.Business)
		w.Books.Down(fault.New(fault.Unavailable, "down", "The books are down."))
		w.Walk("2026-03-19 18:00")
		if s := w.State("F1"); s.HeldRule != "R5" || s.HeldWhy == "" {
			t.Errorf("held by %q", s.HeldRule)
		}
		n := 0
		for _, d := range w.Decisions("F1") {
			if d.Rule == "R5" {
				n++
			}
		}
		if n != 1 || slices.Contains(w.Sent("F1"), "reminder_1") {
			t.Errorf("I4: %d decisions; took %v", n, w.Sent("F1"))
		}
		w.Books.Down(nil)
		w.Walk("2026-03-23 18:00")
		if got := w.Sent("F1"); got[len(got)-1] != "reminder_1" || w.State("F1").HeldRule != "" {
			t.Errorf("took %v, held by %q", got, w.State("F1").HeldRule)
		}
	})
	t.Run("R5 old bank statements hold until a newer one", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Business)
		w.In(func(tx store.Tx) error {
			if _, err := tx.Exec(context.Background(), "update administration set bank_feed = true"); err != nil {
				return err
			}
			return tx.ConfirmBank(context.Background(), db.ConfirmBankParams{ID: w.Adm, At: w.Clock.Now()})
		})
		w.Walk("2026-03-22 00:00")
		if s := w.State("F1"); s.HeldRule != "R5" || slices.Contains(w.Sent("F1"), "reminder_1") {
			t.Errorf("held by %q, took %v: %v", s.HeldRule, w.Sent("F1"), w.Story("F1"))
		}
	})
	t.Run("R5 one alert for all reminders of an administration, until the source answers", func(t *testing.T) {
		t.Parallel()
		w := due(t, sdk.Business)
		other := dunningtest.Invoice("F2", "eva", "2026-03-02", "2026-03-16", 10_000)
		other.Sent = dunningtest.At("2026-03-02 08:00")
		w.Books.Put(dunningtest.Debtor("eva", sdk.Business), other)
		w.Books.Sync()
		alerts := func(kind string) (n int) {
			for _, k := range tasks(w) {
				if k == kind {
					n++
				}
			}
			return n
		}
		w.In(func(tx store.Tx) error { // read two days ago
			_, err := tx.Exec(context.Background(), "with i as (update invoice set confirmed_at = $1) update administration set confirmed_at = $1", dunningtest.At("2026-03-17 07:00"))
			return err
		})
		w.Books.Down(fault.New(fault.Unavailable, "down", "The books are down."))
		w.Clock.Set(dunningtest.At("2026-03-19 12:00"))
		for _, number := range []string{"F1", "F2"} {
			if _, err := w.Take(w.ID(number)); err == nil || w.State(number).HeldRule != "R5" {
				t.Errorf("%s is held by %q: %v", number, w.State(number).HeldRule, err)
			}
		}
		if n := alerts("stale_books"); n != 1 {
			t.Errorf("%d alerts about the books: %v", n, tasks(w))
		}
		w.Books.Down(nil)
		w.Books.Sync()
		if n := alerts("stale_books"); n != 0 {
			t.Error("the books were read, and the alert stays")
		}
		w.In(func(tx store.Tx) error {
			if _, err := tx.Exec(context.Background(), "update administration set bank_feed = true"); err != nil {
				return err
			}
			return tx.ConfirmBank(context.Background(), db.ConfirmBankParams{ID: w.Adm, At: dunningtest.At("2026-03-18 09:00")})
		})
		w.Clock.Set(dunningtest.At("2026-03-24 07:00"))
		w.Walk("2026-03-24 18:00")
		if n := alerts("stale_bank"); n != 1 {
			t.Errorf("%d alerts about the bank: %v", n, tasks(w))
		}
		w.In(func(tx store.Tx) error {
			return tx.ConfirmBank(context.Background(), db.ConfirmBankParams{ID: w.Adm, At: w.Clock.Now()})
		})
		if n := alerts("stale_bank"); n != 0 {
			t.Error("a statement came, and the alert stays")
		}
	})
	t.Run("R19 no PDF, no invoice", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Business)
		w.Books.Change("F1", func(i *sdk.Invoice) { i.Document = false })
		w.Walk("2026-03-05 00:00")
		if s := w.State("F1"); s.HeldRule != "R19" || len(w.Sent("F1")) != 0 || !slices.Contains(tasks(w), "document_missing") {
			t.Errorf("held by %q, took %v, tasks %v", s.HeldRule, w.Sent("F1"), tasks(w))
		}
		w.Books.Change("F1", func(i *sdk.Invoice) { i.Document = true })
		w.Walk("2026-03-09 00:00")
		if got := w.Sent("F1"); !slices.Equal(got, []string{"invoice"}) || slices.Contains(tasks(w), "document_missing") {
			t.Errorf("took %v, tasks %v", got, tasks(w))
		}
	})
	t.Run("R8 after days of standstill one message, the latest", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Business)
		w.Walk("2026-03-18 00:00")
		w.Clock.Set(dunningtest.At("2026-03-30 10:00"))
		w.Walk("2026-03-31 00:00")
		if got := w.Sent("F1"); got[len(got)-1] != "reminder_2" || slices.Contains(got, "reminder_1") || !w.Said("F1", "skipped", "R8") {
			t.Errorf("took %v: %v", got, w.Story("F1"))
		}
	})
	t.Run("R6 a payment under way at the provider", func(t *testing.T) {
		t.Parallel()
		w := due(t, sdk.Business)
		now := w.Clock.Now()
		id := uuid.New()
		w.In(func(tx store.Tx) error {
			ctx := context.Background()
			if err := tx.AddCheckout(ctx, db.AddCheckoutParams{ID: id, TenantID: w.Tenant, AdministrationID: w.Adm, DebtorID: w.DebtorID("jan"), Method: "ideal", Currency: "EUR", AmountMinor: 300_000, CreatedAt: now}); err != nil {
				return err
			}
			if err := tx.AddCheckoutInvoice(ctx, db.AddCheckoutInvoiceParams{CheckoutID: id, InvoiceID: w.ID("F1"), TenantID: w.Tenant, AmountMinor: 300_000}); err != nil {
				return err
			}
			return tx.SetCheckoutState(ctx, db.SetCheckoutStateParams{ID: id, State: "pending", CheckedAt: &now, PendingSince: &now})
		})
		w.Walk("2026-03-20 00:00")
		if s := w.State("F1"); s.HeldRule != "R6" || nextOn(s) != "2026-03-24" {
			t.Errorf("held by %q until %s", s.HeldRule, nextOn(s))
		}
	})
}

func TestByHand(t *testing.T) {
	t.Parallel()
	t.Run("step now goes through the gate", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Business)
		w.Walk("2026-03-18 10:00")
		now := func() error {
			return w.Store.In(context.Background(), w.Tenant, func(tx store.Tx) error { return w.Planner.StepNow(context.Background(), tx, w.ID("F1"), "anna") })
		}
		if err := now(); err != nil {
			t.Fatal(err)
		}
		w.Walk("2026-03-18 11:00")
		if got := w.Sent("F1"); got[len(got)-1] != "reminder_1" {
			t.Errorf("took %v: %v", got, w.Story("F1"))
		}
		w.In(func(tx store.Tx) error {
			_, err := w.Planner.Hold(context.Background(), tx, dunning.HoldRequest{Scope: dunning.OfInvoice, ID: w.ID("F1"), Reason: receivable.Paused, By: "anna"})
			return err
		})
		if err := now(); !fault.Is(err, fault.Conflict) {
			t.Errorf("a step of a held invoice: %v", err)
		}
	})
	t.Run("a running workflow learns of plans that it did not ask for", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Business)
		w.In(func(tx store.Tx) error {
			_, err := tx.SetWorkflow(context.Background(), db.SetWorkflowParams{InvoiceID: w.ID("F1"), Workflow: "running"})
			return err
		})
		waiting := func() (n int) {
			rows, err := w.Store.Door().DoorClaimOutbox(context.Background(), db.DoorClaimOutboxParams{Kinds: []string{dunning.KindPlan}, Most: 100, Lease: time.Hour})
			if err != nil {
				t.Fatal(err)
			}
			return len(rows)
		}
		w.Walk("2026-03-20 00:00")
		if n := waiting(); n != 0 {
			t.Errorf("%d plans for a workflow that got them as answers", n)
		}
		w.Books.Sync()
		if n := waiting(); n != 0 {
			t.Errorf("an unchanged sync signals %d times", n)
		}
		w.Books.Pay("F1", 100, date.MustParse("2026-03-20"))
		w.Books.Sync()
		if n := waiting(); n != 1 {
			t.Errorf("a payment signals %d times", n)
		}
		w.Books.Pay("F1", 299_900, date.MustParse("2026-03-20"))
		w.Books.Sync()
		if n := waiting(); n != 1 {
			t.Errorf("the last payment signals %d times", n)
		}
	})
}
