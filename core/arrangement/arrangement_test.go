package arrangement_test

import (
	"slices"
	"testing"

	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
	"pgregory.net/rapid"
)

func day(s string) date.Date { return date.MustParse(s) }

func TestAcceptPromise(t *testing.T) {
	t.Parallel()
	s := arrangement.Defaults()
	ask := arrangement.PromiseAsk{Today: day("2026-03-20"), PayOn: day("2026-03-27"), Amount: money.EUR(50_000), Ask: money.EUR(100_000)}
	for _, tc := range []struct {
		name string
		with func(*arrangement.PromiseAsk)
		code string
	}{
		{"R67 within the limits", func(*arrangement.PromiseAsk) {}, ""},
		{"R67 today is a day too", func(q *arrangement.PromiseAsk) { q.PayOn = q.Today }, ""},
		{"R67 the longest", func(q *arrangement.PromiseAsk) { q.PayOn = q.Today.AddDays(14) }, ""},
		{"R67 too far ahead", func(q *arrangement.PromiseAsk) { q.PayOn = q.Today.AddDays(15) }, "promise_day"},
		{"R67 in the past", func(q *arrangement.PromiseAsk) { q.PayOn = q.Today.AddDays(-1) }, "promise_day"},
		{"R67 one too many", func(q *arrangement.PromiseAsk) { q.Made = 2 }, "promise_most"},
		{"R67 one is open", func(q *arrangement.PromiseAsk) { q.Open = true }, "promise_open"},
		{"more than is open", func(q *arrangement.PromiseAsk) { q.Amount = money.EUR(100_001) }, "promise_amount"},
		{"nothing", func(q *arrangement.PromiseAsk) { q.Amount = money.EUR(0) }, "promise_amount"},
		{"another currency", func(q *arrangement.PromiseAsk) { q.Amount = money.Of(100, "GBP") }, "promise_amount"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			q := ask
			tc.with(&q)
			err, code := s.AcceptPromise(q), ""
			if err != nil {
				code = fault.Of(err).Code
			}
			if code != tc.code {
				t.Errorf("%v; want %q", err, tc.code)
			}
		})
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		facts    arrangement.PromiseFacts
		today    string
		want     arrangement.PromiseState
		received int64
	}{
		{"R68 the amount in time", arrangement.PromiseFacts{InTime: 500, Fell: 500, Open: 500}, "2026-03-25", arrangement.PromiseKept, 500},
		{"R68 within the tolerance", arrangement.PromiseFacts{InTime: 401, Open: 500}, "2026-03-25", arrangement.PromiseKept, 401},
		{"R68 a cent below it, before the end of grace", arrangement.PromiseFacts{InTime: 399, Open: 500}, "2026-03-31", arrangement.PromiseOpen, 399},
		{"R68 and after it", arrangement.PromiseFacts{InTime: 399, Open: 500}, "2026-04-01", arrangement.PromisePartly, 399},
		{"R68 the books only show that less is open", arrangement.PromiseFacts{Fell: 500, Open: 500}, "2026-04-01", arrangement.PromiseKept, 500},
		{"R68 what came late is no kept promise", arrangement.PromiseFacts{Fell: 500, Late: 500, Open: 500}, "2026-04-05", arrangement.PromiseBroken, 0},
		{"R69 nothing at the end of grace", arrangement.PromiseFacts{Open: 1000}, "2026-04-01", arrangement.PromiseBroken, 0},
		{"R69 not on its last day", arrangement.PromiseFacts{Open: 1000}, "2026-03-31", arrangement.PromiseOpen, 0},
		{"R69 more is open than before", arrangement.PromiseFacts{Fell: -300, Open: 1300}, "2026-04-01", arrangement.PromiseBroken, 0},
		{"credited away", arrangement.PromiseFacts{Fell: 0, Open: 0}, "2026-03-25", arrangement.PromiseCancelled, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.facts.Promised, tc.facts.GraceUntil = 500, day("2026-03-31")
			if got, received := arrangement.Judge(tc.facts, day(tc.today), 99); got != tc.want || received != tc.received {
				t.Errorf("%s with %d, want %s with %d", got, received, tc.want, tc.received)
			}
		})
	}
}

func plan(t testing.TB, covered arrangement.Split, n int, first string) []arrangement.Instalment {
	t.Helper()
	list, err := arrangement.Schedule(covered, n, day(first), arrangement.Monthly)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	t.Run("R76 rounding lands in the last", func(t *testing.T) {
		t.Parallel()
		list := plan(t, arrangement.Split{Principal: 10_000}, 3, "2026-01-31")
		for i, want := range []struct {
			on    string
			minor int64
		}{{"2026-01-31", 3_333}, {"2026-02-28", 3_333}, {"2026-03-31", 3_334}} {
			if list[i].Due != day(want.on) || list[i].Total() != want.minor {
				t.Errorf("instalment %d: %d on %s, want %d on %s", i+1, list[i].Total(), list[i].Due, want.minor, want.on)
			}
		}
	})
	t.Run("R76 the parts are stored, costs and interest first", func(t *testing.T) {
		t.Parallel()
		list := plan(t, arrangement.Split{Principal: 10_000, Costs: 4_000, Interest: 500}, 4, "2026-11-15")
		want := []arrangement.Split{{Costs: 3_625}, {Costs: 375, Interest: 500, Principal: 2_750}, {Principal: 3_625}, {Principal: 3_625}}
		for i := range want {
			if list[i].Split != want[i] {
				t.Errorf("instalment %d is %+v, want %+v", i+1, list[i].Split, want[i])
			}
		}
		if list[3].Due != day("2027-02-15") {
			t.Errorf("the last is due on %s", list[3].Due)
		}
	})
	t.Run("R76 whatever is divided adds up", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			covered := arrangement.Split{
				Principal: rapid.Int64Range(1, 1e9).Draw(t, "principal"), Costs: rapid.Int64Range(0, 1e6).Draw(t, "costs"), Interest: rapid.Int64Range(0, 1e6).Draw(t, "interest"),
			}
			n := rapid.IntRange(1, int(min(60, covered.Total()))).Draw(t, "n")
			every := rapid.SampledFrom([]arrangement.Interval{arrangement.Weekly, arrangement.Monthly}).Draw(t, "every")
			list, err := arrangement.Schedule(covered, n, day("2026-01-01").AddDays(rapid.IntRange(0, 800).Draw(t, "first")), every)
			if err != nil {
				t.Fatal(err)
			}
			var sum arrangement.Split
			for i, in := range list {
				sum.Principal, sum.Costs, sum.Interest = sum.Principal+in.Principal, sum.Costs+in.Costs, sum.Interest+in.Interest
				if i > 0 && !in.Due.After(list[i-1].Due) {
					t.Fatalf("instalment %d is due on %s, not after %s", in.Seq, in.Due, list[i-1].Due)
				}
				if i < n-1 && in.Total() != list[0].Total() || in.Principal < 0 || in.Total() <= 0 {
					t.Fatalf("instalment %d is %+v", in.Seq, in)
				}
			}
			if sum != covered {
				t.Fatalf("they add up to %+v, not %+v", sum, covered)
			}
		})
	})
}

func TestApply(t *testing.T) {
	t.Parallel()
	list := plan(t, arrangement.Split{Principal: 40_000}, 4, "2026-04-01") // 4 x 100
	for _, tc := range []struct {
		name   string
		money  []arrangement.Money
		reduce arrangement.Reduce
		want   []int64
		over   int64
	}{
		{"on its day", []arrangement.Money{{On: day("2026-04-01"), Minor: 10_000}}, arrangement.LastFirst, []int64{10_000, 0, 0, 0}, 0},
		{"some days early it is the next one", []arrangement.Money{{On: day("2026-03-28"), Minor: 10_000}}, arrangement.LastFirst, []int64{10_000, 0, 0, 0}, 0},
		{"R79 a larger payment lowers the last", []arrangement.Money{{On: day("2026-04-01"), Minor: 25_000}}, arrangement.LastFirst, []int64{10_000, 0, 5_000, 10_000}, 0},
		{"R79 a second one in the same period does", []arrangement.Money{{On: day("2026-03-20"), Minor: 10_000}, {On: day("2026-03-28"), Minor: 10_000}}, arrangement.LastFirst, []int64{10_000, 0, 0, 10_000}, 0},
		{"R79 late money is for what is late first", []arrangement.Money{{On: day("2026-05-10"), Minor: 25_000}}, arrangement.LastFirst, []int64{10_000, 10_000, 0, 5_000}, 0},
		{"R79 unless the debtor chose the next", []arrangement.Money{{On: day("2026-04-01"), Minor: 25_000}}, arrangement.NextFirst, []int64{10_000, 10_000, 5_000, 0}, 0},
		{"more than all of it", []arrangement.Money{{On: day("2026-04-01"), Minor: 41_000}}, arrangement.LastFirst, []int64{10_000, 10_000, 10_000, 10_000}, 1_000},
		{"in any order of arrival", []arrangement.Money{{On: day("2026-05-01"), Minor: 10_000}, {On: day("2026-04-01"), Minor: 10_000}}, arrangement.LastFirst, []int64{10_000, 10_000, 0, 0}, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got, over := arrangement.Apply(list, tc.money, tc.reduce); !slices.Equal(got, tc.want) || over != tc.over {
				t.Errorf("%v and %d over, want %v and %d", got, over, tc.want, tc.over)
			}
		})
	}
}

func TestCourse(t *testing.T) {
	t.Parallel()
	list := plan(t, arrangement.Split{Principal: 30_000}, 3, "2026-04-01")
	course := func(today string, with func(*arrangement.Course)) arrangement.Course {
		c := arrangement.Course{Today: day(today), Instalments: list, Paid: []int64{0, 0, 0}, Told: make([]arrangement.Told, 3), Tolerance: 100, Remind: 3, Grace: 5, Cure: 7}
		if with != nil {
			with(&c)
		}
		return c
	}
	first := func(paid int64) func(*arrangement.Course) {
		return func(c *arrangement.Course) { c.Paid[0] = paid }
	}
	warned := func(c *arrangement.Course) { c.Warned, c.CureOn = 1, day("2026-04-14") }
	for _, tc := range []struct {
		name string
		c    arrangement.Course
		want arrangement.Move
	}{
		{"R75 long before nothing", course("2026-03-20", nil), arrangement.Move{Next: day("2026-03-29")}},
		{"R75 a word before", course("2026-03-29", nil), arrangement.Move{Kind: arrangement.RemindBefore, Seq: 1}},
		{"R75 once", course("2026-03-29", func(c *arrangement.Course) { c.Told[0].Before = true }), arrangement.Move{Next: day("2026-04-01")}},
		{"R75 a word on the day", course("2026-04-01", nil), arrangement.Move{Kind: arrangement.RemindOn, Seq: 1}},
		{"R75 a word after", course("2026-04-04", nil), arrangement.Move{Kind: arrangement.RemindAfter, Seq: 1}},
		{"R75 none to who paid", course("2026-04-04", first(10_000)), arrangement.Move{Next: day("2026-04-28")}},
		{"R4 nor for a trifle", course("2026-04-04", first(9_900)), arrangement.Move{Next: day("2026-04-28")}},
		{"R77 the last day of grace", course("2026-04-06", func(c *arrangement.Course) { c.Told[0].After = true }), arrangement.Move{Next: day("2026-04-07")}},
		{"R77 one warning with a cure date", course("2026-04-07", nil), arrangement.Move{Kind: arrangement.Warn, Seq: 1, Cure: day("2026-04-14")}},
		{"R77 on the cure date it may still be paid", course("2026-04-14", warned), arrangement.Move{Next: day("2026-04-15")}},
		{"R77 after it the plan breaks", course("2026-04-15", warned), arrangement.Move{Kind: arrangement.Break, Seq: 1}},
		{"R77 by approval where the creditor chose so", course("2026-04-15", func(c *arrangement.Course) { warned(c); c.Approval = true }), arrangement.Move{Kind: arrangement.AskBreak, Seq: 1}},
		{"R77 asked once", course("2026-04-15", func(c *arrangement.Course) { warned(c); c.Approval, c.Asked = true, true }), arrangement.Move{Next: day("2026-04-22")}},
		{"R77 a payment cures", course("2026-04-10", func(c *arrangement.Course) { warned(c); c.Paid[0] = 10_000 }), arrangement.Move{Kind: arrangement.Cured, Seq: 1}},
		{"R8 after a standstill one thing", course("2026-05-20", nil), arrangement.Move{Kind: arrangement.Warn, Seq: 1, Cure: day("2026-05-27")}},
		{"all paid", course("2026-04-10", func(c *arrangement.Course) { c.Paid = []int64{10_000, 10_000, 10_000} }), arrangement.Move{Kind: arrangement.Complete}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := tc.c.Next(); got != tc.want {
				t.Errorf("%+v, want %+v", got, tc.want)
			}
		})
	}
}

func TestAcceptPlan(t *testing.T) {
	t.Parallel()
	s, today := arrangement.Defaults(), day("2026-03-20")
	for _, tc := range []struct {
		name   string
		list   []arrangement.Instalment
		broken string
		auto   bool
	}{
		{"R81 inside the limits", plan(t, arrangement.Split{Principal: 60_000}, 6, "2026-04-01"), "", true},
		{"R81 an amount above", plan(t, arrangement.Split{Principal: 100_001}, 5, "2026-04-01"), "", false},
		{"R81 too long", plan(t, arrangement.Split{Principal: 60_000}, 8, "2026-04-01"), "", false},
		{"R81 a plan broken this year", plan(t, arrangement.Split{Principal: 60_000}, 3, "2026-04-01"), "2025-03-21", false},
		{"R81 one of more than a year ago", plan(t, arrangement.Split{Principal: 60_000}, 3, "2026-04-01"), "2025-03-20", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			q := arrangement.PlanAsk{Today: today, Instalments: tc.list}
			if tc.broken != "" {
				q.BrokenSince = day(tc.broken)
			}
			if err := s.CheckPlan(q); err != nil {
				t.Fatal(err)
			}
			if ok, why := s.AcceptPlan(q); ok != tc.auto || ok == (why != "") {
				t.Errorf("accepted %v: %q", ok, why)
			}
		})
	}
	for _, tc := range []struct {
		name, code string
		q          arrangement.PlanAsk
	}{
		{"one instalment is no plan", "plan_instalments", arrangement.PlanAsk{Instalments: plan(t, arrangement.Split{Principal: 60_000}, 1, "2026-04-01")}},
		{"too small", "plan_small", arrangement.PlanAsk{Instalments: plan(t, arrangement.Split{Principal: 12_000}, 6, "2026-04-01")}},
		{"too long for anybody", "plan_long", arrangement.PlanAsk{Instalments: plan(t, arrangement.Split{Principal: 600_000}, 14, "2026-04-01")}},
		{"begins too late", "plan_first", arrangement.PlanAsk{Instalments: plan(t, arrangement.Split{Principal: 60_000}, 3, "2026-06-01")}},
		{"began already", "plan_first", arrangement.PlanAsk{Instalments: plan(t, arrangement.Split{Principal: 60_000}, 3, "2026-03-01")}},
		{"there is one", "plan_open", arrangement.PlanAsk{Active: true, Instalments: plan(t, arrangement.Split{Principal: 60_000}, 3, "2026-04-01")}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.q.Today = today
			if err := s.CheckPlan(tc.q); err == nil || fault.Of(err).Code != tc.code {
				t.Errorf("%v, want %s", err, tc.code)
			}
		})
	}
}
