package dunning

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	subledger "github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// CaseMatter is the matter that follows a case.
const CaseMatter matter.Kind = "case"

// settleCases brings the cases of debtors to what is known, and returns the
// invoices that ask another amount by it. The debtors are locked.
func settleCases(ctx context.Context, tx store.Tx, debtors []uuid.UUID, now time.Time) (touched []uuid.UUID, err error) {
	outcomes, err := subledger.Settle(ctx, tx, debtors, now)
	if err != nil {
		return nil, err
	}
	for _, o := range outcomes {
		if err := AfterSettling(ctx, tx, o, now); err != nil {
			return nil, err
		}
		touched = append(touched, o.Touched...)
	}
	return touched, nil
}

// AfterSettling does what follows from a settlement of a case besides the plans
// of its invoices: tasks, holds, and word to whoever follows the case.
func AfterSettling(ctx context.Context, tx store.Tx, o subledger.Outcome, now time.Time) error {
	switch {
	case o.Closed != "":
		for _, kind := range []string{"costs_open", "ready_for_bailiff", "case_changed", "hand_over", "dossier_incomplete", "interruption"} {
			if err := tx.FinishTasks(ctx, db.FinishTasksParams{Kind: kind, SubjectID: o.Case, At: now, ByWhom: "voldaan"}); err != nil {
				return fmt.Errorf("finish tasks of a case: %w", err)
			}
		}
	case o.CostsOnly && o.Left == subledger.LeavePaused:
		if err := caseTask(ctx, tx, o, "costs_open", "Costs and interest of case "+o.Number+" remain",
			"The invoices of this case are paid. Decide whether to pursue or waive its costs and interest.", now); err != nil {
			return err
		}
	}
	if err := differs(ctx, tx, o, now); err != nil {
		return err
	}
	if !o.News {
		return nil
	}
	return follow(ctx, tx, o.Case, now)
}

// follow wakes whoever follows a case.
func follow(ctx context.Context, tx store.Tx, id uuid.UUID, now time.Time) error {
	return matter.Set(ctx, tx, matter.Item{Kind: CaseMatter, ID: id, At: now, Why: "Something happened with the case"})
}

// differs holds the invoices of a case that the books changed, until a person
// says whether the case follows (R24), and lets go of those that are as they were.
func differs(ctx context.Context, tx store.Tx, o subledger.Outcome, now time.Time) error {
	for _, id := range o.Differs {
		held, err := tx.HoldsFor(ctx, db.HoldsForParams{ScopeID: id, Reason: string(receivable.CaseChanged)})
		if err != nil {
			return fmt.Errorf("look for a hold: %w", err)
		}
		if held == 0 {
			if err := tx.AddHold(ctx, db.AddHoldParams{
				ID: uuid.New(), TenantID: tx.Tenant, Scope: string(OfInvoice), ScopeID: id, Reason: string(receivable.CaseChanged), CreatedBy: "voldaan", CreatedAt: now,
			}); err != nil {
				return fmt.Errorf("hold an invoice that changed: %w", err)
			}
			if err := audit(ctx, tx, now, "voldaan", "case_books_changed", "invoice/"+id.String()); err != nil {
				return err
			}
		}
		if err := caseTask(ctx, tx, o, "case_changed", "The books changed a claim of case "+o.Number,
			"The total or the debtor of an invoice is another one than the case was opened with. Say whether the case follows; until then nothing is sent about it.", now); err != nil {
			return err
		}
	}
	for _, id := range o.Agrees {
		if _, err := tx.ReleaseHolds(ctx, db.ReleaseHoldsParams{At: &now, ByWhom: "voldaan", Scope: string(OfInvoice), ScopeID: id, Reason: string(receivable.CaseChanged)}); err != nil {
			return fmt.Errorf("end a hold: %w", err)
		}
	}
	if len(o.Differs) > 0 {
		return nil
	}
	if err := tx.FinishTasks(ctx, db.FinishTasksParams{Kind: "case_changed", SubjectID: o.Case, At: now, ByWhom: "voldaan"}); err != nil {
		return fmt.Errorf("finish a task: %w", err)
	}
	return nil
}

func caseTask(ctx context.Context, tx store.Tx, o subledger.Outcome, kind, title, detail string, now time.Time) error {
	if err := tx.AddTask(ctx, db.AddTaskParams{
		ID: uuid.New(), TenantID: tx.Tenant, AdministrationID: nullID(o.Administration), Kind: kind, SubjectID: o.Case, Title: title, Detail: detail, CreatedAt: now,
	}); err != nil {
		return fmt.Errorf("add task: %w", err)
	}
	return nil
}
