package policy

import (
	"fmt"
	"slices"
)

// NeedsApproval is the rule of a step that waits for a person to allow it, and
// the kind of the task that asks for it.
const NeedsApproval = "approval"

// CaseApprovalDays is for how long after go-live the start of a case waits for a
// person, where the administration chose nothing else.
const CaseApprovalDays = 30

// unapproved keeps a step back that a person has yet to allow: one that says so,
// and the start of a case in the first time after go-live.
func unapproved(m Moment) (Verdict, bool) {
	if m.Approved[m.Step.ID] {
		return Verdict{}, false
	}
	v := Verdict{Outcome: Wait, Rule: NeedsApproval, Task: NeedsApproval}
	switch {
	case m.Step.Approval:
		v.Why = fmt.Sprintf("%s waits for a person to approve it, as the flow says.", m.Step.Title)
	case m.Step.ID == OpenCase && !m.ApproveCases.IsZero() && !m.today().After(m.ApproveCases):
		v.Why = fmt.Sprintf("Until %s a person approves the start of every case.", m.ApproveCases)
	default:
		return Verdict{}, false
	}
	return v, true
}

// byPhone reports whether a step reaches a debtor by telephone only.
func (s Step) byPhone() bool {
	return len(s.Channels) > 0 && !slices.ContainsFunc(s.Channels, func(c Channel) bool { return c != SMS && c != Voice })
}
