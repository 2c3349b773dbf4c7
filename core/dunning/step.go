package dunning

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// Books looks at the source at this moment.
type Books interface {
	// Confirm reads invoices of one administration at their source and writes
	// what it finds to the mirror. A fault of kind Unavailable means that the
	// source cannot be asked now.
	Confirm(ctx context.Context, tenant, administration uuid.UUID, invoices []uuid.UUID) error
	// FetchDocument makes sure that the invoice's PDF is stored, or returns a
	// fault of kind NotFound when the source has none.
	FetchDocument(ctx context.Context, tenant, invoice uuid.UUID) error
}

// Checkouts looks at the payment provider at this moment.
type Checkouts interface {
	// Refresh fetches the state of every payment under way for the invoices.
	Refresh(ctx context.Context, tenant uuid.UUID, invoices []uuid.UUID) error
}

// Steps takes one step of one invoice at a time.
type Steps struct {
	Store     *store.Store
	Real      clock.Clock
	Books     Books
	Checkouts Checkouts
	Post      *Post
	Links     Links
}

// ErrLater is a step that could not be finished for a passing reason: nothing
// was sent, and the same call may be made again after Wait.
type ErrLater struct {
	Wait time.Duration
	Why  error
}

// Error says why.
func (e *ErrLater) Error() string { return e.Why.Error() }

// Unwrap returns the cause.
func (e *ErrLater) Unwrap() error { return e.Why }

// Take takes the step that is planned for an invoice, if its moment has come,
// and returns what comes next. It may be called any number of times: a step that
// is behind the invoice is not taken again (R10).
func (s *Steps) Take(ctx context.Context, tenant, invoice uuid.UUID) (Plan, error) {
	w, err := s.look(ctx, tenant, invoice)
	if err != nil || w.done {
		return w.plan, err
	}
	if err := s.resolveOpen(ctx, tenant, invoice); err != nil {
		return Plan{}, err
	}
	if err := s.ask(ctx, tenant, w); err != nil {
		return Plan{}, err
	}
	return s.fenced(ctx, tenant, invoice)
}

// woken is what a wake-up is about.
type woken struct {
	done     bool
	plan     Plan
	step     policy.Step
	adm      uuid.UUID
	invoice  uuid.UUID
	siblings []uuid.UUID // the debtor's open invoices, this one among them
}

func (s *Steps) look(ctx context.Context, tenant, invoice uuid.UUID) (w woken, err error) {
	err = s.Store.In(ctx, tenant, func(tx store.Tx) error {
		row, err := tx.Collection(ctx, invoice)
		if err != nil {
			return fmt.Errorf("load the plan of invoice %s: %w", invoice, err)
		}
		w.plan, w.adm, w.invoice = planOf(row), row.AdministrationID, invoice
		w.done = w.plan.Closed || w.plan.Step == "" || w.plan.WakeAt.IsZero() || w.plan.WakeAt.After(s.Real.Now().Add(50*time.Millisecond))
		w.step, _ = policy.Flows()[row.Flow].Step(policy.StepID(row.NextStep))
		open, err := tx.OpenInvoicesOf(ctx, db.OpenInvoicesOfParams{AdministrationID: row.AdministrationID, DebtorID: row.DebtorID})
		for _, o := range open {
			w.siblings = append(w.siblings, o.ID)
		}
		return err
	})
	return w, err
}

// ask reads the truth outside, before the gate reads ours.
func (s *Steps) ask(ctx context.Context, tenant uuid.UUID, w woken) error {
	if w.step.ID == policy.SendInvoice {
		return s.fetchDocument(ctx, tenant, w)
	}
	if !w.step.Demand {
		return nil
	}
	if err := s.Checkouts.Refresh(ctx, tenant, w.siblings); err != nil {
		return s.waits(ctx, tenant, w, "The payment provider could not be asked whether a payment is under way. Voldaan tries again by itself; nothing is sent until it answers.", err)
	}
	if err := s.Books.Confirm(ctx, tenant, w.adm, w.siblings); err != nil {
		return s.waits(ctx, tenant, w, "The books could not be asked whether this is still open. Voldaan tries again by itself; nothing is sent until they answer.", err)
	}
	return nil
}

// waits notes that a step is held because a source is out of reach (R5).
func (s *Steps) waits(ctx context.Context, tenant uuid.UUID, w woken, why string, cause error) error {
	if err := s.Store.In(ctx, tenant, func(tx store.Tx) error {
		it, now, err := s.lone(ctx, tx, w.invoice)
		if err != nil {
			return err
		}
		return decide(ctx, tx, it, decision{step: string(w.step.ID), outcome: "held", rule: "R5", why: why, at: now})
	}); err != nil {
		return err
	}
	return &ErrLater{Wait: 0, Why: cause}
}

func (s *Steps) lone(ctx context.Context, tx store.Tx, invoice uuid.UUID) (*item, time.Time, error) {
	scale, err := Scale(ctx, tx)
	if err != nil {
		return nil, time.Time{}, err
	}
	inv, err := tx.Invoice(ctx, invoice)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("load invoice %s: %w", invoice, err)
	}
	return &item{invoice: inv}, scale.Tenant(s.Real.Now()), nil
}

// fenced holds the debtor's row from the last look to the end of the hand-over
// (I1), lets the gate decide, and carries the decision out.
func (s *Steps) fenced(ctx context.Context, tenant, invoice uuid.UUID) (plan Plan, err error) {
	var later error
	err = s.Store.In(ctx, tenant, func(tx store.Tx) error {
		f, err := s.enter(ctx, tx, invoice)
		if err != nil {
			return err
		}
		later = f.take(ctx)
		if later != nil && !isLater(later) {
			return later
		}
		plan, err = f.finish(ctx)
		return err
	})
	if err != nil {
		return plan, err
	}
	return plan, later
}

// fence is the work of one step under the debtor's lock.
type fence struct {
	*Steps
	tx    store.Tx
	led   *ledger
	it    *item
	scale clock.Scale
	now   time.Time
	today date.Date
	flow  policy.Flow
	step  policy.Step
}

func (s *Steps) enter(ctx context.Context, tx store.Tx, invoice uuid.UUID) (*fence, error) {
	scale, err := Scale(ctx, tx)
	if err != nil {
		return nil, err
	}
	row, err := tx.Collection(ctx, invoice)
	if err != nil {
		return nil, fmt.Errorf("load the plan of invoice %s: %w", invoice, err)
	}
	if _, err := tx.LockDebtors(ctx, []uuid.UUID{row.DebtorID}); err != nil {
		return nil, fmt.Errorf("lock the debtor: %w", err)
	}
	ledgers, err := loadLedgers(ctx, tx, []uuid.UUID{row.DebtorID})
	if err != nil || len(ledgers) == 0 {
		return nil, fmt.Errorf("load the ledger of invoice %s: %w", invoice, err)
	}
	f := &fence{Steps: s, tx: tx, led: ledgers[0], scale: scale, now: scale.Tenant(s.Real.Now())}
	f.it, f.flow, f.today = f.led.item(invoice), f.led.flow(), date.Of(f.now.In(f.led.zone))
	return f, nil
}

// take gates the step and does it. It returns ErrLater when nothing was sent
// and the step should be tried again.
func (f *fence) take(ctx context.Context) error {
	if f.it == nil || f.it.state == nil || f.it.state.NextStep == "" || f.it.state.Phase == string(receivable.Closed) {
		return nil
	}
	step, ok := f.flow.Step(policy.StepID(f.it.state.NextStep))
	if !ok {
		return nil
	}
	f.step = step
	m := f.moment(ctx, f.it, step)
	v := policy.Gate(m)
	if v.Outcome != policy.Pass {
		return f.object(ctx, v)
	}
	if err := f.skipped(ctx); err != nil {
		return err
	}
	if step.Bookkeeping() {
		return f.bookkeep(ctx)
	}
	return f.send(ctx, m, v)
}

// moment is the ledger's, with whether the PDF is at hand.
func (f *fence) moment(ctx context.Context, it *item, step policy.Step) policy.Moment {
	m := f.led.moment(it, step, f.now)
	if step.ID == policy.SendInvoice {
		_, err := f.tx.DocumentOf(ctx, db.DocumentOfParams{SubjectID: it.invoice.ID, Kind: "invoice"})
		m.HasDocument = err == nil
	}
	return m
}

var verdictWords = map[policy.Outcome]string{policy.Wait: "held", policy.Move: "moved", policy.Drop: "dropped", policy.Close: "closed", policy.Behind: "skipped"}

// object records why the gate said no.
func (f *fence) object(ctx context.Context, v policy.Verdict) error {
	if v.Outcome == policy.Behind {
		return f.replanAll(ctx)
	}
	if v.Task != "" {
		if err := addTask(ctx, f.tx, f.led, v.Task, f.it.invoice.ID, taskTitle(v.Task, f.it.invoice.Number), v.Why, f.now); err != nil {
			return err
		}
	}
	if err := decide(ctx, f.tx, f.it, decision{
		step: string(f.step.ID), outcome: verdictWords[v.Outcome], rule: v.Rule, why: v.Why, at: f.now, facts: f.facts(f.it),
	}); err != nil {
		return err
	}
	row := *f.it.state
	switch v.Outcome {
	case policy.Wait:
		row.HeldRule, row.HeldWhy, row.NextAt, row.WakeAt = v.Rule, v.Why, nil, nil
		if !v.Until.IsZero() {
			wake := f.scale.Real(v.Until)
			row.NextAt, row.WakeAt = &v.Until, &wake
		}
	case policy.Move:
		wake := f.scale.Real(v.Until)
		row.NextAt, row.WakeAt, row.NextRule, row.NextWhy = &v.Until, &wake, v.Rule, v.Why
	case policy.Close:
		closeRow(&row, v.Why, f.now)
	case policy.Drop:
		if v.Rule != "R17" {
			if err := f.done(ctx, f.it, f.step.ID, "skipped", uuid.Nil); err != nil {
				return err
			}
		}
		return f.replanAll(ctx)
	}
	return f.put(ctx, f.it, row)
}

// skipped notes the steps that the plan passed over on the way to this one.
func (f *fence) skipped(ctx context.Context) error {
	for _, skip := range policy.Next(f.flow, f.led.moment(f.it, f.step, f.now).State).Skipped {
		if err := f.done(ctx, f.it, skip.Step, "skipped", uuid.Nil); err != nil {
			return err
		}
		if err := decide(ctx, f.tx, f.it, decision{step: string(skip.Step), outcome: "skipped", rule: skip.Rule, why: skip.Why, at: f.now}); err != nil {
			return err
		}
	}
	return nil
}

// bookkeep does a step that is a task for a person.
func (f *fence) bookkeep(ctx context.Context) error {
	if err := addTask(ctx, f.tx, f.led, string(f.step.ID), f.it.invoice.ID, f.step.Title+": invoice "+f.it.invoice.Number, "", f.now); err != nil {
		return err
	}
	if f.step.ID == policy.ReadyForBailiff && f.it.claim != nil {
		if err := f.tx.SetCaseState(ctx, db.SetCaseStateParams{ID: f.it.claim.ID, State: "ready"}); err != nil {
			return err
		}
	}
	if err := f.done(ctx, f.it, f.step.ID, "done", uuid.Nil); err != nil {
		return err
	}
	if err := f.replanAll(ctx); err != nil {
		return err
	}
	return decide(ctx, f.tx, f.it, decision{step: string(f.step.ID), outcome: "done", rule: "flow", why: f.step.Title + " was put on the task list.", at: f.now})
}

func (f *fence) done(ctx context.Context, it *item, step policy.StepID, outcome string, message uuid.UUID) error {
	it.done[step] = policy.Done{Outcome: outcome, On: f.today}
	if err := f.tx.PutStep(ctx, db.PutStepParams{
		InvoiceID: it.invoice.ID, Cycle: it.state.Cycle, Step: string(step), TenantID: f.tx.Tenant, Outcome: outcome, At: f.now, MessageID: nullID(message),
	}); err != nil {
		return fmt.Errorf("record step %s: %w", step, err)
	}
	return nil
}

// finish plans again whatever the step changed, and returns the plan of the
// invoice that woke us.
func (f *fence) finish(ctx context.Context) (Plan, error) {
	row, err := f.tx.Collection(ctx, f.it.invoice.ID)
	return planOf(row), err
}

// put saves a plan without telling the workflow that asks for it.
func (f *fence) put(ctx context.Context, it *item, row db.Collection) error {
	row.PlanVersion = it.state.PlanVersion + 1
	*it.state = row
	if _, err := f.tx.PutCollection(ctx, putParams(row)); err != nil {
		return fmt.Errorf("save the plan of invoice %s: %w", row.InvoiceID, err)
	}
	if row.Phase != string(receivable.Closed) {
		return nil
	}
	_, err := f.tx.SetWorkflow(ctx, db.SetWorkflowParams{InvoiceID: row.InvoiceID, Workflow: "closed"})
	return err
}

// replanAll plans the debtor's invoices after a message: their own steps, and
// the distance that the others keep from it.
func (f *fence) replanAll(ctx context.Context) error {
	p := Planner{Real: f.Real}
	for _, it := range f.led.items {
		if it.state == nil {
			continue
		}
		next, changed, err := p.plan(ctx, f.tx, f.led, it, f.now)
		if err != nil {
			return err
		}
		if !changed {
			continue
		}
		if next.NextAt != nil {
			wake := f.scale.Real(*next.NextAt)
			next.WakeAt = &wake
		}
		if it == f.it {
			err = f.put(ctx, it, next)
		} else {
			err = save(ctx, f.tx, it, next)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *fence) facts(it *item) map[string]any {
	return map[string]any{
		"books_open": it.invoice.OpenMinor, "received": it.received, "currency": it.invoice.Currency,
		"confirmed": confirmed(f.led.adm, it.invoice), "due": it.invoice.Due,
	}
}

var taskTitles = map[string]string{
	"document_missing": "The PDF of invoice %s is missing", "stale_books": "The books are not up to date for invoice %s",
	"stale_bank": "The bank statements are not up to date for invoice %s", "small_difference": "A small difference remains on invoice %s",
	"unread_message": "The debtor of invoice %s wrote; read it", "apply_credit": "Credit covers invoice %s; apply it",
	"no_address": "No address to reach the debtor of invoice %s", "uncertain": "Find out whether a message about invoice %s arrived",
}

func taskTitle(kind, number string) string { return fmt.Sprintf(taskTitles[kind], number) }
