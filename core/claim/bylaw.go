package claim

import (
	"encoding/json"

	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/sdk/money"
)

// CostsByLaw are the costs of a case in the currency of the law, as they were
// computed before they were converted (R123). It reports false when something of
// them was paid, waived or corrected since: then the rate says what is left.
func (f *File) CostsByLaw(state State) (money.Amount, bool) {
	sum, booked := money.Of(0, f.Pack.Currency()), int64(0)
	for _, e := range f.Entries {
		if e.Kind != "costs" && e.Kind != "costs_vat" {
			continue
		}
		booked += e.AmountMinor
		var due law.CostsDue
		if json.Unmarshal(e.Calculation, &due) != nil || due.Costs.Total.Currency != sum.Currency {
			return sum, false
		}
		part := due.Costs.Fee
		if e.Kind == "costs_vat" {
			part = due.Costs.VAT
		}
		sum.Minor += part.Minor
	}
	return sum, booked == state.Costs
}

// ChargesByLaw are the open costs and interest of a case in the currency of the
// law, by the rate of the case; nothing without one.
func (f *File) ChargesByLaw(state State) (costs, interest money.Amount) {
	to := f.Pack.Currency()
	costs, whole := f.CostsByLaw(state)
	if !whole {
		costs, _ = f.Rate.To(to, f.amount(state.Costs))
	}
	interest, _ = f.Rate.To(to, f.amount(state.Interest))
	return costs, interest
}
