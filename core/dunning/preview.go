package dunning

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// Preview is the planned step of an invoice as it would be taken at this moment.
type Preview struct {
	Plan    Plan
	Step    policy.Step
	Moment  policy.Moment  // what the gate sees
	Verdict policy.Verdict // of the gate, with books that are asked at the moment itself
	// Asked is when the books were last read; they are read again before the step.
	Asked    time.Time
	Invoices []uuid.UUID // that the message demands
	Channels []policy.Channel
	Creditor outreach.Creditor
	Email    string // where an e-mail goes, "" when it goes by letter only
	Address  []string
	// Participant is where the electronic invoice of the books goes over Peppol, ""
	// when it does not. It is fetched and judged at the moment itself.
	Participant string
	Message     outreach.Message // empty when nothing would go out
	Letter      []byte           // PDF, nil without one
}

// previewLink stands where the debtor's own link will be; a preview makes none.
const previewLink = "made-when-sent"

// Preview composes what the planned step of an invoice would send now, with the
// same functions as the step itself. It writes nothing. It returns a plan
// without a step when nothing is planned.
func (s *Steps) Preview(ctx context.Context, tx store.Tx, invoice uuid.UUID) (p Preview, err error) {
	row, err := tx.Collection(ctx, invoice)
	if err != nil {
		return p, fmt.Errorf("load the plan of invoice %s: %w", invoice, err)
	}
	if p.Plan, err = planOf(ctx, tx, row); err != nil {
		return p, err
	}
	if row.NextStep == "" || row.Phase == string(receivable.Closed) {
		return p, nil
	}
	f := &fence{Steps: s, tx: tx, trial: true, asker: woken{tenant: tx.Tenant, adm: row.AdministrationID, invoice: invoice}}
	if f.scale, err = tx.Scale(ctx); err != nil {
		return p, err
	}
	f.at(f.scale.Tenant(s.Real.Now()))
	open, err := tx.OpenInvoicesOf(ctx, db.OpenInvoicesOfParams{AdministrationID: row.AdministrationID, DebtorID: row.DebtorID, First: invoice})
	if err != nil {
		return p, err
	}
	for _, o := range open {
		f.asker.siblings = append(f.asker.siblings, o.ID)
	}
	if err := f.load(ctx, row.DebtorID); err != nil {
		return p, err
	}
	var ok bool
	if f.step, ok = f.flow.Step(policy.StepID(row.NextStep)); !ok || f.it == nil {
		return p, nil
	}
	return p, f.rehearse(ctx, &p)
}

// rehearse fills a preview in.
func (f *fence) rehearse(ctx context.Context, p *Preview) error {
	m, err := f.moment(ctx, f.it, f.step)
	if err != nil {
		return err
	}
	p.Asked = m.Confirmed
	m.Confirmed = f.now
	m.HasDocument = m.HasDocument || f.it.invoice.HasDocument
	p.Step, p.Moment, p.Verdict = f.step, m, policy.Gate(m)
	c := f.led.content(f.step, parts{}, date.Of(f.now.In(f.led.zone)))
	p.Creditor, p.Email, p.Address = c.Creditor, f.led.email(), c.Debtor.Address
	if f.step.Bookkeeping() {
		return nil
	}
	// What speaks against it is said beside the message, not instead of it.
	v := p.Verdict
	if v.Outcome != policy.Pass {
		v = policy.Verdict{Outcome: policy.Pass, Channels: f.step.Channels}
		if p.Email == "" {
			v.Channels = []policy.Channel{policy.Letter}
		}
	}
	o, err := f.bundle(ctx, m, v)
	if err != nil {
		return err
	}
	if err := f.compose(ctx, o); err != nil {
		return err
	}
	p.Channels, p.Invoices, p.Message = o.channels, o.ids(), o.message
	if o.by(policy.Peppol) {
		p.Participant = f.led.participant()
	}
	if o.letter != nil {
		p.Letter = o.letter.Bytes
	}
	return nil
}
