package arrangement

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// Settings are a creditor's rules for arrangements, per administration. Amounts
// are in minor units of the administration's currency.
type Settings struct {
	PromiseGrace int `json:"promise_grace"` // bank days after the promised day (R67)
	PromiseMost  int `json:"promise_most"`  // promises per invoice
	PromiseDays  int `json:"promise_days"`  // how far ahead the day may be

	PlanAutoMinor  int64 `json:"plan_auto_minor"`  // the most a plan starts by itself for (R81); 0 for never
	PlanAutoMonths int   `json:"plan_auto_months"` // and the longest
	PlanMinMinor   int64 `json:"plan_min_minor"`   // the least instalment
	PlanMostMonths int   `json:"plan_most_months"` // the longest that may be proposed at all
	PlanHold       int   `json:"plan_hold"`        // business days that a proposal holds
	PlanGrace      int   `json:"plan_grace"`       // days after an instalment is due (R77)
	PlanCure       int   `json:"plan_cure"`        // days that the warning gives
	PlanApproval   bool  `json:"plan_approval"`    // a person breaks a plan, not the calendar
	PlanRestDue    bool  `json:"plan_rest_due"`    // a broken plan makes the rest due (R78)
	PlanRemind     int   `json:"plan_remind"`      // days before an instalment; 0 for no word before

	DisputeDays int `json:"dispute_days"` // that the creditor has to decide (R71)
	DisputeTerm int `json:"dispute_term"` // that the debtor gets after a rejection (R72)
	// DisputeOwner gets each new dispute until somebody assigns it; nil for nobody.
	DisputeOwner *uuid.UUID `json:"dispute_owner,omitempty" format:"uuid"`

	PaidHold int `json:"paid_hold"` // business days that "I paid already" holds

	// WaiveOwners keeps waiving costs and interest to owners, and to programs,
	// whose keys owners make.
	WaiveOwners bool `json:"waive_owners,omitempty"`
}

// Defaults are the rules of who chose none: short, and nothing by itself that
// a court would call harsh.
func Defaults() Settings {
	return Settings{
		PromiseGrace: 2, PromiseMost: 2, PromiseDays: 14,
		PlanAutoMinor: 100_000, PlanAutoMonths: 6, PlanMinMinor: 2_500, PlanMostMonths: 12, PlanHold: 5,
		PlanGrace: 5, PlanCure: 7, PlanRestDue: true, PlanRemind: 3,
		DisputeDays: 10, DisputeTerm: 7, PaidHold: 5,
	}
}

// Check refuses settings that make no sense, with a fault of kind Invalid.
func (s Settings) Check() error {
	for _, r := range []struct {
		name           string
		is, least, top int
	}{
		{"grace of a promise", s.PromiseGrace, 0, 10}, {"number of promises", s.PromiseMost, 0, 10}, {"length of a promise", s.PromiseDays, 1, 90},
		{"length of a plan by itself", s.PlanAutoMonths, 0, 36}, {"longest plan", s.PlanMostMonths, 1, 60}, {"hold of a proposal", s.PlanHold, 1, 30},
		{"grace of an instalment", s.PlanGrace, 0, 30}, {"term of a warning", s.PlanCure, 3, 30}, {"reminder of an instalment", s.PlanRemind, 0, 14},
		{"time to decide on a dispute", s.DisputeDays, 1, 90}, {"term after a dispute", s.DisputeTerm, 7, 60}, {"hold of \"I paid already\"", s.PaidHold, 1, 20},
	} {
		if r.is < r.least || r.is > r.top {
			return fault.New(fault.Invalid, "arrangement_settings", "The %s is between %d and %d.", r.name, r.least, r.top)
		}
	}
	if s.PlanAutoMinor < 0 || s.PlanMinMinor < 0 {
		return fault.New(fault.Invalid, "arrangement_settings", "Amounts are zero or more.")
	}
	return nil
}

// SettingsOf returns the rules of an administration.
func SettingsOf(ctx context.Context, tx store.Tx, administration uuid.UUID) (Settings, error) {
	s := Defaults()
	raw, err := tx.ArrangementPolicy(ctx, administration)
	if errors.Is(err, pgx.ErrNoRows) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("load the rules for arrangements: %w", err)
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		return s, fmt.Errorf("read the rules for arrangements: %w", err)
	}
	return s, nil
}

// Save changes the rules of an administration. What was agreed keeps the rules
// that it was agreed under.
func (d *Desk) Save(ctx context.Context, tx store.Tx, administration uuid.UUID, s Settings, by string) error {
	if err := s.Check(); err != nil {
		return err
	}
	if _, err := tx.Administration(ctx, administration); err != nil {
		return fmt.Errorf("find the administration: %w", err)
	}
	if s.DisputeOwner != nil {
		m, err := tx.Member(ctx, *s.DisputeOwner)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("find the owner of disputes: %w", err)
		}
		if err != nil || m.DisabledAt != nil {
			return fault.New(fault.Invalid, "dispute_owner", "Choose somebody who may sign in as the owner of disputes, or nobody.")
		}
	}
	now, err := tx.Now(ctx, d.Real)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := tx.PutArrangementPolicy(ctx, db.PutArrangementPolicyParams{AdministrationID: administration, TenantID: tx.Tenant, Settings: raw, UpdatedAt: now, UpdatedBy: by}); err != nil {
		return fmt.Errorf("save the rules for arrangements: %w", err)
	}
	return note(ctx, tx, now, by, "arrangement.settings", "administration/"+administration.String(), raw)
}

// MayWaive refuses who may not waive costs or interest of a debtor's case, by
// the rules of the administration. Programs act for the owner who made the key.
func MayWaive(ctx context.Context, tx store.Tx, debtor uuid.UUID, ownerOrProgram bool) error {
	if ownerOrProgram {
		return nil
	}
	d, err := tx.Debtor(ctx, debtor)
	if err != nil {
		return fmt.Errorf("find the debtor: %w", err)
	}
	s, err := SettingsOf(ctx, tx, d.AdministrationID)
	if err != nil {
		return err
	}
	if s.WaiveOwners {
		return fault.New(fault.Denied, "waive_owners", "Only an owner of your organisation waives costs or interest. Ask one to do it, or to change this under Settings, Promises and plans.")
	}
	return nil
}

// note puts an act on the audit log; detail may be nil.
func note(ctx context.Context, tx store.Tx, at time.Time, by, action, subject string, detail json.RawMessage) error {
	if detail == nil {
		detail = json.RawMessage("{}")
	}
	if err := tx.AddAudit(ctx, db.AddAuditParams{TenantID: tx.Tenant, At: at, Actor: by, Action: action, Subject: subject, Detail: detail}); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}
