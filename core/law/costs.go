package law

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// CostsClaim is what collection costs are computed for: the claims of one
// creditor on one debtor that go, or went, into one letter.
type CostsClaim struct {
	// Debtor selects the rule; the zero value is protected as a consumer (R102).
	Debtor DebtorType
	// Clause says that the contract claims costs as far as the law allows. Some
	// laws grant a creditor none without it.
	Clause bool
	// Principals of all those claims, without interest. The law of the country
	// adds them before the scale is applied (R98), or counts each.
	Principals []money.Amount
	// PaidInTerm is what was paid of them inside the term of the letter (R96).
	PaidInTerm money.Amount
	// Charged is what was already charged as costs for this claim, VAT excluded.
	Charged money.Amount
	// VAT says which of the conditions for adding VAT are met (R100).
	VAT VATGround
	// On is the day the costs become due; it selects the VAT rate. No date is today's law.
	On date.Date
	// DefaultSince is the first day of default, when known.
	DefaultSince date.Date
	// Recurring is set for instalments that come back from one legal relationship.
	Recurring *Recurring
}

// VATGround lists the conditions of which all are needed before VAT is added
// to the costs (R100).
type VATGround struct {
	ThirdParty    bool // the creditor uses a collection service on which VAT is due
	NotDeductible bool // the creditor cannot deduct that VAT
	Declared      bool // the letter declares so, and that the costs are raised for it
}

// Recurring is the history that the cap on small recurring instalments needs.
type Recurring struct {
	// CostsInPeriod became due in the look-back period for the same legal
	// relationship, VAT excluded.
	CostsInPeriod money.Amount
}

// Costs are the collection costs of a claim.
type Costs struct {
	Principal  money.Amount `json:"principal"` // what the scale was applied to
	Fee        money.Amount `json:"fee"`
	VAT        money.Amount `json:"vat"`
	VATPercent string       `json:"vatPercent,omitempty"` // empty when no VAT is added
	Total      money.Amount `json:"total"`
	Basis
}

// CollectionCosts applies the statutory scale (R99). It returns a fault of
// kind Invalid for another currency, a negative payment or a claim from before
// the scale.
func (c *Country) CollectionCosts(claim CostsClaim) (Costs, error) {
	return c.collectionCosts(claim, feeLimit{})
}

// feeLimit replaces the fee of the scale, or caps it, before VAT. Without a
// reason it does nothing.
type feeLimit struct {
	fee     int64
	replace bool
	why     string
}

func (c *Country) collectionCosts(claim CostsClaim, limit feeLimit) (Costs, error) {
	rule := c.costsRule(claim.Debtor)
	principal, err := c.sum("a principal", claim.Principals...)
	if err != nil {
		return Costs{}, err
	}
	paid, err := c.paidOff("the payment inside the term", claim.PaidInTerm)
	if err != nil {
		return Costs{}, err
	}
	charged, err := c.paidOff("what was charged before", claim.Charged)
	if err != nil {
		return Costs{}, err
	}
	out := c.noCosts()
	out.Principal = c.amount(max(principal-paid, 0))
	c.rest(&out.Basis, rule.Provenance, rule.Name)
	switch {
	case rule.None != "":
		out.Explanation = "No costs: " + rule.None + "."
		return out, nil
	case rule.NeedsClause && !claim.Clause:
		out.Explanation = "No costs: " + rule.Name + " can be asked only as far as the contract claims it, and no clause is known."
		return out, nil
	case !claim.DefaultSince.IsZero() && claim.DefaultSince.Before(rule.EffectiveFrom):
		return Costs{}, fault.New(fault.Invalid, "costs_before_scale",
			"The debtor was in default before %s, so the scale does not apply; leave the costs out or have them set by hand.", rule.EffectiveFrom)
	}
	var said strings.Builder
	fmt.Fprintf(&said, "%s over %s", capital(rule.Name), out.Principal)
	if n := len(claim.Principals); n > 1 {
		c.rest(&out.Basis, rule.SeveralClaims.Provenance, rule.Count.inWords())
		fmt.Fprintf(&said, " (%d claims %s)", n, rule.Count.said())
	}
	if paid > 0 {
		c.rest(&out.Basis, rule.PartialPayment.Provenance, "the base after a payment inside the term")
		fmt.Fprintf(&said, ", the part of %s that was not paid inside the term", c.amount(principal))
	}
	if out.Fee, err = money.RoundHalfUp(rule.fee(claim.Principals, paid), c.file.Currency); err != nil {
		return Costs{}, err
	}
	fmt.Fprintf(&said, ": %s", out.Fee)
	if claim.Recurring != nil && rule.Recurring.CapCents > 0 {
		if err := c.capRecurring(&out, rule, claim, &said); err != nil {
			return Costs{}, err
		}
	}
	if limit.why != "" && (limit.replace || limit.fee < out.Fee.Minor) {
		out.Fee = c.amount(limit.fee)
		fmt.Fprintf(&said, ", %s: %s", limit.why, out.Fee)
	}
	if charged > 0 {
		c.rest(&out.Basis, rule.OnceOnly.Provenance, "charging costs once only")
		out.Fee = c.amount(max(out.Fee.Minor-charged, 0))
		fmt.Fprintf(&said, ", less %s charged before: %s", c.amount(charged), out.Fee)
	}
	if err := c.addVAT(&out, &rule.VAT, claim, &said); err != nil {
		return Costs{}, err
	}
	said.WriteString(".")
	out.Explanation = said.String()
	return out, nil
}

func (c *Country) costsRule(d DebtorType) *costsRule {
	rule := c.file.Costs[d.Protected()]
	return &rule
}

func (n count) inWords() string {
	return map[count]string{
		together: "adding the principals", each: "counting every claim by itself",
		lower: "taking the lower of costs over all claims together and over each by itself",
	}[n]
}

func (n count) said() string {
	return map[count]string{together: "added", each: "each by itself", lower: "added or each by itself, whichever is lower"}[n]
}

// fee returns the exact fee for the claims of one letter, of which some may be
// paid. A payment and a credit go to the oldest claim first.
func (r *costsRule) fee(principals []money.Amount, paid int64) *big.Rat {
	sum := -paid
	for _, p := range principals {
		sum += p.Minor
		if p.Minor < 0 {
			paid -= p.Minor
		}
	}
	all := r.scale(sum)
	if r.Count == together {
		return all
	}
	single := new(big.Rat)
	for _, p := range principals {
		off := min(max(p.Minor, 0), paid)
		paid -= off
		single.Add(single, r.scale(max(p.Minor, 0)-off))
	}
	if r.Count == lower && all.Cmp(single) < 0 {
		return all
	}
	return single
}

// scale returns the exact fee for a principal, between minimum and maximum.
func (r *costsRule) scale(principal int64) *big.Rat {
	if principal <= 0 {
		return new(big.Rat)
	}
	fee, from := new(big.Rat), int64(0)
	for _, b := range r.Bands {
		if principal <= from {
			break
		}
		if b.FixedCents != nil {
			fee.SetInt64(*b.FixedCents)
		}
		top := principal
		if b.UpToCents != 0 {
			top = min(top, b.UpToCents)
		}
		fee.Add(fee, b.Percent.of(top-from))
		from = b.UpToCents
	}
	if low := new(big.Rat).SetInt64(r.MinCents); fee.Cmp(low) < 0 {
		return low
	}
	if high := new(big.Rat).SetInt64(r.MaxCents); fee.Cmp(high) > 0 {
		return high
	}
	return fee
}

func (c *Country) addVAT(out *Costs, rule *vatRule, claim CostsClaim, said *strings.Builder) error {
	out.VAT, out.Total = c.amount(0), out.Fee
	met := map[string]bool{"third_party": claim.VAT.ThirdParty, "not_deductible": claim.VAT.NotDeductible, "declared": claim.VAT.Declared}
	any := false
	var missing []string
	for _, cond := range rule.Conditions {
		any = any || met[cond.ID]
		if !met[cond.ID] {
			missing = append(missing, cond.Text)
		}
	}
	switch {
	case !any || out.Fee.Minor == 0:
		return nil
	case len(missing) > 0:
		fmt.Fprintf(said, "; no VAT, because it needs that %s", strings.Join(missing, " and that "))
		return nil
	}
	row := rule.Rates[len(rule.Rates)-1]
	if !claim.On.IsZero() {
		var ok bool
		if row, ok = rateOn(rule.Rates, claim.On); !ok {
			return fault.New(fault.Invalid, "vat_rate_unknown", "No VAT rate is known for %s; choose a later day.", claim.On)
		}
	}
	c.rest(&out.Basis, rule.Provenance, "VAT on collection costs")
	if !row.Status.Confirmed() {
		out.doubt(Figure{
			Name: c.file.CountryCode + ": the VAT rate from " + row.EffectiveFrom.String(), Value: row.Rate.String() + "%", Status: row.Status,
			Sources: c.sources(row.Src), Why: fmt.Sprintf("the VAT rate of %s%% is %s", row.Rate, row.Status),
		})
	}
	var err error
	if out.VAT, err = money.RoundHalfUp(row.Rate.of(out.Fee.Minor), c.file.Currency); err != nil {
		return err
	}
	if out.Total, err = out.Fee.Add(out.VAT); err != nil {
		return err
	}
	out.VATPercent = row.Rate.String()
	fmt.Fprintf(said, ", and %s%% VAT of %s: %s", row.Rate, out.VAT, out.Total)
	return nil
}

// rateOn returns the row with the greatest first day that is not after d.
func rateOn(rows []RateRow, d date.Date) (RateRow, bool) {
	for i := len(rows) - 1; i >= 0; i-- {
		if !rows[i].EffectiveFrom.After(d) {
			return rows[i], true
		}
	}
	return RateRow{}, false
}

func (c *Country) amount(minor int64) money.Amount { return money.Of(minor, c.file.Currency) }

// sum adds amounts in the currency of the pack. Costs fixed in one currency
// are never converted here (R123).
func (c *Country) sum(what string, amounts ...money.Amount) (int64, error) {
	return sumIn(c.file.Currency, what, amounts...)
}

// paidOff is sum for an amount that cannot be negative.
func (c *Country) paidOff(what string, a money.Amount) (int64, error) {
	return notNegative(c.file.Currency, what, a)
}

func sumIn(currency money.Currency, what string, amounts ...money.Amount) (int64, error) {
	total := money.Of(0, currency)
	for _, a := range amounts {
		if a == (money.Amount{}) {
			continue
		}
		var err error
		if total, err = total.Add(a); err != nil {
			return 0, fault.New(fault.Invalid, "law_currency",
				"This is computed in %s and %s is in %q; fix the exchange rate first.", currency, what, a.Currency).Because(err)
		}
	}
	return total.Minor, nil
}

func notNegative(currency money.Currency, what string, a money.Amount) (int64, error) {
	n, err := sumIn(currency, what, a)
	if err == nil && n < 0 {
		err = fault.New(fault.Invalid, "law_negative", "%s is negative: %s; give it as a positive amount.", what, a)
	}
	return n, err
}
