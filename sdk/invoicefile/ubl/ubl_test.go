package ubl_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/invoicefile"
	"github.com/voldaan/voldaan/sdk/invoicefile/ubl"
	"github.com/voldaan/voldaan/sdk/money"
)

func example(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("testdata/invoice-nlcius.xml")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestParse(t *testing.T) {
	t.Parallel()
	got, err := ubl.Parse(strings.NewReader(example(t)))
	if err != nil {
		t.Fatal(err)
	}
	want := invoicefile.Document{
		Invoice: sdk.Invoice{ID: "invoice:2026-0042", PartyID: "debtor:700", Number: "2026-0042", Kind: sdk.SalesInvoice, Status: sdk.Open,
			Issued: date.MustParse("2026-03-02"), Due: date.MustParse("2026-03-16"), Total: money.EUR(121003), Open: money.EUR(100000),
			Reference: "Project Zuid", PaymentReference: "RF18539007547034", Document: true},
		Debtor: sdk.Party{ID: "debtor:700", Name: "Bakkerij Zoet B.V.", Kind: sdk.Business, Attention: "Crediteuren", Email: "facturen@zoet.example",
			Address:   sdk.Address{Line1: "Hoofdstraat 12", PostalCode: "1234 AB", City: "Zoëterwoude", Country: "NL"},
			VATNumber: "NL001234567B01", Registration: "12345678"},
		Creditor: sdk.Party{ID: "register:87654321", Name: "Studio Noord B.V.", Kind: sdk.Business, Registration: "87654321"},
		PayTo:    "NL91ABNA0417164300", PaymentID: "RF18539007547034", Prepaid: money.EUR(21000), Terms: "Betaling binnen 14 dagen",
		Attachments: []invoicefile.Attachment{{Name: "2026-0042.pdf", ContentType: "application/pdf", Content: []byte("%PDF-1.7 papier")}},
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(date.Date{})); d != "" {
		t.Error(d)
	}
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	text := example(t)
	as := func(label string) string { return strings.Replace(text, `encoding="UTF-8"`, `encoding="`+label+`"`, 1) }
	for label, encode := range map[string]func(string) ([]byte, error){
		"UTF-16": func(s string) ([]byte, error) {
			return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(s))
		},
		"utf-16": func(s string) ([]byte, error) {
			return unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(s))
		},
		"ISO-8859-1":   func(s string) ([]byte, error) { return charmap.ISO8859_1.NewEncoder().Bytes([]byte(s)) },
		"ISO-8859-15":  func(s string) ([]byte, error) { return charmap.ISO8859_15.NewEncoder().Bytes([]byte(s)) },
		"windows-1252": func(s string) ([]byte, error) { return charmap.Windows1252.NewEncoder().Bytes([]byte(s)) },
	} {
		t.Run(label, func(t *testing.T) {
			t.Parallel()
			b, err := encode(as(label))
			if err != nil {
				t.Fatal(err)
			}
			d, err := ubl.Parse(bytes.NewReader(b))
			if err != nil || d.Debtor.Address.City != "Zoëterwoude" {
				t.Errorf("%q %v", d.Debtor.Address.City, err)
			}
		})
	}
}

func TestVariants(t *testing.T) {
	t.Parallel()
	text := example(t)
	amounts := func(total, prepaid, rounding, payable string) func(string) string {
		return func(s string) string {
			return strings.NewReplacer(">1210.03<", ">"+total+"<", ">210.00<", ">"+prepaid+"<", ">-0.03<", ">"+rounding+"<",
				`PayableAmount currencyID="EUR">1000.00<`, `PayableAmount currencyID="EUR">`+payable+"<").Replace(s)
		}
	}
	swap := func(pairs ...string) func(string) string {
		return func(s string) string {
			out := strings.NewReplacer(pairs...).Replace(s)
			if out == s {
				panic("the variant changes nothing")
			}
			return out
		}
	}
	credit := swap("<Invoice ", "<CreditNote ", "</Invoice>", "</CreditNote>")
	for name, tt := range map[string]struct {
		change      func(string) string
		kind        sdk.InvoiceKind
		status      sdk.InvoiceStatus
		total, open int64
		due         string
	}{
		"credit note":                {credit, sdk.CreditNote, sdk.Open, 121003, 100000, "2026-03-16"},
		"type code 381":              {swap(">380<", ">381<"), sdk.CreditNote, sdk.Open, 121003, 100000, "2026-03-16"},
		"negative invoice":           {amounts("-121.00", "0", "0", "-121"), sdk.CreditNote, sdk.Open, 12100, 12100, "2026-03-16"},
		"prepaid whole":              {amounts("121.00", "121.00", "0.00", "0.00"), sdk.SalesInvoice, sdk.Paid, 12100, 0, "2026-03-16"},
		"due date from the terms":    {swap("<cbc:DueDate>2026-03-16</cbc:DueDate>", ""), sdk.SalesInvoice, sdk.Open, 121003, 100000, "2026-03-16"},
		"terms about a discount":     {swap("<cbc:DueDate>2026-03-16</cbc:DueDate>", "", "Betaling binnen 14 dagen", "Within 10 days 2% discount"), sdk.SalesInvoice, sdk.Open, 121003, 100000, ""},
		"due date with the means":    {swap("<cbc:DueDate>2026-03-16</cbc:DueDate>", "", "<cbc:PaymentMeansCode>", "<cbc:PaymentDueDate>2026-04-01</cbc:PaymentDueDate><cbc:PaymentMeansCode>"), sdk.SalesInvoice, sdk.Open, 121003, 100000, "2026-04-01"},
		"date with a zone":           {swap("2026-03-16<", "2026-03-16+01:00<"), sdk.SalesInvoice, sdk.Open, 121003, 100000, "2026-03-16"},
		"without tax inclusive":      {swap(`<cbc:TaxInclusiveAmount currencyID="EUR">1210.03</cbc:TaxInclusiveAmount>`, ""), sdk.SalesInvoice, sdk.Open, 121000, 100000, "2026-03-16"},
		"other prefixes, no matter":  {swap("cac:", "x:", "cbc:", "y:", "xmlns:cac", "xmlns:x", "xmlns:cbc", "xmlns:y"), sdk.SalesInvoice, sdk.Open, 121003, 100000, "2026-03-16"},
		"unknown elements, no worry": {swap("<cbc:InvoiceTypeCode>", "<cbc:Novelty>1</cbc:Novelty><cbc:InvoiceTypeCode>"), sdk.SalesInvoice, sdk.Open, 121003, 100000, "2026-03-16"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := ubl.Parse(strings.NewReader(tt.change(text)))
			if err != nil {
				t.Fatal(err)
			}
			i := d.Invoice
			if i.Kind != tt.kind || i.Status != tt.status || i.Total != money.EUR(tt.total) || i.Open != money.EUR(tt.open) || i.Due.String() != tt.due {
				t.Errorf("%+v", i)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	text := example(t)
	swap := func(from, to string) string {
		out := strings.Replace(text, from, to, 1)
		if out == text {
			panic("the variant changes nothing: " + from)
		}
		return out
	}
	for name, tt := range map[string]struct{ text, code, says string }{
		"another document":     {"<Order/>", "not_ubl", "<Order>"},
		"text":                 {"hello", "damaged", "before its root element"},
		"nothing":              {"", "damaged", "empty"},
		"cut off":              {text[:2000], "damaged", "breaks off"},
		"entity bomb":          {`<!DOCTYPE Invoice [<!ENTITY a "ha">]><Invoice>&a;</Invoice>`, "hostile", "document type"},
		"encoding":             {swap("UTF-8", "IBM037"), "damaged", "encoding"},
		"no number":            {swap("<cbc:ID>2026-0042</cbc:ID>", ""), "no_number", "no invoice number"},
		"no date":              {swap("<cbc:IssueDate>2026-03-02</cbc:IssueDate>", ""), "no_date", "IssueDate"},
		"date in words":        {swap("2026-03-02", "2 maart 2026"), "date", `"2 maart 2026"`},
		"unknown currency":     {swap(">EUR<", ">XQX<"), "unknown_currency", "XQX"},
		"two currencies":       {swap(`PrepaidAmount currencyID="EUR"`, `PrepaidAmount currencyID="USD"`), "mixed_currencies", "USD"},
		"three decimals":       {swap(">1210.03<", ">1210.035<"), "amount", "1210.035"},
		"comma":                {swap(">1210.03<", ">1210,03<"), "amount", "1210,03"},
		"no payable":           {swap(`<cbc:PayableAmount currencyID="EUR">1000.00</cbc:PayableAmount>`, ""), "no_total", "PayableAmount"},
		"totals contradict":    {swap(">210.00<", ">200.00<"), "totals", "EUR 200.00"},
		"nothing owed":         {strings.NewReplacer(">1210.03<", ">0.00<", ">210.00<", ">0<", ">-0.03<", ">0<", `PayableAmount currencyID="EUR">1000.00<`, `PayableAmount currencyID="EUR">0.00<`).Replace(text), "zero_total", "nothing to collect"},
		"due before issue":     {swap("2026-03-16", "2026-03-01"), "due_before_issue", "before its date"},
		"damaged attachment":   {swap("JVBERi0xLjcg", "JVBERi0xLjc*"), "attachment", "damaged"},
		"negative credit":      {strings.NewReplacer("<Invoice ", "<CreditNote ", "</Invoice>", "</CreditNote>", ">1210.03<", ">-1.00<", ">210.00<", ">0<", ">-0.03<", ">0<", `PayableAmount currencyID="EUR">1000.00<`, `PayableAmount currencyID="EUR">-1.00<`).Replace(text), "negative_total", "not clear who owes whom"},
		"nobody to pay for it": {strings.NewReplacer("<cac:AccountingCustomerParty>", "<cac:Somebody>", "</cac:AccountingCustomerParty>", "</cac:Somebody>").Replace(text), "no_debtor", "who has to pay"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := ubl.Parse(strings.NewReader(tt.text))
			var p *invoicefile.Problem
			if !errors.As(err, &p) || p.Code != tt.code || !strings.Contains(p.Sentence, tt.says) {
				t.Fatalf("%v", err)
			}
			if d.Invoice != (sdk.Invoice{}) {
				t.Error("something was half-read")
			}
		})
	}
}

// TestSamples reads the examples that OpenPEPPOL publishes.
func TestSamples(t *testing.T) {
	t.Parallel()
	shared := os.Getenv("VOLDAAN_SHARED")
	if shared == "" {
		t.Skip("VOLDAAN_SHARED does not name the folder with sample documents")
	}
	for file, want := range map[string]struct {
		kind                 sdk.InvoiceKind
		total, open, prepaid int64
		due                  string
	}{
		"base-example.xml":               {sdk.SalesInvoice, 165625, 165625, 0, "2017-12-01"},
		"base-creditnote-correction.xml": {sdk.CreditNote, 165625, 165625, 0, ""},
		"Allowance-example.xml":          {sdk.SalesInvoice, 712500, 612500, 100000, "2017-12-01"},
		"Vat-category-S.xml":             {sdk.SalesInvoice, 855000, 855000, 0, "2017-12-01"},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			b, err := os.ReadFile(filepath.Join(shared, "samples", "ubl", file))
			if err != nil {
				t.Fatal(err)
			}
			d, err := ubl.Parse(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			i := d.Invoice
			if i.Kind != want.kind || i.Total != money.EUR(want.total) || i.Open != money.EUR(want.open) || d.Prepaid != money.EUR(want.prepaid) || i.Due.String() != want.due {
				t.Errorf("%+v prepaid %v", i, d.Prepaid)
			}
			if i.Number != "Snippet1" || i.Issued.String() != "2017-11-13" || d.Debtor.Name != "Buyer Official Name" || d.PayTo != "IBAN32423940" {
				t.Errorf("%+v %+v", i, d.Debtor)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(example(f)))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := ubl.Parse(bytes.NewReader(b))
		var p *invoicefile.Problem
		if err != nil {
			if !errors.As(err, &p) || p.Sentence == "" {
				t.Errorf("an error without a sentence: %v", err)
			}
			return
		}
		i := d.Invoice
		if i.Number == "" || i.ID == "" || i.PartyID == "" || i.Total.Minor < 0 || i.Issued.IsZero() {
			t.Errorf("a document without its essentials: %+v", i)
		}
	})
}
