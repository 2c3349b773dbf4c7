package law

import (
	"fmt"
	"slices"
	"strings"

	"github.com/voldaan/voldaan/sdk/date"
)

// Clause is something in the terms of a creditor, or in how it does business,
// that decides what it may claim.
type Clause string

// The clauses that some law makes something of.
const (
	DueAgreed          Clause = "due_agreed"           // the contract fixes the day to pay
	CostsClause        Clause = "costs_clause"         // the terms claim costs as far as the law allows
	AgreedRateBusiness Clause = "agreed_rate_business" // yearly interest in the terms with businesses
	AgreedRateConsumer Clause = "agreed_rate_consumer" // and in those with consumers
	InvoiceNotices     Clause = "invoice_notices"      // invoice messages carry the sentences of the law
	Supplies           Clause = "supplies"             // what is sold, in a few words
	RecurringSupply    Clause = "recurring_supply"     // goods or services are delivered regularly under one contract
	ReminderCharge     Clause = "reminder_fee"         // what a reminder costs, asked of the debtor
)

// Ruling is what a law makes of a clause, in words.
type Ruling struct {
	Debtors []DebtorType `json:"debtors"` // about whom it speaks
	Text    string       `json:"text"`
	Citation
}

// Clauses returns what this law makes of the terms of a creditor, with the rates
// of a day. A clause that it makes nothing of is left out.
func (c *Country) Clauses(on date.Date) map[Clause][]Ruling {
	out := map[Clause][]Ruling{}
	add := func(clause Clause, who DebtorType, text string, p Provenance) {
		text = capital(strings.TrimSuffix(text, ".") + ".")
		for i, have := range out[clause] {
			if have.Text == text && have.Article == p.Art {
				out[clause][i].Debtors = append(have.Debtors, who)
				return
			}
		}
		out[clause] = append(out[clause], Ruling{Debtors: []DebtorType{who}, Text: text, Citation: Citation{Article: p.Art, Status: p.Status, Sources: c.sources(p.Src)}})
	}
	for _, who := range []DebtorType{Business, PublicBody, Consumer} {
		if d := c.file.Defaults[who]; d.AgreedDay {
			text := d.Text
			if d.Firm {
				text += "; a due date counts as such a day unless you say that it is not"
			}
			add(DueAgreed, who, text, d.Provenance)
		}
		if fee, ok := c.file.ReminderFees[who]; ok {
			add(ReminderCharge, who, fee.Text, fee.Provenance)
			if fee.Recurring {
				add(RecurringSupply, who, "Only under such a contract can a reminder cost something", fee.Provenance)
			}
		}
		if costs := c.file.Costs[who]; costs.NeedsClause {
			add(CostsClause, who, costs.Name+" can be asked only as far as the contract or the terms claim it", costs.Provenance)
		}
		if who != PublicBody {
			c.rateClause(who, on, add)
		}
		for _, n := range c.file.Notices {
			if slices.Contains(n.Debtors, who) && n.requires("subject") {
				add(Supplies, who, "The "+n.Name+" has to say what was delivered", n.Provenance)
			}
		}
	}
	for _, t := range c.file.Texts {
		words, ok := t.Wording["en"]
		if t.On != OnInvoice || !ok {
			continue
		}
		p := t.Provenance
		if !words.Status.Confirmed() {
			p.Status = words.Status // a person approves the wording
		}
		for _, who := range t.Debtors {
			add(InvoiceNotices, who, "It says: “"+strings.NewReplacer("{rate}%", "…%", "{costs}", "…").Replace(words.Text)+"”", p)
		}
	}
	return out
}

// rateClause adds what interest runs without an agreed rate, and what the law
// makes of one.
func (c *Country) rateClause(who DebtorType, on date.Date, add func(Clause, DebtorType, string, Provenance)) {
	clause, rule := AgreedRateConsumer, c.file.Interests[who]
	if who == Business {
		clause = AgreedRateBusiness
	}
	if rule.None != "" {
		add(clause, who, rule.None, rule.Provenance)
	} else if row, ok := rateOn(c.file.Tables[rule.Table], on); ok {
		p, text := rule.Provenance, fmt.Sprintf("Without an agreed rate, %s runs: now %s%% a year", rule.Name, row.Rate)
		switch {
		case on.After(c.file.ConfirmedUntil):
			p.Status, text = Derived, text+", carried forward because the rate after "+c.file.ConfirmedUntil.String()+" is not known yet"
		case !row.Status.Confirmed():
			p.Status = row.Status
		}
		add(clause, who, text, p)
	}
	if rule.Agreed.Status != "" {
		add(clause, who, rule.Agreed.Text+c.limitNow(&rule.Agreed, on), rule.Agreed.Provenance)
	} else if rule.AgreedRate != "" {
		add(clause, who, rule.AgreedRate, rule.Provenance)
	}
}

// limitNow writes the limit of an agreed rate on a day.
func (c *Country) limitNow(rule *agreedRule, on date.Date) string {
	for _, limit := range []struct{ table, word string }{{rule.AtLeast, "least"}, {rule.AtMost, "most"}} {
		if row, ok := rateOn(c.file.Tables[limit.table], on); ok {
			return fmt.Sprintf("; now at %s %s%%", limit.word, row.Rate)
		}
	}
	return ""
}

// VoidAbove reports whether a rate agreed with a debtor is so high on a day that
// its clause is void, and the most that it can be.
func (c *Country) VoidAbove(who DebtorType, rate Percent, on date.Date) (most string, void bool) {
	rule := c.file.Interests[who.Protected()].Agreed
	row, ok := rateOn(c.file.Tables[rule.AtMost], on)
	if !rule.Void || !ok || !rate.above(row.Rate) {
		return "", false
	}
	return row.Rate.String(), true
}
