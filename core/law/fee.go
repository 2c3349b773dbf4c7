package law

import (
	"fmt"

	"github.com/voldaan/voldaan/sdk/money"
)

// feeRule says what a reminder may cost the debtor.
type feeRule struct {
	statement    `yaml:",inline"`
	Recurring    bool  `yaml:"recurring"`     // only under a contract for regular supply
	AfterDefault bool  `yaml:"after_default"` // only when the debtor is in default already
	Actual       bool  `yaml:"actual"`        // only what it really cost: nothing for one that no post carries
	OnNotice     bool  `yaml:"on_notice"`     // only the notice that the law wants can cost something
	Free         int   `yaml:"free"`          // reminders that cost nothing
	MaxCents     int64 `yaml:"max_cents"`
	PlusPostage  bool  `yaml:"plus_postage"` // on top of max_cents
}

// FeeClaim asks what one reminder may cost the debtor.
type FeeClaim struct {
	Debtor DebtorType
	// Earlier is the number of reminders sent before: for the same claim, or in
	// the same calendar year under a contract for regular supply.
	Earlier int
	// Recurring says that the contract is for the regular supply of goods or
	// services.
	Recurring bool
	InDefault bool         // the debtor is in default on the day of this reminder
	Posted    bool         // it goes by post
	Notice    bool         // it is the statutory notice
	Postage   money.Amount // in force at sending
	Asked     money.Amount // what the creditor's terms ask; nothing is added to it
}

// Fee is what a reminder costs the debtor.
type Fee struct {
	Amount money.Amount `json:"amount"`
	Basis
}

// ReminderFee limits what the creditor asks for a reminder to what the law
// allows: nothing where the pack has no rule. It returns a fault of kind
// Invalid for another currency or a negative amount.
func (c *Country) ReminderFee(q FeeClaim) (Fee, error) {
	out := Fee{Amount: c.amount(0)}
	asked, err := c.paidOff("the fee asked", q.Asked)
	if err != nil {
		return Fee{}, err
	}
	postage, err := c.paidOff("the postage", q.Postage)
	if err != nil {
		return Fee{}, err
	}
	rule, ok := c.file.ReminderFees[q.Debtor.Protected()]
	if !ok {
		out.Explanation = "No fee: the law of " + c.file.CountryCode + " has no rule that allows one."
		return out, nil
	}
	c.rest(&out.Basis, rule.Provenance, "the fee for a reminder")
	switch most := rule.MaxCents; {
	case rule.Recurring && !q.Recurring:
		out.Explanation = "No fee: only under a contract for regular supply can a reminder cost something."
	case rule.AfterDefault && !q.InDefault:
		out.Explanation = "No fee: the debtor is not in default yet, and this reminder may be what puts them in it."
	case rule.Actual && !q.Posted:
		out.Explanation = "No fee: only the cost of material and postage can be asked, and this reminder has none."
	case rule.OnNotice && !q.Notice:
		out.Explanation = "No fee: only the reminder that the law describes can cost something."
	case q.Earlier < rule.Free:
		out.Explanation = fmt.Sprintf("No fee: the first %d are free.", rule.Free)
	default:
		if rule.PlusPostage {
			most += postage
		}
		out.Amount = c.amount(min(asked, most))
		out.Explanation = fmt.Sprintf("%s for reminder %d, of %s asked and %s allowed.", out.Amount, q.Earlier+1, c.amount(asked), c.amount(most))
	}
	return out, nil
}
