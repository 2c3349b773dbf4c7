package dunning_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
)

// asked is a world with one invoice, and a word about it.
func asked(t *testing.T) (*dunningtest.World, dunning.Word) {
	t.Helper()
	w := dunningtest.New(t, "2026-03-02 10:00")
	w.Books.Put(dunningtest.Debtor("d1", sdk.Business), dunningtest.Invoice("F1", "d1", "2026-03-02", "2026-03-16", 121_000))
	w.Books.Sync()
	return w, dunning.Word{
		Debtor: w.DebtorID("d1"), Step: outreach.DisputeReceived, Key: "dispute/1/received", Invoices: []uuid.UUID{w.ID("F1")},
		Rule: "R70", Why: "The debtor was told that the dispute arrived.",
	}
}

func tell(w *dunningtest.World, word dunning.Word) (uuid.UUID, error) {
	return w.Steps.Tell(context.Background(), w.Tenant, word)
}

// word is the message that was made of a word.
func told(w *dunningtest.World, id uuid.UUID) (m db.Message) {
	w.T.Helper()
	w.In(func(tx store.Tx) (err error) {
		m, err = tx.Message(context.Background(), id)
		return err
	})
	return m
}

func TestTellOnceForItsKey(t *testing.T) {
	t.Parallel()
	w, word := asked(t)
	first, err := tell(w, word)
	if err != nil {
		t.Fatal(err)
	}
	again, err := tell(w, word)
	if err != nil || again != first {
		t.Errorf("told again: %s, %v; want %s", again, err, first)
	}
	word.Key = "dispute/2/received"
	if other, err := tell(w, word); err != nil || other == first {
		t.Errorf("another word: %s, %v", other, err)
	}
	if n := len(w.Mail.Received()); n != 2 {
		t.Errorf("%d mails for two words", n)
	}
	if !w.Said("F1", "sent", "R70") {
		t.Errorf("nothing says why it went out: %v", w.Story("F1"))
	}
	w.Walk("2026-03-20 10:00")
	if s := w.State("F1"); s.NextStep != "reminder_2" {
		t.Errorf("the next step is %s: a word kept reminder 1 at a distance", s.NextStep)
	}
}

func TestTellByLetterWhenTheAddressIsRefused(t *testing.T) {
	t.Parallel()
	w, word := asked(t)
	w.Mail.Answer(func(string) dunningtest.Answer { return dunningtest.Refuse })
	id, err := tell(w, word)
	if err != nil {
		t.Fatal(err)
	}
	if m := told(w, id); m.Channel != "letter" || m.State != "sent" || m.Delivery != "printed" {
		t.Errorf("it went by %s, %s %s", m.Channel, m.State, m.Delivery)
	}
	if again, err := tell(w, word); err != nil || again != id {
		t.Errorf("told again: %s, %v; want %s", again, err, id)
	}
}

func TestTellThroughCrashesAndSilence(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		answer dunningtest.Answer
		silent bool
		mails  int
		waits  bool
		state  string
	}{
		{"the server kept it and hung up", dunningtest.DieKept, false, 1, false, "sent"},
		{"the server lost it and hung up", dunningtest.DieLost, false, 0, true, "handing_over"},
		{"nobody can say", dunningtest.DieKept, true, 1, true, "handing_over"},
		{"the server is busy", dunningtest.Later, false, 0, true, "gated"},
	} {
		t.Run("R9 "+tc.name, func(t *testing.T) {
			t.Parallel()
			w, word := asked(t)
			w.Mail.Answer(func(string) dunningtest.Answer { return tc.answer })
			w.Mail.Silence(tc.silent)
			id, err := tell(w, word)
			var later *dunning.ErrLater
			if errors.As(err, &later) != tc.waits || !tc.waits && err != nil {
				t.Errorf("it says %v", err)
			}
			if !tc.waits && told(w, id).State != tc.state {
				t.Errorf("it is %s; want %s", told(w, id).State, tc.state)
			}
			w.Mail.Answer(nil)
			w.Mail.Silence(false)
			w.Clock.Set(w.Clock.Now().Add(10 * time.Second))
			if id, err = tell(w, word); err != nil {
				t.Fatal(err)
			}
			if n := len(w.Mail.Received()); n != 1 || told(w, id).State != "sent" {
				t.Errorf("in the end %d mails are there and it is %s; want one, sent", n, told(w, id).State)
			}
		})
	}
}

func TestTellIsRefused(t *testing.T) {
	t.Parallel()
	t.Run("R97 during a legal stop, unless it is about the stop", func(t *testing.T) {
		t.Parallel()
		w, word := asked(t)
		w.In(func(tx store.Tx) error {
			_, err := w.Planner.Hold(context.Background(), tx, dunning.HoldRequest{Scope: dunning.OfDebtor, ID: word.Debtor, Reason: receivable.LegalStop, By: "test"})
			return err
		})
		if _, err := tell(w, word); fault.Of(err).Code != "legal_stop" || len(w.Mail.Received()) != 0 {
			t.Errorf("during a stop: %v, %d mails", err, len(w.Mail.Received()))
		}
		word.Legal = true
		if _, err := tell(w, word); err != nil {
			t.Errorf("a word about the stop: %v", err)
		}
	})
	t.Run("when it is not called for any more", func(t *testing.T) {
		t.Parallel()
		w, word := asked(t)
		word.Still = func(context.Context, store.Tx) (bool, error) { return false, nil }
		if _, err := tell(w, word); !errors.Is(err, dunning.ErrMoot) || len(w.Mail.Received()) != 0 {
			t.Errorf("%v, %d mails", err, len(w.Mail.Received()))
		}
	})
	t.Run("R1 while the books are out of reach, when it asks for payment", func(t *testing.T) {
		t.Parallel()
		w, word := asked(t)
		w.Books.Down(fault.New(fault.Unavailable, "down", "down"))
		word.Ask = true
		var later *dunning.ErrLater
		if _, err := tell(w, word); !errors.As(err, &later) || len(w.Mail.Received()) != 0 {
			t.Errorf("%v, %d mails", err, len(w.Mail.Received()))
		}
	})
	t.Run("R51 without an address, with a task", func(t *testing.T) {
		t.Parallel()
		w := dunningtest.New(t, "2026-03-02 10:00")
		d := dunningtest.Debtor("d1", sdk.Business)
		d.Email, d.Address = "", sdk.Address{}
		w.Books.Put(d, dunningtest.Invoice("F1", "d1", "2026-03-02", "2026-03-16", 121_000))
		w.Books.Sync()
		_, err := tell(w, dunning.Word{Debtor: w.DebtorID("d1"), Step: outreach.DisputeReceived, Key: "k", Invoices: []uuid.UUID{w.ID("F1")}})
		if fault.Of(err).Code != "no_address" {
			t.Errorf("it says %v", err)
		}
		var tasks []db.Task
		w.In(func(tx store.Tx) (err error) {
			tasks, err = tx.OpenTasks(context.Background())
			return err
		})
		if len(tasks) == 0 || !strings.Contains(tasks[0].Title, "address") {
			t.Errorf("the tasks are %v", tasks)
		}
	})
}
