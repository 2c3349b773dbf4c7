// Package erasure answers a debtor's request to be forgotten: what the law makes
// us keep is restricted until its day, and the rest is made anonymous.
package erasure

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk/date"
)

// Matter is the kind under which restricted data waits for its day.
const Matter matter.Kind = "erasure"

// The states of a request.
const (
	Restricted = "restricted" // kept for the law, shown nowhere else
	Anonymised = "anonymised"
	Withdrawn  = "withdrawn"
)

// keptYears is how long tax law wants invoices and payments kept after their
// year (art. 52 AWR; no country that we work in asks for less of a Dutch
// creditor).
const keptYears = 7

// again is when a request is looked at again whose claims are still open after
// the day of deletion.
const again = 30

// Office handles requests.
type Office struct {
	Store *store.Store
	Real  clock.Clock
}

// Grounds are what keeps a debtor's data.
type Grounds struct {
	Open     int64 // claims that are open
	Cases    int64
	LastYear int // of an invoice or a payment; 0 for none
}

// Decide says until when data is kept on a day: zero when nothing keeps it.
func (g Grounds) Decide(today date.Date) (until date.Date, why string) {
	if g.LastYear > 0 {
		until = date.New(g.LastYear+keptYears+1, time.January, 1)
	}
	pending := g.Open > 0 || g.Cases > 0
	switch {
	case pending && !until.After(today):
		return today.AddDays(again), "A claim is open; it is looked at again."
	case pending:
		return until, fmt.Sprintf("A claim is open, and tax law wants invoices of %d kept for %d years.", g.LastYear, keptYears)
	case until.After(today):
		return until, fmt.Sprintf("Tax law wants invoices of %d kept for %d years.", g.LastYear, keptYears)
	}
	return date.Date{}, "Nothing has to be kept."
}

// Ask takes a request: the data of the debtor is restricted until the day on
// which the law lets go of it, or made anonymous at once. Asking again changes
// nothing. What is restricted is left out of searches and of the lists of what
// is settled; a claim that is open goes on (R116).
func (o *Office) Ask(ctx context.Context, tx store.Tx, debtor uuid.UUID, by string) (db.Erasure, error) {
	if _, err := tx.LockDebtors(ctx, []uuid.UUID{debtor}); err != nil {
		return db.Erasure{}, fmt.Errorf("lock debtor %s: %w", debtor, err)
	}
	if _, err := tx.Debtor(ctx, debtor); err != nil {
		return db.Erasure{}, fmt.Errorf("find the debtor: %w", err)
	}
	row, err := tx.Erasure(ctx, debtor)
	switch {
	case err == nil && row.State != Withdrawn:
		return row, nil
	case err != nil && !errors.Is(err, pgx.ErrNoRows):
		return row, fmt.Errorf("look for an earlier request: %w", err)
	}
	now, err := tenant.Now(ctx, tx, o.Real)
	if err != nil {
		return row, err
	}
	row = db.Erasure{DebtorID: debtor, TenantID: tx.Tenant, AskedAt: now, AskedBy: by}
	if err := o.note(ctx, tx, now, by, "debtor.erasure_asked", debtor); err != nil {
		return row, err
	}
	return o.settle(ctx, tx, row, now)
}

// settle restricts or anonymises by what keeps the data now.
func (o *Office) settle(ctx context.Context, tx store.Tx, row db.Erasure, now time.Time) (db.Erasure, error) {
	g, err := tx.ErasureGrounds(ctx, row.DebtorID)
	if err != nil {
		return row, fmt.Errorf("look at what has to be kept: %w", err)
	}
	before := row.State
	row.DeleteOn, row.Why = Grounds{g.Open, g.Cases, int(g.LastYear)}.Decide(date.Of(now))
	if row.DeleteOn.IsZero() {
		row.State, row.EndedAt = Anonymised, &now
	} else {
		row.State, row.EndedAt = Restricted, nil
	}
	if err := put(ctx, tx, row); err != nil {
		return row, err
	}
	if row.State == Anonymised {
		if err := anonymise(ctx, tx, row.DebtorID); err != nil {
			return row, err
		}
		if err := matter.Close(ctx, tx, Matter, row.DebtorID); err != nil {
			return row, err
		}
		return row, o.note(ctx, tx, now, row.AskedBy, "debtor.anonymised", row.DebtorID)
	}
	if err := matter.Set(ctx, tx, matter.Item{Kind: Matter, ID: row.DebtorID, At: row.DeleteOn.At(9, 0, time.UTC), Why: "Data of a debtor need not be kept any longer"}); err != nil {
		return row, err
	}
	if before == Restricted {
		return row, nil
	}
	return row, o.note(ctx, tx, now, row.AskedBy, "debtor.restricted", row.DebtorID)
}

// Withdraw ends a request that only restricted data so far.
func (o *Office) Withdraw(ctx context.Context, tx store.Tx, debtor uuid.UUID, by string) error {
	if _, err := tx.LockDebtors(ctx, []uuid.UUID{debtor}); err != nil {
		return fmt.Errorf("lock debtor %s: %w", debtor, err)
	}
	row, err := tx.Erasure(ctx, debtor)
	if err != nil {
		return fmt.Errorf("find the request: %w", err)
	}
	if row.State != Restricted {
		return fault.New(fault.Conflict, "not_restricted", "There is no request that can be withdrawn; what was made anonymous stays so.")
	}
	now, err := tenant.Now(ctx, tx, o.Real)
	if err != nil {
		return err
	}
	row.State, row.EndedAt, row.DeleteOn = Withdrawn, &now, date.Date{}
	if err := put(ctx, tx, row); err != nil {
		return err
	}
	if err := matter.Close(ctx, tx, Matter, debtor); err != nil {
		return err
	}
	return o.note(ctx, tx, now, by, "debtor.erasure_withdrawn", debtor)
}

// Wake implements matter.Waker: it looks again at what has to be kept.
func (o *Office) Wake(ctx context.Context, of, debtor uuid.UUID) error {
	return o.Store.In(ctx, of, func(tx store.Tx) error {
		if _, err := tx.LockDebtors(ctx, []uuid.UUID{debtor}); err != nil {
			return fmt.Errorf("lock debtor %s: %w", debtor, err)
		}
		row, err := tx.Erasure(ctx, debtor)
		if err != nil {
			return fmt.Errorf("load the request: %w", err)
		}
		due, err := matter.Due(ctx, tx, o.Real, Matter, debtor)
		if err != nil || !due {
			return err
		}
		if row.State != Restricted {
			return matter.Close(ctx, tx, Matter, debtor)
		}
		now, err := tenant.Now(ctx, tx, o.Real)
		if err != nil {
			return err
		}
		_, err = o.settle(ctx, tx, row, now)
		return err
	})
}

func put(ctx context.Context, tx store.Tx, r db.Erasure) error {
	if err := tx.PutErasure(ctx, db.PutErasureParams(r)); err != nil {
		return fmt.Errorf("keep the request: %w", err)
	}
	return nil
}

// anonymise takes the person out of everything; amounts, days and codes stay.
func anonymise(ctx context.Context, tx store.Tx, debtor uuid.UUID) error {
	for _, take := range []func(context.Context, uuid.UUID) error{
		tx.EraseDocuments, tx.EraseCorrespondence, tx.EraseContacts, tx.EraseBlocked, tx.EraseAccess, tx.EraseNotes,
		tx.AnonymisePayments, tx.AnonymiseMessages, tx.AnonymiseDebtor,
	} {
		if err := take(ctx, debtor); err != nil {
			return fmt.Errorf("make debtor %s anonymous: %w", debtor, err)
		}
	}
	return nil
}

func (o *Office) note(ctx context.Context, tx store.Tx, at time.Time, by, action string, debtor uuid.UUID) error {
	if err := tx.AddAudit(ctx, db.AddAuditParams{TenantID: tx.Tenant, At: at, Actor: by, Action: action, Subject: "debtor/" + debtor.String(), Detail: []byte(`{"rule":"R116"}`)}); err != nil {
		return fmt.Errorf("audit %s: %w", action, err)
	}
	return nil
}
