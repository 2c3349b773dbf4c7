package casework

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

// LimitsMatter has a tenant's invoices that are in no case looked at every week for
// limitation (R111); its id is the tenant. Of a case its own matter takes care.
const LimitsMatter matter.Kind = "limits"

// Limits wakes LimitsMatter.
type Limits struct{ *Desk }

// youngest is how long an invoice is due at least before it can be near limitation
// by any law, in days: the shortest term is a year.
const youngest = 365 - law.InterruptionDays

// BeginLimits has limitation looked at from now on; it does nothing the second time.
func (d *Desk) BeginLimits(ctx context.Context, tx store.Tx) error {
	_, err := matter.PlanOf(ctx, tx, LimitsMatter, tx.Tenant)
	if !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	now, err := tx.Now(ctx, d.Real)
	if err != nil {
		return err
	}
	return nextLook(ctx, tx, now)
}

// nextLook is an hour at which nobody waits for anything.
func nextLook(ctx context.Context, tx store.Tx, now time.Time) error {
	return matter.Set(ctx, tx, matter.Item{Kind: LimitsMatter, ID: tx.Tenant, At: now.UTC().Truncate(24 * time.Hour).Add((7*24 + 4) * time.Hour), Why: "Limitation of old invoices is looked at"})
}

// Wake asks a person to interrupt the limitation of invoices that come near it. It
// implements matter.Waker.
func (l Limits) Wake(ctx context.Context, tenant, id uuid.UUID) error {
	return l.Store.In(ctx, tenant, func(tx store.Tx) error {
		due, err := matter.Due(ctx, tx, l.Real, LimitsMatter, id)
		if err != nil || !due {
			return err
		}
		now, err := tx.Now(ctx, l.Real)
		if err != nil {
			return err
		}
		rows, err := tx.InvoicesOfAge(ctx, date.Of(now).AddDays(-youngest))
		if err != nil {
			return fmt.Errorf("list old invoices: %w", err)
		}
		for _, r := range rows {
			pack, err := law.Pack(r.Law)
			if fault.Is(err, fault.NotFound) {
				continue // whose law we do not know
			}
			if err != nil {
				return err
			}
			zone, err := time.LoadLocation(r.TimeZone)
			if err != nil {
				return fmt.Errorf("time zone %q: %w", r.TimeZone, err)
			}
			q := law.LimitationClaim{Debtor: law.Consumer, Due: r.Due}
			if r.DebtorKind == string(sdk.Business) {
				q.Debtor = law.Business
			}
			if r.DemandedAt.Unix() > 0 {
				q.Demanded = []date.Date{date.Of(r.DemandedAt.In(zone))}
			}
			limit, err := pack.LimitationOf(q)
			if fault.Is(err, fault.NotFound) {
				continue
			}
			if err != nil {
				return fmt.Errorf("limitation of invoice %s: %w", r.ID, err)
			}
			if !limit.Expiring(date.Of(now.In(zone))) {
				continue
			}
			detail := "Send a written demand that reserves the right to payment, such as its final notice, with proof of receipt; a new term begins then. In a case, an interruption notice does so."
			if said := pack.InterruptionText(""); !said.Interrupts {
				detail = fmt.Sprintf("By the law of %s a letter does not interrupt limitation. Ask the debtor for an acknowledgement in writing, or have a court asked for payment before that day.", pack.Code())
			}
			if err := addTask(ctx, tx, "limitation", r.ID, r.AdministrationID, "The claim of invoice "+r.Number+" lapses after "+limit.LastDay.String(), detail, now); err != nil {
				return err
			}
		}
		return nextLook(ctx, tx, now)
	})
}
