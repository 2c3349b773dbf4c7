package dunning

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// decision is why something was done or not.
type decision struct {
	step, outcome, rule, why string
	at                       time.Time
	facts                    map[string]any
}

// decide records a decision; one that repeats the last is not recorded (I4).
func decide(ctx context.Context, tx store.Tx, it *item, d decision) error {
	last, err := tx.LastDecision(ctx, it.invoice.ID)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("read the last decision: %w", err)
	}
	if last.Outcome == d.outcome && last.Rule == d.rule && last.Step == d.step && last.Reason == d.why {
		return nil
	}
	facts, err := json.Marshal(d.facts)
	if err != nil || d.facts == nil {
		facts = json.RawMessage("{}")
	}
	if err := tx.AddDecision(ctx, db.AddDecisionParams{
		TenantID: it.invoice.TenantID, InvoiceID: it.invoice.ID, DebtorID: it.invoice.DebtorID,
		Step: d.step, Outcome: d.outcome, Rule: d.rule, Reason: d.why, At: d.at, Facts: facts,
	}); err != nil {
		return fmt.Errorf("record decision: %w", err)
	}
	return nil
}

// noteHold records that an invoice came to be held, or held for another reason.
func noteHold(ctx context.Context, tx store.Tx, it *item, row db.Collection, now time.Time) error {
	if row.HeldRule == "" || row.HeldRule == it.state.HeldRule && row.HeldWhy == it.state.HeldWhy {
		return nil
	}
	return decide(ctx, tx, it, decision{step: row.NextStep, outcome: "held", rule: row.HeldRule, why: row.HeldWhy, at: now})
}

func nullID(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: id != uuid.Nil} }
