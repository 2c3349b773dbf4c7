package arrangement

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Progress is a plan with what was paid on it.
type Progress struct {
	Plan        db.PaymentPlanRow
	Invoices    []db.PlanInvoicesRow
	Instalments []Instalment
	Paid        []int64 // by instalment
	Told        []Told
	Received    int64 // since it was accepted
}

// Left is what is still to pay of an instalment, from 1.
func (p Progress) Left(seq int) money.Amount {
	return money.Of(p.Instalments[seq-1].Total()-p.Paid[seq-1], p.Plan.Currency)
}

// Rest is what is still to pay of the plan.
func (p Progress) Rest() money.Amount {
	sum := money.Of(0, p.Plan.Currency)
	for _, in := range p.Instalments {
		sum.Minor += p.Left(in.Seq).Minor
	}
	return sum
}

// NextDue is the first instalment that is not paid, but for a trifle; 0 when all
// are.
func (p Progress) NextDue(tolerance int64) int {
	for _, in := range p.Instalments {
		if p.Left(in.Seq).Minor > min(tolerance, in.Total()-1) {
			return in.Seq
		}
	}
	return 0
}

// ProgressOf reads a plan with the money that counts for it: what was paid on
// its invoices and on the costs and interest of its case since it was proposed.
// Where books show no payments, a fall of what is open counts on the day it is
// seen.
func ProgressOf(ctx context.Context, tx store.Tx, plan uuid.UUID, today date.Date) (p Progress, err error) {
	if p.Plan, err = tx.PaymentPlan(ctx, plan); err != nil {
		return p, fmt.Errorf("load plan %s: %w", plan, err)
	}
	if p.Invoices, err = tx.PlanInvoices(ctx, plan); err != nil {
		return p, fmt.Errorf("load the invoices of plan %s: %w", plan, err)
	}
	rows, err := tx.PlanInstalments(ctx, plan)
	if err != nil {
		return p, fmt.Errorf("load the instalments of plan %s: %w", plan, err)
	}
	for _, r := range rows {
		p.Instalments = append(p.Instalments, Instalment{Seq: int(r.Seq), Due: r.Due, Split: Split{Principal: r.PrincipalMinor, Costs: r.CostsMinor, Interest: r.InterestMinor}})
		p.Told = append(p.Told, Told{Before: r.ToldBefore != nil, On: r.ToldOn != nil, After: r.ToldAfter != nil})
	}
	received, err := p.received(ctx, tx, today)
	if err != nil {
		return p, err
	}
	for _, m := range received {
		p.Received += m.Minor
	}
	p.Paid, _ = Apply(p.Instalments, received, Reduce(p.Plan.Reduce))
	return p, nil
}

func (p Progress) received(ctx context.Context, tx store.Tx, today date.Date) (out []Money, err error) {
	receipts, err := tx.InvoiceReceipts(ctx, invoicesOf(p.Invoices))
	if err != nil {
		return nil, fmt.Errorf("load payments: %w", err)
	}
	for _, i := range p.Invoices {
		known := int64(0)
		for _, r := range receipts {
			if r.InvoiceID != i.InvoiceID {
				continue
			}
			known += r.AmountMinor
			if n := min(r.AmountMinor, known-i.PaidMinor); n > 0 { // the rest was there before
				out = append(out, Money{On: r.ValueDate, Minor: n})
			}
		}
		open, err := tx.OpenOf(ctx, i.InvoiceID)
		if err != nil {
			return nil, fmt.Errorf("read what is open: %w", err)
		}
		if fell := i.OpenMinor - open - max(0, known-i.PaidMinor); fell > 0 {
			out = append(out, Money{On: today, Minor: fell})
		}
	}
	return out, nil
}

// following is a plan under way in a transaction.
type following struct {
	*Desk
	tx     store.Tx
	s      dunning.Standing
	p      Progress
	course Course
}

func (d *Desk) follow(ctx context.Context, tx store.Tx, s dunning.Standing, plan uuid.UUID) (f *following, err error) {
	f = &following{Desk: d, tx: tx, s: s}
	if f.p, err = ProgressOf(ctx, tx, plan, s.Today); err != nil {
		return nil, err
	}
	rules, err := SettingsOf(ctx, tx, s.Administration.ID)
	if err != nil {
		return nil, err
	}
	row := f.p.Plan
	f.course = Course{
		Today: s.Today, Instalments: f.p.Instalments, Paid: f.p.Paid, Told: f.p.Told, Tolerance: tolerance(s), Remind: rules.PlanRemind, Grace: int(row.GraceDays),
		Cure: int(row.CureDays), Warned: int(row.WarnedSeq), CureOn: row.CureOn, Approval: row.BreakApproval, Asked: row.BreakAskedAt != nil,
	}
	return f, nil
}

// wakePlan does what is due for a plan: words about instalments, a warning, its
// end (R75, R77). A legal stop lets it wait (R97).
func (d *Desk) wakePlan(ctx context.Context, tenant, id uuid.UUID) error {
	return d.Store.In(ctx, tenant, func(tx store.Tx) error {
		p, s, err := d.thePlan(ctx, tx, id)
		if err != nil {
			return err
		}
		if p.State != string(PlanActive) {
			return matter.Close(ctx, tx, KindPlan, id)
		}
		f, err := d.follow(ctx, tx, s, id)
		if err != nil {
			return err
		}
		if m := f.course.Next(); m.Kind == Complete {
			return f.complete(ctx)
		}
		if !s.Stopped.IsZero() {
			return f.again(ctx, s.Today.AddDays(1), "A legal stop is in force; the plan waits")
		}
		return f.move(ctx, f.course.Next())
	})
}

func (f *following) again(ctx context.Context, on date.Date, why string) error {
	return matter.Set(ctx, f.tx, matter.Item{Kind: KindPlan, ID: f.p.Plan.ID, At: morning(f.s, on), Why: why})
}

func (f *following) move(ctx context.Context, m Move) error {
	told := db.ToldInstalmentParams{PlanID: f.p.Plan.ID, Seq: int32(m.Seq)}
	switch m.Kind {
	case Nothing:
		return f.again(ctx, m.Next, fmt.Sprintf("The next look at a plan of %d instalments", len(f.p.Instalments)))
	case RemindBefore:
		told.Before = &f.s.Now
	case RemindOn:
		told.Before, told.OnDay = &f.s.Now, &f.s.Now
	case RemindAfter:
		told.Before, told.OnDay, told.After = &f.s.Now, &f.s.Now, &f.s.Now
	case Warn:
		return f.warn(ctx, m)
	case Cured:
		if err := f.tx.WarnPlan(ctx, db.WarnPlanParams{ID: f.p.Plan.ID}); err != nil {
			return fmt.Errorf("note that the plan is kept again: %w", err)
		}
		if err := finish(ctx, f.tx, "plan_break", f.p.Plan.ID, f.s.Now, ByVoldaan); err != nil {
			return err
		}
		return f.again(ctx, f.s.Today.AddDays(1), "The plan is kept again")
	case AskBreak:
		if err := f.tx.AskPlanBreak(ctx, db.AskPlanBreakParams{ID: f.p.Plan.ID, BreakAskedAt: &f.s.Now}); err != nil {
			return fmt.Errorf("note that a person decides: %w", err)
		}
		if err := task(ctx, f.tx, f.s, "plan_break", f.p.Plan.ID, "A payment plan was not kept; decide whether it ends",
			fmt.Sprintf("Instalment %d was not paid by the day of the warning.", m.Seq)); err != nil {
			return err
		}
		return f.again(ctx, f.s.Today.AddDays(7), "A person decides about the plan")
	case Break:
		return f.broken(ctx, m.Seq, ByVoldaan)
	}
	if err := f.tx.ToldInstalment(ctx, told); err != nil {
		return fmt.Errorf("note that the debtor is told: %w", err)
	}
	if err := f.say(ctx, outreach.InstalmentDue, fmt.Sprintf("%d/%s", m.Seq, m.Kind), m.Seq, string(m.Kind), date.Date{},
		fmt.Sprintf("Instalment %d of %d: a word %s its day.", m.Seq, len(f.p.Instalments), m.Kind)); err != nil {
		return err
	}
	return f.again(ctx, f.s.Today.AddDays(1), "The next look at a plan")
}

// warn gives the debtor a last term for an instalment (R77).
func (f *following) warn(ctx context.Context, m Move) error {
	if err := f.tx.WarnPlan(ctx, db.WarnPlanParams{ID: f.p.Plan.ID, WarnedSeq: int32(m.Seq), WarnedAt: &f.s.Now, CureOn: m.Cure}); err != nil {
		return fmt.Errorf("note the warning: %w", err)
	}
	if err := note(ctx, f.tx, f.s.Now, ByVoldaan, "plan.warned", "plan/"+f.p.Plan.ID.String(), nil); err != nil {
		return err
	}
	if err := f.say(ctx, outreach.InstalmentWarning, fmt.Sprintf("%d/warning/%s", m.Seq, f.s.Today), m.Seq, "", m.Cure,
		fmt.Sprintf("Instalment %d of %d was not paid in its grace: one warning, to be paid by %s.", m.Seq, len(f.p.Instalments), m.Cure)); err != nil {
		return err
	}
	return f.again(ctx, m.Cure.AddDays(1), "The term of the warning is over")
}

// broken ends a plan that was not kept: payments stay, the rest is due if the
// plan says so, costs that would have been waived are owed again (R78, R82).
func (f *following) broken(ctx context.Context, seq int, by string) error {
	if err := f.endPlan(ctx, f.tx, f.s, f.p.Plan, PlanBroken, fmt.Sprintf("Instalment %d was not paid by the last day of its warning.", seq), by); err != nil {
		return err
	}
	return f.say(ctx, outreach.PlanBroken, "broken", seq, "", date.Date{}, "The debtor was told that the plan has ended.")
}

func (f *following) complete(ctx context.Context) error {
	if err := f.endPlan(ctx, f.tx, f.s, f.p.Plan, PlanCompleted, "All instalments are paid.", ByVoldaan); err != nil {
		return err
	}
	return f.say(ctx, outreach.PlanCompleted, "completed", len(f.p.Instalments), "", date.Date{}, "The debtor was told that the plan is completed.")
}

// say tells the debtor something of the plan.
func (f *following) say(ctx context.Context, step outreach.Step, key string, seq int, when string, cure date.Date, why string) error {
	cur := f.p.Plan.Currency
	in := f.p.Instalments[seq-1]
	plan := &outreach.Plan{Seq: seq, Amount: f.p.Left(seq), Due: in.Due, When: when, Cure: cure, Rest: f.p.Rest(), RestDue: f.p.Plan.RestDue}
	if f.p.Plan.Waiver != "" {
		plan.Waived = money.Of(f.p.Plan.WaiveMinor, cur)
		if step == outreach.PlanBroken {
			plan.Rest.Minor += f.p.Plan.WaiveMinor
		}
	}
	for _, i := range f.p.Instalments {
		plan.Instalments = append(plan.Instalments, outreach.PlanInstalment{Seq: i.Seq, Due: i.Due, Amount: money.Of(i.Total(), cur), Paid: f.p.Left(i.Seq).Minor <= 0})
	}
	what := detail{Plan: plan, PlanID: f.p.Plan.ID, Seq: seq, Rule: "R75", Why: why}
	switch step {
	case outreach.InstalmentDue:
		what.Ask = when == string(RemindAfter)
	case outreach.InstalmentWarning:
		what.Ask, what.Rule = true, "R77"
	case outreach.PlanBroken:
		what.Rule = "R78"
	}
	return f.Desk.say(ctx, f.tx, f.s, step, f.p.Plan.ID.String()+"/"+key, invoicesOf(f.p.Invoices), what)
}

// stillDue reports whether an instalment is still to be paid, so that nobody is
// reminded who paid (R1).
func (d *Desk) stillDue(ctx context.Context, tx store.Tx, plan uuid.UUID, seq int) (bool, error) {
	row, err := tx.PaymentPlan(ctx, plan)
	if err != nil {
		return false, fmt.Errorf("load plan %s: %w", plan, err)
	}
	if row.State != string(PlanActive) {
		return false, nil
	}
	s, err := d.Planner.Standing(ctx, tx, row.DebtorID)
	if err != nil {
		return false, err
	}
	p, err := ProgressOf(ctx, tx, plan, s.Today)
	if err != nil || seq < 1 || seq > len(p.Instalments) {
		return false, err
	}
	return p.Left(seq).Minor > min(tolerance(s), p.Instalments[seq-1].Total()-1), nil
}
