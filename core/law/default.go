package law

import (
	"fmt"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/date"
)

// defaultRule says what puts a debtor in default. The earliest way counts.
type defaultRule struct {
	statement   `yaml:",inline"`
	AtDue       bool `yaml:"at_due"`            // by itself on the day after the due date
	AgreedDay   bool `yaml:"agreed_day"`        // the same when the contract fixes that day
	Firm        bool `yaml:"firm"`              // a due date counts as fixed by contract unless the creditor says that it is not
	Notice      bool `yaml:"notice"`            // by the statutory notice, when its term ran out
	Days        int  `yaml:"days"`              // by itself this many days after due date and receipt of the invoice
	FromReceipt bool `yaml:"days_from_receipt"` // those days count from receipt alone, and the due date has to be over as well
	NeedWarning bool `yaml:"days_need_warning"` // only when the invoice said so
}

// DefaultClaim asks since when a debtor is in default with one claim.
type DefaultClaim struct {
	Debtor  DebtorType
	DueDate date.Date
	// DueAgreed says that the contract fixes the due date; one that only stands
	// on the invoice does not count.
	DueAgreed bool
	// InvoiceReceived is the day the debtor got the invoice and what it is for,
	// when known.
	InvoiceReceived date.Date
	// Warned says that the invoice points out that default follows by itself.
	Warned bool
	// Notices are the demands that were sent for the claim.
	Notices []Delivery
}

// Default is the answer on a DefaultClaim.
type Default struct {
	Since date.Date `json:"since"` // first day that bears interest; none when not known to be in default
	Basis
}

// DefaultSince computes the first day on which default has its consequences,
// for InterestClaim, CostsClaim and NoticeClaim. It returns a fault of kind
// Invalid without a due date or for an impossible delivery.
func (c *Country) DefaultSince(q DefaultClaim) (Default, error) {
	rule := c.file.Defaults[q.Debtor.Protected()]
	if q.DueDate.IsZero() {
		return Default{}, fault.New(fault.Invalid, "default_due_date", "Say when the claim fell due; without that day there is no default.")
	}
	out := Default{}
	c.rest(&out.Basis, rule.Provenance, "the rule on default")
	out.Explanation = "The debtor is not known to be in default: " + rule.Text + "."
	take := func(day date.Date, how string) {
		if out.Since.IsZero() || day.Before(out.Since) {
			out.Since = day
			out.Explanation = fmt.Sprintf("Default has its consequences from %s, %s.", day, how)
		}
	}
	if rule.AtDue || rule.AgreedDay && q.DueAgreed {
		take(q.DueDate.AddDays(1), "the day after the due date")
	}
	if rule.Days > 0 && !q.InvoiceReceived.IsZero() && (q.Warned || !rule.NeedWarning) {
		if rule.FromReceipt {
			take(date.Later(q.DueDate, q.InvoiceReceived.AddDays(rule.Days)).AddDays(1), fmt.Sprintf("the day after the due date, at least %d days after receipt of the invoice", rule.Days))
		} else {
			take(date.Later(q.DueDate, q.InvoiceReceived).AddDays(rule.Days+1), fmt.Sprintf("%d days after due date and receipt of the invoice", rule.Days))
		}
	}
	if !rule.Notice {
		return out, nil
	}
	for _, d := range q.Notices {
		if !d.Sent.After(q.DueDate) {
			continue // a demand before the due date demands nothing yet
		}
		term, err := c.NoticeTerm(d)
		if fault.Is(err, fault.Conflict) {
			continue // it never reached the debtor
		}
		if err != nil {
			return Default{}, err
		}
		if earlier := out.Since; earlier.IsZero() || term.CostsFrom.Before(earlier) {
			take(term.CostsFrom, "by the "+c.noticeRule(d.Kind).Name+" of "+d.Sent.String())
			out.merge(term.Basis)
		}
	}
	return out, nil
}
