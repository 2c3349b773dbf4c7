package outreach

import (
	"cmp"
	"fmt"
	"strings"
	"text/template"

	"github.com/voldaan/voldaan/sdk/money"
)

// view is what a template sees: words ready to be put in a sentence.
type view struct {
	c      Content
	w      *Words
	totals []Total
}

func newView(c Content, w *Words) (*view, error) {
	totals, err := c.Totals()
	if err != nil {
		return nil, err
	}
	return &view{c, w, totals}, nil
}

func (v *view) funcs() template.FuncMap {
	return template.FuncMap{
		// f picks the formal or the informal wording.
		"f": func(formal, informal string) string {
			if v.c.Form == Informal {
				return informal
			}
			return formal
		},
	}
}

// Creditor is the creditor's name.
func (v *view) Creditor() string { return v.c.Creditor.Name }

// Business reports whether the debtor acts in a business.
func (v *view) Business() bool { return v.c.Debtor.Capacity == Business }

// Letter reports whether the message is printed.
func (v *view) Letter() bool { return v.c.Channel == Letter }

// Several reports whether more than one invoice is demanded.
func (v *view) Several() bool { return len(v.c.Demanded) > 1 }

// Numbered reports whether the message is about invoices it can name.
func (v *view) Numbered() bool { return len(v.c.Demanded) > 0 }

// Partly reports whether something was paid on a demanded invoice (R3).
func (v *view) Partly() bool { return v.anyPaid() }

// Invoices names the demanded invoices within a sentence: "factuur 2026-0412",
// "facturen A en B", "5 facturen".
func (v *view) Invoices() string {
	n := len(v.c.Demanded)
	if n == 1 {
		return v.w.Label("invoice_word") + " " + v.c.Demanded[0].Number
	}
	if n > 3 {
		return fmt.Sprintf("%d %s", n, v.w.Label("invoices_word"))
	}
	numbers := make([]string, n)
	for i, item := range v.c.Demanded {
		numbers[i] = item.Number
	}
	return v.w.Label("invoices_word") + " " + v.w.join(numbers)
}

// Topic is Invoices for the subject: a capital, and the first number always.
func (v *view) Topic() string {
	s := v.Invoices()
	if n := len(v.c.Demanded); n > 3 {
		s += " (" + v.c.Demanded[0].Number + ", …)"
	}
	return capital(s)
}

// Total is the amount due, one per currency.
func (v *view) Total() string {
	parts := make([]string, len(v.totals))
	for i, t := range v.totals {
		parts[i] = v.w.Amount(t.Due)
	}
	return v.w.join(parts)
}

// Due is the due date of the oldest demanded invoice.
func (v *view) Due() string {
	var first = v.c.Demanded[0].Due
	for _, i := range v.c.Demanded[1:] {
		if i.Due.Before(first) {
			first = i.Due
		}
	}
	return v.w.Date(first)
}

// PayBy is the day by which payment is asked, or "".
func (v *view) PayBy() string { return v.w.Date(v.c.PayBy) }

// Today is the day of the message.
func (v *view) Today() string { return v.w.Date(v.c.Date) }

// Case is the case number.
func (v *view) Case() string { return v.c.CaseNumber }

// Costs reports whether collection costs are part of the demand.
func (v *view) Costs() bool { return v.charged(CollectionCosts) }

// Interest reports whether interest is part of the demand.
func (v *view) Interest() bool { return v.charged(Interest) }

func (v *view) charged(k ChargeKind) bool {
	for _, ch := range v.c.Charges {
		if ch.Kind == k {
			return true
		}
	}
	return false
}

// Interrupts reports whether the letter itself interrupts limitation.
func (v *view) Interrupts() bool { return v.c.Interrupts }

// Announced reports whether costs or interest are announced.
func (v *view) Announced() bool { return len(v.c.Announced) > 0 }

// Attached reports whether files are attached.
func (v *view) Attached() bool { return len(v.c.Attached) > 0 }

// Answerable reports whether a reply to the message reaches the creditor.
func (v *view) Answerable() bool { return v.c.ReplyTo != "" && v.c.Channel != Letter }

// Portal reports whether there is a page with all invoices.
func (v *view) Portal() bool { return v.c.PortalURL != "" }

// Plan reports whether a plan can be proposed on a page.
func (v *view) Plan() bool { return v.c.PlanURL != "" }

// Collector is who the claim can be handed to: the bailiff by name, or the words
// for who does so in the country.
func (v *view) Collector() string {
	return cmp.Or(v.c.Bailiff, v.w.Collector[v.country()], v.w.Collector["NL"])
}

// Help is where a private person finds help with debts.
func (v *view) Help() string {
	return cmp.Or(v.w.Help[v.c.Debtor.Country], v.w.Help[v.country()], v.w.Help["NL"])
}

// NoticeName is what the statutory notice is called.
func (v *view) NoticeName() string { return v.c.Notice.Heading }

func (v *view) country() string { return cmp.Or(v.c.Country, "NL") }

// CourtCosts is the estimate of the costs of a court case, or "".
func (v *view) CourtCosts() string {
	if v.c.CourtCosts.IsZero() {
		return ""
	}
	return v.w.Amount(v.c.CourtCosts)
}

// Paid is the amount of the payment a message reports, "" when it is not known.
func (v *view) Paid() string {
	if v.c.Payment == nil {
		return ""
	}
	return v.w.Amount(v.c.Payment.Amount)
}

// PaidOn is the day of that payment, or of its reversal.
func (v *view) PaidOn() string { return v.w.Date(v.c.Payment.Date) }

// PaidBy is its method, or "".
func (v *view) PaidBy() string { return v.c.Payment.Method }

// Settled reports whether nothing is left to pay.
func (v *view) Settled() bool {
	for _, t := range v.totals {
		if t.Due.Positive() {
			return false
		}
	}
	return true
}

// Minutes is how long a code is valid.
func (v *view) Minutes() int { return v.c.Code.Minutes }

// Phone is the creditor's telephone number, or "".
func (v *view) Phone() string { return v.c.Creditor.Phone }

func (v *view) salutation() string {
	s, name := v.w.Salutation, v.c.Debtor.Attention
	pattern := s.FormalNamed
	switch {
	case v.c.Form == Informal && name == "" && v.c.Debtor.Capacity == Business:
		pattern = s.Informal
	case v.c.Form == Informal:
		pattern = s.InformalNamed
	case name == "" && v.c.Debtor.Capacity == Business:
		pattern = s.Formal
	}
	if name == "" {
		name = v.c.Debtor.Name
	}
	return strings.ReplaceAll(pattern, "{name}", name)
}

func (v *view) anyPaid() bool {
	for _, i := range v.c.Demanded {
		if !i.Paid.IsZero() {
			return true
		}
	}
	return false
}

func (v *view) amounts(list ...money.Amount) []string {
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = v.w.Amount(a)
	}
	return out
}

func capital(s string) string {
	for i, r := range s {
		return strings.ToUpper(string(r)) + s[i+len(string(r)):]
	}
	return s
}
