package outreach_test

import (
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/sdk/money"
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

func TestOwnTextsOfEveryMessage(t *testing.T) {
	t.Parallel()
	flaws := func(s outreach.Step, edit func(*outreach.Own)) string {
		o, err := outreach.Shipped(outreach.English, s, outreach.Formal)
		if err != nil {
			t.Fatal(err)
		}
		edit(&o)
		var said []string
		for _, f := range o.Flaws(outreach.English, s) {
			said = append(said, f.Text)
		}
		return strings.Join(said, "\n")
	}
	replace := func(old, with string) func(*outreach.Own) {
		return func(o *outreach.Own) { o.Body = strings.ReplaceAll(o.Body, old, with) }
	}
	for _, c := range []struct {
		name string
		step outreach.Step
		edit func(*outreach.Own)
		want string
	}{
		{"R84 the facts of a direct debit stay", outreach.DebitNotice, replace("::debit\n\n", ""), "The protected block ::debit is missing; it says amount, day, creditor id and mandate of the direct debit (R95)."},
		{"what was decided stays", outreach.DisputeAnswered, replace("{decided}", ""), "{decided} is missing: without it the debtor does not read what was decided, with its amounts."},
		{"the day of an instalment stays", outreach.InstalmentDue, replace("{when}", ""), "{when} is missing"},
		{"a field of another message", outreach.PromiseNoted, replace("{promised_on}", "{debit_on}"), "There is no field {debit_on} in this message."},
		{"R119 a text message names no reminder", outreach.TextMessage, replace("Message", "Reminder"), "must not say \"Reminder\""},
		{"R119 a text message names no amount", outreach.TextMessage, replace("Read", "€ 20: read"), "must not say"},
		{"a text message keeps its link", outreach.TextMessage, replace("{link}", ""), "{link} is missing"},
		{"R119 a call does not say what is owed", outreach.Call, replace("Good day.", "Good day. You have a debt."), "must not say"},
		{"everything at once", outreach.PromiseNoted, func(o *outreach.Own) { o.Subject, o.Body = "", "Pay {salary} at www.x.nl" }, "The subject is missing.\nThe protected block ::items is missing; it says which invoices and amounts it is about (R95).\nThe protected block ::links is missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := flaws(c.step, c.edit); !strings.Contains(got, c.want) {
				t.Errorf("the flaws are\n%s\nwant\n%s", got, c.want)
			}
		})
	}
	t.Run("parts put together are the text again", func(t *testing.T) {
		t.Parallel()
		for _, s := range outreach.Ownable() {
			o, err := outreach.Shipped(outreach.Dutch, s, outreach.Informal)
			if err != nil {
				t.Fatal(err)
			}
			blocks, err := outreach.Blocks(outreach.Dutch, s)
			if err != nil {
				t.Fatal(err)
			}
			if parts := o.Parts(); len(parts) != len(blocks)+1 || outreach.Joined(o.Subject, parts, blocks) != o {
				t.Errorf("%s: %d parts, %d blocks:\n%+v\n%+v", s, len(parts), len(blocks), outreach.Joined(o.Subject, parts, blocks), o)
			}
		}
	})
	t.Run("the fields are filled in", func(t *testing.T) {
		t.Parallel()
		for _, l := range outreach.Languages() {
			for _, s := range outreach.Ownable() {
				if s.Open() {
					continue
				}
				o, err := outreach.Shipped(l, s, outreach.Formal)
				if err != nil {
					t.Fatal(err)
				}
				c := content(s, l, outreach.Consumer)
				c.CaseNumber, c.CourtCosts = "", money.Amount{}
				if c.Payment != nil {
					c.Payment.Method = ""
				}
				if s == outreach.MandateEnded {
					c.Debit = nil
				}
				ours, err := outreach.Render(c)
				if err != nil {
					t.Fatal(err)
				}
				c.Own = &o
				got, err := outreach.Render(c)
				if err != nil {
					t.Errorf("%s/%s: %v", l, s, err)
					continue
				}
				if len(c.Demanded) == 1 && got.Text != ours.Text {
					t.Errorf("%s/%s: the shipped text as an own text reads otherwise:\n%s\n---\n%s", l, s, got.Text, ours.Text)
				}
				if strings.ContainsAny(got.Subject+got.Text, "{}") || got.Subject == "" {
					t.Errorf("%s/%s: a field is left:\n%s\n%s", l, s, got.Subject, got.Text)
				}
			}
		}
	})
}
