package policy_test

import (
	"slices"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/sdk/date"
)

type window = calendar.Window

func reachable(channels ...policy.Channel) map[policy.Channel]bool {
	m := map[policy.Channel]bool{policy.Email: true, policy.Letter: true, policy.SMS: false, policy.Voice: false}
	for _, c := range channels {
		m[c] = true
	}
	return m
}

func channelsOf(f policy.Flow, id policy.StepID) []policy.Channel {
	s, _ := f.Step(id)
	return s.Channels
}

func TestAdapt(t *testing.T) {
	t.Parallel()
	b2b, b2c := policy.Flows()["b2b-nl"], policy.Flows()["b2c-nl"]
	for _, tc := range []struct {
		name string
		flow policy.Flow
		step policy.StepID
		want []policy.Channel
	}{
		{"R58 with a number the text message goes along", b2b.Adapt(reachable(policy.SMS)), policy.Reminder2, []policy.Channel{policy.Email, policy.SMS}},
		{"R58 without one it is left out", b2b.Adapt(reachable()), policy.Reminder2, []policy.Channel{policy.Email}},
		{"R58 and no channel takes its place", b2b.Adapt(reachable()), policy.VoiceCall, []policy.Channel{}},
		{"a robot where it can", b2c.Adapt(reachable(policy.Voice)), policy.ContactAttempt, []policy.Channel{policy.Voice}},
		{"a person where it cannot", b2c.Adapt(reachable()), policy.ContactAttempt, []policy.Channel{policy.Call}},
		{"R51 letters stay for the gate to judge", b2b.Adapt(map[policy.Channel]bool{policy.Email: true}), policy.FinalReminder, []policy.Channel{policy.Email, policy.Letter}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := channelsOf(tc.flow, tc.step); !slices.Equal(got, tc.want) {
				t.Errorf("by %v, want %v", got, tc.want)
			}
		})
	}
	t.Run("R58 a step that nobody offers is not in the flow", func(t *testing.T) {
		t.Parallel()
		if _, ok := b2b.Adapt(byMail).Step(policy.VoiceCall); ok {
			t.Error("the robot calls without a provider")
		}
	})
	t.Run("R58 a call that reaches nobody is passed over and the flow goes on", func(t *testing.T) {
		t.Parallel()
		f := b2b.Adapt(reachable())
		p := policy.Next(f, state("2026-09-25 10:00", total(50_000), sent("reminder_1", "2026-09-17", "reminder_2", "2026-09-24")))
		if p.Step != policy.FinalReminder || len(p.Skipped) != 2 || p.Skipped[1].Rule != "R58" {
			t.Errorf("next is %s, skipped %v", p.Step, p.Skipped)
		}
	})
	t.Run("R14 a message by two channels keeps the hours of both", func(t *testing.T) {
		t.Parallel()
		f := b2b.Adapt(reachable(policy.SMS))
		p := policy.Next(f, state("2026-09-18 10:00", sent("reminder_1", "2026-09-17")))
		if p.Step != policy.Reminder2 || clock(p.At) != "2026-09-24 09:15" {
			t.Errorf("%s at %s", p.Step, clock(p.At))
		}
	})
}

func TestAnchors(t *testing.T) {
	t.Parallel()
	flow := func(s policy.Step) policy.Flow {
		s.ID, s.Title, s.Channels, s.Phase, s.Demand = policy.Reminder2, "Reminder 2", []policy.Channel{policy.Email}, receivable.Reminding, true
		return policy.Flow{ID: "mine", Steps: []policy.Step{policy.Flows()["b2b-nl"].Steps[0], policy.Flows()["b2b-nl"].Steps[2], s}}
	}
	for _, tc := range []struct {
		name, at string
		flow     policy.Flow
	}{
		{"from the end of the month", "2026-10-08", flow(policy.Step{From: policy.FromMonthEnd, Offset: 8})},
		{"from the step before, as it was taken", "2026-10-01", flow(policy.Step{From: policy.FromPrevious, Offset: 10})},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := policy.Next(tc.flow, state("2026-09-22 10:00", sent("reminder_1", "2026-09-21")))
			if p.Step != policy.Reminder2 || date.Of(p.At.In(amsterdam)).String() != tc.at {
				t.Errorf("%s at %s (%s)", p.Step, clock(p.At), p.Why)
			}
		})
	}
	t.Run("with the next invoice it has no day of its own", func(t *testing.T) {
		t.Parallel()
		p := policy.Next(policy.Flows()["small-amount"], state("2026-10-20", sent("reminder_1", "2026-09-21", "reminder_2", "2026-09-28")))
		if p.Step != policy.WithNext || !p.At.IsZero() {
			t.Errorf("%s at %s", p.Step, clock(p.At))
		}
	})
}

func TestSendingSettings(t *testing.T) {
	t.Parallel()
	with := func(s policy.Sending) change { return func(m *policy.Moment) { m.Sending = s } }
	for _, tc := range []struct {
		name string
		set  policy.Sending
		at   string
	}{
		{"R13 on chosen days only", policy.Sending{Weekdays: []time.Weekday{time.Monday, time.Tuesday}}, "2026-09-21 08:15"},
		{"R14 in chosen hours", policy.Sending{Hours: map[policy.Channel]window{policy.Email: {From: 13 * 60, To: 15 * 60}}}, "2026-09-17 13:15"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := policy.Next(business, state("2026-09-15 10:00", with(tc.set)))
			if p.Step != policy.Reminder1 || clock(p.At) != tc.at {
				t.Errorf("%s at %s, want %s (%s)", p.Step, clock(p.At), tc.at, p.Why)
			}
		})
	}
	t.Run("a flow's own settings go before the administration's", func(t *testing.T) {
		t.Parallel()
		got := policy.Sending{MinInterval: 5}.Over(policy.Sending{MinInterval: 7, Weekdays: []time.Weekday{time.Monday}})
		if got.MinInterval != 5 || len(got.Weekdays) != 1 {
			t.Errorf("settings %+v", got)
		}
	})
}

func TestApproval(t *testing.T) {
	t.Parallel()
	const day = "2026-10-12 10:00"
	ready := all(sent("reminder_1", "2026-09-17", "reminder_2", "2026-09-24", "final_reminder", "2026-10-02"))
	first := func(m *policy.Moment) { m.ApproveCases = on("2026-10-20") }
	allowed := func(m *policy.Moment) { m.Approved = map[policy.StepID]bool{policy.OpenCase: true} }
	marked := func(m *policy.Moment) { m.Step.Approval = true }
	for _, tc := range []struct {
		name string
		with change
		want policy.Outcome
	}{
		{"a case in the first time after go-live waits", all(ready, first), policy.Wait},
		{"and goes once it is approved", all(ready, first, allowed), policy.Pass},
		{"and later by itself", all(ready, func(m *policy.Moment) { m.ApproveCases = on("2026-10-11") }), policy.Pass},
		{"a step that the flow marks waits always", all(ready, marked), policy.Wait},
		{"until it is approved", all(ready, marked, allowed), policy.Pass},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			v := policy.Gate(moment(business, policy.OpenCase, day, tc.with))
			if v.Outcome != tc.want || v.Outcome == policy.Wait && (v.Rule != policy.NeedsApproval || v.Task != policy.NeedsApproval) {
				t.Errorf("%s by %s (%s)", v.Outcome, v.Rule, v.Why)
			}
		})
	}
}

func TestAnotherFlow(t *testing.T) {
	t.Parallel()
	t.Run("R118 what another flow did is behind the new one", func(t *testing.T) {
		t.Parallel()
		mine := edit("b2b-nl", policy.Reminder1, func(s *policy.Step) { s.ID, s.Text = "nudge", policy.Reminder1 }).Adapt(byMail)
		p := policy.Next(mine, state("2026-09-18 10:00", sent("reminder_1", "2026-09-17")))
		if p.Step != policy.Reminder2 || date.Of(p.At).String() != "2026-09-24" {
			t.Errorf("%s at %s (%s)", p.Step, clock(p.At), p.Why)
		}
	})
	t.Run("R118 and a debtor is warned before a case whatever it did", func(t *testing.T) {
		t.Parallel()
		mine := edit("b2b-nl", policy.FinalReminder, func(s *policy.Step) { s.Offset = 17 }).Adapt(byMail)
		p := policy.Next(mine, state("2026-11-02 10:00", sent("elsewhere", "2026-10-30")))
		if p.Step != policy.FinalReminder {
			t.Errorf("%s at %s (%s)", p.Step, clock(p.At), p.Why)
		}
	})
}
