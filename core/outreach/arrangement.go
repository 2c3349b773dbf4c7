package outreach

import (
	"fmt"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Plan is a payment plan as a message tells of it.
type Plan struct {
	Instalments []PlanInstalment
	Seq         int          // of the instalment that the message is about
	Amount      money.Amount // still to pay of it
	Due         date.Date
	When        string       // before, on or after its day; for InstalmentDue
	Cure        date.Date    // the last day of a warning's term
	Rest        money.Amount // still to pay of the whole plan
	RestDue     bool         // a plan that breaks makes the rest due at once
	Waived      money.Amount // costs that fall away when it is completed
}

// PlanInstalment is one line of a plan.
type PlanInstalment struct {
	Seq    int
	Due    date.Date
	Amount money.Amount
	Paid   bool
}

// Promise is an amount and its day.
type Promise struct {
	Amount money.Amount
	On     date.Date
}

// Decision is what a creditor decided about a dispute or a proposal.
type Decision struct {
	Outcome string       // accepted, partly or rejected
	Amount  money.Amount // that is credited
	Rest    money.Amount // that stands
	Until   date.Date    // the day by which the rest is asked
	Text    string       // the creditor's own words
}

// plan lists the instalments.
func (v *view) plan() []Block {
	p := v.c.Plan
	if p == nil || len(p.Instalments) == 0 {
		return nil
	}
	t := Table{Title: v.w.Label("plan_title"), Columns: []string{v.w.Label("description"), v.w.Label("amount")}}
	for _, i := range p.Instalments {
		row := Row{Label: fmt.Sprintf(v.w.Label("plan_instalment"), i.Seq), Detail: fmt.Sprintf(v.w.Label("plan_due"), v.w.Date(i.Due)), Amounts: v.amounts(i.Amount)}
		if i.Paid {
			row.Detail = v.w.Label("plan_paid")
		}
		t.Rows = append(t.Rows, row)
	}
	return []Block{t}
}

// instalment is how to pay the instalment that the message is about.
func (v *view) instalment() []Block {
	p := v.c.Plan
	if p == nil || !p.Amount.Positive() {
		return nil
	}
	var out []Block
	if v.c.PayURL != "" {
		out = append(out, Button{fmt.Sprintf(v.w.Label("pay_button"), v.w.Amount(p.Amount)), v.c.PayURL})
	}
	for _, b := range v.bank() {
		f, ok := b.(Facts)
		if !ok {
			continue
		}
		f.Rows[0].Value = v.w.Amount(p.Amount)
		out = append(out, f)
	}
	return out
}

// PlanSeq is the instalment that the message is about.
func (v *view) PlanSeq() int { return v.c.Plan.Seq }

// PlanOf is how many instalments there are.
func (v *view) PlanOf() int { return len(v.c.Plan.Instalments) }

// PlanAmount is what is still to pay of the instalment.
func (v *view) PlanAmount() string { return v.w.Amount(v.c.Plan.Amount) }

// PlanDue is the day of the instalment.
func (v *view) PlanDue() string { return v.w.Date(v.c.Plan.Due) }

// PlanWhen is before, on or after.
func (v *view) PlanWhen() string { return v.c.Plan.When }

// PlanCure is the last day of a warning's term.
func (v *view) PlanCure() string { return v.w.Date(v.c.Plan.Cure) }

// PlanRest is what is still to pay of the plan.
func (v *view) PlanRest() string { return v.w.Amount(v.c.Plan.Rest) }

// PlanRestDue reports whether all of the rest is due when the plan breaks.
func (v *view) PlanRestDue() bool { return v.c.Plan.RestDue }

// PlanWaived is what falls away when the plan is completed, or "".
func (v *view) PlanWaived() string {
	if !v.c.Plan.Waived.Positive() {
		return ""
	}
	return v.w.Amount(v.c.Plan.Waived)
}

// Promised is the amount of a promise, or "".
func (v *view) Promised() string {
	if v.c.Promise == nil {
		return ""
	}
	return v.w.Amount(v.c.Promise.Amount)
}

// PromisedOn is its day.
func (v *view) PromisedOn() string { return v.w.Date(v.c.Promise.On) }

// Outcome is what was decided.
func (v *view) Outcome() string { return v.c.Decision.Outcome }

// DecidedAmount is what is credited.
func (v *view) DecidedAmount() string { return v.w.Amount(v.c.Decision.Amount) }

// DecidedRest is what stands.
func (v *view) DecidedRest() string { return v.w.Amount(v.c.Decision.Rest) }

// DecidedUntil is the day by which the rest is asked.
func (v *view) DecidedUntil() string { return v.w.Date(v.c.Decision.Until) }

// Answer is what the creditor wrote, or "".
func (v *view) Answer() string {
	if v.c.Decision == nil {
		return ""
	}
	return v.c.Decision.Text
}
