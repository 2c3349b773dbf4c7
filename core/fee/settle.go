package fee

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// method is of the allocations that pay a fee (F2).
const method = "fee"

// part is what of a payment pays the fees of an invoice.
type part struct{ payment, invoice uuid.UUID }

// Settle puts what payments hold besides invoices and cases to the fees of debtors,
// and asks a person what becomes of fees that are left when the invoice is paid
// (F2, F3, F4). Its caller holds the rows of the debtors, and has settled their
// cases.
func Settle(ctx context.Context, tx store.Tx, debtors []uuid.UUID, now time.Time) error {
	accounts, err := Of(ctx, tx, debtors...)
	if err != nil || len(accounts) == 0 {
		return err
	}
	debtors = debtors[:0:0]
	for _, a := range accounts {
		if !slices.Contains(debtors, a.Debtor) {
			debtors = append(debtors, a.Debtor)
		}
	}
	money, err := tx.FeeMoney(ctx, debtors)
	if err != nil {
		return fmt.Errorf("load what debtors paid: %w", err)
	}
	have, err := tx.FeeAllocations(ctx, debtors)
	if err != nil {
		return fmt.Errorf("load what fees were paid: %w", err)
	}
	want := share(accounts, money)
	kept := map[part]bool{}
	for _, h := range have {
		p := part{h.PaymentID, h.InvoiceID}
		if want[p] == h.AmountMinor && !kept[p] {
			kept[p] = true
			continue
		}
		if err := tx.ReverseFeeAllocation(ctx, db.ReverseFeeAllocationParams{ID: h.ID, ReversedAt: &now}); err != nil {
			return fmt.Errorf("end what paid a fee: %w", err)
		}
	}
	for _, m := range money {
		for _, a := range accounts {
			p := part{m.ID, a.Invoice}
			if want[p] == 0 || kept[p] {
				continue
			}
			if err := tx.AddAllocation(ctx, db.AddAllocationParams{
				ID: uuid.New(), TenantID: tx.Tenant, PaymentID: m.ID, InvoiceID: a.Invoice, Kind: "costs", AmountMinor: want[p], Method: method, CreatedAt: now,
			}); err != nil {
				return fmt.Errorf("let a payment pay a fee: %w", err)
			}
		}
	}
	for i, a := range accounts {
		accounts[i].Paid = 0
		for p, n := range want {
			if p.invoice == a.Invoice {
				accounts[i].Paid += n
			}
		}
	}
	return left(ctx, tx, accounts, now)
}

// share divides money over fees: to those of the invoices that it settled first,
// then to the oldest. Money from before a fee is not for it.
func share(accounts []Account, money []db.FeeMoneyRow) map[part]int64 {
	out, due := map[part]int64{}, map[uuid.UUID]int64{}
	for _, a := range accounts {
		due[a.Invoice] = a.Due()
	}
	for _, m := range money {
		free := m.FreeMinor
		for _, own := range []bool{true, false} {
			for _, a := range accounts {
				if a.Debtor != m.DebtorID || a.Administration != m.AdministrationID || a.Currency != m.Currency || m.SeenAt.Before(a.First) || slices.Contains(m.Invoices, a.Invoice) != own {
					continue
				}
				if n := min(free, due[a.Invoice]); n > 0 {
					out[part{m.ID, a.Invoice}] += n
					free, due[a.Invoice] = free-n, due[a.Invoice]-n
				}
			}
		}
	}
	return out
}

// left asks a person about a fee that is open on an invoice that is paid, once: the
// debtor is not reminded of it (F4).
func left(ctx context.Context, tx store.Tx, accounts []Account, now time.Time) error {
	for _, a := range accounts {
		var err error
		if open := a.Open(); open.Positive() && a.Principal == 0 {
			err = tx.AskAboutFee(ctx, db.AskAboutFeeParams{
				ID: uuid.New(), TenantID: tx.Tenant, AdministrationID: uuid.NullUUID{UUID: a.Administration, Valid: true}, Kind: Task, SubjectID: a.Invoice,
				Title: "The reminders of invoice " + a.Number + " were not paid", CreatedAt: now,
				Detail: fmt.Sprintf("The invoice is paid and %s for reminders is not. Nobody is reminded of that alone: waive it, or leave it for when the debtor pays more.", open),
			})
		} else {
			err = tx.FinishTasks(ctx, db.FinishTasksParams{Kind: Task, SubjectID: a.Invoice, At: now, ByWhom: "voldaan"})
		}
		if err != nil {
			return fmt.Errorf("keep the task about a fee: %w", err)
		}
	}
	return nil
}
