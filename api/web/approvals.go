package web

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/flows"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// approvalRows are the steps that wait for a person.
func (v *visit) approvalRows(ctx context.Context, tx store.Tx, a *asking, names stepNames, today date.Date, most int32) ([]db.WaitingForApprovalRow, error) {
	q := db.WaitingForApprovalParams{Search: a.search, Amount: a.amount, Due: a.chooseDue("Any due date", "Overdue", "Due within a week"), Today: today, Back: a.back, Most: most}
	steps, err := tx.ApprovalSteps(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the steps that wait: %w", err)
	}
	pairs := []string{"", "Any step"}
	for _, s := range steps {
		if !slices.Contains(pairs, s.NextStep) {
			pairs = append(pairs, s.NextStep, names.title(s.Flow, s.NextStep))
		}
	}
	if len(pairs) > 2 {
		q.Step = a.choose("step", "Step", pairs...)
	}
	if a.from != nil {
		q.FromID, q.FromPlace, q.FromDue = uuid.NullUUID{UUID: a.from.ID, Valid: true}, a.from.Text, date.Of(a.from.At)
	}
	rows, err := tx.WaitingForApproval(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("list what waits for a person: %w", err)
	}
	return rows, nil
}

func (v *visit) approvals() error {
	m, err := v.approvalModel()
	if err != nil {
		return err
	}
	return v.show(flows.Approvals(m))
}

func (v *visit) approvalModel() (m flows.ApprovalsModel, err error) {
	m.Look = !v.member.Role.May()
	a := v.asking("/approvals")
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		if m.Frame, err = v.frame(tx, component.Flows, "Approvals"); err != nil {
			return err
		}
		names, err := namesOf(ctx, tx)
		if err != nil {
			return err
		}
		if m.Waiting, err = waitingSteps(ctx, tx); err != nil {
			return err
		}
		m.Tabs = tabsOf(a, [2]string{"", "Waiting"}, [2]string{"given", "Given, not taken yet"})
		m.Tabs[0].Count, m.Tabs[0].Tone = m.Waiting, component.Amber
		if m.Given = a.tab == "given"; m.Given {
			return v.givenApprovals(ctx, tx, &m, a, names)
		}
		rows, err := v.approvalRows(ctx, tx, a, names, m.Frame.Today(), pageSize+1)
		if err != nil {
			return err
		}
		m.Find = a.finder("approvals", "Debtor, invoice or amount")
		rows, m.Pager = page(rows, a.address(), a.from, a.back, func(r db.WaitingForApprovalRow) place {
			return place{Text: r.Place, At: r.Due.In(time.UTC), ID: r.InvoiceID}
		})
		total := len(rows)
		if !m.Find.Filtered() {
			total = m.Waiting
		}
		m.Pager.Shown = shownOf(m.Frame, len(rows), total, "step", "steps")
		for _, r := range rows {
			m.Rows = append(m.Rows, flows.ApprovalRow{
				ID: r.InvoiceID.String(), Number: r.Number, Debtor: r.Debtor, Step: names.title(r.Flow, r.NextStep), Why: r.HeldWhy, Open: m.Frame.Amount(amountOf(r.OpenMinor, r.Currency)), Due: r.Due, Late: r.Due.Before(m.Frame.Today()),
			})
		}
		return nil
	})
	return m, err
}

// givenApprovals are those that can still be taken back.
func (v *visit) givenApprovals(ctx context.Context, tx store.Tx, m *flows.ApprovalsModel, a *asking, names stepNames) error {
	p := db.GivenApprovalsParams{Search: a.search, Amount: a.amount, Back: a.back, Most: pageSize + 1}
	p.FromAt, p.FromID = a.start()
	rows, err := tx.GivenApprovals(ctx, p)
	if err != nil {
		return fmt.Errorf("list the approvals that were given: %w", err)
	}
	m.Find = a.finder("approvals", "Debtor, invoice or amount")
	m.Find.CSV = ""
	rows, m.Pager = page(rows, a.address(), a.from, a.back, func(r db.GivenApprovalsRow) place { return place{At: r.ApprovedAt, ID: r.InvoiceID} })
	m.Pager.Shown = shownOf(m.Frame, len(rows), len(rows), "step", "steps")
	for _, r := range rows {
		row := flows.ApprovalRow{
			ID: r.InvoiceID.String(), Number: r.Number, Debtor: r.Debtor, Step: names.title(r.Flow, r.Step), Why: "Approved by " + actorName(r.ApprovedBy) + ", " + m.Frame.Moment(r.ApprovedAt) + ".",
			Open: m.Frame.Amount(amountOf(r.OpenMinor, r.Currency)), Due: r.Due, Late: r.Due.Before(m.Frame.Today()), Until: "the step is taken",
		}
		if r.NextAt != nil {
			row.Until = m.Frame.Moment(*r.NextAt)
		}
		m.Rows = append(m.Rows, row)
	}
	return nil
}

// waitingSteps is how many steps wait for a person.
func waitingSteps(ctx context.Context, tx store.Tx) (n int, err error) {
	rows, err := tx.ApprovalSteps(ctx)
	for _, r := range rows {
		n += int(r.Invoices)
	}
	return n, err
}

func (v *visit) approvalsCSV() error {
	return v.listFile("approvals", []string{"invoice_id", "invoice", "debtor", "step", "open", "currency", "due", "why"},
		func(ctx context.Context, tx store.Tx, f component.Frame, add func(...string)) error {
			names, err := namesOf(ctx, tx)
			if err != nil {
				return err
			}
			rows, err := v.approvalRows(ctx, tx, v.asking("/approvals"), names, f.Today(), mostExported)
			for _, r := range rows {
				open, currency := cells(amountOf(r.OpenMinor, r.Currency))
				add(r.InvoiceID.String(), r.Number, r.Debtor, names.title(r.Flow, r.NextStep), open, currency, r.Due.String(), r.HeldWhy)
			}
			return err
		})
}

func (v *visit) decideApprovals() error {
	_ = v.r.FormValue("id") // reads the form
	var ids []uuid.UUID
	for _, text := range v.r.PostForm["id"] {
		id, err := uuid.Parse(text)
		if err != nil {
			return errNotHere
		}
		ids = append(ids, id)
	}
	var done []uuid.UUID
	act := v.r.FormValue("do")
	err := v.write(func(ctx context.Context, tx store.Tx) (err error) {
		switch act {
		case "refuse":
			done, err = v.Planner.Refuse(ctx, tx, ids, v.r.FormValue("reason"), v.member.Name)
		case "back":
			done, err = v.Planner.TakeBackApproval(ctx, tx, ids, v.member.Name)
		default:
			done, err = v.Planner.Approve(ctx, tx, ids, v.member.Name)
		}
		return err
	})
	if mendable(err) {
		m, err2 := v.approvalModel()
		if err2 != nil {
			return err2
		}
		m.Error = fault.Of(err).Message
		return v.again(flows.Approvals(m))
	}
	if err != nil {
		return err
	}
	n, f := len(done), component.Flash{Tone: component.Green}
	left := len(ids) - n
	switch act {
	case "refuse":
		f.Text, f.Undo = fmt.Sprintf("Refused. %d %s paused with your reason.", n, plural(n, "invoice is", "invoices are")), undoToken(done)
	case "back":
		f.Text = fmt.Sprintf("Taken back. %d %s for a person again.", n, plural(n, "step waits", "steps wait"))
	default:
		f.Text = fmt.Sprintf("Approved. %d %s on.", n, plural(n, "invoice goes", "invoices go"))
		if n > 0 {
			f.Undo = undoing{Steps: done}.token()
		}
	}
	if left > 0 {
		f.Tone = component.Amber
		f.Text += fmt.Sprintf(" %d %s: another person decided, or the invoice was paid or its step taken meanwhile.", left, plural(left, "was left alone", "were left alone"))
	}
	return v.done(back(v.r, "/approvals"), f)
}
