package law

import (
	"slices"
	"time"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/date"
)

// PaymentTerm is a statutory rule on how long a debtor may take to pay.
type PaymentTerm struct {
	Provenance            `yaml:",inline"`
	Who                   string    `yaml:"who" json:"who"`
	DefaultDays           int       `yaml:"default_days" json:"defaultDays,omitempty"` // 0: the law sets none
	MaxDays               int       `yaml:"max_days" json:"maxDays,omitempty"`         // 0: no maximum
	EffectiveFrom         date.Date `yaml:"effective_from" json:"effectiveFrom"`
	ExistingContractsFrom date.Date `yaml:"existing_contracts_from" json:"existingContractsFrom"`
	Text                  string    `yaml:"text" json:"text"`
}

// PaymentTerms lists the rules on payment terms.
func (c *Country) PaymentTerms() []PaymentTerm { return slices.Clone(c.file.Terms) }

// Limitation is the day after which a claim can no longer be enforced.
type Limitation struct {
	LastDay date.Date `json:"lastDay"`
	Years   int       `json:"years"` // of the term that runs now
	Basis
}

// Limitation computes the limitation of a kind of claim ("contract",
// "consumer_sale_price", "interest_rent_periodic") that became due on a day,
// with the days of the written demands, which interrupt it where the law says
// so. It returns a fault of kind NotFound for another kind.
func (c *Country) Limitation(kind string, due date.Date, demands ...date.Date) (Limitation, error) {
	acts := make([]Act, len(demands))
	for i, d := range demands {
		acts[i] = Act{On: d, Kind: Demand}
	}
	return c.LimitationAfter(kind, due, acts...)
}

// LimitationAfter is Limitation with all that happened about the claim: what makes
// a new term begin by this law does, and the rest does not. What comes after the
// term is over revives nothing.
func (c *Country) LimitationAfter(kind string, due date.Date, acts ...Act) (Limitation, error) {
	i := slices.IndexFunc(c.file.Limitations, func(l limitationRule) bool { return l.ID == kind })
	if i < 0 {
		return Limitation{}, fault.New(fault.NotFound, "limitation_unknown", "The law of %s has no limitation term %q here.", c.file.CountryCode, kind)
	}
	rule := c.file.Limitations[i]
	out := Limitation{Years: rule.Years, LastDay: rule.end(due, rule.Years)}
	c.rest(&out.Basis, rule.Provenance, "the limitation term")
	out.Explanation = "The term of " + kind + " runs from the day after " + due.String()
	if rule.YearEnd {
		out.Explanation = "The term of " + kind + " runs from the end of the year of " + due.String()
	}
	if c.file.Interruption.MaxYears == 0 && slices.ContainsFunc(acts, func(a Act) bool { return a.Kind == Demand }) {
		c.rest(&out.Basis, c.file.Interruption.Provenance, "that a demand does not interrupt")
		out.Explanation += ", a demand does not interrupt it"
		acts = slices.DeleteFunc(slices.Clone(acts), func(a Act) bool { return a.Kind == Demand })
	}
	for _, a := range inOrder(acts, func(a Act) date.Date { return a.On }) {
		if a.On.After(out.LastDay) {
			break // too late to interrupt anything
		}
		p, years, ok := c.interrupts(rule, a)
		if !ok {
			continue
		}
		out.Years = years
		out.LastDay = date.Later(out.LastDay, a.end(rule, years))
		c.rest(&out.Basis, p, "the interruption")
		out.Explanation += ", was " + a.Kind.said() + " on " + a.On.String()
	}
	out.Explanation += " and ends after " + out.LastDay.String() + "."
	return out, nil
}

// end is the last day of a term of years that d makes start.
func (r limitationRule) end(d date.Date, years int) date.Date {
	if r.YearEnd {
		d = date.New(d.Year(), time.December, 31)
	}
	return endOfYears(d, years)
}

// endOfYears is the last day of a term that starts on the day after d.
func endOfYears(d date.Date, years int) date.Date {
	return d.AddDays(1).AddYears(years).AddDays(-1)
}

// CollectorRules say who may collect for others and what their letters state.
type CollectorRules struct {
	Provenance          `yaml:",inline"`
	InForce             date.Date       `yaml:"in_force"`
	RegisterRequired    string          `yaml:"register_required"`
	RegisterNotRequired string          `yaml:"register_not_required"`
	Register            string          `yaml:"register"`
	Staff               string          `yaml:"staff"`
	FileMinimum         string          `yaml:"file_minimum"`
	LetterContent       []LetterContent `yaml:"letter_content"`
	CumulationFrom      date.Date       `yaml:"cumulation_from"`
}

// LetterContent is something a collector's letter states.
type LetterContent struct {
	Provenance `yaml:",inline"`
	Text       string `yaml:"text"`
	Verify     string `yaml:"verify"`
}

// Collectors returns the rules for professional collectors.
func (c *Country) Collectors() CollectorRules { return c.file.CollectorRules }
