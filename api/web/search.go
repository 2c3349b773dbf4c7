package web

import (
	"context"
	"net/url"
	"strings"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/money"
)

const (
	invoicesFound = 8
	debtorsFound  = 5
)

func (v *visit) search() error {
	m := component.SearchModel{Query: strings.TrimSpace(cutText(v.r.URL.Query().Get("q"), 100))}
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if m.Frame, err = v.frame(tx, component.Nowhere, "Search"); err != nil || m.Query == "" {
			return err
		}
		m.Groups, err = find(ctx, tx, m.Frame, m.Query)
		return err
	}); err != nil {
		return err
	}
	if v.r.Header.Get("HX-Request") != "" {
		return v.show(component.Results(m.Query, m.Groups)) // into the palette that is open
	}
	return v.show(component.Search(m))
}

// find looks for invoices, debtors and cases.
func find(ctx context.Context, tx store.Tx, f component.Frame, q string) (groups []component.SearchGroup, err error) {
	text, amount := searchOf(q)
	lines, err := tx.Invoices(ctx, store.InvoiceFilter{Tab: store.Any, Search: text, Amount: amount, Today: f.Today(), Sort: store.ByDue, Down: true, Most: invoicesFound})
	if err != nil {
		return nil, err
	}
	invoices := component.SearchGroup{Title: "Invoices"}
	for _, l := range lines[:min(len(lines), invoicesFound)] {
		invoices.Hits = append(invoices.Hits, component.SearchHit{
			Href: "/invoices/" + l.ID.String(), Icon: "receipt-text", Reference: l.Number, Text: l.Debtor,
			Aside: f.Amount(money.Of(l.OpenMinor, l.Currency)) + " · " + phaseOf(l.Phase, l.Status, l.SourceSent).Label(),
		})
	}
	found, err := tx.FindDebtors(ctx, db.FindDebtorsParams{Pattern: store.Containing(q), Most: debtorsFound})
	if err != nil {
		return nil, err
	}
	debtors := component.SearchGroup{Title: "Debtors"}
	for _, d := range found {
		debtors.Hits = append(debtors.Hits, component.SearchHit{Href: "/invoices?q=" + url.QueryEscape(d.Name), Icon: "user", Text: d.Name, Aside: d.City})
	}
	cases, err := tx.FindCases(ctx, db.FindCasesParams{Pattern: store.Containing(q), Most: debtorsFound})
	if err != nil {
		return nil, err
	}
	claims := component.SearchGroup{Title: "Cases"}
	for _, c := range cases {
		claims.Hits = append(claims.Hits, component.SearchHit{Href: "/cases/" + c.ID.String(), Icon: "scale", Reference: c.Number, Text: c.Name})
	}
	for _, g := range []component.SearchGroup{invoices, debtors, claims} {
		if len(g.Hits) > 0 {
			groups = append(groups, g)
		}
	}
	return groups, nil
}
