package outreach_test

import (
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/outreach"
)

func TestShippedTextsMayBeKept(t *testing.T) {
	t.Parallel()
	for _, l := range outreach.Languages() {
		for _, s := range outreach.Ownable() {
			for _, f := range []outreach.Form{outreach.Formal, outreach.Informal} {
				o, err := outreach.Shipped(l, s, f)
				if err != nil {
					t.Errorf("%s/%s: %v", l, s, err)
					continue
				}
				if err := o.Check(l, s); err != nil {
					t.Errorf("%s/%s: the shipped text is refused: %v\n%s\n%s", l, s, err, o.Subject, o.Body)
				}
			}
		}
	}
}

func TestOwnTexts(t *testing.T) {
	t.Parallel()
	base, err := outreach.Shipped(outreach.English, outreach.FourteenDayLetter, outreach.Formal)
	if err != nil {
		t.Fatal(err)
	}
	with := func(more string) outreach.Own {
		o := base
		o.Body = more + "\n\n" + o.Body
		return o
	}
	for _, c := range []struct {
		name string
		own  outreach.Own
		ok   bool
	}{
		{"other words", with("Dear customer, this is about {invoices}."), true},
		{"R95 without the statutory block", outreach.Own{Subject: "x", Body: strings.Replace(base.Body, "::notice", "", 1)}, false},
		{"R95 the statutory block twice", with("::notice"), false},
		{"R95 without the bank details", outreach.Own{Subject: "x", Body: strings.Replace(base.Body, "::bank", "", 1)}, false},
		{"R95 without the genuine links", outreach.Own{Subject: "x", Body: strings.Replace(base.Body, "::links", "", 1)}, false},
		{"R95 a shorter term", with("Pay within 7 days."), false},
		{"R95 an amount of its own", with("The costs are € 40."), false},
		{"a link of its own", with("Pay at https://pay.example."), false},
		{"an account of its own", with("Pay to NL91 ABNA 0417."), false},
		{"a variable that is not there", with("Dear {salary}."), false},
		{"a program", with(`{{"{{"}}.Creditor{{"}}"}}`), false},
		{"a block within a sentence", with("See ::items here."), false},
		{"no subject", outreach.Own{Body: base.Body}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := c.own.Check(outreach.English, outreach.FourteenDayLetter)
			if c.ok != (err == nil) || err != nil && !fault.Is(err, fault.Invalid) {
				t.Errorf("the check says %v", err)
			}
		})
	}
	if err := base.Check(outreach.English, outreach.PortalCode); err == nil {
		t.Error("the words of a code could be changed")
	}
}
