package ubl_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/sdk/invoicefile/ubl"
	"github.com/voldaan/voldaan/sdk/money"
)

func TestParseDetail(t *testing.T) {
	t.Parallel()
	const head = `<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"><ID>F1</ID><IssueDate>2026-03-02</IssueDate><Note>Dank u</Note>
<DocumentCurrencyCode>EUR</DocumentCurrencyCode><AccountingCustomerParty><Party><PartyName><Name>Zoet</Name></PartyName></Party></AccountingCustomerParty>
<AllowanceCharge><ChargeIndicator>false</ChargeIndicator><AllowanceChargeReason>Korting</AllowanceChargeReason><Amount currencyID="EUR">5</Amount></AllowanceCharge>
<AllowanceCharge><ChargeIndicator>true</ChargeIndicator><Amount currencyID="EUR">1.50</Amount></AllowanceCharge>
<TaxTotal><TaxAmount currencyID="EUR">21.00</TaxAmount><TaxSubtotal><TaxableAmount>100.00</TaxableAmount><TaxAmount>21.00</TaxAmount><TaxCategory><Percent>21</Percent></TaxCategory></TaxSubtotal></TaxTotal>
<TaxTotal><TaxAmount currencyID="SEK">230.00</TaxAmount></TaxTotal>
<LegalMonetaryTotal><TaxExclusiveAmount>100.00</TaxExclusiveAmount><PayableAmount currencyID="EUR">121.00</PayableAmount></LegalMonetaryTotal>`
	const item = `<InvoiceLine><ID>%d</ID><InvoicedQuantity>10</InvoicedQuantity><LineExtensionAmount currencyID="EUR">103.50</LineExtensionAmount><Item><Name>Taart</Name></Item><Price><PriceAmount>20.70</PriceAmount><BaseQuantity>2</BaseQuantity></Price></InvoiceLine>`
	var b strings.Builder
	b.WriteString(head)
	for i := range ubl.MaxLines + 2 {
		fmt.Fprintf(&b, item, i)
	}
	b.WriteString("</Invoice>")
	d, err := ubl.ParseDetail(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	if d.Invoice.Open != money.EUR(12100) || d.Net != money.EUR(10000) || d.Tax != money.EUR(2100) || len(d.Taxes) != 1 || d.Taxes[0].Rate != "21" || d.Taxes[0].Base != money.EUR(10000) {
		t.Errorf("%+v %+v %+v", d.Net, d.Tax, d.Taxes)
	}
	if len(d.Lines) != ubl.MaxLines || d.Left != 2 || d.Lines[0] != (ubl.Line{Name: "Taart", Quantity: "10", Price: "EUR 20.70 / 2", Amount: money.EUR(10350)}) {
		t.Errorf("%d lines, %d left, %+v", len(d.Lines), d.Left, d.Lines[0])
	}
	if len(d.Adjustments) != 2 || d.Adjustments[0] != (ubl.Adjustment{Reason: "Korting", Amount: money.EUR(-500)}) || d.Adjustments[1].Amount != money.EUR(150) || len(d.Notes) != 1 {
		t.Errorf("%+v %v", d.Adjustments, d.Notes)
	}
	if _, err := ubl.ParseDetail(strings.NewReader("<!DOCTYPE x><Invoice/>")); err == nil {
		t.Error("a document type was read")
	}
}

func TestParseDetailOfExamples(t *testing.T) {
	t.Parallel()
	shared := os.Getenv("VOLDAAN_SHARED")
	if shared == "" {
		t.Skip("VOLDAAN_SHARED does not name the folder with sample documents")
	}
	f, err := os.Open(filepath.Join(shared, "samples", "ubl", "Allowance-example.xml"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d, err := ubl.ParseDetail(f)
	if err != nil || len(d.Lines) != 3 || d.Lines[0].Amount != money.EUR(400000) || len(d.Taxes) != 2 || d.Tax != money.EUR(122500) || d.Taxes[1].Reason == "" || len(d.Adjustments) != 2 || d.Prepaid != money.EUR(100000) {
		t.Errorf("%+v %v", d, err)
	}
}
