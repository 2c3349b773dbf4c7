package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	view "github.com/voldaan/voldaan/api/web/view/portal"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk/date"
)

func (c *caller) promiseForm() error {
	return c.promisePage(http.StatusOK, view.PromiseModel{}, nil)
}

func (c *caller) promisePage(code int, m view.PromiseModel, wrong error) error {
	if err := c.read(func(ctx context.Context, tx store.Tx) error {
		p, all, err := c.overviewOf(ctx, tx)
		if err != nil {
			return err
		}
		rules, err := arrangement.SettingsOf(ctx, tx, p.adm.ID)
		today := date.Of(p.shell.Now)
		m.Shell, m.Invoices, m.First, m.Last = p.shell, options(p.shell, pick(all.open, nil)), today, today.AddDays(rules.PromiseDays)
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
	return c.show(code, view.Promise(m))
}

// chosenClaim is the claim that a form is about.
func chosenClaim(list []view.Claim, id string) (view.Claim, bool) {
	i := slices.IndexFunc(list, func(x view.Claim) bool { return x.ID == id && x.State == view.Open })
	if i < 0 {
		return view.Claim{}, false
	}
	return list[i], true
}

func (c *caller) promise() error {
	m := view.PromiseModel{Day: c.r.FormValue("day"), Amount: strings.TrimSpace(c.r.FormValue("amount")), Errors: component.Errors{}}
	shell, err := c.inTurn(func(ctx context.Context, tx store.Tx, p party, all claims) error {
		about, ok := chosenClaim(all.open, c.r.FormValue("invoice"))
		if !ok {
			return errNotHere
		}
		on := dayIn(m.Day)
		if on.IsZero() {
			m.Errors["day"] = "promise.noday"
		}
		amount, ok := amountIn(m.Amount, about.Amount)
		if !ok {
			m.Errors["amount"] = "err.promise.amount"
		}
		if len(m.Errors) > 0 {
			return nil
		}
		_, err := c.Desk.Promise(ctx, tx, arrangement.NewPromise{Invoice: uuid.MustParse(about.ID), Amount: amount, PayOn: on, Channel: "portal", By: arrangement.ByDebtor, Tell: true})
		return err
	})
	switch {
	case refused(err) && !errors.Is(err, errNotHere):
		return c.promisePage(http.StatusUnprocessableEntity, m, err)
	case err != nil:
		return err
	case len(m.Errors) > 0:
		return c.promisePage(http.StatusUnprocessableEntity, m, nil)
	}
	return c.thanks(shell, "promise")
}

func (c *caller) promiseUndo() error {
	return c.own(func(ctx context.Context, tx store.Tx, id uuid.UUID) (uuid.UUID, error) {
		p, err := tx.Promise(ctx, id)
		return p.DebtorID, err
	}, func(ctx context.Context, tx store.Tx, id uuid.UUID) error {
		return c.Desk.WithdrawPromise(ctx, tx, id, arrangement.ByDebtor)
	})
}
