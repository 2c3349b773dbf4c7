package payment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/payment/matching"
	"github.com/voldaan/voldaan/core/payment/statement"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// Bank takes bank statements and matches their lines to open invoices.
type Bank struct {
	Store   *store.Store
	Planner Planner
	Clock   func(ctx context.Context, tx store.Tx) (time.Time, error)
}

// ImportReport says what came of a file.
type ImportReport struct {
	Statements, Lines             int // new ones
	Known                         int // statements that were imported before
	Matched, Suggested, Unmatched int
	Reversals                     int // returns and corrections, which a person looks at
}

// Import reads a CAMT.053 or MT940 file. The whole file is taken or nothing of
// it: a fault of kind Invalid says what is wrong with it. A statement that comes
// again changes nothing.
func (b *Bank) Import(ctx context.Context, tenant, administration uuid.UUID, name string, r io.Reader) (rep ImportReport, err error) {
	list, err := statement.Parse(r)
	if err != nil {
		return rep, err
	}
	err = b.Store.In(ctx, tenant, func(tx store.Tx) error {
		now, err := b.Clock(ctx, tx)
		if err != nil {
			return err
		}
		i := &intake{Bank: b, tx: tx, administration: administration, file: name, now: now, handedOn: map[string][]uuid.UUID{}}
		rep, err = i.take(ctx, list)
		return err
	})
	return rep, err
}

// Confirm books the proposal of a suggested line after a person agreed.
func (b *Bank) Confirm(ctx context.Context, tenant, line uuid.UUID, by string) error {
	return b.Store.In(ctx, tenant, func(tx store.Tx) error {
		l, err := tx.BankLine(ctx, line)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.NotFound, "bank_line_not_found", "This line is not on any statement here.")
		}
		if err != nil {
			return fmt.Errorf("load the line: %w", err)
		}
		if l.State != "suggested" {
			return fault.New(fault.Conflict, "bank_line_settled", "This line is %s already; there is nothing to confirm.", l.State)
		}
		var p matching.Proposal
		if err := json.Unmarshal(l.Proposal, &p); err != nil {
			return fmt.Errorf("read the proposal: %w", err)
		}
		now, err := b.Clock(ctx, tx)
		if err != nil {
			return err
		}
		r, err := receipt(l.AdministrationID, db.AddBankLineParams{
			LineKey: l.LineKey, AmountMinor: l.AmountMinor, Currency: l.Currency, ValueDate: l.ValueDate, Text: l.Text, CounterName: l.CounterName, CounterIban: l.CounterIban,
		}, p, now)
		if err != nil {
			return err
		}
		if err := receive(ctx, tx, b.Planner, r); err != nil {
			return err
		}
		if err := tx.SetBankLine(ctx, db.SetBankLineParams{
			ID: line, State: "matched", Why: p.Reason + " Confirmed by " + by + ".", PaymentID: uuid.NullUUID{UUID: r.ID, Valid: true},
		}); err != nil {
			return fmt.Errorf("settle the line: %w", err)
		}
		return nil
	})
}

func lineID(administration uuid.UUID, key string) uuid.UUID {
	return uuid.NewSHA1(administration, []byte("payment/bank/"+key))
}
