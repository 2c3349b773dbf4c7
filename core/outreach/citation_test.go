package outreach_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// cites are the ways in which messages cite the law of a country, in any language.
var cites = map[string]*regexp.Regexp{
	"NL": regexp.MustCompile(`(?i)\bBW\b|3:317|6:96|6:119|6:83|burgerlijk wetboek|dutch|niederländisch|néerlandais|nederlands recht|wet incassokosten|besluit vergoeding`),
	"BE": regexp.MustCompile(`(?i)\bWER\b|\bCDE\b|\bXIX\b|belgi|belge|belgisch|old civil code|ancien code civil|alten zivilgesetzbuchs|2 august 2002|2 augustus 2002|2 août 2002`),
	"DE": regexp.MustCompile(`(?i)\bBGB\b|\bRDG\b|§|german|duits|deutsche[sn]? recht|allemand`),
	"GB": regexp.MustCompile(`(?i)late payment (of|act)|limitation act|county courts|consumer rights act|verenigd koninkrijk|vereinigten königreich|royaume-uni|united kingdom`),
	"FR": regexp.MustCompile(`(?i)L\.? ?441|D\.? ?441|L\.? ?218|1344|2240|code de commerce|code civil|code monétaire|french|frans|französisch|frankreich|droit français`),
}

// lawful fills a message with what the law of a country puts into it: the notice,
// the protected sentences, the words about limitation.
func lawful(t *testing.T, c *outreach.Content, pack *law.Country) {
	t.Helper()
	debtor, on := law.Consumer, c.Date
	if c.Debtor.Capacity == outreach.Business {
		debtor = law.Business
	}
	c.Country, c.Debtor.Country = pack.Code(), pack.Code()
	cur := pack.Currency()
	for i := range c.Demanded {
		for _, a := range []*money.Amount{&c.Demanded[i].Open, &c.Demanded[i].Original, &c.Demanded[i].Paid, &c.Demanded[i].Disputed} {
			a.Currency = cur
		}
	}
	for _, list := range [][]outreach.Charge{c.Charges, c.Announced} {
		for i := range list {
			list[i].Amount.Currency, list[i].Label = cur, ""
		}
	}
	c.CourtCosts.Currency = cur
	if c.Debit != nil {
		c.Debit.Amount.Currency = cur
	}
	if c.Payment != nil {
		c.Payment.Amount.Currency = cur
	}
	for _, place := range []law.Place{law.OnInvoice, law.OnReminder} {
		if place == law.OnInvoice && c.Step != outreach.Invoice {
			continue
		}
		q := law.TextQuery{Place: place, Step: string(c.Step), Debtor: debtor, Language: string(c.Language), Lenient: true, On: on}
		if place == law.OnInvoice {
			q.Step = ""
		}
		for _, i := range c.Demanded {
			q.Claims = append(q.Claims, i.Open)
		}
		texts, err := pack.ProtectedTexts(q)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range texts {
			c.Law = append(c.Law, one.Text)
		}
	}
	if c.Step == outreach.Interruption {
		said := pack.InterruptionText(string(c.Language))
		c.Law, c.Interrupts = []string{said.Text}, said.Interrupts
	}
	if !c.Step.Statutory() {
		return
	}
	for _, kind := range pack.NoticeKinds() {
		n := law.Notice{Kind: kind, Debtor: debtor, Language: pack.NoticeLanguage(kind, string(c.Language)), Sent: on, Channel: law.Post, Clause: true, Creditor: law.Creditor{Name: c.Creditor.Name, Number: "12345678"}}
		for _, i := range c.Demanded {
			n.Claims = append(n.Claims, law.NoticeClaim{Reference: i.Number, Principal: i.Open, DefaultSince: i.Due.AddDays(1), Due: i.Due, Subject: "goods"})
		}
		text, err := pack.NoticeText(n)
		if err != nil {
			t.Fatalf("%s %s: %v", pack.Code(), kind, err)
		}
		c.Language = outreach.Language(n.Language)
		c.Notice.Heading, c.Notice.Principal, c.Notice.Costs, c.Notice.Paragraphs = text.Heading, text.Costs.Principal, text.Costs.Total, nil
		for _, b := range text.Blocks {
			c.Notice.Paragraphs = append(c.Notice.Paragraphs, b.Text)
		}
		for _, e := range text.Enclosures {
			c.Law = append(c.Law, e.Paragraphs...)
		}
	}
}

func TestCitations(t *testing.T) {
	t.Parallel()
	for _, country := range law.Countries() {
		t.Run("R111 no message cites the law of another country than "+country, func(t *testing.T) {
			t.Parallel()
			pack, err := law.Pack(country)
			if err != nil {
				t.Fatal(err)
			}
			every(func(c outreach.Content) {
				if c.Step == outreach.FourteenDayLetter && country != "NL" {
					return // the Dutch letter; others have notices of their own
				}
				for _, form := range []outreach.Form{outreach.Formal, outreach.Informal} {
					c := c
					c.Form, c.Law = form, nil
					c.Demanded, c.Charges, c.Announced = append([]outreach.Item{}, c.Demanded...), append([]outreach.Charge{}, c.Charges...), append([]outreach.Charge{}, c.Announced...)
					lawful(t, &c, pack)
					m := render(t, c)
					all := m.Subject + "\n" + strings.Join(strings.Fields(m.Text), " ")
					name := strings.Join([]string{string(c.Language), string(c.Step), string(c.Debtor.Capacity), string(form)}, " ")
					for other, cited := range cites {
						text := all
						switch {
						case other == country:
							continue
						case other == "NL" && country == "BE":
							text = regexp.MustCompile(`(?i)oud burgerlijk wetboek`).ReplaceAllString(text, "")
						case other == "FR" && country == "BE":
							text = regexp.MustCompile(`(?i)ancien code civil`).ReplaceAllString(text, "")
						case other == "FR" && country == "NL":
							text = strings.ReplaceAll(text, "Code civil néerlandais", "")
						}
						if hit := cited.FindString(text); hit != "" {
							t.Errorf("%s by the law of %s cites that of %s (%q):\n%s", name, country, other, hit, m.Text)
						}
					}
					if c.Step == outreach.Interruption && !cites[country].MatchString(all) {
						t.Errorf("%s cites no law:\n%s", name, m.Text)
					}
				}
			})
		})
	}
	t.Run("R111 a letter says that it interrupts only where the law says so", func(t *testing.T) {
		t.Parallel()
		for _, country := range law.Countries() {
			pack, err := law.Pack(country)
			if err != nil {
				t.Fatal(err)
			}
			due := date.MustParse("2024-03-01")
			without, err := pack.Limitation("contract", due)
			if err != nil {
				t.Fatal(err)
			}
			with, err := pack.Limitation("contract", due, due.AddDays(300))
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range outreach.Languages() {
				said := pack.InterruptionText(string(l))
				if said.Interrupts != with.LastDay.After(without.LastDay) || said.Text == "" || len(said.Citations) == 0 {
					t.Errorf("%s %s: %+v", country, l, said)
				}
				asks := regexp.MustCompile(`confirmation in writing|schriftelijk te bevestigen|schriftlich zu bestätigen|confirmer par écrit`).MatchString(said.Text)
				if asks == said.Interrupts {
					t.Errorf("%s %s: %s", country, l, said.Text)
				}
			}
		}
	})
	t.Run("R111 a letter about limitation without the words of the law is refused", func(t *testing.T) {
		t.Parallel()
		c := content(outreach.Interruption, outreach.English, outreach.Business)
		c.Law = nil
		if _, err := outreach.Render(c); err == nil {
			t.Error("it was written")
		}
	})
}
