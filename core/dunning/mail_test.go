package dunning_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/outreach/inbound"
	"github.com/voldaan/voldaan/core/payment"
	"github.com/voldaan/voldaan/core/payment/statement"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	booksync "github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func hash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// due is a world at the moment of reminder 1.
func due(t *testing.T, kind sdk.PartyKind) *dunningtest.World {
	t.Helper()
	w := world(t, kind)
	w.Walk("2026-03-19 00:00")
	w.Clock.Set(*w.State("F1").WakeAt)
	return w
}

func TestOnceOnly(t *testing.T) {
	t.Parallel()
	t.Run("R10 ten at once send one", func(t *testing.T) {
		t.Parallel()
		w := due(t, sdk.Business)
		before := len(w.Mail.Received())
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				if _, err := w.Take(w.ID("F1")); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := len(w.Mail.Received()) - before; n != 1 {
			t.Errorf("%d messages arrived", n)
		}
		n := 0
		for _, d := range w.Decisions("F1") {
			if d.Step == "reminder_1" {
				n++
			}
		}
		if n != 1 {
			t.Errorf("I4: %d decisions on one step: %v", n, w.Story("F1"))
		}
		if s := w.State("F1"); s.NextStep != "reminder_2" {
			t.Errorf("next is %s", s.NextStep)
		}
		once(t, w)
	})
	t.Run("R10 before its moment nothing happens", func(t *testing.T) {
		t.Parallel()
		w := due(t, sdk.Business)
		w.Clock.Set(w.Clock.Now().Add(-time.Second))
		plan, err := w.Take(w.ID("F1"))
		if err != nil || plan.Step != "reminder_1" || len(w.Mail.Received()) != 2 {
			t.Errorf("plan %+v, %v, %d messages", plan, err, len(w.Mail.Received()))
		}
	})
	t.Run("I2 a refused message is not made twice", func(t *testing.T) {
		t.Parallel()
		w := due(t, sdk.Business)
		w.Mail.Answer(func(string) dunningtest.Answer { return dunningtest.Later })
		var later *dunning.ErrLater
		for range 3 {
			if _, err := w.Take(w.ID("F1")); !errors.As(err, &later) {
				t.Fatalf("a server that takes nothing: %v", err)
			}
		}
		if m := message(w, "F1", "reminder_1"); m.State != "gated" || m.LastError == "" {
			t.Errorf("the message is %s: %s", m.State, m.LastError)
		}
		w.Mail.Answer(nil)
		w.Walk("2026-03-20 00:00")
		if !slices.Contains(w.Sent("F1"), "reminder_1") || len(w.Messages("F1")) != 3 {
			t.Errorf("%v with %d messages", w.Sent("F1"), len(w.Messages("F1")))
		}
		once(t, w)
	})
}

func TestAnAttemptThatAnotherMessageReplaces(t *testing.T) {
	t.Parallel()
	w := three(t)
	w.Walk("2026-03-26 00:00")
	w.Clock.Set(*w.State("F1").WakeAt)
	w.Mail.Answer(func(string) dunningtest.Answer { return dunningtest.Later })
	if _, err := w.Take(w.ID("F1")); err == nil {
		t.Fatal("the server took it")
	}
	w.Books.Pay("F2", 20_000, date.MustParse("2026-03-26"))
	w.Mail.Answer(nil)
	w.Walk("2026-03-27 00:00")
	states := map[string]int{}
	for _, m := range w.Messages("F1") {
		if m.Step == "reminder_2" {
			states[m.State]++
		}
	}
	if states["dropped"] != 1 || states["sent"] != 1 || len(states) != 2 {
		t.Errorf("the attempts are %v", states)
	}
	once(t, w)
}

// behind is a delivery log that does not have a message the first times it is asked.
type behind struct {
	dunning.DeliveryLog
	by int
}

func (b *behind) Delivered(ctx context.Context, id string) (bool, error) {
	if b.by--; b.by >= 0 {
		return false, nil
	}
	return b.DeliveryLog.Delivered(ctx, id)
}

func TestUncertain(t *testing.T) {
	t.Parallel()
	die := func(w *dunningtest.World, how dunningtest.Answer) {
		w.Mail.Answer(func(string) dunningtest.Answer { return how })
	}
	t.Run("R9 the log says that it arrived", func(t *testing.T) {
		t.Parallel()
		w := due(t, sdk.Business)
		die(w, dunningtest.DieKept)
		plan, err := w.Take(w.ID("F1"))
		if err != nil || plan.Step != "reminder_2" {
			t.Errorf("plan %+v, %v", plan, err)
		}
		if m := message(w, "F1", "reminder_1"); m.State != "sent" {
			t.Errorf("the message is %s", m.State)
		}
		w.Mail.Answer(nil)
		once(t, w)
	})
	t.Run("R9 the log says that it did not", func(t *testing.T) {
		t.Parallel()
		w := due(t, sdk.Business)
		die(w, dunningtest.DieLost)
		var later *dunning.ErrLater
		if _, err := w.Take(w.ID("F1")); !errors.As(err, &later) {
			t.Fatalf("lost: %v", err)
		}
		w.Mail.Answer(nil)
		w.Walk("2026-03-20 00:00")
		if !slices.Contains(w.Sent("F1"), "reminder_1") {
			t.Errorf("it was not sent again: %v", w.Story("F1"))
		}
		once(t, w)
	})
	for _, arrivedThere := range []bool{true, false} {
		t.Run("R9 without a log a person looks", func(t *testing.T) {
			t.Parallel()
			w := due(t, sdk.Business)
			w.Steps.Post.Log = nil
			do := dunningtest.DieLost
			if arrivedThere {
				do = dunningtest.DieKept
			}
			die(w, do)
			if _, err := w.Take(w.ID("F1")); err != nil {
				t.Fatal(err)
			}
			w.Mail.Answer(nil)
			w.Walk("2026-03-25 00:00")
			m := message(w, "F1", "reminder_1")
			if m.State != "uncertain" || w.State("F1").HeldRule != "R9" || !slices.Contains(tasks(w), "uncertain") || !w.Said("F1", "parked", "R9") {
				t.Fatalf("the message is %s, held by %q, tasks %v", m.State, w.State("F1").HeldRule, tasks(w))
			}
			if err := w.Steps.SettleUncertain(context.Background(), w.Tenant, m.ID, arrivedThere, "anna"); err != nil {
				t.Fatal(err)
			}
			w.Walk("2026-04-03 00:00")
			want := []string{"invoice", "pre_reminder", "reminder_1", "reminder_2"}
			if !arrivedThere {
				want = []string{"invoice", "pre_reminder", "reminder_1"}
			}
			if got := w.Sent("F1"); !slices.Equal(got[:len(want)], want) {
				t.Errorf("arrived %v: took %v\n%v", arrivedThere, got, w.Story("F1"))
			}
			once(t, w)
		})
	}
	t.Run("R9 the log has it a moment later", func(t *testing.T) {
		t.Parallel()
		w := due(t, sdk.Business)
		w.Steps.Post.Log = &behind{DeliveryLog: w.Mail, by: 2}
		die(w, dunningtest.DieKept)
		var later *dunning.ErrLater
		for range 2 { // as the answer is missed, and as another worker looks
			if _, err := w.Take(w.ID("F1")); !errors.As(err, &later) {
				t.Fatalf("the log is behind: %v", err)
			}
			w.Mail.Answer(nil)
			w.Clock.Set(w.Clock.Now().Add(time.Second))
		}
		plan, err := w.Take(w.ID("F1"))
		if err != nil || plan.Step != "reminder_2" {
			t.Errorf("plan %+v, %v", plan, err)
		}
		once(t, w)
	})
	t.Run("R9 the log is out of reach", func(t *testing.T) {
		t.Parallel()
		w := due(t, sdk.Business)
		w.Mail.Silence(true)
		die(w, dunningtest.DieKept)
		var later *dunning.ErrLater
		for range 2 {
			if _, err := w.Take(w.ID("F1")); !errors.As(err, &later) {
				t.Fatalf("unknown: %v", err)
			}
		}
		if m := message(w, "F1", "reminder_1"); m.State != "handing_over" {
			t.Errorf("the message is %s", m.State)
		}
		w.Mail.Silence(false)
		w.Mail.Answer(nil)
		w.Walk("2026-03-20 00:00")
		if got := w.Sent("F1"); !slices.Equal(got, []string{"invoice", "pre_reminder", "reminder_1"}) {
			t.Errorf("took %v", got)
		}
		once(t, w)
	})
	for name, tc := range map[string]struct{ kept, bank bool }{
		"R9 paid in the books after a message that left":     {true, false},
		"R9 paid in the books after a message that was lost": {false, false},
		"R9 paid by bank after a message that left":          {true, true},
		"R9 paid by bank after a message that was lost":      {false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := due(t, sdk.Business)
			crash(t, w, "reminder_1", tc.kept)
			if tc.bank {
				statementFor(t, w, "F1", 300_000)
			} else {
				w.Books.Pay("F1", 300_000, date.MustParse("2026-03-19"))
				w.Books.Sync()
			}
			w.Clock.Set(w.Clock.Now().Add(time.Minute))
			plan, err := w.Take(w.ID("F1"))
			if err != nil || !plan.Closed {
				t.Fatalf("plan %+v, %v", plan, err)
			}
			want := "sent"
			if !tc.kept {
				want = "dropped"
			}
			if m := message(w, "F1", "reminder_1"); m.State != want {
				t.Errorf("the message is %s, not %s: %v", m.State, want, w.Story("F1"))
			}
			once(t, w)
		})
	}
	for name, log := range map[string]bool{"R9 a crash after the server took it": true, "R9 a crash before the server had it": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := due(t, sdk.Consumer)
			w.Walk("2026-04-02 00:00")
			w.Clock.Set(*w.State("F1").WakeAt)
			crash(t, w, "fourteen_day_letter", log)
			w.Walk("2026-04-03 00:00")
			if got := w.Sent("F1"); got[len(got)-1] != "fourteen_day_letter" || len(notices(w)) != 1 {
				t.Errorf("took %v, notices %v", got, notices(w))
			}
			w.Walk("2026-05-01 00:00")
			if c := claims(w); c["costs"] != 42_500 {
				t.Errorf("the case has %v: %v", c, w.Story("F1"))
			}
			once(t, w)
		})
	}
}

// statementFor imports a bank statement with the payment of an invoice.
func statementFor(t *testing.T, w *dunningtest.World, number string, cents int64) {
	t.Helper()
	s, err := statement.Compose("NL91ABNA0417164300", "1", "1", date.Of(w.Clock.Now()), money.EUR(0),
		statement.Line{Amount: money.EUR(cents), CounterpartyName: "Jan", Text: "factuur " + number, BankReference: "B1"})
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := statement.WriteCAMT053(&file, w.Clock.Now(), s); err != nil {
		t.Fatal(err)
	}
	bank := payment.Bank{Store: w.Store, Planner: w.Planner, Clock: w.Now}
	if rep, err := bank.Import(context.Background(), w.Tenant, w.Adm, "1.xml", &file); err != nil || rep.Matched != 1 {
		t.Fatalf("statement: %+v, %v", rep, err)
	}
}

// crash takes a step in a process that dies while the mail server answers: the
// transaction of the step is lost, the note that the message was on its way is
// not.
func crash(t *testing.T, w *dunningtest.World, step string, kept bool) {
	t.Helper()
	w.Mail.Silence(true)
	w.Mail.Answer(func(string) dunningtest.Answer {
		if kept {
			return dunningtest.DieKept
		}
		return dunningtest.DieLost
	})
	var later *dunning.ErrLater
	if _, err := w.Take(w.ID("F1")); !errors.As(err, &later) {
		t.Fatalf("the process goes on: %v", err)
	}
	w.Mail.Silence(false)
	w.Mail.Answer(nil)
	if m := message(w, "F1", step); m.State != "handing_over" {
		t.Fatalf("the message is %s", m.State)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	t.Run("R52 a refused address falls back to a letter once", func(t *testing.T) {
		t.Parallel()
		w := due(t, sdk.Business)
		w.Mail.Answer(func(string) dunningtest.Answer { return dunningtest.Refuse })
		w.Walk("2026-03-20 00:00")
		var channels []string
		for _, m := range w.Messages("F1") {
			if m.Step == "reminder_1" {
				channels = append(channels, m.Channel+" "+m.State)
			}
		}
		slices.Sort(channels)
		if !slices.Equal(channels, []string{"email failed", "letter sent"}) {
			t.Errorf("reminder 1: %v", channels)
		}
		if !slices.Contains(tasks(w), "bad_address") || !w.Said("F1", "dropped", "R52") {
			t.Errorf("tasks %v, story %v", tasks(w), w.Story("F1"))
		}
		w.Walk("2026-05-01 00:00")
		if got := w.Sent("F1"); len(got) != len(slices.Compact(slices.Clone(got))) {
			t.Errorf("took %v", got)
		}
	})
	t.Run("R52 a bounce later takes the step again by letter, once", func(t *testing.T) {
		t.Parallel()
		w := due(t, sdk.Business)
		w.Walk("2026-03-20 12:00")
		m := message(w, "F1", "reminder_1")
		for range 2 {
			if err := w.Inbound.Bounce(context.Background(), inbound.Bounce{Message: m.ID, Kind: inbound.Hard, Status: "5.1.1"}); err != nil {
				t.Fatal(err)
			}
		}
		w.Walk("2026-03-24 00:00")
		var letters int
		for _, m := range w.Messages("F1") {
			if m.Step == "reminder_1" && m.Channel == "letter" {
				letters++
			}
		}
		if letters != 1 {
			t.Errorf("%d letters: %v", letters, w.Story("F1"))
		}
		w.Walk("2026-05-01 00:00")
		for _, m := range w.Messages("F1") {
			if m.Channel == "email" && m.SentAt != nil && m.SentAt.After(dunningtest.At("2026-03-21 00:00")) {
				t.Errorf("%s went to a blocked address", m.Step)
			}
		}
	})
	t.Run("R51 an address that is none", func(t *testing.T) {
		t.Parallel()
		w := dunningtest.New(t, "2026-03-02 07:00")
		jan := dunningtest.Debtor("jan", sdk.Business)
		jan.Email, jan.Address = "jan at debtor", sdk.Address{}
		w.Books.Put(jan, dunningtest.Invoice("F1", "jan", "2026-03-02", "2026-03-16", 300_000))
		w.Books.Sync()
		w.Walk("2026-03-04 00:00")
		if s := w.State("F1"); s.HeldRule != "R51" {
			t.Errorf("held by %q: %v", s.HeldRule, w.Story("F1"))
		}
		jan.Email = "jan@debtor.test"
		w.Books.Put(jan)
		w.Books.Sync()
		w.Walk("2026-03-06 00:00")
		if got := w.Sent("F1"); !slices.Equal(got, []string{"invoice"}) {
			t.Errorf("with an address it took %v", got)
		}
	})
}

func TestReplies(t *testing.T) {
	t.Parallel()
	w := due(t, sdk.Business)
	w.Walk("2026-03-24 12:00")
	m := message(w, "F1", "reminder_1")
	for range 2 { // the same mail twice
		if err := w.Inbound.Reply(context.Background(), inbound.Reply{ID: "r1", Message: m.ID, Text: "Ik heb een vraag."}); err != nil {
			t.Fatal(err)
		}
	}
	s := w.State("F1")
	if s.HeldRule != "R61" || s.NextAt == nil || date.Of(s.NextAt.In(dunningtest.Amsterdam)) != date.MustParse("2026-03-27") {
		t.Errorf("R61: held by %q until %v", s.HeldRule, s.NextAt)
	}
	w.In(func(tx store.Tx) error {
		rows, err := tx.LedgerHolds(context.Background(), []uuid.UUID{w.DebtorID("jan")})
		if len(rows) != 1 {
			t.Errorf("R61: one mail that came twice holds %d times", len(rows))
		}
		return err
	})
	w.Walk("2026-05-01 00:00")
	if got := w.Sent("F1"); !slices.Contains(got, "reminder_2") || slices.Contains(got, "final_reminder") {
		t.Errorf("R61 R62: with an unread message it took %v", got)
	}
	if s := w.State("F1"); s.HeldRule != "R62" {
		t.Errorf("R62: held by %q", s.HeldRule)
	}
	now := w.Clock.Now()
	w.In(func(tx store.Tx) error {
		if err := tx.HandleCorrespondence(context.Background(), db.HandleCorrespondenceParams{DebtorID: w.DebtorID("jan"), HandledAt: &now, HandledBy: "anna"}); err != nil {
			return err
		}
		return w.Planner.Replan(context.Background(), tx, []uuid.UUID{w.ID("F1")})
	})
	w.Walk("2026-05-10 00:00")
	if got := w.Sent("F1"); !slices.Contains(got, "final_reminder") {
		t.Errorf("R62: after it was read it took %v", got)
	}
}

func TestWhatComesWhileSending(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		do    func(w *dunningtest.World, tx store.Tx) error
		after func(s db.Collection) bool
	}{
		{"R117 a pause", func(w *dunningtest.World, tx store.Tx) error {
			_, err := w.Planner.Hold(context.Background(), tx, dunning.HoldRequest{Scope: dunning.OfInvoice, ID: w.ID("F1"), Reason: receivable.Paused, By: "anna"})
			return err
		}, func(s db.Collection) bool { return s.HeldRule == "R64" }},
		{"R2 R117 a payment", func(w *dunningtest.World, tx store.Tx) error {
			paid := dunningtest.Invoice("F1", "jan", "2026-03-02", "2026-03-16", 300_000)
			paid.Status, paid.Open = sdk.Paid, money.EUR(0)
			c, err := booksync.Apply(context.Background(), tx, w.Adm, booksync.Batch{Invoices: []sdk.Invoice{paid}}, w.Clock.Now())
			if err != nil {
				return err
			}
			return w.Planner.Replan(context.Background(), tx, c.Invoices)
		}, func(s db.Collection) bool { return s.Phase == "closed" }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := due(t, sdk.Business)
			inHand, answer := make(chan struct{}), make(chan struct{})
			w.Mail.Hold(func(string) { close(inHand); <-answer })
			var all sync.WaitGroup
			all.Go(func() {
				if _, err := w.Take(w.ID("F1")); err != nil {
					t.Error(err)
				}
			})
			<-inHand
			var came time.Time
			all.Go(func() {
				w.In(func(tx store.Tx) error {
					err := tc.do(w, tx)
					came = time.Now()
					return err
				})
			})
			waiting(t, w)
			left := time.Now()
			close(answer)
			all.Wait()
			if came.Before(left) {
				t.Error("it did not wait for the message that was on its way")
			}
			if got := w.Sent("F1"); got[len(got)-1] != "reminder_1" || !tc.after(w.State("F1")) {
				t.Errorf("took %v, then %+v", got, w.State("F1"))
			}
			once(t, w)
		})
	}
}

// waiting returns when a transaction waits for another one's lock.
func waiting(t *testing.T, w *dunningtest.World) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for time.Now().Before(deadline) {
		n := 0
		w.In(func(tx store.Tx) error {
			return tx.QueryRow(context.Background(), "select count(*) from pg_locks where not granted and locktype in ('transactionid', 'tuple')").Scan(&n)
		})
		if n > 0 {
			return
		}
	}
	t.Fatal("nobody waits for the fence")
}
