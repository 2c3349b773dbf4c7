package rest

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
)

// PaymentPlan is a plan with its instalments.
type PaymentPlan struct {
	ID          uuid.UUID    `json:"id" format:"uuid"`
	Debtor      uuid.UUID    `json:"debtor" format:"uuid"`
	Case        *uuid.UUID   `json:"case,omitempty" format:"uuid"`
	State       string       `json:"state" enum:"proposed,active,completed,broken,cancelled,rejected"`
	ProposedBy  string       `json:"proposed_by" enum:"debtor,creditor"`
	Automatic   bool         `json:"automatic" doc:"It started by itself, inside the limits"`
	Note        string       `json:"note"`
	Principal   Amount       `json:"principal"`
	Costs       Amount       `json:"costs"`
	Interest    Amount       `json:"interest"`
	Rest        Amount       `json:"rest" doc:"Still to pay"`
	Every       string       `json:"every" enum:"week,month"`
	Reduce      string       `json:"reduce" enum:"last,next" doc:"What a payment beyond its instalment lowers"`
	RestDue     bool         `json:"rest_due" doc:"A broken plan makes the rest due"`
	Waived      *Amount      `json:"waived,omitempty" doc:"Costs that fall away when all is paid"`
	Waiver      string       `json:"waiver,omitempty" enum:"conditional,final,lapsed"`
	CureOn      *string      `json:"cure_on,omitempty" format:"date" doc:"The last day of a warning"`
	Invoices    []uuid.UUID  `json:"invoices"`
	Instalments []Instalment `json:"instalments"`
	CreatedAt   time.Time    `json:"created_at"`
	AcceptedAt  *time.Time   `json:"accepted_at,omitempty"`
	EndedAt     *time.Time   `json:"ended_at,omitempty"`
	EndedWhy    string       `json:"ended_why,omitempty"`
}

// Instalment is one payment of a plan.
type Instalment struct {
	Number    int    `json:"number"`
	Due       string `json:"due" format:"date"`
	Amount    Amount `json:"amount"`
	Principal Amount `json:"principal"`
	Costs     Amount `json:"costs"`
	Interest  Amount `json:"interest"`
	Paid      Amount `json:"paid"`
}

func paymentPlanOf(p arrangement.Progress) PaymentPlan {
	row, cur := p.Plan, p.Plan.Currency
	out := PaymentPlan{
		ID: row.ID, Debtor: row.DebtorID, Case: optional(row.CaseID), State: row.State, ProposedBy: row.ProposedBy, Automatic: row.Automatic, Note: row.Note,
		Principal: amountOf(row.PrincipalMinor, cur), Costs: amountOf(row.CostsMinor, cur), Interest: amountOf(row.InterestMinor, cur), Rest: amountOf(p.Rest().Minor, cur),
		Every: row.Interval, Reduce: row.Reduce, RestDue: row.RestDue, Waiver: row.Waiver, CureOn: day(row.CureOn), Invoices: []uuid.UUID{}, Instalments: []Instalment{},
		CreatedAt: row.CreatedAt.UTC(), AcceptedAt: moment(row.AcceptedAt), EndedAt: moment(row.EndedAt), EndedWhy: row.EndedWhy,
	}
	if row.WaiveMinor > 0 {
		a := amountOf(row.WaiveMinor, cur)
		out.Waived = &a
	}
	for _, i := range p.Invoices {
		out.Invoices = append(out.Invoices, i.InvoiceID)
	}
	for _, in := range p.Instalments {
		out.Instalments = append(out.Instalments, Instalment{
			Number: in.Seq, Due: in.Due.String(), Amount: amountOf(in.Total(), cur), Principal: amountOf(in.Principal, cur), Costs: amountOf(in.Costs, cur), Interest: amountOf(in.Interest, cur),
			Paid: amountOf(p.Paid[in.Seq-1], cur),
		})
	}
	return out
}

type onePlan struct{ Body PaymentPlan }

type planPage struct {
	Body struct {
		Plans      []PaymentPlan `json:"plans"`
		NextCursor string        `json:"next_cursor,omitempty"`
	}
}

type planQuery struct {
	Paged
	Sought
	State string `query:"state" enum:"proposed,active,ended" doc:"Only those"`
}

type newPlan struct {
	Repeatable
	Body struct {
		Debtor      uuid.UUID   `json:"debtor" format:"uuid"`
		Invoices    []uuid.UUID `json:"invoices" minItems:"1" maxItems:"100"`
		Instalments int         `json:"instalments" minimum:"2" maximum:"60"`
		First       string      `json:"first" format:"date" doc:"The day of the first instalment"`
		Every       string      `json:"every,omitempty" enum:"week,month" default:"month"`
		Reduce      string      `json:"reduce,omitempty" enum:"last,next" default:"last"`
		WaiveCosts  bool        `json:"waive_costs,omitempty" doc:"The costs of the case fall away when all is paid"`
		ForDebtor   bool        `json:"for_debtor,omitempty" doc:"The debtor proposes it: it starts by itself inside the limits, and otherwise waits for a person"`
		Note        string      `json:"note,omitempty" maxLength:"2000"`
	}
}

type endPlan struct {
	ByID
	Body struct {
		Text string `json:"text" minLength:"1" maxLength:"2000" doc:"Why"`
	}
}

func (h *hub) plans() {
	register(h, operation{id: "list-plans", method: http.MethodGet, path: "/plans", tag: "Payment plans", scope: tenant.Read, summary: "List payment plans, the newest first"}, h.listPlans)
	register(h, operation{id: "create-plan", method: http.MethodPost, path: "/plans", tag: "Payment plans", scope: tenant.Write, status: http.StatusCreated, summary: "Make or propose a payment plan",
		description: "The instalments add up to what the invoices ask, with the costs and interest of their case, to the cent.", errors: []int{http.StatusNotFound, http.StatusConflict}}, h.createPlan)
	register(h, operation{id: "get-plan", method: http.MethodGet, path: "/plans/{id}", tag: "Payment plans", scope: tenant.Read, summary: "Get a payment plan with what was paid", errors: []int{http.StatusNotFound}}, h.getPlan)
	both := []int{http.StatusNotFound, http.StatusConflict}
	register(h, operation{id: "accept-plan", method: http.MethodPost, path: "/plans/{id}/accept", tag: "Payment plans", scope: tenant.Write, summary: "Accept a proposal", errors: both}, h.acceptPlan)
	register(h, operation{id: "break-plan", method: http.MethodPost, path: "/plans/{id}/break", tag: "Payment plans", scope: tenant.Write, summary: "End a plan that was not kept", errors: both}, h.breakPlan)
	register(h, operation{id: "reject-plan", method: http.MethodPost, path: "/plans/{id}/reject", tag: "Payment plans", scope: tenant.Write, summary: "Refuse a proposal and tell the debtor why", errors: both}, h.rejectPlan)
	register(h, operation{id: "cancel-plan", method: http.MethodPost, path: "/plans/{id}/cancel", tag: "Payment plans", scope: tenant.Write, summary: "End a plan by agreement", errors: both}, h.cancelPlan)
}

// progress reads a plan as of today.
func (h *hub) progress(ctx context.Context, tx store.Tx, id uuid.UUID) (PaymentPlan, error) {
	today, err := tx.Today(ctx, h.Real)
	if err != nil {
		return PaymentPlan{}, err
	}
	p, err := arrangement.ProgressOf(ctx, tx, id, today)
	if err != nil {
		return PaymentPlan{}, err
	}
	return paymentPlanOf(p), nil
}

func (h *hub) listPlans(ctx context.Context, who actor, in *planQuery) (*planPage, error) {
	out := &planPage{}
	out.Body.Plans = []PaymentPlan{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		today, err := tx.Today(ctx, h.Real)
		if err != nil {
			return err
		}
		p := db.PlanListParams{Tab: in.State, Search: in.Search, Due: in.Due, Today: today, Most: int32(in.Limit) + 1}
		var at spot
		if given, err := in.unseal(&at); err != nil {
			return err
		} else if given {
			p.FromAt, p.FromID = &at.At, at.ID
		}
		rows, err := tx.PlanList(ctx, p)
		if err != nil {
			return fmt.Errorf("list plans: %w", err)
		}
		if len(rows) > in.Limit {
			rows = rows[:in.Limit]
			out.Body.NextCursor = seal(spot{rows[in.Limit-1].CreatedAt, rows[in.Limit-1].ID})
		}
		for _, r := range rows {
			one, err := h.progress(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			out.Body.Plans = append(out.Body.Plans, one)
		}
		return nil
	})
}

func (h *hub) createPlan(ctx context.Context, who actor, in *newPlan) (*onePlan, error) {
	out := &onePlan{}
	first, err := dateOf(in.Body.First)
	if err != nil {
		return nil, err
	}
	q := arrangement.NewPlan{
		Debtor: in.Body.Debtor, Invoices: in.Body.Invoices, Number: in.Body.Instalments, First: first, Every: arrangement.Interval(in.Body.Every), Reduce: arrangement.Reduce(in.Body.Reduce),
		Note: in.Body.Note, By: who.by, ByDebtor: in.Body.ForDebtor, WaiveCosts: in.Body.WaiveCosts && !in.Body.ForDebtor,
	}
	if q.Every == "" {
		q.Every = arrangement.Monthly
	}
	return out, h.write(ctx, who, func(tx store.Tx) error {
		if _, err := tx.Debtor(ctx, q.Debtor); err != nil {
			return fmt.Errorf("find the debtor: %w", err)
		}
		if q.WaiveCosts {
			if err := arrangement.MayWaive(ctx, tx, q.Debtor, who.owner || who.program); err != nil {
				return err
			}
		}
		id, _, err := h.Desk.Propose(ctx, tx, q)
		if err != nil {
			return err
		}
		out.Body, err = h.progress(ctx, tx, id)
		return err
	})
}

func (h *hub) getPlan(ctx context.Context, who actor, in *ByID) (*onePlan, error) {
	out := &onePlan{}
	return out, h.read(ctx, who, func(tx store.Tx) (err error) {
		out.Body, err = h.progress(ctx, tx, in.ID)
		return err
	})
}

// onPlan acts on a plan and answers with it.
func (h *hub) onPlan(ctx context.Context, who actor, id uuid.UUID, act func(tx store.Tx) error) (*onePlan, error) {
	out := &onePlan{}
	return out, h.write(ctx, who, func(tx store.Tx) error {
		if err := act(tx); err != nil {
			return err
		}
		var err error
		out.Body, err = h.progress(ctx, tx, id)
		return err
	})
}

func (h *hub) acceptPlan(ctx context.Context, who actor, in *ByID) (*onePlan, error) {
	return h.onPlan(ctx, who, in.ID, func(tx store.Tx) error { return h.Desk.Accept(ctx, tx, in.ID, who.by) })
}

func (h *hub) breakPlan(ctx context.Context, who actor, in *ByID) (*onePlan, error) {
	return h.onPlan(ctx, who, in.ID, func(tx store.Tx) error { return h.Desk.Break(ctx, tx, in.ID, who.by) })
}

func (h *hub) rejectPlan(ctx context.Context, who actor, in *endPlan) (*onePlan, error) {
	return h.onPlan(ctx, who, in.ID, func(tx store.Tx) error { return h.Desk.Reject(ctx, tx, in.ID, in.Body.Text, who.by) })
}

func (h *hub) cancelPlan(ctx context.Context, who actor, in *endPlan) (*onePlan, error) {
	return h.onPlan(ctx, who, in.ID, func(tx store.Tx) error { return h.Desk.Cancel(ctx, tx, in.ID, in.Body.Text, who.by) })
}
