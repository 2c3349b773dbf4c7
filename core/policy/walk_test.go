package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/sdk/date"
)

// walk lives a flow through day by day: every night the plan is made anew, and
// what is planned for the day is gated and done at its moment. Events change the
// invoice at the start of a day.
type walk struct {
	flow   policy.Flow
	m      policy.Moment
	until  string
	events map[string]change
}

// tb is what a test and a property have in common.
type tb interface {
	Helper()
	Fatalf(format string, args ...any)
}

// taken is a step on its day, and what was passed over on the way.
type taken struct {
	step    policy.Step
	on      date.Date
	skipped []policy.Skip
}

func (w walk) run(t tb, term func(posted date.Date) date.Date) []taken {
	t.Helper()
	var out []taken
	m := w.m
	for day := date.Of(m.Now); !day.After(on(w.until)); day = day.AddDays(1) {
		m.Now = day.In(amsterdam)
		if e := w.events[day.String()]; e != nil {
			e(&m)
		}
		for {
			p := policy.Next(w.flow, m.State)
			if p.Step == "" || date.Of(p.At.In(amsterdam)).After(day) {
				break
			}
			if p.At.Before(m.Now) {
				t.Fatalf("%s is planned for %s, before %s", p.Step, p.At, m.Now)
			}
			m.Now, m.Confirmed = p.At, p.At
			m.Step, _ = w.flow.Step(p.Step)
			v := policy.Gate(m)
			if v.Outcome == policy.Wait && !v.Until.IsZero() || v.Outcome == policy.Close {
				break
			}
			if v.Outcome != policy.Pass {
				t.Fatalf("%s was planned for %s, but the gate says %s by %s: %s", p.Step, clock(p.At), v.Outcome, v.Rule, v.Why)
			}
			out = append(out, taken{m.Step, day, p.Skipped})
			takeStep(&m, p, day, term)
		}
	}
	return out
}

// takeStep does to a state what the product records after a step.
func takeStep(m *policy.Moment, p policy.Plan, day date.Date, term func(date.Date) date.Date) {
	done := map[policy.StepID]policy.Done{}
	for id, d := range m.Done {
		done[id] = d
	}
	for _, s := range p.Skipped {
		done[s.Step] = policy.Done{Outcome: policy.DoneSkipped, On: day}
	}
	outcome := policy.DoneSent
	if m.Step.Bookkeeping() {
		outcome = policy.DoneTask
	}
	done[p.Step] = policy.Done{Outcome: outcome, On: day}
	m.Done = done
	switch {
	case m.Step.Statutory:
		m.CostsFrom = term(day)
	case p.Step == policy.OpenCase:
		m.CaseOpened = day
	}
	if m.Step.Demand {
		m.LastReminder = day
	}
}

func lines(steps []taken) string {
	var b strings.Builder
	for _, s := range steps {
		fmt.Fprintf(&b, "%s %s %s\n", s.on.Weekday().String()[:3], s.on, s.step.ID)
	}
	return b.String()
}

// fresh is an invoice that nobody sent yet, on its invoice date.
func fresh(invoiced, dueOn string, cents int64) policy.Moment {
	return moment(business, "", invoiced+" 00:00", unsent, issued(invoiced), due(dueOn), total(cents))
}

// TestCalendar holds the flows of the domain rules, section 4, to their days.
func TestCalendar(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		walk walk
		want string
	}{
		{"B2B NL, no weekend in the way but the rules' own", walk{flow: business, m: fresh("2026-08-31", "2026-09-14", 300_000), until: "2026-12-31"}, `
			Mon 2026-08-31 invoice
			Thu 2026-09-10 pre_reminder       D-4
			Thu 2026-09-17 reminder_1         D+3
			Thu 2026-09-24 reminder_2         D+10
			Mon 2026-09-28 call_task          D+14
			Fri 2026-10-02 final_reminder     D+18
			Mon 2026-10-12 case_opened        D+27 is a Sunday
			Mon 2026-10-19 summons_reminder   +7
			Mon 2026-10-26 summons_2          +14
			Wed 2026-11-04 pre_judicial       +23
			Mon 2026-11-16 ready_for_bailiff  +33 is a Saturday
		`},
		{"B2B NL, below the amounts of pre-reminder and call", walk{flow: business, m: fresh("2026-08-31", "2026-09-14", 99_900), until: "2026-12-31"}, `
			Mon 2026-08-31 invoice
			Thu 2026-09-17 reminder_1
			Thu 2026-09-24 reminder_2
			Fri 2026-10-02 final_reminder
			Mon 2026-10-12 case_opened
			Mon 2026-10-19 summons_reminder
			Mon 2026-10-26 summons_2
			Wed 2026-11-04 pre_judicial
			Mon 2026-11-16 ready_for_bailiff
		`},
		{"B2B NL over Christmas and New Year", walk{flow: business, m: fresh("2026-11-24", "2026-12-22", 300_000), until: "2027-04-30"}, `
			Tue 2026-11-24 invoice
			Fri 2026-12-18 pre_reminder       D-4
			Mon 2026-12-28 reminder_1         D+3 is Christmas, then Boxing Day and a Sunday
			Mon 2027-01-04 reminder_2         D+10 is New Year's Day
			Fri 2027-01-08 call_task          D+14 is one day after reminder 2: it keeps its 4 days
			Mon 2027-01-11 final_reminder     D+18 is a Saturday, and 7 days after reminder 2
			Tue 2027-01-19 case_opened        D+27 is the 7th day to pay
			Tue 2027-01-26 summons_reminder   +7
			Tue 2027-02-02 summons_2          +14
			Thu 2027-02-11 pre_judicial       +23
			Mon 2027-02-22 ready_for_bailiff  +33 is a Sunday
		`},
		{"B2C NL", walk{flow: consumer, m: fresh("2026-08-31", "2026-09-14", 50_000), until: "2027-02-28"}, `
			Mon 2026-08-31 invoice
			Fri 2026-09-11 pre_reminder          D-3
			Thu 2026-09-17 reminder_1            D+3
			Thu 2026-09-24 reminder_2            D+10
			Thu 2026-10-01 fourteen_day_letter   D+17, a Thursday
			Fri 2026-10-23 case_opened           D+39: delivered Sat 3, last day Sat 17 rolled to Mon 19, costs from Tue 20, 3 safe days
			Wed 2026-10-28 contact_attempt       +5
			Mon 2026-11-02 plan_offer            +10
			Mon 2026-11-09 summons_2             +17
			Mon 2026-11-23 pre_judicial          +30 is a Sunday
			Fri 2026-12-04 ready_for_bailiff     +42
		`},
		{"B2C NL with Easter", walk{flow: consumer, m: fresh("2026-03-02", "2026-03-31", 50_000), until: "2026-09-30"}, `
			Mon 2026-03-02 invoice
			Mon 2026-03-30 pre_reminder          D-3 is a Saturday
			Tue 2026-04-07 reminder_1            D+3 is Good Friday, then a weekend and Easter Monday
			Tue 2026-04-14 reminder_2            D+10 is three days after reminder 1
			Tue 2026-04-21 fourteen_day_letter   D+17 is three days after reminder 2
			Mon 2026-05-11 case_opened           delivered Thu 23 April, last day Thu 7 May, costs from Fri 8
			Mon 2026-05-18 contact_attempt       +5 is a Saturday
			Thu 2026-05-21 plan_offer            +10
			Thu 2026-05-28 summons_2             +17
			Wed 2026-06-10 pre_judicial          +30
			Mon 2026-06-22 ready_for_bailiff     +42
		`},
		{"B2C NL with Ascension and Whitsun", walk{flow: consumer, m: fresh("2026-03-02", "2026-03-30", 50_000), until: "2026-09-30"}, `
			Mon 2026-03-02 invoice
			Fri 2026-03-27 pre_reminder          D-3
			Thu 2026-04-02 reminder_1            D+3
			Thu 2026-04-09 reminder_2            D+10
			Thu 2026-04-16 fourteen_day_letter   D+17
			Fri 2026-05-08 case_opened           delivered Sat 18 April, last day Sat 2 May rolled to Mon 4, costs from Tue 5
			Wed 2026-05-13 contact_attempt       +5
			Mon 2026-05-18 plan_offer            +10
			Tue 2026-05-26 summons_2             +17 is Whit Monday
			Mon 2026-06-08 pre_judicial          +30 is a Sunday
			Fri 2026-06-19 ready_for_bailiff     +42
		`},
		{"B2C NL on the dates of R94: posted on Thursday 19 November", walk{flow: consumer, m: fresh("2026-10-12", "2026-11-02", 50_000), until: "2027-03-31"}, `
			Mon 2026-10-12 invoice
			Fri 2026-10-30 pre_reminder          D-3
			Thu 2026-11-05 reminder_1            D+3
			Thu 2026-11-12 reminder_2            D+10
			Thu 2026-11-19 fourteen_day_letter   D+17
			Fri 2026-12-11 case_opened           D+39: delivered Sat 21, last day Sat 5 December rolled to Mon 7, costs from Tue 8
			Wed 2026-12-16 contact_attempt       +5
			Mon 2026-12-21 plan_offer            +10
			Mon 2026-12-28 summons_2             +17
			Mon 2027-01-11 pre_judicial          +30 is a Sunday
			Fri 2027-01-22 ready_for_bailiff     +42
		`},
		{"R21 the due date moves later between two reminders", walk{flow: business, m: fresh("2026-08-31", "2026-09-14", 99_900), until: "2026-11-13", events: map[string]change{
			"2026-09-20": due("2026-10-14"),
		}}, `
			Mon 2026-08-31 invoice
			Thu 2026-09-17 reminder_1
			Mon 2026-10-26 reminder_2            new D+10 is a Saturday
			Mon 2026-11-02 final_reminder        new D+18 is a Sunday
			Tue 2026-11-10 case_opened           new D+27; the 7 days are over
		`},
		{"R22 the due date moves earlier", walk{flow: business, m: fresh("2026-08-31", "2026-09-30", 99_900), until: "2026-10-02", events: map[string]change{
			"2026-09-11": all(due("2026-09-04"), notBefore("2026-09-14", "R22")),
		}}, `
			Mon 2026-08-31 invoice
			Mon 2026-09-14 reminder_1
			Mon 2026-09-21 reminder_2
			Mon 2026-09-28 final_reminder
		`},
		{"R34 a part is paid between reminder 2 and the letter", walk{flow: consumer, m: fresh("2026-08-31", "2026-09-14", 50_000), until: "2026-11-30", events: map[string]change{
			"2026-09-29": all(books(20_000), notBefore("2026-10-06", "R34")),
		}}, `
			Mon 2026-08-31 invoice
			Fri 2026-09-11 pre_reminder
			Thu 2026-09-17 reminder_1
			Thu 2026-09-24 reminder_2
			Tue 2026-10-06 fourteen_day_letter   7 days after the payment
			Mon 2026-10-26 case_opened           delivered Thu 8, last day Thu 22, costs from Fri 23
			Mon 2026-11-02 contact_attempt       +5 is a Saturday
			Thu 2026-11-05 plan_offer            +10
			Thu 2026-11-12 summons_2             +17
			Wed 2026-11-25 pre_judicial          +30
		`},
		{"R2 all is paid after reminder 2", walk{flow: consumer, m: fresh("2026-08-31", "2026-09-14", 50_000), until: "2027-02-28", events: map[string]change{
			"2026-09-30": received(50_000),
		}}, `
			Mon 2026-08-31 invoice
			Fri 2026-09-11 pre_reminder
			Thu 2026-09-17 reminder_1
			Thu 2026-09-24 reminder_2
		`},
		{"R8 the scheduler is down from 16 September to 12 October", walk{flow: business, m: fresh("2026-08-31", "2026-09-14", 300_000), until: "2026-11-01", events: map[string]change{
			"2026-09-16": hold("paused", "administration", "2026-10-12 00:00"),
		}}, `
			Mon 2026-08-31 invoice
			Thu 2026-09-10 pre_reminder
			Mon 2026-10-12 reminder_2            reminder 1 is passed over
			Fri 2026-10-16 call_task             4 days later, as in the flow
			Mon 2026-10-19 final_reminder        7 days later
			Tue 2026-10-27 case_opened           after the 7 days to pay
		`},
		{"R17 the invoice goes out three weeks late", walk{flow: business, m: func() policy.Moment {
			m := fresh("2026-08-31", "2026-09-14", 99_900)
			m.Now = at("2026-09-21 00:00")
			return m
		}(), until: "2026-10-31"}, `
			Mon 2026-09-21 invoice
			Thu 2026-10-01 reminder_1            7 days to pay, and 3
			Thu 2026-10-08 reminder_2
			Fri 2026-10-16 final_reminder
			Mon 2026-10-26 case_opened           D+27 is a Sunday
		`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := lines(tc.walk.run(t, func(posted date.Date) date.Date { return noticeTerm(t, posted) }))
			if want := table(tc.want); got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}

// table reads the first three words of each line; what follows is for people.
func table(text string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimSpace(text)) {
		words := strings.Fields(line)
		b.WriteString(strings.Join(words[:3], " ") + "\n")
	}
	return b.String()
}
