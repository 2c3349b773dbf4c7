package web

import (
	"context"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/deals"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/store"
)

func (v *visit) legalStops() error {
	var m deals.ListModel
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if m, err = v.listing(ctx, tx, "stops", "Legal stops"); err != nil {
			return err
		}
		rows, err := tx.LegalStopList(ctx)
		for _, r := range rows {
			row := deals.Row{
				Href: "/debtors/" + r.DebtorID.String(), Debtor: r.Debtor, Number: arrangement.StopKind(r.Kind).Title(), Note: r.Reference, On: r.EffectiveOn, State: "In force", Tone: component.Red, Plain: true,
			}
			if r.LiftedAt != nil {
				row.State, row.Tone = "Lifted", ""
			}
			m.Rows = append(m.Rows, row)
		}
		return err
	}); err != nil {
		return err
	}
	return v.show(deals.List(m))
}
