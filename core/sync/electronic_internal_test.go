package sync

import (
	"testing"

	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/invoicefile"
	"github.com/voldaan/voldaan/sdk/money"
)

// TestElectronicOfAnotherInvoice looks at the judgement itself, since no books of a
// test give a wrong file on purpose.
func TestElectronicOfAnotherInvoice(t *testing.T) {
	t.Parallel()
	inv := db.Invoice{Number: "2026-0412", Kind: string(sdk.SalesInvoice), Currency: "EUR", TotalMinor: 121_000}
	debtor := db.Debtor{Name: "Bakkerij Jansen", VatNumber: "NL 0012.34.567.B01", Registration: "12345678"}
	right := invoicefile.Document{
		Invoice:  sdk.Invoice{Kind: sdk.SalesInvoice, Number: "2026-0412", Total: money.EUR(121_000)},
		Debtor:   sdk.Party{Name: "Jansen", VATNumber: "NL001234567B01", Registration: "12345678"},
		Creditor: sdk.Party{Name: "Van Dijk BV", VATNumber: "NL002345678B01"},
	}
	adm := db.Administration{VatNumber: "NL002345678B01", Registration: "23456789"}
	for _, c := range []struct {
		name   string
		change func(*invoicefile.Document)
		want   string
	}{
		{"the invoice itself", func(*invoicefile.Document) {}, ""},
		{"a buyer whose numbers the file leaves out", func(d *invoicefile.Document) { d.Debtor = sdk.Party{Name: "Jansen"} }, ""},
		{"another number", func(d *invoicefile.Document) { d.Invoice.Number = "2026-0413" }, "its number is another one"},
		{"another total", func(d *invoicefile.Document) { d.Invoice.Total = money.EUR(121_001) }, "its total is another one"},
		{"another currency", func(d *invoicefile.Document) { d.Invoice.Total = money.Of(121_000, "GBP") }, "its total is another one"},
		{"a credit note", func(d *invoicefile.Document) { d.Invoice.Kind = sdk.CreditNote }, "it is of another kind"},
		{"another buyer by its VAT number", func(d *invoicefile.Document) { d.Debtor.VATNumber = "NL009999999B01" }, "it is addressed to another party"},
		{"another buyer by its registration", func(d *invoicefile.Document) { d.Debtor.Registration = "87654321" }, "it is addressed to another party"},
		{"another seller by its VAT number", func(d *invoicefile.Document) { d.Creditor.VATNumber = "NL009999999B01" }, "it comes from another party"},
		{"another seller by its registration", func(d *invoicefile.Document) { d.Creditor = sdk.Party{Registration: "87654321"} }, "it comes from another party"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := right
			c.change(&d)
			if got := differs(d, inv, debtor, adm); got != c.want {
				t.Errorf("it says %q, want %q", got, c.want)
			}
		})
	}
}
