package debit

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/payment/reference"
	"github.com/voldaan/voldaan/core/payment/sepa"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// Setting returns how an administration collects; where nothing was chosen, it
// does not.
func Setting(ctx context.Context, tx store.Tx, administration uuid.UUID) (db.DebitSetting, error) {
	row, err := tx.DebitSetting(ctx, administration)
	if none(err) {
		return db.DebitSetting{
			AdministrationID: administration, TenantID: tx.Tenant, LeadDays: sepa.DefaultLead, RetryLeadDays: 3,
			Retry: sepa.DefaultRetry.On, RetryPayDay: int32(sepa.DefaultRetry.PayDay), RetryAfter: int32(sepa.DefaultRetry.After), FreshDays: 14,
		}, nil
	}
	if err != nil {
		return row, fmt.Errorf("load how administration %s collects: %w", administration, err)
	}
	return row, nil
}

func retryRule(d db.DebitSetting) sepa.RetryRule {
	return sepa.RetryRule{On: d.Retry, PayDay: int(d.RetryPayDay), After: int(d.RetryAfter)}
}

func limits(d db.DebitSetting) sepa.Limits {
	return sepa.Limits{Collection: d.LimitMinor, Month: d.MonthMinor}
}

// Configure changes how an administration collects. What is collected already
// planned stays; mandates keep the days that were agreed on in them.
func (s *Service) Configure(ctx context.Context, tenant uuid.UUID, d db.DebitSetting, by string) error {
	if err := check(&d); err != nil {
		return err
	}
	return s.Store.In(ctx, tenant, func(tx store.Tx) error {
		now, err := tx.Now(ctx, s.Real)
		if err != nil {
			return err
		}
		if err := tx.PutDebitSetting(ctx, db.PutDebitSettingParams{
			AdministrationID: d.AdministrationID, TenantID: tenant, Enabled: d.Enabled, Offered: d.Offered, CreditorID: d.CreditorID, LeadDays: d.LeadDays,
			RetryLeadDays: d.RetryLeadDays, Retry: d.Retry, RetryPayDay: d.RetryPayDay, RetryAfter: d.RetryAfter, LimitMinor: d.LimitMinor, MonthMinor: d.MonthMinor, FreshDays: d.FreshDays,
		}); err != nil {
			return fmt.Errorf("store how it collects: %w", err)
		}
		if err := audit(ctx, tx, now, by, "debit.configured", "administration/"+d.AdministrationID.String(), map[string]any{
			"enabled": d.Enabled, "offered": d.Offered, "lead_days": d.LeadDays, "retry": d.Retry, "limit": d.LimitMinor, "month": d.MonthMinor,
		}); err != nil {
			return err
		}
		mandates, err := tx.MandatesIn(ctx, d.AdministrationID)
		if err != nil {
			return fmt.Errorf("load mandates: %w", err)
		}
		for _, m := range mandates {
			if err := matter.Set(ctx, tx, matter.Item{Kind: MandateMatter, ID: m.ID, At: now, Why: "How invoices are collected was changed"}); err != nil {
				return err
			}
		}
		return nil
	})
}

func check(d *db.DebitSetting) error {
	if d.CreditorID != "" {
		id, ok := reference.ParseCreditorID(d.CreditorID)
		if !ok {
			return fault.New(fault.Invalid, "creditor_id_wrong", "This is not a creditor id: its check digits are wrong. Copy it from the dashboard of your payment provider.")
		}
		d.CreditorID = id
	}
	switch {
	case (d.Enabled || d.Offered) && d.CreditorID == "":
		return fault.New(fault.Invalid, "creditor_id_missing", "Fill in the creditor id first: debtors are told it before each collection (R84).")
	case d.LeadDays < 1 || d.LeadDays > 60 || d.RetryLeadDays < 1 || d.RetryLeadDays > 60:
		return fault.New(fault.Invalid, "lead_days", "A collection is announced 1 to 60 days ahead.")
	case d.RetryPayDay < 0 || d.RetryPayDay > 31 || d.RetryAfter < 1 || d.RetryAfter > 60:
		return fault.New(fault.Invalid, "retry_day", "The pay day is a day of the month, or 0 for none; the least time between two attempts is 1 to 60 days.")
	case d.LimitMinor < 0 || d.MonthMinor < 0:
		return fault.New(fault.Invalid, "debit_limit", "A limit is an amount, or 0 for none.")
	case d.FreshDays < 1 || d.FreshDays > 60:
		return fault.New(fault.Invalid, "fresh_days", "The new term after a failed debit is 1 to 60 days.")
	}
	return nil
}

// Choose decides for one debtor: "on", "off", or "" for the administration's
// setting.
func (s *Service) Choose(ctx context.Context, tenant, debtor uuid.UUID, mode, by string) error {
	return s.Store.In(ctx, tenant, func(tx store.Tx) error {
		d, err := tx.Debtor(ctx, debtor)
		if err != nil {
			return fault.New(fault.NotFound, "debtor_not_found", "This debtor does not exist.").Because(err)
		}
		now, err := tx.Now(ctx, s.Real)
		if err != nil {
			return err
		}
		switch mode {
		case "on", "off":
			err = tx.PutDebitChoice(ctx, db.PutDebitChoiceParams{DebtorID: debtor, TenantID: tenant, Mode: mode})
		case "":
			err = tx.DropDebitChoice(ctx, debtor)
		default:
			return fault.New(fault.Invalid, "debit_mode", "Choose on, off, or the setting of the administration.")
		}
		if err != nil {
			return fmt.Errorf("store the choice: %w", err)
		}
		if err := audit(ctx, tx, now, by, "debit.chosen", "debtor/"+debtor.String(), map[string]any{"mode": mode}); err != nil {
			return err
		}
		if mode == "off" {
			m, err := tx.ValidMandate(ctx, debtor)
			if none(err) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("load the mandate: %w", err)
			}
			return s.cancelQueued(ctx, tx, m, "Direct debits were switched off for this debtor.", by)
		}
		return s.planFor(ctx, tx, d.AdministrationID, nil, []uuid.UUID{debtor})
	})
}

// Mode is what was chosen for one debtor: "on", "off", or "" for the
// administration's setting.
func (s *Service) Mode(ctx context.Context, tx store.Tx, debtor uuid.UUID) (string, error) {
	mode, err := tx.DebitChoice(ctx, debtor)
	if err != nil && !none(err) {
		return "", fmt.Errorf("load the choice for the debtor: %w", err)
	}
	return mode, nil
}
