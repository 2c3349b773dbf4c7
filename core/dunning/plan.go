package dunning

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/policy"
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
	Held        bool   `json:"held,omitempty"`
	Closed      bool   `json:"closed,omitempty"`
}

// Summary says in words what the plan is, for lists of workflows and timers.
func (p Plan) Summary() string {
	switch {
	case p.Closed:
		return "Closed"
	case p.Held && p.WakeAt.IsZero():
		return fmt.Sprintf("Held by %s, before %s", p.Rule, p.Title)
	case p.Held:
		return fmt.Sprintf("Held by %s until %s, before %s", p.Rule, p.At.Format("2 Jan 15:04"), p.Title)
	case p.Step == "":
		return "Nothing planned; waits for news of the invoice"
	}
	return fmt.Sprintf("%s on %s", p.Title, p.At.Format("Mon 2 Jan 2006 15:04"))
}

func planOf(r db.Collection) Plan {
	p := Plan{
		Version: r.PlanVersion, Step: r.NextStep, Phase: r.Phase, Rule: r.NextRule, Held: r.HeldRule != "",
		Closed: r.Phase == string(receivable.Closed),
	}
	if p.Held {
		p.Rule = r.HeldRule
	}
	if r.NextAt != nil && r.WakeAt != nil {
		p.At, p.WakeAt = *r.NextAt, *r.WakeAt
	}
	if step, ok := policy.Flows()[r.Flow].Step(policy.StepID(r.NextStep)); ok {
		p.Title, p.Bookkeeping = step.Title, step.Bookkeeping()
	}
	return p
}

// CurrentPlan returns the plan of an invoice as it stands.
func CurrentPlan(ctx context.Context, s *store.Store, tenant, invoice uuid.UUID) (p Plan, err error) {
	err = s.In(ctx, tenant, func(tx store.Tx) error {
		row, err := tx.Collection(ctx, invoice)
		if err != nil {
			return fmt.Errorf("load the plan of invoice %s: %w", invoice, err)
		}
		p = planOf(row)
		return nil
	})
	return p, err
}
