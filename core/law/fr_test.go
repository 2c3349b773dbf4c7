package law_test

import (
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// TestFrenchExamples runs every worked example of the French pack.
func TestFrenchExamples(t *testing.T) {
	t.Parallel()
	var examples struct {
		Claims []struct {
			ID    string
			Input struct {
				Regime         string
				ContractRate   string `yaml:"contract_rate"`
				PrincipalCents int64  `yaml:"principal_cents"`
				From, Through  date.Date
				LateInvoices   int64 `yaml:"late_invoices"`
			}
			Expect struct {
				PenaltyCents   int64 `yaml:"penalty_cents"`
				IndemnityCents int64 `yaml:"indemnity_cents"`
				TotalCents     int64 `yaml:"total_cents"`
				Segments       []workedSegment
			}
		}
	}
	r := workedCountry(t, "FR", "fr.yaml", "fr-", &examples)
	debtors := map[string]law.DebtorType{
		"default_bce_plus_10": law.Business, "contract_rate_with_3x_legal_floor": law.Business, "legal_rate_other": law.Consumer,
	}
	for _, e := range examples.Claims {
		r.run("R103 and R101 "+e.ID, func(t *testing.T) {
			debtor, ok := debtors[e.Input.Regime]
			if !ok {
				t.Fatalf("regime %q is not known", e.Input.Regime)
			}
			got, err := r.country.Interest(law.InterestClaim{
				Debtor: debtor, Principal: money.EUR(e.Input.PrincipalCents), From: e.Input.From, Through: e.Input.Through,
				DefaultSince: e.Input.From, AgreedRate: e.Input.ContractRate,
			})
			if err != nil {
				t.Fatal(err)
			}
			cents(t, "penalty", got.Open, e.Expect.PenaltyCents)
			r.segments(t, got.Segments, e.Expect.Segments)
			// The example gives the sum of the invoices only; the indemnity does not
			// depend on how it is split.
			claim := law.CostsClaim{Debtor: debtor, Principals: euros(e.Input.PrincipalCents - max(e.Input.LateInvoices-1, 0))}
			for i := int64(1); i < e.Input.LateInvoices; i++ {
				claim.Principals = append(claim.Principals, money.EUR(1))
			}
			costs, err := r.country.CostsDue(law.DueClaim{Debtor: debtor, DueDate: e.Input.From.AddDays(-1), On: e.Input.From, Claim: claim})
			if err != nil {
				t.Fatal(err)
			}
			cents(t, "indemnity", costs.Costs.Total, e.Expect.IndemnityCents)
			cents(t, "total", money.EUR(e.Input.PrincipalCents+got.Open.Minor+costs.Costs.Total.Minor), e.Expect.TotalCents)
		})
	}
}

func TestFrenchLaw(t *testing.T) {
	t.Parallel()
	fr := packOf(t, "FR")
	t.Run("R93 a consumer never owes costs, whatever the contract says", func(t *testing.T) {
		t.Parallel()
		for _, debtor := range []law.DebtorType{law.Consumer, law.SoleTrader, "", law.PublicBody} {
			got, err := fr.CostsDue(law.DueClaim{
				Debtor: debtor, DueDate: date.MustParse("2025-01-01"), On: date.MustParse("2026-01-01"), Agreed: money.EUR(5000),
				Claim: law.CostsClaim{Principals: euros(100000), Clause: true, DefaultSince: date.MustParse("2025-01-02")},
			})
			if err != nil || got.Due || !got.Costs.Total.IsZero() || !strings.HasPrefix(got.Explanation, "No costs") {
				t.Errorf("%q: %+v, %v", debtor, got, err)
			}
			fee, err := fr.ReminderFee(law.FeeClaim{Debtor: debtor, Earlier: 5, Asked: money.EUR(1000)})
			if err != nil || !fee.Amount.IsZero() {
				t.Errorf("%q: a reminder costs %v, %v", debtor, fee.Amount, err)
			}
		}
	})
	t.Run("R103 a consumer owes legal interest from the mise en demeure, and no higher agreed rate", func(t *testing.T) {
		t.Parallel()
		since, err := fr.DefaultSince(law.DefaultClaim{Debtor: law.Consumer, DueDate: date.MustParse("2026-03-01"), DueAgreed: true, Notices: []law.Delivery{
			{Sent: date.MustParse("2026-03-16"), Channel: law.Post, Received: date.MustParse("2026-03-18")},
		}})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "default", since.Since.String(), "2026-03-19")
		claim := claimOf(law.Consumer, 100000, "2026-03-02", "2026-03-31")
		claim.DefaultSince, claim.AgreedRate = since.Since, "12.00"
		got, err := fr.Interest(claim)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "rate", got.Segments[0].Rate, "2.62")
		same(t, "days", got.Days, 13)
		same(t, "provisional", got.Provisional, true)
	})
	t.Run("R103 the floor of an agreed rate after the table is provisional", func(t *testing.T) {
		t.Parallel()
		claim := claimOf(law.Business, 100000, "2026-06-30", "2026-07-01")
		claim.AgreedRate = "5.00"
		got, err := fr.Interest(claim)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Segments) != 2 || got.Segments[0].Provisional || !got.Segments[1].Provisional || got.Segments[1].Rate != "7.86" {
			t.Errorf("segments: %v", got.Segments)
		}
	})
	t.Run("R30 interest first, costs last", func(t *testing.T) {
		t.Parallel()
		got, err := fr.Allocate(money.EUR(6000), law.Parts{Costs: money.EUR(4000), Interest: money.EUR(1000), Principal: money.EUR(100000)}, law.Statutory)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "paid", got.Paid, law.Parts{Costs: money.EUR(0), Interest: money.EUR(1000), Principal: money.EUR(5000)})
		same(t, "provisional", got.Provisional, true)
	})
	t.Run("R95 the invoice states rate and indemnity, the mise en demeure no costs", func(t *testing.T) {
		t.Parallel()
		got, err := fr.ProtectedTexts(law.TextQuery{Place: law.OnInvoice, Debtor: law.Business, Language: "fr", On: date.MustParse("2026-03-01")})
		if err != nil || len(got) != 1 || !strings.Contains(got[0].Text, "12,15 %") || !strings.Contains(got[0].Text, "40 €") {
			t.Errorf("%v, %v", got, err)
		}
		for _, language := range []string{"fr", "en"} {
			n := law.Notice{Language: language, Sent: date.MustParse("2026-03-16"), Channel: law.Post, Claims: []law.NoticeClaim{
				{Reference: "FA-7", Principal: money.EUR(123456), Due: date.MustParse("2026-03-01")},
			}}
			text, err := fr.NoticeText(n)
			if err != nil {
				t.Fatal(err)
			}
			problems, err := fr.CheckNotice(n, text.Text())
			if err != nil || len(problems) > 0 {
				t.Errorf("%v %v in %s", err, problems, text.Text())
			}
			problems, err = fr.CheckNotice(n, text.Text()+" Les frais de recouvrement sont de 40,00 €. The costs are €40.00.")
			if err != nil || len(problems) == 0 || problems[0].ID != "exact_costs" {
				t.Errorf("costs that stay with the creditor: %v, %v", problems, err)
			}
		}
	})
	t.Run("R111 two years for a consumer, whatever was demanded", func(t *testing.T) {
		t.Parallel()
		got, err := fr.Limitation("consumer_sale_price", date.MustParse("2026-03-01"), date.MustParse("2027-06-01"))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "last day", got.LastDay.String(), "2028-03-01")
	})
}
