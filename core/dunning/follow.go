package dunning

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
)

// follows returns the flow of an invoice and why it is that one; of the debtor's
// invoices in general for nil.
func (l *ledger) follows(it *item) flow.Answer {
	q := flow.Question{Debtor: l.debtor.ID, Of: l.about(it), Business: l.adm.FlowBusiness, Consumer: l.adm.FlowConsumer}
	if it != nil {
		q.Invoice = it.invoice.ID
	}
	return l.book.Resolve(q)
}

// flow returns the flow of an invoice as it is for this debtor: what does not
// reach the debtor is left out (R58).
func (l *ledger) flow(it *item) policy.Flow { return l.follows(it).Flow.Adapt(l.reach()) }

// about is the debtor as conditions ask about it.
func (l *ledger) about(it *item) policy.Debtor {
	d := policy.Debtor{Kind: sdk.PartyKind(l.debtor.Kind), Country: l.debtor.Country, Risk: l.book.Risk(l.debtor.ID)}
	if d.Country == "" {
		d.Country = l.adm.Country
	}
	var total int64
	if it != nil {
		total = it.invoice.TotalMinor
	}
	d.Segments = l.book.Segments(l.debtor.ID, d, total)
	return d
}

// settings fills in when messages leave and what a person allowed.
func (l *ledger) settings(it *item, m *policy.Moment) {
	m.Debtor = l.about(it)
	m.Sending = l.follows(it).Flow.Sending.Over(sendingOf(l.adm))
	m.MinInterval = m.Sending.MinInterval
	if m.Sending.OwnHolidaysOnly {
		m.Days = sendingDays(l.adm.Country, "")
	}
	if n := int(l.adm.ApproveCasesDays); n > 0 && !l.adm.GoLiveOn.IsZero() {
		m.ApproveCases = l.adm.GoLiveOn.AddDays(n - 1)
	}
	if it.state != nil {
		m.Approved = l.book.Approved(it.invoice.ID, it.state.Cycle)
		m.Delayed = l.book.Delayed(it.invoice.ID, it.state.Cycle)
	}
}

// sendingOf are the settings of an administration. What cannot be read is as if
// nothing was chosen: the cautious defaults hold.
func sendingOf(a db.Administration) policy.Sending {
	var f policy.SendingForm
	if err := json.Unmarshal(a.Sending, &f); err != nil {
		f = policy.SendingForm{}
	}
	s, err := f.Sending()
	if err != nil {
		s = policy.Sending{}
	}
	s.MinInterval = int(a.MinimumInterval)
	return s
}

// stepOf returns the planned step of an invoice as its flow says it now.
func stepOf(ctx context.Context, tx store.Tx, row db.Collection) (policy.Step, bool, error) {
	id := policy.StepID(row.NextStep)
	if id == "" {
		return policy.Step{}, false, nil
	}
	f, err := flow.Current(ctx, tx, row.Flow)
	if err != nil {
		return policy.Step{}, false, fmt.Errorf("load the flow of invoice %s: %w", row.InvoiceID, err)
	}
	s, ok := f.Step(id)
	return s, ok, nil
}
