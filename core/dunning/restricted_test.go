package dunning_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/erasure"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
)

func TestRestricted(t *testing.T) {
	t.Parallel()
	t.Run("R116 who asked to be erased gets what the claim needs by law, and nothing else", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Consumer)
		office := &erasure.Office{Store: w.Store, Real: w.Clock}
		w.In(func(tx store.Tx) error {
			row, err := office.Ask(context.Background(), tx, w.DebtorID("jan"), "anna")
			if err != nil || row.State != erasure.Restricted {
				t.Errorf("%s, %v", row.State, err)
			}
			return err
		})
		w.Walk("2026-05-20 00:00")
		sent := w.Sent("F1")
		for _, step := range []string{"pre_reminder", "reminder_1", "reminder_2"} {
			if slices.ContainsFunc(w.Messages("F1"), func(m db.Message) bool { return m.Step == step && m.SentAt != nil }) {
				t.Errorf("%s went out", step)
			}
		}
		for _, step := range []string{"fourteen_day_letter", "case_opened"} {
			if !slices.ContainsFunc(w.Messages("F1"), func(m db.Message) bool { return m.Step == step && m.SentAt != nil }) {
				t.Errorf("%s did not go out: %v, held by %q", step, sent, w.State("F1").HeldWhy)
			}
		}
		if !w.Said("F1", "dropped", "R116") {
			t.Error("nothing says why the reminders stopped")
		}
		_, err := w.Steps.Tell(context.Background(), w.Tenant, dunning.Word{Debtor: w.DebtorID("jan"), Step: outreach.PaymentReceived, Key: "thanks", Invoices: []uuid.UUID{w.ID("F1")}})
		if !errors.Is(err, dunning.ErrMoot) {
			t.Errorf("thanks: %v", err)
		}
	})
}
