package dunning

import (
	"context"
	"fmt"

	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// measures reports whether the reminder that is about to leave is held back, to
// learn what it brings in. It is only where the message would be about one invoice:
// another that is asked for would tell the debtor all the same.
func (f *fence) measures(m policy.Moment) (policy.Verdict, bool) {
	trial := f.led.book.Trial()
	if trial.Share == 0 || f.it.state == nil {
		return policy.Verdict{}, false
	}
	for _, other := range f.led.items {
		if other == f.it || other.state == nil || other.state.Phase == string(receivable.Closed) {
			continue
		}
		o := f.led.moment(other, policy.Step{}, f.now)
		if o.Overdue() && o.Claim.Open().Positive() {
			return policy.Verdict{}, false
		}
	}
	return policy.HoldBack(f.flow, m, trial, f.it.invoice.ID, int(f.it.state.Cycle))
}

// holdBack puts the reminder off, on record with why and until when.
func (f *fence) holdBack(ctx context.Context, m policy.Moment, v policy.Verdict) error {
	until, ask := date.Of(v.Until.In(f.led.zone)), m.Claim.Ask()
	if err := f.tx.AddHoldBack(ctx, db.AddHoldBackParams{
		TenantID: f.tx.Tenant, InvoiceID: f.it.invoice.ID, Cycle: f.it.state.Cycle, Step: string(f.step.ID), DebtorID: f.it.invoice.DebtorID,
		At: f.now, Until: until, Share: int32(f.led.book.Trial().Share), Currency: ask.Currency, OpenMinor: ask.Minor,
	}); err != nil {
		return fmt.Errorf("hold back step %s: %w", f.step.ID, err)
	}
	f.led.book.HoldBack(f.it.invoice.ID, f.it.state.Cycle, f.step.ID, until)
	return f.object(ctx, v)
}
