package dunning_test

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk"
)

// approve lets a person approve every figure that invoices wait for, and returns
// them.
func approve(t *testing.T, w *dunningtest.World) (out []dunning.PendingFigure) {
	t.Helper()
	w.In(func(tx store.Tx) (err error) {
		ctx := context.Background()
		if out, err = w.Planner.PendingFigures(ctx, tx); err != nil || len(out) == 0 {
			return err
		}
		keys := make([]policy.FigureKey, len(out))
		for i, f := range out {
			keys[i] = f.Key()
		}
		_, err = w.Planner.ApproveFigures(ctx, tx, keys, "Sanne")
		return err
	})
	return out
}

// The rate after June 2026 is not known: no message states it to a debtor before
// a person approved it, and then one approval is enough for all.
func TestProvisionalFigureReachesNoDebtorUnapproved(t *testing.T) {
	t.Parallel()
	w := dunningtest.New(t, "2026-07-01 07:00")
	for _, id := range []string{"jan", "piet", "klaas"} {
		w.Books.Put(dunningtest.Debtor(id, sdk.Business), dunningtest.Invoice("F-"+id, id, "2026-07-01", "2026-07-15", 300_000))
	}
	w.Books.Sync()
	w.Walk("2026-09-01 00:00")
	for _, f := range []string{"F-jan", "F-piet", "F-klaas"} {
		s := w.State(f)
		if s.HeldRule != "provisional_figure" || s.NextStep != "final_reminder" || s.NextAt != nil || !strings.Contains(s.HeldWhy, "carried forward") || !strings.Contains(s.HeldWhy, "source: ") {
			t.Fatalf("%s: next %s, held by %q: %s", f, s.NextStep, s.HeldRule, s.HeldWhy)
		}
		if got := w.Sent(f); slices.Contains(got, "final_reminder") {
			t.Errorf("%s: sent %v", f, got)
		}
	}
	for _, m := range w.Mail.Received() {
		if bytes.Contains(m.Raw, []byte("rente")) {
			t.Errorf("a message to %s speaks of interest", m.To)
		}
	}
	w.In(func(tx store.Tx) error {
		ctx := context.Background()
		tasks, err := tx.OpenTasks(ctx)
		n := 0
		for _, task := range tasks {
			if task.Kind == "provisional_figure" {
				n++
			}
		}
		if n != 3 {
			t.Errorf("%d tasks, want one for each invoice", n)
		}
		return err
	})
	t.Run("a value that nobody saw is not approved", func(t *testing.T) {
		err := w.Store.In(t.Context(), w.Tenant, func(tx store.Tx) error {
			_, err := w.Planner.ApproveFigures(t.Context(), tx, []policy.FigureKey{{Name: "NL: a rate", Value: "3.00%"}}, "Sanne")
			return err
		})
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("error %v", err)
		}
	})
	approved := approve(t, w)
	if len(approved) != 1 || approved[0].Invoices != 3 {
		t.Fatalf("approved %+v, want one figure of three invoices", approved)
	}
	w.Walk("2026-09-03 00:00")
	for _, f := range []string{"F-jan", "F-piet", "F-klaas"} {
		if got := w.Sent(f); !slices.Contains(got, "final_reminder") {
			t.Errorf("%s: sent %v, held by %q", f, got, w.State(f).HeldRule)
		}
		if !w.Said(f, "approved", "provisional_figure") {
			t.Errorf("%s: its story does not tell who approved:\n%s", f, strings.Join(w.Story(f), "\n"))
		}
	}
	t.Run("who, when and which value is on record", func(t *testing.T) {
		w.In(func(tx store.Tx) error {
			rows, err := tx.FigureApprovals(t.Context())
			if err != nil {
				return err
			}
			if len(rows) != 1 || rows[0].ApprovedBy != "Sanne" || rows[0].Value != approved[0].Value || !rows[0].ApprovedAt.Equal(dunningtest.At("2026-09-01 00:00")) {
				t.Errorf("approvals %+v", rows)
			}
			var detail []byte
			if err := tx.QueryRow(t.Context(), "select detail from audit where action = 'approve_figure' and actor = 'Sanne'").Scan(&detail); err != nil {
				return err
			}
			var said map[string]string
			if err := json.Unmarshal(detail, &said); err != nil || said["value"] != approved[0].Value || said["figure"] != approved[0].Name {
				t.Errorf("audit %s", detail)
			}
			tasks, err := tx.OpenTasks(t.Context())
			for _, task := range tasks {
				if task.Kind == "provisional_figure" {
					t.Errorf("the task %q is still open", task.Title)
				}
			}
			return err
		})
	})
	w.Walk("2026-12-01 00:00")
	if s := w.State("F-jan"); s.Phase != "bailiff" {
		t.Errorf("the same value asked again: phase %s, held by %q: %s", s.Phase, s.HeldRule, s.HeldWhy)
	}
}
