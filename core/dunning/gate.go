package dunning

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store/db"
)

var errAnsweredLongAgo = errors.New("the sources answered too long ago, since another message to this debtor was on its way; they are asked again")

// take gates the step of the invoice that asks and does it. A hand-over ends
// with caller; what it began is completed with ctx. It returns ErrLater when
// nothing was sent and the step should be tried again.
func (f *fence) take(ctx, caller context.Context) error {
	if f.it == nil || f.it.state == nil || !f.due(*f.it.state) {
		return nil // somebody else took it, or the plan changed, while we waited
	}
	if at := *f.it.state.NextAt; at.After(f.now) {
		f.at(at) // a timer fired a moment early
	}
	if f.Real.Now().Sub(f.asker.asked) > patience {
		return &ErrLater{Why: errAnsweredLongAgo}
	}
	step, ok := f.flow.Step(policy.StepID(f.it.state.NextStep))
	if !ok || step.ID != f.asker.step.ID {
		return f.replanAll(ctx) // the flow is another one: the debtor turned out to be a consumer, or a business
	}
	f.step = step
	if next := policy.Next(f.flow, f.led.moment(f.it, step, f.now).State); next.Step != step.ID {
		// Time went by since it was planned: another step is the one to take.
		if err := f.pass(ctx, f.it, next.Skipped); err != nil {
			return err
		}
		return f.replanAll(ctx)
	}
	if f.edited() {
		return f.replanAll(ctx)
	}
	m, err := f.moment(ctx, f.it, step)
	if err != nil {
		return err
	}
	v := policy.Gate(m)
	switch {
	case v.Outcome != policy.Pass:
		return f.object(ctx, v)
	case step.Bookkeeping():
		return f.bookkeep(ctx)
	}
	if v, objects := f.senderObjects(); objects {
		return f.object(ctx, v)
	}
	if v, back := f.measures(m); back {
		return f.holdBack(ctx, m, v)
	}
	return f.send(ctx, caller, m, v)
}

// edited reports whether the flow changed since the step was planned, to one that
// takes it later (R118).
func (f *fence) edited() bool {
	row := f.it.state
	if row.Flow == f.flow.ID && int(row.FlowVersion) == f.flow.Version {
		return false
	}
	return policy.Next(f.flow, f.led.moment(f.it, f.step, f.now).State).At.After(f.now)
}

// punctual is how late, on the machine's clock, a step still counts as taken at
// its planned moment.
const punctual = 2 * time.Minute

// moment is the ledger's, with whether the PDF is at hand.
func (f *fence) moment(ctx context.Context, it *item, step policy.Step) (policy.Moment, error) {
	m := f.led.moment(it, step, f.now)
	if s := it.state; s.NextAt != nil && s.WakeAt != nil && f.Real.Now().Sub(*s.WakeAt) < punctual {
		m.Planned = *s.NextAt
	}
	if step.ID == policy.SendInvoice {
		_, err := f.tx.DocumentOf(ctx, db.DocumentOfParams{SubjectID: it.invoice.ID, Kind: "invoice"})
		if m.HasDocument = err == nil; err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return m, fmt.Errorf("look for the invoice's PDF: %w", err)
		}
		if m.Address[policy.Peppol] && !f.trial {
			file, err := f.electronic(ctx, it)
			if err != nil {
				return m, err
			}
			if m.Address[policy.Peppol] = file != nil; file == nil {
				if err := f.askForFile(ctx, it); err != nil {
					return m, err
				}
			}
		}
	}
	return m, nil
}

var verdictWords = map[policy.Outcome]string{policy.Wait: "held", policy.Move: "moved", policy.Drop: "dropped"}

// object records why the gate said no.
func (f *fence) object(ctx context.Context, v policy.Verdict) error {
	if v.Outcome == policy.Behind || v.Outcome == policy.Close {
		return f.replanAll(ctx) // which notes why it is over
	}
	if v.Task != "" {
		if err := addVerdictTask(ctx, f.tx, f.led, f.it, v, f.now); err != nil {
			return err
		}
	}
	if err := decide(ctx, f.tx, f.it, decision{
		step: string(f.step.ID), outcome: verdictWords[v.Outcome], rule: v.Rule, why: v.Why, at: f.now, facts: f.facts(f.it),
	}); err != nil {
		return err
	}
	row := *f.it.state
	switch v.Outcome {
	case policy.Wait:
		if v.Until.IsZero() && v.Rule == "R19" {
			v.Until = f.now.AddDate(0, 0, 1) // no event tells that a document came into being
		}
		row.HeldRule, row.HeldWhy, row.NextAt = v.Rule, v.Why, nil
		if !v.Until.IsZero() {
			row.NextAt = &v.Until
		}
	case policy.Move:
		row.NextAt, row.NextRule, row.NextWhy, row.HeldRule, row.HeldWhy = &v.Until, v.Rule, v.Why, "", ""
	case policy.Drop:
		if v.Rule != "R17" {
			if err := f.done(ctx, f.it, f.step.ID, "skipped", uuid.Nil); err != nil {
				return err
			}
		}
		return f.replanAll(ctx)
	}
	wake(&row, f.scale)
	return f.put(ctx, row)
}

// skipped notes the steps that the plan passed over on the way to this one (R8).
func (f *fence) skipped(ctx context.Context, it *item) error {
	return f.pass(ctx, it, policy.Next(f.led.flow(it), f.led.moment(it, f.step, f.now).State).Skipped)
}

// pass puts steps behind an invoice without taking them.
func (f *fence) pass(ctx context.Context, it *item, skips []policy.Skip) error {
	for _, skip := range skips {
		if _, done := it.done[skip.Step]; done {
			continue
		}
		if err := f.done(ctx, it, skip.Step, "skipped", uuid.Nil); err != nil {
			return err
		}
		if err := decide(ctx, f.tx, it, decision{step: string(skip.Step), outcome: "skipped", rule: skip.Rule, why: skip.Why, at: f.now}); err != nil {
			return err
		}
	}
	return nil
}

// bookkeep does a step that is a task for a person.
func (f *fence) bookkeep(ctx context.Context) error {
	if err := f.skipped(ctx, f.it); err != nil {
		return err
	}
	if err := addTask(ctx, f.tx, f.led, string(f.step.ID), f.it.invoice.ID, f.step.Title+": invoice "+f.it.invoice.Number, "", f.now); err != nil {
		return err
	}
	if f.step.ID == policy.ReadyForBailiff && f.it.claim != nil {
		if err := f.tx.SetCaseState(ctx, db.SetCaseStateParams{ID: f.it.claim.ID, State: "ready"}); err != nil {
			return fmt.Errorf("mark the case as ready: %w", err)
		}
	}
	if err := f.done(ctx, f.it, f.step.ID, "done", uuid.Nil); err != nil {
		return err
	}
	if err := decide(ctx, f.tx, f.it, decision{step: string(f.step.ID), outcome: "done", rule: "flow", why: f.step.Title + " was put on the task list.", at: f.now}); err != nil {
		return err
	}
	return f.replanAll(ctx)
}
