package dunning

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

// Planner keeps the plan of every invoice in step with what is known of it.
type Planner struct {
	Real clock.Clock
}

// KindPlan is the outbox kind that carries a new plan to a running workflow.
const KindPlan = "invoice.plan"

// debtorsAtOnce bounds the memory of planning a whole administration.
const debtorsAtOnce = 500

// InvoicesChanged plans invoices again after the books, a payment, a hold or a
// person changed something about them.
func (p Planner) InvoicesChanged(ctx context.Context, tx store.Tx, _ uuid.UUID, invoices []uuid.UUID) error {
	return p.Replan(ctx, tx, invoices)
}

// Replan computes what comes next for each invoice and records it when it
// differs. Running workflows get the new plan through the outbox.
func (p Planner) Replan(ctx context.Context, tx store.Tx, invoices []uuid.UUID) error {
	if len(invoices) == 0 {
		return nil
	}
	scale, err := Scale(ctx, tx)
	if err != nil {
		return err
	}
	debtors, err := tx.DebtorsOfInvoices(ctx, invoices)
	if err != nil {
		return fmt.Errorf("find the debtors of invoices: %w", err)
	}
	wanted := make(map[uuid.UUID]bool, len(invoices))
	for _, id := range invoices {
		wanted[id] = true
	}
	for some := range slices.Chunk(debtors, debtorsAtOnce) {
		// I1: a message that is on its way out is waited for.
		if _, err := tx.LockDebtors(ctx, some); err != nil {
			return fmt.Errorf("lock debtors: %w", err)
		}
		ledgers, err := loadLedgers(ctx, tx, some)
		if err != nil {
			return err
		}
		for _, l := range ledgers {
			for _, it := range l.items {
				if !wanted[it.invoice.ID] {
					continue
				}
				if err := p.replan(ctx, tx, l, it, scale); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// Scale returns how the tenant's time runs.
func Scale(ctx context.Context, tx store.Tx) (s clock.Scale, err error) {
	t, err := tx.Queries.Tenant(ctx)
	if err != nil {
		return s, fmt.Errorf("load tenant: %w", err)
	}
	if err := json.Unmarshal(t.Clock, &s); err != nil {
		return s, fmt.Errorf("read the tenant's clock: %w", err)
	}
	return s, nil
}

func (p Planner) replan(ctx context.Context, tx store.Tx, l *ledger, it *item, scale clock.Scale) error {
	now := scale.Tenant(p.Real.Now())
	next, changed, err := p.plan(ctx, tx, l, it, now)
	if err != nil || !changed {
		return err
	}
	if next.NextAt != nil {
		wake := scale.Real(*next.NextAt)
		next.WakeAt = &wake
	}
	return save(ctx, tx, it, next)
}

// plan returns the collection row as it should be.
func (p Planner) plan(ctx context.Context, tx store.Tx, l *ledger, it *item, now time.Time) (db.Collection, bool, error) {
	m := l.moment(it, policy.Step{}, now)
	owed := m.Status == sdk.Open && (m.Claim.Open().Positive() || !m.Claim.Total.Positive())
	if it.state == nil {
		if !owed || m.Kind != sdk.SalesInvoice || m.GoLive.IsZero() || m.Gone {
			return db.Collection{}, false, nil
		}
		it.state = l.newCollection(it, now)
	}
	row := *it.state
	if !owed {
		return p.settled(ctx, tx, l, it, m, now)
	}
	if row.Phase == string(receivable.Closed) {
		if err := reopen(ctx, tx, &row, m, now, l); err != nil {
			return row, false, err
		}
	}
	l.noteMoves(&row, it, m, now)
	m.NotBefore, m.NotBeforeRule = row.NotBefore, row.NotBeforeRule
	if it.notice != nil && m.Due.After(date.Of(now.In(l.zone))) {
		if err := voidNotice(ctx, tx, it, now); err != nil {
			return row, false, err
		}
		m.CostsFrom = date.Date{}
	}
	flow := l.flow()
	plan := policy.Next(flow, m.State)
	row.Flow, row.FlowVersion = flow.ID, int32(flow.Version)
	row.Phase = string(policy.Phase(flow, m.State))
	row.PlannedDue, row.PlannedOpen = m.Due, m.Claim.Open().Minor
	row.NextStep, row.NextRule, row.NextWhy = string(plan.Step), plan.Rule, plan.Why
	row.NextAt, row.WakeAt, row.HeldRule, row.HeldWhy = nil, nil, "", ""
	if plan.Step != "" {
		at := plan.At
		row.NextAt = &at
		l.preview(&row, it, plan)
	}
	if err := noteHold(ctx, tx, it, row, now); err != nil {
		return row, false, err
	}
	return row, true, nil
}

// preview asks the gate what it would say at the planned moment if the books
// were fresh: what is held by then is shown as held now, and its workflow does
// not wake for nothing.
func (l *ledger) preview(row *db.Collection, it *item, plan policy.Plan) {
	step, ok := l.flow().Step(plan.Step)
	if !ok {
		return
	}
	m := l.moment(it, step, plan.At)
	m.Confirmed, m.BankConfirmed, m.HasDocument = plan.At, time.Time{}, true
	if v := policy.Gate(m); v.Outcome == policy.Wait {
		row.HeldRule, row.HeldWhy, row.NextAt = v.Rule, v.Why, nil
		if !v.Until.IsZero() {
			until := v.Until
			row.NextAt = &until
		}
	}
}

func (l *ledger) newCollection(it *item, now time.Time) *db.Collection {
	return &db.Collection{
		InvoiceID: it.invoice.ID, TenantID: it.invoice.TenantID, AdministrationID: it.invoice.AdministrationID, DebtorID: it.invoice.DebtorID,
		Phase: string(receivable.Draft), Cycle: 1, Workflow: "none", StartedAt: now,
	}
}

// noteMoves sets the day before which nothing follows, when the due date moved
// earlier (R22) or a part was paid (R34). A due date that moved later lifts it
// (R21).
func (l *ledger) noteMoves(row *db.Collection, it *item, m policy.Moment, now time.Time) {
	today := date.Of(now.In(l.zone))
	open := m.Claim.Open().Minor
	switch {
	case row.PlannedDue.IsZero():
	case m.Due.After(row.PlannedDue):
		row.NotBefore, row.NotBeforeRule = date.Date{}, ""
	case m.Due.Before(row.PlannedDue):
		row.NotBefore, row.NotBeforeRule = l.days.Add(today, 1), "R22"
	case open < row.PlannedOpen && len(it.done) > 0:
		row.NotBefore, row.NotBeforeRule = today.AddDays(m.MinInterval), "R34"
	}
}

// reopen brings back an invoice whose payment was undone (R26).
func reopen(ctx context.Context, tx store.Tx, row *db.Collection, m policy.Moment, now time.Time, l *ledger) error {
	row.ClosedAt, row.ClosedWhy = nil, ""
	row.NotBefore, row.NotBeforeRule = date.Of(now.In(l.zone)).AddDays(m.MinInterval), "R26"
	_, err := tx.SetWorkflow(ctx, db.SetWorkflowParams{InvoiceID: row.InvoiceID, Workflow: "none"})
	return err
}

func (p Planner) settled(ctx context.Context, tx store.Tx, l *ledger, it *item, m policy.Moment, now time.Time) (db.Collection, bool, error) {
	row := *it.state
	if row.Phase == string(receivable.Closed) {
		return row, false, nil
	}
	rule, why := "R1", fmt.Sprintf("The books say that this invoice is %s.", m.Status)
	if m.Status == sdk.Open {
		rule, why = "R2", fmt.Sprintf("Received %s, which settles it.", m.Claim.Received)
	}
	closeRow(&row, why, now)
	if err := settleCase(ctx, tx, l, it, now); err != nil {
		return row, false, err
	}
	return row, true, decide(ctx, tx, it, decision{step: row.NextStep, outcome: "closed", rule: rule, why: why, at: now})
}

func closeRow(row *db.Collection, why string, now time.Time) {
	row.Phase, row.ClosedAt, row.ClosedWhy = string(receivable.Closed), &now, why
	row.NextStep, row.NextAt, row.WakeAt, row.NextRule, row.NextWhy, row.HeldRule, row.HeldWhy = "", nil, nil, "", "", "", ""
}

func voidNotice(ctx context.Context, tx store.Tx, it *item, now time.Time) error {
	why := "The due date moved to the future after the letter; a new letter is needed (R23)."
	if err := tx.VoidNotice(ctx, db.VoidNoticeParams{ID: it.notice.ID, VoidAt: &now, VoidWhy: why}); err != nil {
		return fmt.Errorf("void notice: %w", err)
	}
	it.notice = nil
	delete(it.done, policy.FourteenDay)
	return nil
}

// save writes the row when it says something new, and lets a running workflow
// know.
func save(ctx context.Context, tx store.Tx, it *item, row db.Collection) error {
	if same(*it.state, row) && it.state.PlanVersion > 0 {
		return nil
	}
	row.PlanVersion = it.state.PlanVersion + 1
	*it.state = row
	workflow, err := tx.PutCollection(ctx, putParams(row))
	if err != nil {
		return fmt.Errorf("save the plan of invoice %s: %w", row.InvoiceID, err)
	}
	if workflow != "running" {
		return nil
	}
	return tx.AddOutbox(ctx, db.AddOutboxParams{TenantID: row.TenantID, Kind: KindPlan, SubjectID: row.InvoiceID, Payload: json.RawMessage("{}")})
}

func same(a, b db.Collection) bool {
	return a.NextStep == b.NextStep && sameTime(a.NextAt, b.NextAt) && a.Phase == b.Phase && a.HeldRule == b.HeldRule && a.HeldWhy == b.HeldWhy &&
		a.NextWhy == b.NextWhy && a.PlannedDue == b.PlannedDue && a.PlannedOpen == b.PlannedOpen && a.NotBefore == b.NotBefore &&
		a.Flow == b.Flow && a.Cycle == b.Cycle
}

func sameTime(a, b *time.Time) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Truncate(time.Microsecond).Equal(b.Truncate(time.Microsecond))
}

func putParams(r db.Collection) db.PutCollectionParams {
	return db.PutCollectionParams{
		InvoiceID: r.InvoiceID, TenantID: r.TenantID, AdministrationID: r.AdministrationID, DebtorID: r.DebtorID, Flow: r.Flow,
		FlowVersion: r.FlowVersion, Phase: r.Phase, Cycle: r.Cycle, NextStep: r.NextStep, NextAt: r.NextAt, WakeAt: r.WakeAt,
		NextRule: r.NextRule, NextWhy: r.NextWhy, HeldRule: r.HeldRule, HeldWhy: r.HeldWhy, PlanVersion: r.PlanVersion,
		PlannedDue: r.PlannedDue, PlannedOpen: r.PlannedOpen, NotBefore: r.NotBefore, NotBeforeRule: r.NotBeforeRule,
		Workflow: r.Workflow, StartedAt: r.StartedAt, ClosedAt: r.ClosedAt, ClosedWhy: r.ClosedWhy,
	}
}
