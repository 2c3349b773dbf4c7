package law_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/sdk/date"
)

func TestLimitationOfAClaim(t *testing.T) {
	t.Parallel()
	due, demand := date.MustParse("2026-03-16"), date.MustParse("2026-05-08")
	for _, tc := range []struct {
		country  string
		debtor   law.DebtorType
		demanded []date.Date
		last     string
	}{
		{"NL", law.Business, nil, "2031-03-16"},
		{"NL", law.Consumer, nil, "2028-03-16"},
		{"NL", "", []date.Date{demand}, "2028-05-08"},
		{"BE", law.Business, []date.Date{demand}, "2036-03-16"},
		{"BE", law.Consumer, nil, "2027-03-16"},
		{"DE", law.Business, []date.Date{demand}, "2029-12-31"},
		{"DE", law.Consumer, nil, "2029-12-31"},
		{"GB", law.Business, nil, "2032-03-16"},
		{"FR", law.Business, nil, "2031-03-16"},
		{"FR", law.Consumer, []date.Date{demand}, "2028-03-16"},
	} {
		t.Run("R111 "+tc.country+" "+string(tc.debtor), func(t *testing.T) {
			t.Parallel()
			pack, err := law.Pack(tc.country)
			if err != nil {
				t.Fatal(err)
			}
			got, err := pack.LimitationOf(law.LimitationClaim{Debtor: tc.debtor, Due: due, Demanded: tc.demanded})
			if err != nil || got.LastDay.String() != tc.last {
				t.Fatalf("expires after %s, want %s (%v): %s", got.LastDay, tc.last, err, got.Explanation)
			}
			for days, want := range map[int]bool{-91: false, -90: true, 0: true, 1: false} {
				if got.Expiring(got.LastDay.AddDays(days)) != want {
					t.Errorf("%d days from the last one, an interruption is proposed: %t", days, !want)
				}
			}
		})
	}
	nl, _ := law.Pack("NL")
	if _, err := nl.LimitationOf(law.LimitationClaim{Debtor: law.Business}); err == nil {
		t.Error("a claim without a due date has a limitation")
	}
}

func TestAcknowledgement(t *testing.T) {
	t.Parallel()
	due := date.MustParse("2026-03-16")
	for _, tc := range []struct {
		country string
		kind    string
		on      string
		by      law.ActKind
		last    string
		article string
	}{
		{"NL", "contract", "2030-06-01", law.PaidInPart, "2035-06-01", "3:318"},
		{"NL", "consumer_sale_price", "2027-06-01", law.PlanProposed, "2029-06-01", "3:319"},
		{"BE", "contract", "2030-06-01", law.InWriting, "2040-06-01", "2248"},
		{"BE", "consumer_sale_price", "2026-06-01", law.PaidInPart, "2027-03-16", ""}, // only a signed one
		{"BE", "consumer_sale_price", "2026-06-01", law.InWriting, "2027-06-01", "2248"},
		{"DE", "contract", "2028-06-01", law.PaidInPart, "2031-06-01", "212"}, // from the day itself
		{"DE", "contract", "2026-06-01", law.InWriting, "2029-12-31", "212"},  // before the term began it shortens nothing
		{"FR", "contract", "2030-06-01", law.PlanProposed, "2035-06-01", "2240"},
		{"GB", "contract", "2030-06-01", law.PaidInPart, "2036-06-01", "s.29"},
		{"GB", "contract", "2030-06-01", law.PlanProposed, "2032-03-16", ""}, // nobody signed it
		{"NL", "contract", "2031-03-17", law.InWriting, "2031-03-16", ""},    // too late
	} {
		t.Run("R111 "+tc.country+" "+tc.kind+" "+string(tc.by)+" "+tc.on, func(t *testing.T) {
			t.Parallel()
			pack, err := law.Pack(tc.country)
			if err != nil {
				t.Fatal(err)
			}
			got, err := pack.LimitationAfter(tc.kind, due, law.Act{On: date.MustParse(tc.on), Kind: tc.by})
			if err != nil || got.LastDay.String() != tc.last {
				t.Fatalf("expires after %s, want %s (%v): %s", got.LastDay, tc.last, err, got.Explanation)
			}
			cited := slices.ContainsFunc(got.Citations, func(c law.Citation) bool { return strings.Contains(c.Article, tc.article) })
			if tc.article != "" && (!cited || !strings.Contains(got.Explanation, tc.on)) {
				t.Errorf("not why: %s %v", got.Explanation, got.Citations)
			}
		})
	}
	t.Run("R111 acts count in the order of their days", func(t *testing.T) {
		t.Parallel()
		nl, _ := law.Pack("NL")
		got, err := nl.LimitationAfter("consumer_sale_price", due, law.Act{On: date.MustParse("2029-01-10"), Kind: law.Demand}, law.Act{On: date.MustParse("2027-02-01"), Kind: law.PaidInPart})
		if err != nil || got.LastDay.String() != "2031-01-10" {
			t.Errorf("%s, %v", got.Explanation, err)
		}
	})
}
