package casework

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// on runs f on a case under the lock of its debtor.
func (d *Desk) on(ctx context.Context, tenant, id uuid.UUID, f func(l *look) error) error {
	return d.Store.In(ctx, tenant, func(tx store.Tx) error {
		l, err := d.look(ctx, tx, id)
		if err != nil {
			return err
		}
		return f(l)
	})
}

// Waive gives up costs or interest of a case; the debtor sees the new total at
// once, and gets a statement (R104). With nothing named, all of both is given up.
func (d *Desk) Waive(ctx context.Context, tenant, id uuid.UUID, w claim.Waiver) error {
	return d.on(ctx, tenant, id, func(l *look) error {
		if w.Costs == 0 && w.Interest == 0 {
			w.Costs, w.Interest = l.state.Costs, l.state.Interest
		}
		o, err := claim.Waive(ctx, l.tx, id, w, l.now)
		if err != nil {
			return err
		}
		if err := finishTask(ctx, l.tx, "costs_open", id, l.now, w.By); err != nil {
			return err
		}
		return l.after(o)
	})
}

// Confirm makes a case follow the books on an invoice that they changed (R24):
// another total lowers or raises what is claimed, and another debtor takes the
// invoice out, since a claim on somebody else needs its own notice.
func (d *Desk) Confirm(ctx context.Context, tenant, id, invoice uuid.UUID, by string) error {
	return d.on(ctx, tenant, id, func(l *look) error {
		i, ok := l.invoice(invoice)
		switch {
		case !ok || i.LeftAt != nil:
			return fault.New(fault.NotFound, "not_in_case", "This invoice is not in the case.")
		case i.BooksDebtor != l.file.Case.DebtorID:
			return l.takeOut(invoice, "The books have it on another debtor.", by)
		case i.BooksTotal == i.TotalMinor:
			return fault.New(fault.Conflict, "nothing_changed", "The books say the same as the case; there is nothing to confirm.")
		}
		if _, err := l.tx.FollowTotal(ctx, db.FollowTotalParams{CaseID: id, InvoiceID: invoice, TotalMinor: i.BooksTotal}); err != nil {
			return fmt.Errorf("follow the books: %w", err)
		}
		text := fmt.Sprintf("Invoice %s is %s in the books, was %s; %s confirmed that the case follows.", i.Number, l.amount(i.BooksTotal), l.amount(i.TotalMinor), by)
		if err := claim.Note(ctx, l.tx, id, l.now, "corrected", by, text, map[string]any{"invoice": invoice, "total": i.BooksTotal, "was": i.TotalMinor}); err != nil {
			return err
		}
		if err := audit(ctx, l.tx, l.now, by, "case_confirm", id); err != nil {
			return err
		}
		return l.settle()
	})
}

// TakeOut takes an invoice out of a case, which is computed anew without it
// (R66). An empty case is withdrawn.
func (d *Desk) TakeOut(ctx context.Context, tenant, id, invoice uuid.UUID, why, by string) error {
	return d.on(ctx, tenant, id, func(l *look) error { return l.takeOut(invoice, why, by) })
}

func (l *look) takeOut(invoice uuid.UUID, why, by string) error {
	i, ok := l.invoice(invoice)
	if !ok || i.LeftAt != nil || l.file.Case.State == "closed" {
		return fault.New(fault.NotFound, "not_in_case", "This invoice is not in the case.")
	}
	if l.file.Case.State == "bailiff" {
		return fault.New(fault.Conflict, "with_bailiff", "A bailiff has this case. Recall it first, or ask the bailiff to take the invoice out.")
	}
	if strings.TrimSpace(why) == "" {
		return fault.New(fault.Invalid, "why", "Say why the invoice leaves the case; the reason stays on record.")
	}
	id := l.file.Case.ID
	if _, err := l.tx.LeaveCase(l.ctx, db.LeaveCaseParams{CaseID: id, InvoiceID: invoice, LeftAt: &l.now, LeftWhy: why}); err != nil {
		return fmt.Errorf("take an invoice out of a case: %w", err)
	}
	if err := claim.Note(l.ctx, l.tx, id, l.now, "left", by, "Invoice "+i.Number+" was taken out: "+why, map[string]any{"invoice": invoice}); err != nil {
		return err
	}
	if _, err := l.tx.ReleaseHolds(l.ctx, db.ReleaseHoldsParams{At: &l.now, ByWhom: by, Scope: string(dunning.OfInvoice), ScopeID: invoice, Reason: string(receivable.CaseChanged)}); err != nil {
		return fmt.Errorf("end a hold: %w", err)
	}
	if err := audit(l.ctx, l.tx, l.now, by, "case_take_out", id); err != nil {
		return err
	}
	return l.settle()
}

// settle brings the case to what is known, after it was changed.
func (l *look) settle() error {
	o, err := claim.SettleOne(l.ctx, l.tx, l.file.Case.ID, l.now)
	if err != nil {
		return err
	}
	o.News = true
	return l.after(o)
}

func (l *look) invoice(id uuid.UUID) (db.ClaimInvoicesRow, bool) {
	for _, i := range l.file.Invoices {
		if i.InvoiceID == id {
			return i, true
		}
	}
	return db.ClaimInvoicesRow{}, false
}

// Pause holds every invoice of a case until a moment, or until somebody resumes
// (R66).
func (d *Desk) Pause(ctx context.Context, tenant, id uuid.UUID, note string, until time.Time, by string) error {
	return d.on(ctx, tenant, id, func(l *look) error {
		if l.file.Case.State == "closed" {
			return fault.New(fault.Conflict, "case_closed", "This case is closed; there is nothing to pause.")
		}
		for _, line := range l.state.Lines {
			if _, err := d.Planner.Hold(ctx, l.tx, dunning.HoldRequest{Scope: dunning.OfInvoice, ID: line.Invoice, Reason: receivable.Paused, Note: note, Until: until, By: by, WholeCase: true}); err != nil {
				return err
			}
		}
		return claim.Note(ctx, l.tx, id, l.now, "paused", by, strings.TrimSpace("The case was paused. "+note), nil)
	})
}

// Resume ends the pauses of a case.
func (d *Desk) Resume(ctx context.Context, tenant, id uuid.UUID, by string) error {
	return d.on(ctx, tenant, id, func(l *look) error {
		for _, line := range l.state.Lines {
			if err := d.Planner.ReleaseAll(ctx, l.tx, dunning.OfInvoice, line.Invoice, receivable.Paused, by); err != nil {
				return err
			}
		}
		return claim.Note(ctx, l.tx, id, l.now, "resumed", by, "The pause of the case ended.", nil)
	})
}

// End closes a case that the creditor gives up, with what it still owes.
func (d *Desk) End(ctx context.Context, tenant, id uuid.UUID, why, by string) error {
	return d.on(ctx, tenant, id, func(l *look) error {
		switch {
		case strings.TrimSpace(why) == "":
			return fault.New(fault.Invalid, "why", "Say why the case ends; the reason stays on record.")
		case l.file.Case.State == "bailiff":
			return fault.New(fault.Conflict, "with_bailiff", "A bailiff has this case. Recall it first.")
		}
		n, err := l.tx.CloseCase(ctx, db.CloseCaseParams{ID: id, ClosedAt: &l.now, ClosedCode: claim.Ended, ClosedWhy: why})
		if err != nil {
			return fmt.Errorf("close the case: %w", err)
		}
		if n == 0 {
			return fault.New(fault.Conflict, "case_closed", "This case is closed already.")
		}
		for _, line := range l.state.Lines {
			if _, err := d.Planner.Hold(ctx, l.tx, dunning.HoldRequest{Scope: dunning.OfInvoice, ID: line.Invoice, Reason: receivable.Paused, Note: "The case was given up: " + why, By: by, WholeCase: true}); err != nil {
				return err
			}
		}
		if err := audit(ctx, l.tx, l.now, by, "case_end", id); err != nil {
			return err
		}
		if err := claim.Note(ctx, l.tx, id, l.now, "closed", by, "The case was given up: "+why, nil); err != nil {
			return err
		}
		return l.after(claim.Outcome{Case: id, Number: l.file.Case.Number, Closed: claim.Ended, News: true})
	})
}

func (l *look) amount(n int64) string { return claim.Amount(l.file, n).String() }
