package ubl

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/invoicefile"
	"github.com/voldaan/voldaan/sdk/xmldoc"
)

// terms reads the date, the due date and the terms. Without a due date the days
// in the terms count, unless they are about a discount.
func terms(top *xmldoc.Node, d *invoicefile.Document) *invoicefile.Problem {
	i := &d.Invoice
	var problem *invoicefile.Problem
	day := func(what string, paths ...string) date.Date {
		text := top.Get(paths...)
		v, err := date.Parse(text[:min(len(text), 10)]) // a zone may follow the day
		if err != nil && problem == nil {
			problem = invoicefile.Problemf("date", "Invoice %s has a %s of %q, which is not a date.", i.Number, what, invoicefile.Clean(text, 40))
			problem.Number = i.Number
		}
		return v
	}
	i.Issued = day("date", "IssueDate")
	i.Due = day("due date", "DueDate", "PaymentMeans/PaymentDueDate", "PaymentTerms/PaymentDueDate")
	if problem != nil {
		return problem
	}
	if i.Issued.IsZero() {
		problem = invoicefile.Problemf("no_date", "Invoice %s has no date (IssueDate).", i.Number)
		problem.Number = i.Number
		return problem
	}
	var notes []string
	for _, n := range top.All("PaymentTerms/Note") {
		notes = append(notes, n.Text)
	}
	d.Terms = invoicefile.Clean(strings.Join(notes, " "), 1000)
	if n, ok := DaysOf(d.Terms); ok && i.Due.IsZero() {
		i.Due = i.Issued.AddDays(n)
	}
	return nil
}

var (
	termDays = regexp.MustCompile(`(?i)\b([0-9]{1,3})\s*(?:dagen|dag|days|day|tage|tagen|jours|d\.)`)
	discount = regexp.MustCompile(`(?i)%|discount|korting|kortingen|skonto|escompte`)
)

// DaysOf finds the number of days in payment terms such as "30 dagen netto" or
// "Payment within 14 days". It returns false when there is none, more than one,
// or when they are about a discount.
func DaysOf(terms string) (int, bool) {
	if discount.MatchString(terms) {
		return 0, false
	}
	found := termDays.FindAllStringSubmatch(terms, 2)
	if len(found) != 1 {
		return 0, false
	}
	n, err := strconv.Atoi(found[0][1])
	return n, err == nil
}
