package dunning

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/exchange"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// rateMissing is the code of the fault, and the kind of the task, for a claim that
// no rate is known for.
const rateMissing = "rate_missing"

// newestRates is how many reference rates are read: those of well over a week.
const newestRates = 800

// rates reads what claims in another currency than the law's are converted by.
// There are seldom any, so that it costs nothing as a rule.
func (l *loader) rates() error {
	var subjects []uuid.UUID
	for _, led := range l.byDebtor {
		for _, it := range led.items {
			pack, err := led.lawOf(it)
			if err != nil {
				continue // nothing beyond the principal is asked
			}
			if it.invoice.Currency == pack.Currency() || it.invoice.Kind != string(sdk.SalesInvoice) {
				continue
			}
			subjects = append(subjects, it.invoice.ID)
			if it.notice != nil {
				subjects = append(subjects, it.notice.ID)
			}
			if it.claim != nil {
				subjects = append(subjects, it.claim.ID)
			}
		}
	}
	if len(subjects) == 0 {
		return nil
	}
	fixed, err := exchange.Fixed(l.ctx, l.tx, subjects...)
	if err != nil {
		return err
	}
	latest, err := exchange.Latest(l.ctx, l.tx, newestRates)
	for _, led := range l.byDebtor {
		led.fixed, led.references = fixed, latest
	}
	return err
}

// rate is what claims of one currency are converted by into that of the law: what
// their case or notice was computed with, else what a person gave for one of
// them, else the reference rate of the day (R123). It is none for claims in the
// currency of the law. A fault of kind Invalid says that no rate is known.
func (l *ledger) rate(pack *law.Country, items []*item, on date.Date) (exchange.Rate, error) {
	if len(items) == 0 || items[0].invoice.Currency == pack.Currency() {
		return exchange.Rate{}, nil
	}
	cur := items[0].invoice.Currency
	for _, of := range []func(*item) uuid.UUID{
		func(it *item) (id uuid.UUID) {
			if it.claim != nil {
				id = it.claim.ID
			}
			return id
		},
		func(it *item) (id uuid.UUID) {
			if l.noticed(it) {
				id = it.notice.ID
			}
			return id
		},
		func(it *item) uuid.UUID { return it.invoice.ID },
	} {
		for _, it := range items {
			if r, ok := l.fixed[of(it)]; ok && r.Between(cur, pack.Currency()) {
				return r, nil
			}
		}
	}
	if r, ok := exchange.Find(l.references, pack.Currency(), cur, on); ok {
		return r, nil
	}
	return exchange.Rate{}, fault.New(fault.Invalid, rateMissing,
		"Invoice %s is in %s and the law of %s counts in %s. Give the exchange rate with its source, for this invoice or for all.", items[0].invoice.Number, cur, pack.Code(), pack.Currency())
}

// inLaw converts an amount into the currency of the law.
func inLaw(pack *law.Country, r exchange.Rate, a money.Amount) (money.Amount, error) {
	if a.Currency == pack.Currency() {
		return a, nil
	}
	return r.To(pack.Currency(), a)
}

// charged are the costs of a claim in the currency of the claim.
type charged struct {
	law.CostsDue
	Exchange *exchange.Rate `json:"exchange,omitempty"` // none in the currency of the law
	fee, vat money.Amount
	total    money.Amount
}

// charge converts costs into the currency of the claim, each part once, and says
// so.
func charge(due law.CostsDue, r exchange.Rate, cur money.Currency) (charged, error) {
	c := charged{CostsDue: due, fee: due.Costs.Fee, vat: due.Costs.VAT, total: due.Costs.Total}
	if r.IsZero() {
		return c, nil
	}
	c.Exchange = &r
	var err error
	for _, a := range []*money.Amount{&c.fee, &c.vat} {
		if *a, err = r.To(cur, *a); err != nil {
			return c, err
		}
	}
	if c.total, err = c.fee.Add(c.vat); err != nil || c.total.IsZero() {
		return c, err
	}
	said := fmt.Sprintf(" At %s that is %s.", r, c.total)
	c.Explanation += said
	c.Costs.Explanation += said
	return c, nil
}

// both tells an amount in the currency of the law as well.
func (c *claim) both(a money.Amount) money.Amount {
	if c.rate.IsZero() {
		return money.Amount{}
	}
	out, err := c.rate.To(c.law, a)
	if err != nil {
		return money.Amount{}
	}
	return out
}

// inLaw is an amount in the currency of the law, where that is another one.
func (c *claim) inLaw(a money.Amount) money.Amount {
	if c.rate.IsZero() {
		return money.Amount{}
	}
	return a
}

// told is the rate as a message tells it; of is what is converted, none for the
// charges alone.
func told(pack *law.Country, r exchange.Rate, of money.Amount) *outreach.Exchange {
	if r.IsZero() {
		return nil
	}
	x := &outreach.Exchange{Base: r.Base, Quote: r.Quote, Units: r.Units, On: r.On, Source: r.Source}
	if to, err := inLaw(pack, r, of); err == nil && of.Positive() {
		x.Of, x.Is = of, to
	}
	return x
}

// SetReferenceRates keeps reference rates, and plans again what waits for one. A
// fault of kind Invalid says what is wrong with a rate.
func (p Planner) SetReferenceRates(ctx context.Context, tx store.Tx, rates []exchange.Rate, by string) error {
	return p.setRates(ctx, tx, exchange.Reference, uuid.Nil, rates, by)
}

// SetInvoiceRate keeps the rate that a person gives for one invoice, and plans it
// again. A case that is open keeps the rate that it was computed with: then a
// fault of kind Conflict says so.
func (p Planner) SetInvoiceRate(ctx context.Context, tx store.Tx, invoice uuid.UUID, r exchange.Rate, by string) error {
	inv, err := tx.Invoice(ctx, invoice)
	if err != nil {
		return fault.New(fault.NotFound, "invoice_not_found", "This invoice does not exist.").Because(err)
	}
	if _, err := tx.LockDebtors(ctx, []uuid.UUID{inv.DebtorID}); err != nil {
		return fmt.Errorf("lock the debtor: %w", err)
	}
	ledgers, err := loadLedgers(ctx, tx, []uuid.UUID{inv.DebtorID})
	if err != nil {
		return err
	}
	for _, l := range ledgers {
		it := l.item(invoice)
		pack, err := l.lawOf(it)
		if err != nil {
			return err
		}
		switch r = r.Tidy(); {
		case inv.Currency == pack.Currency():
			return fault.New(fault.Invalid, "rate_needless", "This invoice is in the currency of the law, %s; it needs no rate.", pack.Currency())
		case !r.Between(inv.Currency, pack.Currency()):
			return fault.New(fault.Invalid, "rate_currency", "Give the rate between %s and %s.", pack.Currency(), inv.Currency)
		case it != nil && it.claim != nil:
			return fault.New(fault.Conflict, "rate_fixed", "The case of this invoice was computed with a rate, which stays.")
		}
	}
	return p.setRates(ctx, tx, exchange.Invoice, invoice, []exchange.Rate{r}, by)
}

func (p Planner) setRates(ctx context.Context, tx store.Tx, k exchange.Kind, subject uuid.UUID, rates []exchange.Rate, by string) error {
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return err
	}
	// A day has begun somewhere before it has here.
	if err := exchange.Save(ctx, tx, k, subject, rates, date.Of(now.UTC()).AddDays(1), now, by); err != nil {
		return err
	}
	waiting, err := tx.WaitForRate(ctx)
	if err != nil {
		return fmt.Errorf("find what waits for a rate: %w", err)
	}
	if subject != uuid.Nil {
		waiting = append(waiting, subject)
	}
	if err := p.Replan(ctx, tx, waiting); err != nil {
		return err
	}
	if err := tx.FinishRateTasks(ctx, db.FinishRateTasksParams{At: now, ByWhom: by}); err != nil {
		return fmt.Errorf("finish tasks: %w", err)
	}
	return nil
}

// RateOf is the rate that an invoice is computed with on a tenant's day, and the
// currency of the law. Without need of one, or without one, it is none; needed
// says which.
func (p Planner) RateOf(ctx context.Context, tx store.Tx, invoice uuid.UUID) (r exchange.Rate, in money.Currency, needed bool, err error) {
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return r, in, false, err
	}
	inv, err := tx.Invoice(ctx, invoice)
	if err != nil {
		return r, in, false, fmt.Errorf("load invoice %s: %w", invoice, err)
	}
	ledgers, err := loadLedgers(ctx, tx, []uuid.UUID{inv.DebtorID})
	if err != nil || len(ledgers) == 0 {
		return r, in, false, err
	}
	l := ledgers[0]
	it := l.item(invoice)
	pack, err := l.lawOf(it)
	if err != nil {
		return r, in, false, nil //nolint:nilerr // no law, so nothing to convert
	}
	if it == nil || inv.Currency == pack.Currency() || inv.Kind != string(sdk.SalesInvoice) {
		return r, pack.Currency(), false, nil
	}
	r, err = l.rate(pack, []*item{it}, dateIn(now, l.zone))
	if fault.Is(err, fault.Invalid) {
		err = nil
	}
	return r, pack.Currency(), true, err
}
