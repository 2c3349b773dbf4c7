package flow

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// InSegment limits a list of debtors to a segment: to those that were put in it
// by hand, and those that its rule takes in. One that is not there holds nobody.
func InSegment(ctx context.Context, tx store.Tx, q *db.DebtorListParams, name string) error {
	q.Segment, q.Countries, q.Risks = name, []string{}, []string{}
	if name == "" {
		return nil
	}
	row, err := tx.Segment(ctx, name)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("load segment %s: %w", name, err)
	}
	s, err := segment(row.Name, row.Title, row.Rank, row.Rule)
	if err != nil || s.Rule == nil {
		return err
	}
	q.HasRule, q.OfKind, q.Least, q.Top = true, string(s.Rule.Debtors), s.Rule.MinMinor, s.Rule.MaxMinor
	q.Countries = append(q.Countries, s.Rule.Countries...)
	for _, r := range policy.Risks() {
		if (policy.Condition{RiskAtLeast: s.Rule.RiskAtLeast, RiskAtMost: s.Rule.RiskAtMost}).Holds(0, policy.Debtor{Risk: r}) {
			q.Risks = append(q.Risks, string(r))
		}
	}
	return nil
}
