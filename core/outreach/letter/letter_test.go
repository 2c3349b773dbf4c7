package letter_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/outreach/letter"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

const payload = "BCD\n002\n1\nSCT\n\nBakkerij De Korenaar BV\nNL91ABNA0417164300\nEUR1210.00\n\nRF73INV20260042"

// content is a fourteen-day letter to a consumer.
func content() outreach.Content {
	return outreach.Content{
		Step: outreach.FourteenDayLetter, Language: outreach.Dutch, Date: date.MustParse("2026-11-24"),
		Creditor: outreach.Creditor{
			Name: "Bakkerij De Korenaar BV", Address: []string{"Molenweg 12", "3511 AB  UTRECHT"}, Number: "12345678",
			Email: "administratie@korenaar.example", Phone: "030 123 45 67", Website: "korenaar.example", IBAN: "NL91ABNA0417164300", Colour: "#7a3e12",
		},
		Debtor: outreach.Debtor{Name: "Zoë van den Berg", Number: "D-1042", Capacity: outreach.Consumer, Address: []string{"Prinsengracht 263-hs", "1016gv Amsterdam"}},
		Demanded: []outreach.Item{{
			Number: "2026-0412", Issued: date.MustParse("2026-10-01"), Due: date.MustParse("2026-10-31"), Phase: "reminding",
			Original: money.EUR(141000), Paid: money.EUR(20000), Open: money.EUR(121000),
		}},
		PayURL: "https://voldaan.example/pay/2f9c4b7d", PortalURL: "https://voldaan.example/p/2f9c4b7d", Reference: "RF73INV20260042",
		Notice: &outreach.Notice{
			Heading: "Uw laatste termijn zonder kosten",
			Paragraphs: []string{
				"Wij geven u nog één keer de gelegenheid om zonder kosten te betalen. Betaal € 1.210,00 binnen vijftien dagen nadat deze brief bij u is bezorgd.",
				"Betaalt u niet binnen deze termijn, dan moet u ook de wettelijke incassokosten betalen. Die kosten zijn € 181,50 (15% over € 1.210,00). U betaalt dan in totaal € 1.391,50.",
			},
			Covers: []string{"2026-0412"}, Principal: money.EUR(121000), Costs: money.EUR(18150),
		},
	}
}

func TestLetter(t *testing.T) {
	t.Parallel()
	pdf, err := letter.Render(content(), letter.Options{PaymentCode: payload})
	if err != nil {
		t.Fatal(err)
	}
	t.Run("R47 statutory block, amounts and address are printed", func(t *testing.T) {
		t.Parallel()
		text := textOf(t, pdf.Bytes)
		for _, want := range append(content().Notice.Paragraphs, "Uw laatste termijn zonder kosten", "Zoë van den Berg",
			"1016 GV AMSTERDAM", "24 november 2026", "€ −200,00", "NL91 ABNA 0417 1643 00", "RF73INV20260042", "D-1042", "0800-8115") {
			if !strings.Contains(text, strings.Join(strings.Fields(want), " ")) {
				t.Errorf("the letter lacks %q", want)
			}
		}
	})
	t.Run("same content, same bytes", func(t *testing.T) {
		t.Parallel()
		again, err := letter.Render(content(), letter.Options{PaymentCode: payload})
		if err != nil || !bytes.Equal(again.Bytes, pdf.Bytes) {
			t.Errorf("the letter differs from the first printing (%v)", err)
		}
	})
	t.Run("fits one page", func(t *testing.T) {
		t.Parallel()
		if pdf.Pages > 2 {
			t.Errorf("%d pages", pdf.Pages)
		}
	})
	if dir := os.Getenv("VOLDAAN_LETTER_DIR"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "letter.pdf"), pdf.Bytes, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWindow/R119: what an envelope shows is the address and a return line.
func TestWindow(t *testing.T) {
	t.Parallel()
	t.Run("R119 window shows no debt", func(t *testing.T) {
		t.Parallel()
		pdf, err := letter.Render(content(), letter.Options{PaymentCode: payload})
		if err != nil {
			t.Fatal(err)
		}
		text := textOf(t, pdf.Bytes, "-f", "1", "-l", "1", "-x", "20", "-y", "45", "-W", "110", "-H", "45", "-r", "25.4")
		if want := "Bakkerij De Korenaar BV · Molenweg 12 · 3511 AB UTRECHT Zoë van den Berg Prinsengracht 263-hs 1016 GV AMSTERDAM"; text != want {
			t.Errorf("the window shows %q, want %q", text, want)
		}
	})
}

func TestWindowsOfCountries(t *testing.T) {
	t.Parallel()
	for country, where := range map[string]struct {
		right bool
		want  letter.Window
	}{
		"NL": {false, letter.Window{X: 20, Y: 47, Width: 90, Height: 35}}, "BE": {true, letter.Window{X: 100, Y: 47, Width: 90, Height: 35}},
		"DE": {false, letter.Window{X: 20, Y: 45, Width: 85, Height: 45}}, "GB": {false, letter.Window{X: 20, Y: 47, Width: 90, Height: 35}},
		"FR": {false, letter.Window{X: 110, Y: 45, Width: 90, Height: 40}},
	} {
		t.Run(country, func(t *testing.T) {
			t.Parallel()
			w := letter.WindowOf(country, where.right)
			if w != where.want {
				t.Fatalf("the window is %+v, want %+v", w, where.want)
			}
			c := content()
			c.Country = country
			// The longest address that is printed.
			c.Debtor.Address = []string{"Entrance B, third floor", "Prinsengracht 263-hs", "1016 GV AMSTERDAM", "NEDERLAND"}
			c.Debtor.Attention = "Accounts payable"
			pdf, err := letter.Render(c, letter.Options{Right: where.right})
			if err != nil {
				t.Fatal(err)
			}
			mm := func(v float64) string { return strconv.Itoa(int(v)) }
			text := textOf(t, pdf.Bytes, "-f", "1", "-l", "1", "-r", "25.4", "-x", mm(w.X), "-y", mm(w.Y), "-W", mm(w.Width), "-H", mm(w.Height))
			for _, line := range append([]string{c.Debtor.Name, "Accounts payable", "Molenweg 12"}, c.Debtor.Address...) {
				if !strings.Contains(text, line) {
					t.Errorf("%q does not show in the window: %q", line, text)
				}
			}
			for _, secret := range []string{"2026", "€", "factuur", "Factuur"} {
				if strings.Contains(text, secret) {
					t.Errorf("the window shows %q: %q", secret, text)
				}
			}
		})
	}
}

func TestEveryStepCanBePrinted(t *testing.T) {
	t.Parallel()
	for _, l := range outreach.Languages() {
		for _, step := range outreach.Steps() {
			if step == outreach.PortalCode || !l.Has(step) {
				continue
			}
			c := content()
			c.Step, c.Language = step, l
			c.Payment = &outreach.Payment{Amount: money.EUR(100), Date: c.Date}
			c.Debit = &outreach.Debit{Amount: money.EUR(121000), On: c.Date, CreditorID: "NL08ZZZ502057730000", Mandate: "500-4500001"}
			c.Plan = &outreach.Plan{
				Instalments: []outreach.PlanInstalment{{Seq: 1, Due: c.Date, Amount: money.EUR(60500)}, {Seq: 2, Due: c.Date.AddDays(30), Amount: money.EUR(60500)}},
				Seq:         1, Amount: money.EUR(60500), Due: c.Date, When: "after", Cure: c.Date.AddDays(14), Rest: money.EUR(60500),
			}
			c.Law = []string{"The words of the law."}
			c.Promise = &outreach.Promise{Amount: money.EUR(50000), On: c.Date}
			c.Decision = &outreach.Decision{Outcome: "rejected", Rest: money.EUR(121000), Until: c.Date}
			pdf, err := letter.Render(c, letter.Options{PaymentCode: payload})
			if err != nil {
				t.Errorf("%s %s: %v", l, step, err)
			}
			if pdf.Pages > 2 {
				t.Errorf("%s %s takes %d pages", l, step, pdf.Pages)
			}
		}
	}
}

func TestEnclosuresArePrintedBehindTheLetter(t *testing.T) {
	t.Parallel()
	c := content()
	plain, err := letter.Render(c, letter.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c.Notice.Enclosures = []outreach.Enclosure{
		{Title: "Information sheet", Paragraphs: []string{"You can get free advice."}},
		{Title: "Reply form", Paragraphs: []string{"Please return this form."}, Fields: []string{"Name", "I agree that I owe the debt", "Signature"}},
	}
	pdf, err := letter.Render(c, letter.Options{})
	if err != nil || pdf.Pages != plain.Pages+2 {
		t.Fatalf("%d pages, want %d and the enclosures (%v)", pdf.Pages, plain.Pages, err)
	}
	text := textOf(t, pdf.Bytes, "-f", "3")
	for _, want := range []string{"Reply form", "I agree that I owe the debt", "Signature"} {
		if !strings.Contains(textOf(t, pdf.Bytes), want) {
			t.Errorf("the enclosures lack %q: %s", want, text)
		}
	}
}

func TestLongAndStrangeContent(t *testing.T) {
	t.Parallel()
	c := content()
	c.Creditor.Name = strings.Repeat("Zeer Lange Naam ", 12)
	c.Debtor.Name = "Łukasz Żółć 漢字 😀 Ünïcödé"
	c.PayURL = "https://voldaan.example/pay/" + strings.Repeat("abcdefghij", 30)
	c.Notice.Covers = nil
	c.Notice.Principal = money.EUR(0)
	c.Demanded = nil
	for i := range 120 {
		number := "2026-" + strings.Repeat("9", i%9+1) + string(rune('A'+i%26))
		c.Demanded = append(c.Demanded, outreach.Item{Number: number, Original: money.EUR(1000), Open: money.EUR(1000), Paid: money.EUR(0), Issued: c.Date, Due: c.Date})
		c.Notice.Covers = append(c.Notice.Covers, number)
		c.Notice.Principal.Minor += 1000
	}
	pdf, err := letter.Render(c, letter.Options{PaymentCode: payload})
	if err != nil {
		t.Fatal(err)
	}
	if pdf.Pages < 3 {
		t.Errorf("120 invoices on %d pages", pdf.Pages)
	}
	if _, err := letter.Render(c, letter.Options{PaymentCode: strings.Repeat("x", 332)}); err == nil {
		t.Error("a payment code of 332 bytes was printed")
	}
	c.Debtor.Address = nil
	if _, err := letter.Render(c, letter.Options{}); err == nil {
		t.Error("a letter without an address was printed")
	}
}

// textOf reads the text of a PDF with poppler.
func textOf(t *testing.T, pdf []byte, args ...string) string {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext (poppler-utils) is not installed")
	}
	cmd := exec.CommandContext(t.Context(), tool, append(args, "-", "-")...)
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(out)), " ")
}
