package credit

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// Settings is how a creditor judges debtors.
type Settings struct {
	// NaturalPersons allows reports on businesses that are a person.
	NaturalPersons bool
	// RiskFromScore lets flows go by a risk that follows from the score, where a
	// person did not set one.
	RiskFromScore bool
	// HighBelow and LowFrom are the scores below which the risk is high, and from
	// which it is low.
	HighBelow, LowFrom int
}

// Cautious is how debtors are judged until a person decides otherwise: only clear
// cases leave the middle.
func Cautious() Settings { return Settings{RiskFromScore: true, HighBelow: 30, LowFrom: 85} }

// LoadSettings loads the settings of the tenant.
func LoadSettings(ctx context.Context, tx store.Tx) (Settings, error) {
	row, err := tx.CreditSetting(ctx)
	if errors.Is(err, pgx.ErrNoRows) {
		return Cautious(), nil
	}
	if err != nil {
		return Settings{}, fmt.Errorf("load the settings of credit: %w", err)
	}
	return Settings{row.NaturalPersons, row.RiskFromScore, int(row.HighBelow), int(row.LowFrom)}, nil
}

// SetSettings changes them, and judges all debtors anew.
func (o *Office) SetSettings(ctx context.Context, tx store.Tx, s Settings, by string) error {
	if s.HighBelow < 0 || s.LowFrom > 101 || s.HighBelow >= s.LowFrom {
		return fault.New(fault.Invalid, "risk_scores", "Give two scores from 0 to 100, the one for a high risk below the one for a low risk.")
	}
	now, err := tx.Now(ctx, o.Real)
	if err != nil {
		return err
	}
	if err := tx.PutCreditSetting(ctx, db.PutCreditSettingParams{
		TenantID: tx.Tenant, NaturalPersons: s.NaturalPersons, RiskFromScore: s.RiskFromScore, HighBelow: int32(s.HighBelow), LowFrom: int32(s.LowFrom), SetBy: by, SetAt: now,
	}); err != nil {
		return fmt.Errorf("keep the settings of credit: %w", err)
	}
	if err := auditOf(ctx, tx, by, "credit.settings", "credit", map[string]any{"natural_persons": s.NaturalPersons, "risk_from_score": s.RiskFromScore, "high_below": s.HighBelow, "low_from": s.LowFrom}, now); err != nil {
		return err
	}
	return o.Rerisk(ctx, tx)
}
