package dunning

import (
	"context"
	"fmt"
	"time"

	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// plannedRow is a plan to write; quiet when its workflow gets it as an answer.
type plannedRow struct {
	row   db.Collection
	quiet bool
}

// writePlans writes plans in one round trip and leaves word in the outbox for
// the workflows that run and did not ask.
func writePlans(ctx context.Context, tx store.Tx, rows []plannedRow) error {
	if len(rows) == 0 {
		return nil
	}
	params := make([]db.PutCollectionsParams, len(rows))
	for i, r := range rows {
		params[i] = putParams(r.row, r.quiet)
	}
	var failed error
	tx.PutCollections(ctx, params).Exec(func(i int, err error) {
		if err != nil && failed == nil {
			failed = fmt.Errorf("save the plan of invoice %s: %w", rows[i].row.InvoiceID, err)
		}
	})
	if failed != nil {
		return failed
	}
	for _, r := range rows {
		if r.quiet && r.row.Phase == string(receivable.Closed) {
			if _, err := tx.SetWorkflow(ctx, db.SetWorkflowParams{InvoiceID: r.row.InvoiceID, Workflow: "closed"}); err != nil {
				return fmt.Errorf("note the end of the workflow of invoice %s: %w", r.row.InvoiceID, err)
			}
		}
	}
	return nil
}

// wake puts the planned moment on the machine's clock.
func wake(row *db.Collection, scale clock.Scale) {
	row.WakeAt = nil
	if row.NextAt != nil {
		at := scale.Real(*row.NextAt)
		row.WakeAt = &at
	}
}

// same reports whether a plan says nothing new.
func same(a, b db.Collection) bool {
	return a.NextStep == b.NextStep && sameTime(a.NextAt, b.NextAt) && a.Phase == b.Phase && a.HeldRule == b.HeldRule && a.HeldWhy == b.HeldWhy &&
		a.NextRule == b.NextRule && a.NextWhy == b.NextWhy && a.PlannedDue == b.PlannedDue && a.PlannedOpen == b.PlannedOpen &&
		a.NotBefore == b.NotBefore && a.ReversedOn == b.ReversedOn && a.ReversedMinor == b.ReversedMinor && a.Flow == b.Flow && a.FlowVersion == b.FlowVersion && a.Cycle == b.Cycle && a.DebtorID == b.DebtorID
}

// sameTime compares as the database keeps moments, in microseconds.
func sameTime(a, b *time.Time) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Truncate(time.Microsecond).Equal(b.Truncate(time.Microsecond))
}

func putParams(r db.Collection, quiet bool) db.PutCollectionsParams {
	return db.PutCollectionsParams{
		InvoiceID: r.InvoiceID, TenantID: r.TenantID, AdministrationID: r.AdministrationID, DebtorID: r.DebtorID, Flow: r.Flow,
		FlowVersion: r.FlowVersion, Phase: r.Phase, Cycle: r.Cycle, NextStep: r.NextStep, NextAt: r.NextAt, WakeAt: r.WakeAt,
		NextRule: r.NextRule, NextWhy: r.NextWhy, HeldRule: r.HeldRule, HeldWhy: r.HeldWhy, PlanVersion: r.PlanVersion,
		PlannedDue: r.PlannedDue, PlannedOpen: r.PlannedOpen, NotBefore: r.NotBefore, NotBeforeRule: r.NotBeforeRule,
		Workflow: r.Workflow, StartedAt: r.StartedAt, ClosedAt: r.ClosedAt, ClosedWhy: r.ClosedWhy, ClosedOn: r.ClosedOn, Quiet: quiet,
		SettledByPayment: r.SettledByPayment, ReversedOn: r.ReversedOn, ReversedMinor: r.ReversedMinor,
	}
}
