package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	view "github.com/voldaan/voldaan/api/web/view/portal"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// planUndo takes back a proposal that nobody has decided on.
func (c *caller) planUndo() error {
	return c.own(c.planDebtor, func(ctx context.Context, tx store.Tx, id uuid.UUID) error {
		p, err := tx.PaymentPlan(ctx, id)
		if err != nil {
			return err
		}
		if p.State != string(arrangement.PlanProposed) {
			return fault.New(fault.Conflict, "plan_started", "The plan has started; ask the creditor to end it.")
		}
		return c.Desk.Cancel(ctx, tx, id, "The debtor took the proposal back.", arrangement.ByDebtor)
	})
}

func (c *caller) planDebtor(ctx context.Context, tx store.Tx, id uuid.UUID) (uuid.UUID, error) {
	p, err := tx.PaymentPlan(ctx, id)
	return p.DebtorID, err
}

// planNumbers are the numbers of instalments that the calculator offers.
var planNumbers = []int{2, 3, 4, 5, 6, 8, 10, 12}

func (c *caller) planForm() error {
	q := c.r.URL.Query()
	return c.calculator(http.StatusOK, q["invoice"], q.Get("n"), q.Get("every"), q.Get("first"), "", nil)
}

func (c *caller) calculator(code int, chosen []string, number, every, first, words string, wrong error) error {
	var m view.PlanModel
	if err := c.read(func(ctx context.Context, tx store.Tx) error {
		p, all, err := c.overviewOf(ctx, tx)
		if err != nil {
			return err
		}
		today := date.Of(p.shell.Now)
		m = view.PlanModel{Shell: p.shell, Number: number, Every: every, First: first, Note: words, From: today, To: today.AddDays(31)}
		if m.Every != string(arrangement.Weekly) {
			m.Every = string(arrangement.Monthly)
		}
		if dayIn(first).IsZero() {
			m.First = today.AddDays(7).String()
		}
		can := pick(all.open, nil)
		picked := pick(all.open, parseIDs(chosen))
		m.Total = payable(all.open, parseIDs(chosen))
		for _, x := range can {
			m.Invoices = append(m.Invoices, view.PlanInvoice{ID: x.ID, Number: x.Number, Amount: x.Amount, Chosen: slices.ContainsFunc(picked, func(y view.Claim) bool { return y.ID == x.ID })})
		}
		rules, err := arrangement.SettingsOf(ctx, tx, p.adm.ID)
		if err != nil {
			return err
		}
		n, _ := strconv.Atoi(number)
		for _, k := range planNumbers {
			each := m.Total.Minor / int64(k)
			if k > rules.PlanMostMonths || each < rules.PlanMinMinor {
				continue
			}
			m.Choices = append(m.Choices, view.PlanChoice{Number: k, Each: money.Of(each, m.Total.Currency), Selected: k == n || n == 0 && len(m.Choices) == min(1, len(m.Choices))})
		}
		if wrong == nil && number != "" && len(picked) > 0 {
			m.Quote, wrong = c.quote(ctx, tx, p, m, n, idsOf(picked))
		}
		if wrong != nil {
			if !refused(wrong) {
				return wrong
			}
			m.Problem = debtorWords(p.shell, wrong)
		}
		return nil
	}); err != nil {
		return err
	}
	if len(m.Invoices) == 0 {
		return c.toHome()
	}
	onlyOne(m.Choices)
	return c.show(code, view.Plan(m))
}

// onlyOne keeps one choice selected: the one that was chosen, else the first.
func onlyOne(list []view.PlanChoice) {
	found := false
	for i := range list {
		if list[i].Selected && found {
			list[i].Selected = false
		}
		found = found || list[i].Selected
	}
	if !found && len(list) > 0 {
		list[0].Selected = true
	}
}

func idsOf(list []view.Claim) (out []uuid.UUID) {
	for _, x := range list {
		out = append(out, uuid.MustParse(x.ID))
	}
	return out
}

func (c *caller) quote(ctx context.Context, tx store.Tx, p party, m view.PlanModel, n int, invoices []uuid.UUID) (*view.PlanQuote, error) {
	s, err := c.Planner.Standing(ctx, tx, p.debtor.ID)
	if err != nil {
		return nil, err
	}
	q, err := c.Desk.Quote(ctx, tx, s, arrangement.NewPlan{Debtor: p.debtor.ID, Invoices: invoices, Number: n, First: dayIn(m.First), Every: arrangement.Interval(m.Every), ByDebtor: true})
	if err != nil {
		return nil, err
	}
	out := &view.PlanQuote{Automatic: q.Automatic, Total: money.Of(q.Covered.Total(), q.Currency)}
	for _, in := range q.Instalments {
		out.Instalments = append(out.Instalments, view.PlanLine{Number: in.Seq, Due: in.Due, Amount: money.Of(in.Total(), q.Currency)})
	}
	return out, nil
}

func (c *caller) plan() error {
	number, every, first, words := c.r.FormValue("n"), c.r.FormValue("every"), c.r.FormValue("first"), strings.TrimSpace(c.r.FormValue("note"))
	chosen := c.r.Form["invoice"]
	n, _ := strconv.Atoi(number)
	var state arrangement.PlanState
	shell, err := c.inTurn(func(ctx context.Context, tx store.Tx, p party, all claims) (err error) {
		picked := pick(all.open, parseIDs(chosen))
		if len(chosen) == 0 || len(picked) == 0 {
			return errNotHere
		}
		_, state, err = c.Desk.Propose(ctx, tx, arrangement.NewPlan{
			Debtor: p.debtor.ID, Invoices: idsOf(picked), Number: n, First: dayIn(first), Every: arrangement.Interval(every), Note: cutText(words, 2000), By: arrangement.ByDebtor, ByDebtor: true,
		})
		return err
	})
	switch {
	case refused(err):
		return c.calculator(http.StatusUnprocessableEntity, chosen, number, every, first, words, err)
	case err != nil:
		return err
	case state == arrangement.PlanActive:
		return c.thanks(shell, "plan")
	}
	return c.thanks(shell, "proposal")
}

func (c *caller) planPage() error { return c.showPlan(http.StatusOK, "") }

func (c *caller) showPlan(code int, problem string) error {
	id, err := uuid.Parse(c.r.PathValue("id"))
	if err != nil {
		return errNotHere
	}
	var m view.PlanPageModel
	if err := c.read(func(ctx context.Context, tx store.Tx) error {
		p, err := c.party(ctx, tx)
		if err != nil {
			return err
		}
		pr, err := arrangement.ProgressOf(ctx, tx, id, date.Of(p.shell.Now))
		if err != nil || pr.Plan.DebtorID != c.debtor.Debtor {
			return errNotHere // W4
		}
		stopped, err := tx.LegalStopped(ctx, p.debtor.ID)
		m = planModel(p, pr, !stopped)
		m.Problem = problem
		return err
	}); err != nil {
		return err
	}
	c.allowProvider()
	return c.show(code, view.PlanPage(m))
}

func planModel(p party, pr arrangement.Progress, payable bool) view.PlanPageModel {
	today, cur := date.Of(p.shell.Now), pr.Plan.Currency
	m := view.PlanPageModel{Shell: p.shell, ID: pr.Plan.ID.String(), State: pr.Plan.State, Rest: pr.Rest(), Methods: portalMethods}
	var numbers []string
	for _, i := range pr.Invoices {
		numbers = append(numbers, i.Number)
	}
	m.Invoices = strings.Join(numbers, ", ")
	if pr.Plan.Waiver == "conditional" {
		m.Waived = money.Of(pr.Plan.WaiveMinor, cur)
	}
	if pr.Plan.State == "active" && pr.Plan.WarnedSeq > 0 {
		m.Cure = pr.Plan.CureOn
	}
	for _, in := range pr.Instalments {
		l := view.PlanLine{Number: in.Seq, Due: in.Due, Amount: money.Of(in.Total(), cur), Left: pr.Left(in.Seq)}
		l.Paid = !l.Left.Positive()
		l.Late = !l.Paid && in.Due.Before(today) && pr.Plan.State == "active"
		m.Lines = append(m.Lines, l)
	}
	if next := pr.NextDue(0); next > 0 && pr.Plan.State == "active" && payable {
		m.Next = &m.Lines[next-1]
		if p.adm.Iban != "" {
			m.Transfer = &view.Transfer{Name: creditorName(p.adm), IBAN: grouped(p.adm.Iban), Reference: strings.Join(numbers, " ")}
		}
	}
	return m
}

// planPay starts the payment of exactly what is left of an instalment.
func (c *caller) planPay() error {
	id, err := uuid.Parse(c.r.PathValue("id"))
	if err != nil {
		return errNotHere
	}
	seq, _ := strconv.Atoi(c.r.FormValue("seq"))
	var amounts map[uuid.UUID]int64
	if err := c.read(func(ctx context.Context, tx store.Tx) error {
		s, err := c.Planner.Standing(ctx, tx, c.debtor.Debtor)
		if err != nil {
			return err
		}
		pr, err := arrangement.ProgressOf(ctx, tx, id, s.Today)
		if err != nil || pr.Plan.DebtorID != c.debtor.Debtor || pr.Plan.State != "active" || seq < 1 || seq > len(pr.Instalments) {
			return errNotHere // W4
		}
		amounts = spread(s, pr, seq)
		return nil
	}); err != nil {
		return err
	}
	return c.checkout(amounts, func(problem string) error { return c.showPlan(http.StatusUnprocessableEntity, problem) })
}

// spread divides an instalment over the invoices of its plan, the oldest first.
// What is more than their principal, for costs and interest, goes with the last.
func spread(s dunning.Standing, pr arrangement.Progress, seq int) map[uuid.UUID]int64 {
	left, out, last := pr.Left(seq).Minor, map[uuid.UUID]int64{}, uuid.Nil
	for _, i := range pr.Invoices {
		o, ok := s.Of(i.InvoiceID)
		if !ok || left <= 0 {
			continue
		}
		n := min(left, o.Claim.Open().Minor)
		out[i.InvoiceID], left, last = n, left-n, i.InvoiceID
	}
	if left > 0 && last != uuid.Nil {
		out[last] += left
	}
	return out
}
