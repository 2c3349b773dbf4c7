package law_test

import (
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// TestGermanExamples runs every worked example of the German pack.
func TestGermanExamples(t *testing.T) {
	t.Parallel()
	var examples struct{ Interest []workedInterest }
	r := workedCountry(t, "DE", "de.yaml", "de-", &examples)
	for _, e := range examples.Interest {
		r.interest(e, map[string]law.DebtorType{"de_b2c": law.Consumer, "de_b2b": law.Business})
	}
}

func TestGermanDefault(t *testing.T) {
	t.Parallel()
	de := packOf(t, "DE")
	mahnung := []law.Delivery{{Sent: date.MustParse("2026-03-16"), Channel: law.Post, Received: date.MustParse("2026-03-18")}}
	early := []law.Delivery{{Sent: date.MustParse("2026-03-01"), Channel: law.Post, Received: date.MustParse("2026-03-03")}}
	lost := []law.Delivery{{Sent: date.MustParse("2026-03-16"), Channel: law.Post, Failed: true}}
	received := date.MustParse("2026-02-02")
	for _, tc := range []struct {
		name  string
		claim law.DefaultClaim
		since string
	}{
		{"R103 a day on the invoice is not enough", law.DefaultClaim{Debtor: law.Business}, ""},
		{"R103 a day in the contract is", law.DefaultClaim{Debtor: law.Consumer, DueAgreed: true}, "2026-03-02"},
		{"R103 a Mahnung works from the day after receipt", law.DefaultClaim{Debtor: law.Consumer, Notices: mahnung}, "2026-03-19"},
		{"R103 not one from before the due date", law.DefaultClaim{Debtor: law.Consumer, Notices: early}, ""},
		{"R56 nor one that came back", law.DefaultClaim{Debtor: law.Consumer, Notices: lost}, ""},
		{"R103 thirty days for a business", law.DefaultClaim{Debtor: law.Business, InvoiceReceived: received}, "2026-04-01"},
		{"R103 for a consumer only when the invoice said so", law.DefaultClaim{Debtor: law.Consumer, InvoiceReceived: received}, ""},
		{"R103 for a consumer who was told", law.DefaultClaim{Debtor: law.Consumer, InvoiceReceived: received, Warned: true}, "2026-04-01"},
		{"R102 an unclear debtor is a consumer", law.DefaultClaim{InvoiceReceived: received}, ""},
		{"R103 the earliest way counts", law.DefaultClaim{Debtor: law.Business, InvoiceReceived: received, Notices: mahnung}, "2026-03-19"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.claim.DueDate = date.MustParse("2026-03-01")
			got, err := de.DefaultSince(tc.claim)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "since", got.Since.String(), tc.since)
			if got.Explanation == "" || len(got.Citations) == 0 {
				t.Errorf("no explanation or source: %+v", got)
			}
		})
	}
	t.Run("R103 no interest before default, and none without it", func(t *testing.T) {
		t.Parallel()
		claim := claimOf(law.Business, 100000, "2026-03-02", "2026-03-31")
		none, err := de.Interest(claim)
		if err != nil || !none.Amount.IsZero() || none.Days != 0 || !strings.HasPrefix(none.Explanation, "No interest") {
			t.Errorf("%+v, %v", none, err)
		}
		claim.DefaultSince = date.MustParse("2026-03-19")
		got, err := de.Interest(claim)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "days", got.Days, 13)
		cents(t, "interest at 10.27%", got.Amount, 366)
	})
	t.Run("R103 an old contract keeps eight points, provisionally", func(t *testing.T) {
		t.Parallel()
		claim := claimOf(law.Business, 100000, "2014-06-30", "2014-06-30")
		claim.DefaultSince, claim.ContractDate = claim.From, date.MustParse("2014-01-01")
		got, err := de.Interest(claim)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "rate", got.Segments[0].Rate, "7.37")
		same(t, "provisional", got.Provisional, true)
	})
}

func TestGermanCosts(t *testing.T) {
	t.Parallel()
	de := packOf(t, "DE")
	for _, tc := range []struct {
		name   string
		debtor law.DebtorType
		claims []int64
		on     string
		since  string
		want   int64
	}{
		{"R101 the flat sum for each claim of a business in default", law.Business, []int64{100, 500000}, "2026-03-19", "2026-03-19", 8000},
		{"R101 not before default", law.Business, []int64{100000}, "2026-03-18", "2026-03-19", 0},
		{"R101 not without default", law.Business, []int64{100000}, "2026-12-31", "", 0},
		{"R93 never for a consumer", law.Consumer, []int64{100000}, "2026-12-31", "2026-03-19", 0},
		{"R102 nor for a sole trader", law.SoleTrader, []int64{100000}, "2026-12-31", "2026-03-19", 0},
		{"R101 a claim paid by a credit note costs nothing", law.Business, []int64{100, 5000, -100}, "2026-03-19", "2026-03-19", 4000},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			q := law.DueClaim{Debtor: tc.debtor, DueDate: date.MustParse("2026-03-01"), On: date.MustParse(tc.on), Claim: law.CostsClaim{Principals: euros(tc.claims...)}}
			if tc.since != "" {
				q.Claim.DefaultSince = date.MustParse(tc.since)
			}
			got, err := de.CostsDue(q)
			if err != nil {
				t.Fatal(err)
			}
			cents(t, "costs", got.Costs.Total, tc.want)
			same(t, "due", got.Due, tc.want > 0)
			if tc.want == 0 && !strings.HasPrefix(got.Explanation, "No costs") {
				t.Errorf("the reason is missing: %q", got.Explanation)
			}
		})
	}
	t.Run("R93 the first reminder is free and a later one costs little", func(t *testing.T) {
		t.Parallel()
		for _, tc := range []struct {
			earlier           int
			inDefault, posted bool
			asked, want       int64
		}{
			{0, true, true, 1000, 0}, {1, true, true, 1000, 250}, {2, true, true, 1000, 250}, {2, true, true, 95, 95},
			{1, false, true, 1000, 0}, // it may be what puts in default
			{1, true, false, 1000, 0}, // an e-mail has no material and no postage
		} {
			got, err := de.ReminderFee(law.FeeClaim{Debtor: law.Consumer, Earlier: tc.earlier, InDefault: tc.inDefault, Posted: tc.posted, Asked: money.EUR(tc.asked), Postage: money.EUR(95)})
			if err != nil {
				t.Fatal(err)
			}
			cents(t, "fee", got.Amount, tc.want)
		}
	})
}

func TestGermanTexts(t *testing.T) {
	t.Parallel()
	de := packOf(t, "DE")
	t.Run("R95 the invoice tells a consumer when default comes by itself", func(t *testing.T) {
		t.Parallel()
		got, err := de.ProtectedTexts(law.TextQuery{Place: law.OnInvoice, Debtor: law.Consumer, Language: "de", On: date.MustParse("2026-03-01")})
		if err != nil || len(got) != 1 || !strings.Contains(got[0].Text, "innerhalb von 30 Tagen nach Fälligkeit und Zugang") {
			t.Errorf("%v, %v", got, err)
		}
	})
	t.Run("R101 a reminder to a business names rate and flat sum", func(t *testing.T) {
		t.Parallel()
		got, err := de.ProtectedTexts(law.TextQuery{Place: law.OnReminder, Debtor: law.Business, Language: "de", On: date.MustParse("2026-03-01"), Claims: euros(10000)})
		if err != nil || len(got) != 1 || !strings.Contains(got[0].Text, "10,27 %") || !strings.Contains(got[0].Text, "40,00\u00a0€") || !got[0].Provisional {
			t.Errorf("%v, %v", got, err)
		}
	})
	t.Run("R95 the Mahnung passes its check, and not before the due date", func(t *testing.T) {
		t.Parallel()
		for _, language := range []string{"de", "en"} {
			n := law.Notice{Language: language, Sent: date.MustParse("2026-03-16"), Channel: law.Post, Claims: []law.NoticeClaim{
				{Reference: "RE-7", Principal: money.EUR(119000), Due: date.MustParse("2026-03-01")},
			}}
			text, err := de.NoticeText(n)
			if err != nil {
				t.Fatal(err)
			}
			problems, err := de.CheckNotice(n, text.Text())
			if err != nil || len(problems) > 0 {
				t.Errorf("%v %v in %s", err, problems, text.Text())
			}
			problems, _ = de.CheckNotice(n, text.Text()+" Die Kosten betragen 10,00 €. The costs are €10.00.")
			if len(problems) == 0 || problems[0].ID != "exact_costs" {
				t.Errorf("costs that are not owed: %v", problems)
			}
			n.Sent = date.MustParse("2026-03-01")
			if problems, err = de.CheckNotice(n, text.Text()); err != nil || len(problems) != 1 || problems[0].ID != "after_due" {
				t.Errorf("too early: %v %v", err, problems)
			}
		}
	})
	t.Run("R111 three years from the end of the year, whatever was demanded", func(t *testing.T) {
		t.Parallel()
		got, err := de.Limitation("contract", date.MustParse("2026-03-01"), date.MustParse("2029-06-01"))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "last day", got.LastDay.String(), "2029-12-31")
	})
}
