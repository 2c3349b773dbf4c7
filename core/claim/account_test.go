package claim_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
	"pgregory.net/rapid"
)

var f1, f2 = uuid.New(), uuid.New()

func day(s string) date.Date { return date.MustParse(s) }

func dutch(t testing.TB) *law.Country {
	t.Helper()
	nl, err := law.Pack("NL")
	if err != nil {
		t.Fatal(err)
	}
	return nl
}

// business is a case of two invoices, 3,000.00 and 1,000.00, with 475.00 costs.
func business() claim.Account {
	return claim.Account{
		Debtor: law.Business, Currency: "EUR", Opened: day("2026-02-16"), Costs: 52_500,
		Principals: []claim.Principal{
			{Invoice: f1, Number: "F1", Due: day("2026-01-15"), From: day("2026-01-16"), Amount: 300_000},
			{Invoice: f2, Number: "F2", Due: day("2026-01-31"), From: day("2026-02-01"), Amount: 100_000},
		},
	}
}

func paid(on string, designated bool, parts ...claim.Part) claim.Receipt {
	return claim.Receipt{Payment: uuid.New(), On: day(on), Parts: parts, Designated: designated}
}

func interest(t *testing.T, principal int64, from, through string, moves ...law.Movement) int64 {
	t.Helper()
	i, err := dutch(t).Interest(law.InterestClaim{Debtor: law.Business, Principal: money.EUR(principal), From: day(from), Through: day(through), Movements: moves})
	if err != nil {
		t.Fatal(err)
	}
	return i.Open.Minor
}

func TestReplay(t *testing.T) {
	t.Parallel()
	replay := func(t *testing.T, a claim.Account, through string) claim.State {
		t.Helper()
		s, err := a.Replay(dutch(t), day(through))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	t.Run("R30 costs, then interest, then principal", func(t *testing.T) {
		t.Parallel()
		a := business()
		a.Receipts = []claim.Receipt{paid("2026-02-20", false, claim.Part{Invoice: f1, Amount: 100_000})}
		s := replay(t, a, "2026-02-20")
		owed := interest(t, 300_000, "2026-01-16", "2026-02-20") + interest(t, 100_000, "2026-02-01", "2026-02-20")
		got := s.Taken[0]
		if got.Costs != 52_500 || got.Interest[f1]+got.Interest[f2] != owed || got.Principal[f1] != 100_000-52_500-owed || got.Left != 0 {
			t.Errorf("taken %+v; %d of interest was owed", got, owed)
		}
		if s.Costs != 0 || s.Interest != 0 || s.Total() != 400_000+owed+52_500-100_000 {
			t.Errorf("open are %d, %d, %d", s.Costs, s.Interest, s.Principal)
		}
	})
	t.Run("R28 the invoice that the payer names bears its own interest, not that of others", func(t *testing.T) {
		t.Parallel()
		a := business()
		a.Receipts = []claim.Receipt{paid("2026-02-20", true, claim.Part{Invoice: f2, Amount: 60_000})}
		got := replay(t, a, "2026-02-20").Taken[0]
		if got.Interest[f1] != 0 || got.Principal[f1] != 0 || got.Interest[f2] == 0 || got.Costs != 52_500 {
			t.Errorf("taken %+v", got)
		}
	})
	t.Run("R29 R30 without a name the oldest claim is paid first", func(t *testing.T) {
		t.Parallel()
		a := business()
		a.Receipts = []claim.Receipt{paid("2026-02-20", false, claim.Part{Invoice: f1, Amount: 200_000}, claim.Part{Invoice: f2, Amount: 100_000})}
		got := replay(t, a, "2026-02-20").Taken[0]
		if got.Principal[f1] != 200_000 || got.Principal[f2] == 100_000 {
			t.Errorf("taken %+v", got)
		}
	})
	t.Run("R31 inside the term all goes to the principal", func(t *testing.T) {
		t.Parallel()
		a := business()
		r := paid("2026-02-20", true, claim.Part{Invoice: f1, Amount: 100_000})
		r.Order = law.InTerm
		a.Receipts = []claim.Receipt{r}
		if got := replay(t, a, "2026-02-20").Taken[0]; got.Costs != 0 || got.Principal[f1] != 100_000 {
			t.Errorf("taken %+v", got)
		}
	})
	t.Run("R30 the creditor puts the principal first", func(t *testing.T) {
		t.Parallel()
		a := business()
		r := paid("2026-02-20", true, claim.Part{Invoice: f1, Amount: 100_000})
		r.Order = law.PrincipalFirst
		a.Receipts = []claim.Receipt{r}
		if got := replay(t, a, "2026-02-20").Taken[0]; got.Costs != 0 || got.Principal[f1] != 100_000 {
			t.Errorf("taken %+v", got)
		}
	})
	t.Run("R32 more than all is owed stays as credit", func(t *testing.T) {
		t.Parallel()
		a := business()
		a.Principals = a.Principals[:1]
		r := paid("2026-02-20", true, claim.Part{Invoice: f1, Amount: 300_000})
		r.Surplus = 100_000
		a.Receipts = []claim.Receipt{r}
		s := replay(t, a, "2026-03-20")
		owed := interest(t, 300_000, "2026-01-16", "2026-02-20")
		if got := s.Taken[0]; got.Left != 100_000-52_500-owed || s.Total() != 0 {
			t.Errorf("left %d, open %d", got.Left, s.Total())
		}
	})
	t.Run("R36 R37 interest runs on what is left and stops on the value date", func(t *testing.T) {
		t.Parallel()
		a := business()
		a.Principals = a.Principals[:1]
		r := paid("2026-02-20", true, claim.Part{Invoice: f1, Amount: 300_000})
		r.Order = law.PrincipalFirst
		a.Receipts = []claim.Receipt{r}
		s := replay(t, a, "2026-06-30")
		if want := interest(t, 300_000, "2026-01-16", "2026-02-20"); s.Interest != want || s.Principal != 0 || s.Costs != 52_500 {
			t.Errorf("interest of %d, want %d; principal %d, costs %d", s.Interest, want, s.Principal, s.Costs)
		}
	})
	t.Run("R104 a waiver lowers what is open from its day", func(t *testing.T) {
		t.Parallel()
		a := business()
		a.Reliefs = []claim.Relief{{On: day("2026-02-20"), Costs: 20_000, Interest: 1_000}}
		before, after := replay(t, a, "2026-02-19"), replay(t, a, "2026-02-20")
		if before.Costs != 52_500 || after.Costs != 32_500 || after.Waived.Interest != 1_000 {
			t.Errorf("costs of %d, then %d; waived %+v", before.Costs, after.Costs, after.Waived)
		}
	})
	t.Run("R97 no interest is presented of the time since a legal stop, and it is again once that is lifted", func(t *testing.T) {
		t.Parallel()
		a := business()
		a.Principals = a.Principals[:1]
		r := paid("2026-03-10", true, claim.Part{Invoice: f1, Amount: 300_000})
		a.Receipts = []claim.Receipt{r}
		free := replay(t, a, "2026-06-30")
		a.Stopped = day("2026-02-20")
		s := replay(t, a, "2026-06-30")
		if want := interest(t, 300_000, "2026-01-16", "2026-02-20"); s.Accrued != want || s.Taken[0].InterestTotal() != want || s.Interest != 0 || s.Total() != 52_500+want {
			t.Errorf("interest of %d, want %d; %d of it open, %d in all", s.Accrued, want, s.Interest, s.Total())
		}
		if free.Accrued <= s.Accrued || replay(t, a, "2026-02-18").Accrued >= s.Accrued {
			t.Errorf("the stop changes what was before it, or nothing: %d, then %d", free.Accrued, s.Accrued)
		}
		a.Stopped = day("2025-12-01") // before any interest
		if s := replay(t, a, "2026-06-30"); s.Accrued != 0 || s.Principal != 52_500 {
			t.Errorf("interest of %d, principal of %d", s.Accrued, s.Principal)
		}
	})
	t.Run("R70 what is in dispute bears no interest meanwhile, the rest does", func(t *testing.T) {
		t.Parallel()
		a := business()
		a.Principals = a.Principals[:1]
		a.Principals[0].Disputed, a.Principals[0].DisputedOn = 100_000, day("2026-02-20")
		less := law.Movement{On: day("2026-02-20"), Principal: money.EUR(100_000), Interest: money.EUR(0)}
		if s, want := replay(t, a, "2026-06-30"), interest(t, 300_000, "2026-01-16", "2026-06-30", less); s.Interest != want || s.Principal != 300_000 {
			t.Errorf("interest of %d, want %d; principal %d", s.Interest, want, s.Principal)
		}
		a.Receipts = []claim.Receipt{paid("2026-03-10", true, claim.Part{Invoice: f1, Amount: 300_000})} // all of it, the disputed part too
		if s := replay(t, a, "2026-06-30"); s.Total() < 0 || s.Principal <= 0 {
			t.Errorf("%d open, principal %d", s.Total(), s.Principal)
		}
	})
	t.Run("every cent is somewhere", func(t *testing.T) {
		t.Parallel()
		nl := dutch(t)
		rapid.Check(t, func(t *rapid.T) {
			a := business()
			given := int64(0)
			for range rapid.IntRange(0, 5).Draw(t, "payments") {
				n := rapid.Int64Range(1, 200_000).Draw(t, "amount")
				r := claim.Receipt{
					Payment: uuid.New(), On: day("2026-02-16").AddDays(rapid.IntRange(0, 100).Draw(t, "day")), Designated: rapid.Bool().Draw(t, "designated"),
					Parts: []claim.Part{{Invoice: rapid.SampledFrom([]uuid.UUID{f1, f2}).Draw(t, "invoice"), Amount: n}}, Surplus: rapid.Int64Range(0, 500).Draw(t, "surplus"),
					Order: rapid.SampledFrom([]law.Order{"", law.Statutory, law.PrincipalFirst, law.InTerm}).Draw(t, "order"),
				}
				given += n + r.Surplus
				a.Receipts = append(a.Receipts, r)
			}
			s, err := a.Replay(nl, day("2026-06-30"))
			if err != nil {
				t.Fatal(err)
			}
			left := int64(0)
			for _, k := range s.Taken {
				left += k.Left
			}
			if s.Total()+given-left != 400_000+52_500+s.Accrued || s.Costs < 0 || s.Interest < 0 || s.Principal < 0 {
				t.Errorf("open %d, paid %d, left over %d, charged %d", s.Total(), given, left, 400_000+52_500+s.Accrued)
			}
		})
	})
}
