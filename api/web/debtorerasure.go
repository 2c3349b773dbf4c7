package web

import (
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/core/erasure"
	"github.com/voldaan/voldaan/core/store"
)

// debtorErasure takes a debtor's request to be forgotten, or its withdrawal
// (R116).
func (v *visit) debtorErasure() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	said := component.Flash{Tone: component.Green, Text: "Withdrawn. The data show again."}
	err = v.Store.In(v.r.Context(), v.member.Tenant, func(tx store.Tx) error {
		if v.r.FormValue("ask") == "withdraw" {
			return v.Erasure.Withdraw(v.r.Context(), tx, id, v.member.Name)
		}
		if v.r.FormValue("sure") != "yes" {
			said = component.Flash{Tone: component.Amber, Text: "Tick the box first: this cannot always be undone."}
			return nil
		}
		row, err := v.Erasure.Ask(v.r.Context(), tx, id, v.member.Name)
		said.Text = "Done. The person was taken out of the data."
		if row.State == erasure.Restricted {
			said.Text = "Recorded. The data are restricted until they may be erased."
		}
		return err
	})
	if err != nil {
		return err
	}
	return v.done("/debtors/"+id.String()+"#erasure", said)
}
