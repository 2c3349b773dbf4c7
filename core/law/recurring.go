package law

import (
	"fmt"
	"strings"

	"github.com/voldaan/voldaan/sdk/money"
)

// capRecurring limits the fee for small instalments from one legal
// relationship: the highest amount due for a single instalment, and no more
// than the cap over the look-back period. It does nothing before the rule took
// effect or when an instalment is too large for it.
func (c *Country) capRecurring(out *Costs, costs *costsRule, claim CostsClaim, said *strings.Builder) error {
	rule := &costs.Recurring
	if !claim.On.IsZero() && claim.On.Before(rule.EffectiveFrom) || out.Principal.Minor == 0 {
		return nil
	}
	highest := int64(0)
	for _, p := range claim.Principals {
		if p.Minor >= rule.InstalmentBelowCents {
			return nil
		}
		fee, err := money.RoundHalfUp(costs.scale(p.Minor), c.file.Currency)
		if err != nil {
			return err
		}
		highest = max(highest, min(fee.Minor, rule.MaxPerInstalmentCents))
	}
	earlier, err := c.paidOff("what became due in the period", claim.Recurring.CostsInPeriod)
	if err != nil {
		return err
	}
	c.rest(&out.Basis, rule.Provenance, "the cap on recurring instalments")
	// The sources agree on the cap and the highest single amount, not on how the
	// amounts fall inside the cap.
	c.restOn(&out.Basis, rule.Split.Provenance, "the split of the cap ("+rule.Split.Text+")", "the split of the cap on recurring instalments", rule.Split.Text)
	out.Fee = c.amount(min(out.Fee.Minor, highest, max(rule.CapCents-earlier, 0)))
	fmt.Fprintf(said, ", limited to %s for recurring instalments (%s became due in the last %d months, at most %s)",
		out.Fee, c.amount(earlier), rule.CapMonths, c.amount(rule.CapCents))
	return nil
}
