package claim

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Charged is what a debtor owes for a case besides its invoices.
type Charged struct {
	Case            uuid.UUID
	Number          string
	Administration  uuid.UUID
	Opened          date.Date
	Costs, Interest money.Amount
	Amount          money.Amount // of both
	Elsewhere       string       // the bailiff to whom it is paid, when that was agreed (R109)
}

// ChargedTo lists the costs and interest that a debtor owes at a moment.
func ChargedTo(ctx context.Context, tx store.Tx, debtor uuid.UUID, now time.Time) (out []Charged, err error) {
	cases, err := tx.ChargesOfDebtor(ctx, debtor)
	if err != nil {
		return nil, fmt.Errorf("load the cases of a debtor: %w", err)
	}
	elsewhere, err := tx.PaidElsewhere(ctx, debtor)
	if err != nil {
		return nil, fmt.Errorf("look for a bailiff: %w", err)
	}
	for _, c := range cases {
		f, err := Load(ctx, tx, c.ID)
		if err != nil {
			return nil, err
		}
		s, err := f.Today(date.Of(now.In(f.Zone)))
		if err != nil {
			return nil, err
		}
		if s.Charges() <= 0 {
			continue
		}
		one := Charged{Case: c.ID, Number: c.Number, Administration: f.Case.AdministrationID, Opened: f.Opened(), Costs: f.amount(s.Costs), Interest: f.amount(s.Interest), Amount: f.amount(s.Charges())}
		for _, e := range elsewhere {
			if e.CaseID == c.ID {
				one.Elsewhere = e.Name
			}
		}
		out = append(out, one)
	}
	return out, nil
}
