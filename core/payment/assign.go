package payment

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/payment/matching"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/money"
)

// Assign books a line of a statement on an invoice that a person named by its
// number. What is more than open stays as credit of the debtor (R32).
func (b *Bank) Assign(ctx context.Context, tenant, line uuid.UUID, number, by string) error {
	return b.Store.In(ctx, tenant, func(tx store.Tx) error {
		l, err := waiting(ctx, tx, line)
		if err != nil {
			return err
		}
		found, err := tx.InvoiceByNumber(ctx, db.InvoiceByNumberParams{AdministrationID: l.AdministrationID, Number: number})
		if err != nil {
			return fmt.Errorf("find the invoice: %w", err)
		}
		if len(found) == 0 {
			return b.assignCase(ctx, tx, l, number, by)
		}
		switch {
		case len(found) == 2 && found[1].Status == "open":
			return fault.New(fault.Invalid, "invoice_ambiguous", "There are several invoices %s. Correct the numbers in the books first.", number)
		case found[0].Currency != l.Currency:
			return fault.New(fault.Invalid, "other_currency", "Invoice %s is in %s and the payment in %s.", number, found[0].Currency, l.Currency)
		case l.AmountMinor <= 0:
			return fault.New(fault.Invalid, "no_receipt", "This line is money that went out; it settles no invoice.")
		}
		now, err := b.Clock(ctx, tx)
		if err != nil {
			return err
		}
		r, err := receipt(l.AdministrationID, db.AddBankLineParams{
			LineKey: l.LineKey, AmountMinor: l.AmountMinor, Currency: l.Currency, ValueDate: l.ValueDate, Text: l.Text, CounterName: l.CounterName, CounterIban: l.CounterIban,
		}, matching.Proposal{
			DebtorID: found[0].DebtorID.String(), Method: "person", Allocations: []matching.Allocation{{InvoiceID: found[0].ID.String(), Amount: money.Of(l.AmountMinor, l.Currency)}},
		}, now)
		if err != nil {
			return err
		}
		if err := receive(ctx, tx, b.Planner, r); err != nil {
			return err
		}
		return settle(ctx, tx, line, "matched", "Assigned to "+found[0].Number+" by "+by+".", uuid.NullUUID{UUID: r.ID, Valid: true})
	})
}

// assignCase books a line on a case that a person named by its number: its open
// invoices in the order of the law, and then its costs and interest.
func (b *Bank) assignCase(ctx context.Context, tx store.Tx, l db.LockBankLineRow, number, by string) error {
	found, err := tx.OpenCaseByNumber(ctx, db.OpenCaseByNumberParams{AdministrationID: l.AdministrationID, Number: number})
	if err != nil {
		return fmt.Errorf("find the case: %w", err)
	}
	switch {
	case len(found) == 0:
		return fault.New(fault.Invalid, "invoice_unknown", "There is no invoice or open case %s in these books. Check the number.", number)
	case found[0].Currency != l.Currency:
		return fault.New(fault.Invalid, "other_currency", "Case %s is in %s and the payment in %s.", number, found[0].Currency, l.Currency)
	case l.AmountMinor <= 0:
		return fault.New(fault.Invalid, "no_receipt", "This line is money that went out; it settles no claim.")
	}
	now, err := b.Clock(ctx, tx)
	if err != nil {
		return err
	}
	items, err := loadOpenItems(ctx, tx, l.AdministrationID)
	if err != nil {
		return err
	}
	mine := slices.DeleteFunc(slices.Clone(items.invoices), func(i matching.Invoice) bool { return !slices.Contains(i.Aliases, number) })
	parts, _ := matching.Spread(money.Of(l.AmountMinor, l.Currency), mine, l.ValueDate)
	r, err := receipt(l.AdministrationID, db.AddBankLineParams{
		LineKey: l.LineKey, AmountMinor: l.AmountMinor, Currency: l.Currency, ValueDate: l.ValueDate, Text: l.Text, CounterName: l.CounterName, CounterIban: l.CounterIban,
	}, matching.Proposal{DebtorID: found[0].DebtorID.String(), Method: "person", Allocations: parts}, now)
	if err != nil {
		return err
	}
	if err := receive(ctx, tx, b.Planner, r); err != nil {
		return err
	}
	return settle(ctx, tx, l.ID, "matched", "Assigned to case "+number+" by "+by+".", uuid.NullUUID{UUID: r.ID, Valid: true})
}

// Ignore says that a line pays no invoice.
func (b *Bank) Ignore(ctx context.Context, tenant, line uuid.UUID, by string) error {
	return b.Store.In(ctx, tenant, func(tx store.Tx) error {
		if _, err := waiting(ctx, tx, line); err != nil {
			return err
		}
		return settle(ctx, tx, line, "ignored", "Not for an invoice, says "+by+".", uuid.NullUUID{})
	})
}

// waiting locks a line that nobody decided about yet.
func waiting(ctx context.Context, tx store.Tx, line uuid.UUID) (db.LockBankLineRow, error) {
	l, err := tx.LockBankLine(ctx, line)
	if errors.Is(err, pgx.ErrNoRows) {
		return l, fault.New(fault.NotFound, "bank_line_not_found", "This line is not on any statement here.")
	}
	if err != nil {
		return l, fmt.Errorf("load the line: %w", err)
	}
	if l.State == "matched" || l.State == "ignored" {
		return l, fault.New(fault.Conflict, "bank_line_settled", "This line is %s already; there is nothing to decide.", l.State)
	}
	return l, nil
}

func settle(ctx context.Context, tx store.Tx, line uuid.UUID, state, why string, payment uuid.NullUUID) error {
	if err := tx.SetBankLine(ctx, db.SetBankLineParams{ID: line, State: state, Why: why, PaymentID: payment}); err != nil {
		return fmt.Errorf("settle the line: %w", err)
	}
	return nil
}
