package rehearsal

import (
	"cmp"
	"context"
	"encoding/binary"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
	"golang.org/x/sync/errgroup"
)

// Run runs the flows over the invoices. progress is told how many invoices are
// done, now and then and from several goroutines; it may be nil. The only error
// is that of a context that ends.
func Run(ctx context.Context, in Input, progress func(done, total int)) (Result, error) {
	byDebtor := make([][]int, len(in.Debtors))
	for i, inv := range in.Invoices {
		byDebtor[inv.Debtor] = append(byDebtor[inv.Debtor], i)
	}
	made := make([][]Message, len(in.Debtors))
	var next, done atomic.Int64
	var g errgroup.Group
	for range max(1, runtime.GOMAXPROCS(0)) {
		g.Go(func() error {
			for {
				d := int(next.Add(1)) - 1
				if d >= len(in.Debtors) {
					return nil
				}
				if err := ctx.Err(); err != nil {
					return err
				}
				made[d] = newPlay(&in, d, byDebtor[d]).run()
				if n := int(done.Add(int64(len(byDebtor[d])))); progress != nil && (d%64 == 0 || n == len(in.Invoices)) {
					progress(n, len(in.Invoices))
				}
			}
		})
	}
	if err := g.Wait(); err != nil {
		return Result{}, err
	}
	r := Result{Messages: slices.Concat(made...)}
	slices.SortStableFunc(r.Messages, func(a, b Message) int { return cmp.Or(a.At.Compare(b.At), a.Debtor-b.Debtor) })
	r.Summary = summarise(&in, r.Messages)
	return r, nil
}

// play is the run of one debtor's invoices.
type play struct {
	in    *Input
	d     *Debtor
	at    int
	lines []*line
	flows map[string]policy.Flow
	last  date.Date // of the last reminder
	out   []Message
}

// line is one invoice of the play.
type line struct {
	place int
	inv   *Invoice
	flow  policy.Flow
	state policy.State
	plan  policy.Plan
	fresh bool // the plan is of the present state
	over  bool // nothing follows
	paid  int  // payments that are in
	claim uuid.UUID
}

func newPlay(in *Input, d int, invoices []int) *play {
	p := &play{in: in, d: &in.Debtors[d], at: d, flows: map[string]policy.Flow{}}
	for _, i := range invoices {
		inv := &in.Invoices[i]
		f := in.Follow(p.d, inv).Adapt(p.d.Reach)
		p.flows[f.ID] = f
		set := f.Sending.Over(in.Sending)
		interval := set.MinInterval
		if interval == 0 {
			interval = policy.DefaultMinInterval
		}
		p.lines = append(p.lines, &line{place: i, inv: inv, flow: f, state: policy.State{
			Zone: in.Zone, Days: p.d.Days, Seed: binary.BigEndian.Uint32(p.d.ID[12:]), Kind: sdk.SalesInvoice, Issued: inv.Issued, Due: inv.Due,
			Claim:  receivable.Claim{Total: inv.Total, Books: inv.Total},
			GoLive: in.From, Entry: policy.Reminder1, SourceSent: inv.SourceSent, Done: map[policy.StepID]policy.Done{},
			MinInterval: interval, Sending: set, Debtor: p.d.About, Approved: approvals(f),
		}})
	}
	return p
}

// approvals takes it that a person allows every step.
func approvals(f policy.Flow) map[policy.StepID]bool {
	m := make(map[policy.StepID]bool, len(f.Steps))
	for _, s := range f.Steps {
		m[s.ID] = true
	}
	return m
}

// mostEvents bounds a play in case two rules send a step to and fro.
const mostEvents = 4000

func (p *play) run() []Message {
	for range mostEvents {
		pay, day := p.nextPayment()
		l, at := p.nextStep()
		switch {
		case pay != nil && (l == nil || !day.In(p.in.Zone).After(at)):
			p.pay(pay, day)
		case l == nil || dayOf(at, p.in.Zone).After(p.in.Through):
			return p.out
		default:
			p.take(l, at)
		}
	}
	return p.out
}

// nextPayment is the payment that comes first; it is known at the start of its
// day.
func (p *play) nextPayment() (found *line, day date.Date) {
	for _, l := range p.lines {
		if l.paid < len(l.inv.Payments) {
			if on := l.inv.Payments[l.paid].On; found == nil || on.Before(day) {
				found, day = l, on
			}
		}
	}
	return found, day
}

func (p *play) pay(l *line, day date.Date) {
	minor := l.inv.Payments[l.paid].Minor
	l.paid++
	l.state.Claim.Books.Minor -= minor
	l.fresh = false
	if l.state.Claim.Books.Minor <= 0 {
		l.over = true
	} else if len(l.state.Done) > 0 {
		l.state.NotBefore, l.state.NotBeforeRule = day.AddDays(l.state.MinInterval), "R34"
	}
	if now := day.In(p.in.Zone); now.After(l.state.Now) {
		l.state.Now = now
	}
}

// nextStep is the step that comes first.
func (p *play) nextStep() (found *line, at time.Time) {
	for _, l := range p.lines {
		if l.over {
			continue
		}
		if !l.fresh {
			p.replan(l)
		}
		if l.plan.Step == "" || l.plan.At.IsZero() {
			continue
		}
		if found == nil || l.plan.At.Before(at) {
			found, at = l, l.plan.At
		}
	}
	return found, at
}

func (p *play) replan(l *line) {
	if start := date.Later(p.in.From, l.inv.Issued).In(p.in.Zone); l.state.Now.Before(start) {
		l.state.Now = start
	}
	l.state.LastReminder = p.last
	l.plan = policy.Next(l.flow, l.state)
	l.fresh = true
}

// take puts the step of an invoice before the gate at its moment.
func (p *play) take(l *line, at time.Time) {
	for _, other := range p.lines {
		if other.state.Now.Before(at) {
			other.state.Now = at
		}
	}
	step, _ := l.flow.Step(l.plan.Step)
	m := p.moment(l, step, at)
	v := policy.Gate(m)
	switch v.Outcome {
	case policy.Pass:
		if step.Bookkeeping() {
			p.task(l, step, at)
			return
		}
		p.send(l, m, v, at)
	case policy.Wait, policy.Move:
		if v.Until.IsZero() || !v.Until.After(at) {
			l.over = true // it waits for a person
			return
		}
		l.plan.At = v.Until
	case policy.Drop:
		l.skip(l.plan.Skipped, dayOf(at, p.in.Zone))
		l.state.Done[step.ID] = policy.Done{Outcome: policy.DoneSkipped, On: dayOf(at, p.in.Zone)}
		l.fresh = false
	default:
		l.over = true
	}
}

func (p *play) moment(l *line, step policy.Step, at time.Time) policy.Moment {
	s := l.state
	s.Now, s.LastReminder = at, p.last
	return policy.Moment{
		State: s, Planned: at, Step: step, Status: sdk.Open, Confirmed: at, Freshness: policy.DefaultFreshness, HasDocument: true,
		Tolerance: money.Of(p.in.Tolerance, l.inv.Total.Currency), Address: p.d.Reach,
	}
}

func (l *line) skip(skips []policy.Skip, on date.Date) {
	for _, s := range skips {
		if _, done := l.state.Done[s.Step]; !done {
			l.state.Done[s.Step] = policy.Done{Outcome: policy.DoneSkipped, On: on}
		}
	}
}

func (p *play) task(l *line, step policy.Step, at time.Time) {
	on := dayOf(at, p.in.Zone)
	l.skip(l.plan.Skipped, on)
	l.state.Done[step.ID] = policy.Done{Outcome: policy.DoneTask, On: on}
	l.fresh = false
	p.out = append(p.out, Message{At: at, Debtor: p.at, Step: step.ID, Title: step.Title, Flow: l.flow.ID, Channels: step.Channels, Task: true, Invoices: []int{l.place}})
}

// send makes the message of a step with all invoices that go along.
func (p *play) send(lead *line, m policy.Moment, v policy.Verdict, at time.Time) {
	on := dayOf(at, p.in.Zone)
	byID := map[uuid.UUID]*line{lead.inv.ID: lead}
	items := []policy.Item{p.item(lead, m, v)}
	for _, l := range p.lines {
		if l == lead || l.over || l.inv.Issued.After(on) {
			continue
		}
		if !l.fresh {
			p.replan(l)
		}
		step, _ := l.flow.Step(l.plan.Step)
		other := p.moment(l, step, at)
		other.Planned = time.Time{}
		items = append(items, p.item(l, other, policy.Gate(other)))
		byID[l.inv.ID] = l
	}
	b := policy.Bundle(p.flows, lead.inv.ID, items)
	if b.Empty() {
		lead.over = true
		return
	}
	msg := Message{At: at, Debtor: p.at, Step: b.Step, Channels: b.Channels, Cost: p.in.Prices.sum(b.Channels)}
	claim := uuid.NewSHA1(lead.inv.ID, []byte(on.String()))
	for _, a := range b.Advance {
		l := byID[a.ID]
		step, _ := l.flow.Step(a.Step)
		if a.Step == b.Step {
			msg.Title, msg.Flow, msg.Demand, msg.Statutory = step.Title, l.flow.ID, step.Demand, step.Statutory
		}
		msg.Invoices = append(msg.Invoices, l.place)
		l.take(p, a, step, policy.ByPost(b.Channels), on, claim)
	}
	if msg.Demand {
		msg.Asks = b.Totals
		p.last = on
		for _, l := range p.lines {
			l.fresh = false // the interval counts for all of them
		}
	}
	p.out = append(p.out, msg)
}

func (p *play) item(l *line, m policy.Moment, v policy.Verdict) policy.Item {
	return policy.Item{ID: l.inv.ID, Flow: l.flow.ID, Moment: m, Verdict: v, NextStep: l.plan.Step, NextAt: l.plan.At, Case: l.claim}
}

// take puts a step behind an invoice of a message.
func (l *line) take(p *play, a policy.Advance, step policy.Step, byPost bool, on date.Date, claim uuid.UUID) {
	if !l.fresh {
		p.replan(l)
	}
	l.skip(l.plan.Skipped, on)
	l.skip(a.Skipped, on)
	l.state.Done[a.Step] = policy.Done{Outcome: a.Outcome, On: on, ByPost: byPost}
	l.fresh = false
	switch {
	case step.ID == policy.OpenCase:
		l.state.CaseOpened, l.claim = on, claim
	case step.Statutory:
		l.state.CostsFrom = p.in.CostsFrom(on)
	}
}

func dayOf(t time.Time, zone *time.Location) date.Date { return date.Of(t.In(zone)) }
