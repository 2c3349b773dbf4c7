package dunning

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// fence is the work of one step under the debtor's lock.
type fence struct {
	*Steps
	tx    store.Tx
	asker woken
	led   *ledger
	it    *item // of the asker
	scale clock.Scale
	now   time.Time // the tenant's
	today date.Date
	flow  policy.Flow
	step  policy.Step
	trial bool // a preview: nothing is written, not even a number is taken
}

// patience is how long an answer of the sources is good for while the step
// waits for the fence; after that they are asked again.
const patience = 15 * time.Second

// fenced holds the debtor's row from the last look to the end of the hand-over
// (I1), lets the gate decide, and carries the decision out.
func (s *Steps) fenced(ctx context.Context, w woken) (plan Plan, err error) {
	var later *ErrLater
	// Once a message may have left, its record is completed whatever happens to
	// the caller.
	steady := context.WithoutCancel(ctx)
	err = s.Store.In(steady, w.tenant, func(tx store.Tx) error {
		f, err := s.enter(ctx, tx, w)
		if err != nil {
			return err
		}
		if err := f.take(steady, ctx); errors.As(err, &later) {
			// What was decided on the way stays decided.
		} else if err != nil {
			return err
		}
		row, err := tx.Collection(steady, w.invoice)
		if err == nil {
			plan, err = planOf(steady, tx, row)
		}
		return err
	})
	if err == nil && later != nil {
		return plan, later
	}
	return plan, err
}

// enter waits for the debtor's row and reads the ledger behind it.
func (s *Steps) enter(ctx context.Context, tx store.Tx, w woken) (*fence, error) {
	if w.invoice != uuid.Nil {
		inv, err := tx.Invoice(ctx, w.invoice)
		if err != nil {
			return nil, fmt.Errorf("load invoice %s: %w", w.invoice, err)
		}
		w.debtor = inv.DebtorID
	}
	locked, err := tx.LockDebtors(ctx, []uuid.UUID{w.debtor})
	if err != nil {
		return nil, fmt.Errorf("lock the debtor: %w", err)
	}
	if len(locked) == 0 {
		return nil, fmt.Errorf("the debtor %s is not in the books yet", w.debtor)
	}
	f := &fence{Steps: s, tx: tx, asker: w}
	if f.scale, err = tx.Scale(ctx); err != nil {
		return nil, err
	}
	f.at(f.scale.Tenant(s.Real.Now()))
	return f, f.load(ctx, w.debtor)
}

// at sets the moment that the step is taken at.
func (f *fence) at(now time.Time) {
	f.now = now
	if f.led != nil {
		f.today = date.Of(now.In(f.led.zone))
	}
}

// load reads the ledger, also again after work on it was undone.
func (f *fence) load(ctx context.Context, debtor uuid.UUID) error {
	ledgers, err := loadLedgers(ctx, f.tx, []uuid.UUID{debtor})
	if err != nil {
		return err
	}
	if len(ledgers) == 0 {
		return fmt.Errorf("the debtor %s is not in the books yet", debtor)
	}
	f.led = ledgers[0]
	f.it, f.today = f.led.item(f.asker.invoice), date.Of(f.now.In(f.led.zone))
	f.flow = f.led.flow(f.it)
	return nil
}

// asked reports whether the sources were asked about an invoice for this step.
func (f *fence) asked(it *item) bool { return slices.Contains(f.asker.siblings, it.invoice.ID) }

// replanAll plans the debtor's invoices after a step: their own next ones, and
// the distance that the others keep from it.
func (f *fence) replanAll(ctx context.Context) error {
	asker := uuid.Nil
	if f.asker.asks {
		asker = f.asker.invoice
	}
	rows, err := Planner{Real: f.Real}.plans(ctx, f.tx, f.led, f.scale, f.now, asker, func(it *item) bool { return it.state != nil })
	if err != nil {
		return err
	}
	return writePlans(ctx, f.tx, rows)
}

// put saves a plan of the invoice that asks for it: the answer carries it, so
// its workflow is not told.
func (f *fence) put(ctx context.Context, row db.Collection) error {
	row.PlanVersion++
	*f.it.state = row
	return writePlans(ctx, f.tx, []plannedRow{{row: row, quiet: true}})
}

// done puts a step behind an invoice.
func (f *fence) done(ctx context.Context, it *item, step policy.StepID, outcome string, message uuid.UUID) error {
	it.done[step] = policy.Done{Outcome: outcome, On: f.today}
	if err := f.tx.PutStep(ctx, db.PutStepParams{
		InvoiceID: it.invoice.ID, Cycle: it.state.Cycle, Step: string(step), TenantID: f.tx.Tenant, Outcome: outcome, At: f.now, MessageID: nullID(message),
	}); err != nil {
		return fmt.Errorf("record step %s: %w", step, err)
	}
	return nil
}

func (f *fence) facts(it *item) map[string]any {
	return map[string]any{
		"books_open": it.invoice.OpenMinor, "received": it.received, "currency": it.invoice.Currency,
		"confirmed": confirmed(f.led.adm, it.invoice), "due": it.invoice.Due,
	}
}

func closed(it *item) bool { return it.state.Phase == string(receivable.Closed) }
