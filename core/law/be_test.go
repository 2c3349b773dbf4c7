package law_test

import (
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// TestBelgianExamples runs every worked example of the Belgian pack.
func TestBelgianExamples(t *testing.T) {
	t.Parallel()
	var examples struct {
		Compensation []struct {
			ID    string
			Input struct {
				BalanceCents int64 `yaml:"balance_cents"`
			}
			Expect struct {
				MaxCents int64 `yaml:"max_compensation_cents"`
			}
		} `yaml:"b2c_compensation"`
		Terms []struct {
			ID    string
			Input struct {
				Sent    date.Date
				Channel string
			}
			Expect struct {
				First date.Date `yaml:"term_first_day"`
				Last  date.Date `yaml:"term_last_day"`
				Costs date.Date `yaml:"costs_possible_from"`
				Alt   struct {
					Last date.Date `yaml:"term_last_day"`
				} `yaml:"alt_if_saturday_is_working_day"`
			}
		} `yaml:"first_reminder_term"`
		Interest []workedInterest
		Total    []struct {
			ID    string
			Input struct {
				PrincipalCents int64 `yaml:"principal_cents"`
				From, Through  date.Date
			}
			Expect struct {
				InterestCents int64 `yaml:"interest_cents"`
				FlatCents     int64 `yaml:"flat_fee_cents"`
				TotalCents    int64 `yaml:"total_cents"`
			}
		} `yaml:"b2b_total"`
	}
	r := workedCountry(t, "BE", "be.yaml", "be-", &examples)
	for _, e := range examples.Compensation {
		r.run("R93 "+e.ID, func(t *testing.T) {
			got, err := r.country.CollectionCosts(law.CostsClaim{Debtor: law.Consumer, Clause: true, Principals: euros(e.Input.BalanceCents)})
			if err != nil {
				t.Fatal(err)
			}
			cents(t, "compensation", got.Total, e.Expect.MaxCents)
		})
	}
	for _, e := range examples.Terms {
		r.run("R94 "+e.ID, func(t *testing.T) {
			channel := map[string]law.Channel{"post": law.Post, "electronic": law.Email}[e.Input.Channel]
			got, err := r.country.NoticeTerm(law.Delivery{Sent: e.Input.Sent, Channel: channel, AddressInUse: true})
			if err != nil {
				t.Fatal(err)
			}
			same(t, "first day", got.FirstDay, e.Expect.First)
			same(t, "last day", got.LastDayRolled, e.Expect.Last)
			same(t, "costs from", got.CostsFrom, e.Expect.Costs)
			if got.LastDay.Before(e.Expect.Alt.Last) {
				t.Errorf("the term ends on %s, before the %s of a week with Saturdays", got.LastDay, e.Expect.Alt.Last)
			}
		})
	}
	for _, e := range examples.Interest {
		r.interest(e, map[string]law.DebtorType{"be_b2b": law.Business})
	}
	for _, e := range examples.Total {
		r.run("R101 "+e.ID, func(t *testing.T) {
			interest := r.interestOf(t, law.Business, e.Input.PrincipalCents, e.Input.From, e.Input.Through)
			costs, err := r.country.CostsDue(law.DueClaim{
				Debtor: law.Business, DueDate: e.Input.From.AddDays(-1), On: e.Input.From, Claim: law.CostsClaim{Principals: euros(e.Input.PrincipalCents)},
			})
			if err != nil {
				t.Fatal(err)
			}
			cents(t, "interest", interest.Amount, e.Expect.InterestCents)
			cents(t, "flat sum", costs.Costs.Total, e.Expect.FlatCents)
			cents(t, "total", money.EUR(e.Input.PrincipalCents+interest.Amount.Minor+costs.Costs.Total.Minor), e.Expect.TotalCents)
		})
	}
}

func TestBelgianConsumer(t *testing.T) {
	t.Parallel()
	be := packOf(t, "BE")
	reminder := law.SentNotice{
		Delivery:     law.Delivery{Sent: date.MustParse("2026-03-02"), Channel: law.Post},
		DefaultSince: date.MustParse("2026-02-16"), Checked: true, Announced: money.EUR(9000),
	}
	due := func(t *testing.T, on string, clause bool, notices ...law.SentNotice) law.CostsDue {
		t.Helper()
		got, err := be.CostsDue(law.DueClaim{
			Debtor: law.Consumer, DueDate: date.MustParse("2026-02-15"), On: date.MustParse(on), Notices: notices,
			Claim: law.CostsClaim{Principals: euros(100000), Clause: clause},
		})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	t.Run("R93 no compensation without a first reminder", func(t *testing.T) {
		t.Parallel()
		same(t, "due", due(t, "2026-12-01", true).Due, false)
	})
	t.Run("R93 none inside the fourteen days, and the scale after them", func(t *testing.T) {
		t.Parallel()
		cents(t, "inside", due(t, "2026-03-18", true, reminder).Costs.Total, 0)
		cents(t, "after", due(t, "2026-03-19", true, reminder).Costs.Total, 9000)
	})
	t.Run("R93 none that the contract does not claim", func(t *testing.T) {
		t.Parallel()
		got := due(t, "2026-12-01", false, reminder)
		cents(t, "costs", got.Costs.Total, 0)
		if !strings.HasPrefix(got.Explanation, "No costs") {
			t.Errorf("the reason is missing: %q", got.Explanation)
		}
	})
	t.Run("R95 none above what the reminder announced", func(t *testing.T) {
		t.Parallel()
		less := reminder
		less.Announced = money.EUR(8999)
		cents(t, "costs", due(t, "2026-12-01", true, less).Costs.Total, 0)
	})
	t.Run("R98 several debts cost the lower of the two ways to count, provisionally", func(t *testing.T) {
		t.Parallel()
		for _, tc := range []struct {
			principals []int64
			want       int64
		}{{[]int64{15000, 15000}, 4000}, {[]int64{10000, 10000}, 3500}, {[]int64{10000, 10000, -15000}, 2000}} {
			got, err := be.CollectionCosts(law.CostsClaim{Clause: true, Principals: euros(tc.principals...)})
			if err != nil {
				t.Fatal(err)
			}
			cents(t, "compensation", got.Fee, tc.want)
			same(t, "provisional", got.Provisional, true)
		}
	})
	t.Run("R94 a receipt that is proven later moves the term, an earlier one does not", func(t *testing.T) {
		t.Parallel()
		for received, last := range map[string]string{"2026-03-03": "2026-03-18", "2026-03-09": "2026-03-23"} {
			got, err := be.NoticeTerm(law.Delivery{Sent: date.MustParse("2026-03-02"), Channel: law.Post, Received: date.MustParse(received)})
			if err != nil {
				t.Fatal(err)
			}
			same(t, "last day", got.LastDay.String(), last)
		}
	})
	t.Run("R103 no interest before the reminder's term, then the legal rate", func(t *testing.T) {
		t.Parallel()
		claim := claimOf(law.Consumer, 100000, "2026-02-16", "2026-03-31")
		none, err := be.Interest(claim)
		if err != nil {
			t.Fatal(err)
		}
		cents(t, "interest without default", none.Amount, 0)
		since, err := be.DefaultSince(law.DefaultClaim{Debtor: law.Consumer, DueDate: date.MustParse("2026-02-15"), DueAgreed: true, Notices: []law.Delivery{reminder.Delivery}})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "default", since.Since.String(), "2026-03-19")
		claim.DefaultSince = since.Since
		got, err := be.Interest(claim)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "first day", got.Segments[0].From, since.Since)
		same(t, "rate", got.Segments[0].Rate, "4.50")
	})
	t.Run("R103 an agreed rate holds up to the ceiling and is void above it", func(t *testing.T) {
		t.Parallel()
		for agreed, want := range map[string]string{"10.50": "10.50", "6.00": "6.00", "10.51": "4.50"} {
			claim := claimOf(law.Consumer, 100000, "2026-03-01", "2026-03-31")
			claim.DefaultSince, claim.AgreedRate = claim.From, agreed
			got, err := be.Interest(claim)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "rate for an agreed "+agreed, got.Segments[0].Rate, want)
		}
		claim := claimOf(law.Consumer, 100000, "2026-06-30", "2026-07-01")
		claim.DefaultSince, claim.AgreedRate = claim.From, "6.00"
		got, err := be.Interest(claim)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "provisional when the ceiling is not known", got.Provisional, true)
	})
	t.Run("R103 an old contract between businesses keeps seven points until 15 March 2015", func(t *testing.T) {
		t.Parallel()
		claim := claimOf(law.Business, 100000, "2013-03-15", "2015-03-16")
		claim.ContractDate = date.MustParse("2013-03-01")
		got, err := be.Interest(claim)
		if err != nil {
			t.Fatal(err)
		}
		var rates []string
		for _, s := range got.Segments {
			rates = append(rates, s.Rate+" to "+s.Through.String())
		}
		same(t, "rates", strings.Join(rates, ", "), "8.00 to 2013-06-30, 7.50 to 2015-03-15, 8.50 to 2015-03-16")
	})
	t.Run("R47 reminders of regular supply are free three times a year", func(t *testing.T) {
		t.Parallel()
		for _, tc := range []struct {
			earlier   int
			recurring bool
			asked     int64
			want      int64
		}{{2, true, 1000, 0}, {3, true, 1000, 901}, {3, true, 500, 500}, {3, true, 0, 0}, {9, false, 1000, 0}} {
			got, err := be.ReminderFee(law.FeeClaim{Debtor: law.Consumer, Earlier: tc.earlier, Recurring: tc.recurring, Notice: true, Asked: money.EUR(tc.asked), Postage: money.EUR(151)})
			if err != nil {
				t.Fatal(err)
			}
			cents(t, "fee", got.Amount, tc.want)
		}
	})
}

func TestBelgianNoticeWithFee(t *testing.T) {
	t.Parallel()
	be := packOf(t, "BE")
	for _, language := range []string{"nl", "fr", "de", "en"} {
		t.Run("R47 R95 a first reminder that costs something does not call itself free, in "+language, func(t *testing.T) {
			t.Parallel()
			n := belgianNotice(language)
			free, err := be.NoticeText(n)
			if err != nil {
				t.Fatal(err)
			}
			n.Charges = []money.Amount{money.EUR(750)}
			text, err := be.NoticeText(n)
			if err != nil {
				t.Fatal(err)
			}
			problems, err := be.CheckNotice(n, text.Text()+" "+law.FormatAmount(money.EUR(124206), language))
			if err != nil || len(problems) > 0 {
				t.Errorf("%v %v in %s", err, problems, text.Text())
			}
			if !strings.Contains(text.Text(), law.FormatAmount(money.EUR(750), language)) || !strings.Contains(text.Text(), "XIX.2") {
				t.Errorf("the fee or its article is missing: %s", text.Text())
			}
			if text.Figures[0].Value == free.Figures[0].Value {
				t.Error("the other wording does not ask for an approval of its own")
			}
		})
	}
}

func belgianNotice(language string) law.Notice {
	return law.Notice{
		Language: language, Sent: date.MustParse("2026-03-02"), Channel: law.Post, Clause: true,
		Creditor: law.Creditor{Name: "Bakkerij Peeters BV", Number: "0123.456.749"},
		Claims: []law.NoticeClaim{
			{Reference: "V-2026-7", Principal: money.EUR(123456), Subject: "brood en gebak", Due: date.MustParse("2026-02-01")},
		},
	}
}

func TestBelgianNotice(t *testing.T) {
	t.Parallel()
	be := packOf(t, "BE")
	for _, language := range []string{"nl", "fr", "de", "en"} {
		t.Run("R95 the text in "+language+" passes its own check", func(t *testing.T) {
			t.Parallel()
			for _, clause := range []bool{true, false} {
				n := belgianNotice(language)
				n.Clause = clause
				text, err := be.NoticeText(n)
				if err != nil {
					t.Fatal(err)
				}
				want := 3
				if clause {
					want = 4
				}
				same(t, "blocks", len(text.Blocks), want)
				same(t, "provisional, because the wording is ours", text.Provisional, true)
				problems, err := be.CheckNotice(n, text.Text())
				if err != nil || len(problems) > 0 {
					t.Errorf("%v %v in\n%s", err, problems, text.Text())
				}
			}
		})
	}
	good, err := be.NoticeText(belgianNotice("fr"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, old, with, want string }{
		{"R95 another amount", "101,73", "111,73", "exact_costs"},
		{"R95 a shorter term", "Ce premier rappel est gratuit.", "Payez dans les dix jours.", "term"},
		{"R95 a day before the term ends", "Ce premier rappel est gratuit.", "Payez au plus tard le 10 mars 2026.", "term"},
		{"R47 without the creditor's number", "0123.456.749", "", "creditor"},
		{"R47 without what it is for", "brood en gebak", "divers", "subject"},
		{"R47 without the due date", "1er février 2026", "", "subject"},
		{"R95 a reminder that costs money", "Ce premier rappel est gratuit.", "Les frais de rappel sont de 5,00 €.", "demand"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			changed := strings.Replace(good.Text(), tc.old, tc.with, 1)
			if changed == good.Text() {
				t.Fatalf("%q is not in\n%s", tc.old, changed)
			}
			problems, err := be.CheckNotice(belgianNotice("fr"), changed)
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, p := range problems {
				found = found || p.ID == tc.want
			}
			if !found {
				t.Errorf("problems %v, want %s", problems, tc.want)
			}
		})
	}
	t.Run("R47 no text that would lack what it must name", func(t *testing.T) {
		t.Parallel()
		nameless, vague := belgianNotice("nl"), belgianNotice("nl")
		nameless.Creditor.Number = ""
		vague.Claims[0].Subject = ""
		for _, n := range []law.Notice{nameless, vague} {
			if _, err := be.NoticeText(n); !fault.Is(err, fault.Invalid) {
				t.Errorf("%v", err)
			}
		}
	})
}
