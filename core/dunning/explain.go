package dunning

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

// Explanation answers of an invoice what comes next, when, by which rule, why it
// is held, by which flow and why that one, and what comes after.
type Explanation struct {
	Flow     policy.Flow // as it is for this debtor
	Assigned flow.Answer
	Segments []string
	Phase    receivable.Phase
	// Behind are the steps that are done, in the order of days.
	Behind []Past
	// Next is what is planned; without a Step nothing is, and Why says so.
	Next policy.Plan
	// Verdict is what the gate says of the next step at its moment, with books
	// that are asked then.
	Verdict policy.Verdict
	// Ahead is the foreseen path if nobody pays, writes or pauses; the next step
	// first.
	Ahead []Ahead
	// MinInterval and Sending are the settings that hold for it.
	Sending policy.Sending
}

// Past is a step that is behind an invoice.
type Past struct {
	Step    policy.StepID
	Title   string
	Outcome string
	On      date.Date
}

// Explain explains an invoice at the tenant's moment. It writes nothing. An
// invoice that is closed, or that nothing is planned for, has no next step.
func (p Planner) Explain(ctx context.Context, tx store.Tx, invoice uuid.UUID) (e Explanation, err error) {
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return e, err
	}
	inv, err := tx.Invoice(ctx, invoice)
	if err != nil {
		return e, fmt.Errorf("load invoice %s: %w", invoice, err)
	}
	ledgers, err := loadLedgers(ctx, tx, []uuid.UUID{inv.DebtorID})
	if err != nil || len(ledgers) == 0 {
		return e, err
	}
	l := ledgers[0]
	it := l.item(invoice)
	if it == nil {
		it = &item{invoice: inv}
		e.Assigned = l.follows(it)
		e.Flow, e.Segments = l.flow(it), l.about(it).Segments
		e.Next = policy.Plan{Rule: "R1", Why: "Nothing is open on this invoice."}
		return e, nil
	}
	return l.explain(it, now), nil
}

// explain is pure: the same ledger and moment give the same answer.
func (l *ledger) explain(it *item, now time.Time) Explanation {
	e := Explanation{Assigned: l.follows(it), Flow: l.flow(it), Segments: l.about(it).Segments}
	m := l.moment(it, policy.Step{}, now)
	e.Sending, e.Phase, e.Behind = m.Sending, policy.Phase(e.Flow, m.State), l.past(it, e.Flow)
	if m.Status != sdk.Open || it.state != nil && closed(it) {
		e.Phase, e.Next = receivable.Closed, policy.Plan{Rule: "R1", Why: "This invoice is settled; nothing follows."}
		return e
	}
	e.Next = policy.Next(e.Flow, m.State)
	e.Ahead = l.rehearse(it, now, mostAhead)
	step, ok := e.Flow.Step(e.Next.Step)
	if !ok || e.Next.At.IsZero() {
		return e
	}
	then := l.moment(it, step, e.Next.At)
	then.Confirmed, then.BankConfirmed, then.HasDocument = e.Next.At, time.Time{}, true
	e.Verdict = policy.Gate(then)
	return e
}

func (l *ledger) past(it *item, f policy.Flow) []Past {
	var out []Past
	for id, d := range it.done {
		p := Past{Step: id, Title: string(id), Outcome: d.Outcome, On: d.On}
		if s, ok := f.Step(id); ok {
			p.Title = s.Title
		} else if s, ok := l.book.Named(id); ok {
			p.Title = s.Title
		}
		out = append(out, p)
	}
	order := func(id policy.StepID) int {
		return slices.IndexFunc(f.Steps, func(s policy.Step) bool { return s.ID == id })
	}
	slices.SortFunc(out, func(a, b Past) int {
		if c := a.On.Compare(b.On); c != 0 {
			return c
		}
		return order(a.Step) - order(b.Step)
	})
	return out
}
