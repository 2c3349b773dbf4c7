package law

import (
	"slices"

	"github.com/voldaan/voldaan/sdk/date"
)

// Act is something that happened about a claim and may make its limitation begin
// anew.
type Act struct {
	On   date.Date
	Kind ActKind
}

// ActKind says what happened.
type ActKind string

// The kinds of act.
const (
	Demand       ActKind = "demand"  // of the creditor, in writing
	InWriting    ActKind = "writing" // the debtor acknowledged the debt in writing
	PlanProposed ActKind = "plan"    // the debtor asked to pay it in parts, or promised a day
	PaidInPart   ActKind = "payment" // the debtor paid a part of it, or interest, and named it
)

// Acknowledgements are the kinds by which a debtor acknowledges a debt.
func Acknowledgements() []ActKind { return []ActKind{InWriting, PlanProposed, PaidInPart} }

func (k ActKind) said() string {
	if k == Demand {
		return "interrupted"
	}
	return map[ActKind]string{InWriting: "acknowledged in writing", PlanProposed: "acknowledged by asking to pay it later", PaidInPart: "acknowledged by a payment"}[k]
}

// acknowledgementRule says by what a debtor makes the term begin anew: art. 3:318
// and 3:319 BW (1992), § 212 I no. 1 BGB (2002), art. 2248 of the old Belgian Civil
// Code (1804, in force beside the new books), art. 2240 and 2231 of the French Code
// civil (2008), sections 29 and 30 of the Limitation Act 1980. What no source
// confirms stays marked so.
type acknowledgementRule struct {
	statement `yaml:",inline"`
	By        []ActKind `yaml:"by"`
	MaxYears  int       `yaml:"max_years"` // of the new term; the old one's without it
}

// interrupts is whether an act makes a new term begin, on what that rests, and for
// how many years.
func (c *Country) interrupts(rule limitationRule, a Act) (Provenance, int, bool) {
	if a.Kind == Demand {
		return c.file.Interruption.Provenance, min(rule.Years, c.file.Interruption.MaxYears), c.file.Interruption.MaxYears > 0
	}
	ack := c.file.Interruption.Acknowledgement
	if !slices.Contains(ack.By, a.Kind) || len(rule.OnlyBy) > 0 && !slices.Contains(rule.OnlyBy, a.Kind) {
		return Provenance{}, 0, false
	}
	years := rule.Years
	if ack.MaxYears > 0 {
		years = min(years, ack.MaxYears)
	}
	return ack.Provenance, years, true
}

// end is the last day of the term that an act makes begin. It runs from the act
// itself, also where the first one runs from the end of a year.
func (a Act) end(rule limitationRule, years int) date.Date {
	if a.Kind == Demand {
		return rule.end(a.On, years)
	}
	return endOfYears(a.On, years)
}

// Acknowledges reports whether an act of a kind can make a term of this law begin
// anew, and the rule about it in words.
func (c *Country) Acknowledges(k ActKind) (rule string, article string, ok bool) {
	ack := c.file.Interruption.Acknowledgement
	return ack.Text, ack.Art, slices.Contains(ack.By, k)
}
