package policy

import "github.com/voldaan/voldaan/core/receivable"

// Firmer returns the step whose words are one tone higher than those of a step:
// the next reminder of the flow (R69). A final notice and what follows it speak
// as firmly as the law lets them, so that no step borrows their words, and they
// keep their own.
func Firmer(f Flow, step Step) Step {
	i := f.index(step.ID)
	if i < 0 || !step.Demand || step.Statutory {
		return step
	}
	for _, later := range f.Steps[i+1:] {
		if later.Statutory || later.Phase.Beyond(receivable.Reminding) {
			break
		}
		if later.Demand {
			return later
		}
	}
	return step
}
