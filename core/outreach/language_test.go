package outreach_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/sdk/money"
)

// leftover is what a reader must never see: a template's own signs, an unfilled
// format or placeholder.
var leftover = regexp.MustCompile(`\{\{|\}\}|<no value>|%!|%[sd]|\{[a-z_]+\}|(?m)^::|\*\*|  \.|\s,|\(\)`)

// address are the words that only one form of address has.
var address = map[outreach.Language]map[outreach.Form]*regexp.Regexp{
	outreach.Dutch:  {outreach.Formal: regexp.MustCompile(`(?i)\b(je|jij|jou|jouw)\b`), outreach.Informal: regexp.MustCompile(`(?i)\b(u|uw)\b`)},
	outreach.German: {outreach.Formal: regexp.MustCompile(`(?i)\b(du|dich|dir|dein|deine|deiner|deinem)\b`), outreach.Informal: regexp.MustCompile(`\b(Sie|Ihnen|Ihr|Ihre|Ihrer|Ihrem)\b`)},
	outreach.French: {outreach.Formal: regexp.MustCompile(`(?i)(?:^|[^\p{L}])(?:(?:tu|te|toi|ton|ta|tes)[^\p{L}]|t')`), outreach.Informal: regexp.MustCompile(`(?i)\b(vous|votre|vos)\b`)},
}

func TestEveryStepInEveryLanguageAndTone(t *testing.T) {
	t.Parallel()
	every(func(c outreach.Content) {
		for _, form := range []outreach.Form{outreach.Formal, outreach.Informal} {
			for _, country := range []string{"", "NL", "BE", "DE", "GB", "FR"} {
				c := c
				c.Form, c.Country, c.Debtor.Country = form, country, country
				name := strings.Join([]string{string(c.Language), string(c.Step), string(c.Debtor.Capacity), string(form), country}, " ")
				if c.Step.Statutory() {
					c.Notice.Paragraphs = []string{"§ " + money.EUR(18150).Decimal()}
					c.Notice.Costs, c.Notice.Heading = money.Amount{}, "Notice"
					if c.Step == outreach.FourteenDayLetter {
						c.Notice = notice(c)
					}
				}
				m := render(t, c)
				if hit := leftover.FindString(m.Subject + "\n" + m.Text); hit != "" {
					t.Errorf("%s has %q left in it:\n%s\n%s", name, hit, m.Subject, m.Text)
				}
				// The statutory block and the labels that speak of both are not addressed.
				text := m.Text
				if c.Notice != nil {
					for _, p := range append(c.Notice.Paragraphs, c.Notice.Heading) {
						text = strings.ReplaceAll(text, p, "")
					}
				}
				text, _, _ = strings.Cut(text, "\n-- \n")
				if wrong := address[c.Language][form]; wrong != nil {
					if hit := wrong.FindString(m.Subject + "\n" + text); hit != "" {
						t.Errorf("%s says %q:\n%s", name, hit, text)
					}
				}
			}
		}
	})
}

func TestHelpAndCollectorFollowTheCountry(t *testing.T) {
	t.Parallel()
	for _, l := range outreach.Languages() {
		for country, want := range map[string]string{"NL": "Geldfit", "DE": "meine-schulden.de", "GB": "StepChange", "FR": "mesquestionsdargent.fr", "": "Geldfit"} {
			c := content(outreach.Reminder2, l, outreach.Consumer)
			c.Debtor.Country = country
			if m := render(t, c); !strings.Contains(m.Text, want) || want != "Geldfit" && strings.Contains(m.Text, "Geldfit") {
				t.Errorf("%s: a debtor in %q is not referred to %s:\n%s", l, country, want, m.Text)
			}
		}
		for country, want := range map[string]string{"GB": "solicitor", "FR": "commissaire de justice"} {
			c := content(outreach.PreJudicial, l, outreach.Business)
			c.Country, c.Bailiff = country, ""
			if m := render(t, c); !strings.Contains(strings.Join(strings.Fields(m.Text), " "), want) {
				t.Errorf("%s %s: nobody who takes the claim over:\n%s", l, country, m.Text)
			}
		}
	}
}
