package dunning

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// ByHand records that a person took a step of an invoice outside Voldaan on a
// day: it counts as done and is not taken again (R11). The invoice itself may
// have gone out that way too (R18). What proves something by law, and what opens
// a case, is not taken on somebody's word: a fault of kind Invalid says so.
func (p Planner) ByHand(ctx context.Context, tx store.Tx, invoice uuid.UUID, step policy.StepID, on date.Date, by string) error {
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return err
	}
	debtors, err := tx.DebtorsOfInvoices(ctx, []uuid.UUID{invoice})
	if err != nil {
		return fmt.Errorf("find the debtor of invoice %s: %w", invoice, err)
	}
	if _, err := tx.LockDebtors(ctx, debtors); err != nil {
		return fmt.Errorf("lock the debtor: %w", err)
	}
	ledgers, err := loadLedgers(ctx, tx, debtors)
	if err != nil {
		return err
	}
	if len(ledgers) == 0 {
		return fault.New(fault.NotFound, "invoice_not_found", "This invoice does not exist.")
	}
	l, it := ledgers[0], ledgers[0].item(invoice)
	if it == nil || it.state == nil || closed(it) {
		return fault.New(fault.Conflict, "nothing_planned", "Nothing is planned for this invoice, so there is no step that you could have taken.")
	}
	s, err := l.mayByHand(it, step, on, dateIn(now, l.zone))
	if err != nil {
		return err
	}
	at := on.At(12, 0, l.zone)
	if at.After(now) {
		at = now
	}
	if err := tx.PutStep(ctx, db.PutStepParams{InvoiceID: invoice, Cycle: it.state.Cycle, Step: string(step), TenantID: tx.Tenant, Outcome: policy.DoneByHand, At: at}); err != nil {
		return fmt.Errorf("record step %s: %w", step, err)
	}
	if err := p.noteByHand(ctx, tx, it, s, on, by, now); err != nil {
		return err
	}
	return p.Replan(ctx, tx, []uuid.UUID{invoice})
}

func (p Planner) noteByHand(ctx context.Context, tx store.Tx, it *item, s policy.Step, on date.Date, by string, now time.Time) error {
	d := decision{step: string(s.ID), outcome: "confirmed", rule: "R11", why: fmt.Sprintf("%s did this on %s, outside Voldaan.", by, on), at: now}
	if s.ID == policy.SendInvoice {
		d.rule, d.why = "R18", fmt.Sprintf("%s says that this invoice was sent on %s, so it is not sent again.", by, on)
	}
	if err := decide(ctx, tx, it, d); err != nil {
		return err
	}
	if err := tx.FinishTasks(ctx, db.FinishTasksParams{Kind: "document_missing", SubjectID: it.invoice.ID, At: now, ByWhom: by}); err != nil {
		return fmt.Errorf("finish the task: %w", err)
	}
	return audit(ctx, tx, now, by, "by_hand "+string(s.ID)+" "+on.String(), "invoice/"+it.invoice.ID.String())
}

// countByHand has the interval between two reminders count from those, too, that a
// person sent outside (R11, R15).
func (l *ledger) countByHand() {
	for _, it := range l.items {
		for id, d := range it.done {
			if d.Outcome != policy.DoneByHand {
				continue
			}
			if step, ok := l.flow(it).Step(id); ok && step.Demand {
				l.last = date.Later(l.last, d.On)
			}
		}
	}
}

// mayByHand returns the step that a person may have taken on a day.
func (l *ledger) mayByHand(it *item, step policy.StepID, on, today date.Date) (policy.Step, error) {
	s, ok := l.flow(it).Step(step)
	_, done := it.done[step]
	switch {
	case !ok:
		return s, fault.New(fault.Invalid, "step_unknown", "There is no such step in the flow of this invoice.")
	case s.Statutory || s.Phase.Beyond(receivable.Reminding):
		return s, fault.New(fault.Invalid, "step_proof", "%s has to be proven, so it goes out from here.", s.Title)
	case done:
		return s, fault.New(fault.Conflict, "step_done", "%s was done already.", s.Title)
	case on.IsZero() || on.After(today):
		return s, fault.New(fault.Invalid, "by_hand_day", "Give the day on which it was done; it cannot be in the future.")
	case on.Before(it.invoice.Issued):
		return s, fault.New(fault.Invalid, "by_hand_day", "The invoice is of %s, so nothing was sent before that day.", it.invoice.Issued)
	}
	return s, nil
}
