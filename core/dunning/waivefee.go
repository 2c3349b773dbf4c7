package dunning

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fee"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk/date"
)

// WaiveFees gives up what is open of the fees for reminders of an invoice (R104);
// the faults are those of fee.Waive.
func (p Planner) WaiveFees(ctx context.Context, tx store.Tx, invoice uuid.UUID, why, by string) error {
	return p.onFees(ctx, tx, invoice, func(on date.Date, now time.Time) error {
		return fee.Waive(ctx, tx, invoice, why, by, on, now)
	})
}

// RestoreFees undoes the waivers of the fees of an invoice; the faults are those of
// fee.Restore.
func (p Planner) RestoreFees(ctx context.Context, tx store.Tx, invoice uuid.UUID, why, by string) error {
	return p.onFees(ctx, tx, invoice, func(on date.Date, now time.Time) error {
		return fee.Restore(ctx, tx, invoice, why, by, on, now)
	})
}

// onFees changes the fees of an invoice under the lock of its debtor (I1), and
// settles them anew.
func (p Planner) onFees(ctx context.Context, tx store.Tx, invoice uuid.UUID, do func(date.Date, time.Time) error) error {
	a, err := fee.OfInvoice(ctx, tx, invoice)
	if err != nil {
		return err
	}
	if _, err := tx.LockDebtors(ctx, []uuid.UUID{a.Debtor}); err != nil {
		return fmt.Errorf("lock the debtor: %w", err)
	}
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return err
	}
	adm, err := tx.Administration(ctx, a.Administration)
	if err != nil {
		return fmt.Errorf("load the administration: %w", err)
	}
	zone, err := loadZone(adm.TimeZone)
	if err != nil {
		return err
	}
	if err := do(dateIn(now, zone), now); err != nil {
		return err
	}
	if err := fee.Settle(ctx, tx, []uuid.UUID{a.Debtor}, now); err != nil {
		return err
	}
	return p.Replan(ctx, tx, []uuid.UUID{invoice})
}
