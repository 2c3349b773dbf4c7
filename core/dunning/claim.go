package dunning

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// claim is what a debtor owes on a day with costs and interest.
type claim struct {
	costs    law.CostsDue
	interest map[uuid.UUID]law.Interest
	total    money.Amount // of all interest
}

// newClaim computes costs and interest over the open principals on a day.
func (l *ledger) newClaim(items []*item, on date.Date) (*claim, error) {
	pack, err := law.Pack(l.adm.Country)
	if err != nil {
		return nil, err
	}
	c := &claim{interest: map[uuid.UUID]law.Interest{}}
	q := law.DueClaim{Debtor: l.debtorType(), On: on}
	announced := map[uuid.UUID]bool{}
	for _, it := range items {
		open := money.Of(it.invoice.OpenMinor-it.received, it.invoice.Currency)
		q.Claim.Principals = append(q.Claim.Principals, open)
		if q.DueDate.IsZero() || it.invoice.Due.Before(q.DueDate) {
			q.DueDate = it.invoice.Due
		}
		if n := it.notice; n != nil && !announced[n.ID] {
			announced[n.ID] = true
			q.Notices = append(q.Notices, law.SentNotice{
				Delivery:     law.Delivery{Sent: n.PostedOn, Channel: law.Post},
				DefaultSince: it.invoice.Due.AddDays(1), Checked: true, Announced: money.Of(n.CostsMinor, it.invoice.Currency),
			})
		}
		interest, err := pack.Interest(law.InterestClaim{Debtor: l.debtorType(), Principal: open, From: it.invoice.Due.AddDays(1), Through: on})
		if err != nil {
			return nil, err
		}
		c.interest[it.invoice.ID] = interest
		if c.total, err = c.total.Add(interest.Amount); err != nil {
			return nil, err
		}
	}
	c.costs, err = pack.CostsDue(q)
	return c, err
}

// charges are the lines that a message shows.
func (c *claim) charges() []outreach.Charge {
	var out []outreach.Charge
	if c.costs.Costs.Total.Positive() {
		out = append(out, outreach.Charge{Kind: outreach.CollectionCosts, Amount: c.costs.Costs.Total})
	}
	if c.total.Positive() {
		out = append(out, outreach.Charge{Kind: outreach.Interest, Amount: c.total})
	}
	return out
}

func (c *claim) provisional() bool {
	p := c.costs.Provisional
	for _, i := range c.interest {
		p = p || i.Provisional
	}
	return p
}

// openCase opens a case with its costs and interest in the sub-ledger.
func openCase(ctx context.Context, tx store.Tx, l *ledger, c *claim, items []*item, now time.Time) (number string, id uuid.UUID, err error) {
	n, err := tx.CaseCount(ctx)
	if err != nil {
		return "", id, err
	}
	number = fmt.Sprintf("Z%d-%04d", now.In(l.zone).Year(), n+1)
	id = uuid.New()
	p := db.AddCaseParams{
		ID: id, TenantID: tx.Tenant, AdministrationID: l.adm.ID, DebtorID: l.debtor.ID, Number: number,
		Currency: items[0].invoice.Currency, OpenedAt: now,
	}
	if items[0].notice != nil {
		p.NoticeID = nullID(items[0].notice.ID)
	}
	if err := tx.AddCase(ctx, p); err != nil {
		return "", id, fmt.Errorf("open the case: %w", err)
	}
	for _, it := range items {
		if err := tx.AddCaseInvoice(ctx, db.AddCaseInvoiceParams{
			CaseID: id, InvoiceID: it.invoice.ID, TenantID: tx.Tenant, PrincipalMinor: it.invoice.OpenMinor - it.received, InterestFrom: it.invoice.Due.AddDays(1),
		}); err != nil {
			return "", id, fmt.Errorf("open the case: %w", err)
		}
		it.claim = &db.LedgerCasesRow{ID: id, InvoiceID: it.invoice.ID, OpenedAt: now, Number: number}
	}
	return number, id, c.book(ctx, tx, id, items, now, date.Of(now.In(l.zone)))
}

// book writes costs and interest as entries of their own, each with how it was
// computed.
func (c *claim) book(ctx context.Context, tx store.Tx, id uuid.UUID, items []*item, now time.Time, through date.Date) error {
	add := func(kind string, invoice uuid.UUID, a money.Amount, how any, provisional bool) error {
		if a.IsZero() {
			return nil
		}
		b, err := json.Marshal(how)
		if err != nil {
			return err
		}
		return tx.AddClaimEntry(ctx, db.AddClaimEntryParams{
			TenantID: tx.Tenant, CaseID: id, InvoiceID: nullID(invoice), Kind: kind, AmountMinor: a.Minor, Currency: a.Currency,
			Through: through, Calculation: b, Provisional: provisional, At: now,
		})
	}
	if err := add("costs", uuid.Nil, c.costs.Costs.Fee, c.costs, c.costs.Provisional); err != nil {
		return fmt.Errorf("book costs: %w", err)
	}
	if err := add("costs_vat", uuid.Nil, c.costs.Costs.VAT, c.costs, c.costs.Provisional); err != nil {
		return fmt.Errorf("book costs: %w", err)
	}
	for _, it := range items {
		i := c.interest[it.invoice.ID]
		if err := add("interest", it.invoice.ID, i.Amount, i, i.Provisional); err != nil {
			return fmt.Errorf("book interest: %w", err)
		}
	}
	return nil
}

// settleCase asks a person what to do with costs and interest when the last
// invoice of a case is settled (R36).
func settleCase(ctx context.Context, tx store.Tx, l *ledger, it *item, now time.Time) error {
	if it.claim == nil {
		return nil
	}
	for _, other := range l.items {
		if other != it && other.claim != nil && other.claim.ID == it.claim.ID && other.state != nil && other.state.Phase != "closed" {
			return nil
		}
	}
	return addTask(ctx, tx, l, "costs_open", it.claim.ID, "Costs and interest of case "+it.claim.Number+" remain",
		"The invoices of this case are paid. Decide whether to pursue or waive its costs and interest.", now)
}

func addTask(ctx context.Context, tx store.Tx, l *ledger, kind string, subject uuid.UUID, title, detail string, now time.Time) error {
	if err := tx.AddTask(ctx, db.AddTaskParams{
		ID: uuid.New(), TenantID: tx.Tenant, AdministrationID: nullID(l.adm.ID), Kind: kind, SubjectID: subject, Title: title, Detail: detail, CreatedAt: now,
	}); err != nil {
		return fmt.Errorf("add task: %w", err)
	}
	return nil
}
