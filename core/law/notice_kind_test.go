package law_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Which message of a flow is which notice is data of each pack.
func TestNoticeOfAStep(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		country, step string
		debtor        law.DebtorType
		kind          string
	}{
		{"NL", "fourteen_day_letter", law.Consumer, "fourteen_day_letter"},
		{"NL", "fourteen_day_letter", law.SoleTrader, "fourteen_day_letter"},
		{"NL", "fourteen_day_letter", law.Business, ""},
		{"NL", "final_reminder", law.Business, ""},
		{"BE", "fourteen_day_letter", law.Consumer, "first_reminder"},
		{"BE", "be_first_reminder", law.Consumer, "first_reminder"},
		{"BE", "final_reminder", law.Business, ""},
		{"DE", "final_reminder", law.Business, "mahnung"},
		{"DE", "mahnung_1", law.Consumer, "mahnung"},
		{"GB", "pre_judicial", law.Business, "letter_before_action"},
		{"GB", "letter_before_action", law.SoleTrader, "letter_of_claim"},
		{"FR", "final_reminder", law.Business, "mise_en_demeure"},
		{"FR", "reminder_1", law.Business, ""},
	} {
		pack, err := law.Pack(tc.country)
		if err != nil {
			t.Fatal(err)
		}
		kind, ok := pack.NoticeOf(tc.step, tc.debtor)
		if kind != tc.kind || ok != (tc.kind != "") {
			t.Errorf("%s %s to a %s is %q, want %q", tc.country, tc.step, tc.debtor, kind, tc.kind)
		}
	}
}

func TestLetterBeforeAction(t *testing.T) {
	t.Parallel()
	gb, err := law.Pack("GB")
	if err != nil {
		t.Fatal(err)
	}
	n := law.Notice{
		Kind: "letter_before_action", Debtor: law.Business, Language: "en", Sent: date.MustParse("2026-04-13"), Channel: law.Post,
		Claims:  []law.NoticeClaim{{Reference: "INV-7", Principal: money.Of(100000, "GBP"), Due: date.MustParse("2026-02-28")}},
		Charges: []money.Amount{money.Of(7000, "GBP"), money.Of(1416, "GBP")},
	}
	text, err := gb.NoticeText(n)
	if err != nil {
		t.Fatal(err)
	}
	table := "INV-7 £1,000.00\n\nCompensation for late payment £70.00\n\nInterest £14.16\n\nTotal £1,084.16\n\n"
	t.Run("R95 fourteen days for a company, with the sum demanded", func(t *testing.T) {
		t.Parallel()
		for letter, want := range map[string]int{
			table + text.Text(): 0,
			table + strings.ReplaceAll(text.Text(), "14 days", "7 days"):                                 2,
			strings.ReplaceAll(table, "£70.00", "£100.00") + text.Text():                                 1,
			strings.ReplaceAll(table+text.Text(), "£1,084.16", "£1,184.16"):                              2,
			table + text.Text() + " Please pay by 20 April 2026.":                                        1,
			strings.ReplaceAll(table, "INV-7", "INV-8") + strings.ReplaceAll(text.Text(), "INV-7", "it"): 1,
		} {
			problems, err := gb.CheckNotice(n, letter)
			if err != nil || len(problems) != want {
				t.Errorf("%d problems, want %d: %v %v\n%s", len(problems), want, problems, err, letter)
			}
		}
		term, err := gb.NoticeTerm(law.Delivery{Kind: n.Kind, Sent: n.Sent, Channel: law.Post})
		if err != nil || term.LastDay.String() != "2026-04-29" {
			t.Errorf("the term ends on %s, %v", term.LastDay, err)
		}
	})
	t.Run("R95 a natural person gets thirty days and the forms", func(t *testing.T) {
		t.Parallel()
		kind, _ := gb.NoticeOf("letter_before_action", law.SoleTrader)
		claim := n
		claim.Kind, claim.Debtor, claim.Charges = kind, law.SoleTrader, nil
		text, err := gb.NoticeText(claim)
		if err != nil {
			t.Fatal(err)
		}
		var titles []string
		for _, e := range text.Enclosures {
			titles = append(titles, e.Title)
		}
		if !slices.Equal(titles, []string{"Information sheet", "Reply form", "Financial statement"}) || !strings.Contains(text.Text(), "30 days") {
			t.Errorf("enclosures %v with %s", titles, text.Text())
		}
	})
}
