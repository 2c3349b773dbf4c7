package web

import (
	"context"
	"fmt"

	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
)

// stepNames are what the tenant calls the steps of its own flows.
type stepNames struct {
	ofFlow map[[2]string]string // by flow and step
	any    map[string]string    // by step, where the flow is not known
}

func namesOf(ctx context.Context, tx store.Tx) (stepNames, error) {
	rows, err := tx.StepTitles(ctx)
	if err != nil {
		return stepNames{}, fmt.Errorf("list the names of steps: %w", err)
	}
	n := stepNames{map[[2]string]string{}, map[string]string{}}
	for _, r := range rows {
		n.ofFlow[[2]string{r.Flow, r.Step}] = r.Title
		n.any[r.Step] = r.Title
	}
	return n, nil
}

// title is a step's name: in its flow, else the one that ships, else that of any
// flow of the tenant, else what kind of message it was.
func (n stepNames) title(flow, step string) string {
	if t, ok := n.ofFlow[[2]string{flow, step}]; ok {
		return t
	}
	for _, f := range policy.Flows() {
		if _, ok := f.Step(policy.StepID(step)); ok {
			return stepTitle(flow, step)
		}
	}
	if t, ok := n.any[step]; ok {
		return t
	}
	return stepTitle(flow, step)
}
