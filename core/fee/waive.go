package fee

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// Task is the kind of task that asks what becomes of fees that are left (F4).
const Task = "fee_open"

// Waive gives up what is open of the fees of an invoice (R104). A fault of kind
// Conflict says that nothing is, one of kind Invalid that the reason is missing. The
// caller holds the row of the debtor.
func Waive(ctx context.Context, tx store.Tx, invoice uuid.UUID, why, by string, on date.Date, now time.Time) error {
	a, err := OfInvoice(ctx, tx, invoice)
	if err != nil {
		return err
	}
	open := a.Open()
	switch why = strings.TrimSpace(why); {
	case !open.Positive() && a.Taken > 0:
		return fault.New(fault.Conflict, "fee_in_case", "A case took this fee over. Waive it there, among the costs.")
	case !open.Positive():
		return fault.New(fault.Conflict, "no_fee_open", "No fee is open on this invoice; there is nothing to waive.")
	case why == "":
		return fault.New(fault.Invalid, "waive_reason", "Say why it is waived; the reason stays on record.")
	}
	if err := waive(ctx, tx, a, open.Minor, why, by, on, now); err != nil {
		return err
	}
	if err := tx.FinishTasks(ctx, db.FinishTasksParams{Kind: Task, SubjectID: invoice, At: now, ByWhom: by}); err != nil {
		return fmt.Errorf("finish a task: %w", err)
	}
	return audit(ctx, tx, "fee_waived", invoice, by, now)
}

// Restore undoes all waivers of the fees of an invoice: the debtor owes them again.
// A fault of kind Conflict says that nothing was waived.
func Restore(ctx context.Context, tx store.Tx, invoice uuid.UUID, why, by string, on date.Date, now time.Time) error {
	a, err := OfInvoice(ctx, tx, invoice)
	if err != nil {
		return err
	}
	n := a.Waived
	entries, err := Entries(ctx, tx, invoice)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Kind == waived && e.By == "voldaan" {
			n += e.Amount.Minor // what a message would have cost that never left is never owed
		}
	}
	if n <= 0 {
		return fault.New(fault.Conflict, "nothing_waived", "Nothing of this fee was waived; there is nothing to undo.")
	}
	if why = strings.TrimSpace(why); why == "" {
		why = "The waiver was undone."
	}
	if _, err := add(ctx, tx, db.AddFeeEntryParams{
		AdministrationID: a.Administration, InvoiceID: invoice, Kind: restored, AmountMinor: n, Currency: a.Currency, Why: why, Actor: by, OnDay: on, At: now,
	}); err != nil {
		return err
	}
	return audit(ctx, tx, "fee_restored", invoice, by, now)
}

func waive(ctx context.Context, tx store.Tx, a Account, minor int64, why, by string, on date.Date, now time.Time) error {
	_, err := add(ctx, tx, db.AddFeeEntryParams{
		AdministrationID: a.Administration, InvoiceID: a.Invoice, Kind: waived, AmountMinor: -minor, Currency: a.Currency, Why: why, Actor: by, OnDay: on, At: now,
	})
	return err
}

// OfInvoice returns the account of one invoice; one without fees has an empty one.
func OfInvoice(ctx context.Context, tx store.Tx, invoice uuid.UUID) (Account, error) {
	inv, err := tx.Invoice(ctx, invoice)
	if err != nil {
		return Account{}, noInvoice(err)
	}
	all, err := Of(ctx, tx, inv.DebtorID)
	if err != nil {
		return Account{}, err
	}
	for _, a := range all {
		if a.Invoice == invoice {
			return a, nil
		}
	}
	return Account{Invoice: invoice, Number: inv.Number, Debtor: inv.DebtorID, Administration: inv.AdministrationID, Currency: inv.Currency}, nil
}

func noInvoice(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.New(fault.NotFound, "invoice_not_found", "This invoice does not exist.")
	}
	return fmt.Errorf("load the invoice: %w", err)
}

func noRows(err error, doing string) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

func audit(ctx context.Context, tx store.Tx, action string, invoice uuid.UUID, by string, now time.Time) error {
	if err := tx.AddAudit(ctx, db.AddAuditParams{TenantID: tx.Tenant, At: now, Actor: by, Action: action, Subject: "invoice/" + invoice.String(), Detail: []byte("{}")}); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}
