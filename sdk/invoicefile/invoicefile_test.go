package invoicefile_test

import (
	"testing"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/invoicefile"
)

func TestPartyID(t *testing.T) {
	t.Parallel()
	nl := sdk.Address{PostalCode: "1012 AB", Country: "NL"}
	id := func(books string, p sdk.Party) string { return invoicefile.PartyID(books, p) }
	for want, got := range map[string]string{
		"debtor:10":           id(" 10 ", sdk.Party{Name: "A", VATNumber: "NL1"}),
		"vat:nl001234567b01":  id("", sdk.Party{VATNumber: "NL 001234567 B01", Registration: "1"}),
		"register:nl12345678": id("", sdk.Party{Registration: "12345678", Address: nl}),
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	a, b := id("", sdk.Party{Name: "Jan Jansen", Address: nl}), id("", sdk.Party{Name: "jan  jansen", Address: sdk.Address{PostalCode: "1012ab", Country: "nl"}})
	if a != b {
		t.Error("the same person in another spelling")
	}
	if a == id("", sdk.Party{Name: "Jan Jansen", Address: sdk.Address{PostalCode: "9999 ZZ", Country: "NL"}}) {
		t.Error("two people of one name")
	}
}

func TestInvoiceID(t *testing.T) {
	t.Parallel()
	if got := invoicefile.InvoiceID(sdk.SalesInvoice, " F 2026-1 "); got != "invoice:f2026-1" {
		t.Error(got)
	}
	if invoicefile.InvoiceID(sdk.CreditNote, "1") == invoicefile.InvoiceID(sdk.SalesInvoice, "1") {
		t.Error("an invoice and a credit note may bear one number")
	}
}

func TestStructured(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"RF18 5390 0754 7034": true, "5000056789012345": true, "+++090/9337/55493+++": true, "1234567": true,
		"": false, "2026-0042": false, "12345678": false, "RF18": false, "Factuur 12": false,
	} {
		if invoicefile.Structured(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	if got := invoicefile.Clean("  a\t\nb\x00c  ", 10); got != "a b c" {
		t.Errorf("%q", got)
	}
	if got := invoicefile.Clean("ëëëëë", 4); got != "ëëë…" {
		t.Errorf("%q", got)
	}
}
