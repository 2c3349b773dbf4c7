package dunning

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Standing is what a debtor owes at one moment, for whoever arranges something
// about it.
type Standing struct {
	Debtor         db.Debtor
	Administration db.Administration
	Zone           *time.Location
	Days           calendar.Days // of creditor and debtor
	BankDays       calendar.Days // of the creditor
	Now            time.Time     // the tenant's
	Today          date.Date     // in Zone
	// Stopped is the first day of a legal stop, none without one (R97).
	Stopped  date.Date
	Invoices []Owed // sales invoices that are not settled, by due date

	led *ledger
}

// Owed is one invoice of a Standing.
type Owed struct {
	ID     uuid.UUID
	Number string
	Due    date.Date
	Claim  receivable.Claim
	Paid   int64 // booked payments on the principal, whoever saw them
	Step   policy.StepID
	Phase  receivable.Phase
	Case   uuid.UUID // the open case it is in, if any
}

// Standing reads what a debtor owes. The caller holds the debtor's row when it
// is going to act on it.
func (p Planner) Standing(ctx context.Context, tx store.Tx, debtor uuid.UUID) (s Standing, err error) {
	if s.Now, err = tx.Now(ctx, p.Real); err != nil {
		return s, err
	}
	ledgers, err := loadLedgers(ctx, tx, []uuid.UUID{debtor})
	if err != nil {
		return s, err
	}
	if len(ledgers) == 0 {
		return s, fault.New(fault.NotFound, "debtor_not_found", "This debtor does not exist.")
	}
	l := ledgers[0]
	s.Debtor, s.Administration, s.Zone, s.Days, s.BankDays, s.led = l.debtor, l.adm, l.zone, l.days, sendingDays(l.adm.Country, ""), l
	s.Today, s.Stopped = dateIn(s.Now, l.zone), l.stopped
	for _, it := range l.items {
		if it.invoice.Kind != string(sdk.SalesInvoice) || it.invoice.Status != string(sdk.Open) || it.invoice.GoneAt != nil || !it.open().Positive() {
			continue
		}
		o := Owed{ID: it.invoice.ID, Number: it.invoice.Number, Due: it.invoice.Due, Claim: it.claimed(), Phase: receivable.Sent}
		for _, paid := range it.payments {
			o.Paid += paid.minor
		}
		if it.state != nil {
			o.Step, o.Phase = policy.StepID(it.state.NextStep), receivable.Phase(it.state.Phase)
		}
		if it.claim != nil {
			o.Case = it.claim.ID
		}
		s.Invoices = append(s.Invoices, o)
	}
	return s, nil
}

// Of returns one invoice of the debtor.
func (s Standing) Of(invoice uuid.UUID) (Owed, bool) {
	i := slices.IndexFunc(s.Invoices, func(o Owed) bool { return o.ID == invoice })
	if i < 0 {
		return Owed{}, false
	}
	return s.Invoices[i], true
}

// Charges are the costs and the interest of the open cases that invoices are in:
// costs as booked, interest through today, or through the day of a legal stop
// (R97), whichever is more than what was booked.
func (s Standing) Charges(ctx context.Context, tx store.Tx, invoices []uuid.UUID) (costs, interest money.Amount, err error) {
	var items []*item
	var cases []uuid.UUID
	for _, it := range s.led.items {
		if slices.Contains(invoices, it.invoice.ID) && it.claim != nil {
			items = append(items, it)
			if !slices.Contains(cases, it.claim.ID) {
				cases = append(cases, it.claim.ID)
			}
		}
	}
	if len(items) == 0 {
		return costs, interest, nil
	}
	cur := items[0].invoice.Currency
	totals, err := tx.ClaimTotals(ctx, cases)
	if err != nil {
		return costs, interest, fmt.Errorf("load the ledger of the case: %w", err)
	}
	booked := map[string]int64{}
	for _, t := range totals {
		booked[t.Kind] += t.Amount
	}
	accrued, err := s.led.accrue(items, s.Today)
	if err != nil {
		return costs, interest, err
	}
	// Waivers and payments lower costs first, then interest (BW 6:44).
	c, i := booked["costs"]+booked["costs_vat"]+booked["fee"], max(booked["interest"], accrued.accrued.Minor)
	off := -booked["waiver"] - booked["payment"]
	n := min(c, off)
	c, i = c-n, max(0, i-(off-n))
	return money.Of(c, cur), money.Of(i, cur), nil
}

// NoticeAgain voids the statutory notice of an invoice that has no case yet, so
// that it is sent again to all that it covered (R72). It does nothing without
// one. The caller replans.
func (p Planner) NoticeAgain(ctx context.Context, tx store.Tx, invoice uuid.UUID, why string) error {
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return err
	}
	inv, err := tx.Invoice(ctx, invoice)
	if err != nil {
		return fmt.Errorf("load invoice %s: %w", invoice, err)
	}
	ledgers, err := loadLedgers(ctx, tx, []uuid.UUID{inv.DebtorID})
	if err != nil || len(ledgers) == 0 {
		return err
	}
	l := ledgers[0]
	it := l.item(invoice)
	if it == nil || it.state == nil || it.notice == nil || it.claim != nil {
		return nil
	}
	if err := l.void(ctx, tx, it.notice.ID, why, now); err != nil {
		return err
	}
	scale, err := tx.Scale(ctx)
	if err != nil {
		return err
	}
	rows, err := p.plans(ctx, tx, l, scale, now, uuid.Nil, func(it *item) bool { return it.state != nil })
	if err != nil {
		return err
	}
	return writePlans(ctx, tx, rows)
}
