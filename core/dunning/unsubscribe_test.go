package dunning_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

var stopIn = regexp.MustCompile(`List-Unsubscribe: <https://pay\.test/stop/([a-z2-7]+)>`)

func TestUnsubscribe(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := dunningtest.New(t, "2026-03-02 07:00")
	jan := dunningtest.Debtor("jan", sdk.Consumer)
	w.Books.Put(jan, dunningtest.Invoice("F1", "jan", "2026-03-02", "2026-03-16", 300_000))
	w.Books.Sync()
	w.Walk("2026-03-16 00:00")
	token := ""
	t.Run("R59 only a service can be stopped, by one request", func(t *testing.T) {
		for _, m := range w.Messages("F1") {
			service := m.Step == "pre_reminder"
			if m.Channel == "email" && strings.Contains(m.BodyText, "https://pay.test/stop/") != service {
				t.Errorf("%s says how to stop it: %v\n%s", m.Step, !service, m.BodyText)
			}
		}
		for _, mail := range w.Mail.Received() {
			raw := strings.ReplaceAll(string(mail.Raw), "\r\n ", " ")
			m := stopIn.FindStringSubmatch(raw)
			if m == nil {
				continue
			}
			token = m[1]
			if !strings.Contains(raw, "List-Unsubscribe-Post: List-Unsubscribe=One-Click") {
				t.Errorf("no one-click in\n%s", raw[:400])
			}
		}
		if token == "" {
			t.Fatalf("no message can be stopped: %v", w.Sent("F1"))
		}
	})
	t.Run("R59 what has to be said still comes, by letter", func(t *testing.T) {
		if err := w.Steps.Stop(ctx, token[:len(token)-1]+"2"); !fault.Is(err, fault.NotFound) && !strings.HasSuffix(token, "2") {
			t.Errorf("a forged token: %v", err)
		}
		for range 2 {
			if err := w.Steps.Stop(ctx, token); err != nil {
				t.Fatal(err)
			}
		}
		mails := len(w.Mail.Received())
		w.Walk("2026-04-24 00:00")
		if n := len(w.Mail.Received()); n != mails {
			t.Errorf("%d more mails", n-mails)
		}
		if m := formOf(w, "F1", "fourteen_day_letter", "letter"); m.State != "sent" {
			t.Errorf("the statutory letter is %s", m.State)
		}
	})
	t.Run("R59 the debtor may want e-mail again", func(t *testing.T) {
		w.In(func(tx store.Tx) error { return w.Planner.Agree(ctx, tx, w.DebtorID("jan"), "email", dunning.Debtor) })
		mails := len(w.Mail.Received())
		w.Walk("2026-05-20 00:00")
		if len(w.Mail.Received()) == mails {
			t.Errorf("nothing goes by e-mail again: %v", w.Sent("F1"))
		}
	})
}

// TestLetterBatches prints what waits, in one file, and knows when it was posted.
func TestLetterBatches(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := world(t, sdk.Consumer)
	inBatches(w)
	waiting := func() (n int64) {
		w.In(func(tx store.Tx) (err error) {
			n, err = tx.LettersWaiting(ctx)
			return err
		})
		return n
	}
	if waiting() != 0 {
		t.Fatal("letters wait before one was made")
	}
	w.Walk("2026-04-04 00:00")
	m := formOf(w, "F1", "fourteen_day_letter", "letter")
	if waiting() != 1 {
		t.Fatalf("%d letters wait", waiting())
	}
	var file []byte
	w.In(func(tx store.Tx) error {
		batch, err := w.Planner.MakeBatch(ctx, tx, []uuid.UUID{m.ID}, "Ada")
		if err != nil {
			return err
		}
		if file, err = w.Planner.BatchPDF(ctx, tx, batch); err != nil {
			return err
		}
		if _, err := w.Planner.MakeBatch(ctx, tx, []uuid.UUID{m.ID}, "Ada"); !fault.Is(err, fault.Conflict) {
			t.Errorf("a letter is in two batches: %v", err)
		}
		return w.Planner.BatchPosted(ctx, tx, batch, date.MustParse("2026-04-03"), "Ada")
	})
	if !strings.HasPrefix(string(file), "%PDF-") || waiting() != 0 {
		t.Errorf("a file of %d bytes, %d letters wait", len(file), waiting())
	}
	if n := noticeOf(w); n.AwaitsPost || n.PostedOn.String() != "2026-04-03" {
		t.Errorf("the term does not run from the day of posting: %+v", n)
	}
}
