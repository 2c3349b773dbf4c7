package law_test

import (
	"testing"

	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// What is to be approved is named by a figure and its value, and is the same for
// every claim that rests on it.
func TestFiguresToApprove(t *testing.T) {
	t.Parallel()
	nl, err := law.Pack("NL")
	if err != nil {
		t.Fatal(err)
	}
	interest := func(cents int64, from, through string) law.Interest {
		t.Helper()
		i, err := nl.Interest(law.InterestClaim{Debtor: law.Consumer, Principal: money.EUR(cents), From: date.MustParse(from), Through: date.MustParse(through)})
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	if i := interest(100_000, "2026-03-01", "2026-06-30"); len(i.Figures) != 0 || i.Provisional {
		t.Errorf("a rate that a source states is to be approved: %v", i.Figures)
	}
	one, two := interest(100_000, "2026-06-01", "2026-07-01"), interest(12_345, "2026-07-10", "2027-02-01")
	if len(one.Figures) != 1 || one.Figures[0].Value != "4.00%" || one.Figures[0].Why == "" || len(one.Figures[0].Sources) == 0 {
		t.Fatalf("figures %+v", one.Figures)
	}
	if len(two.Figures) != 1 || two.Figures[0].Name != one.Figures[0].Name || two.Figures[0].Value != one.Figures[0].Value {
		t.Errorf("the same rate is another figure: %+v and %+v", one.Figures, two.Figures)
	}
	for _, sent := range []string{"2026-04-16", "2026-04-17"} { // their terms end on a Saturday and on a holiday
		term, err := nl.NoticeTerm(law.Delivery{Sent: date.MustParse(sent), Channel: law.Post})
		if err != nil {
			t.Fatal(err)
		}
		if term.LastDay != term.LastDayRolled && (len(term.Figures) != 1 || term.Figures[0].Name != "NL: moving the last day of a term to a working day") {
			t.Errorf("%s: figures %+v", sent, term.Figures)
		}
	}
	for language, want := range map[string]int{"nl": 0, "en": 1} {
		text, err := nl.NoticeText(law.Notice{Language: language, Sent: date.MustParse("2026-04-02"), Channel: law.Post, Claims: []law.NoticeClaim{
			{Reference: "F1", Principal: money.EUR(10_000), DefaultSince: date.MustParse("2026-03-17")},
		}})
		if err != nil {
			t.Fatal(err)
		}
		if len(text.Figures) != want {
			t.Errorf("%s: figures %+v", language, text.Figures)
		}
	}
}
