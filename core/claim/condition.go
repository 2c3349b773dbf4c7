package claim

import (
	"encoding/json"
	"fmt"

	"github.com/voldaan/voldaan/sdk/date"
)

// Condition is a waiver that holds only when the debtor pays by a day (R104).
type Condition struct {
	Until  date.Date
	Amount int64 // that is waived as long as it holds
	Pay    int64 // asked by then
	Kept   bool  // it was paid by then
}

// Plan is what the waiver depends on, for Revive.
func (c Condition) Plan() string { return untilPlan(c.Until) }

// untilPlan is what a waiver with a day depends on, in place of a plan.
func untilPlan(on date.Date) string { return "until/" + on.String() }

// Conditions are the waivers with a day that did not lapse, as far as is known on a
// day. Payments count by their value date.
func (f *File) Conditions(today date.Date) (out []Condition, err error) {
	for _, e := range f.Entries {
		var r relief
		if e.Kind != "waiver" || e.AmountMinor >= 0 || json.Unmarshal(e.Calculation, &r) != nil || r.Until.IsZero() {
			continue
		}
		left := f.dependsOn(r.Plan)
		if left == 0 {
			continue
		}
		end := r.Until
		if today.Before(end) {
			end = today
		}
		state, err := f.Today(end)
		if err != nil {
			return nil, fmt.Errorf("what was paid by %s: %w", end, err)
		}
		paid := -r.Paid
		for _, t := range state.Taken {
			paid += t.Amount
		}
		out = append(out, Condition{Until: r.Until, Amount: left, Pay: r.Pay, Kept: paid >= r.Pay || state.Total() <= f.Case.ToleranceMinor})
	}
	return out, nil
}

// ask notes what a waiver with a day asks for: all that is open after it.
func (r *relief) ask(s State) {
	r.Pay = s.Total() - r.Costs - r.Interest
	for _, t := range s.Taken {
		r.Paid += t.Amount
	}
}
