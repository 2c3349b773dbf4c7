package openitems_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/invoicefile"
	"github.com/voldaan/voldaan/sdk/invoicefile/openitems"
)

// short writes a document in one line: number kind debtor issued due total open.
func short(d invoicefile.Document) string {
	i := d.Invoice
	return fmt.Sprintf("%d %s %s %s/%s %s %s %s %s", d.Row, i.Number, i.Kind, d.Debtor.ID, d.Debtor.Name, i.Issued, i.Due, i.Total, i.Open)
}

func shorts(l openitems.List) string {
	var out []string
	for _, d := range l.Documents {
		out = append(out, short(d))
	}
	return strings.Join(out, "\n")
}

func problems(l openitems.List) string {
	var out []string
	for _, p := range l.Problems {
		out = append(out, fmt.Sprintf("%d %s", p.Row, p.Code))
	}
	return strings.Join(out, ", ")
}

const two = "2 F1 invoice debtor:10/Bakkerij Zoet 2026-03-02 2026-03-16 EUR 1210.00 EUR 1000.00\n" +
	"3 F2 credit_note debtor:11/Jansen 2026-03-03 2026-03-17 EUR 121.50 EUR 121.50"

func TestRead(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text, want, dates, decimal string
		mapping                    openitems.Mapping
	}{
		"semicolon and comma": {"Debiteurnr;Naam;Factuurnummer;Factuurdatum;Vervaldatum;Bedrag;Openstaand\n" +
			"10;Bakkerij Zoet;F1;02-03-2026;16-03-2026;1.210,00;1.000,00\n11;Jansen;F2;3-3-2026;17-3-2026;-121,50;-121,50\n", two, "dd-mm-yyyy", ",", openitems.Mapping{}},
		"comma and point": {"Customer No,Customer Name,Invoice No,Invoice Date,Due Date,Original Amount,Balance\n" +
			"10,Bakkerij Zoet,F1,2026-03-02,2026-03-16,\"1,210.00\",\"1,000.00\"\n11,Jansen,F2,2026-03-03,2026-03-17,(121.50),121.50-\n", two, "yyyy-mm-dd", ".", openitems.Mapping{}},
		"tabs and bare digits": {"DebtorId\tDebiteurnaam\tInvoiceNr\tNookPieceDate\tExpDate\tAmtInvoice\tBalance\n" +
			"10\tBakkerij Zoet\tF1\t20260302\t20260316\t1210\t1000\n11\tJansen\tF2\t20260303\t20260317\t-121.5\t-121.5\n", two, "yyyymmdd", ".", openitems.Mapping{Preset: "afas"}},
		"excel's hint, quotes": {"sep=|\r\n\"Deb.nr.\"|\"Naam\"|\"Fact.nr.\"|\"Fact.datum\"|\"Vervaldatum\"|\"Bedrag\"|\"Saldo\"\r\n" +
			"10|\"Bakkerij Zoet\"|F1|020326|160326|€ 1.210,00|€ 1.000,00\r\n11|Jansen|F2|030326|170326|-€ 121,50|-€ 121,50\r\n",
			strings.NewReplacer("2 F1", "3 F1", "3 F2", "4 F2").Replace(two), "ddmmyy", ",", openitems.Mapping{Preset: "king"}},
		"american days": {"Contact,Customer,Invoice Number,Date,Due Date,Total,Due\n" +
			"Bakkerij Zoet,10,F1,3/2/2026,03/16/2026,1210.00,1000.00\nJansen,11,F2,3/3/2026,03/17/2026,-121.50,-121.50\n", two, "mm/dd/yyyy", ".", openitems.Mapping{}},
		"debit and credit": {"Compte;Nom;N° pièce;Date pièce;Échéance;Débit;Crédit;Restant dû\n" +
			"10;Bakkerij Zoet;F1;02/03/2026;16/03/2026;1 210,00;;1 000,00\n11;Jansen;F2;03/03/2026;17/03/2026;;121,50;-121,50\n", two, "dd-mm-yyyy", ",", openitems.Mapping{}},
		"side in a column": {"Konto;Bezeichnung;Rechnungsnummer;Rechnungsdatum;Fälligkeit;Rechnungsbetrag;Offener Betrag;Soll/Haben-Kennzeichen\n" +
			"10;Bakkerij Zoet;F1;02.03.2026;16.03.2026;1210,00;1000,00;S\n11;Jansen;F2;03.03.2026;17.03.2026;121,50;121,50;H\n", two, "dd-mm-yyyy", ",", openitems.Mapping{}},
		"paid instead of open": {"Debiteur;Debiteurnaam;Factuur;Datum;Vervaldatum;Bedrag;Reeds betaald\n" +
			"10;Bakkerij Zoet;F1;02-03-2026;16-03-2026;1210,00;210,00\n11;Jansen;F2;03-03-2026;17-03-2026;-121,50;\n", two, "dd-mm-yyyy", ",", openitems.Mapping{}},
		"own columns": {"Wie;Wat;Nr;Dag;Uiterlijk;Rest nu;Bedrag\n" +
			"10;Bakkerij Zoet;F1;02-03-2026;16-03-2026;1000,00;1210,00\n11;Jansen;F2;03-03-2026;17-03-2026;-121,50;-121,50\n", two, "dd-mm-yyyy", ",",
			openitems.Mapping{Columns: map[string]openitems.Field{"wie": openitems.DebtorNo, "Wat": openitems.DebtorName, "NR": openitems.InvoiceNo,
				"dag": openitems.InvoiceDate, "Uiterlijk": openitems.DueDate, "rest nu": openitems.OpenAmount}}},
		"report with headings and sums": {"Openstaande posten;;;;\nPer 21-11-2026;;;;\n;;;;\n" +
			"Factuurnr;Datum;Vervaldatum;Bedrag;Openstaand;Debiteur;Naam\n10 Bakkerij Zoet;;;;\nF1;02-03-2026;16-03-2026;1.210,00;1.000,00\nTotaal Bakkerij Zoet;;;1.210,00;1.000,00\n" +
			"Factuurnr;Datum;Vervaldatum;Bedrag;Openstaand;Debiteur;Naam\n11 - Jansen;;;;\nF2;03-03-2026;17-03-2026;-121,50;-121,50\n;;;-121,50;-121,50\nEindtotaal;;;1.088,50;878,50\n",
			strings.NewReplacer("2 F1", "6 F1", "3 F2", "10 F2").Replace(two), "dd-mm-yyyy", ",", openitems.Mapping{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := openitems.Read([]byte(tt.text), tt.mapping)
			if err != nil {
				t.Fatal(err)
			}
			if got := shorts(l); got != tt.want || len(l.Problems) > 0 {
				t.Errorf("got\n%s\nwant\n%s\nproblems %s", got, tt.want, problems(l))
			}
			if l.Dates != tt.dates || l.Decimal != tt.decimal {
				t.Errorf("dates %s, decimal %s", l.Dates, l.Decimal)
			}
		})
	}
}

func TestReadDetails(t *testing.T) {
	t.Parallel()
	text := "Debiteur;Naam;E-mail;Adres;Postcode;Plaats;Land;BTW-nummer;IBAN;Factuur;Factuurdatum;Betalingsconditie;Openstaand;Betalingskenmerk;Valuta\n" +
		"10;Zoë;zoe@x.example;Dam 1;1012 AB;Amsterdam;Nederland;NL001234567B01;nl91 abna 0417 1643 00;F1;02-03-2026;30 dagen netto;10,00;RF18539007547034;USD\n"
	b, err := charmap.Windows1252.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	l, err := openitems.Read(b, openitems.Mapping{})
	if err != nil || len(l.Documents) != 1 {
		t.Fatal(err, l.Problems)
	}
	d := l.Documents[0]
	want := sdk.Party{ID: "debtor:10", Name: "Zoë", Kind: sdk.Business, Email: "zoe@x.example", VATNumber: "NL001234567B01", IBAN: "NL91ABNA0417164300",
		Address: sdk.Address{Line1: "Dam 1", PostalCode: "1012 AB", City: "Amsterdam", Country: "NL"}}
	if d.Debtor != want {
		t.Errorf("%+v", d.Debtor)
	}
	if d.Invoice.Due.String() != "2026-04-01" || d.Invoice.PaymentReference != "RF18539007547034" || d.Invoice.Open.Currency != "USD" {
		t.Errorf("%+v", d.Invoice)
	}
	if l.Format != "CSV with ;, Windows-1252" || l.Columns[openitems.OpenAmount] != "Openstaand" {
		t.Errorf("%s %v", l.Format, l.Columns)
	}
}

func TestRows(t *testing.T) {
	t.Parallel()
	const header = "Debiteur;Naam;Factuur;Factuurdatum;Vervaldatum;Bedrag;Openstaand;Valuta\n"
	good := "10;Zoet;G1;02-03-2026;16-03-2026;10,00;10,00;EUR\n"
	for name, tt := range map[string]struct{ row, want, says string }{
		"unknown currency":      {"10;Zoet;F1;02-03-2026;16-03-2026;1,00;1,00;XQX", "3 unknown_currency", `"XQX"`},
		"amount in letters":     {"10;Zoet;F1;02-03-2026;16-03-2026;1,00;tien;EUR", "3 amount", `"tien" in the column Openstaand`},
		"three decimals":        {"10;Zoet;F1;02-03-2026;16-03-2026;1,00;1,0055;EUR", "3 amount", "more decimals than EUR has"},
		"thousands misplaced":   {"10;Zoet;F1;02-03-2026;16-03-2026;1,00;12.10;EUR", "", ""},
		"date in words":         {"10;Zoet;F1;2 maart;16-03-2026;1,00;1,00;EUR", "3 date", `"2 maart" in the column Factuurdatum`},
		"30 February":           {"10;Zoet;F1;30-02-2026;16-03-2026;1,00;1,00;EUR", "3 date", "30-02-2026"},
		"due before issue":      {"10;Zoet;F1;02-03-2026;01-03-2026;1,00;1,00;EUR", "3 due_before_issue", "before its date"},
		"zero":                  {"10;Zoet;F1;02-03-2026;16-03-2026;0,00;0,00;EUR", "3 zero_total", "nothing to collect"},
		"no number":             {"10;Zoet;;02-03-2026;16-03-2026;1,00;1,00;EUR", "3 no_number", "no invoice number"},
		"no debtor":             {";;F1;02-03-2026;16-03-2026;1,00;1,00;EUR", "3 no_debtor", "who has to pay"},
		"no dates":              {"10;Zoet;F1;;;1,00;1,00;EUR", "3 no_date", "neither a date nor a due date"},
		"no amount":             {"10;Zoet;F1;02-03-2026;16-03-2026;;;EUR", "3 amount", "no amount"},
		"number twice":          {"10;Zoet;G1;02-03-2026;16-03-2026;99,00;99,00;EUR", "2 duplicate_number, 3 duplicate_number", "rows 2, 3"},
		"row twice":             {"10;Zoet;G1;02-03-2026;16-03-2026;10,00;10,00;EUR", "3 repeated_row", "taken once"},
		"amount of 30 digits":   {"10;Zoet;F1;02-03-2026;16-03-2026;1,00;" + strings.Repeat("9", 30) + ",00;EUR", "3 amount", "amount"},
		"too few cells":         {"10;Zoet;F1", "3 amount", "no amount"},
		"number with wild case": {"10;Zoet;g 1;02-03-2026;16-03-2026;99,00;99,00;EUR", "2 duplicate_number, 3 duplicate_number", "rows 2, 3"},
	} {
		if tt.want == "" {
			continue
		}
		t.Run("R7 "+name, func(t *testing.T) {
			t.Parallel()
			l, err := openitems.Read([]byte(header+good+tt.row+"\n20;Ander;G2;02-03-2026;16-03-2026;5,00;5,00;EUR\n"), openitems.Mapping{})
			if err != nil {
				t.Fatal(err)
			}
			if got := problems(l); got != tt.want {
				t.Fatalf("problems %s (%v)", got, l.Problems)
			}
			if !strings.Contains(l.Problems[0].Sentence, tt.says) {
				t.Errorf("%q does not say %q", l.Problems[0].Sentence, tt.says)
			}
			if !strings.Contains(shorts(l), "G2") || l.Rows != 3 {
				t.Errorf("the other rows must go on: %d rows,\n%s", l.Rows, shorts(l))
			}
		})
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text, code string
		says       []string
		mapping    openitems.Mapping
	}{
		"wrong columns":       {"Artikel;Prijs;Voorraad\nA;1,00;3\n", "columns", []string{"Artikel | Prijs | Voorraad", "the invoice number", `"factuur"`, "the open amount"}, openitems.Mapping{}},
		"one column missing":  {"Naam;Factuurnummer;Vervaldatum\nZoet;F1;01-01-2026\n", "columns", []string{"lacks a column with the open amount", "Naam | Factuurnummer | Vervaldatum"}, openitems.Mapping{}},
		"prose":               {"Beste Jan,\nhierbij de lijst.\n", "columns", []string{"Beste Jan"}, openitems.Mapping{}},
		"no rows":             {"Naam;Factuurnummer;Vervaldatum;Openstaand\n;;;\n", "no_rows", []string{"no invoice below"}, openitems.Mapping{}},
		"empty":               {" ", "empty", nil, openitems.Mapping{}},
		"pdf":                 {"%PDF-1.7", "pdf", []string{"CSV or Excel"}, openitems.Mapping{}},
		"old excel":           {"\xd0\xcf\x11\xe0\xa1\xb1", "old_excel", []string{".xlsx"}, openitems.Mapping{}},
		"binary":              {"Naam;\x00\x01\x02", "binary", nil, openitems.Mapping{}},
		"broken zip":          {"PK\x03\x04nothing", "workbook", []string{"damaged"}, openitems.Mapping{}},
		"two decimal marks":   {"Naam;Factuur;Vervaldatum;Openstaand\nZ;F1;01-01-2026;1,50\nZ;F2;01-01-2026;1.50\n", "decimal", []string{"1,50", "1.50"}, openitems.Mapping{}},
		"unclear thousands":   {"Naam;Factuur;Vervaldatum;Openstaand\nZ;F1;01-01-2026;1.210\n", "decimal", []string{"1.210"}, openitems.Mapping{}},
		"no such sheet":       {"PK\x03\x04", "workbook", nil, openitems.Mapping{Sheet: "x"}},
		"open quotation mark": {"Naam;Factuur;Vervaldatum;Openstaand\n\"Z;F1;01-01-2026;1\n" + strings.Repeat("x;y;z;1\n", 4000), "csv", []string{"quotation mark"}, openitems.Mapping{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := openitems.Read([]byte(tt.text), tt.mapping)
			var p *invoicefile.Problem
			if !errors.As(err, &p) || p.Code != tt.code {
				t.Fatalf("%v", err)
			}
			for _, s := range tt.says {
				if !strings.Contains(p.Sentence, s) {
					t.Errorf("%q does not say %q", p.Sentence, s)
				}
			}
			if l.Documents != nil {
				t.Error("something was half-read")
			}
		})
	}
	l, err := openitems.Read([]byte("Naam;Factuur;Vervaldatum;Openstaand\nZ;F1;01-01-2026;1.210\n"), openitems.Mapping{Decimal: ','})
	if err != nil || l.Documents[0].Invoice.Open.Minor != 121000 {
		t.Errorf("with the mark given: %v %v", l, err)
	}
}

func TestParseMapping(t *testing.T) {
	t.Parallel()
	m, err := openitems.ParseMapping(map[string]string{"preset": "king", "columns": "Wie = debtor_no\n\nNr=invoice_no\nLeeg =\n", "delimiter": "tab", "decimal": ",", "dates": "dd-mm-yyyy", "currency": "usd"})
	if err != nil || m.Columns["Wie"] != openitems.DebtorNo || m.Columns["Nr"] != openitems.InvoiceNo || m.Delimiter != '\t' || m.Decimal != ',' || m.Currency != "USD" {
		t.Errorf("%+v %v", m, err)
	}
	for key, value := range map[string]string{"preset": "abacus", "columns": "Wie debtor_no", "delimiter": "x", "decimal": "'", "dates": "soon", "currency": "XQX", "term": "soon"} {
		if _, err := openitems.ParseMapping(map[string]string{key: value}); err == nil {
			t.Errorf("%s=%s was taken", key, value)
		}
	}
	if len(openitems.Presets()) < 15 || openitems.Presets()[0].Title == "" || len(openitems.Fields()) < 20 || len(openitems.DateForms()) != 7 {
		t.Error("choices for the form are missing")
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("Naam;Factuur;Vervaldatum;Openstaand\nZ;F1;01-01-2026;1,00\n"))
	f.Add([]byte("sep=\"\n0\n"))
	f.Add([]byte("sep=,\nCustomer,Invoice No,Due Date,Balance\n\"Z\",F1,2026-01-01,\"1,000.00\"\nTotal,,,5\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := openitems.Read(b, openitems.Mapping{})
		var p *invoicefile.Problem
		if err != nil && (!errors.As(err, &p) || p.Sentence == "") {
			t.Errorf("an error without a sentence: %v", err)
		}
		if err == nil && len(l.Documents)+len(l.Problems) < l.Rows {
			t.Errorf("%d rows, %d documents, %d problems", l.Rows, len(l.Documents), len(l.Problems))
		}
		for _, d := range l.Documents {
			if invoicefile.Check(d) != nil || d.Invoice.ID == "" || d.Invoice.PartyID == "" {
				t.Errorf("%+v", d)
			}
		}
	})
}
