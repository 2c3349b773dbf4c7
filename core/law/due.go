package law

import (
	"fmt"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// DueClaim asks whether a debtor owes collection costs on a day.
type DueClaim struct {
	Debtor  DebtorType
	DueDate date.Date // of the oldest claim
	On      date.Date
	// Claim is what the costs are computed over: for a consumer exactly the
	// claims that the notice covers.
	Claim CostsClaim
	// Notices are the statutory notices that were sent for these claims.
	Notices []SentNotice
	// Agreed is a fixed amount of costs from the contract, VAT excluded.
	Agreed money.Amount
}

// SentNotice is a statutory notice as it was sent.
type SentNotice struct {
	Delivery
	// DefaultSince is the first day of default of the youngest claim in it, or
	// the day after its due date where a demand before default is enough.
	DefaultSince date.Date
	// Checked says that the text passed CheckNotice before it was sent.
	Checked bool
	// Announced is the amount of costs that the text states, VAT included.
	Announced money.Amount
	// Void says that something happened later that takes its effect away, such
	// as a due date that moved to the future (R23).
	Void bool
}

// CostsDue is the answer on a DueClaim. Without a reason to owe them, the
// costs are zero and Explanation says why.
type CostsDue struct {
	Due   bool      `json:"due"`
	From  date.Date `json:"from"` // first day, also when it is still to come; none when no term runs
	Costs Costs     `json:"costs"`
	Basis
}

// CostsDue decides whether collection costs are due. A consumer, and any
// debtor whose type is unclear (R102), owes none where the law wants a notice
// first, without a valid one, delivered after default, whose term has run out
// (R93). A business owes them from the day after the due date or from default
// on, as the law of the country says; in the Netherlands the minimum first and
// the scale from default on (R101).
func (c *Country) CostsDue(q DueClaim) (CostsDue, error) {
	if q.On.IsZero() {
		return CostsDue{}, fault.New(fault.Invalid, "costs_day", "Say on which day the costs are asked for.")
	}
	rule := c.costsRule(q.Debtor)
	q.Claim.Debtor = q.Debtor
	q.Claim.Clause = q.Claim.Clause || q.Agreed.Positive()
	switch {
	case rule.None != "" || rule.NeedsClause && !q.Claim.Clause:
		costs, err := c.CollectionCosts(q.Claim)
		if err != nil {
			return CostsDue{}, err
		}
		return CostsDue{Costs: c.noCosts(), Basis: costs.Basis}, nil
	case rule.AfterNotice:
		return c.costsAfterNotice(q)
	}
	return c.costsWithoutNotice(q, rule)
}

func (c *Country) costsAfterNotice(q DueClaim) (CostsDue, error) {
	out := CostsDue{Costs: c.noCosts()}
	rule := c.file.noticeFor(q.Debtor)
	c.rest(&out.Basis, rule.Provenance, "the "+rule.Name)
	out.Explanation = "No costs: a consumer owes them only after a valid " + rule.Name + ", and none was sent."
	for _, n := range q.Notices {
		why, term, err := c.noticeCounts(n)
		if err != nil {
			return CostsDue{}, err
		}
		if why != "" {
			if out.From.IsZero() {
				out.Explanation = "No costs: " + why
			}
			continue
		}
		if !out.From.IsZero() && !term.CostsFrom.Before(out.From) {
			continue
		}
		out.From = term.CostsFrom
		if q.On.Before(term.CostsFrom) {
			out.Explanation = fmt.Sprintf("No costs yet: the term of the %s of %s runs through %s.", rule.Name, n.Sent, term.LastDayRolled)
			continue
		}
		claim := q.Claim
		claim.On, claim.DefaultSince = term.CostsFrom, n.DefaultSince
		// The contract binds in favour of a consumer only (6:96 lid 5).
		limit, err := c.agreed(q.Agreed, false)
		if err != nil {
			return CostsDue{}, err
		}
		costs, err := c.collectionCosts(claim, limit)
		if err != nil {
			return CostsDue{}, err
		}
		if costs.Total.Minor > n.Announced.Minor {
			out.Explanation = fmt.Sprintf("No costs: the %s of %s announced %s and %s would be due; send a new one with the right amount.", rule.Name, n.Sent, n.Announced, costs.Total)
			continue
		}
		out.Costs, out.Due = costs, costs.Total.Positive()
		out.merge(term.Basis)
		out.merge(costs.Basis)
		out.Explanation = fmt.Sprintf("The term of the %s of %s ran out on %s. %s", rule.Name, n.Sent, term.LastDayRolled, costs.Explanation)
	}
	return out, nil
}

// noticeCounts returns the reason that a notice has no effect, or its term.
func (c *Country) noticeCounts(n SentNotice) (why string, term NoticeTerm, err error) {
	rule := c.noticeRule(n.Kind)
	switch {
	case n.Void:
		return fmt.Sprintf("the %s of %s lost its effect; send a new one.", rule.Name, n.Sent), term, nil
	case !n.Checked:
		return fmt.Sprintf("the text of the %s of %s was not found correct, so %s.", rule.Name, n.Sent, rule.WrongTerm), term, nil
	case n.DefaultSince.IsZero() || n.Sent.Before(n.DefaultSince):
		return fmt.Sprintf("the %s of %s was sent before the debtor was in default; send it again.", rule.Name, n.Sent), term, nil
	}
	term, err = c.NoticeTerm(n.Delivery)
	if fault.Is(err, fault.Conflict) {
		return fault.Of(err).Message, term, nil
	}
	return "", term, err
}

func (c *Country) costsWithoutNotice(q DueClaim, rule *costsRule) (CostsDue, error) {
	out := CostsDue{Costs: c.noCosts(), From: q.DueDate.AddDays(1)}
	minimum := rule.WithoutNotice.Cents > 0
	if minimum {
		c.rest(&out.Basis, rule.WithoutNotice.Provenance, "the minimum without notice")
	} else {
		c.rest(&out.Basis, rule.Provenance, rule.Name)
	}
	if rule.AfterDefault {
		if q.Claim.DefaultSince.IsZero() {
			out.From = date.Date{}
			out.Explanation = "No costs: they are due only from default on, and the debtor is not known to be in default."
			return out, nil
		}
		out.From = date.Later(out.From, q.Claim.DefaultSince)
		if q.On.Before(out.From) {
			out.Explanation = "No costs: the debtor is not in default before " + out.From.String() + "."
			return out, nil
		}
	}
	if q.DueDate.IsZero() || q.On.Before(out.From) {
		out.Explanation = "No costs: the due date has not passed."
		return out, nil
	}
	claim := q.Claim
	if claim.On.IsZero() {
		claim.On = q.On
	}
	limit, err := c.agreed(q.Agreed, true)
	if err != nil {
		return CostsDue{}, err
	}
	if minimum && limit.why == "" && (claim.DefaultSince.IsZero() || q.On.Before(claim.DefaultSince)) {
		limit = feeLimit{fee: rule.WithoutNotice.Cents, why: "limited to the minimum until the debtor is in default"}
	}
	costs, err := c.collectionCosts(claim, limit)
	if err != nil {
		return CostsDue{}, err
	}
	out.Costs, out.Due = costs, costs.Total.Positive()
	out.merge(costs.Basis)
	out.Explanation = "A business owes costs from " + out.From.String() + ", without a notice. " + costs.Explanation
	return out, nil
}

// agreed is the limit that an amount in the contract sets: it replaces the
// scale for a business and only lowers it for a consumer.
func (c *Country) agreed(a money.Amount, replace bool) (feeLimit, error) {
	if a.IsZero() {
		return feeLimit{}, nil
	}
	fee, err := c.paidOff("the agreed amount of costs", a)
	return feeLimit{fee: fee, replace: replace, why: "as agreed in the contract"}, err
}

func (c *Country) noCosts() Costs {
	zero := c.amount(0)
	return Costs{Principal: zero, Fee: zero, VAT: zero, Total: zero}
}
