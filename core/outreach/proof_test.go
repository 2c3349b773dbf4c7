package outreach_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/outreach/sms"
	"github.com/voldaan/voldaan/core/outreach/voice"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// situations are what a message can be about besides one invoice.
var situations = map[string]func(*outreach.Content){
	"one invoice": func(*outreach.Content) {},
	"paid in part": func(c *outreach.Content) {
		for i := range c.Demanded {
			c.Demanded[i].Paid = money.EUR(20000)
			c.Demanded[i].Original = money.Of(c.Demanded[i].Open.Minor+20000, "EUR")
		}
	},
	"two invoices": func(c *outreach.Content) { more(c, 1) },
	"six invoices": func(c *outreach.Content) { more(c, 5) },
	"with what is left out": func(c *outreach.Content) {
		for _, why := range []string{"disputed", "plan", "promise", "paused", "direct_debit"} {
			other := invoice("2026-03"+fmt.Sprint(len(c.NotDemanded)), "2026-08-01", "2026-08-31", 1234567, 0)
			other.Reason = why
			c.NotDemanded = append(c.NotDemanded, other)
		}
		c.NotYetDue = []outreach.Item{invoice("2026-0431", "2026-11-10", "2026-12-10", 48400, 0)}
	},
	"nobody to call or to write to": func(c *outreach.Content) {
		c.ReplyTo, c.PortalURL, c.PlanURL, c.Creditor.Phone, c.PayURL = "", "", "", "", ""
	},
	"no case and no day": func(c *outreach.Content) { c.CaseNumber, c.PayBy = "", date.Date{} },
}

// more adds invoices to the demand, and to the notice that covers it.
func more(c *outreach.Content, n int) {
	for i := range n {
		c.Demanded = append(c.Demanded, invoice(fmt.Sprintf("2026-05%02d", i), "2026-10-01", "2026-10-31", 1000, 0))
	}
	if c.Notice != nil {
		*c.Notice = *notice(*c)
	}
}

// foreign is how other languages write amounts and months.
var foreign = map[outreach.Language]*regexp.Regexp{
	outreach.Dutch:   regexp.MustCompile(`€\d|\d €|\d,\d{3}\.\d|\b(January|February|May|June|July|August|October|Januar|Februar|März|Mai|Juni |Juli |Oktober|Dezember|janvier|mai|juin|août|octobre|décembre|November|Mei)\b`),
	outreach.English: regexp.MustCompile(`€ \d|\d €|\d\.\d{3},\d|,\d\d\b|\b(januari|maart|mei|augustus|oktober|november|Januar|März|Mai|Dezember|janvier|novembre)\b`),
	outreach.German:  regexp.MustCompile(`€ ?\d|\d,\d{3}\.\d|\b(januari|maart|mei|augustus|oktober|november|March|May|October|December|novembre|octobre)\b|\d (Januar|Februar|März|November|Dezember)`),
	outreach.French:  regexp.MustCompile(`€ ?\d|\d\.\d{3},\d|\b(maart|mei|oktober|november|November|October|December|März|Dezember)\b|\b1 (janvier|novembre|décembre)`),
}

var (
	twoSpaces = regexp.MustCompile(`\S  +\S`)
	// Sentences begin with a capital, a figure or an amount, and end.
	lowered = regexp.MustCompile(`[.?!] \p{Ll}`)
	// In French a space that does not break stands before these; none elsewhere.
	spaced = regexp.MustCompile(`\p{L} [?!:;]`)
	// French words that want an article before "facture".
	bare = regexp.MustCompile(`(?i)\b(avec|payé|payer|payez|pour|de|du paiement) factures? `)
)

// TestProof reads every message in every situation as a debtor would: nothing is
// unfilled, doubled, empty or of another language.
func TestProof(t *testing.T) {
	t.Parallel()
	every(func(of outreach.Content) {
		for name, change := range situations {
			for _, form := range []outreach.Form{outreach.Formal, outreach.Informal} {
				for _, channel := range []outreach.Channel{outreach.Email, outreach.Letter} {
					c := of
					c.Demanded = append([]outreach.Item{}, of.Demanded...)
					if of.Notice != nil {
						n := *of.Notice
						c.Notice = &n
					}
					c.Form, c.Channel = form, channel
					if c.Debtor.Capacity == outreach.Consumer {
						c.Announced = nil
					}
					change(&c)
					plain(&c)
					where := strings.Join([]string{string(c.Language), string(c.Step), string(c.Debtor.Capacity), string(form), string(channel), name}, ", ")
					proofread(t, where, c)
				}
			}
		}
	})
}

// plain takes the Dutch words of the examples out of a content.
func plain(c *outreach.Content) {
	for _, list := range []*[]outreach.Charge{&c.Charges, &c.Announced} {
		*list = append([]outreach.Charge{}, *list...)
		for i := range *list {
			(*list)[i].Label, (*list)[i].Detail = "", ""
		}
	}
	if c.Decision != nil {
		d := *c.Decision
		d.Text = "OK."
		c.Decision = &d
	}
}

func proofread(t *testing.T, where string, c outreach.Content) {
	t.Helper()
	d, err := outreach.Compose(c)
	if err != nil {
		t.Errorf("%s: %v", where, err)
		return
	}
	subject := strings.ReplaceAll(d.Subject, "\u00a0", " ")
	if subject == "" || strings.HasSuffix(subject, ".") || unicode.IsLower([]rune(subject)[0]) || len([]rune(subject)) > 150 {
		t.Errorf("%s: the subject is %q", where, subject)
	}
	said := map[string]bool{}
	look := func(text string, sentence bool) {
		text = strings.ReplaceAll(text, "\u00a0", " ")
		if strings.TrimSpace(text) == "" {
			t.Errorf("%s: there is an empty paragraph", where)
			return
		}
		if hit := leftover.FindString(text); hit != "" {
			t.Errorf("%s: %q is left in %q", where, hit, text)
		}
		if hit := twoSpaces.FindString(text); hit != "" {
			t.Errorf("%s: %q stands apart in %q", where, hit, text)
		}
		if hit := foreign[c.Language].FindString(text); hit != "" {
			t.Errorf("%s: %q is written as another language does in %q", where, hit, text)
		}
		if c.Language != outreach.French {
			if hit := spaced.FindString(text); hit != "" {
				t.Errorf("%s: %q has a space in %q", where, hit, text)
			}
		} else if hit := bare.FindString(text); hit != "" {
			t.Errorf("%s: %q lacks its article in %q", where, hit, text)
		}
		if !sentence {
			return
		}
		if r := []rune(text)[0]; unicode.IsLower(r) || !strings.ContainsRune(".?!:", []rune(text)[len([]rune(text))-1]) {
			t.Errorf("%s: %q is no whole sentence", where, text)
		}
		if hit := lowered.FindString(text); hit != "" {
			t.Errorf("%s: %q begins small in %q", where, hit, text)
		}
		for _, s := range strings.SplitAfter(text, ". ") {
			if s = strings.TrimSpace(s); said[s] && len(s) > 30 {
				t.Errorf("%s: it says twice %q", where, s)
			}
			said[s] = true
		}
	}
	look(subject, false)
	look(d.Preview, false)
	for _, b := range d.Blocks {
		switch b := b.(type) {
		case outreach.Paragraph:
			var text strings.Builder
			for _, r := range b.Runs {
				text.WriteString(r.Text)
			}
			look(text.String(), true)
		case outreach.Table:
			if len(b.Rows)+len(b.Totals) == 0 {
				t.Errorf("%s: the list %q is empty", where, b.Title)
			}
			for _, r := range append(append([]outreach.Row{}, b.Rows...), b.Totals...) {
				look(r.Label, false)
				if r.Detail != "" {
					look(r.Detail, false)
				}
				for _, a := range r.Amounts {
					look(a, false)
				}
			}
		case outreach.Facts:
			if len(b.Rows) == 0 {
				t.Errorf("%s: the list %q is empty", where, b.Title)
			}
			for _, r := range b.Rows {
				look(r.Label, false)
				if r.Value == "" && r.URL == "" {
					t.Errorf("%s: %q has no value", where, r.Label)
				}
			}
		case outreach.Button:
			look(b.Label, false)
		}
	}
}

// TestShort holds how long what others may see is, in each language: a text
// message is one segment of the plain alphabet with a name and a link of usual
// length, and the words of a call take no breath too many.
func TestShort(t *testing.T) {
	t.Parallel()
	for _, l := range outreach.Languages() {
		c := content(outreach.Reminder1, l, outreach.Consumer)
		c.Reference, c.PortalURL = "2026-0412", "https://betalen.korenaar.example/p/k7q2m4x9r3t8w5z6"
		text, err := outreach.Discreet(c)
		if err != nil {
			t.Fatal(err)
		}
		plain := sms.Plain(text)
		if m := sms.Measure(plain); m.Segments != 1 || m.Encoding != sms.GSM7 {
			t.Errorf("%s: %d segments in %v: %q", l, m.Segments, m.Encoding, plain)
		}
		script, err := voice.Write(c)
		if err != nil {
			t.Fatal(err)
		}
		if hit := leftover.FindString(script.Whole() + script.Thanks); hit != "" || strings.Contains(script.Text, "  ") {
			t.Errorf("%s: %q in what is said: %q", l, hit, script.Whole())
		}
		if n := len(strings.Fields(script.Whole())); n > 110 {
			t.Errorf("%s: a call of %d words: %q", l, n, script.Whole())
		}
	}
}
