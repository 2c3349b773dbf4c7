package dunning

import (
	"context"
	"fmt"
	"github.com/voldaan/voldaan/core/law"
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
	own      map[*item]policy.Advance // what it does to each demanded invoice
	word     *Word                    // outside the flow; nil for a step

	mail, paper uuid.UUID // ids of the two forms, whether or not both are made
	caseNumber  string
	token       string // of the portal link; only its hash is kept
	content     outreach.Content
	message     outreach.Message
	letter      *letter.PDF
	forms       []form // that providers carry
	ubl         []byte // of the invoice, for Peppol
	left        string // why a channel of the step was left out
	notice      *statutory
	texts       []law.ProtectedText
	claim       *claim
	fee         *newFee              // what the message costs; nil for nothing
	rules       map[uuid.UUID]string // of the fees that are open, by invoice
}

// id is the form that the step is recorded with: the e-mail, whose bounce can
// take it back, else the letter, else the first that a provider carries.
func (o *outgoing) id() uuid.UUID {
	if o.by(policy.Email) {
		return o.mail
	}
	if o.by(policy.Letter) || len(o.forms) == 0 {
		return o.paper
	}
	return o.forms[0].id
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

// byPost reports whether the message reaches the debtor by letter only.
func (o *outgoing) byPost() bool { return policy.ByPost(o.channels) }

// bundle decides which of the debtor's invoices the message is about (R43-R46).
// Only invoices that the sources were asked about are demanded.
func (f *fence) bundle(ctx context.Context, m policy.Moment, v policy.Verdict) (*outgoing, error) {
	items := []policy.Item{f.candidate(f.it, m, v)}
	flows := map[string]policy.Flow{f.flow.ID: f.flow}
	for _, it := range f.led.items {
		if it == f.it || it.state == nil || closed(it) {
			continue
		}
		own := f.led.flow(it)
		flows[own.ID] = own
		step, _ := own.Step(policy.StepID(it.state.NextStep))
		other, err := f.moment(ctx, it, step)
		if err != nil {
			return nil, err
		}
		items = append(items, f.candidate(it, other, policy.Gate(other)))
	}
	b := policy.Bundle(flows, f.it.invoice.ID, items)
	step, ok := leading(flows, items, b)
	if !ok {
		return nil, fmt.Errorf("the gate let invoice %s pass and no message came of it", f.it.invoice.ID)
	}
	o := &outgoing{step: step, channels: b.Channels, parts: parts{notDemanded: map[*item]string{}}, own: map[*item]policy.Advance{}}
	for _, a := range b.Advance {
		it := f.led.item(a.ID)
		o.parts.demanded, o.own[it] = append(o.parts.demanded, it), a
	}
	for _, id := range b.NotDue {
		o.parts.notDue = append(o.parts.notDue, f.led.item(id))
	}
	for _, n := range b.NotDemanded {
		o.parts.notDemanded[f.led.item(n.ID)] = n.Reason
	}
	return o, nil
}

// leading returns the step that the message is: the invoices may follow flows of
// their own.
func leading(flows map[string]policy.Flow, items []policy.Item, b policy.Message) (policy.Step, bool) {
	for _, a := range b.Advance {
		for _, it := range items {
			if step, ok := flows[it.Flow].Step(b.Step); ok && it.ID == a.ID && a.Step == b.Step {
				return step, true
			}
		}
	}
	return policy.Step{}, false
}

// candidate puts an invoice before the policy. What the sources were not asked
// about, or what states costs in another currency, goes in a message of its own.
func (f *fence) candidate(it *item, m policy.Moment, v policy.Verdict) policy.Item {
	c := policy.Item{ID: it.invoice.ID, Flow: f.led.flow(it).ID, Moment: m, Verdict: v, NextStep: m.Step.ID}
	if it.state.NextAt != nil {
		c.NextAt = *it.state.NextAt
	}
	if it.claim != nil {
		c.Case = it.claim.ID
	}
	switch {
	case it == f.it || v.Outcome != policy.Pass:
	case !f.asked(it):
		c.Verdict = policy.Verdict{Outcome: policy.Wait, Rule: "R1", Why: "The books were not asked about it at this moment; it goes in a message of its own."}
	case (charges(m.Step) || charges(f.step)) && it.invoice.Currency != f.it.invoice.Currency:
		c.Verdict = policy.Verdict{Outcome: policy.Wait, Rule: "R48", Why: "It is in another currency; it goes in a message of its own."}
	}
	return c
}

// charges reports whether a step states costs and interest.
func charges(s policy.Step) bool { return s.Phase.Beyond(receivable.Reminding) }

// sum is what the message asks, costs and interest included. It is false when
// that is in several currencies.
func (o *outgoing) sum() (total money.Amount, ok bool) {
	parts := make([]money.Amount, 0, len(o.parts.demanded)+len(o.content.Charges))
	for _, it := range o.parts.demanded {
		parts = append(parts, it.ask())
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
