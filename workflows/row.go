package workflows

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/voldaan/voldaan/core/dunning"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// Search attributes of invoice workflows: the columns of an operator's list.
// There are four because the SQL visibility store pays for each in every row, and
// none holds anything about a person.
//
// Tenant and invoice never change. Phase and hold are kept true by one upsert of
// both when either changes: five over the longest process, which the first step
// pays for by needing no timer. The next step changes with every step; a column
// for it would cost an event and a rewritten row each time, and a stale one would
// mislead. It is shown, always true and at no cost, where the row is opened: in
// the current details and as the summary of the pending timer. A closed process
// keeps the phase in which it closed.
var (
	AttrTenant  = temporal.NewSearchAttributeKeyKeyword("VoldaanTenant")
	AttrInvoice = temporal.NewSearchAttributeKeyKeyword("VoldaanInvoice")
	AttrPhase   = temporal.NewSearchAttributeKeyKeyword("VoldaanPhase")
	AttrHold    = temporal.NewSearchAttributeKeyKeyword("VoldaanHold")
)

// row is the part of a list row that changes.
type row struct{ phase, hold string }

func rowOf(p dunning.Plan) row { return row{phase: p.Phase, hold: p.Hold} }

func (r row) updates() []temporal.SearchAttributeUpdate {
	hold := AttrHold.ValueUnset()
	if r.hold != "" {
		hold = AttrHold.ValueSet(r.hold)
	}
	return []temporal.SearchAttributeUpdate{AttrPhase.ValueSet(r.phase), hold}
}

// show brings the list row and the workflow's page up to date.
func (p *process) show(ctx workflow.Context) {
	p.describe(ctx)
	if now := rowOf(p.plan); now != p.shown {
		p.shown = now
		// A row that is behind is no reason to stop a process.
		if err := workflow.UpsertTypedSearchAttributes(ctx, now.updates()...); err != nil {
			workflow.GetLogger(ctx).Warn("list row not updated", "error", err)
		}
	}
}

// describe shows the state on the workflow's page; it adds no event.
func (p *process) describe(ctx workflow.Context) {
	var b strings.Builder
	fmt.Fprintf(&b, "**Phase** %s\n\n**Next** %s\n", p.plan.Phase, p.plan.Summary())
	if p.plan.Rule != "" {
		fmt.Fprintf(&b, "\n**By rule** %s\n", p.plan.Rule)
	}
	for i, s := range p.past {
		if i == 0 {
			b.WriteString("\n**So far**\n")
		}
		b.WriteString("- " + s + "\n")
	}
	workflow.SetCurrentDetails(ctx, b.String())
}

// pastShown bounds the list of what happened.
const pastShown = 30

// note adds a taken step to what happened.
func (p *process) note(taken, next dunning.Plan) {
	what := cmp.Or(taken.Title, taken.Step)
	switch {
	case next.Step != taken.Step || next.Closed:
	case next.Hold != "":
		what += ": held, " + next.Hold
	case next.At.After(taken.At):
		what += ": moved to " + next.At.Format(dunning.MomentLayout)
	}
	p.past = append(p.past, taken.At.Format(dunning.MomentLayout)+" "+what)
	p.past = p.past[max(0, len(p.past)-pastShown):]
}
