package interpret

import (
	"fmt"

	"github.com/voldaan/voldaan/sdk/recipe"
)

// steps makes requests one after the other; their answers are known as $steps.
func (r *run) steps(list recipe.Named[recipe.Step], sc *recipe.Scope, in any) error {
	known, _ := sc[recipe.VarSteps].(map[string]any)
	if known == nil {
		known = map[string]any{}
		sc[recipe.VarSteps] = known
	}
	for i := range list {
		step := &list[i].Value
		if step.When != nil {
			yes, err := r.holds(step.When, sc, in)
			if err != nil {
				return err
			}
			if !yes {
				known[list[i].Name] = nil
				continue
			}
		}
		a, err := r.do(&step.Call, sc, in)
		if err != nil {
			return fmt.Errorf("step %s: %w", list[i].Name, err)
		}
		known[list[i].Name] = a.value
	}
	return nil
}
