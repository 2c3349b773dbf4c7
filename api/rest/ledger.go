package rest

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/voldaan/voldaan/core/store"
)

// entriesOf adds the ledger of a case.
func entriesOf(ctx context.Context, tx store.Tx, c *Case) error {
	rows, err := tx.ClaimEntries(ctx, c.ID)
	if err != nil {
		return fmt.Errorf("load the ledger of a case: %w", err)
	}
	for _, r := range rows {
		e := CaseEntry{Kind: r.Kind, Amount: amountOf(r.AmountMinor, r.Currency), Through: day(r.Through), Provisional: r.Provisional, At: r.At.UTC(), Calculation: map[string]any{}}
		if err := json.Unmarshal(r.Calculation, &e.Calculation); err != nil {
			return fmt.Errorf("read the calculation of entry %d: %w", r.ID, err)
		}
		c.Entries = append(c.Entries, e)
	}
	return nil
}
