package web

import (
	"cmp"
	"context"
	"fmt"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/deals"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

func (v *visit) stopRows(ctx context.Context, tx store.Tx, a *asking, most int32) ([]db.LegalStopListRow, error) {
	kinds := []string{"", "Any kind"}
	for _, k := range arrangement.StopKinds() {
		kinds = append(kinds, string(k), k.Title())
	}
	p := db.LegalStopListParams{Tab: cmp.Or(a.tab, "in_force"), Search: a.search, OfKind: a.choose("kind", "Kind", kinds...), Back: a.back, Most: most}
	p.FromAt, p.FromID = a.start()
	rows, err := tx.LegalStopList(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("list legal stops: %w", err)
	}
	return rows, nil
}

func (v *visit) legalStops() error {
	var m deals.ListModel
	a := v.asking("/legal-stops")
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if m, err = v.listing(ctx, tx, "stops", "Legal stops"); err != nil {
			return err
		}
		m.Tabs = tabsOf(a, [2]string{"", "In force"}, [2]string{"lifted", "Lifted"}, [2]string{"all", "All"})
		rows, err := v.stopRows(ctx, tx, a, pageSize+1)
		if err != nil {
			return err
		}
		m.Find = a.finder("legal stops", "Debtor, number or trustee")
		rows, m.Pager = page(rows, a.address(), a.from, a.back, func(r db.LegalStopListRow) place { return place{At: r.RecordedAt, ID: r.ID} })
		m.Pager.Shown = shownOf(m.Frame, len(rows), len(rows), "legal stop", "legal stops")
		for _, r := range rows {
			row := deals.Row{
				Href: "/debtors/" + r.DebtorID.String(), Debtor: r.Debtor, Number: arrangement.StopKind(r.Kind).Title(), Note: r.Reference, On: r.EffectiveOn, State: "In force", Tone: component.Red,
			}
			if r.LiftedAt != nil {
				row.State, row.Tone = "Lifted", ""
			}
			m.Rows = append(m.Rows, row)
		}
		return nil
	}); err != nil {
		return err
	}
	return v.show(deals.List(m))
}

func (v *visit) legalStopsCSV() error {
	return v.listFile("legal-stops", []string{"id", "debtor", "kind", "effective_on", "ends_on", "source", "reference", "contact", "note", "recorded_on", "recorded_by", "lifted_on", "lifted_by", "lifted_why"},
		func(ctx context.Context, tx store.Tx, f component.Frame, add func(...string)) error {
			rows, err := v.stopRows(ctx, tx, v.asking("/legal-stops"), mostExported)
			for _, r := range rows {
				add(r.ID.String(), r.Debtor, r.Kind, r.EffectiveOn.String(), r.EndsOn.String(), r.Source, r.Reference, r.Contact, r.Note, dayOf(f, r.RecordedAt), actorName(r.RecordedBy), dayIf(f, r.LiftedAt), r.LiftedBy, r.LiftedWhy)
			}
			return err
		})
}
