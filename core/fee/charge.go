package fee

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// New is a reminder that costs something.
type New struct {
	Administration uuid.UUID
	Invoice        uuid.UUID // that the reminder is about, the longest overdue of several
	Message        uuid.UUID
	Law            string // ISO 3166-1
	Fee            law.Fee
	On             date.Date
	At             time.Time // the tenant's
}

// Charge books what a reminder costs, once (F1). It does nothing for a fee of
// nothing.
func Charge(ctx context.Context, tx store.Tx, n New) error {
	if !n.Fee.Amount.Positive() {
		return nil
	}
	how, err := json.Marshal(n.Fee)
	if err != nil {
		return err
	}
	_, err = add(ctx, tx, db.AddFeeEntryParams{
		AdministrationID: n.Administration, InvoiceID: n.Invoice, Kind: charged, AmountMinor: n.Fee.Amount.Minor, Currency: n.Fee.Amount.Currency,
		MessageID: uuid.NullUUID{UUID: n.Message, Valid: true}, Law: n.Law, Calculation: how, Why: n.Fee.Explanation, Actor: "voldaan", OnDay: n.On, At: n.At,
	})
	return err
}

// TakeOver lets a case ask for what is open of an account from now on.
func TakeOver(ctx context.Context, tx store.Tx, a Account, to uuid.UUID, number string, on date.Date, now time.Time) error {
	open := a.Open()
	if !open.Positive() {
		return nil
	}
	_, err := add(ctx, tx, db.AddFeeEntryParams{
		AdministrationID: a.Administration, InvoiceID: a.Invoice, Kind: takenOver, AmountMinor: -open.Minor, Currency: a.Currency,
		CaseID: uuid.NullUUID{UUID: to, Valid: true}, Why: "Case " + number + " asks for it.", Actor: "voldaan", OnDay: on, At: now,
	})
	return err
}

// Drop takes back what a message would have cost that never left.
func Drop(ctx context.Context, tx store.Tx, message uuid.UUID, why string, now time.Time) error {
	e, err := tx.FeeOfMessage(ctx, uuid.NullUUID{UUID: message, Valid: true})
	if err != nil {
		return noRows(err, "look for a fee")
	}
	inv, err := tx.Invoice(ctx, e.InvoiceID)
	if err != nil {
		return fmt.Errorf("load invoice %s: %w", e.InvoiceID, err)
	}
	all, err := Of(ctx, tx, inv.DebtorID)
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.Invoice != e.InvoiceID {
			continue
		}
		if n := min(e.AmountMinor, a.Charged-a.Waived-a.Taken); n > 0 {
			return waive(ctx, tx, a, n, why, "voldaan", e.OnDay, now)
		}
	}
	return nil
}
