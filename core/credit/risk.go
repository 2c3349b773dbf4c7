package credit

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
)

// RiskOf is the risk that follows from how a debtor pays and from what an agency
// says, with the reason in words; "" when neither says enough, which flows take for
// a medium risk. An agency alone never makes a risk low: only paying does. A report
// is nil when there is none.
func RiskOf(s Score, r *sdk.CreditReport, set Settings) (policy.Risk, string) {
	if !set.RiskFromScore {
		return "", ""
	}
	if r != nil && r.Insolvent {
		return policy.HighRisk, "The agency reports insolvency"
	}
	agency := -1
	if r != nil && r.ScoreMax > 0 {
		agency = r.Score * 100 / r.ScoreMax
	}
	weak := agency >= 0 && agency < set.HighBelow
	switch {
	case s.Known && s.Value < set.HighBelow:
		return policy.HighRisk, fmt.Sprintf("The score of %d is below %d", s.Value, set.HighBelow)
	case s.Known && s.Value >= set.LowFrom && weak:
		return policy.MediumRisk, fmt.Sprintf("They pay well, but the agency's score of %d of %d is low", r.Score, r.ScoreMax)
	case s.Known && s.Value >= set.LowFrom:
		return policy.LowRisk, fmt.Sprintf("The score of %d is %d or more", s.Value, set.LowFrom)
	case weak:
		return policy.HighRisk, fmt.Sprintf("The agency's score of %d of %d is low", r.Score, r.ScoreMax)
	case s.Known:
		return policy.MediumRisk, fmt.Sprintf("The score of %d is in between", s.Value)
	}
	return "", ""
}

// Rerisk computes the risks of debtors, of all when none is named, and plans the
// invoices of those anew whose risk changed. A risk that a person set stays.
func (o *Office) Rerisk(ctx context.Context, tx store.Tx, debtors ...uuid.UUID) error {
	set, err := LoadSettings(ctx, tx)
	if err != nil {
		return err
	}
	now, err := tx.Now(ctx, o.Real)
	if err != nil {
		return err
	}
	zone, err := zoneOf(ctx, tx)
	if err != nil {
		return err
	}
	if debtors == nil {
		debtors = []uuid.UUID{}
	}
	rows, err := tx.RisksOf(ctx, debtors)
	if err != nil {
		return fmt.Errorf("load risks: %w", err)
	}
	had := map[uuid.UUID]db.DebtorRisk{}
	for _, r := range rows {
		had[r.DebtorID] = r
	}
	reports, err := tx.CreditReports(ctx, debtors)
	if err != nil {
		return fmt.Errorf("load credit reports: %w", err)
	}
	told := map[uuid.UUID]*sdk.CreditReport{}
	for _, r := range reports {
		s := said(r)
		told[r.DebtorID] = &s
	}
	payers, err := Payers(ctx, tx, now, zone)
	if err != nil {
		return err
	}
	scores := map[uuid.UUID]Score{}
	for _, p := range payers {
		scores[p.Debtor] = p.Score
	}
	wanted := map[uuid.UUID]bool{}
	for _, d := range debtors {
		wanted[d] = true
	}
	judge := map[uuid.UUID]bool{}
	for id := range scores {
		judge[id] = true
	}
	for id := range told {
		judge[id] = true
	}
	for id := range had {
		judge[id] = true
	}
	for id := range judge {
		if was, ok := had[id]; len(wanted) > 0 && !wanted[id] || ok && !was.Computed {
			continue
		}
		risk, why := RiskOf(scores[id], told[id], set)
		if string(risk) == had[id].Risk && why == had[id].Why {
			continue
		}
		if err := flow.SetComputedRisk(ctx, tx, id, risk, why, string(risk) != had[id].Risk, flow.Act{By: "voldaan", At: now}); err != nil {
			return err
		}
	}
	return nil
}

func zoneOf(ctx context.Context, tx store.Tx) (*time.Location, error) {
	t, err := tx.Queries.Tenant(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the organisation: %w", err)
	}
	zone, err := time.LoadLocation(t.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("time zone %q: %w", t.TimeZone, err)
	}
	return zone, nil
}
