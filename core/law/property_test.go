package law_test

import (
	"math/big"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
	"pgregory.net/rapid"
)

var debtorTypes = []law.DebtorType{law.Consumer, law.Business, law.PublicBody, law.SoleTrader, ""}

func exact(i law.Interest) *big.Rat {
	sum := new(big.Rat)
	for _, s := range i.Segments {
		sum.Add(sum, s.Exact)
	}
	return sum
}

// Interest on interest is not additive, so the Dutch pack is asked for less than
// a year.
func TestInterestIsAdditive(t *testing.T) {
	t.Parallel()
	for _, code := range law.Countries() {
		t.Run("R103 "+code, func(t *testing.T) {
			t.Parallel()
			c := packOf(t, code)
			rapid.Check(t, func(t *rapid.T) {
				// The second half of 2024 lies in one row of every table, and what
				// comes before it does not; a British debt keeps its first rate.
				first, most := date.New(2016, 1, 1), 3500
				switch code {
				case "NL":
					most = 364
				case "GB":
					first, most = date.New(2024, 7, 1), 183
				}
				claim := law.InterestClaim{
					Debtor:    rapid.SampledFrom(debtorTypes).Draw(t, "debtor"),
					Principal: money.Of(rapid.Int64Range(0, 1e9).Draw(t, "principal"), c.Currency()),
					From:      first,
				}
				days := rapid.IntRange(1, most).Draw(t, "days")
				if rapid.Bool().Draw(t, "agreed") {
					claim.AgreedRate = rapid.SampledFrom([]string{"0", "0.50", "8.25"}).Draw(t, "rate")
				}
				claim.Through, claim.DefaultSince = first.AddDays(days), first
				whole, err := c.Interest(claim)
				if err != nil {
					t.Fatal(err)
				}
				one, two := claim, claim
				one.Through = first.AddDays(rapid.IntRange(0, days-1).Draw(t, "split"))
				two.From = one.Through.AddDays(1)
				a, err1 := c.Interest(one)
				b, err2 := c.Interest(two)
				if err1 != nil || err2 != nil {
					t.Fatal(err1, err2)
				}
				// A clause that is void over the whole can be valid over a part.
				if claim.AgreedRate != "" && claim.Debtor.Protected() == law.Consumer && code == "BE" {
					if exact(whole).Cmp(new(big.Rat).Add(exact(a), exact(b))) > 0 {
						t.Fatalf("a void clause costs %s, more than %s and %s", whole.Amount, a.Amount, b.Amount)
					}
					return
				}
				if exact(whole).Cmp(new(big.Rat).Add(exact(a), exact(b))) != 0 {
					t.Fatalf("%s through %s and %s after it, but %s in one", a.Amount, one.Through, b.Amount, whole.Amount)
				}
				if drift := whole.Amount.Minor - a.Amount.Minor - b.Amount.Minor; drift < -1 || drift > 1 {
					t.Fatalf("rounding moves %d minor units", drift)
				}
			})
		})
	}
}

// mostCosts is the ceiling of costs over one claim, in minor units.
func mostCosts(code string, debtor law.DebtorType) int64 {
	consumer := debtor.Protected() == law.Consumer
	switch {
	case code == "NL":
		return 677500
	case code == "BE" && consumer:
		return 200000
	case code == "FR" && debtor == law.PublicBody, consumer:
		return 0
	case code == "GB":
		return 10000
	}
	return 4000
}

func TestCostsStayBelowTheirCaps(t *testing.T) {
	t.Parallel()
	for _, code := range law.Countries() {
		t.Run("R99 "+code, func(t *testing.T) {
			t.Parallel()
			c := packOf(t, code)
			rapid.Check(t, func(t *rapid.T) {
				debtor := rapid.SampledFrom(debtorTypes).Draw(t, "debtor")
				fee := func(principals ...int64) int64 {
					claim := law.CostsClaim{Debtor: debtor, Clause: true}
					for _, p := range principals {
						claim.Principals = append(claim.Principals, money.Of(p, c.Currency()))
					}
					got, err := c.CollectionCosts(claim)
					if err != nil {
						t.Fatal(err)
					}
					if got.Total != got.Fee || got.Fee.Minor < 0 {
						t.Fatalf("fee %s, total %s without VAT", got.Fee, got.Total)
					}
					return got.Fee.Minor
				}
				a := rapid.Int64Range(1, 150_000_000).Draw(t, "a")
				b := rapid.Int64Range(a, 150_000_000).Draw(t, "b")
				other := rapid.Int64Range(0, 150_000_000).Draw(t, "other")
				most := mostCosts(code, debtor)
				if low, high := fee(a), fee(b); low > high || high > most {
					t.Fatalf("%d -> %d, %d -> %d, at most %d", a, low, b, high, most)
				}
				if two := fee(a, other); two > fee(a)+fee(other) && code != "NL" || two > 2*most || two > fee(b, other) {
					t.Fatalf("%d and %d cost %d together, %d and %d by themselves, %d when the first is %d", a, other, two, fee(a), fee(other), fee(b, other), b)
				}
				if fee(-a) != 0 || fee(a, -a) != 0 {
					t.Fatal("a credit costs something")
				}
			})
		})
	}
}

func TestNobodyOwesMoreThanTheLawAllows(t *testing.T) {
	t.Parallel()
	t.Run("R103 an agreed rate never costs a Belgian, German or French consumer more than its ceiling", func(t *testing.T) {
		t.Parallel()
		ceiling := map[string]law.InterestClaim{"BE": {Debtor: law.Business}, "DE": {Debtor: law.Consumer}, "FR": {Debtor: law.Consumer}}
		packs := map[string]*law.Country{}
		for code := range ceiling {
			packs[code] = packOf(t, code)
		}
		rapid.Check(t, func(t *rapid.T) {
			for code, limit := range ceiling {
				c := packs[code]
				claim := law.InterestClaim{
					Debtor: law.Consumer, Principal: money.EUR(rapid.Int64Range(1, 1e8).Draw(t, "principal")),
					From:       date.New(2016, 1, 1).AddDays(rapid.IntRange(0, 3600).Draw(t, "from")),
					AgreedRate: rapid.SampledFrom([]string{"1.00", "4.12", "8.00", "12.50", "30.00"}).Draw(t, "rate"),
				}
				claim.Through = claim.From.AddDays(rapid.IntRange(0, 1200).Draw(t, "days"))
				claim.DefaultSince = claim.From
				limit.Principal, limit.From, limit.Through, limit.DefaultSince = claim.Principal, claim.From, claim.Through, claim.From
				got, err1 := c.Interest(claim)
				most, err2 := c.Interest(limit)
				if err1 != nil || err2 != nil || got.Amount.Minor > most.Amount.Minor {
					t.Fatalf("%s: %s above %s (%v, %v)", code, got.Amount, most.Amount, err1, err2)
				}
			}
		})
	})
	t.Run("R93 no consumer owes costs without a notice, in any country", func(t *testing.T) {
		t.Parallel()
		for _, code := range law.Countries() {
			c := packOf(t, code)
			for _, debtor := range []law.DebtorType{law.Consumer, law.SoleTrader, ""} {
				got, err := c.CostsDue(law.DueClaim{
					Debtor: debtor, DueDate: date.MustParse("2025-01-01"), On: date.MustParse("2026-06-01"), Agreed: money.Of(5000, c.Currency()),
					Claim: law.CostsClaim{Principals: []money.Amount{money.Of(100000, c.Currency())}, Clause: true, DefaultSince: date.MustParse("2025-01-02")},
				})
				if err != nil || got.Due || !got.Costs.Total.IsZero() {
					t.Errorf("%s %q: %+v, %v", code, debtor, got, err)
				}
			}
		}
	})
}

func TestEveryPack(t *testing.T) {
	t.Parallel()
	if packOf(t, "UK") != packOf(t, "gb") {
		t.Error("UK and GB are two packs")
	}
	same(t, "countries", strings.Join(law.Countries(), " "), "BE DE FR GB NL")
	languages := map[string][]string{"NL": {"nl", "en"}, "BE": {"nl", "fr", "de", "en"}, "DE": {"de", "en"}, "FR": {"fr", "en"}, "GB": {"en"}}
	for _, code := range law.Countries() {
		c := packOf(t, code)
		for _, language := range languages[code] {
			n := law.Notice{
				Language: language, Sent: date.MustParse("2026-04-02"), Channel: law.Post, Clause: true,
				Creditor: law.Creditor{Name: "Peeters", Number: "0123"},
				Claims:   []law.NoticeClaim{{Reference: "F1", Principal: money.Of(10000, c.Currency()), DefaultSince: date.MustParse("2026-03-02"), Subject: "bread", Due: date.MustParse("2026-03-01")}},
			}
			text, err := c.NoticeText(n)
			if err != nil {
				t.Fatal(code, language, err)
			}
			said := text.Text()
			for _, place := range []law.Place{law.OnInvoice, law.OnReminder} {
				for _, debtor := range debtorTypes {
					list, err := c.ProtectedTexts(law.TextQuery{Place: place, Debtor: debtor, Language: language, On: date.MustParse("2026-04-02"), Claims: []money.Amount{money.Of(10000, c.Currency())}})
					if err != nil {
						t.Fatal(code, language, err)
					}
					for _, one := range list {
						said += one.Text
						if len(one.Citations) == 0 {
							t.Errorf("%s: the text %s has no source", code, one.ID)
						}
					}
				}
			}
			if strings.ContainsAny(said, "{}") {
				t.Errorf("%s %s has an empty place: %s", code, language, said)
			}
		}
		for _, kind := range []string{"contract", "consumer_sale_price"} {
			if _, err := c.Limitation(kind, date.MustParse("2026-03-01")); err != nil {
				t.Errorf("%s: %v", code, err)
			}
		}
	}
}
