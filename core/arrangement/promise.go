package arrangement

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// NewPromise is a debtor's word to pay an amount of an invoice on a day.
type NewPromise struct {
	Invoice uuid.UUID
	Amount  money.Amount // zero for all that the invoice asks
	PayOn   date.Date
	Channel string // portal, person, call or api
	Note    string
	By      string
	Tell    bool // confirm it to the debtor
}

// Promise records a promise and holds the invoice to its day and grace (R67). It
// refuses one beyond the limits with a fault that a debtor may read.
func (d *Desk) Promise(ctx context.Context, tx store.Tx, q NewPromise) (uuid.UUID, error) {
	s, o, err := d.owing(ctx, tx, q.Invoice)
	if err != nil {
		return uuid.Nil, err
	}
	rules, err := SettingsOf(ctx, tx, s.Administration.ID)
	if err != nil {
		return uuid.Nil, err
	}
	made, err := tx.PromisesMade(ctx, q.Invoice)
	if err != nil {
		return uuid.Nil, fmt.Errorf("count promises: %w", err)
	}
	if q.Amount.IsZero() {
		q.Amount = o.Claim.Ask()
	}
	if err := rules.AcceptPromise(PromiseAsk{Today: s.Today, PayOn: q.PayOn, Amount: q.Amount, Ask: o.Claim.Ask(), Made: int(made.Made), Open: made.Open}); err != nil {
		return uuid.Nil, err
	}
	if busy, err := tx.PlanUnderWay(ctx, []uuid.UUID{q.Invoice}); err != nil || busy {
		return uuid.Nil, orConflict(err, "plan_open", "There is a payment plan for this invoice, so its days hold.")
	}
	earlier, err := tx.PromisesOfInvoice(ctx, q.Invoice)
	if err != nil {
		return uuid.Nil, fmt.Errorf("load earlier promises: %w", err)
	}
	id, grace := newID(KindPromise, q.Invoice, len(earlier)), s.BankDays.Add(q.PayOn, rules.PromiseGrace)
	hold, err := d.hold(ctx, tx, q.Invoice, receivable.Promised, fmt.Sprintf("%s by %s, with grace to %s", q.Amount, q.PayOn, grace), zeroTime, q.By)
	if err != nil {
		return uuid.Nil, err
	}
	if err := tx.AddPromise(ctx, db.AddPromiseParams{
		ID: id, TenantID: tx.Tenant, AdministrationID: s.Administration.ID, DebtorID: s.Debtor.ID, InvoiceID: q.Invoice, Currency: q.Amount.Currency,
		AmountMinor: q.Amount.Minor, PayOn: q.PayOn, GraceUntil: grace, Channel: q.Channel, Note: q.Note, OpenMinor: o.Claim.Open().Minor, PaidMinor: o.Paid,
		Step: string(o.Step), HoldID: hold, CreatedAt: s.Now, CreatedBy: q.By,
	}); err != nil {
		return uuid.Nil, fmt.Errorf("record the promise: %w", err)
	}
	if err := matter.Set(ctx, tx, matter.Item{Kind: KindPromise, ID: id, At: morning(s, s.BankDays.Add(grace, 1)), Why: "The grace of a promise is over"}); err != nil {
		return uuid.Nil, err
	}
	if err := note(ctx, tx, s.Now, q.By, "promise.made", "promise/"+id.String(), nil); err != nil {
		return uuid.Nil, err
	}
	if q.Tell {
		return id, d.say(ctx, tx, s, outreach.PromiseNoted, id.String(), []uuid.UUID{q.Invoice}, detail{
			Promise: &outreach.Promise{Amount: q.Amount, On: q.PayOn}, Rule: "R67", Why: "The promise was confirmed to the debtor.",
		})
	}
	return id, nil
}

func orConflict(err error, code, text string) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, code, "%s", text)
}

// WithdrawPromise takes an open promise back; the flow goes on where it was.
func (d *Desk) WithdrawPromise(ctx context.Context, tx store.Tx, promise uuid.UUID, by string) error {
	p, s, err := d.openPromise(ctx, tx, promise)
	if err != nil {
		return err
	}
	if p.State != string(PromiseOpen) {
		return errEnded
	}
	return d.endPromise(ctx, tx, s, p, PromiseWithdrawn, 0, by)
}

func (d *Desk) openPromise(ctx context.Context, tx store.Tx, promise uuid.UUID) (p db.PromiseRow, s dunning.Standing, err error) {
	if p, err = tx.Promise(ctx, promise); err != nil {
		return p, s, fault.New(fault.NotFound, "promise_not_found", "This promise does not exist.").Because(err)
	}
	if s, err = d.standing(ctx, tx, p.DebtorID); err != nil {
		return p, s, err
	}
	p, err = tx.Promise(ctx, promise) // again behind the lock (G1)
	return p, s, err
}

// wakePromise judges a promise: when money came, and when its grace is over.
func (d *Desk) wakePromise(ctx context.Context, tenant, id uuid.UUID) error {
	return d.Store.In(ctx, tenant, func(tx store.Tx) error {
		p, s, err := d.openPromise(ctx, tx, id)
		if err != nil {
			return err
		}
		if p.State != string(PromiseOpen) {
			return matter.Close(ctx, tx, KindPromise, id)
		}
		facts, err := promiseFacts(ctx, tx, p)
		if err != nil {
			return err
		}
		state, received := Judge(facts, s.Today, tolerance(s))
		if state != PromiseOpen {
			return d.endPromise(ctx, tx, s, p, state, received, ByVoldaan)
		}
		return matter.Set(ctx, tx, matter.Item{Kind: KindPromise, ID: id, At: morning(s, s.BankDays.Add(p.GraceUntil, 1)), Why: "The grace of a promise is over"})
	})
}

// promiseFacts reads what came since a promise was made.
func promiseFacts(ctx context.Context, tx store.Tx, p db.PromiseRow) (PromiseFacts, error) {
	f := PromiseFacts{Promised: p.AmountMinor, GraceUntil: p.GraceUntil}
	paid, err := tx.LedgerPayments(ctx, []uuid.UUID{p.InvoiceID})
	if err != nil {
		return f, fmt.Errorf("load payments: %w", err)
	}
	f.InTime = -p.PaidMinor
	for _, m := range paid {
		if m.ValueDate.After(p.GraceUntil) {
			f.Late += m.Amount
		} else {
			f.InTime += m.Amount
		}
	}
	inv, err := tx.Invoice(ctx, p.InvoiceID)
	if err != nil {
		return f, fmt.Errorf("load the invoice: %w", err)
	}
	if f.Open, err = tx.OpenOf(ctx, p.InvoiceID); err != nil {
		return f, fmt.Errorf("read what is open: %w", err)
	}
	credited, err := tx.CreditNotesFor(ctx, db.CreditNotesForParams{ID: p.InvoiceID, Since: p.CreatedAt})
	if err != nil {
		return f, fmt.Errorf("look for credit notes: %w", err)
	}
	f.Fell = p.OpenMinor - f.Open - credited
	if inv.Status == "void" || inv.Status == "uncollectible" {
		f.Open, f.Fell = 0, 0
	}
	return f, nil
}

// endPromise records what became of a promise and lets the flow go on at the step
// it was on: with the rest of one that was kept in part (R68), and one tone higher
// when nothing came (R69).
func (d *Desk) endPromise(ctx context.Context, tx store.Tx, s dunning.Standing, p db.PromiseRow, state PromiseState, received int64, by string) error {
	n, err := tx.EndPromise(ctx, db.EndPromiseParams{ID: p.ID, State: string(state), ReceivedMinor: received, EndedAt: &s.Now, EndedBy: by})
	if err != nil {
		return fmt.Errorf("end the promise: %w", err)
	}
	if n == 0 {
		return errEnded // G3
	}
	promised := money.Of(p.AmountMinor, p.Currency)
	switch state {
	case PromisePartly:
		if err := resume(ctx, tx, db.PutResumeParams{InvoiceID: p.InvoiceID, Step: p.Step, Rule: "R68", At: s.Now}, date.Date{}); err != nil {
			return err
		}
	case PromiseBroken:
		if err := resume(ctx, tx, db.PutResumeParams{
			InvoiceID: p.InvoiceID, Step: p.Step, Firmer: true, Rule: "R69", PromisedMinor: p.AmountMinor, PromisedOn: p.PayOn, At: s.Now,
		}, date.Date{}); err != nil {
			return err
		}
	case PromiseWithdrawn:
		if err := resume(ctx, tx, db.PutResumeParams{InvoiceID: p.InvoiceID, Step: p.Step, Rule: "R65", At: s.Now}, date.Date{}); err != nil {
			return err
		}
	}
	if state != PromiseWithdrawn && state != PromiseCancelled {
		if err := behaves(ctx, tx, s, p.InvoiceID, "promise_"+string(state), promised); err != nil {
			return err
		}
	}
	if err := note(ctx, tx, s.Now, by, "promise."+string(state), "promise/"+p.ID.String(), nil); err != nil {
		return err
	}
	if err := matter.Close(ctx, tx, KindPromise, p.ID); err != nil {
		return err
	}
	return d.release(ctx, tx, p.HoldID, p.InvoiceID, by)
}
