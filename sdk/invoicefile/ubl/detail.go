package ubl

import (
	"io"

	"github.com/voldaan/voldaan/sdk/invoicefile"
	"github.com/voldaan/voldaan/sdk/money"
	"github.com/voldaan/voldaan/sdk/xmldoc"
)

// Detail is a document with what a reader of it wants to see besides what is
// owed. Its amounts are shown, never computed with.
type Detail struct {
	invoicefile.Document
	Notes []string
	Lines []Line
	// Left is how many lines there are beyond MaxLines.
	Left int
	// Adjustments are allowances and charges on the whole (BG-20, BG-21).
	Adjustments []Adjustment
	Taxes       []Tax
	// Net is the sum without tax, Tax the tax; each has no currency when the file
	// does not say.
	Net, Tax money.Amount
}

// Line is an invoiced item (BG-25).
type Line struct {
	Name, Detail string
	// Quantity and Price are as written, the price with its currency.
	Quantity, Price string
	Amount          money.Amount
}

// Adjustment is an allowance, negative, or a charge.
type Adjustment struct {
	Reason string
	Amount money.Amount
}

// Tax is what is due at one rate (BG-23).
type Tax struct {
	// Rate in percent, as written; "" when there is none.
	Rate string
	// Reason says why no tax is due, when it is not.
	Reason       string
	Base, Amount money.Amount
}

// MaxLines is how many lines ParseDetail keeps.
const MaxLines = 1000

// ParseDetail is Parse with all that a copy for people shows.
func ParseDetail(r io.Reader) (Detail, error) {
	lines := 0
	top, problem := tree(xmldoc.NewReader(r, limits), func(name string) bool {
		switch name {
		case "InvoiceLine", "CreditNoteLine":
			lines++
			return lines <= MaxLines
		case "AllowanceCharge":
			return true
		}
		return !heavy[name]
	})
	if problem != nil {
		return Detail{}, problem
	}
	d := Detail{Left: max(0, lines-MaxLines)}
	if d.Document, problem = document(top); problem != nil {
		return Detail{}, problem
	}
	currency := d.Invoice.Total.Currency
	amount := func(n *xmldoc.Node, path string) money.Amount {
		a, err := money.Parse(n.Get(path), currency)
		if err != nil {
			return money.Amount{}
		}
		return a
	}
	for _, n := range top.All("Note") {
		if text := invoicefile.Clean(n.Text, 500); text != "" {
			d.Notes = append(d.Notes, text)
		}
	}
	for _, n := range append(top.All("InvoiceLine"), top.All("CreditNoteLine")...) {
		d.Lines = append(d.Lines, line(n, string(currency), amount(n, "LineExtensionAmount")))
	}
	for _, n := range top.All("AllowanceCharge") {
		a := Adjustment{Reason: invoicefile.Clean(n.Get("AllowanceChargeReason"), 200), Amount: amount(n, "Amount")}
		if n.Get("ChargeIndicator") != "true" {
			a.Amount = a.Amount.Neg()
		}
		d.Adjustments = append(d.Adjustments, a)
	}
	// A second total can be in the currency of the tax office (BT-111).
	for _, total := range top.All("TaxTotal") {
		if c := total.Child("TaxAmount").Attribute("currencyID"); c != "" && c != string(currency) {
			continue
		}
		d.Tax = amount(total, "TaxAmount")
		for _, n := range total.All("TaxSubtotal") {
			d.Taxes = append(d.Taxes, Tax{
				Rate: invoicefile.Clean(n.Get("TaxCategory/Percent"), 10), Reason: invoicefile.Clean(n.Get("TaxCategory/TaxExemptionReason"), 200),
				Base: amount(n, "TaxableAmount"), Amount: amount(n, "TaxAmount"),
			})
		}
	}
	d.Net = amount(top, "LegalMonetaryTotal/TaxExclusiveAmount")
	return d, nil
}

func line(n *xmldoc.Node, currency string, amount money.Amount) Line {
	l := Line{
		Name: invoicefile.Clean(n.Get("Item/Name"), 200), Detail: invoicefile.Clean(n.Get("Item/Description"), 300),
		Quantity: invoicefile.Clean(n.Get("InvoicedQuantity", "CreditedQuantity"), 30), Amount: amount,
	}
	if note := invoicefile.Clean(n.Get("Note"), 300); note != "" && l.Detail == "" {
		l.Detail = note
	}
	if price := invoicefile.Clean(n.Get("Price/PriceAmount"), 30); price != "" {
		l.Price = currency + " " + price
		if per := invoicefile.Clean(n.Get("Price/BaseQuantity"), 30); per != "" && per != "1" {
			l.Price += " / " + per
		}
	}
	return l
}
