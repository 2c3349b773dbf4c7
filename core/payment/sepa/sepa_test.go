package sepa_test

import (
	"fmt"
	"testing"

	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/core/payment/sepa"
	"github.com/voldaan/voldaan/sdk/date"
	"pgregory.net/rapid"
)

func day(s string) date.Date { return date.MustParse(s) }

func TestSchedule(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, due, today          string
		lead                      int
		announce, submit, collect string
	}{
		{"R84 collected on the due date when there is time", "2026-04-15", "2026-03-10", 14, "2026-03-29", "2026-04-14", "2026-04-15"},
		{"R84 fourteen days lie between announcement and collection", "2026-03-16", "2026-03-10", 14, "2026-03-10", "2026-03-23", "2026-03-24"},
		{"R84 a shorter term that was agreed", "2026-03-16", "2026-03-10", 3, "2026-03-10", "2026-03-13", "2026-03-16"},
		{"R84 a Saturday goes to Monday", "2026-04-18", "2026-03-10", 14, "2026-04-03", "2026-04-17", "2026-04-20"},
		{"R84 Good Friday and Easter Monday are no banking days", "2026-04-03", "2026-03-10", 14, "2026-03-21", "2026-04-02", "2026-04-07"},
		{"R84 King's Day is one, it is no holiday of the banks", "2026-04-27", "2026-03-10", 14, "2026-04-10", "2026-04-24", "2026-04-27"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := sepa.Schedule(day(tc.due), day(tc.today), tc.lead)
			if s.Announce != day(tc.announce) || s.Submit != day(tc.submit) || s.Collect != day(tc.collect) || s.Why == "" {
				t.Errorf("%+v", s)
			}
		})
	}
	t.Run("R84 announced late, collected later", func(t *testing.T) {
		t.Parallel()
		s := sepa.Schedule(day("2026-04-15"), day("2026-03-10"), 14)
		if got := s.Announced(day("2026-04-01"), 14); got != s {
			t.Errorf("in time, and yet moved to %+v", got)
		}
		if got := s.Announced(day("2026-04-03"), 14); got.Collect != day("2026-04-17") || got.Submit != day("2026-04-16") {
			t.Errorf("%+v", got)
		}
	})
	t.Run("R84 always on a banking day, never before the due date, never with too short a notice", rapid.MakeCheck(func(t *rapid.T) {
		today := day("2025-01-01").AddDays(rapid.IntRange(0, 3000).Draw(t, "today"))
		due := today.AddDays(rapid.IntRange(-60, 90).Draw(t, "due"))
		lead := rapid.IntRange(1, 30).Draw(t, "lead")
		s := sepa.Schedule(due, today, lead)
		target, err := calendar.SendingDays("TARGET")
		if err != nil {
			t.Fatal(err)
		}
		if s.Collect.Before(due) || !target.IsSendingDay(s.Collect) || !target.IsSendingDay(s.Submit) || !s.Submit.Before(s.Collect) || s.Announce.Before(today) || s.Collect.DaysSince(s.Announce) < lead {
			t.Fatalf("due %s, today %s, lead %d: %+v", due, today, lead, s)
		}
		late := s.Announce.AddDays(rapid.IntRange(0, 40).Draw(t, "late"))
		if moved := s.Announced(late, lead); moved.Collect.DaysSince(late) < lead || moved.Collect.Before(s.Collect) {
			t.Fatalf("announced on %s: %+v", late, moved)
		}
	}))
}

func TestRetry(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, failed string
		rule         sepa.RetryRule
		lead         int
		want         string
	}{
		{"R85 after the next pay day", "2026-03-10", sepa.DefaultRetry, 3, "2026-03-26"},
		{"R85 that of the month after when this one is too near", "2026-03-24", sepa.DefaultRetry, 3, "2026-04-27"},
		{"R85 on a banking day", "2026-04-10", sepa.DefaultRetry, 3, "2026-04-27"}, // the 26th is a Sunday
		{"R85 not before the agreed notice", "2026-03-16", sepa.DefaultRetry, 14, "2026-04-27"},
		{"R85 without a pay day", "2026-03-10", sepa.RetryRule{On: true, After: 7}, 3, "2026-03-17"},
		{"R85 the last day of a short month", "2026-02-10", sepa.RetryRule{On: true, PayDay: 31, After: 5}, 3, "2026-03-02"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := tc.rule.Day(day(tc.failed), tc.lead); got != day(tc.want) {
				t.Errorf("%s, want %s", got, tc.want)
			}
		})
	}
}

func TestReact(t *testing.T) {
	t.Parallel()
	type want struct {
		rule                                  string
		retry, suspend, stop, ask, tell, task bool
	}
	for code, w := range map[sepa.Code]want{
		"AM04": {rule: "R85", retry: true},
		"AC01": {rule: "R86", suspend: true, tell: true},
		"AC04": {rule: "R86", suspend: true, tell: true},
		"AC06": {rule: "R86", suspend: true, tell: true},
		"MD01": {rule: "R86", suspend: true, tell: true, task: true},
		"MD07": {rule: "R86", suspend: true, stop: true, task: true},
		"MD06": {rule: "R87", suspend: true, tell: true, task: true},
		"MS02": {rule: "R88", ask: true, task: true},
		"SL01": {rule: "R88", suspend: true, ask: true, task: true},
		"MS03": {rule: "R88", tell: true, task: true},
		"ZZ99": {rule: "R88", tell: true, task: true},
		"BE05": {rule: "R86", suspend: true, tell: true, task: true},
	} {
		t.Run(fmt.Sprintf("%s %s", w.rule, code), func(t *testing.T) {
			t.Parallel()
			r := sepa.React(sepa.Refusal{Code: code, Attempt: 1}, sepa.DefaultRetry)
			got := want{r.Rule, r.Retry, r.Suspend, r.LegalStop, r.Ask, r.Tell, r.Task != ""}
			if got != w || r.Why == "" {
				t.Errorf("%+v", r)
			}
		})
	}
	t.Run("R85 once, and only where it is switched on", func(t *testing.T) {
		t.Parallel()
		if r := sepa.React(sepa.Refusal{Code: "AM04", Attempt: 2}, sepa.DefaultRetry); r.Retry || !r.Tell {
			t.Errorf("a third attempt: %+v", r)
		}
		if r := sepa.React(sepa.Refusal{Code: "AM04", Attempt: 1}, sepa.RetryRule{}); r.Retry || !r.Tell {
			t.Errorf("switched off: %+v", r)
		}
	})
	t.Run("R85 R86 R88 a retry comes of nothing but a lack of funds, and with no other reaction", rapid.MakeCheck(func(t *rapid.T) {
		code := sepa.Code(rapid.SampledFrom([]string{"AC01", "AC04", "AC06", "AC13", "AG01", "AM04", "AM05", "BE05", "CNOR", "DNOR", "FF01", "MD01", "MD06", "MD07", "MS02", "MS03", "RC01", "SL01", "", "XX00"}).Draw(t, "code"))
		r := sepa.React(sepa.Refusal{Code: code, Attempt: rapid.IntRange(1, 3).Draw(t, "attempt"), Settled: rapid.Bool().Draw(t, "settled")}, sepa.DefaultRetry)
		if r.Retry && (code != "AM04" || r.Suspend || r.Tell || r.Ask) || !r.Retry && !r.Tell && !r.Ask && !r.LegalStop {
			t.Fatalf("%s: %+v", code, r)
		}
	}))
}

func TestScheme(t *testing.T) {
	t.Parallel()
	debited := day("2026-03-24")
	t.Run("R87 a refund within eight weeks, thirteen months when unauthorised", func(t *testing.T) {
		t.Parallel()
		if got := sepa.RefundableUntil(sepa.Core, debited); got != day("2026-05-19") {
			t.Errorf("refundable until %s", got)
		}
		if got := sepa.DisputableUntil(debited); got != day("2027-04-24") {
			t.Errorf("disputable until %s", got)
		}
		if got := sepa.DisputableUntil(day("2026-01-31")); got != day("2027-02-28") {
			t.Errorf("disputable until %s", got)
		}
	})
	t.Run("R89 a B2B debit is final after the return window", func(t *testing.T) {
		t.Parallel()
		if got := sepa.RefundableUntil(sepa.B2B, debited); !got.IsZero() {
			t.Errorf("refundable until %s", got)
		}
		if got := sepa.Final(sepa.B2B, debited); got != day("2026-03-28") {
			t.Errorf("B2B final on %s", got)
		}
		if got := sepa.Final(sepa.Core, debited); got != day("2026-05-20") {
			t.Errorf("Core final on %s", got)
		}
		// Easter lies in between: five banking days.
		if got := sepa.ReturnedUntil(sepa.Core, day("2026-04-01")); got != day("2026-04-10") {
			t.Errorf("returned until %s", got)
		}
	})
}

func TestMandateState(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		in   sepa.FirstPayment
		want sepa.State
	}{
		{"R92 paid and confirmed", sepa.FirstPayment{Paid: true, Final: true, Confirmed: true}, sepa.Valid},
		{"R92 failed", sepa.FirstPayment{Final: true}, sepa.NotGiven},
		{"R92 under way", sepa.FirstPayment{}, sepa.Pending},
		{"R92 paid, and the IBAN has yet to come", sepa.FirstPayment{Paid: true, Final: true}, sepa.Pending},
		{"R92 paid, and the provider made none", sepa.FirstPayment{Paid: true, Final: true, Gone: true}, sepa.NotGiven},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := sepa.AfterFirst(tc.in); got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
		})
	}
	t.Run("R90 nothing is collected by a mandate that ended", func(t *testing.T) {
		t.Parallel()
		signed := day("2026-03-02")
		for _, s := range []sepa.State{sepa.Pending, sepa.Suspended, sepa.Revoked, sepa.NotGiven, sepa.Expired} {
			if why, ok := sepa.Usable(s, signed, date.Date{}, signed); ok || why == "" {
				t.Errorf("%s is usable", s)
			}
		}
		if _, ok := sepa.Usable(sepa.Valid, signed, date.Date{}, day("2029-03-01")); !ok {
			t.Error("a valid one is not")
		}
		if _, ok := sepa.Usable(sepa.Valid, signed, date.Date{}, day("2029-03-02")); ok {
			t.Error("one that was not used for 36 months is")
		}
		if _, ok := sepa.Usable(sepa.Valid, signed, day("2028-01-01"), day("2029-03-02")); !ok {
			t.Error("one that was used since is not")
		}
	})
}

func TestLimits(t *testing.T) {
	t.Parallel()
	l := sepa.Limits{Collection: 50_000, Month: 80_000}
	for _, tc := range []struct {
		amount, month int64
		ok            bool
	}{{50_000, 0, true}, {50_001, 0, false}, {50_000, 30_000, true}, {50_000, 30_001, false}} {
		if why, ok := l.Allow(tc.amount, tc.month); ok != tc.ok || ok == (why != "") {
			t.Errorf("%+v: %v %q", tc, ok, why)
		}
	}
	if _, ok := (sepa.Limits{}).Allow(1<<40, 1<<40); !ok {
		t.Error("no limit is one")
	}
}
