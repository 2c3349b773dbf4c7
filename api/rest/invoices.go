package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
)

// InvoiceSummary is an invoice in a list.
type InvoiceSummary struct {
	ID             uuid.UUID `json:"id" format:"uuid"`
	Number         string    `json:"number" example:"2026-0412"`
	Kind           string    `json:"kind" enum:"invoice,credit_note"`
	Status         string    `json:"status" enum:"draft,open,paid,void,uncollectible" doc:"According to the books"`
	Debtor         Reference `json:"debtor"`
	Administration Reference `json:"administration"`
	Issued         string    `json:"issued" format:"date"`
	Due            string    `json:"due" format:"date"`
	Total          Amount    `json:"total"`
	Open           Amount    `json:"open" doc:"What the books expect, less what was received and they do not know of"`
	Phase          string    `json:"phase" enum:"unplanned,draft,sent,reminding,final,case,bailiff,closed" doc:"How far the process is"`
	Next           *Next     `json:"next,omitempty" doc:"The next step; none when nothing is planned"`
	Held           *Held     `json:"held,omitempty" doc:"Why nothing is sent; none when it is not held"`
	Attention      string    `json:"attention,omitempty" doc:"The kind of an open task on it"`
}

// Reference names a thing.
type Reference struct {
	ID   uuid.UUID `json:"id" format:"uuid"`
	Name string    `json:"name"`
}

// Next is the step that comes next.
type Next struct {
	Step  string     `json:"step" example:"reminder_2"`
	Title string     `json:"title" example:"Reminder 2"`
	At    *time.Time `json:"at,omitempty" doc:"Its moment; none while it waits for something to happen"`
}

// Held says why nothing is sent.
type Held struct {
	Rule string `json:"rule" example:"R61" doc:"The rule that holds it"`
	Why  string `json:"why" doc:"In words"`
}

// Invoice is one invoice, explained.
type Invoice struct {
	InvoiceSummary
	Reference        string     `json:"reference" doc:"The debtor's own"`
	PaymentReference string     `json:"payment_reference"`
	URL              string     `json:"url,omitempty" doc:"Its page in the books"`
	Flow             string     `json:"flow,omitempty" example:"b2b-nl"`
	NextRule         string     `json:"next_rule,omitempty" doc:"The rule that set the moment of the next step"`
	NextWhy          string     `json:"next_why,omitempty"`
	ClosedOn         *string    `json:"closed_on,omitempty" format:"date" doc:"The value date of what settled it"`
	ClosedWhy        string     `json:"closed_why,omitempty"`
	Holds            []Hold     `json:"holds" doc:"All holds on it, its debtor and its administration, also ended ones"`
	Decisions        []Decision `json:"decisions" doc:"What was sent, held, dropped or moved, and why; oldest first"`
	Planned          []Planned  `json:"planned" doc:"What follows if nobody pays, writes or pauses"`
}

// Decision is why something was done or not.
type Decision struct {
	At      time.Time `json:"at"`
	Step    string    `json:"step"`
	Outcome string    `json:"outcome" enum:"sent,held,dropped,skipped,merged,moved,parked,done,closed,opened"`
	Rule    string    `json:"rule"`
	Reason  string    `json:"reason"`
}

// Planned is a step to come.
type Planned struct {
	Step     string    `json:"step"`
	Title    string    `json:"title"`
	At       time.Time `json:"at"`
	Channels []string  `json:"channels"`
	Rule     string    `json:"rule"`
	Why      string    `json:"why"`
}

type listInvoices struct {
	Paged
	State          string    `query:"state" enum:"open,attention,not_due,reminding,held,case,settled,any" default:"open"`
	Search         string    `query:"search" maxLength:"100" doc:"Part of a number, a debtor's name or a reference"`
	Debtor         uuid.UUID `query:"debtor" format:"uuid"`
	Administration uuid.UUID `query:"administration" format:"uuid"`
	Segment        string    `query:"segment" maxLength:"40" doc:"Only of debtors of this segment, by hand or by its rule"`
	Risk           string    `query:"risk" enum:"low,medium,high" doc:"Only of debtors of this risk; who has none is a medium risk"`
	Sort           string    `query:"sort" enum:"due,-due,open,-open,debtor,-debtor,number,-number" default:"due" doc:"A minus in front turns the order"`
}

type invoicePage struct {
	Body struct {
		Items      []InvoiceSummary `json:"items"`
		NextCursor string           `json:"next_cursor,omitempty" doc:"Where the next page begins; none on the last"`
	}
}

type oneInvoice struct{ Body Invoice }

func (h *hub) invoices() {
	register(h, operation{id: "list-invoices", method: http.MethodGet, path: "/invoices", tag: "Invoices", scope: tenant.Read, summary: "List invoices"}, h.listInvoices)
	register(h, operation{id: "get-invoice", method: http.MethodGet, path: "/invoices/{id}", tag: "Invoices", scope: tenant.Read, summary: "Explain an invoice",
		description: "What is owed, what happened and by which rule, what comes next, and why it is held.", errors: []int{http.StatusNotFound}}, h.getInvoice)
	register(h, operation{id: "step-invoice", method: http.MethodPost, path: "/invoices/{id}/step", tag: "Invoices", scope: tenant.Write, status: http.StatusAccepted,
		summary: "Take the next step now", description: "Moves the next step to this moment. All checks run when it is taken: a payment that came in stops it.",
		errors: []int{http.StatusNotFound, http.StatusConflict}}, h.stepInvoice)
}

var states = map[string]store.InvoiceTab{
	"open": store.AllOpen, "attention": store.NeedAttention, "not_due": store.NotDue, "reminding": store.Reminded, "held": store.Held, "case": store.InCase, "settled": store.Settled, "any": store.Any,
}

func (h *hub) listInvoices(ctx context.Context, who actor, in *listInvoices) (*invoicePage, error) {
	f := store.InvoiceFilter{Tab: states[in.State], Search: in.Search, Debtor: in.Debtor, Administration: in.Administration, Risk: in.Risk, Most: in.Limit, Sort: store.InvoiceSort(in.Sort)}
	if in.Sort != "" && in.Sort[0] == '-' {
		f.Sort, f.Down = store.InvoiceSort(in.Sort[1:]), true
	}
	var after store.InvoicePlace
	if ok, err := in.unseal(&after); err != nil {
		return nil, err
	} else if ok {
		f.After = &after
	}
	out := &invoicePage{}
	out.Body.Items = []InvoiceSummary{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		var err error
		if f.Today, err = tx.Today(ctx, h.Real); err != nil {
			return err
		}
		if f.Segment, err = flow.Members(ctx, tx, in.Segment); err != nil {
			return err
		}
		lines, err := tx.Invoices(ctx, f)
		if err != nil {
			return err
		}
		if len(lines) > in.Limit {
			lines = lines[:in.Limit]
			last := lines[in.Limit-1]
			out.Body.NextCursor = seal(store.InvoicePlace{Value: last.Place, ID: last.ID})
		}
		for _, l := range lines {
			out.Body.Items = append(out.Body.Items, summary(l))
		}
		return nil
	})
}

func summary(l store.InvoiceLine) InvoiceSummary {
	s := InvoiceSummary{
		ID: l.ID, Number: l.Number, Kind: l.Kind, Status: l.Status, Debtor: Reference{l.DebtorID, l.Debtor}, Administration: Reference{l.AdministrationID, l.Administration},
		Issued: l.Issued.String(), Due: l.Due.String(), Total: amountOf(l.TotalMinor, l.Currency), Open: amountOf(l.OpenMinor, l.Currency), Phase: phaseOf(l.Phase), Attention: l.Task,
	}
	s.Next, s.Held = next(l.Flow, l.NextStep, l.NextAt), held(l.HeldRule, l.HeldWhy)
	return s
}

func phaseOf(p string) string {
	if p == "" {
		return "unplanned"
	}
	return p
}

func next(flow, step string, at *time.Time) *Next {
	if step == "" {
		return nil
	}
	n := &Next{Step: step, Title: step, At: moment(at)}
	if s, ok := policy.Flows()[flow].Step(policy.StepID(step)); ok {
		n.Title = s.Title
	}
	return n
}

func held(rule, why string) *Held {
	if rule == "" {
		return nil
	}
	return &Held{Rule: rule, Why: why}
}

func (h *hub) getInvoice(ctx context.Context, who actor, in *ByID) (out *oneInvoice, err error) {
	out = &oneInvoice{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		out.Body, err = h.explain(ctx, tx, in.ID)
		return err
	})
}

func (h *hub) explain(ctx context.Context, tx store.Tx, id uuid.UUID) (v Invoice, err error) {
	row, err := tx.Invoice(ctx, id)
	if err != nil {
		return v, err
	}
	debtor, err := tx.Debtor(ctx, row.DebtorID)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return v, err
	}
	adm, err := tx.Administration(ctx, row.AdministrationID)
	if err != nil {
		return v, err
	}
	open, err := tx.OpenOf(ctx, id)
	if err != nil {
		return v, err
	}
	v = Invoice{
		InvoiceSummary: InvoiceSummary{
			ID: id, Number: row.Number, Kind: row.Kind, Status: row.Status, Debtor: Reference{row.DebtorID, debtor.Name}, Administration: Reference{adm.ID, adm.Name},
			Issued: row.Issued.String(), Due: row.Due.String(), Total: amountOf(row.TotalMinor, row.Currency), Open: amountOf(open, row.Currency), Phase: phaseOf(""),
		},
		Reference: row.Reference, PaymentReference: row.PaymentReference, URL: row.Url, Holds: []Hold{}, Decisions: []Decision{}, Planned: []Planned{},
	}
	if err := plan(ctx, tx, id, &v); err != nil {
		return v, err
	}
	tasks, err := tx.TasksOn(ctx, []uuid.UUID{id})
	if err != nil {
		return v, err
	}
	if len(tasks) > 0 {
		v.Attention = tasks[0].Kind
	}
	if err := history(ctx, tx, row, &v); err != nil {
		return v, err
	}
	ahead, err := h.Planner.Ahead(ctx, tx, id)
	for _, a := range ahead {
		v.Planned = append(v.Planned, plannedOf(a))
	}
	return v, err
}

func plannedOf(a dunning.Ahead) Planned {
	p := Planned{Step: string(a.Step.ID), Title: a.Step.Title, At: a.At.UTC(), Rule: a.Rule, Why: a.Why, Channels: []string{}}
	for _, c := range a.Step.Channels {
		p.Channels = append(p.Channels, string(c))
	}
	return p
}

func plan(ctx context.Context, tx store.Tx, id uuid.UUID, v *Invoice) error {
	c, err := tx.Collection(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("load the plan: %w", err)
	}
	v.Phase, v.Flow, v.NextRule, v.NextWhy, v.ClosedOn, v.ClosedWhy = c.Phase, c.Flow, c.NextRule, c.NextWhy, day(c.ClosedOn), c.ClosedWhy
	v.Next, v.Held = next(c.Flow, c.NextStep, c.NextAt), held(c.HeldRule, c.HeldWhy)
	return nil
}

func history(ctx context.Context, tx store.Tx, row db.Invoice, v *Invoice) error {
	holds, err := tx.HoldsIn(ctx, []uuid.UUID{row.ID, row.DebtorID, row.AdministrationID})
	if err != nil {
		return fmt.Errorf("load holds: %w", err)
	}
	for _, x := range holds {
		v.Holds = append(v.Holds, holdOf(x))
	}
	decisions, err := tx.Decisions(ctx, row.ID)
	if err != nil {
		return fmt.Errorf("load decisions: %w", err)
	}
	for _, d := range decisions {
		v.Decisions = append(v.Decisions, Decision{At: d.At.UTC(), Step: d.Step, Outcome: d.Outcome, Rule: d.Rule, Reason: d.Reason})
	}
	return nil
}

type stepInvoice struct {
	ByID
	Repeatable
}

func (h *hub) stepInvoice(ctx context.Context, who actor, in *stepInvoice) (out *oneInvoice, err error) {
	out = &oneInvoice{}
	return out, h.write(ctx, who, func(tx store.Tx) error {
		if _, err := tx.Invoice(ctx, in.ID); err != nil {
			return err
		}
		if _, err := tx.Collection(ctx, in.ID); errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.Conflict, "nothing_planned", "Nothing is planned for this invoice.")
		}
		if err := h.Planner.StepNow(ctx, tx, in.ID, who.by); err != nil {
			return err
		}
		out.Body, err = h.explain(ctx, tx, in.ID)
		return err
	})
}
