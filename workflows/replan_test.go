package workflows_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"

	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/workflows"
)

// A published edit moves the plan of an invoice as soon as the carrier comes by,
// and is off the outbox then.
func TestReplans(t *testing.T) {
	t.Parallel()
	w := dunningtest.New(t, "2026-03-02 07:00")
	w.Books.Put(dunningtest.Debtor("jan", sdk.Business), dunningtest.Invoice("F1", "jan", "2026-03-02", "2026-03-16", 300_000))
	w.Books.Sync()
	ctx, act := context.Background(), flow.Act{By: "anna", At: w.Clock.Now()}
	f := policy.Flows()["b2b-nl"]
	f.Steps = slices.Clone(f.Steps)
	f.ID, f.Steps[1].Offset = "ours", -7 // the word before the due date
	w.In(func(tx store.Tx) error {
		if err := flow.Import(ctx, tx, f, act); err != nil {
			return err
		}
		if _, err := flow.Publish(ctx, tx, "ours", "", act); err != nil {
			return err
		}
		return flow.Choose(ctx, tx, flow.OfDebtor, w.DebtorID("jan").String(), "ours", act)
	})
	if got := w.State("F1").Flow; got != "b2b-nl" {
		t.Fatalf("follows %s before the carrier came", got)
	}
	c := &workflows.Carrier{Store: w.Store, Planner: w.Planner, Log: slog.New(slog.DiscardHandler)}
	if _, err := c.Replans(ctx); err != nil {
		t.Fatal(err)
	}
	if got := w.State("F1"); got.Flow != "ours" || got.FlowVersion != 1 {
		t.Errorf("follows %s %d", got.Flow, got.FlowVersion)
	}
	version := w.State("F1").PlanVersion
	if _, err := c.Replans(ctx); err != nil || w.State("F1").PlanVersion != version {
		t.Errorf("planned again for nothing: %v", err)
	}
}
