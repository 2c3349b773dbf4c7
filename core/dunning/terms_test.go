package dunning_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/outreach/inbound"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

// by returns the day by which a message in Dutch asks to be paid.
func by(t *testing.T, w *dunningtest.World, step string) string {
	t.Helper()
	text := strings.Join(strings.Fields(message(w, "F1", step).BodyText), " ")
	_, after, ok := strings.Cut(text, "uiterlijk ")
	if !ok {
		t.Fatalf("%s names no day: %q\n%v", step, text, w.Story("F1"))
	}
	return strings.TrimSuffix(strings.Join(strings.Fields(after)[:3], " "), ".")
}

func TestTerms(t *testing.T) {
	t.Parallel()
	t.Run("a step of one's own takes the words of the step that it is like", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Business)
		publish(w, "ours", "key-account", func(f *policy.Flow) {
			f.Steps = append(f.Steps[:2:2], policy.Step{
				ID: "another_word", Title: "Another word", Text: policy.Reminder2, From: policy.FromDue, Offset: 14, Term: 5,
				Channels: []policy.Channel{policy.Email}, Tone: policy.Clear, Phase: receivable.Reminding, Demand: true,
			})
		})
		choose(w, flow.OfDebtor, w.DebtorID("jan").String(), "ours")
		carry(w)
		w.Walk("2026-04-01 00:00")
		if got := w.Story("F1"); !slices.Contains(got, "2026-03-30 sent another_word R1") {
			t.Fatalf("%v, held by %q", got, w.State("F1").HeldWhy)
		}
		if day := by(t, w, "another_word"); day != "7 april 2026" {
			t.Errorf("it asks by %s; five days end at Easter", day)
		}
	})
	t.Run("a message gives the days to pay that its flow says", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Business)
		choose(w, flow.OfDebtor, w.DebtorID("jan").String(), "public-body")
		carry(w)
		w.Walk("2026-05-20 00:00")
		if day := by(t, w, "final_reminder"); day != "29 mei 2026" {
			t.Errorf("it asks by %s; the flow gives 14 days from 15 May", day)
		}
	})
	t.Run("R51 a letter is on its way before the days to pay begin", func(t *testing.T) {
		t.Parallel()
		w := dunningtest.New(t, "2026-03-02 07:00")
		jan := dunningtest.Debtor("jan", sdk.Business)
		jan.Email = ""
		w.Books.Put(jan, dunningtest.Invoice("F1", "jan", "2026-03-02", "2026-03-16", 300_000))
		w.Books.Sync()
		w.Walk("2026-04-20 00:00")
		if day := by(t, w, "reminder_1"); day != "31 maart 2026" {
			t.Errorf("it asks by %s; seven days after the letter of 19 March may be there", day)
		}
		// Reminder 2 would be on day 10; the final reminder gives 7 days, so that the
		// case waits for twelve.
		if got := w.Story("F1"); !slices.Contains(got, "2026-03-31 sent reminder_2 R1") {
			t.Errorf("%v", got)
		}
	})
}

func TestFinalReminderAgain(t *testing.T) {
	t.Parallel()
	t.Run("R23 a due date that moves to the future calls for another final reminder", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Business)
		w.Walk("2026-04-10 00:00") // the final reminder is out
		w.Books.Change("F1", func(i *sdk.Invoice) { i.Due = date.MustParse("2026-05-10") })
		w.Books.Sync()
		if s := w.State("F1"); s.NextStep != "final_reminder" || s.Phase != "sent" || !w.Said("F1", "dropped", "R23") {
			t.Errorf("next is %s in phase %s: %v", s.NextStep, s.Phase, w.Story("F1"))
		}
		w.Books.Sync() // once
		w.Walk("2026-07-01 00:00")
		got := w.Sent("F1")
		if i := slices.Index(got, "case_opened"); i < 2 || got[i-1] != "final_reminder" || got[i-2] != "final_reminder" {
			t.Errorf("took %v: %v", got, w.Story("F1"))
		}
		if !slices.Contains(w.Story("F1"), "2026-05-28 sent final_reminder R1") {
			t.Errorf("%v", w.Story("F1"))
		}
	})
	t.Run("R23 in a case a person decides", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Business)
		w.Walk("2026-04-17 00:00")
		w.Books.Change("F1", func(i *sdk.Invoice) { i.Due = date.MustParse("2026-05-10") })
		w.Books.Sync()
		if !slices.Contains(tasks(w), "due_moved") || w.State("F1").Phase != "case" {
			t.Errorf("tasks %v, phase %s", tasks(w), w.State("F1").Phase)
		}
	})
}

func TestTermsStand(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(w *dunningtest.World){
		"R34 R72 a part payment takes no day of a term that was given": func(w *dunningtest.World) { w.Books.Pay("F1", 100_000, date.MustParse("2026-03-19")) },
		"R22 R72 nor does an earlier due date": func(w *dunningtest.World) {
			w.Books.Change("F1", func(i *sdk.Invoice) { i.Due = date.MustParse("2026-03-15") })
		},
		"R21 R72 nor a later one": func(w *dunningtest.World) {
			w.Books.Change("F1", func(i *sdk.Invoice) { i.Due = date.MustParse("2026-03-17") })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := world(t, sdk.Business)
			w.Walk("2026-03-20 00:00")
			w.In(func(tx store.Tx) error {
				return tx.GiveTerm(context.Background(), db.GiveTermParams{InvoiceID: w.ID("F1"), Day: date.MustParse("2026-04-20"), Rule: "R72"})
			})
			change(w)
			w.Books.Sync()
			if s := w.State("F1"); s.NotBefore != date.MustParse("2026-04-20") || s.NotBeforeRule != "R72" || nextOn(s) != "2026-04-20" {
				t.Errorf("not before %s by %s, next on %s", s.NotBefore, s.NotBeforeRule, nextOn(s))
			}
		})
	}
}

func TestSoftBounces(t *testing.T) {
	t.Parallel()
	full := func(w *dunningtest.World, step string) {
		t.Helper()
		all := w.Messages("F1")
		i := slices.IndexFunc(all, func(m db.Message) bool { return m.Step == step && m.Channel == "email" && m.Delivery == "accepted" })
		if i < 0 {
			t.Fatalf("no e-mail of %s is out: %v", step, w.Story("F1"))
		}
		m := all[i]
		for range 2 { // the same notice may come twice
			if err := w.Inbound.Bounce(context.Background(), inbound.Bounce{Message: m.ID, Kind: inbound.Soft, Status: "4.2.2"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	forms := func(w *dunningtest.World, step string) (out []string) {
		for _, m := range w.Messages("F1") {
			if m.Step == step {
				out = append(out, m.SentAt.In(dunningtest.Amsterdam).Format("01-02")+" "+m.Channel+" "+m.Delivery)
			}
		}
		return out
	}
	t.Run("R53 three more tries in 72 hours, then by letter, for this message only", func(t *testing.T) {
		t.Parallel()
		// Tuesday to Friday.
		w := dunningtest.New(t, "2026-03-02 07:00")
		w.Books.Put(dunningtest.Debtor("jan", sdk.Business), dunningtest.Invoice("F1", "jan", "2026-03-02", "2026-03-14", 300_000))
		w.Books.Sync()
		for _, day := range []string{"2026-03-17", "2026-03-18", "2026-03-19", "2026-03-20"} {
			w.Walk(day + " 12:00")
			full(w, "reminder_1")
		}
		w.Walk("2026-03-24 00:00")
		want := []string{"03-17 email soft_bounced", "03-18 email soft_bounced", "03-19 email soft_bounced", "03-20 email bounced", "03-20 letter printed"}
		if got := forms(w, "reminder_1"); !slices.Equal(got, want) {
			t.Errorf("tried %v, want %v\n%v", got, want, w.Story("F1"))
		}
		if slices.Contains(tasks(w), "bad_address") {
			t.Error("the address was given up")
		}
		w.Walk("2026-04-20 00:00")
		if m := formOf(w, "F1", "reminder_2", "email"); m.State != "sent" {
			t.Errorf("the next message is %s", m.State)
		}
		once(t, w)
	})
	t.Run("R53 a mailbox with room again ends the tries", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Business)
		w.Walk("2026-03-02 12:00")
		full(w, "invoice")
		if s := w.State("F1"); s.NextStep != "invoice" || nextOn(s) != "2026-03-03" || !w.Said("F1", "dropped", "R53") {
			t.Errorf("next is %s on %s: %v", s.NextStep, nextOn(s), w.Story("F1"))
		}
		w.Walk("2026-03-20 00:00")
		if got := forms(w, "invoice"); !slices.Equal(got, []string{"03-02 email soft_bounced", "03-03 email accepted"}) {
			t.Errorf("tried %v", got)
		}
		if got := w.Sent("F1"); !slices.Contains(got, "reminder_1") {
			t.Errorf("the flow stopped: %v", w.Story("F1"))
		}
	})
}

func TestInterval(t *testing.T) {
	t.Parallel()
	t.Run("R15 a call is no reminder: the steps after it keep their day", func(t *testing.T) {
		t.Parallel()
		w, _ := carried(t, sdk.Business, "06 12345678", 50_000, policy.SMS, policy.Voice)
		w.Walk("2026-04-09 00:00")
		got := w.Story("F1")
		if !slices.Contains(got, "2026-03-30 sent voice_call R1") || !slices.Contains(got, "2026-04-07 sent final_reminder R1") {
			t.Errorf("%v", got)
		}
	})
	t.Run("R11 R15 a reminder that a person sent counts", func(t *testing.T) {
		t.Parallel()
		w := three(t)
		w.Walk("2026-03-25 10:00") // F2 is to get its first reminder tomorrow
		w.In(func(tx store.Tx) error {
			return w.Planner.ByHand(context.Background(), tx, w.ID("F1"), policy.Reminder2, date.MustParse("2026-03-25"), "anna")
		})
		w.Books.Sync()
		w.Walk("2026-04-01 00:00")
		if got := w.Sent("F2"); slices.Contains(got, "reminder_1") {
			t.Errorf("reminded within the week: %v", w.Story("F2"))
		}
		w.Walk("2026-04-02 00:00")
		if got := w.Sent("F2"); !slices.Contains(got, "reminder_1") {
			t.Errorf("not reminded after it: %v", w.Story("F2"))
		}
	})
}

func TestHours(t *testing.T) {
	t.Parallel()
	t.Run("R14 the hours are those of the debtor's clock", func(t *testing.T) {
		t.Parallel()
		w := dunningtest.New(t, "2026-03-02 07:00")
		jan := dunningtest.Debtor("jan", sdk.Business)
		jan.Address.Country = "FI"
		w.Books.Put(jan, dunningtest.Invoice("F1", "jan", "2026-03-02", "2026-03-16", 300_000))
		w.Books.Sync()
		w.Walk("2026-03-20 00:00")
		if at := message(w, "F1", "reminder_1").SentAt.In(dunningtest.Amsterdam); at.Hour() != 7 {
			t.Errorf("reminder 1 left at %s; eight in Helsinki is seven here", at)
		}
	})
	t.Run("R14 a text message that was late keeps the hours that were chosen", func(t *testing.T) {
		t.Parallel()
		w, p := carried(t, sdk.Business, "06 12345678", 300_000, policy.SMS)
		w.In(func(tx store.Tx) error {
			return tx.SetSending(context.Background(), db.SetSendingParams{ID: w.Adm, Sending: []byte(`{"hours":{"sms":"09:00-11:00"}}`), MinimumInterval: 7, EntryStep: "reminder_1"})
		})
		p.Answer(func(sdk.Write) (sdk.OutcomeState, bool, error) {
			if at := w.Clock.Now().In(dunningtest.Amsterdam); at.Day() == 26 {
				return "", false, context.DeadlineExceeded // out of order for a day
			}
			return sdk.Applied, true, nil
		})
		w.Walk("2026-03-28 00:00")
		m := formOf(w, "F1", "reminder_2", "sms")
		if m.SentAt == nil {
			t.Fatalf("the text message is %s", m.State)
		}
		if at := m.SentAt.In(dunningtest.Amsterdam); at.Day() != 27 || at.Hour() < 9 || at.Hour() >= 11 {
			t.Errorf("it left at %s", at)
		}
	})
}

func TestHeldBeforeItLeaves(t *testing.T) {
	t.Parallel()
	pause := func(w *dunningtest.World, reason receivable.HoldReason) {
		w.In(func(tx store.Tx) error {
			_, err := w.Planner.Hold(context.Background(), tx, dunning.HoldRequest{Scope: dunning.OfInvoice, ID: w.ID("F1"), Reason: reason, By: "anna"})
			return err
		})
	}
	t.Run("R63 the invoice leaves over Peppol while reminders are paused", func(t *testing.T) {
		t.Parallel()
		w, p := networked(t, "")
		w.Books.Electronic("F1", dunningtest.UBL("F1", "12345678", 10_000))
		w.Books.Sync()
		pause(w, receivable.RemindersPaused)
		w.Walk("2026-03-27 00:00")
		if len(p.Got()) != 1 || slices.Contains(w.Sent("F1"), "reminder_1") {
			t.Errorf("handed over %d: %v", len(p.Got()), w.Story("F1"))
		}
	})
	t.Run("R64 a letter that was held on its way goes when nothing holds it", func(t *testing.T) {
		t.Parallel()
		w := dunningtest.New(t, "2026-03-02 07:00")
		p := w.Carry(policy.Letter)
		w.Books.Put(dunningtest.Debtor("jan", sdk.Consumer), dunningtest.Invoice("F1", "jan", "2026-03-02", "2026-03-16", 300_000))
		w.Books.Sync()
		w.Walk("2026-04-02 00:00")
		p.Answer(func(sdk.Write) (sdk.OutcomeState, bool, error) { return "", false, context.DeadlineExceeded })
		w.Walk("2026-04-02 12:00") // the statutory letter waits for its provider
		pause(w, receivable.Paused)
		p.Answer(nil)
		w.Walk("2026-04-09 00:00")
		if len(p.Got()) != 0 {
			t.Fatalf("it left while paused: %v", w.Story("F1"))
		}
		w.In(func(tx store.Tx) error {
			return w.Planner.ReleaseAll(context.Background(), tx, dunning.OfInvoice, w.ID("F1"), receivable.Paused, "anna")
		})
		w.Walk("2026-04-16 00:00")
		if got := w.Sent("F1"); len(p.Got()) != 1 || !slices.Contains(got, "fourteen_day_letter") {
			t.Errorf("handed over %d: %v", len(p.Got()), w.Story("F1"))
		}
		live := slices.DeleteFunc(notices(w), func(n noticeRow) bool { return n.void })
		if len(live) != 1 {
			t.Errorf("notices %+v", notices(w))
		}
	})
}
