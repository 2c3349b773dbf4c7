package law_test

import (
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
	"pgregory.net/rapid"
)

func collectionCosts(t *testing.T, claim law.CostsClaim) law.Costs {
	t.Helper()
	got, err := pack(t).CollectionCosts(claim)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestLawCosts(t *testing.T) {
	t.Parallel()
	t.Run("R99 scale", func(t *testing.T) {
		t.Parallel()
		for principal, fee := range map[int64]int64{
			0: 0, -5000: 0, 10000: 4000, 50000: 7500, 250000: 37500, 500000: 62500,
			1000000: 87500, 20000000: 277500, 100000000: 677500, 900000000: 677500,
		} {
			got := collectionCosts(t, law.CostsClaim{Principals: euros(principal)})
			cents(t, "fee over "+money.EUR(principal).String(), got.Fee, fee)
			if got.Provisional || len(got.Citations) == 0 || len(got.Citations[0].Sources) == 0 {
				t.Errorf("the scale is primary law, but: %+v", got.Basis)
			}
		}
	})
	t.Run("R99 never falls when the principal rises", func(t *testing.T) {
		t.Parallel()
		nl := pack(t)
		rapid.Check(t, func(t *rapid.T) {
			a := rapid.Int64Range(1, 150_000_000).Draw(t, "a")
			b := rapid.Int64Range(a, 150_000_000).Draw(t, "b")
			low, err1 := nl.CollectionCosts(law.CostsClaim{Principals: euros(a)})
			high, err2 := nl.CollectionCosts(law.CostsClaim{Principals: euros(b)})
			if err1 != nil || err2 != nil || low.Fee.Minor > high.Fee.Minor || low.Fee.Minor < 4000 || high.Fee.Minor > 677500 {
				t.Fatalf("%d -> %v, %d -> %v (%v, %v)", a, low.Fee, b, high.Fee, err1, err2)
			}
		})
	})
	t.Run("R98 several claims are added before the scale", func(t *testing.T) {
		t.Parallel()
		got := collectionCosts(t, law.CostsClaim{Principals: euros(10000, 10000, 10000)})
		cents(t, "fee over three claims", got.Fee, 4500)
		if !strings.Contains(got.Explanation, "3 claims added") {
			t.Errorf("the explanation does not say so: %s", got.Explanation)
		}
	})
	t.Run("R100 VAT needs all three conditions", func(t *testing.T) {
		t.Parallel()
		for ground, vat := range map[law.VATGround]int64{
			{}:                                      0,
			{ThirdParty: true}:                      0,
			{ThirdParty: true, NotDeductible: true}: 0,
			{NotDeductible: true, Declared: true}:   0,
			{ThirdParty: true, NotDeductible: true, Declared: true}: 840,
		} {
			got := collectionCosts(t, law.CostsClaim{Principals: euros(10000), VAT: ground})
			cents(t, "VAT", got.VAT, vat)
			if ground.ThirdParty && vat == 0 && !strings.Contains(got.Explanation, "no VAT, because") {
				t.Errorf("the missing condition is not named: %s", got.Explanation)
			}
		}
	})
	t.Run("R100 a VAT rate that is not confirmed is provisional", func(t *testing.T) {
		t.Parallel()
		got := collectionCosts(t, law.CostsClaim{Principals: euros(10000), VAT: vatGround(true), On: date.MustParse("2012-08-01")})
		same(t, "VAT percentage", got.VATPercent, "19")
		same(t, "provisional", got.Provisional, true)
	})
	t.Run("R96 all paid inside the term leaves no costs", func(t *testing.T) {
		t.Parallel()
		got := collectionCosts(t, law.CostsClaim{Principals: euros(10000), PaidInTerm: money.EUR(10000)})
		cents(t, "total", got.Total, 0)
	})
	t.Run("R91 costs charged before are not charged again", func(t *testing.T) {
		t.Parallel()
		cents(t, "rest", collectionCosts(t, law.CostsClaim{Principals: euros(100000), Charged: money.EUR(4000)}).Fee, 11000)
		cents(t, "nothing left", collectionCosts(t, law.CostsClaim{Principals: euros(10000), Charged: money.EUR(4000)}).Fee, 0)
	})
	t.Run("R99 recurring small instalments are capped", func(t *testing.T) {
		t.Parallel()
		claim := law.CostsClaim{Principals: euros(20000, 20000, 20000), Recurring: &law.Recurring{}, On: date.MustParse("2025-01-15")}
		got := collectionCosts(t, claim)
		cents(t, "one letter for three instalments", got.Fee, 4000)
		same(t, "provisional", got.Provisional, true)
		claim.Recurring.CostsInPeriod = money.EUR(12000)
		cents(t, "what is left of the cap", collectionCosts(t, claim).Fee, 2000)
		claim.On = date.MustParse("2024-09-30")
		cents(t, "before the cap took effect", collectionCosts(t, claim).Fee, 9000)
		claim.On, claim.Principals = date.MustParse("2025-01-15"), euros(26667, 20000)
		cents(t, "an instalment above the limit", collectionCosts(t, claim).Fee, 7000)
	})
	t.Run("R99 refuses what the scale does not cover", func(t *testing.T) {
		t.Parallel()
		for name, claim := range map[string]law.CostsClaim{
			"default before the scale": {Principals: euros(10000), DefaultSince: date.MustParse("2012-06-30")},
			"another currency":         {Principals: []money.Amount{money.Of(10000, "GBP")}},
			"a negative payment":       {Principals: euros(10000), PaidInTerm: money.EUR(-1)},
		} {
			if got, err := pack(t).CollectionCosts(claim); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v, %v", name, got.Fee, err)
			}
		}
	})
}

func TestLawCostsDue(t *testing.T) {
	t.Parallel()
	nl := pack(t)
	good := law.SentNotice{
		Delivery:     law.Delivery{Sent: date.MustParse("2026-11-19"), Channel: law.Post},
		DefaultSince: date.MustParse("2026-11-02"), Checked: true, Announced: money.EUR(15000),
	}
	change := func(f func(*law.SentNotice)) []law.SentNotice {
		n := good
		f(&n)
		return []law.SentNotice{n}
	}
	for _, tc := range []struct {
		name    string
		debtor  law.DebtorType
		notices []law.SentNotice
		paid    int64
		agreed  int64
		on      string
		want    int64
		from    string
	}{
		{name: "R93 no notice, no costs", debtor: law.Consumer, on: "2027-12-01"},
		{name: "R93 not on the last day of the term", debtor: law.Consumer, notices: []law.SentNotice{good}, on: "2026-12-07", from: "2026-12-08"},
		{name: "R93 on the day after it", debtor: law.Consumer, notices: []law.SentNotice{good}, on: "2026-12-08", want: 15000, from: "2026-12-08"},
		{name: "R96 on what was not paid inside the term", debtor: law.Consumer, notices: []law.SentNotice{good}, paid: 40000, on: "2026-12-08", want: 9000, from: "2026-12-08"},
		{name: "R93 not on a wrong text", debtor: law.Consumer, notices: change(func(n *law.SentNotice) { n.Checked = false }), on: "2027-01-31"},
		{name: "R93 not before default", debtor: law.Consumer, notices: change(func(n *law.SentNotice) { n.DefaultSince = date.MustParse("2026-11-20") }), on: "2027-01-31"},
		{name: "R56 not on a letter that came back", debtor: law.Consumer, notices: change(func(n *law.SentNotice) { n.Failed = true }), on: "2027-01-31"},
		{name: "R56 not on an e-mail to an address nobody uses", debtor: law.Consumer, notices: change(func(n *law.SentNotice) { n.Channel = law.Email }), on: "2027-01-31"},
		{name: "R23 not on a notice that became void", debtor: law.Consumer, notices: change(func(n *law.SentNotice) { n.Void = true }), on: "2027-01-31"},
		{name: "R95 not above what was announced", debtor: law.Consumer, notices: change(func(n *law.SentNotice) { n.Announced = money.EUR(14999) }), on: "2027-01-31", from: "2026-12-08"},
		{name: "R93 the second, valid notice counts", debtor: law.Consumer, notices: append(change(func(n *law.SentNotice) { n.Failed = true }), good), on: "2026-12-08", want: 15000, from: "2026-12-08"},
		{name: "R93 a contract cannot ask more of a consumer", debtor: law.Consumer, notices: []law.SentNotice{good}, agreed: 50000, on: "2026-12-08", want: 15000, from: "2026-12-08"},
		{name: "R102 a sole trader counts as a consumer", debtor: law.SoleTrader, on: "2027-12-01"},
		{name: "R102 and so does an unclear debtor", debtor: "", on: "2027-12-01"},
		{name: "R102 and one of a type that does not exist", debtor: "gmbh", on: "2027-12-01"},
		{name: "R101 a business owes nothing on the due date", debtor: law.Business, on: "2026-11-01", from: "2026-11-02"},
		{name: "R101 it owes the scale from the day after, without notice", debtor: law.Business, on: "2026-11-02", want: 15000, from: "2026-11-02"},
		{name: "R101 what the contract says", debtor: law.Business, agreed: 25000, on: "2026-11-02", want: 25000, from: "2026-11-02"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := nl.CostsDue(law.DueClaim{
				Debtor: tc.debtor, DueDate: date.MustParse("2026-11-01"), On: date.MustParse(tc.on), Notices: tc.notices, Agreed: money.EUR(tc.agreed),
				Claim: law.CostsClaim{Principals: euros(100000), PaidInTerm: money.EUR(tc.paid), DefaultSince: date.MustParse("2026-11-02")},
			})
			if err != nil {
				t.Fatal(err)
			}
			cents(t, "costs", got.Costs.Total, tc.want)
			same(t, "due", got.Due, tc.want > 0)
			same(t, "first day", got.From.String(), tc.from)
			if tc.want == 0 && !strings.HasPrefix(got.Explanation, "No costs") {
				t.Errorf("the reason is missing: %q", got.Explanation)
			}
		})
	}
	t.Run("R101 the minimum until default", func(t *testing.T) {
		t.Parallel()
		got, err := nl.CostsDue(law.DueClaim{Debtor: law.Business, DueDate: date.MustParse("2026-11-01"), On: date.MustParse("2026-11-02"), Claim: law.CostsClaim{Principals: euros(100000)}})
		if err != nil {
			t.Fatal(err)
		}
		cents(t, "costs", got.Costs.Total, 4000)
	})
}
