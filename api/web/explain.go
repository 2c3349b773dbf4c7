package web

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/invoice"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk/date"
)

// explains loads which flow an invoice follows, why, and what lies ahead.
func (v *visit) explains(ctx context.Context, tx store.Tx, f *file) error {
	e, err := v.Planner.Explain(ctx, tx, f.invoice.ID)
	if err != nil {
		return err
	}
	all, err := publishedFlows(ctx, tx)
	if err != nil {
		return err
	}
	f.why, f.follows = whyCard(f.frame, e, all), e.Flow
	switch {
	case f.needsRate && f.rate.IsZero():
		f.why.Rate = "None is known; costs and interest wait for one"
	case f.needsRate:
		f.why.Rate = f.rate.String()
	}
	if f.needsRate {
		f.why.RateHref = "/settings/rates?invoice=" + f.invoice.ID.String()
	}
	if f.state != nil && f.state.NextAt != nil {
		f.why.LeaveOut = plannedDay(f, e.Next) == f.frame.Today()
	}
	return nil
}

// stepTitle is the name of a step in the flow that the invoice follows.
func (f *file) stepTitle(step string) string {
	if s, ok := f.follows.Step(policy.StepID(step)); ok {
		return s.Title
	}
	return f.names.title(f.flow(), step)
}

func plannedDay(f *file, p policy.Plan) date.Date {
	if p.At.IsZero() {
		return date.Date{}
	}
	return date.Of(p.At.In(f.now.Location()))
}

func whyCard(frame component.Frame, e dunning.Explanation, all []policy.Flow) *invoice.Why {
	w := &invoice.Why{
		FlowID: e.Flow.ID, Flow: fmt.Sprintf("%s, version %d", e.Flow.Title, e.Flow.Version), Because: e.Assigned.Why, Segments: strings.Join(e.Segments, ", "),
		Scopes: choicesOf("", string(flow.OfInvoice), "This invoice only", string(flow.OfDebtor), "All invoices of this debtor"),
		Flows:  flowOptions(all, "", "No choice here: what is more general decides", nil),
	}
	if e.Sending.MinInterval > 0 {
		w.Settings = fmt.Sprintf("At least %d days between two reminders", e.Sending.MinInterval)
	}
	if len(e.Sending.Weekdays) > 0 {
		var days []string
		for _, d := range e.Sending.Weekdays {
			days = append(days, d.String())
		}
		w.Settings += "; messages leave on " + strings.Join(days, ", ")
	}
	w.Settings = cmp.Or(w.Settings, "The usual ones")
	for _, a := range e.Ahead {
		p := invoice.PathStep{Step: a.Step.Title + channelWords(a.Step.Channels), Why: a.Why, Rule: ruleName(a.Rule), RuleText: ruleText(a.Rule), Day: "with another"}
		if !a.At.IsZero() {
			p.Day = frame.Date(date.Of(a.At.In(frame.Now.Location())))
		}
		w.Path = append(w.Path, p)
	}
	return w
}
