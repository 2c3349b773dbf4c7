package claim

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// CostsLeft says what follows when the principal is paid and costs or interest
// are not (R36).
type CostsLeft string

// What may follow. The zero value is the cautious one.
const (
	LeavePaused CostsLeft = "pause"  // a person decides
	AskForThem  CostsLeft = "pursue" // the debtor is asked for them
	WaiveLater  CostsLeft = "waive"  // they are waived after some days
)

// Policy is how a creditor handles its cases.
type Policy struct {
	Ordering       law.Order // statutory or principal_first (R30)
	CostsLeft      CostsLeft
	WaiveAfterDays int
	// GraceDays is how many days of interest before a payment of all that was owed
	// then are let go, since a letter cannot know its day of payment.
	GraceDays     int
	Automatic     bool // cases go to the bailiff without a further approval (R108)
	MonitorMonths int  // between two looks at a case that failed
	// Bailiff gets the cases of these books; none is the organisation's standard.
	Bailiff uuid.UUID
	// WatchAfter lets a claim that a bailiff gives back be watched; otherwise a person
	// decides.
	WatchAfter bool
}

// Cautious is the policy of a creditor who set none.
func Cautious() Policy {
	return Policy{Ordering: law.Statutory, CostsLeft: LeavePaused, WaiveAfterDays: 30, GraceDays: 10, MonitorMonths: 6}
}

// PolicyOf returns the policy of an administration.
func PolicyOf(ctx context.Context, tx store.Tx, administration uuid.UUID) (Policy, error) {
	row, err := tx.CasePolicy(ctx, administration)
	if errors.Is(err, pgx.ErrNoRows) {
		return Cautious(), nil
	}
	if err != nil {
		return Policy{}, fmt.Errorf("load the policy of cases: %w", err)
	}
	return Policy{
		Ordering: law.Order(row.Ordering), CostsLeft: CostsLeft(row.CostsLeft), WaiveAfterDays: int(row.WaiveAfterDays), GraceDays: int(row.GraceDays),
		Automatic: row.Forward == "automatic", MonitorMonths: int(row.MonitorMonths),
		Bailiff: row.BailiffID.UUID, WatchAfter: row.AfterFailed == "watch",
	}, nil
}

// SetPolicy stores the policy of an administration. A fault of kind Invalid says
// what is wrong with it.
func SetPolicy(ctx context.Context, tx store.Tx, administration uuid.UUID, p Policy, now time.Time, by string) error {
	switch {
	case p.Ordering != law.Statutory && p.Ordering != law.PrincipalFirst:
		return fault.New(fault.Invalid, "ordering", "Choose the statutory order of payments, or the principal first.")
	case p.CostsLeft != LeavePaused && p.CostsLeft != AskForThem && p.CostsLeft != WaiveLater:
		return fault.New(fault.Invalid, "costs_left", "Choose what happens to costs that remain: wait for a person, ask for them, or waive them.")
	case p.WaiveAfterDays < 0 || p.WaiveAfterDays > 365 || p.GraceDays < 0 || p.GraceDays > 31 || p.MonitorMonths < 1 || p.MonitorMonths > 24:
		return fault.New(fault.Invalid, "case_policy_days", "Waive after at most 365 days, let go of at most 31 days of interest, and look again every 1 to 24 months.")
	}
	forward, failed := "approval", "ask"
	if p.Automatic {
		forward = "automatic"
	}
	if p.WatchAfter {
		failed = "watch"
	}
	if p.Bailiff != uuid.Nil {
		if b, err := tx.Bailiff(ctx, p.Bailiff); errors.Is(err, pgx.ErrNoRows) || err == nil && !b.Active {
			return fault.New(fault.Invalid, "bailiff_not_found", "This bailiff is not known here. Choose one that is under settings.")
		} else if err != nil {
			return fmt.Errorf("load the bailiff: %w", err)
		}
	}
	if err := tx.PutCasePolicy(ctx, db.PutCasePolicyParams{
		AdministrationID: administration, TenantID: tx.Tenant, Ordering: string(p.Ordering), CostsLeft: string(p.CostsLeft), WaiveAfterDays: int32(p.WaiveAfterDays),
		GraceDays: int32(p.GraceDays), Forward: forward, MonitorMonths: int32(p.MonitorMonths), UpdatedAt: now, UpdatedBy: by,
		BailiffID: uuid.NullUUID{UUID: p.Bailiff, Valid: p.Bailiff != uuid.Nil}, AfterFailed: failed,
	}); err != nil {
		return fmt.Errorf("store the policy of cases: %w", err)
	}
	return audit(ctx, tx, now, by, "case_policy", "administration/"+administration.String())
}

func audit(ctx context.Context, tx store.Tx, at time.Time, actor, action, subject string) error {
	if err := tx.AddAudit(ctx, db.AddAuditParams{TenantID: tx.Tenant, At: at, Actor: actor, Action: action, Subject: subject, Detail: []byte("{}")}); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}
