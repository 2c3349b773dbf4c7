package statement_test

import (
	"io"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/payment/statement"
)

func TestSniff(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]bool{
		"<?xml version=\"1.0\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\">":                 true,
		"\xef\xbb\xbf<Document><BkToCstmrStmt>":                                                                        true,
		"\xff\xfe<\x00D\x00o\x00c\x00u\x00m\x00e\x00n\x00t\x00>\x00<\x00B\x00k\x00T\x00o\x00C\x00s\x00t\x00m\x00r\x00": true,
		":940:\r\n:20:940S260302\r\n:25:NL91ABNA0417164300\r\n:28C:1\r\n":                                              true,
		"<Invoice xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2\">":                                   false,
		"Factuur;Bedrag\n:20:;5\n": false,
		"":                         false,
	} {
		r := strings.NewReader(content)
		if got, err := statement.Sniff(r); err != nil || got != want {
			t.Errorf("%.40q: %v %v", content, got, err)
		}
		if rest, _ := io.ReadAll(r); string(rest) != content {
			t.Errorf("%.40q was not handed back whole", content)
		}
	}
}
