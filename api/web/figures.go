package web

import (
	"context"
	"fmt"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/settings"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
)

func (v *visit) figuresPage() error {
	m := settings.FiguresModel{Look: !v.owner()}
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if m.Frame, err = v.frame(tx, component.Settings, "Figures of the law"); err != nil {
			return err
		}
		pending, err := v.Planner.PendingFigures(ctx, tx)
		if err != nil {
			return err
		}
		for _, p := range pending {
			m.Pending = append(m.Pending, settings.Figure{Name: p.Name, Value: p.Value, Why: p.Why, Source: p.Source, Invoices: p.Invoices})
		}
		rows, err := tx.FigureApprovals(ctx)
		for _, r := range rows {
			m.Approved = append(m.Approved, settings.Figure{Name: r.Figure, Value: r.Value, Why: r.Why, Source: r.Source, By: r.ApprovedBy, At: r.ApprovedAt})
		}
		return err
	}); err != nil {
		return err
	}
	return v.show(settings.Figures(m))
}

// approveFigures approves what the page of an invoice showed, and nothing that
// changed since.
func (v *visit) approveFigures() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	return v.approve("/invoices/" + id.String())
}

func (v *visit) approveFigure() error { return v.approve("/settings/figures") }

func (v *visit) approve(to string) error {
	_ = v.r.FormValue("figure") // reads the form
	names, values := v.r.PostForm["figure"], v.r.PostForm["value"]
	if len(names) == 0 || len(names) != len(values) {
		return fault.New(fault.Invalid, "figure_missing", "Say which figure you approve.")
	}
	keys := make([]policy.FigureKey, len(names))
	for i := range names {
		keys[i] = policy.FigureKey{Name: names[i], Value: values[i]}
	}
	n := 0
	if err := v.write(func(ctx context.Context, tx store.Tx) (err error) {
		n, err = v.Planner.ApproveFigures(ctx, tx, keys, v.member.Name)
		return err
	}); err != nil {
		return err
	}
	said := fmt.Sprintf("Approved. %d %s on.", n, plural(n, "invoice goes", "invoices go"))
	return v.done(to, component.Flash{Tone: component.Green, Text: said})
}
