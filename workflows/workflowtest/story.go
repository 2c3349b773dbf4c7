// Package workflowtest plays the lives of invoices on a Temporal server, with a
// script in the place of the books, and counts what they cost.
package workflowtest

import (
	"fmt"
	"time"

	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
)

// Story is a path that an invoice takes: the steps in order, and the payment
// that ends it.
type Story struct {
	Name  string
	Steps []policy.Step
}

// Stories returns the three paths that the budget of events is promised for.
func Stories() []Story {
	return []Story{
		{"paid before due", Path("b2b-nl", policy.SendInvoice)},
		{"paid after reminder 2", Path("b2b-nl", policy.Reminder2)},
		{"full path to bailiff", Path("b2b-nl", policy.ReadyForBailiff)},
	}
}

// Path returns the steps of a flow up to and including one, for an invoice that
// is too large for a voice message and too small for a pre-reminder.
func Path(flow string, last policy.StepID) []policy.Step {
	var out []policy.Step
	for _, s := range policy.Flows()[flow].Steps {
		if s.ID != policy.PreReminder && s.ID != policy.VoiceCall {
			out = append(out, s)
		}
		if s.ID == last {
			break
		}
	}
	return out
}

// Plan returns the plan for the i-th step, or what comes after the last. When
// the step is due is for the caller to say.
func (s Story) Plan(i int) dunning.Plan {
	p := dunning.Plan{Version: int64(i + 1), Phase: string(receivable.Draft)}
	if i > 0 {
		p.Phase = string(s.Steps[i-1].Phase)
	}
	step, ok := s.next(i)
	if ok {
		p.Step, p.Title, p.Bookkeeping, p.Rule = string(step.ID), step.Title, step.Bookkeeping(), "flow"
	}
	return p
}

// next is the i-th step, or the one that the flow would take after the last.
func (s Story) next(i int) (policy.Step, bool) {
	if i < len(s.Steps) {
		return s.Steps[i], true
	}
	all := Path("b2b-nl", "")
	if i < len(all) {
		return all[i], true
	}
	return policy.Step{}, false
}

// Paid returns the plan that closes the invoice.
func (s Story) Paid() dunning.Plan {
	return dunning.Plan{Version: int64(len(s.Steps) + 2), Phase: string(receivable.Closed), Closed: true}
}

// Allowance is how many events the story may take. A step is every planned thing
// that the process carried out: eleven events, six when it is bookkeeping. The
// payment that closes the invoice is one as well.
func (s Story) Allowance() int {
	sum := 5 + 11
	for _, step := range s.Steps {
		if step.Bookkeeping() {
			sum += 6
		} else {
			sum += 11
		}
	}
	return sum
}

// At returns p with its moment, on the machine's clock and on a tenant's.
func At(p dunning.Plan, wake time.Time) dunning.Plan {
	p.WakeAt, p.At = wake, wake
	return p
}

func (s Story) String() string { return fmt.Sprintf("%s (%d steps)", s.Name, len(s.Steps)+1) }
