package arrangement

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Teller sends a word to a debtor, once for its key; dunning.Steps is one.
type Teller interface {
	Tell(ctx context.Context, tenant uuid.UUID, w dunning.Word) (uuid.UUID, error)
}

// Desk makes, ends and follows arrangements.
type Desk struct {
	Store   *store.Store
	Real    clock.Clock
	Planner dunning.Planner
	Teller  Teller
}

// The kinds of matters that wait here.
const (
	KindPromise   matter.Kind = "promise"
	KindPlan      matter.Kind = "payment_plan"
	KindDispute   matter.Kind = "dispute"
	KindPaidClaim matter.Kind = "paid_claim"
	KindLegalStop matter.Kind = "legal_stop"
	KindWord      matter.Kind = "arrangement_word"
)

// Wakers are the owners of the matters of arrangements.
func (d *Desk) Wakers() map[matter.Kind]matter.Waker {
	return map[matter.Kind]matter.Waker{
		KindPromise: waker(d.wakePromise), KindPlan: waker(d.wakePlan), KindDispute: waker(d.wakeDispute),
		KindPaidClaim: waker(d.wakePaidClaim), KindLegalStop: waker(d.wakeStop), KindWord: waker(d.wakeWord),
	}
}

// waker is a function that wakes a matter.
type waker func(ctx context.Context, tenant, id uuid.UUID) error

// Wake implements matter.Waker.
func (w waker) Wake(ctx context.Context, tenant, id uuid.UUID) error { return w(ctx, tenant, id) }

// Who acts: a member's name, "debtor", "voldaan" or "api:<key>".
const (
	ByDebtor  = "debtor"
	ByVoldaan = "voldaan"
)

// standing waits for the debtor's row (G1) and reads what is owed.
func (d *Desk) standing(ctx context.Context, tx store.Tx, debtor uuid.UUID) (dunning.Standing, error) {
	if _, err := tx.LockDebtors(ctx, []uuid.UUID{debtor}); err != nil {
		return dunning.Standing{}, fmt.Errorf("lock the debtor: %w", err)
	}
	return d.Planner.Standing(ctx, tx, debtor)
}

// owing is the standing of the debtor of an invoice, with that invoice.
func (d *Desk) owing(ctx context.Context, tx store.Tx, invoice uuid.UUID) (s dunning.Standing, o dunning.Owed, err error) {
	inv, err := tx.Invoice(ctx, invoice)
	if err != nil {
		return s, o, fault.New(fault.NotFound, "invoice_not_found", "This invoice does not exist.").Because(err)
	}
	if s, err = d.standing(ctx, tx, inv.DebtorID); err != nil {
		return s, o, err
	}
	o, ok := s.Of(invoice)
	if !ok {
		return s, o, fault.New(fault.Conflict, "nothing_open", "Nothing is open on this invoice any more.")
	}
	return s, o, nil
}

// hold makes an invoice wait for an arrangement. Reminders go on when the
// arrangement ends, not when a moment comes, unless until is set.
func (d *Desk) hold(ctx context.Context, tx store.Tx, invoice uuid.UUID, reason receivable.HoldReason, text string, until time.Time, by string) (uuid.UUID, error) {
	return d.Planner.Hold(ctx, tx, dunning.HoldRequest{Scope: dunning.OfInvoice, ID: invoice, Reason: reason, Note: text, Until: until, By: by})
}

// release ends a hold of an arrangement if it is still in force, and plans the
// invoice again either way.
func (d *Desk) release(ctx context.Context, tx store.Tx, hold, invoice uuid.UUID, by string) error {
	on, err := tx.HoldingOn(ctx, hold)
	if err != nil {
		return fmt.Errorf("look for the hold: %w", err)
	}
	if on {
		return d.Planner.Release(ctx, tx, hold, by)
	}
	return d.Planner.Replan(ctx, tx, []uuid.UUID{invoice})
}

// resume says where the flow of an invoice goes on, and not before which day.
func resume(ctx context.Context, tx store.Tx, r db.PutResumeParams, notBefore date.Date) error {
	r.TenantID = tx.Tenant
	if r.Step != "" && r.Step != string(policy.SendInvoice) {
		if err := tx.PutResume(ctx, r); err != nil {
			return fmt.Errorf("note where the flow goes on: %w", err)
		}
	}
	if notBefore.IsZero() {
		return nil
	}
	if err := tx.GiveTerm(ctx, db.GiveTermParams{InvoiceID: r.InvoiceID, Day: notBefore, Rule: r.Rule}); err != nil {
		return fmt.Errorf("give a term: %w", err)
	}
	return nil
}

// task asks a person for something, once until it is done.
func task(ctx context.Context, tx store.Tx, s dunning.Standing, kind string, subject uuid.UUID, title, detail string) error {
	if err := tx.AddTask(ctx, db.AddTaskParams{
		ID: uuid.New(), TenantID: tx.Tenant, AdministrationID: uuid.NullUUID{UUID: s.Administration.ID, Valid: true}, Kind: kind, SubjectID: subject,
		Title: title, Detail: detail, CreatedAt: s.Now,
	}); err != nil {
		return fmt.Errorf("add task: %w", err)
	}
	return nil
}

func finish(ctx context.Context, tx store.Tx, kind string, subject uuid.UUID, at time.Time, by string) error {
	if err := tx.FinishTasks(ctx, db.FinishTasksParams{Kind: kind, SubjectID: subject, At: at, ByWhom: by}); err != nil {
		return fmt.Errorf("finish the task: %w", err)
	}
	return nil
}

// behaves records what a debtor did, for the score.
func behaves(ctx context.Context, tx store.Tx, s dunning.Standing, invoice uuid.UUID, kind string, a money.Amount) error {
	if err := tx.AddBehaviour(ctx, db.AddBehaviourParams{
		TenantID: tx.Tenant, DebtorID: s.Debtor.ID, InvoiceID: uuid.NullUUID{UUID: invoice, Valid: invoice != uuid.Nil}, Kind: kind, AmountMinor: a.Minor, Currency: a.Currency, At: s.Now,
	}); err != nil {
		return fmt.Errorf("record the behaviour: %w", err)
	}
	return nil
}

// morning is when what waits is looked at on a day: after the mail and the bank
// statement have been read.
func morning(s dunning.Standing, on date.Date) time.Time { return on.At(9, 0, s.Zone) }

// tolerance is the rest that is not worth a word (R4).
func tolerance(s dunning.Standing) int64 { return s.Administration.ToleranceMinor }

var zeroTime time.Time

var errEnded = fault.New(fault.Conflict, "arrangement_ended", "This was decided or ended already. Look at the page again.")

func contains(ids []uuid.UUID, id uuid.UUID) bool { return slices.Contains(ids, id) }

// owedInAll is what a debtor owes in the currency of the administration.
func owedInAll(s dunning.Standing) money.Amount {
	sum := money.Of(0, s.Administration.Currency)
	for _, o := range s.Invoices {
		if open := o.Claim.Open(); open.Currency == sum.Currency {
			sum.Minor += open.Minor
		}
	}
	return sum
}

// newID names the n-th arrangement of a kind on a subject. It follows from what
// is on record, so that the same course of events gives the same ids.
func newID(kind matter.Kind, subject uuid.UUID, n int) uuid.UUID {
	return uuid.NewSHA1(subject, fmt.Appendf(nil, "arrangement/%s/%d", kind, n))
}
