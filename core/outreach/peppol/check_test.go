package peppol_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/outreach/peppol"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	right := dunningtest.UBL("F1", "12345678", 12_100)
	for _, c := range []struct {
		name, rules string
		edits       []string
	}{
		{"nothing", "", nil},
		{"no seller's address on the network", "PEPPOL-EN16931-R020", []string{`<cbc:EndpointID schemeID="0106">87654321</cbc:EndpointID>`, ""}},
		{"no buyer's address on the network", "PEPPOL-EN16931-R010", []string{`<cbc:EndpointID schemeID="0106">12345678</cbc:EndpointID>`, ""}},
		{"the rules of a country want no reference", "", []string{"peppol.eu:2017:poacc:billing:3.0", "nen.nl:nlcius:v1.0", "<cbc:BuyerReference>Inkoop 7</cbc:BuyerReference>", ""}},
		{"no currency", "BR-05", []string{"<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>", ""}},
		{"no country of the buyer", "BR-11", []string{`12345678</cbc:EndpointID>
<cac:PostalAddress><cac:Country><cbc:IdentificationCode>NL`, `12345678</cbc:EndpointID>
<cac:PostalAddress><cac:Country><cbc:IdentificationCode>`}},
		{"no VAT by rate", "BR-CO-18", []string{"TaxSubtotal", "Other"}},
		{"no line", "BR-16 BR-CO-10", []string{"InvoiceLine", "Line"}},
		{"lines that make another sum", "BR-CO-10", []string{`</cbc:InvoicedQuantity><cbc:LineExtensionAmount currencyID="EUR">100.00`, `</cbc:InvoicedQuantity><cbc:LineExtensionAmount currencyID="EUR">90.00`}},
		{"rates that make another VAT", "BR-CO-14", []string{`</cbc:TaxableAmount><cbc:TaxAmount currencyID="EUR">21.00`, `</cbc:TaxableAmount><cbc:TaxAmount currencyID="EUR">9.00`}},
		{"a total that is not net and VAT", "BR-CO-15 BR-CO-16", []string{`<cbc:TaxInclusiveAmount currencyID="EUR">121.00`, `<cbc:TaxInclusiveAmount currencyID="EUR">122.00`}},
		{"an amount to pay of its own", "BR-CO-16", []string{`<cbc:PayableAmount currencyID="EUR">121.00`, `<cbc:PayableAmount currencyID="EUR">120.00`}},
		{"fractions of a cent", "BR-DEC", []string{`<cbc:PayableAmount currencyID="EUR">121.00`, `<cbc:PayableAmount currencyID="EUR">121.001`}},
		{"a page instead of an invoice", "UBL", []string{"<Invoice ", "<html ", "</Invoice>", "</html>"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var rules []string
			for _, f := range peppol.Check([]byte(strings.NewReplacer(c.edits...).Replace(right)), "0106:12345678") {
				rules = append(rules, f.Rule)
				if f.Sentence == "" || strings.HasSuffix(f.Sentence, ".") {
					t.Errorf("it says %q", f.Sentence)
				}
			}
			if got := strings.Join(rules, " "); got != c.rules {
				t.Errorf("it breaks %q, want %q", got, c.rules)
			}
		})
	}
	t.Run("the buyer is compared within a scheme only", func(t *testing.T) {
		t.Parallel()
		for to, want := range map[string]int{"0106:12345678": 0, "0106:87654321": 1, "9944:NL001234567B01": 0, "": 0} {
			if got := peppol.Check([]byte(right), to); len(got) != want {
				t.Errorf("to %q: %v", to, got)
			}
		}
	})
}

// TestExamples holds that the examples of the network's own rules pass.
func TestExamples(t *testing.T) {
	t.Parallel()
	shared := os.Getenv("VOLDAAN_SHARED")
	if shared == "" {
		t.Skip("VOLDAAN_SHARED names the folder with the examples of the Peppol rules")
	}
	files, err := filepath.Glob(filepath.Join(shared, "samples", "ubl", "*.xml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples in %s: %v", shared, err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if flaws := peppol.Check(content, ""); len(flaws) > 0 {
			t.Errorf("%s: %v", filepath.Base(file), flaws)
		}
	}
}
