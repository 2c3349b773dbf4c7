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
	"github.com/voldaan/voldaan/sdk/money"
)

// Bank takes bank statements and matches their lines to open invoices.
type Bank struct {
	Store   *store.Store
	Planner Planner
	Clock   func(ctx context.Context, tx store.Tx) (time.Time, error)
}

// ImportReport says what came of a file.
type ImportReport struct {
	Statements, Lines             int
	Known                         int // statements that were imported before
	Matched, Suggested, Unmatched int
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
		for _, s := range list {
			if err := b.statement(ctx, tx, administration, name, s, now, &rep); err != nil {
				return err
			}
		}
		return tx.ConfirmBank(ctx, db.ConfirmBankParams{ID: administration, At: now})
	})
	return rep, err
}

func (b *Bank) statement(ctx context.Context, tx store.Tx, administration uuid.UUID, name string, s statement.Statement, now time.Time, rep *ImportReport) error {
	rep.Statements++
	id := uuid.New()
	n, err := tx.AddStatement(ctx, db.AddStatementParams{
		ID: id, TenantID: tx.Tenant, AdministrationID: administration, Iban: s.IBAN, Reference: s.ID, Sequence: s.Sequence, Currency: s.Currency,
		OpeningMinor: s.Opening.Amount.Minor, ClosingMinor: s.Closing.Amount.Minor, Day: s.Closing.Date, FileName: name, ImportedAt: now,
	})
	if err != nil {
		return fmt.Errorf("store the statement: %w", err)
	}
	if n == 0 {
		rep.Known++
		return nil
	}
	var ledger *matching.Ledger
	for _, line := range s.Lines {
		if ledger == nil {
			if ledger, err = b.ledger(ctx, tx, administration); err != nil {
				return err
			}
		}
		booked, err := b.line(ctx, tx, administration, id, ledger, line, now, rep)
		if err != nil {
			return err
		}
		if booked {
			ledger = nil // what is open changed for the next line
		}
	}
	return nil
}

func (b *Bank) line(ctx context.Context, tx store.Tx, administration, statement uuid.UUID, ledger *matching.Ledger, line statement.Line, now time.Time, rep *ImportReport) (booked bool, err error) {
	rep.Lines++
	p := ledger.Match(matching.Line{
		ID: line.ID, ValueDate: line.ValueDate, Amount: line.Amount, CounterpartyName: line.CounterpartyName, CounterpartyIBAN: line.CounterpartyIBAN,
		EndToEndID: line.EndToEndID, MandateID: line.MandateID, StructuredReference: line.StructuredReference, Text: line.Text, Return: line.Reversal,
	})
	proposal, err := json.Marshal(p)
	if err != nil {
		return false, err
	}
	row := db.AddBankLineParams{
		ID: uuid.New(), TenantID: tx.Tenant, StatementID: statement, LineKey: line.ID, ValueDate: line.ValueDate, Currency: line.Amount.Currency,
		AmountMinor: line.Amount.Minor, CounterName: line.CounterpartyName, CounterIban: line.CounterpartyIBAN, Text: line.Text,
		State: "unmatched", Why: p.Reason, Proposal: proposal,
	}
	switch {
	case line.Reversal:
		row.State = "reversal"
	case !line.Amount.Positive():
		row.State = "ignored"
	case p.Certainty == matching.Book && !p.Reopens:
		row.State = "matched"
		row.PaymentID = uuid.NullUUID{UUID: lineID(administration, line.ID), Valid: true}
	case p.Certainty == matching.Suggest:
		row.State = "suggested"
	}
	if row.State == "matched" {
		rep.Matched++
		if err := b.book(ctx, tx, administration, row, p, now); err != nil {
			return false, err
		}
	}
	n, err := tx.AddBankLine(ctx, row)
	if err != nil {
		return false, fmt.Errorf("store a line of the statement: %w", err)
	}
	if n == 0 {
		return false, nil
	}
	switch row.State {
	case "suggested":
		rep.Suggested++
	case "unmatched":
		rep.Unmatched++
	}
	return row.State == "matched", nil
}

func (b *Bank) book(ctx context.Context, tx store.Tx, administration uuid.UUID, l db.AddBankLineParams, p matching.Proposal, now time.Time) error {
	r := Receipt{
		ID: lineID(administration, l.LineKey), Administration: administration, Source: "bank", ExternalID: l.LineKey,
		Amount: money.Of(l.AmountMinor, l.Currency), ValueDate: l.ValueDate, Reference: l.Text, CounterName: l.CounterName, CounterIBAN: l.CounterIban, SeenAt: now,
	}
	if id, err := uuid.Parse(p.DebtorID); err == nil {
		r.Debtor = uuid.NullUUID{UUID: id, Valid: true}
	}
	for _, a := range p.Allocations {
		id, err := uuid.Parse(a.InvoiceID)
		if err != nil {
			return fmt.Errorf("proposal names invoice %q: %w", a.InvoiceID, err)
		}
		r.Allocations = append(r.Allocations, Allocation{Invoice: id, Amount: a.Amount, Method: string(p.Method)})
	}
	return receive(ctx, tx, b.Planner, r)
}

// Confirm books the proposal of a suggested line after a person agreed.
func (b *Bank) Confirm(ctx context.Context, tenant, line uuid.UUID, by string) error {
	return b.Store.In(ctx, tenant, func(tx store.Tx) error {
		l, err := tx.BankLine(ctx, line)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.NotFound, "bank_line_not_found", "This line is not on any statement here.")
		}
		if err != nil {
			return err
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
		if err := b.book(ctx, tx, l.AdministrationID, db.AddBankLineParams{
			LineKey: l.LineKey, AmountMinor: l.AmountMinor, Currency: l.Currency, ValueDate: l.ValueDate, Text: l.Text, CounterName: l.CounterName, CounterIban: l.CounterIban,
		}, p, now); err != nil {
			return err
		}
		return tx.SetBankLine(ctx, db.SetBankLineParams{
			ID: line, State: "matched", Why: p.Reason + " Confirmed by " + by + ".", PaymentID: uuid.NullUUID{UUID: lineID(l.AdministrationID, l.LineKey), Valid: true},
		})
	})
}

// ledger is what is open at this moment: each line changes it for the next.
func (b *Bank) ledger(ctx context.Context, tx store.Tx, administration uuid.UUID) (*matching.Ledger, error) {
	items, err := tx.OpenItems(ctx, administration)
	if err != nil {
		return nil, fmt.Errorf("load open items: %w", err)
	}
	var invoices []matching.Invoice
	debtors := map[uuid.UUID]matching.Debtor{}
	for _, i := range items {
		if i.Open <= 0 {
			continue
		}
		inv := matching.Invoice{
			ID: i.ID.String(), DebtorID: i.DebtorID.String(), Number: i.Number, Open: money.Of(i.Open, i.Currency), Issued: i.Issued, Due: i.Due,
		}
		if i.PaymentReference != "" {
			inv.References = []string{i.PaymentReference}
		}
		invoices = append(invoices, inv)
		d := matching.Debtor{ID: i.DebtorID.String(), Name: i.DebtorName}
		if i.DebtorIban != "" {
			d.IBANs = []string{i.DebtorIban}
		}
		debtors[i.DebtorID] = d
	}
	list := make([]matching.Debtor, 0, len(debtors))
	for _, d := range debtors {
		list = append(list, d)
	}
	return matching.NewLedger(list, invoices, nil), nil
}

func lineID(administration uuid.UUID, key string) uuid.UUID {
	return uuid.NewSHA1(administration, []byte("payment/bank/"+key))
}
