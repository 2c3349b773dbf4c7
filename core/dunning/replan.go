package dunning

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

// plan returns the collection row of an invoice as it should be, or false when
// there is nothing to follow.
func (l *ledger) plan(ctx context.Context, tx store.Tx, it *item, now time.Time) (db.Collection, bool, error) {
	m := l.moment(it, policy.Step{}, now)
	owed := m.Status == sdk.Open && (m.Claim.Open().Positive() || !m.Claim.Total.Positive())
	if it.state == nil {
		if !owed || m.Kind != sdk.SalesInvoice || m.GoLive.IsZero() || m.Gone {
			return db.Collection{}, false, nil
		}
		it.state = l.newCollection(it, now)
	}
	if _, told := it.done[policy.PaymentReversed]; told && !it.state.ReversedOn.IsZero() {
		// Another payment was undone: that is told anew.
		if err := renew(ctx, tx, it, policy.PaymentReversed); err != nil {
			return db.Collection{}, false, err
		}
	}
	row := *it.state
	row.DebtorID = it.invoice.DebtorID
	if !owed {
		return l.settled(ctx, tx, it, m, now)
	}
	if row.Phase == string(receivable.Closed) {
		if err := l.reopen(ctx, tx, &row, now); err != nil {
			return row, false, err
		}
	}
	l.noteMoves(&row, it, m, now)
	m.NotBefore, m.NotBeforeRule, m.Reversed = row.NotBefore, row.NotBeforeRule, row.ReversedOn
	flow := l.flow(it)
	plan := policy.Next(flow, m.State)
	row.Flow, row.FlowVersion = flow.ID, int32(flow.Version)
	row.Phase = string(policy.Phase(flow, m.State))
	row.PlannedDue, row.PlannedOpen = m.Due, m.Claim.Open().Minor
	row.NextStep, row.NextRule, row.NextWhy = string(plan.Step), plan.Rule, plan.Why
	row.NextAt, row.HeldRule, row.HeldWhy = nil, "", ""
	if plan.Step != "" {
		if at := plan.At; !at.IsZero() {
			row.NextAt = &at
		}
		if err := l.foresee(ctx, tx, &row, it, plan, now); err != nil {
			return row, false, err
		}
	}
	return row, true, noteHold(ctx, tx, it, row, now)
}

func (l *ledger) newCollection(it *item, now time.Time) *db.Collection {
	return &db.Collection{
		InvoiceID: it.invoice.ID, TenantID: it.invoice.TenantID, AdministrationID: it.invoice.AdministrationID, DebtorID: it.invoice.DebtorID,
		Phase: string(receivable.Draft), Cycle: 1, Workflow: "none", StartedAt: now,
	}
}

// foresee asks the gate what it would say at the planned moment if the books
// were fresh: what is held by then is shown as held now, with its task, and its
// workflow does not wake for nothing.
func (l *ledger) foresee(ctx context.Context, tx store.Tx, row *db.Collection, it *item, plan policy.Plan, now time.Time) error {
	step, ok := l.flow(it).Step(plan.Step)
	if !ok || plan.At.IsZero() {
		return nil // it goes along with another message, whose gate judges it
	}
	m := l.moment(it, step, plan.At)
	m.Confirmed, m.BankConfirmed, m.HasDocument = plan.At, time.Time{}, true
	v := policy.Gate(m)
	if v.Outcome != policy.Wait {
		return nil
	}
	row.HeldRule, row.HeldWhy, row.NextAt = v.Rule, v.Why, nil
	if !v.Until.IsZero() {
		until := v.Until
		row.NextAt = &until
		return nil
	}
	if v.Task == "" || it.state.HeldRule == v.Rule {
		return nil
	}
	return addVerdictTask(ctx, tx, l, it, v, now)
}

// noteMoves sets the day before which nothing follows, when the due date moved
// earlier (R22) or a part was paid (R34). A due date that moved later again lifts
// the former (R21).
func (l *ledger) noteMoves(row *db.Collection, it *item, m policy.Moment, now time.Time) {
	today := date.Of(now.In(l.zone))
	open := m.Claim.Open().Minor
	switch {
	case row.PlannedDue.IsZero():
	case m.Due.After(row.PlannedDue):
		if row.NotBeforeRule == "R22" {
			row.NotBefore, row.NotBeforeRule = date.Date{}, ""
		}
	case m.Due.Before(row.PlannedDue):
		wait(row, l.days.Add(today, 1), "R22")
	case open > row.PlannedOpen && !row.ReversedOn.IsZero():
		wait(row, today.AddDays(m.MinInterval), "R26")
	case open < row.PlannedOpen && len(it.done) > 0:
		wait(row, today.AddDays(m.MinInterval), "R34")
	}
}

// wait has nothing follow before a day. A longer term that the debtor was given
// stands.
func wait(row *db.Collection, day date.Date, rule string) {
	if !row.NotBefore.After(day) {
		row.NotBefore, row.NotBeforeRule = day, rule
	}
}

// reopen brings back an invoice whose payment was undone (R26).
func (l *ledger) reopen(ctx context.Context, tx store.Tx, row *db.Collection, now time.Time) error {
	row.ClosedAt, row.ClosedWhy, row.ClosedOn = nil, "", date.Date{}
	if row.SettledByPayment && row.ReversedOn.IsZero() {
		row.ReversedOn = date.Of(now.In(l.zone)) // the books say so, and not how much
	}
	row.SettledByPayment = false
	wait(row, date.Of(now.In(l.zone)).AddDays(int(l.adm.MinimumInterval)), "R26")
	if _, err := tx.SetWorkflow(ctx, db.SetWorkflowParams{InvoiceID: row.InvoiceID, Workflow: "none"}); err != nil {
		return fmt.Errorf("reopen invoice %s: %w", row.InvoiceID, err)
	}
	return nil
}

// settled ends the process of an invoice on the value date of what settled it
// (R2), which is not the day we heard of it.
func (l *ledger) settled(ctx context.Context, tx store.Tx, it *item, m policy.Moment, now time.Time) (db.Collection, bool, error) {
	row := *it.state
	if row.Phase == string(receivable.Closed) {
		return row, false, nil
	}
	row.ClosedOn = it.lastPaid()
	row.SettledByPayment = m.Status == sdk.Paid || m.Status == sdk.Open
	row.ReversedOn, row.ReversedMinor = date.Date{}, 0
	rule, why := "R1", fmt.Sprintf("The books say that this invoice is %s.", m.Status)
	switch {
	case m.Status == sdk.Open:
		rule, why = "R2", fmt.Sprintf("Received %s, which settles it; value date %s.", m.Claim.Received, row.ClosedOn)
	case m.Status == sdk.Paid && !row.ClosedOn.IsZero():
		rule, why = "R2", fmt.Sprintf("The books say that it was paid; value date %s.", row.ClosedOn)
	}
	if row.ClosedOn.IsZero() {
		row.ClosedOn = date.Of(now.In(l.zone))
	}
	if err := decide(ctx, tx, it, decision{step: row.NextStep, outcome: "closed", rule: rule, why: why, at: now}); err != nil {
		return row, false, err
	}
	if err := tx.DropDrafts(ctx, it.invoice.ID); err != nil {
		return row, false, fmt.Errorf("drop what was not sent: %w", err)
	}
	if err := tx.FinishGateTasks(ctx, db.FinishGateTasksParams{At: now, Invoices: []uuid.UUID{it.invoice.ID}}); err != nil {
		return row, false, fmt.Errorf("finish tasks: %w", err)
	}
	row.Phase, row.ClosedAt, row.ClosedWhy = string(receivable.Closed), &now, why
	row.NextStep, row.NextAt, row.NextRule, row.NextWhy, row.HeldRule, row.HeldWhy = "", nil, "", "", "", ""
	return row, true, nil
}
