package statement_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/payment/statement"
)

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	camt := func(inside string) string {
		return `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt><Id>1</Id>` +
			`<Acct><Id><IBAN>NL91ABNA0417164300</IBAN></Id></Acct>` + inside + `</Stmt></BkToCstmrStmt></Document>`
	}
	entry := func(inside string) string {
		return camt(`<Ntry><Sts>BOOK</Sts><BookgDt><Dt>2026-01-01</Dt></BookgDt>` + inside + `</Ntry>`)
	}
	swift := func(inside string) string {
		return ":20:A\n:25:NL91ABNA0417164300\n:28C:1\n:60F:C261119EUR10,00\n" + inside + ":62F:C261119EUR10,00\n-\n"
	}
	for name, tt := range map[string]struct{ text, code, says string }{
		"empty":                 {" \n", "statement_empty", "empty"},
		"something else":        {"Datum;Bedrag\n1;2\n", "statement_format", "neither"},
		"another XML":           {"<Invoice/>", "statement_format", "Invoice"},
		"pain.001":              {"<Document><CstmrCdtTrfInitn/></Document>", "statement_format", "CAMT.053"},
		"entity bomb":           {`<!DOCTYPE d [<!ENTITY a "aaaa">]><Document>&a;</Document>`, "statement_hostile", "document type"},
		"external entity":       {`<!DOCTYPE d SYSTEM "file:///etc/passwd"><Document/>`, "statement_hostile", "document type"},
		"deep":                  {"<Document><BkToCstmrStmt><Stmt>" + strings.Repeat("<a>", 100), "statement_hostile", "deeper"},
		"broken off":            {camt("")[:150], "statement_syntax", "breaks off"},
		"no statement":          {"<Document><BkToCstmrStmt/></Document>", "statement_empty", "no statement"},
		"no account":            {"<Document><BkToCstmrStmt><Stmt><Id>7</Id></Stmt></BkToCstmrStmt></Document>", "statement_account", "account"},
		"amount of letters":     {entry(`<Amt Ccy="EUR">ten</Amt><CdtDbtInd>CRDT</CdtDbtInd>`), "statement_amount", "ten"},
		"three decimals":        {entry(`<Amt Ccy="EUR">1.005</Amt><CdtDbtInd>CRDT</CdtDbtInd>`), "statement_amount", "1.005"},
		"no amount":             {entry(`<CdtDbtInd>CRDT</CdtDbtInd>`), "statement_amount", "without an amount"},
		"unknown currency":      {entry(`<Amt Ccy="XQX">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>`), "statement_currency", "XQX"},
		"no direction":          {entry(`<Amt Ccy="EUR">1.00</Amt>`), "statement_direction", "credit or a debit"},
		"no date":               {camt(`<Ntry><Amt Ccy="EUR">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts></Ntry>`), "statement_date", "without a date"},
		"trailing document":     {camt("") + "<b>", "statement_syntax", "breaks off"},
		"odd booking":           {swift(":61:26112X1120C1,00NTRFNONREF\n"), "statement_syntax", "Line 5"},
		"no such day":           {swift(":61:2613401120C1,00NTRFNONREF\n"), "statement_syntax", "Line 5"},
		"odd balance":           {":20:A\n:25:1\n:28C:1\n:60F:X261119EUR1\n", "statement_syntax", "Line 4"},
		"unknown swift coin":    {":20:A\n:25:1\n:28C:1\n:60F:C261119XQX1,\n", "statement_syntax", "Line 4"},
		"no closing":            {":20:A\n:25:1\n:28C:1\n:60F:C261119EUR1,\n", "statement_syntax", "breaks off"},
		"no account in swift":   {":20:A\n:28C:1\n:60F:C261119EUR1,\n:62F:C261119EUR1,\n", "statement_account", ":25:"},
		"booking before :60F:":  {":20:A\n:25:1\n:28C:1\n:61:2611201120C1,00NTRFNONREF\n", "statement_syntax", "opening balance"},
		"field before message":  {":25:1\n:20:A\n:28C:1\n", "statement_syntax", "before the first"},
		"encoding nobody knows": {`<?xml version="1.0" encoding="EBCDIC-NL"?><Document/>`, "statement_syntax", "encoding"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list, err := statement.Parse(strings.NewReader(tt.text))
			f := fault.Of(err)
			if err == nil || f.Code != tt.code || !strings.Contains(f.Message, tt.says) {
				t.Errorf("%d statements, %v", len(list), err)
			}
			if list != nil {
				t.Error("something was half-read")
			}
		})
	}
	if _, err := statement.Parse(bytes.NewReader(make([]byte, statement.MaxBytes+1))); fault.Of(err).Code != "statement_size" {
		t.Errorf("a huge file: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/*.xml", "testdata/*.sta"} {
		files, _ := filepath.Glob(pattern)
		for _, path := range files {
			b, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b)
		}
	}
	f.Add([]byte(":20:A\n:25:1\n:28C:1\n:60F:C261119EUR1,\n:61:261120C1,NTRFX\n:86:166?00A?20EREF+1?31NL?32N\n:62F:C261119EUR2,\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := statement.Parse(bytes.NewReader(b))
		if err != nil && (!fault.Is(err, fault.Invalid) || list != nil) {
			t.Errorf("%v with %d statements", err, len(list))
		}
		for _, s := range list {
			if s.IBAN == "" {
				t.Error("a statement of no account")
			}
			_ = s.Verify()
			for _, l := range s.Lines {
				if l.ID == "" || l.Amount.Currency == "" || l.BookingDate.IsZero() {
					t.Errorf("a line without its essentials: %+v", l)
				}
			}
		}
	})
}
