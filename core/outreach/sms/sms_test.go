package sms_test

import (
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/outreach/sms"
	"pgregory.net/rapid"
)

func TestMeasure(t *testing.T) {
	t.Parallel()
	a := func(n int) string { return strings.Repeat("a", n) }
	for _, c := range []struct {
		name, text string
		want       sms.Count
	}{
		{"nothing", "", sms.Count{sms.GSM7, 0, 0}},
		{"one", "é", sms.Count{sms.GSM7, 1, 1}},
		{"full", a(160), sms.Count{sms.GSM7, 160, 1}},
		{"one more", a(161), sms.Count{sms.GSM7, 161, 2}},
		{"two full", a(306), sms.Count{sms.GSM7, 306, 2}},
		{"three", a(307), sms.Count{sms.GSM7, 307, 3}},
		{"extension", strings.Repeat("€", 80), sms.Count{sms.GSM7, 160, 1}},
		{"extension over two", strings.Repeat("€", 81), sms.Count{sms.GSM7, 162, 2}},
		{"escape is not divided", a(152) + "€" + strings.Repeat("b", 8), sms.Count{sms.GSM7, 162, 2}},
		{"escape that needs a third", a(152) + "€" + a(152), sms.Count{sms.GSM7, 306, 3}},
		{"not in the alphabet", "ë", sms.Count{sms.UCS2, 1, 1}},
		{"small cedilla", "ç", sms.Count{sms.UCS2, 1, 1}},
		{"capital cedilla", "Ç", sms.Count{sms.GSM7, 1, 1}},
		{"full UCS-2", strings.Repeat("ë", 70), sms.Count{sms.UCS2, 70, 1}},
		{"one more in UCS-2", strings.Repeat("ë", 71), sms.Count{sms.UCS2, 71, 2}},
		{"pairs", strings.Repeat("😀", 35), sms.Count{sms.UCS2, 70, 1}},
		{"pairs over two", strings.Repeat("😀", 36), sms.Count{sms.UCS2, 72, 2}},
		{"pair is not divided", strings.Repeat("ë", 66) + "😀" + strings.Repeat("ë", 5), sms.Count{sms.UCS2, 73, 2}},
		{"a sentence", "Geachte heer, uw factuur 2026-0042 van € 149,95 staat nog open.", sms.Count{sms.GSM7, 64, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := sms.Measure(c.text); got != c.want {
				t.Errorf("Measure = %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestMeasureIsBounded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		c := sms.Measure(text)
		part, alone := 153, 160
		if c.Encoding == sms.UCS2 {
			part, alone = 67, 70
		}
		switch {
		case c.Units <= alone && c.Segments > 1, c.Units > 0 && c.Segments == 0:
			t.Fatalf("%+v", c)
		case c.Units > alone && (c.Segments < (c.Units+part-1)/part || c.Segments > (c.Units+part-2)/(part-1)):
			t.Fatalf("%+v does not fit", c)
		}
		if p := sms.Measure(sms.Plain(text)); c.Encoding == sms.GSM7 && p != c {
			t.Fatalf("Plain changed a plain text: %+v, was %+v", p, c)
		}
	})
}

func TestPlain(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"Zoë’s café – ‘één’ coördinator…", "Garçon, ç'a été fêté à Noël", "Über „Müller“ – Straße", "½ \u00a0 ok"} {
		if c := sms.Measure(sms.Plain(text)); c.Encoding != sms.GSM7 {
			t.Errorf("%q is %s as %q", text, c.Encoding, sms.Plain(text))
		}
	}
}

func TestSender(t *testing.T) {
	t.Parallel()
	for sender, good := range map[string]bool{
		"Korenaar": true, "De Korenaar": true, "+31201234567": true, "12345": true, "Bakkerij BV": true,
		"De Korenaar BV": false, "": false, "123456789012": false, "Café": false, "A&B": false, " Koren": false, "+0612345678": false, "0612345678": false,
	} {
		if err := sms.CheckSender(sender); (err == nil) != good {
			t.Errorf("%q: %v", sender, err)
		}
	}
	for name, want := range map[string]string{
		"Bakkerij De Korenaar B.V.": "Bakkerij De", "Café Zoë": "Cafe Zoe", "Installatiebedrijf Jansen": "Installatie", "12": "", "3M Nederland": "3M",
	} {
		if got := sms.Sender(name); got != want {
			t.Errorf("Sender(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestOthersMaySee(t *testing.T) {
	t.Parallel()
	t.Run("R119 names creditor and reference only", func(t *testing.T) {
		t.Parallel()
		for _, bad := range []string{
			"Uw factuur 12 van € 149,95", "U heeft een achterstand", "Herinnering van Korenaar", "Incassobureau Korenaar belde", "Please pay invoice 12",
			"Your overdue invoice", "149,95 voor factuur 12", "Ihre Mahnung liegt vor", "Facture impayée de Korenaar", "Forderung: bitte zahlen", "Final reminder from X",
			"Debt collection", "EUR 20 open",
		} {
			if sms.CheckOpen(bad) == nil {
				t.Errorf("%q may be seen", bad)
			}
		}
		for _, good := range []string{
			"Bericht van Bakkerij De Korenaar over uw factuur 2026-0412. Bekijk het hier: https://voldaan.example/p/pay-12,50",
			"Message from De Korenaar about invoice 2026-0412. Read it here: https://x.example/a or call 020 123 45 67",
			"Nachricht von Müller zu Rechnung 17. Hier: https://x.example/a", "Message de Dupont au sujet de la facture 17: https://x.example/a",
		} {
			if err := sms.CheckOpen(good); err != nil {
				t.Errorf("%q: %v", good, err)
			}
		}
		if err := sms.CheckOpen("Bericht van Payment Partners over factuur 7", "Payment Partners"); err != nil {
			t.Errorf("the creditor's own name: %v", err)
		}
	})
}
