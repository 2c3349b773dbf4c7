package ubl

import (
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/invoicefile"
	"github.com/voldaan/voldaan/sdk/money"
	"github.com/voldaan/voldaan/sdk/xmldoc"
)

// sums are what the document asks for, positive whatever its kind.
type sums struct {
	kind                 sdk.InvoiceKind
	total, open, prepaid money.Amount
}

// totals reads LegalMonetaryTotal (BG-22). Amounts are exact: one with more
// decimals than its currency has is refused, and so are totals that contradict
// each other (BR-CO-16).
func totals(top *xmldoc.Node, number string) (sums, *invoicefile.Problem) {
	fail := func(code, format string, args ...any) (sums, *invoicefile.Problem) {
		p := invoicefile.Problemf(code, format, args...)
		p.Number = number
		return sums{}, p
	}
	code := top.Get("DocumentCurrencyCode")
	currency, err := money.ParseCurrency(code)
	if err != nil {
		return fail("unknown_currency", "Invoice %s is in %q, which is no currency that we know.", number, invoicefile.Clean(code, 10))
	}
	legal := top.Child("LegalMonetaryTotal")
	read := func(name string) (money.Amount, bool, *invoicefile.Problem) {
		n := legal.Child(name)
		if n == nil {
			return money.Of(0, currency), false, nil
		}
		if own := n.Attribute("currencyID"); own != "" && own != string(currency) {
			return money.Amount{}, false, invoicefile.Problemf("mixed_currencies", "Invoice %s is in %s, but its %s is in %s.", number, currency, name, invoicefile.Clean(own, 10))
		}
		a, err := money.Parse(n.Text, currency)
		if err != nil {
			return money.Amount{}, false, invoicefile.Problemf("amount", "Invoice %s has a %s of %q, which is not an exact amount in %s.", number, name, invoicefile.Clean(n.Text, 40), currency)
		}
		return a, true, nil
	}
	var values [4]money.Amount
	var present [4]bool
	for i, name := range []string{"PayableAmount", "TaxInclusiveAmount", "PrepaidAmount", "PayableRoundingAmount"} {
		var problem *invoicefile.Problem
		if values[i], present[i], problem = read(name); problem != nil {
			problem.Number = number
			return sums{}, problem
		}
	}
	open, total, prepaid, rounding := values[0], values[1], values[2], values[3]
	if !present[0] {
		return fail("no_total", "Invoice %s does not say what has to be paid (PayableAmount).", number)
	}
	if !present[1] {
		var err error
		if total, err = open.Add(prepaid); err != nil {
			return fail("amount", "Invoice %s has totals that are too large to be true.", number)
		}
	} else {
		expected, err := total.Sub(prepaid)
		if err == nil {
			expected, err = expected.Add(rounding)
		}
		if err != nil || expected != open {
			return fail("totals", "Invoice %s contradicts itself: a total of %s, prepaid %s and rounding %s do not leave the %s that it asks for.", number, total, prepaid, rounding, open)
		}
	}
	s := sums{kind: kind(top), total: total, open: open, prepaid: prepaid}
	if s.kind == sdk.SalesInvoice && total.Minor < 0 {
		// A negative invoice is money for the buyer: a credit note by another name.
		s.kind, s.total, s.open, s.prepaid = sdk.CreditNote, total.Neg(), open.Neg(), prepaid.Neg()
	}
	return s, nil
}

// kind follows the root element; type code 381 makes an Invoice a credit note.
func kind(top *xmldoc.Node) sdk.InvoiceKind {
	if top.Name == "CreditNote" || top.Get("InvoiceTypeCode") == "381" {
		return sdk.CreditNote
	}
	return sdk.SalesInvoice
}
