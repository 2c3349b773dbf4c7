package arrangement

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// PlanState is how far a payment plan is.
type PlanState string

// The states of a plan.
const (
	PlanProposed  PlanState = "proposed"
	PlanActive    PlanState = "active"
	PlanCompleted PlanState = "completed"
	PlanBroken    PlanState = "broken"
	PlanCancelled PlanState = "cancelled" // by agreement
	PlanRejected  PlanState = "rejected"
)

// NewPlan asks for a payment plan.
type NewPlan struct {
	Debtor   uuid.UUID
	Invoices []uuid.UUID // of one currency, and of one case where they are in any
	Number   int         // of instalments
	First    date.Date
	Every    Interval
	Reduce   Reduce
	Note     string
	By       string
	ByDebtor bool // proposed by the debtor; a creditor's plan starts at once
	// WaiveCosts makes the costs of the case fall away when all is paid (R82).
	WaiveCosts bool
	// RestDue and Approval overrule the settings; nil leaves them.
	RestDue, Approval *bool
}

// Quote is a plan before anybody agreed to it.
type Quote struct {
	Covered     Split
	Waived      int64 // of the costs, when it completes
	Currency    money.Currency
	Instalments []Instalment
	Automatic   bool   // starts by itself (R81)
	Why         string // a person decides
	invoices    []dunning.Owed
	caseID      uuid.UUID
	settings    Settings
}

// Quote divides what invoices ask, with the costs and interest of their case,
// and says whether the plan would start by itself. It refuses what nobody would
// accept with a fault that a debtor may read.
func (d *Desk) Quote(ctx context.Context, tx store.Tx, s dunning.Standing, q NewPlan) (out Quote, err error) {
	if out.settings, err = SettingsOf(ctx, tx, s.Administration.ID); err != nil {
		return out, err
	}
	if err := out.cover(s, q.Invoices); err != nil {
		return out, err
	}
	if out.caseID != uuid.Nil {
		costs, interest, err := s.Charges(ctx, tx, q.Invoices)
		if err != nil {
			return out, err
		}
		out.Covered.Costs, out.Covered.Interest = costs.Minor, interest.Minor
		if q.WaiveCosts {
			out.Waived, out.Covered.Costs = costs.Minor, 0
		}
	}
	if out.Instalments, err = Schedule(out.Covered, q.Number, q.First, q.Every); err != nil {
		return out, err
	}
	ask := PlanAsk{Today: s.Today, Instalments: out.Instalments}
	if ask.Active, err = tx.PlanUnderWay(ctx, q.Invoices); err != nil {
		return out, fmt.Errorf("look for a plan: %w", err)
	}
	broken, err := tx.LastBrokenPlan(ctx, s.Debtor.ID)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return out, fmt.Errorf("look for broken plans: %w", err)
	}
	if broken != nil {
		ask.BrokenSince = date.Of(broken.In(s.Zone))
	}
	if err := out.settings.CheckPlan(ask); err != nil {
		return out, err
	}
	out.Automatic, out.Why = out.settings.AcceptPlan(ask)
	return out, nil
}

// cover takes in what the invoices ask.
func (out *Quote) cover(s dunning.Standing, invoices []uuid.UUID) error {
	for _, o := range s.Invoices {
		if !contains(invoices, o.ID) || !o.Claim.Ask().Positive() {
			continue
		}
		ask := o.Claim.Ask()
		switch {
		case len(out.invoices) == 0:
			out.Currency, out.caseID = ask.Currency, o.Case
		case out.Currency != ask.Currency:
			return fault.New(fault.Invalid, "plan_currencies", "Invoices in two currencies need two plans.")
		case out.caseID != o.Case:
			return fault.New(fault.Invalid, "plan_cases", "Invoices of a case and other invoices need two plans.")
		}
		out.invoices = append(out.invoices, o)
		out.Covered.Principal += ask.Minor
	}
	if len(out.invoices) == 0 {
		return fault.New(fault.Conflict, "nothing_open", "Nothing is open on these invoices any more.")
	}
	return nil
}

// Propose records a plan. A creditor's starts at once; a debtor's does when it is
// inside the limits, and otherwise holds for some days while a person decides
// (R81).
func (d *Desk) Propose(ctx context.Context, tx store.Tx, q NewPlan) (uuid.UUID, PlanState, error) {
	s, err := d.standing(ctx, tx, q.Debtor)
	if err != nil {
		return uuid.Nil, "", err
	}
	if !s.Stopped.IsZero() {
		return uuid.Nil, "", fault.New(fault.Conflict, "legal_stop", "A legal stop is in force, so no plan can be made with this debtor now.")
	}
	quote, err := d.Quote(ctx, tx, s, q)
	if err != nil {
		return uuid.Nil, "", err
	}
	n, err := tx.PlansMade(ctx, q.Debtor)
	if err != nil {
		return uuid.Nil, "", fmt.Errorf("count plans: %w", err)
	}
	id := newID(KindPlan, q.Debtor, int(n))
	if err := d.record(ctx, tx, s, id, q, quote); err != nil {
		return id, "", err
	}
	if err := note(ctx, tx, s.Now, q.By, "plan.proposed", "plan/"+id.String(), nil); err != nil {
		return id, "", err
	}
	if !q.ByDebtor || quote.Automatic {
		by := q.By
		if q.ByDebtor {
			by = ByVoldaan
		}
		return id, PlanActive, d.accept(ctx, tx, s, id, by)
	}
	until := morning(s, s.Days.Add(s.Today, quote.settings.PlanHold))
	for _, o := range quote.invoices {
		hold, err := d.hold(ctx, tx, o.ID, receivable.OnPlan, "The debtor proposes a plan; a person decides", until, q.By)
		if err != nil {
			return id, "", err
		}
		if err := tx.StartPlanInvoice(ctx, db.StartPlanInvoiceParams{PlanID: id, InvoiceID: o.ID, OpenMinor: o.Claim.Open().Minor, PaidMinor: o.Paid, Step: string(o.Step), HoldID: uuid.NullUUID{UUID: hold, Valid: true}}); err != nil {
			return id, "", fmt.Errorf("note the hold of the proposal: %w", err)
		}
	}
	return id, PlanProposed, task(ctx, tx, s, "plan_proposed", id, "A debtor proposes a payment plan", quote.Why)
}

// record writes the plan as it was proposed, with its instalments (R76).
func (d *Desk) record(ctx context.Context, tx store.Tx, s dunning.Standing, id uuid.UUID, q NewPlan, quote Quote) error {
	rules := quote.settings
	p := db.AddPlanParams{
		ID: id, TenantID: tx.Tenant, AdministrationID: s.Administration.ID, DebtorID: s.Debtor.ID, CaseID: uuid.NullUUID{UUID: quote.caseID, Valid: quote.caseID != uuid.Nil},
		ProposedBy: "creditor", CreatedBy: q.By, Note: q.Note, Currency: quote.Currency, PrincipalMinor: quote.Covered.Principal, CostsMinor: quote.Covered.Costs,
		InterestMinor: quote.Covered.Interest, Interval: string(q.Every), Reduce: string(LastFirst), RestDue: rules.PlanRestDue, GraceDays: int32(rules.PlanGrace),
		CureDays: int32(rules.PlanCure), BreakApproval: rules.PlanApproval, WaiveMinor: quote.Waived, Automatic: q.ByDebtor && quote.Automatic, CreatedAt: s.Now,
	}
	if q.ByDebtor {
		p.ProposedBy = "debtor"
	}
	if q.Reduce == NextFirst {
		p.Reduce = string(NextFirst)
	}
	if q.RestDue != nil {
		p.RestDue = *q.RestDue
	}
	if q.Approval != nil {
		p.BreakApproval = *q.Approval
	}
	if quote.Waived > 0 {
		p.Waiver = "conditional"
	}
	if err := tx.AddPlan(ctx, p); err != nil {
		return fmt.Errorf("record the plan: %w", err)
	}
	for _, o := range quote.invoices {
		if err := tx.AddPlanInvoice(ctx, db.AddPlanInvoiceParams{PlanID: id, InvoiceID: o.ID, TenantID: tx.Tenant, PrincipalMinor: o.Claim.Ask().Minor, OpenMinor: o.Claim.Open().Minor, PaidMinor: o.Paid, Step: string(o.Step)}); err != nil {
			return fmt.Errorf("record the plan: %w", err)
		}
	}
	for _, in := range quote.Instalments {
		if err := tx.AddPlanInstalment(ctx, db.AddPlanInstalmentParams{PlanID: id, Seq: int32(in.Seq), TenantID: tx.Tenant, Due: in.Due, PrincipalMinor: in.Principal, CostsMinor: in.Costs, InterestMinor: in.Interest}); err != nil {
			return fmt.Errorf("record the plan: %w", err)
		}
	}
	return nil
}

// Accept starts a plan that a debtor proposed.
func (d *Desk) Accept(ctx context.Context, tx store.Tx, plan uuid.UUID, by string) error {
	p, s, err := d.thePlan(ctx, tx, plan)
	if err != nil {
		return err
	}
	if p.State != string(PlanProposed) {
		return errEnded
	}
	return d.accept(ctx, tx, s, plan, by)
}

func (d *Desk) thePlan(ctx context.Context, tx store.Tx, plan uuid.UUID) (p db.PaymentPlanRow, s dunning.Standing, err error) {
	if p, err = tx.PaymentPlan(ctx, plan); err != nil {
		return p, s, fault.New(fault.NotFound, "plan_not_found", "This payment plan does not exist.").Because(err)
	}
	if s, err = d.standing(ctx, tx, p.DebtorID); err != nil {
		return p, s, err
	}
	p, err = tx.PaymentPlan(ctx, plan) // again behind the lock (G1)
	return p, s, err
}

// accept makes a plan active: its invoices are held without an end, and the
// debtor gets it in writing (R75).
func (d *Desk) accept(ctx context.Context, tx store.Tx, s dunning.Standing, plan uuid.UUID, by string) error {
	n, err := tx.AcceptPlan(ctx, db.AcceptPlanParams{ID: plan, AcceptedAt: &s.Now, AcceptedBy: by})
	if err != nil {
		return fmt.Errorf("accept the plan: %w", err)
	}
	if n == 0 {
		return errEnded // G3
	}
	rows, err := tx.PlanInvoices(ctx, plan)
	if err != nil {
		return fmt.Errorf("load the invoices of the plan: %w", err)
	}
	for _, r := range rows {
		hold, err := d.hold(ctx, tx, r.InvoiceID, receivable.OnPlan, "", zeroTime, by)
		if err != nil {
			return err
		}
		if r.HoldID.Valid { // that of the proposal
			if err := d.release(ctx, tx, r.HoldID.UUID, r.InvoiceID, by); err != nil {
				return err
			}
		}
		step := r.Step
		if o, ok := s.Of(r.InvoiceID); ok && step == "" {
			step = string(o.Step)
		}
		// What was paid since it was proposed is of the plan.
		if err := tx.StartPlanInvoice(ctx, db.StartPlanInvoiceParams{PlanID: plan, InvoiceID: r.InvoiceID, OpenMinor: r.OpenMinor, PaidMinor: r.PaidMinor, Step: step, HoldID: uuid.NullUUID{UUID: hold, Valid: true}}); err != nil {
			return fmt.Errorf("start the plan: %w", err)
		}
	}
	if err := finish(ctx, tx, "plan_proposed", plan, s.Now, by); err != nil {
		return err
	}
	if err := note(ctx, tx, s.Now, by, "plan.accepted", "plan/"+plan.String(), nil); err != nil {
		return err
	}
	f, err := d.follow(ctx, tx, s, plan)
	if err != nil {
		return err
	}
	if err := f.say(ctx, outreach.PlanStarted, "started", 1, "", date.Date{}, "The payment plan was confirmed to the debtor."); err != nil {
		return err
	}
	return matter.Set(ctx, tx, matter.Item{Kind: KindPlan, ID: plan, At: s.Now, Why: "The plan begins"})
}

// Reject refuses a proposal; the flow goes on where it was, and the debtor is
// told why.
func (d *Desk) Reject(ctx context.Context, tx store.Tx, plan uuid.UUID, text, by string) error {
	p, s, err := d.thePlan(ctx, tx, plan)
	if err != nil {
		return err
	}
	if p.State != string(PlanProposed) {
		return errEnded
	}
	rows, err := tx.PlanInvoices(ctx, plan)
	if err != nil {
		return fmt.Errorf("load the invoices of the plan: %w", err)
	}
	if err := d.endPlan(ctx, tx, s, p, PlanRejected, text, by); err != nil {
		return err
	}
	return d.say(ctx, tx, s, outreach.PlanRefused, plan.String(), invoicesOf(rows), detail{
		Decision: &outreach.Decision{Outcome: "rejected", Text: text}, Rule: "R81", Why: "The debtor was told that the proposal is not accepted.",
	})
}

// Cancel ends a plan by agreement: payments stay booked, and the flow goes on
// where it was.
func (d *Desk) Cancel(ctx context.Context, tx store.Tx, plan uuid.UUID, why, by string) error {
	p, s, err := d.thePlan(ctx, tx, plan)
	if err != nil {
		return err
	}
	if p.State != string(PlanProposed) && p.State != string(PlanActive) {
		return errEnded
	}
	return d.endPlan(ctx, tx, s, p, PlanCancelled, why, by)
}

// Break ends a plan that was not kept, where a person decides about that (R77).
func (d *Desk) Break(ctx context.Context, tx store.Tx, plan uuid.UUID, by string) error {
	p, s, err := d.thePlan(ctx, tx, plan)
	if err != nil {
		return err
	}
	if p.State != string(PlanActive) {
		return errEnded
	}
	f, err := d.follow(ctx, tx, s, plan)
	if err != nil {
		return err
	}
	seq := f.course.Next().Seq
	if seq == 0 {
		seq = max(1, f.course.Warned)
	}
	return f.broken(ctx, seq, by)
}

// endPlan ends a plan and lets the flow of each invoice go on at the step held
// before (R78).
func (d *Desk) endPlan(ctx context.Context, tx store.Tx, s dunning.Standing, p db.PaymentPlanRow, state PlanState, why, by string) error {
	waiver := p.Waiver
	if waiver == "conditional" {
		waiver = "lapsed" // R82
		if state == PlanCompleted {
			waiver = "final"
		}
	}
	n, err := tx.EndPlan(ctx, db.EndPlanParams{ID: p.ID, State: string(state), EndedAt: &s.Now, EndedBy: by, EndedWhy: why, Waiver: waiver})
	if err != nil {
		return fmt.Errorf("end the plan: %w", err)
	}
	if n == 0 {
		return errEnded // G3
	}
	if waiver == "final" {
		if err := d.waive(ctx, tx, s, p, by); err != nil {
			return err
		}
	}
	rows, err := tx.PlanInvoices(ctx, p.ID)
	if err != nil {
		return fmt.Errorf("load the invoices of the plan: %w", err)
	}
	notBefore, err := d.restFrom(ctx, tx, s, p, state)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if state != PlanCompleted {
			if err := resume(ctx, tx, db.PutResumeParams{InvoiceID: r.InvoiceID, Step: r.Step, Rule: "R78", At: s.Now}, notBefore); err != nil {
				return err
			}
		}
		if !r.HoldID.Valid {
			continue
		}
		if err := d.release(ctx, tx, r.HoldID.UUID, r.InvoiceID, by); err != nil {
			return err
		}
	}
	for _, kind := range []string{"plan_proposed", "plan_break"} {
		if err := finish(ctx, tx, kind, p.ID, s.Now, by); err != nil {
			return err
		}
	}
	if state == PlanCompleted || state == PlanBroken {
		if err := behaves(ctx, tx, s, uuid.Nil, "plan_"+string(state), money.Of(p.PrincipalMinor+p.CostsMinor+p.InterestMinor, p.Currency)); err != nil {
			return err
		}
	}
	if err := note(ctx, tx, s.Now, by, "plan."+string(state), "plan/"+p.ID.String(), nil); err != nil {
		return err
	}
	return matter.Close(ctx, tx, KindPlan, p.ID)
}

// restFrom is the day before which the flow does not go on: the minimum interval
// after the end, and where the plan does not make the rest due, the day of its
// next instalment (R78).
func (d *Desk) restFrom(ctx context.Context, tx store.Tx, s dunning.Standing, p db.PaymentPlanRow, state PlanState) (date.Date, error) {
	if state == PlanRejected || p.State == string(PlanProposed) {
		return date.Date{}, nil // it never held a step back for long
	}
	on := s.Today.AddDays(int(s.Administration.MinimumInterval))
	if p.RestDue || state != PlanBroken {
		return on, nil
	}
	list, err := tx.PlanInstalments(ctx, p.ID)
	if err != nil {
		return on, fmt.Errorf("load the instalments of the plan: %w", err)
	}
	for _, in := range list {
		if in.Due.After(s.Today) {
			return date.Later(on, in.Due.AddDays(1)), nil
		}
	}
	return on, nil
}

// waive makes the conditional waiver of costs final in the ledger of the case
// (R82).
func (d *Desk) waive(ctx context.Context, tx store.Tx, s dunning.Standing, p db.PaymentPlanRow, by string) error {
	if !p.CaseID.Valid || p.WaiveMinor <= 0 {
		return nil
	}
	how := []byte(fmt.Sprintf(`{"reason":"payment plan completed","plan":%q,"scope":"final","rule":"R82","actor":%q}`, p.ID, by))
	if err := tx.AddClaimEntry(ctx, db.AddClaimEntryParams{
		TenantID: tx.Tenant, CaseID: p.CaseID.UUID, Kind: "waiver", AmountMinor: -p.WaiveMinor, Currency: p.Currency, Through: s.Today, Calculation: how, At: s.Now,
	}); err != nil {
		return fmt.Errorf("book the waiver: %w", err)
	}
	return nil
}

func invoicesOf(rows []db.PlanInvoicesRow) []uuid.UUID {
	out := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		out[i] = r.InvoiceID
	}
	return out
}
