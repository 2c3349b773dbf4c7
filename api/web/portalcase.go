package web

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	view "github.com/voldaan/voldaan/api/web/view/portal"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/dossier"
	"github.com/voldaan/voldaan/core/fee"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// charged adds what the debtor owes for cases besides the invoices (R104), and
// offers no payment of what is paid to a bailiff (R109).
func (c *caller) charged(ctx context.Context, tx store.Tx, p party, out *claims) error {
	list, err := claim.ChargedTo(ctx, tx, p.debtor.ID, p.shell.Now)
	if err != nil {
		return err
	}
	for _, ch := range list {
		one := view.Claim{
			ID: ch.Case.String(), Number: p.shell.T("all.charges", ch.Number), Amount: ch.Amount, Due: ch.Opened, Late: true, State: view.Open,
			PDF: c.base() + "/statement/" + ch.Case.String(), Specified: true,
		}
		if ch.Costs.Positive() && ch.Interest.Positive() {
			one.Lines = []view.ClaimRow{{Label: p.shell.T("claim.costs"), Amount: ch.Costs}, {Label: p.shell.T("claim.interest"), Amount: ch.Interest}}
		}
		if ch.Elsewhere != "" {
			one.State, one.Bailiff = view.Elsewhere, ch.Elsewhere
		}
		out.open = append(out.open, one)
	}
	if err := c.reminderFees(ctx, tx, p, out); err != nil {
		return err
	}
	elsewhere, err := tx.PaidElsewhere(ctx, p.debtor.ID)
	for _, e := range elsewhere {
		if i := slices.IndexFunc(out.open, func(o view.Claim) bool { return o.ID == e.InvoiceID.String() }); i >= 0 {
			out.open[i].State, out.open[i].Bailiff = view.Elsewhere, e.Name
		}
	}
	return err
}

// bailiffsOf are those who have a case of the debtor.
func bailiffsOf(ctx context.Context, tx store.Tx, debtor uuid.UUID) (out []view.Bailiff, err error) {
	rows, err := tx.AtBailiffs(ctx, debtor)
	if err != nil {
		return nil, fmt.Errorf("look for bailiffs: %w", err)
	}
	for _, r := range rows {
		out = append(out, view.Bailiff{Name: r.Name, Case: r.Number, Reference: cmp.Or(r.Reference, r.Number), Email: r.Email, Phone: r.Phone, There: r.PaysTo == "bailiff"})
	}
	return out, nil
}

// reminderFees adds what reminders cost outside a case, each beside its invoice and
// to be paid with it or alone. What is said of the invoice, such as that it is in
// dispute, holds for its fees.
func (c *caller) reminderFees(ctx context.Context, tx store.Tx, p party, out *claims) error {
	list, err := fee.Of(ctx, tx, p.debtor.ID)
	if err != nil {
		return err
	}
	for _, a := range list {
		open := a.Open()
		if !open.Positive() {
			continue
		}
		one := view.Claim{ID: a.Item().String(), Number: p.shell.T("all.fees", a.Number), Amount: open, Due: a.Last, Late: true, State: view.Open}
		at := slices.IndexFunc(out.open, func(o view.Claim) bool { return o.ID == a.Invoice.String() })
		if at < 0 {
			out.open = append(out.open, one)
			continue
		}
		one.State, one.Until = out.open[at].State, out.open[at].Until
		out.open = slices.Insert(out.open, at+1, one)
	}
	return nil
}

// statement is what the debtor owes for a case today, and why.
func (c *caller) statement() error {
	id, err := uuid.Parse(c.r.PathValue("case"))
	if err != nil {
		return errNotHere
	}
	var doc dossier.Document
	if err := c.read(func(ctx context.Context, tx store.Tx) error {
		p, err := c.party(ctx, tx)
		if err != nil {
			return err
		}
		row, err := tx.CaseByID(ctx, id)
		if err != nil || row.DebtorID != p.debtor.ID {
			return errNotHere // W4
		}
		doc, err = dossier.Statement(ctx, tx, id, date.Of(p.shell.Now), p.shell.Lang)
		return err
	}); err != nil {
		return err
	}
	serveDocument(c.w, db.Document{Name: doc.Name, MediaType: "application/pdf", Content: doc.Bytes}, false)
	return nil
}
