package rehearsal_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/rehearsal"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

// The studio reads the books of the year and compares a flow with what is
// followed now.
func TestStudio(t *testing.T) {
	t.Parallel()
	w := dunningtest.New(t, "2026-03-02 07:00")
	w.Books.Put(dunningtest.Debtor("jan", sdk.Business),
		dunningtest.Invoice("F1", "jan", "2026-03-02", "2026-03-16", 300_000),
		dunningtest.Invoice("F2", "jan", "2026-03-02", "2026-03-16", 50_000))
	w.Books.Sync()
	w.Walk("2026-03-20 00:00")
	w.Books.Pay("F2", 50_000, date.MustParse("2026-03-20"))
	w.Books.Sync()
	w.Walk("2026-07-01 00:00")

	s := rehearsal.Studio{Store: w.Store, Real: w.Clock, Log: slog.New(slog.DiscardHandler)}
	ctx := context.Background()
	id, err := s.Start(ctx, w.Tenant, rehearsal.Request{Administration: w.Adm, Flow: "key-account"}, "anna", w.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	row := finished(t, w, id)
	if row.State != "done" {
		t.Fatalf("%s: %s", row.State, row.Problem)
	}
	var r rehearsal.Report
	if err := json.Unmarshal(row.Result, &r); err != nil {
		t.Fatal(err)
	}
	if r.Present.Invoices != 2 || r.Present.Wrong != 0 || r.Candidate.Wrong != 0 {
		t.Errorf("present %+v", r.Present)
	}
	steps := map[string]int{}
	for _, c := range r.Present.ByStep {
		steps[string(c.Step)] = c.Messages
	}
	if steps["reminder_1"] != 1 || steps["case_opened"] != 1 {
		t.Errorf("the present flow takes %v", steps)
	}
	for _, c := range r.Candidate.ByStep {
		if c.Step == "case_opened" {
			t.Error("a key account gets a case")
		}
	}
	if len(r.Lines) == 0 || r.Lines[0].Debtor != "Debtor jan" {
		t.Errorf("lines %v", r.Lines)
	}
	if _, err := s.Start(ctx, w.Tenant, rehearsal.Request{Administration: w.Adm, Flow: "nowhere"}, "anna", w.Clock.Now()); err == nil {
		t.Error("a flow that is not there was rehearsed")
	}
}

func finished(t *testing.T, w *dunningtest.World, id uuid.UUID) (row db.Rehearsal) {
	t.Helper()
	for range 600 {
		w.In(func(tx store.Tx) (err error) {
			row, err = tx.Rehearsal(context.Background(), id)
			return err
		})
		if row.State != "running" {
			return row
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the rehearsal does not end")
	return row
}
