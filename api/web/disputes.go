package web

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/deals"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

var disputeLooks = map[string]struct {
	words string
	tone  component.Tone
}{"open": {"Open", component.Amber}, "accepted": {"Accepted", component.Green}, "rejected": {"Not accepted", component.Ink}, "withdrawn": {"Withdrawn", ""}}

func (v *visit) disputeRows(ctx context.Context, tx store.Tx, a *asking, today date.Date, most int32) ([]db.DisputeListRow, error) {
	p := db.DisputeListParams{Tab: a.tab, Search: a.search, Amount: a.amount, Due: a.chooseDue("Any deadline", "Deadline has passed", "Deadline within a week"), Today: today, Back: a.back, Most: most}
	p.FromAt, p.FromID = a.start()
	reasons := []string{"", "Any reason"}
	for _, r := range []string{"delivery", "quality", "price", "unknown", "other"} {
		reasons = append(reasons, r, strings.TrimSuffix(disputeReasons[r], "."))
	}
	p.Reason = a.choose("reason", "Reason", reasons...)
	people, err := tx.Members(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the members: %w", err)
	}
	owners := []string{"", "Any owner", "nobody", "Nobody yet", v.member.ID.String(), "Mine"}
	for _, m := range people {
		if m.DisabledAt == nil && m.ID != v.member.ID {
			owners = append(owners, m.ID.String(), m.Name)
		}
	}
	p.OfOwner = a.choose("owner", "Owner", owners...)
	rows, err := tx.DisputeList(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("list disputes: %w", err)
	}
	return rows, nil
}

func (v *visit) disputes() error {
	var m deals.ListModel
	a := v.asking("/disputes")
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if m, err = v.listing(ctx, tx, "disputes", "Disputes"); err != nil {
			return err
		}
		m.Tabs = tabsOf(a, [2]string{"", "All"}, [2]string{"open", "Open"}, [2]string{"late", "Late"}, [2]string{"credit", "To credit"}, [2]string{"decided", "Decided"})
		rows, err := v.disputeRows(ctx, tx, a, m.Frame.Today(), pageSize+1)
		if err != nil {
			return err
		}
		m.Find = a.finder("disputes", "Debtor, invoice or amount")
		rows, m.Pager = page(rows, a.address(), a.from, a.back, func(r db.DisputeListRow) place { return place{At: r.OpenedAt, ID: r.ID} })
		m.Pager.Shown = shownOf(m.Frame, len(rows), len(rows), "dispute", "disputes")
		for _, r := range rows {
			row := deals.Row{
				Href: "/disputes/" + r.ID.String(), Debtor: r.Debtor, Number: r.Number, Invoice: "/invoices/" + r.InvoiceID.String(), Amount: money.Of(r.AmountMinor, r.Currency), State: disputeLooks[r.State].words,
				Tone: disputeLooks[r.State].tone, On: r.Deadline, Owner: r.Owner, Late: r.State == "open" && r.Deadline.Before(m.Frame.Today()), Note: strings.TrimSuffix(disputeReasons[r.Reason], "."),
			}
			if r.State == "accepted" && r.CreditedAt == nil {
				row.State, row.Tone = "Credit note to come", component.Amber
			}
			m.Rows = append(m.Rows, row)
		}
		return nil
	}); err != nil {
		return err
	}
	return v.show(deals.List(m))
}

func (v *visit) disputesCSV() error {
	return v.listFile("disputes", []string{"id", "debtor", "invoice", "amount", "to_credit", "currency", "reason", "lines", "note", "state", "owner", "deadline", "opened_on", "decided_on", "credited_on"},
		func(ctx context.Context, tx store.Tx, f component.Frame, add func(...string)) error {
			rows, err := v.disputeRows(ctx, tx, v.asking("/disputes"), f.Today(), mostExported)
			for _, r := range rows {
				amount, currency := cells(money.Of(r.AmountMinor, r.Currency))
				add(r.ID.String(), r.Debtor, r.Number, amount, money.Of(r.AcceptedMinor, r.Currency).Decimal(), currency, r.Reason, r.Lines, r.Note, r.State, r.Owner, r.Deadline.String(),
					dayOf(f, r.OpenedAt), dayIf(f, r.ResolvedAt), dayIf(f, r.CreditedAt))
			}
			return err
		})
}

func (v *visit) theDispute() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	m, err := v.disputeModel(id)
	if err != nil {
		return err
	}
	return v.show(deals.Dispute(m))
}

func (v *visit) disputeModel(id uuid.UUID) (m deals.DisputeModel, err error) {
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		r, err := tx.DisputeFull(ctx, id)
		if err != nil {
			return err
		}
		f, err := v.frame(tx, component.Agreements, "Dispute "+r.Number)
		if err != nil {
			return err
		}
		look := disputeLooks[r.State]
		m = deals.DisputeModel{
			Frame: f, ID: id.String(), Number: r.Number, Invoice: "/invoices/" + r.InvoiceID.String(), Debtor: r.Debtor, DebtorID: r.DebtorID.String(), State: r.State, Title: look.words, Tone: look.tone,
			Amount: money.Of(r.AmountMinor, r.Currency), Open: money.Of(r.OpenMinor, r.Currency), Note: r.Note, Deadline: r.Deadline.String(), Late: r.Deadline.Before(f.Today()), May: v.member.Role.May(),
			Facts:  []deals.Fact{{Label: "What", Text: strings.TrimSuffix(disputeReasons[r.Reason], ".")}, {Label: "Opened", Text: f.Moment(r.OpenedAt) + ", by " + actorName(r.OpenedBy)}},
			Credit: component.TextInput{ID: "credit", Name: "credit", Label: "What you credit", Hint: "Leave empty for all of it, when you agree", InputMode: "decimal"},
			Text:   component.TextInput{ID: "text", Name: "text", Label: "What you tell the debtor", Rows: 3, Required: true},
		}
		if r.Lines != "" {
			m.Facts = append(m.Facts, deals.Fact{Label: "Lines", Text: r.Lines})
		}
		if r.State != "open" && r.ResolvedAt != nil {
			m.Decision = look.words + ", " + f.Moment(*r.ResolvedAt) + ", by " + actorName(r.ResolvedBy) + ". " + r.Resolution
			if r.AcceptedMinor > 0 {
				m.Decision = "To be credited: " + f.Amount(money.Of(r.AcceptedMinor, r.Currency)) + ". " + m.Decision
			}
			m.Awaiting = r.State == "accepted" && r.CreditedAt == nil
		}
		people, err := tx.Members(ctx)
		if err != nil {
			return fmt.Errorf("load the members: %w", err)
		}
		m.Owners = append(m.Owners, component.Option{Label: "Nobody yet"})
		for _, p := range people {
			if p.DisabledAt == nil {
				m.Owners = append(m.Owners, component.Option{Value: p.ID.String(), Label: p.Name, Selected: r.OwnerID.Valid && r.OwnerID.UUID == p.ID})
			}
		}
		m.Files, err = filesOf(ctx, tx, id)
		return err
	})
	return m, err
}

func (v *visit) disputeDecide() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	m, err := v.disputeModel(id)
	if err != nil {
		return err
	}
	m.Text.Value, m.Credit.Value = strings.TrimSpace(v.r.FormValue("text")), strings.TrimSpace(v.r.FormValue("credit"))
	credit, agree := m.Amount, v.r.FormValue("decision") == "accept"
	if agree {
		var ok bool
		if credit, ok = amountIn(m.Credit.Value, m.Amount); !ok {
			m.Credit.Error = "Write an amount of at most what is in dispute."
		}
	} else {
		credit.Minor = 0
	}
	if m.Text.Value == "" {
		m.Text.Error = "Write what you tell the debtor."
	}
	if m.Text.Error != "" || m.Credit.Error != "" {
		return v.again(deals.Dispute(m))
	}
	if err := v.write(func(ctx context.Context, tx store.Tx) error {
		return v.Desk.Resolve(ctx, tx, arrangement.Resolution{Dispute: id, Credit: credit, Text: cutText(m.Text.Value, 4000), By: v.member.Name})
	}); err != nil {
		return err
	}
	return v.done("/disputes/"+id.String(), component.Flash{Tone: component.Green, Text: "Decided. The debtor is told by e-mail."})
}

// disputeAct assigns a dispute, or says that it is credited or withdrawn.
func (v *visit) disputeAct() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	act := last(v.r.URL.Path)
	said := map[string]string{"assign": "Saved.", "credited": "The rest of the invoice goes on.", "withdraw": "The dispute is withdrawn; the flow goes on."}
	if err := v.write(func(ctx context.Context, tx store.Tx) error {
		switch act {
		case "credited":
			return v.Desk.Credited(ctx, tx, id, v.member.Name)
		case "withdraw":
			return v.Desk.WithdrawDispute(ctx, tx, id, v.member.Name)
		}
		owner := uuid.NullUUID{}
		if o, err := uuid.Parse(v.r.FormValue("owner")); err == nil {
			owner = uuid.NullUUID{UUID: o, Valid: true}
		}
		return v.Desk.Assign(ctx, tx, id, owner, dayIn(v.r.FormValue("deadline")), v.member.Name)
	}); err != nil {
		return err
	}
	return v.done("/disputes/"+id.String(), component.Flash{Tone: component.Green, Text: said[act]})
}
