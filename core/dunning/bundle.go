package dunning

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/outreach/letter"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/sdk/money"
)

// outgoing is one message in the making: an e-mail, a letter or both.
type outgoing struct {
	step     policy.Step
	channels []policy.Channel
	parts    parts
	own      map[*item]policy.StepID // the step that each demanded invoice takes

	mail, paper uuid.UUID // ids of the two forms, whether or not both are made
	caseNumber  string
	token       string // of the portal link; only its hash is kept
	content     outreach.Content
	message     outreach.Message
	letter      *letter.PDF
	notice      *statutory
	claim       *claim
}

// id is the form that the step is recorded with: the e-mail, whose bounce can
// take it back, else the letter.
func (o *outgoing) id() uuid.UUID {
	if o.by(policy.Email) {
		return o.mail
	}
	return o.paper
}

// ids are the invoices that the message demands.
func (o *outgoing) ids() []uuid.UUID {
	out := make([]uuid.UUID, len(o.parts.demanded))
	for i, it := range o.parts.demanded {
		out[i] = it.invoice.ID
	}
	return out
}

func (o *outgoing) by(ch policy.Channel) bool {
	return slices.Contains(o.channels, ch)
}

// bundle decides which of the debtor's invoices the message is about (R43-R46).
// Only invoices that the sources were asked about are demanded.
func (f *fence) bundle(ctx context.Context, m policy.Moment, v policy.Verdict) (*outgoing, error) {
	o := &outgoing{step: f.step, channels: v.Channels, parts: parts{demanded: []*item{f.it}, notDemanded: map[*item]string{}}}
	o.own = map[*item]policy.StepID{f.it: f.step.ID}
	if f.step.ID == policy.SendInvoice {
		return o, nil
	}
	items := []policy.Item{{ID: f.it.invoice.ID, Moment: m, Verdict: v, NextStep: f.step.ID, NextAt: f.now}}
	for _, it := range f.led.items {
		candidate, ok, err := f.candidate(ctx, it)
		if err != nil {
			return nil, err
		}
		if ok {
			items = append(items, candidate)
		}
	}
	b := policy.Bundle(policy.Flows(), f.it.invoice.ID, items)
	o.parts.demanded = nil
	if step, ok := f.flow.Step(b.Step); ok && step.ID != f.step.ID {
		o.step = step
		for _, i := range items {
			if i.Moment.Step.ID == step.ID && i.Verdict.Outcome == policy.Pass {
				o.channels = i.Verdict.Channels
			}
		}
	}
	for _, id := range b.Demanded {
		it := f.led.item(id)
		o.parts.demanded = append(o.parts.demanded, it)
		if o.own[it] = policy.StepID(it.state.NextStep); o.step.Statutory {
			o.own[it] = o.step.ID
		}
	}
	for _, id := range b.NotDue {
		o.parts.notDue = append(o.parts.notDue, f.led.item(id))
	}
	for _, n := range b.NotDemanded {
		o.parts.notDemanded[f.led.item(n.ID)] = n.Reason
	}
	return o, nil
}

// candidate puts another invoice of the debtor before the policy, as one that
// may go along.
func (f *fence) candidate(ctx context.Context, it *item) (c policy.Item, ok bool, err error) {
	if it == f.it || it.state == nil || closed(it) || it.state.NextStep == "" && it.state.HeldRule == "" {
		return c, false, nil
	}
	step, ok := f.flow.Step(policy.StepID(it.state.NextStep))
	if !ok {
		return c, false, nil
	}
	if f.step.Statutory {
		step = f.step // the law asks which claims could be in this letter (R98)
	}
	m, err := f.moment(ctx, it, step)
	if err != nil {
		return c, false, err
	}
	c = policy.Item{ID: it.invoice.ID, Moment: m, Verdict: policy.Gate(m), NextStep: step.ID}
	if it.state.NextAt != nil {
		c.NextAt = *it.state.NextAt
	}
	if c.Verdict.Outcome == policy.Pass && (!f.asked(it) || !f.fits(it, step)) {
		c.Verdict = policy.Verdict{Outcome: policy.Wait, Rule: "R44", Why: "It goes in a message of its own."}
	}
	return c, true, nil
}

// fits reports whether two steps can share a message: a case is opened for
// invoices that open it together, and costs are reckoned in one currency.
func (f *fence) fits(it *item, step policy.Step) bool {
	if (f.step.ID == policy.OpenCase) != (step.ID == policy.OpenCase) {
		return false
	}
	return !charges(f.step) && !charges(step) || it.invoice.Currency == f.it.invoice.Currency
}

// charges reports whether a step states costs and interest.
func charges(s policy.Step) bool { return s.Phase.Beyond(receivable.Reminding) }

// sum is what the message asks, costs and interest included. It is false when
// that is in several currencies.
func (o *outgoing) sum() (total money.Amount, ok bool) {
	parts := make([]money.Amount, 0, len(o.parts.demanded)+len(o.content.Charges))
	for _, it := range o.parts.demanded {
		parts = append(parts, it.open())
	}
	for _, c := range o.content.Charges {
		parts = append(parts, c.Amount)
	}
	for _, a := range parts {
		next, err := total.Add(a)
		if err != nil {
			return total, false
		}
		total = next
	}
	return total, true
}
