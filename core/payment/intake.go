package payment

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/payment/matching"
	"github.com/voldaan/voldaan/core/payment/statement"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// intake is one file on its way in.
type intake struct {
	*Bank
	tx             store.Tx
	administration uuid.UUID
	file           string
	now            time.Time
	report         ImportReport
	open           *openItems
	receipts       []Receipt
	lines          []db.AddBankLineParams
	handedOn       map[string][]uuid.UUID // reports of bailiffs that a line pays out
}

// take matches all lines first, each against what the ones before it left open,
// and then books them together under the locks of their debtors.
func (i *intake) take(ctx context.Context, list []statement.Statement) (ImportReport, error) {
	for _, s := range list {
		if err := i.statement(ctx, s); err != nil {
			return i.report, err
		}
	}
	if err := receive(ctx, i.tx, i.Planner, i.receipts...); err != nil {
		return i.report, err
	}
	for _, l := range i.lines {
		if _, err := i.tx.AddBankLine(ctx, l); err != nil {
			return i.report, fmt.Errorf("store a line of the statement: %w", err)
		}
	}
	for line, notes := range i.handedOn {
		if err := i.tx.HandOn(ctx, db.HandOnParams{Line: line, Notes: notes}); err != nil {
			return i.report, fmt.Errorf("note what a bailiff handed on: %w", err)
		}
	}
	return i.report, i.fresh(ctx)
}

// fresh notes that the bank has been heard, and lets go what waited for that
// (R5).
func (i *intake) fresh(ctx context.Context) error {
	if err := i.tx.ConfirmBank(ctx, db.ConfirmBankParams{ID: i.administration, At: i.now}); err != nil {
		return fmt.Errorf("note the statement: %w", err)
	}
	held, err := i.tx.HeldByRule(ctx, db.HeldByRuleParams{AdministrationID: i.administration, Rules: []string{"R5"}})
	if err != nil {
		return fmt.Errorf("find what waited for a statement: %w", err)
	}
	return i.Planner.Replan(ctx, i.tx, held)
}

func (i *intake) statement(ctx context.Context, s statement.Statement) error {
	id := uuid.New()
	n, err := i.tx.AddStatement(ctx, db.AddStatementParams{
		ID: id, TenantID: i.tx.Tenant, AdministrationID: i.administration, Iban: s.IBAN, Reference: s.ID, Sequence: s.Sequence, Currency: s.Currency,
		OpeningMinor: s.Opening.Amount.Minor, ClosingMinor: s.Closing.Amount.Minor, Day: dayOf(s, i.now), FileName: i.file, ImportedAt: i.now, StatementKey: s.Key(),
	})
	if err != nil {
		return fmt.Errorf("store the statement: %w", err)
	}
	if n == 0 {
		i.report.Known++
		return nil
	}
	i.report.Statements++
	if i.open == nil {
		if i.open, err = loadOpenItems(ctx, i.tx, i.administration); err != nil {
			return err
		}
	}
	known, err := i.known(ctx, s.Lines)
	if err != nil {
		return err
	}
	for _, line := range s.Lines {
		if known[line.ID] {
			continue // the bank reported it in another statement as well
		}
		known[line.ID] = true
		if err := i.line(id, line); err != nil {
			return err
		}
	}
	return nil
}

func (i *intake) known(ctx context.Context, lines []statement.Line) (map[string]bool, error) {
	keys := make([]string, len(lines))
	for n, l := range lines {
		keys[n] = l.ID
	}
	rows, err := i.tx.KnownBankLines(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("look for lines that are known: %w", err)
	}
	known := make(map[string]bool, len(lines))
	for _, key := range rows {
		known[key] = true
	}
	for _, l := range i.lines {
		known[l.LineKey] = true
	}
	return known, nil
}

// dayOf is the day of a statement; one without balances takes that of its last
// line.
func dayOf(s statement.Statement, now time.Time) date.Date {
	day := s.Closing.Date
	for _, l := range s.Lines {
		if s.Closing.Date.IsZero() {
			day = date.Later(day, l.BookingDate)
		}
	}
	if day.IsZero() {
		return date.Of(now)
	}
	return day
}

// line decides what to do with a line.
func (i *intake) line(statement uuid.UUID, l statement.Line) error {
	i.report.Lines++
	undoes := l.Reversal || l.ReturnReason != ""
	p := i.open.match(matching.Line{
		ID: l.ID, ValueDate: l.ValueDate, Amount: l.Amount, CounterpartyName: l.CounterpartyName, CounterpartyIBAN: l.CounterpartyIBAN,
		EndToEndID: l.EndToEndID, MandateID: l.MandateID, StructuredReference: l.StructuredReference, Text: l.Text, Return: undoes,
	})
	proposal, err := json.Marshal(p)
	if err != nil {
		return err
	}
	row := db.AddBankLineParams{
		ID: uuid.New(), TenantID: i.tx.Tenant, StatementID: statement, LineKey: l.ID, ValueDate: l.ValueDate, Currency: l.Amount.Currency,
		AmountMinor: l.Amount.Minor, CounterName: l.CounterpartyName, CounterIban: l.CounterpartyIBAN, Text: l.Text, Why: p.Reason, Proposal: proposal,
	}
	certain := p.Certainty == matching.Book && !p.Reopens
	on := i.open.handsOn(l)
	switch {
	case undoes:
		row.State = "reversal"
		i.report.Reversals++
	case !l.Amount.Positive():
		row.State = "ignored"
	case on != nil && on.notes != nil:
		row.State, row.Why = "ignored", on.why
		i.open.paidOut(on.notes, l.ID)
		i.handedOn[l.ID] = on.notes
	case on != nil:
		row.State, row.Why = "suggested", on.why
		i.report.Suggested++
	case certain && l.Doubt == "":
		row.State, row.PaymentID = "matched", uuid.NullUUID{UUID: lineID(i.administration, l.ID), Valid: true}
		i.report.Matched++
		r, err := receipt(i.administration, row, p, i.now)
		if err != nil {
			return err
		}
		i.receipts = append(i.receipts, r)
		i.open.take(p)
	case certain || p.Certainty == matching.Suggest:
		row.State = "suggested"
		if l.Doubt != "" {
			row.Why += " " + l.Doubt
		}
		i.report.Suggested++
	default:
		row.State = "unmatched"
		i.report.Unmatched++
	}
	i.lines = append(i.lines, row)
	return nil
}

// receipt is a line as money received for what is proposed.
func receipt(administration uuid.UUID, l db.AddBankLineParams, p matching.Proposal, now time.Time) (Receipt, error) {
	r := Receipt{
		ID: lineID(administration, l.LineKey), Administration: administration, Source: "bank", ExternalID: l.LineKey,
		Amount: money.Of(l.AmountMinor, l.Currency), ValueDate: l.ValueDate, Reference: l.Text, CounterName: l.CounterName, CounterIBAN: l.CounterIban, SeenAt: now,
	}
	if id, err := uuid.Parse(p.DebtorID); err == nil {
		r.Debtor = uuid.NullUUID{UUID: id, Valid: true}
	}
	for _, a := range p.Allocations {
		if elsewhere(a.InvoiceID) {
			continue // the case, or the ledger of fees, takes it from what settles no invoice
		}
		id, err := uuid.Parse(a.InvoiceID)
		if err != nil {
			return r, fmt.Errorf("proposal names invoice %q: %w", a.InvoiceID, err)
		}
		r.Allocations = append(r.Allocations, Allocation{Invoice: id, Amount: a.Amount, Method: string(p.Method)})
	}
	return r, nil
}
