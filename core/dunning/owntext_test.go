package dunning_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk"
)

func TestOwnWords(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := dunningtest.New(t, "2026-03-02 10:00")
	w.Books.Put(dunningtest.Debtor("jan", sdk.Business), dunningtest.Invoice("F1", "jan", "2026-02-02", "2026-03-02", 5_000))
	w.Books.Sync()
	of := dunning.TextOf{Language: outreach.Dutch, Step: outreach.Reminder1, Form: outreach.Formal}
	base, err := outreach.Shipped(of.Language, of.Step, of.Form)
	if err != nil {
		t.Fatal(err)
	}
	reword := func(of dunning.TextOf, line string) {
		t.Helper()
		w.In(func(tx store.Tx) error {
			_, err := w.Planner.Reword(ctx, tx, of, outreach.Own{Subject: base.Subject, Body: line + "\n\n" + base.Body}, "Sanne")
			return err
		})
	}
	preview := func() (p dunning.Preview) {
		t.Helper()
		w.In(func(tx store.Tx) (err error) {
			p, err = w.Steps.Preview(ctx, tx, w.ID("F1"))
			return err
		})
		return p
	}
	w.Walk("2026-03-03 08:00")
	for range 3 {
		if p := preview(); p.Plan.Step == "reminder_1" {
			break
		}
		w.Walk("2026-03-05 08:00")
	}
	reword(of, "Wij hopen dat het u goed gaat.")
	of.Administration = uuid.NullUUID{UUID: w.Adm, Valid: true}
	reword(of, "Namens de bakkerij groeten wij u, {debtor}.")
	t.Run("R118 an edit counts from the next gate", func(t *testing.T) {
		if p := preview(); !strings.Contains(p.Message.Text, "Namens de bakkerij groeten wij u") || strings.Contains(p.Message.Text, "Wij hopen") {
			t.Errorf("the planned message (%s) reads\n%s", p.Plan.Step, p.Message.Text)
		}
	})
	w.Walk("2026-03-20 18:00")
	t.Run("R118 the sent copy keeps text, version and recipient", func(t *testing.T) {
		w.In(func(tx store.Tx) error { return w.Planner.Unword(ctx, tx, of, "Sanne") })
		found := false
		for _, m := range w.Messages("F1") {
			if m.Step != "reminder_1" {
				continue
			}
			found = true
			if !strings.HasPrefix(m.Template, "own/nl/reminder_1/1@") || !strings.Contains(m.BodyText, "Namens de bakkerij") || m.Recipient == "" {
				t.Errorf("the copy of what was sent is %s to %q:\n%s", m.Template, m.Recipient, m.BodyText)
			}
		}
		if !found {
			t.Error("no reminder was sent")
		}
	})
	t.Run("after a reset the words of the organisation count again", func(t *testing.T) {
		w.In(func(tx store.Tx) error {
			o, err := dunning.OwnText(ctx, tx, of)
			if err == nil && (o == nil || !strings.Contains(o.Body, "Wij hopen")) {
				t.Errorf("the words are %+v", o)
			}
			m, err := w.Steps.Try(ctx, tx, of, &outreach.Own{Subject: "{topic}", Body: "Beste {debtor}\n\n" + base.Body}, dunning.TrialOf{Administration: w.Adm, Invoice: w.ID("F1")})
			if err == nil && (!strings.Contains(m.Message.Text, "Beste ") || m.Invoice != "F1" || m.Letter == nil || m.Count.Segments == 0) {
				t.Errorf("the trial is %+v", m)
			}
			return err
		})
	})
}

func TestEveryMessageIsTried(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := dunningtest.New(t, "2026-03-02 10:00")
	for _, l := range outreach.Languages() {
		for _, s := range append(outreach.Steps(), outreach.TextMessage, outreach.Call) {
			for _, consumer := range []bool{true, false} {
				w.In(func(tx store.Tx) error {
					m, err := w.Steps.Try(ctx, tx, dunning.TextOf{Language: l, Step: s}, nil, dunning.TrialOf{Administration: w.Adm, Consumer: consumer})
					switch {
					case err != nil:
						t.Errorf("%s/%s: %v", l, s, err)
					case !s.Open() && (m.Message.Subject == "" || m.Text == "" || m.Script.Text == "" || (m.Letter == nil) != (s == outreach.PortalCode)):
						t.Errorf("%s/%s lacks a form: %+v", l, s, m)
					case s.Open() && m.Message.Text != "", s == outreach.TextMessage && m.Count.Segments == 0, s == outreach.Call && m.Script.Text == "":
						t.Errorf("%s/%s is %+v", l, s, m)
					}
					return nil
				})
			}
		}
	}
}

func TestOwnWordsOutsideTheFlow(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := dunningtest.New(t, "2026-03-02 10:00")
	w.Books.Put(dunningtest.Debtor("jan", sdk.Business), dunningtest.Invoice("F1", "jan", "2026-02-02", "2026-03-02", 5_000))
	w.Books.Sync()
	of := dunning.TextOf{Language: outreach.Dutch, Step: outreach.DisputeReceived, Form: outreach.Formal}
	base, err := outreach.Shipped(of.Language, of.Step, of.Form)
	if err != nil {
		t.Fatal(err)
	}
	say := func(line string) (version int) {
		w.In(func(tx store.Tx) (err error) {
			version, err = w.Planner.Reword(ctx, tx, of, outreach.Own{Subject: base.Subject, Body: line + "\n\n" + base.Body}, "Sanne")
			return err
		})
		return version
	}
	say("Wat vervelend dat het niet klopt.")
	told := func(key string) string {
		t.Helper()
		id, err := w.Steps.Tell(ctx, w.Tenant, dunning.Word{Debtor: w.DebtorID("jan"), Step: of.Step, Key: key, Invoices: []uuid.UUID{w.ID("F1")}})
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		w.In(func(tx store.Tx) error {
			m, err := tx.Message(ctx, id)
			text = m.Template + "\n" + m.BodyText
			return err
		})
		return text
	}
	t.Run("R118 words outside the flow are the creditor's own", func(t *testing.T) {
		if got := told("a"); !strings.HasPrefix(got, "own/nl/dispute_received/1@") || !strings.Contains(got, "Wat vervelend") {
			t.Errorf("it reads\n%s", got)
		}
	})
	t.Run("an earlier version comes back as a new one", func(t *testing.T) {
		say("Anders gezegd.")
		w.In(func(tx store.Tx) error {
			n, err := w.Planner.Restore(ctx, tx, of, 1, "Sanne")
			if err == nil && n != 3 {
				t.Errorf("it is version %d", n)
			}
			history, err2 := dunning.TextHistory(ctx, tx, of)
			if err2 == nil && (len(history) != 3 || history[0].Body != history[2].Body || history[0].By != "Sanne") {
				t.Errorf("the history is %+v", history)
			}
			if _, err := w.Planner.Restore(ctx, tx, of, 9, "Sanne"); err == nil {
				t.Error("a version that never was came back")
			}
			return errors.Join(err, err2)
		})
		if got := told("b"); !strings.HasPrefix(got, "own/nl/dispute_received/3@") || !strings.Contains(got, "Wat vervelend") {
			t.Errorf("it reads\n%s", got)
		}
	})
}
