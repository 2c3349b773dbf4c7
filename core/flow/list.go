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

// Members is who belongs to a segment. One that is not there holds nobody.
func Members(ctx context.Context, tx store.Tx, name string) (store.Segment, error) {
	out := store.Segment{Name: name}
	if name == "" {
		return out, nil
	}
	row, err := tx.Segment(ctx, name)
	if errors.Is(err, pgx.ErrNoRows) {
		return out, nil
	}
	if err != nil {
		return out, fmt.Errorf("load segment %s: %w", name, err)
	}
	s, err := segment(row.Name, row.Title, row.Rank, row.Rule)
	if err != nil || s.Rule == nil {
		return out, err
	}
	out.HasRule, out.Kind, out.Least, out.Top, out.Countries = true, string(s.Rule.Debtors), s.Rule.MinMinor, s.Rule.MaxMinor, s.Rule.Countries
	for _, r := range policy.Risks() {
		if (policy.Condition{RiskAtLeast: s.Rule.RiskAtLeast, RiskAtMost: s.Rule.RiskAtMost}).Holds(0, policy.Debtor{Risk: r}) {
			out.Risks = append(out.Risks, string(r))
		}
	}
	return out, nil
}

// InSegment limits a list of debtors to a segment.
func InSegment(ctx context.Context, tx store.Tx, q *db.DebtorListParams, name string) error {
	s, err := Members(ctx, tx, name)
	if err != nil {
		return err
	}
	q.Segment, q.HasRule, q.OfKind, q.Least, q.Top = name, s.HasRule, s.Kind, s.Least, s.Top
	q.Countries, q.Risks = append([]string{}, s.Countries...), append([]string{}, s.Risks...)
	return nil
}
