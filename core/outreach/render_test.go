package outreach_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/sdk/money"
)

var update = flag.Bool("update", false, "write the golden files")

func render(t *testing.T, c outreach.Content) outreach.Message {
	t.Helper()
	m, err := outreach.Render(c)
	if err != nil {
		t.Fatalf("%s %s %s: %v", c.Language, c.Step, c.Debtor.Capacity, err)
	}
	return m
}

// every calls f for each language, step and capacity.
func every(f func(c outreach.Content)) {
	for _, l := range outreach.Languages() {
		for _, s := range outreach.Steps() {
			if !l.Has(s) {
				continue
			}
			for _, who := range []outreach.Capacity{outreach.Business, outreach.Consumer} {
				f(content(s, l, who))
			}
		}
	}
}

func TestGoldenMessages(t *testing.T) {
	t.Parallel()
	every(func(c outreach.Content) {
		for _, form := range []outreach.Form{outreach.Formal, outreach.Informal} {
			if c.Language == outreach.English && form == outreach.Informal {
				continue
			}
			c.Form = form
			m := render(t, c)
			golden(t, fmt.Sprintf("%s_%s_%s_%s.txt", c.Language, c.Step, c.Debtor.Capacity, form), "Subject: "+m.Subject+"\n\n"+m.Text)
		}
	})
	golden(t, "reminder_2.html", render(t, bundle()).HTML)
	golden(t, "fourteen_day_letter.html", render(t, content(outreach.FourteenDayLetter, outreach.Dutch, outreach.Consumer)).HTML)
	golden(t, "bundle.txt", render(t, bundle()).Text)
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run the test with -update", err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s differs (-want +got); run with -update when this is meant:\n%s", name, d)
	}
}

// bundle is a message with everything that R3, R38, R43, R44, R46 and R48 ask for.
func bundle() outreach.Content {
	c := content(outreach.Reminder2, outreach.Dutch, outreach.Business)
	first := invoice("2026-0398", "2026-09-01", "2026-09-30", 250000, 50000)
	first.Phase = "final"
	dollars := outreach.Item{Number: "2026-0420", Issued: day("2026-10-05"), Due: day("2026-11-04"), Phase: "reminding",
		Original: money.Of(99900, "USD"), Paid: money.Of(0, "USD"), Open: money.Of(99900, "USD")}
	c.Demanded = []outreach.Item{first, c.Demanded[0], dollars}
	c.Credits = []outreach.CreditNote{{Number: "C-2026-7", Issued: day("2026-11-02"), Amount: money.EUR(6050)}}
	c.NotYetDue = []outreach.Item{invoice("2026-0431", "2026-11-10", "2026-12-10", 48400, 0)}
	disputed := invoice("2026-0377", "2026-08-01", "2026-08-31", 12100, 0)
	disputed.Reason = "disputed"
	c.NotDemanded = []outreach.Item{disputed}
	return c
}

func TestMessage(t *testing.T) {
	t.Parallel()
	m := render(t, bundle())
	for name, parts := range map[string][]string{
		"R3 original, paid and rest":    {"€ 2.500,00", "€ −500,00", "€ 2.000,00"},
		"R38 credit note taken off":     {"Creditnota C-2026-7", "€ −60,50", "€ 3.149,50"},
		"R43 each invoice its phase":    {"laatste herinnering", "herinnerd"},
		"R44 not yet due listed apart":  {"Nog niet vervallen", "2026-0431"},
		"R46 disputed not demanded":     {"Buiten dit bericht gehouden", "2026-0377", "bezwaar"},
		"R48 totals per currency":       {"€ 3.149,50 en US$ 999,00"},
		"subject has creditor, numbers": {"Facturen 2026-0398, 2026-0412 en 2026-0420 van Bakkerij De Korenaar BV"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Join(strings.Fields(m.Subject+" "+m.Text), " ")
			html := strings.NewReplacer("\u00a0", " ", "<br>", " ").Replace(m.HTML)
			for _, p := range parts {
				if !strings.Contains(text, p) {
					t.Errorf("text lacks %q:\n%s", p, m.Text)
				}
				if !strings.Contains(html, p) {
					t.Errorf("HTML lacks %q", p)
				}
			}
		})
	}
	t.Run("R48 currencies are never added", func(t *testing.T) {
		t.Parallel()
		if strings.Contains(m.Text, "4.148,50") {
			t.Error("euros and dollars were added")
		}
	})
	t.Run("R3 asks only the rest", func(t *testing.T) {
		t.Parallel()
		c := content(outreach.Reminder2, outreach.Dutch, outreach.Consumer)
		c.Demanded = []outreach.Item{invoice("7", "2026-10-01", "2026-10-31", 121000, 100000)}
		m := render(t, c)
		if !strings.Contains(strings.Join(strings.Fields(m.Text), " "), "er staat nog € 210,00 open") || !strings.Contains(m.HTML, "Betaal €\u00a0210,00 online") {
			t.Errorf("asks something else than the rest:\n%s", m.Text)
		}
	})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(c *outreach.Content){
		"R1 nothing owed":                      func(c *outreach.Content) { c.Demanded[0].Open = money.EUR(0) },
		"R38 credit covers everything":         func(c *outreach.Content) { c.Credits = []outreach.CreditNote{{"C", day(""), money.EUR(121000)}} },
		"R93 costs before the case":            func(c *outreach.Content) { c.Charges = charges() },
		"R93 costs announced to a consumer":    func(c *outreach.Content) { c.Announced = charges() },
		"R47 notice about other invoices":      func(c *outreach.Content) { fourteen(c); c.Notice.Covers = []string{"2026-0399"} },
		"R47 notice about another amount":      func(c *outreach.Content) { fourteen(c); c.Notice.Principal = money.EUR(121001) },
		"R47 notice about two currencies":      func(c *outreach.Content) { b := bundle(); fourteen(c); c.Demanded = b.Demanded; c.Notice = notice(b) },
		"R95 notice without its exact costs":   func(c *outreach.Content) { fourteen(c); c.Notice.Costs = money.EUR(18151) },
		"R95 fourteen-day letter without text": func(c *outreach.Content) { fourteen(c); c.Notice = nil },
		"no invoice":                           func(c *outreach.Content) { c.Demanded = nil },
		"no creditor":                          func(c *outreach.Content) { c.Creditor.Name = " \r\n" },
		"no debtor":                            func(c *outreach.Content) { c.Debtor.Name = "" },
		"unknown language":                     func(c *outreach.Content) { c.Language = "fy" },
		"unknown currency":                     func(c *outreach.Content) { c.Demanded[0].Open.Currency = "XXX" },
		"a script in a link":                   func(c *outreach.Content) { c.PayURL = "javascript:alert(1)" },
		"a step without a template":            func(c *outreach.Content) { c.Step = "../nl/invoice" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := content(outreach.Reminder1, outreach.Dutch, outreach.Consumer)
			change(&c)
			if m, err := outreach.Render(c); err == nil {
				t.Errorf("was rendered:\n%s", m.Text)
			}
		})
	}
}

func fourteen(c *outreach.Content) {
	c.Step = outreach.FourteenDayLetter
	c.Notice = notice(*c)
}

func TestMessageIsLawful(t *testing.T) {
	t.Parallel()
	threats := regexp.MustCompile(`(?i)incassokost|deurwaarder|rechter|rechtszaak|dagvaard|beslag|BKR|collection cost|bailiff|court|sommat|sommer|summon|inkasso|gericht|anwalt|vollstreck|schufa|tribunal|huissier|commissaire|recouvrement|avocat`)
	courts := regexp.MustCompile(`(?i)deurwaarder|rechter|rechtszaak|bailiff|\bcourt\b|beslag|gericht|anwalt|tribunal|huissier|commissaire de justice|avocat`)
	every(func(c outreach.Content) {
		m := render(t, c)
		all := m.Subject + m.Text
		name := fmt.Sprintf("%s %s %s", c.Language, c.Step, c.Debtor.Capacity)
		early := slices.Contains([]outreach.Step{outreach.Invoice, outreach.PreReminder, outreach.Reminder1, outreach.Reminder2}, c.Step)
		if hit := threats.FindString(all); hit != "" && (early || c.Step == outreach.FinalReminder && c.Debtor.Capacity == outreach.Consumer) {
			t.Errorf("%s threatens with %q", name, hit)
		}
		if hit := courts.FindString(all); hit != "" && c.Step != outreach.PreJudicial {
			t.Errorf("%s names %q before the last message", name, hit)
		}
		if c.Step.Demands() && c.Debtor.Capacity == outreach.Consumer && !early && !strings.Contains(all, "0800-8115") {
			t.Errorf("%s offers a consumer no help", name)
		}
	})
}

func TestStatutoryBlockIsUntouched(t *testing.T) {
	t.Parallel()
	c := content(outreach.FourteenDayLetter, outreach.Dutch, outreach.Consumer)
	c.Notice.Paragraphs[0] += "\nEen tweede regel met  dubbele spaties & een <teken> en \"aanhalingstekens\"."
	m := render(t, c)
	for _, p := range c.Notice.Paragraphs {
		if !strings.Contains(m.Text, p) {
			t.Errorf("text twin changed %q", p)
		}
	}
}

func TestHTMLIsSafe(t *testing.T) {
	t.Parallel()
	c := content(outreach.Reminder1, outreach.Dutch, outreach.Business)
	c.Creditor.Name = `<img src=x onerror=alert(1)> & "Zn"`
	c.Debtor.Attention = "Eva\r\nBcc: all@example.org\u202e"
	c.Creditor.Colour = "red;background:url(https://evil.example)"
	c.Demanded[0].Number = "</td><script>alert(1)</script>\n\n::notice"
	m := render(t, c)
	if strings.ContainsAny(m.Subject, "\r\n\u202e") {
		t.Errorf("subject has a line break: %q", m.Subject)
	}
	for _, bad := range []string{"<script", "<img", "url(", "http-equiv", "<link", "@import", "ZgotmplZ", "\u202e"} {
		if strings.Contains(m.HTML, bad) {
			t.Errorf("HTML contains %q", bad)
		}
	}
	if strings.Contains(m.HTML, "src=") && !strings.Contains(m.HTML, "src=x") {
		t.Error("HTML loads something")
	}
}

func TestVersionNamesTheWords(t *testing.T) {
	t.Parallel()
	a := render(t, content(outreach.Reminder1, outreach.Dutch, outreach.Business))
	b := render(t, content(outreach.Reminder1, outreach.Dutch, outreach.Consumer))
	other := render(t, content(outreach.Reminder1, outreach.English, outreach.Business))
	if a.Version != b.Version || a.Version == other.Version || !regexp.MustCompile(`^nl/reminder_1@[0-9a-f]{12}$`).MatchString(a.Version) {
		t.Errorf("versions %q, %q, %q", a.Version, b.Version, other.Version)
	}
}

func TestDiscreet(t *testing.T) {
	t.Parallel()
	t.Run("R119 names creditor and reference only", func(t *testing.T) {
		t.Parallel()
		for _, l := range outreach.Languages() {
			got, err := outreach.Discreet(content(outreach.Reminder2, l, outreach.Consumer))
			if err != nil {
				t.Fatal(err)
			}
			if bad := regexp.MustCompile(`(?i)€|eur|1[.,]?210|incasso|collect|open|herinner|remind|schuld|debt|betaal|pay`).FindString(strings.ReplaceAll(got, "voldaan.example", "")); bad != "" {
				t.Errorf("%q reveals %q", got, bad)
			}
			if !strings.Contains(got, "Korenaar") || !strings.Contains(got, "RF73INV20260042") {
				t.Errorf("%q lacks creditor or reference", got)
			}
		}
	})
}
