package emulator

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"text/template"
)

// The document follows Peppol BIS Billing 3 in form. A credit invoice becomes a
// CreditNote with positive amounts.
var ublDocument = template.Must(template.New("ubl").Funcs(template.FuncMap{"x": escape}).Parse(`<?xml version="1.0" encoding="UTF-8"?>
<{{.Root}} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{{.Root}}-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0</cbc:CustomizationID>
  <cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</cbc:ProfileID>
  <cbc:ID>{{x .Number}}</cbc:ID>
  <cbc:IssueDate>{{.Date}}</cbc:IssueDate>
{{if not .Credit}}  <cbc:DueDate>{{.Due}}</cbc:DueDate>
  <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
{{else}}  <cbc:CreditNoteTypeCode>381</cbc:CreditNoteTypeCode>
{{end}}  <cbc:DocumentCurrencyCode>{{.Currency}}</cbc:DocumentCurrencyCode>
  <cbc:BuyerReference>{{x .Reference}}</cbc:BuyerReference>
{{with .Original}}  <cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>{{x .}}</cbc:ID></cac:InvoiceDocumentReference></cac:BillingReference>
{{end}}{{range .Parties}}  <cac:{{.Role}}>
    <cac:Party>
{{with .Endpoint}}      <cbc:EndpointID schemeID="{{.Scheme}}">{{x .ID}}</cbc:EndpointID>
{{end}}      <cac:PartyName><cbc:Name>{{x .Name}}</cbc:Name></cac:PartyName>
      <cac:PostalAddress>
        <cbc:StreetName>{{x .Street}}</cbc:StreetName>
        <cbc:CityName>{{x .City}}</cbc:CityName>
        <cbc:PostalZone>{{x .Zip}}</cbc:PostalZone>
        <cac:Country><cbc:IdentificationCode>{{x .Country}}</cbc:IdentificationCode></cac:Country>
      </cac:PostalAddress>
{{with .Tax}}      <cac:PartyTaxScheme><cbc:CompanyID>{{x .}}</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
{{end}}      <cac:PartyLegalEntity><cbc:RegistrationName>{{x .Name}}</cbc:RegistrationName>{{with .Register}}<cbc:CompanyID schemeID="0106">{{x .}}</cbc:CompanyID>{{end}}</cac:PartyLegalEntity>
{{with .Email}}      <cac:Contact><cbc:ElectronicMail>{{x .}}</cbc:ElectronicMail></cac:Contact>
{{end}}    </cac:Party>
  </cac:{{.Role}}>
{{end}}  <cac:PaymentMeans>
    <cbc:PaymentMeansCode>30</cbc:PaymentMeansCode>
    <cbc:PaymentID>{{x .PaymentID}}</cbc:PaymentID>
    <cac:PayeeFinancialAccount><cbc:ID>{{x .IBAN}}</cbc:ID></cac:PayeeFinancialAccount>
  </cac:PaymentMeans>
  <cac:TaxTotal>
    <cbc:TaxAmount currencyID="{{.Currency}}">{{.Tax}}</cbc:TaxAmount>
{{range .Taxes}}    <cac:TaxSubtotal>
      <cbc:TaxableAmount currencyID="{{$.Currency}}">{{.Excl}}</cbc:TaxableAmount>
      <cbc:TaxAmount currencyID="{{$.Currency}}">{{.Tax}}</cbc:TaxAmount>
      <cac:TaxCategory><cbc:ID>{{.Code}}</cbc:ID><cbc:Percent>{{.Percent}}</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory>
    </cac:TaxSubtotal>
{{end}}  </cac:TaxTotal>
  <cac:LegalMonetaryTotal>
    <cbc:LineExtensionAmount currencyID="{{.Currency}}">{{.Excl}}</cbc:LineExtensionAmount>
    <cbc:TaxExclusiveAmount currencyID="{{.Currency}}">{{.Excl}}</cbc:TaxExclusiveAmount>
    <cbc:TaxInclusiveAmount currencyID="{{.Currency}}">{{.Incl}}</cbc:TaxInclusiveAmount>
    <cbc:PayableAmount currencyID="{{.Currency}}">{{.Incl}}</cbc:PayableAmount>
  </cac:LegalMonetaryTotal>
{{range .Lines}}  <cac:{{$.Root}}Line>
    <cbc:ID>{{.No}}</cbc:ID>
    <cbc:{{$.Quantity}} unitCode="C62">{{.Quantity}}</cbc:{{$.Quantity}}>
    <cbc:LineExtensionAmount currencyID="{{$.Currency}}">{{.Excl}}</cbc:LineExtensionAmount>
    <cac:Item>
      <cbc:Name>{{x .Name}}</cbc:Name>
      <cac:ClassifiedTaxCategory><cbc:ID>{{.Code}}</cbc:ID><cbc:Percent>{{.Percent}}</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory>
    </cac:Item>
    <cac:Price><cbc:PriceAmount currencyID="{{$.Currency}}">{{.Price}}</cbc:PriceAmount></cac:Price>
  </cac:{{$.Root}}Line>
{{end}}</{{.Root}}>
`))

type ublParty struct{ Role, Name, Street, City, Zip, Country, Tax, Register, Email string }

type ublEndpoint struct{ Scheme, ID string }

// Endpoint is the address of a party on the Peppol network: its number in the
// Dutch register, else its VAT number, else its e-mail address.
func (p ublParty) Endpoint() *ublEndpoint {
	switch {
	case p.Register != "":
		return &ublEndpoint{"0106", p.Register}
	case p.Tax != "":
		return &ublEndpoint{"9944", p.Tax}
	case p.Email != "":
		return &ublEndpoint{"EM", p.Email}
	}
	return nil
}

type ublTax struct{ Excl, Tax, Code, Percent string }

type ublLine struct {
	No                                         int
	Quantity, Excl, Name, Code, Percent, Price string
}

func (a *administration) ubl(inv *invoice) ([]byte, error) {
	credit := inv.Sums.incl() < 0
	two := func(n int64) string {
		if credit {
			n = -n
		}
		sign := ""
		if n < 0 {
			sign, n = "-", -n
		}
		return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
	}
	category := func(rateID string) (code, percent string) {
		if r := a.rate(rateID); r != nil && !sameNumber(r.Percent, "0") {
			return "S", r.Percent
		}
		return "Z", "0"
	}
	_, ref := reference(inv.ID)
	doc := map[string]any{
		"Root": "Invoice", "Quantity": "InvoicedQuantity", "Credit": credit, "Number": inv.Number, "Date": inv.Date, "Due": inv.Due, "Currency": inv.Currency,
		"Reference": inv.Reference, "PaymentID": ref, "IBAN": a.Seed.IBAN, "Tax": two(inv.Sums.Tax), "Excl": two(inv.Sums.Excl), "Incl": two(inv.Sums.incl()), "Original": "",
	}
	if credit {
		doc["Root"], doc["Quantity"] = "CreditNote", "CreditedQuantity"
		if of := a.Invoices[inv.Original]; of != nil {
			doc["Original"] = of.Number
		}
	}
	s := a.Seed
	parties := []ublParty{{"AccountingSupplierParty", s.Name, s.Address, s.City, s.Zipcode, s.Country, s.TaxNumber, s.ChamberOfCommerce, s.Email}}
	if c := a.Contacts[inv.Contact]; c != nil {
		f := c.Fields
		name := f.CompanyName
		if name == "" {
			name = strings.TrimSpace(f.FirstName + " " + f.LastName)
		}
		parties = append(parties, ublParty{"AccountingCustomerParty", name, f.Address1, f.City, f.Zipcode, f.Country, f.TaxNumber, f.ChamberOfCommerce, f.InvoicesEmail})
	}
	doc["Parties"] = parties
	var taxes []ublTax
	for _, t := range inv.Sums.Taxes {
		code, percent := category(t.RateID)
		taxes = append(taxes, ublTax{two(t.Excl), two(t.Tax), code, percent})
	}
	doc["Taxes"] = taxes
	var lines []ublLine
	for i, l := range inv.Lines {
		code, percent := category(l.RateID)
		q := l.Quantity
		if credit {
			q = strings.TrimPrefix(q, "-")
		}
		lines = append(lines, ublLine{i + 1, q, two(l.Excl), l.Description, code, percent, unitPrice(l)})
	}
	doc["Lines"] = lines
	var b bytes.Buffer
	err := ublDocument.Execute(&b, doc)
	return b.Bytes(), err
}

// unitPrice is the price without VAT and after discount, to six places, so that
// it multiplies to the line's total.
func unitPrice(l line) string {
	q, err := parse(l.Quantity)
	if err != nil || q.Sign() == 0 {
		return "0.00"
	}
	p := cents(l.Excl)
	return strings.TrimRight(p.Quo(p, q).FloatString(6), "0") + "0"
}

func escape(v any) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(fmt.Sprint(v)))
	return b.String()
}
