package web

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/deals"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

var planStates = map[string]struct {
	words string
	tone  component.Tone
}{
	"proposed": {"Waits for you", component.Amber}, "active": {"Under way", component.Ink}, "completed": {"Completed", component.Green}, "broken": {"Not kept", component.Red},
	"cancelled": {"Cancelled", ""}, "rejected": {"Not accepted", ""},
}

func (v *visit) planRows(ctx context.Context, tx store.Tx, a *asking, today date.Date, most int32) ([]db.PlanListRow, error) {
	p := db.PlanListParams{Tab: a.tab, Search: a.search, Amount: a.amount, Due: a.chooseDue("Any instalment", "Instalment missed", "Instalment within a week"), Today: today, Back: a.back, Most: most}
	p.FromAt, p.FromID = a.start()
	rows, err := tx.PlanList(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("list plans: %w", err)
	}
	return rows, nil
}

func (v *visit) plans() error {
	var m deals.ListModel
	a := v.asking("/plans")
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if m, err = v.listing(ctx, tx, "plans", "Plans"); err != nil {
			return err
		}
		m.Tabs = tabsOf(a, [2]string{"", "All"}, [2]string{"proposed", "Proposed"}, [2]string{"active", "Under way"}, [2]string{"ended", "Ended"})
		rows, err := v.planRows(ctx, tx, a, m.Frame.Today(), pageSize+1)
		if err != nil {
			return err
		}
		m.Find = a.finder("plans", "Debtor, invoice or amount")
		rows, m.Pager = page(rows, a.address(), a.from, a.back, func(r db.PlanListRow) place { return place{At: r.CreatedAt, ID: r.ID} })
		m.Pager.Shown = shownOf(m.Frame, len(rows), len(rows), "plan", "plans")
		for _, r := range rows {
			row := deals.Row{
				Href: "/plans/" + r.ID.String(), Debtor: r.Debtor, Number: fmt.Sprintf("%d instalments", r.Instalments), Note: r.Numbers, Amount: money.Of(r.PrincipalMinor+r.CostsMinor+r.InterestMinor, r.Currency),
				State: planStates[r.State].words, Tone: planStates[r.State].tone, On: date.Of(r.CreatedAt.In(m.Frame.Now.Location())),
			}
			if r.State == "active" && r.WarnedSeq > 0 {
				row.State, row.Tone = "Instalment missed", component.Amber
			}
			m.Rows = append(m.Rows, row)
		}
		return nil
	}); err != nil {
		return err
	}
	return v.show(deals.List(m))
}

func (v *visit) plansCSV() error {
	return v.listFile("plans", []string{"id", "debtor", "invoices", "amount", "principal", "costs", "interest", "currency", "instalments", "every", "state", "proposed_by", "created_on", "accepted_on", "ended_on"},
		func(ctx context.Context, tx store.Tx, f component.Frame, add func(...string)) error {
			rows, err := v.planRows(ctx, tx, v.asking("/plans"), f.Today(), mostExported)
			for _, r := range rows {
				part := func(minor int64) string { return money.Of(minor, r.Currency).Decimal() }
				add(r.ID.String(), r.Debtor, r.Numbers, part(r.PrincipalMinor+r.CostsMinor+r.InterestMinor), part(r.PrincipalMinor), part(r.CostsMinor), part(r.InterestMinor), string(r.Currency),
					strconv.FormatInt(r.Instalments, 10), r.Interval, r.State, r.ProposedBy, dayOf(f, r.CreatedAt), dayIf(f, r.AcceptedAt), dayIf(f, r.EndedAt))
			}
			return err
		})
}

func (v *visit) thePlan() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	var m deals.PlanModel
	if err := v.read(func(ctx context.Context, tx store.Tx) error {
		f, err := v.frame(tx, component.Agreements, "Payment plan")
		if err != nil {
			return err
		}
		p, err := arrangement.ProgressOf(ctx, tx, id, f.Today())
		if err != nil {
			return err
		}
		m = tenantPlan(f, p)
		m.May = v.member.Role.May()
		return nil
	}); err != nil {
		return err
	}
	return v.show(deals.Plan(m))
}

func tenantPlan(f component.Frame, p arrangement.Progress) deals.PlanModel {
	row, cur := p.Plan, p.Plan.Currency
	m := deals.PlanModel{
		Frame: f, ID: row.ID.String(), Debtor: row.Debtor, DebtorID: row.DebtorID.String(), State: row.State, Title: planStates[row.State].words, Tone: planStates[row.State].tone,
		Covered: money.Of(row.PrincipalMinor+row.CostsMinor+row.InterestMinor, cur), Rest: p.Rest(), Note: row.Note,
	}
	fact := func(label, text string) { m.Facts = append(m.Facts, deals.Fact{Label: label, Text: text}) }
	fact("Proposed", "by "+map[string]string{"debtor": "the debtor", "creditor": actorName(row.CreatedBy)}[row.ProposedBy]+", "+f.Moment(row.CreatedAt))
	if row.AcceptedAt != nil {
		who := actorName(row.AcceptedBy)
		if row.Automatic {
			who = "itself, inside your limits (R81)"
		}
		fact("Started", "by "+who+", "+f.Moment(*row.AcceptedAt))
	}
	fact("Every", row.Interval)
	fact("Grace", fmt.Sprintf("%d days, then a warning of %d days", row.GraceDays, row.CureDays))
	if row.BreakApproval {
		fact("Not kept", "a person decides")
	}
	if row.RestDue {
		fact("When it ends", "the rest is due at once")
	}
	if row.Waiver != "" {
		fact("Costs", f.Amount(money.Of(row.WaiveMinor, cur))+" "+map[string]string{"conditional": "fall away when all is paid", "final": "fell away", "lapsed": "are owed again"}[row.Waiver])
	}
	if row.EndedAt != nil {
		fact("Ended", f.Moment(*row.EndedAt)+", by "+actorName(row.EndedBy)+". "+row.EndedWhy)
	}
	if row.State == "active" && row.WarnedSeq > 0 {
		m.Warning = fmt.Sprintf("Instalment %d was not paid; the debtor has until %s.", row.WarnedSeq, f.Date(row.CureOn))
	}
	for _, i := range p.Invoices {
		m.Invoices = append(m.Invoices, component.Link{Label: i.Number, Href: "/invoices/" + i.InvoiceID.String()})
	}
	for _, in := range p.Instalments {
		l := deals.Instalment{
			Number: in.Seq, Due: in.Due, Amount: money.Of(in.Total(), cur), Paid: money.Of(p.Paid[in.Seq-1], cur), Principal: money.Of(in.Principal, cur),
			Costs: money.Of(in.Costs, cur), InterestPart: money.Of(in.Interest, cur), State: "To come",
		}
		switch {
		case !p.Left(in.Seq).Positive():
			l.State = "Paid"
		case in.Due.Before(f.Today()) && row.State == "active":
			l.State = "Late"
		}
		m.Instalments = append(m.Instalments, l)
	}
	return m
}

// planAct decides about a plan: accept, reject, cancel or break.
func (v *visit) planAct() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	text := cutText(strings.TrimSpace(v.r.FormValue("text")), 2000)
	said := map[string]string{
		"accept": "The plan has started; the debtor is told.", "reject": "The debtor is told that the plan is not accepted.", "cancel": "The plan is cancelled; the flow goes on where it was.", "break": "The plan has ended; the debtor is told.",
	}
	act := last(v.r.URL.Path)
	if text == "" && (act == "reject" || act == "cancel") {
		return fault.New(fault.Invalid, "plan_text", "Write why, so that it can be found later.")
	}
	if err := v.write(func(ctx context.Context, tx store.Tx) error {
		switch act {
		case "accept":
			return v.Desk.Accept(ctx, tx, id, v.member.Name)
		case "reject":
			return v.Desk.Reject(ctx, tx, id, text, v.member.Name)
		case "cancel":
			return v.Desk.Cancel(ctx, tx, id, text, v.member.Name)
		}
		return v.Desk.Break(ctx, tx, id, v.member.Name)
	}); err != nil {
		return err
	}
	return v.done("/plans/"+id.String(), component.Flash{Tone: component.Green, Text: said[act]})
}
