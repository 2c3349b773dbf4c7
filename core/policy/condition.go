package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
)

// Risk is how likely a debtor is not to pay.
type Risk string

// The risks. A debtor of whom nothing is known is a medium risk.
const (
	LowRisk    Risk = "low"
	MediumRisk Risk = "medium"
	HighRisk   Risk = "high"
)

// Risks lists the risks from low to high.
func Risks() []Risk { return []Risk{LowRisk, MediumRisk, HighRisk} }

func (r Risk) rank() int {
	if i := slices.Index(Risks(), r); i >= 0 {
		return i
	}
	return 1
}

// Debtor is what conditions ask about a debtor.
type Debtor struct {
	Kind     sdk.PartyKind
	Country  string // ISO 3166-1
	Risk     Risk
	Segments []string
}

// Condition limits a step. All of its parts have to hold; a part at its zero
// value asks nothing.
type Condition struct {
	MinMinor, MaxMinor      int64 // of the open amount, both included
	RiskAtLeast, RiskAtMost Risk
	Segment, NotSegment     string
	Debtors                 sdk.PartyKind
	Countries               []string
}

// Holds reports whether an open amount of a debtor meets the condition.
func (c Condition) Holds(openMinor int64, d Debtor) bool {
	switch {
	case openMinor < c.MinMinor, c.MaxMinor > 0 && openMinor > c.MaxMinor,
		c.RiskAtLeast != "" && d.Risk.rank() < c.RiskAtLeast.rank(),
		c.RiskAtMost != "" && d.Risk.rank() > c.RiskAtMost.rank(),
		c.Segment != "" && !slices.Contains(d.Segments, c.Segment),
		c.NotSegment != "" && slices.Contains(d.Segments, c.NotSegment),
		c.Debtors != "" && d.Kind != c.Debtors,
		len(c.Countries) > 0 && !slices.Contains(c.Countries, d.Country):
		return false
	}
	return true
}

// Words say what the condition asks, as "at least EUR 1,000.00, risk high".
func (c Condition) Words(cur money.Currency) string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if c.MinMinor > 0 {
		add("at least %s", money.Of(c.MinMinor, cur))
	}
	if c.MaxMinor > 0 {
		add("at most %s", money.Of(c.MaxMinor, cur))
	}
	switch c.RiskAtLeast {
	case HighRisk:
		add("a high risk")
	case "":
	default:
		add("a risk of at least %s", c.RiskAtLeast)
	}
	switch c.RiskAtMost {
	case LowRisk:
		add("a low risk")
	case MediumRisk:
		add("no high risk")
	case HighRisk:
		add("any risk")
	}
	if c.Segment != "" {
		add("debtors in %s", c.Segment)
	}
	if c.NotSegment != "" {
		add("debtors not in %s", c.NotSegment)
	}
	if c.Debtors != "" {
		add("a debtor that is a %s", c.Debtors)
	}
	if len(c.Countries) > 0 {
		add("debtors in %s", strings.Join(c.Countries, ", "))
	}
	return strings.Join(out, ", ")
}

// applies reports whether a step's conditions hold. Statutory steps ask none.
func (s State) applies(step Step) bool {
	if step.Statutory || len(step.When) == 0 {
		return true
	}
	open := s.Claim.Ask().Minor
	return slices.ContainsFunc(step.When, func(c Condition) bool { return c.Holds(open, s.Debtor) })
}

// whenText says for whom a step is.
func (s State) whenText(step Step) string {
	words := make([]string, len(step.When))
	for i, c := range step.When {
		words[i] = c.Words(s.Claim.Total.Currency)
	}
	return "Only for " + strings.Join(words, "; or ") + "."
}
