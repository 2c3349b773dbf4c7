package main

import (
	"context"
	"net/url"

	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
)

// approveFigures is what the creditor does while a consumer does not pay: a last day
// that happens to be no working day is moved by a rule that no source confirms, and
// waits for a person.
func (p *player) approveFigures(a *part) error {
	c, _, err := p.collection(a.ids[0])
	if err != nil {
		return err
	}
	a.done = c.Phase == string(receivable.Case)
	if c.HeldRule != "provisional_figure" {
		return nil
	}
	var pending []policy.Figure
	if err := p.inBooks(func(ctx context.Context, tx store.Tx) (err error) {
		pending, err = dunning.Planner{Real: clock.Real}.FiguresOf(ctx, tx, a.ids[0])
		return err
	}); err != nil || len(pending) == 0 {
		return err
	}
	form := url.Values{}
	for _, f := range pending {
		form.Add("figure", f.Name)
		form.Add("value", f.Value)
	}
	return p.clerk.send("/invoices/"+a.ids[0].String()+"/approve", form)
}
