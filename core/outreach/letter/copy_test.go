package letter_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/outreach/letter"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func electronic() letter.Copy {
	return letter.Copy{
		Language: outreach.Dutch, Number: "2026-0412", Issued: date.MustParse("2026-10-01"), Due: date.MustParse("2026-10-31"),
		Facts:  []letter.Fact{{Key: "account", Value: "NL91ABNA0417164300"}},
		Seller: []string{"Bakkerij De Korenaar BV", "Molenweg 12"}, Buyer: []string{"Zoë van den Berg"}, Notes: []string{"Dank u."},
		Lines: []letter.CopyLine{{Text: "10 × taart", Detail: "EUR 10 · met slagroom", Amount: money.EUR(10000)}}, Left: 3,
		Sums:  []letter.CopySum{{Text: "Totaal zonder btw", Amount: money.EUR(10000)}, {Text: "Btw", Rate: "9", Base: money.EUR(10000), Amount: money.EUR(900)}},
		Total: money.EUR(10900), Paid: money.EUR(900), Open: money.EUR(10000), Source: "2026-0412.xml", SHA256: strings.Repeat("ab", 32),
	}
}

func TestCopy(t *testing.T) {
	t.Parallel()
	pdf, err := letter.PrintCopy(electronic())
	if err != nil {
		t.Fatal(err)
	}
	text := textOf(t, pdf.Bytes)
	for _, want := range []string{
		"Factuur 2026-0412", "Leesbare weergave van een elektronische factuur", "Bakkerij De Korenaar BV", "Zoë van den Berg", "1 oktober 2026",
		"Te betalen op: NL91ABNA0417164300", "10 × taart", "met slagroom", "nog 3 regels", "Btw 9% over € 100,00", "€ 9,00", "€ 109,00", "€ −9,00", "Te betalen € 100,00", "2026-0412.xml", "abababab",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the copy lacks %q:\n%s", want, text)
		}
	}
	if again, err := letter.PrintCopy(electronic()); err != nil || !bytes.Equal(again.Bytes, pdf.Bytes) {
		t.Errorf("the same invoice gives another file (%v)", err)
	}
	bare, err := letter.PrintCopy(letter.Copy{Language: "xx", Credit: true, Number: "C1", Total: money.EUR(100)})
	if err != nil {
		t.Fatal(err)
	}
	if text := textOf(t, bare.Bytes); !strings.Contains(text, "Credit note C1") || !strings.Contains(text, "The electronic file is the invoice.") {
		t.Errorf("%s", text)
	}
}
