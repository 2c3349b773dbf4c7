package dunning

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// agreement is an arrangement about an invoice that new money may settle.
type agreement struct {
	kind matter.Kind
	id   uuid.UUID
}

// arrangements reads what was agreed about the invoices, or is in dispute.
func (l *loader) arrangements() error {
	disputes, err := l.tx.LedgerDisputes(l.ctx, l.ids)
	if err != nil {
		return err
	}
	for _, d := range disputes {
		it := l.byInvoice[d.InvoiceID]
		it.disputed += stillDisputed(d, it)
	}
	resumes, err := l.tx.LedgerResumes(l.ctx, l.ids)
	if err != nil {
		return err
	}
	for _, r := range resumes {
		l.byInvoice[r.InvoiceID].resume = &r
	}
	agreed, err := l.tx.LedgerArrangements(l.ctx, l.ids)
	if err != nil {
		return err
	}
	for _, a := range agreed {
		it := l.byInvoice[a.InvoiceID]
		it.agreed = append(it.agreed, agreement{kind: matter.Kind(a.Kind), id: a.ID})
	}
	stops, err := l.tx.LedgerStops(l.ctx, l.debtors)
	for _, s := range stops {
		if led := l.byDebtor[s.DebtorID]; led != nil {
			led.stopped = earlier(led.stopped, s.EffectiveOn)
		}
	}
	return err
}

// moved wakes what was agreed about an invoice when what is open on it changed:
// a promise that is kept ends its hold at once, and not at the end of its grace.
func (it *item) moved(ctx context.Context, tx store.Tx, now time.Time) error {
	if it.state.PlannedOpen == it.open().Minor {
		return nil
	}
	for _, a := range it.agreed {
		if err := matter.Set(ctx, tx, matter.Item{Kind: a.kind, ID: a.id, At: now, Why: "What is open changed"}); err != nil {
			return err
		}
	}
	return nil
}

// stillDisputed is the part of a dispute that is not asked: all of an open one,
// and of one that the creditor agreed with what is not credited yet (R73). Books
// that lower an invoice without a credit note of their own show it by a total
// that fell, or by exactly that amount less to pay.
func stillDisputed(d db.LedgerDisputesRow, it *item) int64 {
	if d.State == "open" {
		return d.AmountMinor
	}
	credited := max(d.Credited, d.TotalMinor-it.invoice.TotalMinor)
	paid := int64(0)
	for _, p := range it.payments {
		paid += p.minor
	}
	if fell := d.BaseMinor - it.open().Minor - paid; fell == d.AcceptedMinor {
		credited = fell
	}
	return max(0, d.AcceptedMinor-credited)
}

func earlier(a, b date.Date) date.Date {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// recall makes a message about an invoice whose promise was not kept one tone
// higher, and names the promise (R69).
func (f *fence) recall(o *outgoing, c *outreach.Content) {
	if !o.step.Demand || o.step.Statutory {
		return
	}
	for _, it := range o.parts.demanded {
		r := it.resume
		if r == nil || !r.Firmer {
			continue
		}
		c.Step = letterOf[policy.Firmer(f.flow, o.step).Kind()]
		if r.PromisedMinor > 0 && c.Promise == nil {
			c.Promise = &outreach.Promise{Amount: money.Of(r.PromisedMinor, it.invoice.Currency), On: r.PromisedOn}
		}
	}
}
