package dunning

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// freshTerm is how many days a debtor gets after a dispute that the creditor
// does not accept (R72).
const freshTerm = 7

// Resolve decides a dispute. When the creditor agrees, the amount is not asked
// until the books credit it (R73); when not, the debtor gets a fresh term before
// the flow goes on (R72).
func (p Planner) Resolve(ctx context.Context, tx store.Tx, dispute uuid.UUID, agree bool, note, by string) error {
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return err
	}
	d, err := tx.Dispute(ctx, dispute)
	if err != nil {
		return fault.New(fault.NotFound, "dispute_not_found", "This dispute does not exist.").Because(err)
	}
	state := "rejected"
	if agree {
		state = "accepted"
	}
	decided := db.DecideDisputeParams{ID: dispute, State: state, ResolvedAt: &now, ResolvedBy: by, Resolution: note}
	if agree {
		if decided.AcceptedMinor, decided.TotalMinor, decided.BaseMinor, err = p.base(ctx, tx, d); err != nil {
			return err
		}
	}
	n, err := tx.DecideDispute(ctx, decided)
	if err != nil {
		return fmt.Errorf("resolve the dispute: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "dispute_decided", "This dispute was decided already.")
	}
	if err := tx.FinishTasks(ctx, db.FinishTasksParams{Kind: "dispute", SubjectID: d.InvoiceID, At: now, ByWhom: by}); err != nil {
		return fmt.Errorf("finish the task: %w", err)
	}
	if err := audit(ctx, tx, now, by, "dispute."+state, "invoice/"+d.InvoiceID.String()); err != nil {
		return err
	}
	if agree {
		return p.Replan(ctx, tx, []uuid.UUID{d.InvoiceID})
	}
	inv, err := tx.Invoice(ctx, d.InvoiceID)
	if err != nil {
		return fmt.Errorf("load invoice %s: %w", d.InvoiceID, err)
	}
	adm, err := tx.Administration(ctx, inv.AdministrationID)
	if err != nil {
		return fmt.Errorf("load the administration: %w", err)
	}
	zone, err := loadZone(adm.TimeZone)
	if err != nil {
		return err
	}
	if err := tx.GiveTerm(ctx, db.GiveTermParams{InvoiceID: d.InvoiceID, Day: dateIn(now, zone).AddDays(freshTerm), Rule: "R72"}); err != nil {
		return fmt.Errorf("give a fresh term: %w", err)
	}
	if err := p.ReleaseAll(ctx, tx, OfInvoice, d.InvoiceID, receivable.Disputed, by); err != nil {
		return err
	}
	return p.Replan(ctx, tx, []uuid.UUID{d.InvoiceID})
}

// base is what a credit note is recognised by: what is to be credited, the total
// of the invoice, and what of it is open or was paid.
func (p Planner) base(ctx context.Context, tx store.Tx, d db.Dispute) (accepted, total, base int64, err error) {
	s, err := p.Standing(ctx, tx, d.DebtorID)
	if err != nil {
		return 0, 0, 0, err
	}
	inv, err := tx.Invoice(ctx, d.InvoiceID)
	if err != nil {
		return 0, 0, 0, fmt.Errorf("load invoice %s: %w", d.InvoiceID, err)
	}
	if o, ok := s.Of(d.InvoiceID); ok {
		base = o.Claim.Open().Minor + o.Paid
	}
	return d.AmountMinor, inv.TotalMinor, base, nil
}
