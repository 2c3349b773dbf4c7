package law_test

import (
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func pounds(list ...int64) []money.Amount {
	var out []money.Amount
	for _, n := range list {
		out = append(out, money.Of(n, "GBP"))
	}
	return out
}

// TestBritishExamples runs every worked example of the British pack.
func TestBritishExamples(t *testing.T) {
	t.Parallel()
	var examples struct {
		Claims []struct {
			ID    string
			Input struct {
				DebtCents     int64 `yaml:"debt_cents"`
				From, Through date.Date
			}
			Expect struct {
				Rate              string
				Days              int
				InterestCents     int64 `yaml:"interest_cents"`
				CompensationCents int64 `yaml:"compensation_cents"`
				TotalCents        int64 `yaml:"total_cents"`
			}
		}
	}
	r := workedCountry(t, "UK", "gb.yaml", "uk-", &examples)
	for _, e := range examples.Claims {
		r.run("R103 and R101 "+e.ID, func(t *testing.T) {
			interest := r.interestOf(t, law.Business, e.Input.DebtCents, e.Input.From, e.Input.Through)
			costs, err := r.country.CostsDue(law.DueClaim{
				Debtor: law.Business, DueDate: e.Input.From.AddDays(-1), On: e.Input.From,
				Claim: law.CostsClaim{Principals: pounds(e.Input.DebtCents), DefaultSince: e.Input.From},
			})
			if err != nil {
				t.Fatal(err)
			}
			same(t, "days", interest.Days, e.Expect.Days)
			for _, s := range interest.Segments {
				same(t, "rate", s.Rate, e.Expect.Rate)
			}
			same(t, "interest", interest.Open, r.money(e.Expect.InterestCents))
			same(t, "compensation", costs.Costs.Total, r.money(e.Expect.CompensationCents))
			same(t, "total", e.Input.DebtCents+interest.Open.Minor+costs.Costs.Total.Minor, e.Expect.TotalCents)
		})
	}
}

func TestBritishLaw(t *testing.T) {
	t.Parallel()
	gb := packOf(t, "GB")
	claim := func(debtor law.DebtorType, from, through string) law.InterestClaim {
		c := claimOf(debtor, 0, from, through)
		c.Principal, c.DefaultSince = money.Of(100000, "GBP"), c.From
		return c
	}
	t.Run("R101 a fixed sum for each debt", func(t *testing.T) {
		t.Parallel()
		got, err := gb.CollectionCosts(law.CostsClaim{Debtor: law.PublicBody, Principals: pounds(99999, 100000, 999999, 1000000)})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "compensation", got.Total, money.Of(4000+7000+7000+10000, "GBP"))
		same(t, "provisional", got.Provisional, false)
	})
	t.Run("R123 a debt in euro has no sum in pounds", func(t *testing.T) {
		t.Parallel()
		if _, err := gb.CollectionCosts(law.CostsClaim{Debtor: law.Business, Principals: euros(100)}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v", err)
		}
	})
	t.Run("R103 the rate of the first day holds for the debt", func(t *testing.T) {
		t.Parallel()
		got, err := gb.Interest(claim(law.Business, "2025-12-31", "2026-11-30"))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "segments", len(got.Segments), 1)
		same(t, "rate", got.Segments[0].Rate, "12.25")
		same(t, "provisional, though it runs past the table", got.Provisional, false)
		got, err = gb.Interest(claim(law.Business, "2026-07-01", "2026-07-31"))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "provisional from a first day past the table", got.Provisional, true)
		if !strings.Contains(strings.Join(got.Caveats, " "), "likely") {
			t.Errorf("caveats: %v", got.Caveats)
		}
	})
	t.Run("R93 a consumer and a sole trader owe neither costs nor interest by statute", func(t *testing.T) {
		t.Parallel()
		for _, debtor := range []law.DebtorType{law.Consumer, law.SoleTrader, ""} {
			got, err := gb.Interest(claim(debtor, "2026-01-01", "2026-03-31"))
			if err != nil || !got.Amount.IsZero() || !strings.HasPrefix(got.Explanation, "No interest") {
				t.Errorf("%q: %+v, %v", debtor, got, err)
			}
			due, err := gb.CostsDue(law.DueClaim{Debtor: debtor, DueDate: date.MustParse("2026-01-01"), On: date.MustParse("2026-03-31"), Claim: law.CostsClaim{Principals: pounds(100000)}})
			if err != nil || due.Due {
				t.Errorf("%q: %+v, %v", debtor, due, err)
			}
		}
		agreed := claim(law.Consumer, "2026-01-01", "2026-12-31")
		agreed.AgreedRate = "3.65"
		got, err := gb.Interest(agreed)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "agreed interest", got.Amount, money.Of(3650, "GBP"))
		same(t, "provisional, because it must be fair", got.Provisional, true)
	})
	t.Run("R103 without an agreed day interest starts thirty days after the invoice", func(t *testing.T) {
		t.Parallel()
		for _, tc := range []struct {
			agreed     bool
			due, since string
		}{{true, "2026-02-01", "2026-02-02"}, {false, "2026-02-01", "2026-02-15"}, {false, "2026-02-20", "2026-02-21"}} {
			got, err := gb.DefaultSince(law.DefaultClaim{Debtor: law.Business, DueDate: date.MustParse(tc.due), DueAgreed: tc.agreed, InvoiceReceived: date.MustParse("2026-01-15")})
			if err != nil {
				t.Fatal(err)
			}
			same(t, "since", got.Since.String(), tc.since)
		}
	})
	t.Run("R95 the letter of claim gives thirty days after receipt", func(t *testing.T) {
		t.Parallel()
		n := law.Notice{Language: "en", Sent: date.MustParse("2026-04-02"), Channel: law.Post, Claims: []law.NoticeClaim{
			{Reference: "INV-7", Principal: money.Of(123456, "GBP"), Due: date.MustParse("2026-03-01")},
		}}
		text, err := gb.NoticeText(n)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "provisional", text.Provisional, true)
		if !strings.Contains(text.Text(), "£1,234.56") {
			t.Errorf("text: %s", text.Text())
		}
		for more, want := range map[string]int{"": 0, " Please pay within 14 days.": 1, " Please pay by 1 May 2026.": 1, " The collection costs are £40.00.": 1} {
			problems, err := gb.CheckNotice(n, text.Text()+more)
			if err != nil || len(problems) != want {
				t.Errorf("%q: %v %v", more, err, problems)
			}
		}
		// Good Friday and Easter Monday lie between.
		term, err := gb.NoticeTerm(law.Delivery{Sent: n.Sent, Channel: law.Post})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "received", term.Received.String(), "2026-04-08")
		same(t, "last day", term.LastDay.String(), "2026-05-08")
	})
	t.Run("R101 a reminder names rate and fixed sum", func(t *testing.T) {
		t.Parallel()
		got, err := gb.ProtectedTexts(law.TextQuery{Place: law.OnReminder, Debtor: law.Business, Language: "en", On: date.MustParse("2026-03-01"), Claims: pounds(100000)})
		if err != nil || len(got) != 1 || !strings.Contains(got[0].Text, "11.75%") || !strings.Contains(got[0].Text, "£70.00") {
			t.Errorf("%v, %v", got, err)
		}
	})
}
