package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	view "github.com/voldaan/voldaan/api/web/view/portal"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk/date"
)

func (c *caller) paidForm() error {
	return c.paidPage(http.StatusOK, view.PaidModel{}, nil)
}

func (c *caller) paidPage(code int, m view.PaidModel, wrong error) error {
	if err := c.read(func(ctx context.Context, tx store.Tx) error {
		p, all, err := c.overviewOf(ctx, tx)
		m.Shell, m.Invoices, m.Today = p.shell, options(p.shell, pick(all.open, nil)), date.Of(p.shell.Now)
		if wrong != nil {
			m.Problem = debtorWords(p.shell, wrong)
		}
		for field, key := range m.Errors {
			m.Errors[field] = p.shell.T(key)
		}
		return err
	}); err != nil {
		return err
	}
	if len(m.Invoices) == 0 {
		return c.toHome()
	}
	return c.show(code, view.Paid(m))
}

func (c *caller) paidAlready() error {
	m := view.PaidModel{Day: c.r.FormValue("day"), Amount: strings.TrimSpace(c.r.FormValue("amount")), Text: cutText(strings.TrimSpace(c.r.FormValue("text")), longestText), Errors: component.Errors{}}
	proof, ok := proofs(c.r.MultipartForm)
	if !ok {
		m.Errors["files"] = "files.wrong"
	}
	shell, err := c.inTurn(func(ctx context.Context, tx store.Tx, p party, all claims) error {
		about, ok := chosenClaim(all.open, c.r.FormValue("invoice"))
		if !ok {
			return errNotHere
		}
		amount, ok := amountIn(m.Amount, about.Amount)
		if !ok {
			m.Errors["amount"] = "err.paid.amount"
		}
		if len(m.Errors) > 0 {
			return nil
		}
		invoice := uuid.MustParse(about.ID)
		id, err := c.Desk.PaidAlready(ctx, tx, arrangement.NewPaidClaim{Invoice: invoice, Amount: amount, PaidOn: dayIn(m.Day), Note: m.Text, By: arrangement.ByDebtor})
		if err != nil {
			return err
		}
		return c.keepProof(ctx, tx, id, proof)
	})
	switch {
	case refused(err):
		return c.paidPage(http.StatusUnprocessableEntity, m, err)
	case err != nil:
		return err
	case len(m.Errors) > 0:
		return c.paidPage(http.StatusUnprocessableEntity, m, nil)
	}
	return c.thanks(shell, "paid")
}
