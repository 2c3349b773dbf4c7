package claim

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Scope says whether a waiver can lapse.
type Scope string

// The scopes.
const (
	Final       Scope = "final"
	Conditional Scope = "conditional" // on a plan that is kept to its end (R82), or on payment by a day
)

// Waiver is what a creditor gives up of a case (R104).
type Waiver struct {
	Costs, Interest int64 // minor units of the case's currency
	Scope           Scope
	Plan            string    // what a conditional one depends on
	Until           date.Date // or the day by which the rest is paid
	Reason          string
	By              string
}

// Waive gives up costs or interest. The total falls at once. A fault of kind
// Invalid says that more is waived than is open, or that the reason is missing.
// Its caller holds the row of the debtor and plans the invoices again.
func Waive(ctx context.Context, tx store.Tx, id uuid.UUID, w Waiver, now time.Time) (Outcome, error) {
	f, err := Load(ctx, tx, id)
	if err != nil {
		return Outcome{}, err
	}
	today := date.Of(now.In(f.Zone))
	state, err := f.Today(today)
	if err != nil {
		return Outcome{}, err
	}
	if !w.Until.IsZero() {
		w.Scope, w.Plan = Conditional, untilPlan(w.Until)
	}
	switch {
	case f.Case.State == "closed":
		return Outcome{}, fault.New(fault.Conflict, "case_closed", "This case is closed; nothing is left to waive.")
	case !w.Until.IsZero() && (w.Until.Before(today) || w.Until.After(today.AddDays(366))):
		return Outcome{}, fault.New(fault.Invalid, "waive_until", "Choose a day from today on and within a year, by which the rest is to be paid.")
	case !w.Until.IsZero() && f.dependsOn(w.Plan) > 0:
		return Outcome{}, fault.New(fault.Conflict, "waive_until", "A waiver with this day is there already. Choose another day.")
	case strings.TrimSpace(w.Reason) == "":
		return Outcome{}, fault.New(fault.Invalid, "waive_reason", "Say why it is waived; the reason stays on record.")
	case w.Costs < 0 || w.Interest < 0 || w.Costs+w.Interest == 0:
		return Outcome{}, fault.New(fault.Invalid, "waive_amount", "Give the amount of costs or of interest to waive.")
	case w.Costs > state.Costs || w.Interest > state.Interest:
		return Outcome{}, fault.New(fault.Invalid, "waive_amount", "Only %s of costs and %s of interest are open; waive no more than that.", f.amount(state.Costs), f.amount(state.Interest))
	case w.Scope != Final && w.Scope != Conditional || w.Scope == Conditional && strings.TrimSpace(w.Plan) == "":
		return Outcome{}, fault.New(fault.Invalid, "waive_scope", "A waiver is final, or it names the plan or the day that it depends on.")
	}
	s := &settling{File: f, ctx: ctx, tx: tx, now: now, today: today, out: Outcome{Case: id, Number: f.Case.Number, Administration: f.Case.AdministrationID, Left: f.Policy.CostsLeft}}
	total := f.amount(w.Costs + w.Interest)
	r := relief{On: today, Costs: w.Costs, Interest: w.Interest, Scope: w.Scope, Reason: w.Reason, By: w.By, Plan: w.Plan, Until: w.Until}
	text := fmt.Sprintf("%s waived (%s): %s", total, w.Scope, w.Reason)
	if !w.Until.IsZero() {
		r.ask(state)
		text = fmt.Sprintf("%s waived, if %s is paid by %s: %s", total, f.amount(r.Pay), w.Until, w.Reason)
	}
	if err := s.entry("waiver", -total.Minor, r, false); err != nil {
		return Outcome{}, err
	}
	if err := s.event("waived", w.By, text, map[string]any{"costs": w.Costs, "interest": w.Interest, "scope": w.Scope, "plan": w.Plan, "until": w.Until}); err != nil {
		return Outcome{}, err
	}
	if err := audit(ctx, tx, now, w.By, "case_waive", "case/"+id.String()); err != nil {
		return Outcome{}, err
	}
	s.out.News = true
	err = s.run()
	return s.out, err
}

// Revive brings back what was waived on condition of a plan that was broken (R82),
// or of a day that went by (Condition.Plan). It does nothing when nothing was.
func Revive(ctx context.Context, tx store.Tx, id uuid.UUID, plan string, now time.Time, by string) (Outcome, error) {
	f, err := Load(ctx, tx, id)
	if err != nil {
		return Outcome{}, err
	}
	s := &settling{File: f, ctx: ctx, tx: tx, now: now, today: date.Of(now.In(f.Zone)), out: Outcome{Case: id, Number: f.Case.Number, Administration: f.Case.AdministrationID, Left: f.Policy.CostsLeft}}
	n := f.dependsOn(plan)
	if n == 0 {
		return s.out, nil
	}
	why := "the plan was broken, so the waiver lapsed (R82)"
	if day, ok := strings.CutPrefix(plan, "until/"); ok {
		why = "the rest was not paid by " + day + ", so the waiver lapsed (R104)"
	}
	if err := s.entry("waiver", n, relief{On: s.today, Costs: -n, Scope: Conditional, Plan: plan, Reason: "Owed again: " + why + ".", By: by}, false); err != nil {
		return Outcome{}, err
	}
	if err := s.event("revived", by, f.amount(n).String()+" is owed again: "+why+".", map[string]any{"plan": plan}); err != nil {
		return Outcome{}, err
	}
	s.out.News = true
	err = s.run()
	return s.out, err
}

// Amount is a number of minor units in the currency of a case.
func Amount(f *File, n int64) money.Amount { return f.amount(n) }

func (f *File) amount(n int64) money.Amount { return money.Of(n, f.Case.Currency) }
