package law_test

import (
	"math/big"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
	"pgregory.net/rapid"
)

func claimOf(debtor law.DebtorType, principal int64, from, through string) law.InterestClaim {
	return law.InterestClaim{Debtor: debtor, Principal: money.EUR(principal), From: date.MustParse(from), Through: date.MustParse(through)}
}

func interest(t *testing.T, claim law.InterestClaim) law.Interest {
	t.Helper()
	got, err := pack(t).Interest(claim)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestLawInterest(t *testing.T) {
	t.Parallel()
	t.Run("R103 1,000.00 at 10.15% for 181 days is 50.33", func(t *testing.T) {
		t.Parallel()
		got := interest(t, claimOf(law.Business, 100000, "2025-07-01", "2025-12-28"))
		same(t, "days", got.Days, 181)
		cents(t, "interest", got.Amount, 5033)
		fixed := claimOf(law.Consumer, 100000, "2026-01-01", "2026-06-30")
		fixed.AgreedRate = "10.15"
		cents(t, "interest at an agreed rate", interest(t, fixed).Amount, 5033)
	})
	t.Run("R123 interest is in the currency of the claim and never converted", func(t *testing.T) {
		t.Parallel()
		claim := claimOf(law.Business, 0, "2025-07-01", "2025-12-28")
		claim.Principal = money.Of(100000, "USD")
		same(t, "interest", interest(t, claim).Open, money.Of(5033, "USD"))
		claim.Movements = []law.Movement{{On: claim.From, Principal: money.EUR(1)}}
		if _, err := pack(t).Interest(claim); !fault.Is(err, fault.Invalid) {
			t.Errorf("a payment in euro on a claim in dollars: %v", err)
		}
	})
	t.Run("R103 no interest before its first day", func(t *testing.T) {
		t.Parallel()
		got := interest(t, claimOf(law.Consumer, 100000, "2026-01-02", "2026-01-01"))
		cents(t, "interest", got.Amount, 0)
		same(t, "days", got.Days, 0)
	})
	t.Run("R103 a sole trader and an unclear debtor pay the consumer rate", func(t *testing.T) {
		t.Parallel()
		for _, debtor := range []law.DebtorType{law.SoleTrader, ""} {
			same(t, "rate", interest(t, claimOf(debtor, 100000, "2026-01-01", "2026-01-31")).Segments[0].Rate, "4.00")
		}
		got := interest(t, claimOf(law.PublicBody, 100000, "2026-01-01", "2026-01-31"))
		same(t, "rate of a public body", got.Segments[0].Rate, "10.15")
		same(t, "article of a public body", got.Citations[0].Article, "art. 6:119b BW")
	})
	t.Run("R103 after the table ends the last rate is carried forward and provisional", func(t *testing.T) {
		t.Parallel()
		sure := interest(t, claimOf(law.Business, 100000, "2026-01-01", "2026-06-30"))
		same(t, "provisional", sure.Provisional, false)
		got := interest(t, claimOf(law.Business, 100000, "2026-01-01", "2026-07-01"))
		same(t, "provisional", got.Provisional, true)
		if len(got.Segments) != 2 || got.Segments[0].Provisional || !got.Segments[1].Provisional || got.Segments[1].Rate != "10.15" {
			t.Errorf("segments: %v", got.Segments)
		}
		if len(got.Caveats) != 1 || !strings.Contains(got.Caveats[0], "2026-06-30") {
			t.Errorf("caveats: %v", got.Caveats)
		}
	})
	t.Run("R103 a derived rate is provisional", func(t *testing.T) {
		t.Parallel()
		same(t, "provisional", interest(t, claimOf(law.Business, 100000, "2022-07-01", "2022-07-01")).Provisional, true)
		same(t, "provisional", interest(t, claimOf(law.Business, 100000, "2022-06-30", "2022-06-30")).Provisional, false)
	})
	t.Run("R103 an old contract keeps the smaller margin, provisionally", func(t *testing.T) {
		t.Parallel()
		old := claimOf(law.Business, 100000, "2013-03-15", "2013-03-16")
		old.ContractDate = date.MustParse("2013-03-15")
		got := interest(t, old)
		same(t, "rate before", got.Segments[0].Rate, "7.75")
		same(t, "rate after", got.Segments[len(got.Segments)-1].Rate, "7.75")
		same(t, "provisional", got.Provisional, true)
		old.ContractDate = date.MustParse("2013-03-16")
		same(t, "rate of a new contract", interest(t, old).Segments[1].Rate, "8.75")
	})
	t.Run("R103 a business is in default after the due date, a consumer after a firm term", func(t *testing.T) {
		t.Parallel()
		for _, tc := range []struct {
			debtor law.DebtorType
			firm   bool
			since  string
		}{{law.Business, false, "2026-03-02"}, {law.PublicBody, false, "2026-03-02"}, {law.Consumer, true, "2026-03-02"}, {law.Consumer, false, ""}, {law.SoleTrader, false, ""}} {
			got, err := pack(t).DefaultSince(law.DefaultClaim{Debtor: tc.debtor, DueDate: date.MustParse("2026-03-01"), DueAgreed: tc.firm})
			if err != nil {
				t.Fatal(err)
			}
			same(t, "since", got.Since.String(), tc.since)
		}
		if _, err := pack(t).DefaultSince(law.DefaultClaim{Debtor: law.Business}); !fault.Is(err, fault.Invalid) {
			t.Errorf("no due date: %v", err)
		}
	})
	t.Run("R37 interest runs on the balance of the day", func(t *testing.T) {
		t.Parallel()
		claim := claimOf(law.Consumer, 100000, "2026-01-01", "2026-01-31")
		claim.Movements = []law.Movement{{On: date.MustParse("2026-01-10"), Principal: money.EUR(40000)}}
		got := interest(t, claim)
		if len(got.Segments) != 2 {
			t.Fatalf("segments: %v", got.Segments)
		}
		same(t, "days on the old balance, the day of payment included", got.Segments[0].Days, 10)
		same(t, "new balance", got.Segments[1].Base, money.EUR(60000))
		// 1000 x 4% x 10/365 + 600 x 4% x 21/365 = 1.0959 + 1.3808
		cents(t, "interest", got.Amount, 248)
		cents(t, "principal", got.Principal, 60000)
	})
	t.Run("R36 interest stops on principal that is paid", func(t *testing.T) {
		t.Parallel()
		claim := claimOf(law.Consumer, 100000, "2025-01-01", "2025-12-31")
		claim.Movements = []law.Movement{{On: date.MustParse("2025-01-31"), Principal: money.EUR(100000)}}
		got := interest(t, claim)
		cents(t, "interest of 31 days at 6%", got.Amount, 510)
		cents(t, "principal", got.Principal, 0)
	})
	t.Run("R103 unpaid interest of a year joins the base, paid interest does not", func(t *testing.T) {
		t.Parallel()
		claim := claimOf(law.Consumer, 100000, "2023-07-01", "2024-12-31")
		same(t, "base of the second year", interest(t, claim).Segments[2].Base, money.EUR(106506))
		claim.Movements = []law.Movement{{On: date.MustParse("2024-06-30"), Interest: money.EUR(6506)}}
		got := interest(t, claim)
		same(t, "base of the second year after payment", got.Segments[len(got.Segments)-1].Base, money.EUR(100000))
		cents(t, "paid", got.Paid, 6506)
	})
	t.Run("R103 refuses what it cannot know", func(t *testing.T) {
		t.Parallel()
		above := claimOf(law.Consumer, 1000, "2026-01-01", "2026-01-31")
		above.Movements = []law.Movement{{On: date.MustParse("2026-01-10"), Principal: money.EUR(1001)}}
		odd := claimOf(law.Consumer, 1000, "2026-01-01", "2026-01-31")
		odd.AgreedRate = "12%"
		for name, claim := range map[string]law.InterestClaim{
			"before the table":         claimOf(law.Consumer, 1000, "1999-12-31", "2000-01-31"),
			"no first day":             {Principal: money.EUR(1), Through: date.MustParse("2026-01-01")},
			"a payment above the open": above,
			"an odd rate":              odd,
		} {
			if _, err := pack(t).Interest(claim); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
	t.Run("R103 segments cover every day once and add up", func(t *testing.T) {
		t.Parallel()
		nl := pack(t)
		rapid.Check(t, func(t *rapid.T) {
			claim := law.InterestClaim{
				Debtor:    rapid.SampledFrom([]law.DebtorType{law.Consumer, law.Business}).Draw(t, "debtor"),
				Principal: money.EUR(rapid.Int64Range(1, 1e9).Draw(t, "principal")),
				From:      date.New(2004, 1, 1).AddDays(rapid.IntRange(0, 6000).Draw(t, "from")),
			}
			claim.Through = claim.From.AddDays(rapid.IntRange(0, 3000).Draw(t, "days"))
			left := claim.Principal.Minor
			for on := claim.From; left > 0 && on.Before(claim.Through); {
				on = on.AddDays(rapid.IntRange(1, 500).Draw(t, "until a payment"))
				paid := rapid.Int64Range(0, left).Draw(t, "paid")
				left -= paid
				claim.Movements = append(claim.Movements, law.Movement{On: on, Principal: money.EUR(paid)})
			}
			got, err := nl.Interest(claim)
			if err != nil {
				t.Fatal(err)
			}
			next, sum := claim.From, new(big.Rat)
			for _, s := range got.Segments {
				if s.From != next || s.Through.DaysSince(s.From)+1 != s.Days {
					t.Fatalf("segment %v does not start on %s", s, next)
				}
				next = s.Through.AddDays(1)
				sum.Add(sum, s.Exact)
			}
			if next != claim.Through.AddDays(1) || got.Days != claim.Through.DaysSince(claim.From)+1 {
				t.Fatalf("the segments end on %s, not on %s", next.AddDays(-1), claim.Through)
			}
			years := int64(0)
			for _, y := range got.Years {
				years += y.Interest.Minor
			}
			drift := new(big.Rat).Sub(sum, new(big.Rat).SetInt64(got.Amount.Minor))
			if years != got.Amount.Minor || drift.Abs(drift).Cmp(big.NewRat(int64(len(got.Years)), 2)) > 0 {
				t.Fatalf("segments add up to %s, years to %d, the result is %s", sum.FloatString(4), years, got.Amount)
			}
		})
	})
}

func TestLawAllocation(t *testing.T) {
	t.Parallel()
	nl := pack(t)
	open := law.Parts{Costs: money.EUR(4000), Interest: money.EUR(1234), Principal: money.EUR(100000)}
	for _, tc := range []struct {
		name    string
		payment int64
		order   law.Order
		want    law.Parts
		over    int64
	}{
		{"R30 costs, then interest, then principal", 6000, law.Statutory, law.Parts{Costs: money.EUR(4000), Interest: money.EUR(1234), Principal: money.EUR(766)}, 0},
		{"R30 principal first when the creditor waives", 101000, law.PrincipalFirst, law.Parts{Costs: money.EUR(1000), Interest: money.EUR(0), Principal: money.EUR(100000)}, 0},
		{"R31 inside the term all goes to the principal", 6000, law.InTerm, law.Parts{Costs: money.EUR(0), Interest: money.EUR(0), Principal: money.EUR(6000)}, 0},
		{"R31 and never to costs that are not due", 110000, law.InTerm, law.Parts{Costs: money.EUR(0), Interest: money.EUR(1234), Principal: money.EUR(100000)}, 8766},
		{"R32 the surplus is kept", 200000, law.Statutory, law.Parts{Costs: money.EUR(4000), Interest: money.EUR(1234), Principal: money.EUR(100000)}, 94766},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := nl.Allocate(money.EUR(tc.payment), open, tc.order)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "paid", got.Paid, tc.want)
			cents(t, "overpaid", got.Overpaid, tc.over)
			same(t, "waived", got.Waived, tc.order == law.PrincipalFirst)
		})
	}
	t.Run("R30 no cent appears or vanishes", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			n := func(label string) money.Amount { return money.EUR(rapid.Int64Range(0, 1e9).Draw(t, label)) }
			open, payment := law.Parts{Costs: n("costs"), Interest: n("interest"), Principal: n("principal")}, n("payment")
			order := rapid.SampledFrom([]law.Order{law.Statutory, law.PrincipalFirst, law.InTerm}).Draw(t, "order")
			got, err := nl.Allocate(payment, open, order)
			if err != nil {
				t.Fatal(err)
			}
			if got.Paid.Costs.Minor+got.Paid.Interest.Minor+got.Paid.Principal.Minor+got.Overpaid.Minor != payment.Minor ||
				got.Open.Costs.Minor+got.Paid.Costs.Minor != open.Costs.Minor ||
				got.Open.Interest.Minor+got.Paid.Interest.Minor != open.Interest.Minor ||
				got.Open.Principal.Minor+got.Paid.Principal.Minor != open.Principal.Minor {
				t.Fatalf("%v over %v: %+v", payment, open, got)
			}
		})
	})
}

func TestLawStatement(t *testing.T) {
	t.Parallel()
	nl := pack(t)
	claim := law.StatementClaim{
		InterestClaim: claimOf(law.Consumer, 100000, "2026-01-01", "2026-06-30"),
		Costs:         []law.CostEntry{{On: date.MustParse("2026-03-01"), Amount: money.EUR(9000)}},
		Payments: []law.Payment{
			{On: date.MustParse("2026-03-31"), Amount: money.EUR(20000)},
			{On: date.MustParse("2026-02-09"), Amount: money.EUR(40000), Order: law.InTerm},
		},
	}
	got, err := nl.Statement(claim)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("R31 the payment inside the term went to the principal", func(t *testing.T) {
		same(t, "first line", got.Lines[0].Paid, law.Parts{Costs: money.EUR(0), Interest: money.EUR(0), Principal: money.EUR(40000)})
	})
	t.Run("R30 the later one to costs, interest and principal", func(t *testing.T) {
		// 1000 x 4% x 40/365 + 600 x 4% x 50/365 = 4.3836 + 3.2877
		same(t, "second line", got.Lines[1].Paid, law.Parts{Costs: money.EUR(9000), Interest: money.EUR(767), Principal: money.EUR(10233)})
	})
	t.Run("R37 interest runs on over the rest", func(t *testing.T) {
		// 497.67 x 4% x 91/365 = 4.9631, so 12.6344 in all
		cents(t, "all interest", got.Interest.Amount, 1263)
		same(t, "open", got.Open, law.Parts{Costs: money.EUR(0), Interest: money.EUR(496), Principal: money.EUR(49767)})
		cents(t, "total", got.Total, 50263)
	})
	t.Run("R105 what is open is enough to close", func(t *testing.T) {
		final := claim
		final.Payments = append(final.Payments, law.Payment{On: date.MustParse("2026-06-30"), Amount: money.EUR(50264)})
		closed, err := nl.Statement(final)
		if err != nil {
			t.Fatal(err)
		}
		cents(t, "total", closed.Total, 0)
		cents(t, "overpaid", closed.Overpaid, 1)
	})
}

func TestLawLimitation(t *testing.T) {
	t.Parallel()
	nl := pack(t)
	for _, tc := range []struct {
		name, kind, due string
		interruptions   []string
		last            string
	}{
		{"R111 a contract, five years", "contract", "2026-11-01", nil, "2031-11-01"},
		{"R111 a consumer purchase, two years", "consumer_sale_price", "2026-11-01", nil, "2028-11-01"},
		{"R111 a demand starts a new term", "consumer_sale_price", "2026-11-01", []string{"2028-06-01"}, "2030-06-01"},
		{"R111 a demand that is too late does not", "consumer_sale_price", "2026-11-01", []string{"2028-11-02"}, "2028-11-01"},
		{"R111 from a leap day", "contract", "2024-02-29", nil, "2029-02-28"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var interruptions []date.Date
			for _, d := range tc.interruptions {
				interruptions = append(interruptions, date.MustParse(d))
			}
			got, err := nl.Limitation(tc.kind, date.MustParse(tc.due), interruptions...)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "last day", got.LastDay.String(), tc.last)
		})
	}
	if _, err := nl.Limitation("unknown", date.MustParse("2026-01-01")); !fault.Is(err, fault.NotFound) {
		t.Errorf("an unknown kind: %v", err)
	}
	for _, term := range nl.PaymentTerms() {
		if term.Who == "business" && (term.DefaultDays != 30 || term.MaxDays != 60) {
			t.Errorf("payment term of a business: %+v", term)
		}
	}
	if c := nl.Collectors(); c.InForce.String() != "2024-04-01" || len(c.LetterContent) != 3 {
		t.Errorf("rules for collectors: %+v", c)
	}
}
