package peppol

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/voldaan/voldaan/sdk/invoicefile"
	"github.com/voldaan/voldaan/sdk/money"
	"github.com/voldaan/voldaan/sdk/xmldoc"
)

// Flaw is a rule that an electronic invoice breaks, so that an access point would
// send it back.
type Flaw struct {
	// Rule is its number: "BR-CO-15" of EN 16931, "PEPPOL-EN16931-R010" of BIS Billing 3.
	Rule string
	// Sentence says in words what is wrong.
	Sentence string
}

// String is the sentence with the rule.
func (f Flaw) String() string { return f.Sentence + " (" + f.Rule + ")" }

var limits = xmldoc.Limits{Bytes: 40 << 20, Depth: 40, Elements: 1_000_000, Text: 30 << 20}

// Check finds what an access point would refuse of an electronic invoice: terms
// that Peppol BIS Billing 3 wants and that are not there, totals that do not add
// up, and a buyer that is not the participant it is handed over to. It knows the
// rules that files of books break in practice; the access point knows them all.
func Check(content []byte, to string) []Flaw {
	x := xmldoc.NewReader(bytes.NewReader(content), limits)
	root, err := x.Root()
	if err != nil || root.Name.Local != "Invoice" && root.Name.Local != "CreditNote" {
		return []Flaw{{"UBL", "The file is no UBL invoice"}}
	}
	top := &xmldoc.Node{Name: root.Name.Local}
	for {
		start, more, err := x.Child()
		if err != nil {
			return []Flaw{{"UBL", "The file cannot be read as XML"}}
		}
		if !more {
			break
		}
		if start.Name.Local == "AdditionalDocumentReference" {
			err = x.Skip() // the PDF
		} else {
			var n *xmldoc.Node
			if n, err = x.Node(start); err == nil {
				top.Children = append(top.Children, n)
			}
		}
		if err != nil {
			return []Flaw{{"UBL", "The file cannot be read as XML"}}
		}
	}
	flaws := missing(top)
	flaws = append(flaws, addsUp(top)...)
	if f, ok := addressed(top, to); !ok {
		flaws = append(flaws, f)
	}
	return flaws
}

// terms are what each document says, with where it is and what it is called.
var terms = []struct {
	rule, name string
	paths      []string
}{
	{"BR-01", "which rules it follows (CustomizationID)", []string{"CustomizationID"}},
	{"PEPPOL-EN16931-R001", "the business process (ProfileID)", []string{"ProfileID"}},
	{"BR-02", "its number", []string{"ID"}},
	{"BR-03", "its date", []string{"IssueDate"}},
	{"BR-04", "what kind of document it is (type code)", []string{"InvoiceTypeCode", "CreditNoteTypeCode"}},
	{"BR-05", "its currency", []string{"DocumentCurrencyCode"}},
	{"PEPPOL-EN16931-R003", "the buyer's reference or order number", []string{"BuyerReference", "OrderReference/ID"}},
	{"BR-06", "the seller's registered name", []string{"AccountingSupplierParty/Party/PartyLegalEntity/RegistrationName"}},
	{"BR-09", "the seller's country", []string{"AccountingSupplierParty/Party/PostalAddress/Country/IdentificationCode"}},
	{"PEPPOL-EN16931-R020", "the seller's electronic address (EndpointID)", []string{"AccountingSupplierParty/Party/EndpointID"}},
	{"BR-07", "the buyer's registered name", []string{"AccountingCustomerParty/Party/PartyLegalEntity/RegistrationName"}},
	{"BR-11", "the buyer's country", []string{"AccountingCustomerParty/Party/PostalAddress/Country/IdentificationCode"}},
	{"PEPPOL-EN16931-R010", "the buyer's electronic address (EndpointID)", []string{"AccountingCustomerParty/Party/EndpointID"}},
	{"BR-12", "the sum of its lines", []string{"LegalMonetaryTotal/LineExtensionAmount"}},
	{"BR-13", "the total without VAT", []string{"LegalMonetaryTotal/TaxExclusiveAmount"}},
	{"BR-14", "the total with VAT", []string{"LegalMonetaryTotal/TaxInclusiveAmount"}},
	{"BR-15", "the amount to pay", []string{"LegalMonetaryTotal/PayableAmount"}},
}

// billing is what names BIS Billing 3 among the rules a document follows; others,
// as those of the Netherlands, travel over the network too.
const billing = "peppol.eu:2017:poacc:billing:3"

func missing(top *xmldoc.Node) (flaws []Flaw) {
	bis := strings.Contains(top.Get("CustomizationID"), billing)
	for _, t := range terms {
		if (bis || !strings.HasPrefix(t.rule, "PEPPOL")) && top.Get(t.paths...) == "" {
			flaws = append(flaws, Flaw{t.rule, "It does not say " + t.name})
		}
	}
	if len(top.All("TaxTotal/TaxSubtotal")) == 0 {
		flaws = append(flaws, Flaw{"BR-CO-18", "It does not say the VAT by rate"})
	}
	if len(lines(top)) == 0 {
		flaws = append(flaws, Flaw{"BR-16", "It has no line"})
	}
	return flaws
}

func lines(top *xmldoc.Node) []*xmldoc.Node {
	return append(top.All("InvoiceLine"), top.All("CreditNoteLine")...)
}

// addsUp compares the totals. One that is missing or no amount is left to the
// other rules.
func addsUp(top *xmldoc.Node) (flaws []Flaw) {
	currency, err := money.ParseCurrency(top.Get("DocumentCurrencyCode"))
	if err != nil {
		return nil
	}
	broken := false
	read := func(n *xmldoc.Node, path string) (a money.Amount, ok bool) {
		text := n.Get(path)
		if text == "" {
			return money.Of(0, currency), false
		}
		if a, err = money.Parse(text, currency); err != nil {
			broken = true
			flaws = append(flaws, Flaw{"BR-DEC", fmt.Sprintf("Its %s of %q is no exact amount in %s", path[strings.LastIndexByte(path, '/')+1:], invoicefile.Clean(text, 30), currency)})
			return money.Of(0, currency), false
		}
		return a, true
	}
	sum := func(nodes []*xmldoc.Node, path string) (total money.Amount) {
		total = money.Of(0, currency)
		for _, n := range nodes {
			a, _ := read(n, path)
			total.Minor += a.Minor
		}
		return total
	}
	legal := func(name string) (money.Amount, bool) { return read(top, "LegalMonetaryTotal/"+name) }
	differ := func(rule string, stated, is money.Amount, what string) {
		if !broken && stated != is {
			flaws = append(flaws, Flaw{rule, fmt.Sprintf("It states %s of %s, and its parts make %s", what, stated, is)})
		}
	}
	extension, hasLines := legal("LineExtensionAmount")
	net, hasNet := legal("TaxExclusiveAmount")
	gross, hasGross := legal("TaxInclusiveAmount")
	allowances, _ := legal("AllowanceTotalAmount")
	charges, _ := legal("ChargeTotalAmount")
	prepaid, _ := legal("PrepaidAmount")
	rounding, _ := legal("PayableRoundingAmount")
	payable, hasPayable := legal("PayableAmount")
	if hasLines {
		differ("BR-CO-10", extension, sum(lines(top), "LineExtensionAmount"), "a sum of its lines")
	}
	if hasNet && hasLines {
		differ("BR-CO-13", net, money.Of(extension.Minor-allowances.Minor+charges.Minor, currency), "a total without VAT")
	}
	for _, total := range top.All("TaxTotal") {
		if c := total.Child("TaxAmount").Attribute("currencyID"); c != "" && c != string(currency) {
			continue // the same in the currency of the tax office (BT-111)
		}
		tax, hasTax := read(total, "TaxAmount")
		if rates := total.All("TaxSubtotal"); hasTax && len(rates) > 0 {
			differ("BR-CO-14", tax, sum(rates, "TaxAmount"), "VAT")
		}
		if hasTax && hasNet && hasGross {
			differ("BR-CO-15", gross, money.Of(net.Minor+tax.Minor, currency), "a total with VAT")
		}
	}
	if hasGross && hasPayable {
		differ("BR-CO-16", payable, money.Of(gross.Minor-prepaid.Minor+rounding.Minor, currency), "an amount to pay")
	}
	return flaws
}

// addressed reports whether the buyer is who the file is handed over to. Another
// scheme may name the same party, so it proves nothing.
func addressed(top *xmldoc.Node, to string) (Flaw, bool) {
	end := top.Child("AccountingCustomerParty/Party/EndpointID")
	scheme, number, ok := strings.Cut(to, ":")
	if end == nil || !ok || end.Attribute("schemeID") != scheme {
		return Flaw{}, true
	}
	theirs := strings.ToUpper(noise.Replace(strings.TrimSpace(end.Text)))
	if theirs == "" || theirs == strings.ToUpper(number) {
		return Flaw{}, true
	}
	return Flaw{"BT-49", fmt.Sprintf("Its buyer has the electronic address %s:%s, and the debtor has %s", scheme, invoicefile.Clean(theirs, 40), to)}, false
}
