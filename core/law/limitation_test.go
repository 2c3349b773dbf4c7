package law_test

import (
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
