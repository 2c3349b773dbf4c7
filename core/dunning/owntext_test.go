package dunning_test

import (
	"context"
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
			m, err := w.Steps.PreviewText(ctx, tx, w.ID("F1"), of, outreach.Own{Subject: "{topic}", Body: "Beste {debtor}\n\n" + base.Body})
			if err == nil && !strings.Contains(m.Text, "Beste ") {
				t.Errorf("the preview is %s", m.Text)
			}
			return err
		})
	})
}
