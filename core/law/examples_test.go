package law_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
	"gopkg.in/yaml.v3"
)

// workedExamples are the examples that the pack of a country carries.
type workedExamples struct {
	Bik []struct {
		ID    string
		Input struct {
			PrincipalsCents []int64 `yaml:"principals_cents"`
			AddVAT          bool    `yaml:"add_vat"`
		}
		Expect struct {
			PrincipalSumCents int64 `yaml:"principal_sum_cents"`
			FeeCents          int64 `yaml:"fee_cents"`
			VATCents          int64 `yaml:"vat_cents"`
			TotalCents        int64 `yaml:"total_cents"`
		}
	}
	BikPartialPayment []struct {
		ID    string
		Input struct {
			PrincipalCents int64 `yaml:"principal_cents"`
			PaidCents      int64 `yaml:"paid_within_14_day_term_cents"`
			AddVAT         bool  `yaml:"add_vat"`
		}
		Expect struct {
			BasisCents     int64 `yaml:"basis_cents"`
			FeeCents       int64 `yaml:"fee_cents"`
			AnnouncedCents int64 `yaml:"fee_announced_in_letter_cents"`
		}
	} `yaml:"bik_partial_payment"`
	Interest []struct {
		ID    string
		Input struct {
			Table          string
			PrincipalCents int64     `yaml:"principal_cents"`
			From           date.Date `yaml:"from"`
			Through        date.Date `yaml:"through"`
			FixedRate      string    `yaml:"fixed_rate"`
		}
		Expect struct {
			InterestCents int64 `yaml:"interest_cents"`
			TotalCents    int64 `yaml:"total_cents"`
			Days          int
			Years         []struct {
				Start, Through date.Date
				InterestCents  int64 `yaml:"interest_cents"`
				Capitalised    bool
			}
			Segments []struct {
				From, Through date.Date
				Days          int
				Rate          string
				BaseCents     int64 `yaml:"base_cents"`
				YearDays      int   `yaml:"year_days"`
			}
		}
	}
	Allocation []struct {
		ID    string
		Input struct {
			CostsCents     int64 `yaml:"costs_cents"`
			InterestCents  int64 `yaml:"interest_cents"`
			PrincipalCents int64 `yaml:"principal_cents"`
			PaymentCents   int64 `yaml:"payment_cents"`
		}
		Expect struct {
			PaidCosts     int64 `yaml:"paid_costs_cents"`
			OpenCosts     int64 `yaml:"open_costs_cents"`
			PaidInterest  int64 `yaml:"paid_interest_cents"`
			OpenInterest  int64 `yaml:"open_interest_cents"`
			PaidPrincipal int64 `yaml:"paid_principal_cents"`
			OpenPrincipal int64 `yaml:"open_principal_cents"`
			Overpaid      int64 `yaml:"overpaid_cents"`
		}
	}
	FourteenDayLetter []struct {
		ID    string
		Input struct {
			Sent    date.Date
			Channel law.Channel
		}
		Expect struct {
			Received date.Date `yaml:"presumed_received"`
			First    date.Date `yaml:"term_first_day"`
			Last     date.Date `yaml:"term_last_day"`
			Rolled   date.Date `yaml:"term_last_day_rolled"`
			Costs    date.Date `yaml:"costs_due_not_before"`
			Safe     date.Date `yaml:"safe_21_days_after_sending"`
		}
	} `yaml:"fourteen_day_letter"`
	FullClaim []struct {
		ID    string
		Input struct {
			Debtor         law.DebtorType
			PrincipalCents int64 `yaml:"principal_cents"`
			From, Through  date.Date
			AddVAT         bool `yaml:"add_vat"`
		}
		Expect struct {
			PrincipalCents int64 `yaml:"principal_cents"`
			InterestCents  int64 `yaml:"interest_cents"`
			FeeCents       int64 `yaml:"fee_cents"`
			VATCents       int64 `yaml:"vat_cents"`
			TotalCents     int64 `yaml:"total_cents"`
		}
	} `yaml:"full_claim"`
}

func pack(t testing.TB) *law.Country {
	t.Helper()
	nl, err := law.Pack("NL")
	if err != nil {
		t.Fatal(err)
	}
	return nl
}

// readExamples returns the examples and how many the pack has.
func readExamples(t *testing.T) (workedExamples, int) {
	t.Helper()
	raw, err := os.ReadFile("nl.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Examples workedExamples }
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Examples, bytes.Count(raw, []byte("- {id: nl-"))
}

func vatGround(all bool) law.VATGround {
	return law.VATGround{ThirdParty: all, NotDeductible: all, Declared: all}
}

func cents(t *testing.T, what string, got money.Amount, want int64) {
	t.Helper()
	if got != money.EUR(want) {
		t.Errorf("%s is %s, want %s", what, got, money.EUR(want))
	}
}

func same[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// TestWorkedExamples runs every example of the Dutch pack.
func TestWorkedExamples(t *testing.T) {
	t.Parallel()
	nl := pack(t)
	examples, written := readExamples(t)
	ran := 0
	run := func(id string, f func(t *testing.T)) { ran++; t.Run(id, f) }

	for _, e := range examples.Bik {
		run("R99 "+e.ID, func(t *testing.T) {
			got, err := nl.CollectionCosts(law.CostsClaim{Principals: euros(e.Input.PrincipalsCents...), VAT: vatGround(e.Input.AddVAT)})
			if err != nil {
				t.Fatal(err)
			}
			cents(t, "principal", got.Principal, e.Expect.PrincipalSumCents)
			cents(t, "fee", got.Fee, e.Expect.FeeCents)
			cents(t, "VAT", got.VAT, e.Expect.VATCents)
			cents(t, "total", got.Total, e.Expect.TotalCents)
		})
	}
	for _, e := range examples.BikPartialPayment {
		run("R96 "+e.ID, func(t *testing.T) {
			claim := law.CostsClaim{Principals: euros(e.Input.PrincipalCents), VAT: vatGround(e.Input.AddVAT)}
			announced, err := nl.CollectionCosts(claim)
			if err != nil {
				t.Fatal(err)
			}
			claim.PaidInTerm = money.EUR(e.Input.PaidCents)
			got, err := nl.CollectionCosts(claim)
			if err != nil {
				t.Fatal(err)
			}
			cents(t, "announced fee", announced.Fee, e.Expect.AnnouncedCents)
			cents(t, "base", got.Principal, e.Expect.BasisCents)
			cents(t, "fee", got.Fee, e.Expect.FeeCents)
		})
	}
	for _, e := range examples.Interest {
		run("R103 "+e.ID, func(t *testing.T) {
			got, err := nl.Interest(law.InterestClaim{
				Debtor:    map[string]law.DebtorType{"nl_6_119": law.Consumer, "nl_6_119a": law.Business}[e.Input.Table],
				Principal: money.EUR(e.Input.PrincipalCents), From: e.Input.From, Through: e.Input.Through, AgreedRate: e.Input.FixedRate,
			})
			if err != nil {
				t.Fatal(err)
			}
			cents(t, "interest", got.Amount, e.Expect.InterestCents)
			cents(t, "principal and interest", money.EUR(got.Principal.Minor+got.Open.Minor), e.Expect.TotalCents)
			same(t, "days", got.Days, e.Expect.Days)
			if len(got.Years) != len(e.Expect.Years) || len(got.Segments) != len(e.Expect.Segments) {
				t.Fatalf("%d years and %d segments, want %d and %d:\n%s", len(got.Years), len(got.Segments), len(e.Expect.Years), len(e.Expect.Segments), got.Explanation)
			}
			for i, y := range e.Expect.Years {
				same(t, "a year", got.Years[i], law.InterestYear{From: y.Start, Through: y.Through, Interest: money.EUR(y.InterestCents), Capitalised: y.Capitalised})
			}
			for i, s := range e.Expect.Segments {
				g := got.Segments[i]
				g.Exact, g.Provisional = nil, false
				same(t, "a segment", g, law.Segment{From: s.From, Through: s.Through, Days: s.Days, Rate: s.Rate, Base: money.EUR(s.BaseCents), YearDays: s.YearDays})
			}
		})
	}
	for _, e := range examples.Allocation {
		run("R30 "+e.ID, func(t *testing.T) {
			got, err := nl.Allocate(money.EUR(e.Input.PaymentCents), law.Parts{Costs: money.EUR(e.Input.CostsCents), Interest: money.EUR(e.Input.InterestCents), Principal: money.EUR(e.Input.PrincipalCents)}, law.Statutory)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "paid", got.Paid, law.Parts{Costs: money.EUR(e.Expect.PaidCosts), Interest: money.EUR(e.Expect.PaidInterest), Principal: money.EUR(e.Expect.PaidPrincipal)})
			same(t, "open", got.Open, law.Parts{Costs: money.EUR(e.Expect.OpenCosts), Interest: money.EUR(e.Expect.OpenInterest), Principal: money.EUR(e.Expect.OpenPrincipal)})
			cents(t, "overpaid", got.Overpaid, e.Expect.Overpaid)
		})
	}
	for _, e := range examples.FourteenDayLetter {
		run("R94 "+e.ID, func(t *testing.T) {
			got, err := nl.NoticeTerm(law.Delivery{Sent: e.Input.Sent, Channel: e.Input.Channel, AddressInUse: true})
			if err != nil {
				t.Fatal(err)
			}
			same(t, "received", got.Received, e.Expect.Received)
			same(t, "first day", got.FirstDay, e.Expect.First)
			same(t, "last day", got.LastDay, e.Expect.Last)
			same(t, "last day, rolled", got.LastDayRolled, e.Expect.Rolled)
			same(t, "costs from", got.CostsFrom, e.Expect.Costs)
			same(t, "safe from", got.SafeFrom, e.Expect.Safe)
		})
	}
	for _, e := range examples.FullClaim {
		run("R99 and R103 "+e.ID, func(t *testing.T) {
			costs, err := nl.CollectionCosts(law.CostsClaim{Principals: euros(e.Input.PrincipalCents), VAT: vatGround(e.Input.AddVAT)})
			if err != nil {
				t.Fatal(err)
			}
			interest, err := nl.Interest(law.InterestClaim{Debtor: e.Input.Debtor, Principal: money.EUR(e.Input.PrincipalCents), From: e.Input.From, Through: e.Input.Through})
			if err != nil {
				t.Fatal(err)
			}
			cents(t, "principal", interest.Principal, e.Expect.PrincipalCents)
			cents(t, "interest", interest.Amount, e.Expect.InterestCents)
			cents(t, "fee", costs.Fee, e.Expect.FeeCents)
			cents(t, "VAT", costs.VAT, e.Expect.VATCents)
			cents(t, "total", money.EUR(interest.Principal.Minor+interest.Amount.Minor+costs.Total.Minor), e.Expect.TotalCents)
		})
	}
	if ran != written {
		t.Errorf("%d worked examples ran of %d: a group was not read", ran, written)
	}
}

func euros(list ...int64) []money.Amount {
	var out []money.Amount
	for _, n := range list {
		out = append(out, money.EUR(n))
	}
	return out
}
