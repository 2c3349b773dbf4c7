package outreach_test

import (
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func TestDirectDebitTexts(t *testing.T) {
	t.Parallel()
	t.Run("R84 an announcement names amount, day, creditor id and mandate", func(t *testing.T) {
		t.Parallel()
		for _, l := range outreach.Languages() {
			for _, step := range []outreach.Step{outreach.DebitNotice, outreach.DebitRetry} {
				m := render(t, content(step, l, outreach.Consumer))
				for _, want := range []string{"210", "2026", "NL08ZZZ502057730000", "500-4500001", "4567"} {
					if !strings.Contains(m.Text, want) {
						t.Errorf("%s %s does not say %s:\n%s", l, step, want, m.Text)
					}
				}
			}
		}
		for name, spoil := range map[string]func(*outreach.Debit){
			"amount": func(d *outreach.Debit) { d.Amount = money.EUR(0) }, "day": func(d *outreach.Debit) { d.On = date.Date{} },
			"creditor id": func(d *outreach.Debit) { d.CreditorID = "" }, "mandate": func(d *outreach.Debit) { d.Mandate = "" },
		} {
			c := content(outreach.DebitNotice, outreach.Dutch, outreach.Consumer)
			spoil(c.Debit)
			if _, err := outreach.Render(c); !fault.Is(err, fault.Invalid) {
				t.Errorf("without %s: %v", name, err)
			}
		}
	})
	t.Run("R86 R87 a debit that failed or was taken back asks for a transfer by a day", func(t *testing.T) {
		t.Parallel()
		for _, step := range []outreach.Step{outreach.DebitFailed, outreach.DebitReversed} {
			m := render(t, content(step, outreach.Dutch, outreach.Consumer))
			if !strings.Contains(strings.Join(strings.Fields(m.Text), " "), "uiterlijk op 1 december 2026") || !strings.Contains(m.Text, "NL91") {
				t.Errorf("%s:\n%s", step, m.Text)
			}
		}
	})
	t.Run("R90 a mandate may end when nothing is open", func(t *testing.T) {
		t.Parallel()
		c := content(outreach.MandateEnded, outreach.English, outreach.Business)
		c.Demanded = nil
		if m := render(t, c); strings.Contains(m.Text, "IBAN") {
			t.Error(m.Text)
		}
	})
}
