package dunning

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// Plan is what the workflow of an invoice carries: which step comes, and when to
// wake for it. It holds no name, address or text of a person.
type Plan struct {
	Version int64  `json:"v"`
	Step    string `json:"step,omitempty"`
	Title   string `json:"title,omitempty"`
	// At is the step's moment in the tenant's time, WakeAt the same on the
	// machine's clock; zero when the invoice waits for something to happen.
	At     time.Time `json:"at,omitzero"`
	WakeAt time.Time `json:"wake,omitzero"`
	// Bookkeeping steps reach nobody outside.
	Bookkeeping bool   `json:"book,omitempty"`
	Phase       string `json:"phase"`
	Rule        string `json:"rule,omitempty"`
	// Hold says why the step waits, in the words of its rule; what a person noted
	// stays in the store.
	Hold   string `json:"hold,omitempty"`
	Closed bool   `json:"closed,omitempty"`
}

// MomentLayout is how moments look in lists of workflows.
const MomentLayout = "Mon 2 Jan 2006 15:04"

// Summary says in words what the plan is, for lists of workflows and timers.
func (p Plan) Summary() string {
	switch {
	case p.Closed:
		return "Closed"
	case p.Hold != "" && p.WakeAt.IsZero():
		return fmt.Sprintf("Held before %s: %s", p.Title, p.Hold)
	case p.Hold != "":
		return fmt.Sprintf("Held before %s until %s: %s", p.Title, p.At.Format(MomentLayout), p.Hold)
	case p.Step == "":
		return "Nothing planned; waits for news of the invoice"
	}
	return fmt.Sprintf("%s on %s", p.Title, p.At.Format(MomentLayout))
}

func planOf(ctx context.Context, tx store.Tx, r db.Collection) (Plan, error) {
	p := Plan{
		Version: r.PlanVersion, Step: r.NextStep, Phase: r.Phase, Rule: r.NextRule, Hold: holdWords(r.HeldRule),
		Closed: r.Phase == string(receivable.Closed),
	}
	if p.Hold != "" {
		p.Rule = r.HeldRule
	}
	if r.NextAt != nil && r.WakeAt != nil {
		p.At, p.WakeAt = *r.NextAt, *r.WakeAt
	}
	step, ok, err := stepOf(ctx, tx, r)
	if ok {
		p.Title, p.Bookkeeping = step.Title, step.Bookkeeping()
	}
	return p, err
}

// PlanOf returns the plan of an invoice as it stands.
func PlanOf(ctx context.Context, tx store.Tx, invoice uuid.UUID) (Plan, error) {
	row, err := tx.Collection(ctx, invoice)
	if err != nil {
		return Plan{}, fmt.Errorf("load the plan of invoice %s: %w", invoice, err)
	}
	return planOf(ctx, tx, row)
}
