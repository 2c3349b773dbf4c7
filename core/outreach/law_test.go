package outreach_test

import (
	"testing"

	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/outreach"
)

// The words around the statutory block must not cost the creditor the costs:
// the law pack reads every rendering of the notice.
func TestNoticeKeepsTheRightToCosts(t *testing.T) {
	t.Parallel()
	nl, err := law.Pack("NL")
	if err != nil {
		t.Fatal(err)
	}
	for _, language := range []outreach.Language{outreach.Dutch, outreach.English} {
		for _, form := range []outreach.Form{outreach.Formal, outreach.Informal} {
			t.Run("R95 "+string(language)+" "+string(form), func(t *testing.T) {
				t.Parallel()
				c := content(outreach.FourteenDayLetter, language, outreach.Consumer)
				c.Form = form
				c.Demanded = append(c.Demanded, invoice("2026-0419", "2026-10-05", "2026-11-04", 25000, 5000))
				n := law.Notice{Language: string(language), Sent: c.Date, Channel: law.Post}
				for _, i := range c.Demanded {
					n.Claims = append(n.Claims, law.NoticeClaim{Reference: i.Number, Principal: i.Open, DefaultSince: i.Due.AddDays(1)})
				}
				text, err := nl.NoticeText(n)
				if err != nil {
					t.Skipf("the law pack has no text in this language: %v", err)
				}
				c.Notice = &outreach.Notice{Principal: text.Costs.Principal, Costs: text.Costs.Total}
				for _, b := range text.Blocks {
					c.Notice.Paragraphs = append(c.Notice.Paragraphs, b.Text)
				}
				for _, i := range c.Demanded {
					c.Notice.Covers = append(c.Notice.Covers, i.Number)
				}
				m := render(t, c)
				for name, rendered := range map[string]string{"text": m.Text, "HTML": m.HTML} {
					problems, err := nl.CheckNotice(n, rendered)
					if err != nil {
						t.Fatal(err)
					}
					for _, p := range problems {
						t.Errorf("%s: %+v", name, p)
					}
				}
			})
		}
	}
}
