package dunning

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// figures are those of the law that the message of a step would state about an
// invoice on a day, and that no source confirms. What cannot be computed states
// none: writing the message then says why (R95).
func (l *ledger) figures(it *item, step policy.Step, on date.Date) []policy.Figure {
	if step.Bookkeeping() || it.invoice.Kind != string(sdk.SalesInvoice) {
		return nil
	}
	o := &outgoing{step: step}
	pack, err := l.lawOf(it)
	if err != nil {
		return nil
	}
	kind, notice := l.noticeOf(pack, step)
	switch {
	case !charges(step) && !notice:
	case step.Kind() == policy.OpenCase || step.Kind() == policy.FinalReminder && !notice:
		o.claim, err = l.newClaim([]*item{it}, on)
	case step.Phase.Beyond(receivable.Final):
		o.claim, err = l.accrue([]*item{it}, on)
	}
	if err == nil && notice {
		o.notice, err = l.newStatutory(pack, kind, []*item{it}, on, law.Post, nil)
	}
	if err == nil {
		o.texts, err = l.texts(pack, step, []*item{it}, on)
	}
	if err != nil {
		return nil
	}
	out := o.figures()
	if notice && l.adm.RecurringSupply && l.adm.ReminderFeeMinor > 0 {
		// The notice reads otherwise when it costs something itself.
		charged, err := l.newStatutory(pack, kind, []*item{it}, on, law.Post, []outreach.Charge{{Amount: money.Of(l.adm.ReminderFeeMinor, pack.Currency())}})
		if err == nil {
			o.notice = charged
			for _, f := range o.figures() {
				if !slices.Contains(out, f) {
					out = append(out, f)
				}
			}
		}
	}
	return out
}

// figures are those in a message that no source confirms.
func (o *outgoing) figures() (out []policy.Figure) {
	add := func(list []law.Figure) {
		for _, f := range list {
			out = append(out, policy.Figure{Name: f.Name, Value: f.Value, Why: f.Why, Source: strings.Join(f.Sources, "; ")})
		}
	}
	if o.notice != nil {
		add(o.notice.text.Figures)
		add(o.notice.doubts)
	}
	for _, t := range o.texts {
		add(t.Figures)
	}
	if o.claim == nil {
		return out
	}
	add(o.claim.doubts)
	for _, c := range o.claim.costs {
		add(c.Figures)
	}
	ids := make([]uuid.UUID, 0, len(o.claim.interest))
	for id := range o.claim.interest {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return strings.Compare(a.String(), b.String()) })
	for _, id := range ids {
		if i := o.claim.interest[id]; i.Amount.Positive() {
			add(i.Figures)
		}
	}
	return out
}

// waitsFor are the figures that the planned step of an invoice waits for.
func (l *ledger) waitsFor(it *item, now time.Time) []policy.Figure {
	plan := policy.Next(l.flow(it), l.moment(it, policy.Step{}, now).State)
	step, ok := l.flow(it).Step(plan.Step)
	if !ok {
		return nil
	}
	if plan.At.After(now) {
		now = plan.At
	}
	return policy.Unapproved(l.figures(it, step, dateIn(now, l.zone)), l.approved)
}

// PendingFigure is a figure that somebody has to approve, and how many invoices
// wait for it.
type PendingFigure struct {
	policy.Figure
	Invoices int
}

// PendingFigures lists the figures that invoices wait for.
func (p Planner) PendingFigures(ctx context.Context, tx store.Tx) ([]PendingFigure, error) {
	held, err := tx.HeldForFigures(ctx)
	if err != nil {
		return nil, fmt.Errorf("find what waits for a figure: %w", err)
	}
	ids := make([]uuid.UUID, len(held))
	for i, h := range held {
		ids[i] = h.InvoiceID
	}
	return p.figuresOf(ctx, tx, ids)
}

// FiguresOf lists the figures that the planned step of one invoice waits for.
func (p Planner) FiguresOf(ctx context.Context, tx store.Tx, invoice uuid.UUID) ([]policy.Figure, error) {
	list, err := p.figuresOf(ctx, tx, []uuid.UUID{invoice})
	out := make([]policy.Figure, len(list))
	for i, f := range list {
		out[i] = f.Figure
	}
	return out, err
}

func (p Planner) figuresOf(ctx context.Context, tx store.Tx, invoices []uuid.UUID) (out []PendingFigure, err error) {
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return nil, err
	}
	debtors, err := tx.DebtorsOfInvoices(ctx, invoices)
	if err != nil {
		return nil, fmt.Errorf("find the debtors of invoices: %w", err)
	}
	place := map[policy.FigureKey]int{}
	for some := range slices.Chunk(debtors, debtorsAtOnce) {
		ledgers, err := loadLedgers(ctx, tx, some)
		if err != nil {
			return nil, err
		}
		for _, l := range ledgers {
			for _, it := range l.items {
				if !slices.Contains(invoices, it.invoice.ID) || it.state == nil || closed(it) {
					continue
				}
				for _, f := range l.waitsFor(it, now) {
					i, known := place[f.Key()]
					if !known {
						i = len(out)
						place[f.Key()], out = i, append(out, PendingFigure{Figure: f})
					}
					out[i].Invoices++
				}
			}
		}
	}
	return out, nil
}

// ApproveFigures records that a person approved figures with the values that
// they saw, for the whole tenant, and lets go what waited for them. It returns
// how many invoices go on. A figure that nothing waits for any more, or that has
// another value by now, is refused with a fault of kind Conflict.
func (p Planner) ApproveFigures(ctx context.Context, tx store.Tx, keys []policy.FigureKey, by string) (int, error) {
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return 0, err
	}
	pending, err := p.PendingFigures(ctx, tx)
	if err != nil {
		return 0, err
	}
	for _, k := range keys {
		i := slices.IndexFunc(pending, func(f PendingFigure) bool { return f.Key() == k })
		if i < 0 {
			return 0, fault.New(fault.Conflict, "figure_moved", "This figure does not wait for an approval with this value any more. Look at the page again.")
		}
		if err := approve(ctx, tx, pending[i].Figure, by, now); err != nil {
			return 0, err
		}
	}
	held, err := tx.HeldForFigures(ctx)
	if err != nil {
		return 0, fmt.Errorf("find what waits for a figure: %w", err)
	}
	ids := make([]uuid.UUID, len(held))
	for i, h := range held {
		ids[i] = h.InvoiceID
	}
	if err := p.notePeople(ctx, tx, held, approvedWords(keys, by), now); err != nil {
		return 0, err
	}
	if err := p.Replan(ctx, tx, ids); err != nil {
		return 0, err
	}
	if err := tx.FinishFigureTasks(ctx, db.FinishFigureTasksParams{At: now, ByWhom: by}); err != nil {
		return 0, fmt.Errorf("finish tasks: %w", err)
	}
	left, err := tx.HeldForFigures(ctx)
	return len(held) - len(left), err
}

func approvedWords(keys []policy.FigureKey, by string) string {
	said := make([]string, len(keys))
	for i, k := range keys {
		said[i] = k.Name
		if v := k.Value; len(v) <= 60 && !strings.HasPrefix(v, "text ") { // a text is read on the page of figures
			said[i] = v + " for " + k.Name
		}
	}
	return by + " approved " + strings.Join(said, ", and ") + "."
}

// notePeople records on each invoice what a person decided for all of them.
func (p Planner) notePeople(ctx context.Context, tx store.Tx, held []db.HeldForFiguresRow, why string, now time.Time) error {
	for _, h := range held {
		it := &item{invoice: db.Invoice{ID: h.InvoiceID, TenantID: tx.Tenant, DebtorID: h.DebtorID}}
		if err := decide(ctx, tx, it, decision{step: h.NextStep, outcome: "approved", rule: policy.ProvisionalFigure, why: why, at: now}); err != nil {
			return err
		}
	}
	return nil
}

func approve(ctx context.Context, tx store.Tx, f policy.Figure, by string, now time.Time) error {
	if _, err := tx.ApproveFigure(ctx, db.ApproveFigureParams{
		TenantID: tx.Tenant, Figure: f.Name, Value: f.Value, Why: f.Why, Source: f.Source, ApprovedBy: by, ApprovedAt: now,
	}); err != nil {
		return fmt.Errorf("approve a figure: %w", err)
	}
	detail, err := json.Marshal(map[string]string{"figure": f.Name, "value": f.Value, "why": f.Why, "source": f.Source})
	if err == nil {
		err = tx.AddAudit(ctx, db.AddAuditParams{TenantID: tx.Tenant, At: now, Actor: by, Action: "approve_figure", Subject: "figure", Detail: detail})
	}
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}
