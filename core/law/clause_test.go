package law_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/sdk/date"
)

func TestClauses(t *testing.T) {
	t.Parallel()
	rates := []law.Clause{law.AgreedRateBusiness, law.AgreedRateConsumer}
	for _, tc := range []struct {
		country string
		also    []law.Clause
		clause  law.Clause
		says    string
		who     law.DebtorType
	}{
		{"NL", []law.Clause{law.DueAgreed}, law.DueAgreed, "unless you say that it is not", law.Consumer},
		{"BE", []law.Clause{law.CostsClause, law.Supplies, law.RecurringSupply, law.ReminderCharge}, law.AgreedRateConsumer, "above it the clause is void and the legal rate holds; now at most 10.50%.", law.Consumer},
		{"DE", []law.Clause{law.DueAgreed, law.InvoiceNotices, law.ReminderCharge}, law.InvoiceNotices, "default without a further reminder", law.Consumer},
		{"FR", []law.Clause{law.InvoiceNotices}, law.AgreedRateBusiness, "now at least ", law.Business},
		{"GB", []law.Clause{law.DueAgreed, law.InvoiceNotices}, law.AgreedRateConsumer, "before a court awards it", law.Consumer},
	} {
		t.Run(tc.country, func(t *testing.T) {
			t.Parallel()
			pack, err := law.Pack(tc.country)
			if err != nil {
				t.Fatal(err)
			}
			got := pack.Clauses(date.MustParse("2026-03-02"))
			want := slices.Concat(rates, tc.also)
			if len(got) != len(want) {
				t.Errorf("%d clauses, want %v: %v", len(got), want, got)
			}
			for _, clause := range want {
				if len(got[clause]) == 0 {
					t.Errorf("nothing about %s", clause)
				}
				for _, r := range got[clause] {
					if r.Status == "" || len(r.Sources) == 0 || len(r.Debtors) == 0 || strings.Contains(r.Text, "{") {
						t.Errorf("%s: %+v", clause, r)
					}
				}
			}
			if !slices.ContainsFunc(got[tc.clause], func(r law.Ruling) bool {
				return strings.Contains(r.Text, tc.says) && slices.Contains(r.Debtors, tc.who)
			}) {
				t.Errorf("%s does not say %q: %+v", tc.clause, tc.says, got[tc.clause])
			}
		})
	}
	t.Run("a rate after the known ones is marked", func(t *testing.T) {
		t.Parallel()
		be, err := law.Pack("BE")
		if err != nil {
			t.Fatal(err)
		}
		r := be.Clauses(date.MustParse("2027-01-05"))[law.AgreedRateBusiness][0]
		if r.Status.Confirmed() || !strings.Contains(r.Text, "carried forward") {
			t.Errorf("%+v", r)
		}
	})
	t.Run("a rate above the limit of Belgium is void", func(t *testing.T) {
		t.Parallel()
		be, err := law.Pack("BE")
		if err != nil {
			t.Fatal(err)
		}
		on := date.MustParse("2026-03-02")
		high, _ := law.ParsePercent("10.51")
		fits, _ := law.ParsePercent("10.50")
		if most, void := be.VoidAbove(law.Consumer, high, on); !void || most != "10.50" {
			t.Error(most, void)
		}
		if _, void := be.VoidAbove(law.Consumer, fits, on); void {
			t.Error("10.50 is void")
		}
		if _, void := be.VoidAbove(law.Business, high, on); void {
			t.Error("void for a business")
		}
	})
}
