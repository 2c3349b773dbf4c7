package policy_test

import (
	"slices"
	"testing"

	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

func TestNext(t *testing.T) {
	t.Parallel()
	positive := business
	positive.Steps = slices.Clone(business.Steps)
	positive.Steps[0].When = []policy.Condition{{MinMinor: 100_000}}
	const r1, r2 = policy.Reminder1, policy.Reminder2
	for _, tc := range []struct {
		name string
		flow policy.Flow
		now  string
		with change
		step policy.StepID
		at   string // "" for no step
		rule string
		skip []policy.StepID
	}{
		{"R8 after a night without scheduler the step goes at once", business, "2026-09-18 10:00", all(), r1, "2026-09-18 10:00", "R8", nil},
		{"R8 after three weeks only the latest reminder goes", business, "2026-09-29 10:00", all(), r2, "2026-09-29 10:00", "R8", []policy.StepID{policy.PreReminder, r1}},
		{"R8 a final reminder overtakes no reminder", business, "2026-10-20 10:00", all(), r2, "2026-10-20 10:00", "R8", []policy.StepID{policy.PreReminder, r1}},
		{"R8 nothing overtakes the statutory letter", consumer, "2026-12-01 10:00", sent("reminder_1", "2026-09-17", "reminder_2", "2026-09-24"), policy.FourteenDay, "2026-12-01 10:00", "R8", nil},
		{"R8 nor a step of a case", business, "2026-12-01 10:00", all(sent("final_reminder", "2026-10-02", "case_opened", "2026-10-12"), inCase("2026-10-12")), policy.SummonsReminder, "2026-12-01 10:00", "R8", nil},
		{"R8 a missed pre-reminder is passed over", consumer, "2026-09-12 10:00", all(), r1, "2026-09-17 08:15", "flow", []policy.StepID{policy.PreReminder}},
		{"R8 a wait that our own rules made skips nothing", business, "2026-09-25 09:00", notBefore("2026-09-25", "R34"), r1, "2026-09-25 09:00", "R34", nil},

		{"R26 that a payment was undone is told on the next sending day", business, "2026-09-18 10:00", all(sent("reminder_1", "2026-09-17"), reversed("2026-09-18"), notBefore("2026-09-25", "R26")), policy.PaymentReversed, "2026-09-21 08:00", "R26", nil},
		{"R26 and then the flow goes on after a fresh interval", business, "2026-09-22 10:00", all(sent("reminder_1", "2026-09-17"), done(policy.DoneSent, "payment_reversed", "2026-09-21"), notBefore("2026-09-25", "R26")), r2, "2026-09-25 08:15", "R26", nil},
		{"R26 also before the due date", business, "2026-09-02 10:00", reversed("2026-09-02"), policy.PaymentReversed, "2026-09-03 08:00", "R26", nil},
		{"R17 but never before the invoice itself", business, "2026-09-02 10:00", all(unsent, reversed("2026-09-02")), policy.SendInvoice, "2026-09-02 10:00", "flow", nil},
		{"R8 nor passes over a statutory first reminder", belgian, "2026-10-20 10:00", all(), "first_reminder", "2026-10-20 10:00", "R8", nil},

		{"R12 the day after the due date is the first for a demand", business, "2026-09-10 10:00", all(sent("case_opened", "2026-09-03"), inCase("2026-09-03"), due("2026-09-20")), policy.SummonsReminder, "2026-09-21 08:00", "R12", nil},

		{"R13 a Sunday moves to Monday", business, "2026-10-05 10:00", sent("final_reminder", "2026-10-02"), policy.OpenCase, "2026-10-12 08:00", "R13", nil},
		{"R13 a holiday of the debtor's country moves too", business, "2026-11-01 10:00", all(calendars("NL", "BE"), due("2026-11-08")), r1, "2026-11-12 08:15", "R13", nil},
		{"R13 a moved step keeps its distance to the next", business, "2026-09-22 10:00", sent("reminder_1", "2026-09-21"), r2, "2026-09-28 08:15", "R13", nil},
		{"R13 a task keeps the distance of the flow", business, "2026-09-26 10:00", sent("reminder_1", "2026-09-17", "reminder_2", "2026-09-25"), policy.CallTask, "2026-09-29 09:00", "R13", nil},
		{"R13 a task moves to a working day", business, "2026-09-19 10:00", all(due("2026-09-05"), issued("2026-08-22"), sent("invoice", "2026-08-22", "reminder_1", "2026-09-08", "reminder_2", "2026-09-15")), policy.CallTask, "2026-09-21 09:00", "R13", nil},
		{"R13 the case waits until the days of the final reminder are over", business, "2026-10-07 10:00", sent("final_reminder", "2026-10-06"), policy.OpenCase, "2026-10-14 08:00", "R13", nil},
		{"R13 the statutory letter is posted from Monday to Thursday", consumer, "2026-09-30 10:00", all(due("2026-09-15"), sent("reminder_1", "2026-09-18", "reminder_2", "2026-09-25")), policy.FourteenDay, "2026-10-05 08:00", "R13", nil},
		{"R13 also when Thursday is over", consumer, "2026-10-01 18:30", sent("reminder_1", "2026-09-17", "reminder_2", "2026-09-24"), policy.FourteenDay, "2026-10-05 08:00", "R14", nil},
		{"R13 a pre-reminder on a Sunday goes on Monday", consumer, "2026-09-13 10:00", due("2026-09-16"), policy.PreReminder, "2026-09-14 08:30", "R13", nil},
		{"R13 a pre-reminder without a day before the due date is passed over", consumer, "2026-12-24 10:00", all(issued("2026-12-01"), due("2026-12-28"), sent("invoice", "2026-12-01")), r1, "2026-12-31 08:15", "flow", []policy.StepID{policy.PreReminder}},

		{"R14 after hours the next morning", business, "2026-09-17 18:00", all(), r1, "2026-09-18 08:15", "R14", nil},
		{"R14 on the debtor's clock", business, "2026-09-16 10:00", debtorZone("America/New_York"), r1, "2026-09-17 14:15", "flow", nil},

		{"R51 a letter is on its way before the interval begins", business, "2026-09-18 10:00", func(m *policy.Moment) {
			sent("reminder_1", "2026-09-17")(m)
			m.Done[r1] = policy.Done{Outcome: policy.DoneSent, On: date.MustParse("2026-09-17"), ByPost: true}
		}, r2, "2026-09-29 08:15", "R51", nil},
		{"R53 what a full mailbox did not take goes the next day, an invoice too", business, "2026-09-02 10:00", all(unsent, notBefore("2026-09-03", "R53")), policy.SendInvoice, "2026-09-03 08:00", "R53", nil},

		{"R15 a reminder for another invoice makes it wait", business, "2026-09-16 10:00", last("2026-09-15"), r1, "2026-09-22 08:15", "R15", nil},
		{"R15 but not the statutory letter", consumer, "2026-10-01 07:00", all(sent("reminder_1", "2026-09-17", "reminder_2", "2026-09-24"), last("2026-09-30")), policy.FourteenDay, "2026-10-01 08:00", "flow", nil},
		{"R15 a pre-reminder after a reminder is passed over", consumer, "2026-09-10 10:00", last("2026-09-09"), r1, "2026-09-17 08:15", "flow", []policy.StepID{policy.PreReminder}},
		{"R15 a parked message may have arrived", business, "2026-09-18 10:00", done(policy.DoneParked, "reminder_1", "2026-09-18"), r2, "2026-09-25 08:15", "R13", nil},

		{"R16 nothing without a go-live date", business, "2026-09-17", func(m *policy.Moment) { m.GoLive = policy.State{}.GoLive }, "", "", "R16", nil},
		{"R16 nothing before the go-live date", business, "2026-09-20 10:00", goLive("2026-10-06"), r1, "2026-10-06 08:15", "R16", nil},
		{"R16 a new invoice waits for it too", business, "2026-08-31", all(unsent, issued("2026-09-03"), goLive("2026-09-02")), policy.SendInvoice, "2026-09-03 08:00", "flow", nil},
		{"R16 an item of two years ago enters where it was said", business, "2026-09-17 10:00", all(bySource, issued("2024-08-01"), due("2024-09-01")), r1, "2026-09-17 10:00", "R16", nil},
		{"R16 never at a final reminder", business, "2026-09-17 10:00", all(bySource, issued("2024-08-01"), due("2024-09-01"), entry(policy.FinalReminder)), r1, "2026-09-17 10:00", "R16", nil},
		{"R16 nor at an unknown step", business, "2026-09-17 10:00", all(bySource, issued("2024-08-01"), due("2024-09-01"), entry("reconfirm")), r1, "2026-09-17 10:00", "R16", nil},
		{"R16 nor before the due date at an unknown step", consumer, "2026-09-01 10:00", all(bySource, goLive("2026-09-01"), entry("reconfirm")), r1, "2026-09-17 08:15", "flow", nil},
		{"R16 and keeps its distance from there", business, "2026-09-18 10:00", all(issued("2024-08-01"), due("2024-09-01"), unsent, sent("reminder_1", "2026-09-17")), r2, "2026-09-24 08:15", "R13", nil},
		{"R16 one that is not due yet keeps its dates", business, "2026-09-01 10:00", all(bySource, goLive("2026-09-01")), r1, "2026-09-17 08:15", "flow", nil},

		{"R17 an invoice that was never sent goes first", business, "2026-09-20 10:00", unsent, policy.SendInvoice, "2026-09-21 08:00", "R17", nil},
		{"R17 and leaves time to pay", business, "2026-09-22 10:00", sent("invoice", "2026-09-21"), r1, "2026-10-01 08:15", "flow", []policy.StepID{policy.PreReminder}},
		{"R17 also when a person sent it", business, "2026-09-22 10:00", done(policy.DoneByHand, "invoice", "2026-09-21"), r1, "2026-10-01 08:15", "flow", []policy.StepID{policy.PreReminder}},
		{"R17 a term shorter than the interval is enough", business, "2026-09-22 10:00", all(issued("2026-09-10"), sent("invoice", "2026-09-21")), r1, "2026-09-28 08:15", "flow", []policy.StepID{policy.PreReminder}},
		{"R17 a weekend after the invoice date is no delay", business, "2026-09-08 10:00", all(issued("2026-09-05"), due("2026-09-12"), sent("invoice", "2026-09-07")), r1, "2026-09-15 08:15", "flow", nil},
		{"R17 no pre-reminder on the heels of the invoice", consumer, "2026-09-11 10:00", sent("invoice", "2026-09-11"), r1, "2026-09-21 08:15", "flow", []policy.StepID{policy.PreReminder}},

		{"R17 nor on the day of the invoice", consumer, "2026-09-11 10:00", all(issued("2026-09-11"), sent("invoice", "2026-09-11")), r1, "2026-09-17 08:15", "flow", []policy.StepID{policy.PreReminder}},

		{"R18 what the books sent is not sent again", consumer, "2026-09-01 10:00", bySource, policy.PreReminder, "2026-09-11 08:30", "flow", nil},

		{"R20 an invoice over nothing is sent", business, "2026-08-31 10:00", all(unsent, total(0)), policy.SendInvoice, "2026-08-31 10:00", "flow", nil},
		{"R20 or not, as the flow says", positive, "2026-08-31 10:00", all(unsent, total(0)), "", "", "R20", nil},
		{"R20 what is owed goes whatever the flow says", positive, "2026-08-31 10:00", all(unsent), policy.SendInvoice, "2026-08-31 10:00", "flow", nil},
		{"R20 and never reminded", business, "2026-09-20", total(0), "", "", "R20", nil},
		{"R20 a prepaid invoice asks nothing", business, "2026-08-31", all(unsent, books(0)), "", "", "R1", nil},
		{"R20 an overpaid one neither", business, "2026-09-20", received(120_000), "", "", "R1", nil},

		{"R21 a later due date moves the steps that were not sent", business, "2026-09-18 10:00", all(sent("reminder_1", "2026-09-17"), due("2026-10-14")), r2, "2026-10-26 08:15", "R13", nil},
		{"R22 an earlier due date sends nothing today", business, "2026-09-10 09:00", all(due("2026-09-04"), notBefore("2026-09-11", "R22")), r1, "2026-09-11 08:15", "R22", []policy.StepID{policy.PreReminder}},

		{"R34 a part payment keeps the step and its distance", business, "2026-09-23 10:00", all(sent("reminder_1", "2026-09-17"), books(40_000), notBefore("2026-09-30", "R34")), r2, "2026-09-30 08:15", "R34", nil},
		{"R34 and does not start again", business, "2026-10-05 10:00", all(sent("reminder_1", "2026-09-17", "reminder_2", "2026-09-24", "final_reminder", "2026-10-02"), books(40_000), notBefore("2026-10-12", "R34")), policy.OpenCase, "2026-10-12 08:00", "R34", nil},

		{"R38 a credit note asks nothing", business, "2026-09-20", kind(sdk.CreditNote), "", "", "R38", nil},

		{"R45 its own step, whatever another invoice had", business, "2026-09-20 10:00", all(sent("reminder_1", "2026-09-17"), last("2026-09-18")), r2, "2026-09-25 08:15", "R15", nil},

		{"R69 after a promise at the step it was on", business, "2026-09-29 10:00", resume("reminder_1"), r1, "2026-09-29 10:00", "R8", []policy.StepID{policy.PreReminder}},
		{"R78 after a plan too, with the interval after the last", business, "2026-09-29 10:00", all(resume("reminder_2"), sent("reminder_1", "2026-09-25"), last("2026-09-25")), r2, "2026-10-02 08:15", "R13", []policy.StepID{}},
		{"R65 a pause that ended goes on at the next step", business, "2026-09-29 10:00", notBefore("2026-10-06", "R65"), r1, "2026-10-06 08:15", "R65", nil},

		{"R93 no case without a notice", consumer, "2026-11-10", sent("fourteen_day_letter", "2026-10-01"), "", "", "flow", nil},
		{"R93 nor before its term is over", consumer, "2026-10-10 10:00", all(sent("fourteen_day_letter", "2026-10-01"), costsFrom("2026-10-20")), policy.OpenCase, "2026-10-23 08:00", "flow", nil},

		{"amount too small for the pre-reminder and the call", business, "2026-09-25 10:00", all(total(99_999), sent("reminder_1", "2026-09-17", "reminder_2", "2026-09-24")), policy.FinalReminder, "2026-10-02 08:00", "flow", []policy.StepID{policy.CallTask}},
		{"amount large enough for both", business, "2026-09-01 10:00", total(250_000), policy.PreReminder, "2026-09-10 08:30", "flow", nil},
		{"no due date, no reminder", business, "2026-09-20", due(""), "", "", "flow", nil},
		{"all steps behind it", business, "2026-12-20", done(policy.DoneTask, "ready_for_bailiff", "2026-12-01"), "", "", "flow", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := policy.Next(tc.flow, state(tc.now, tc.with))
			if p.Step != tc.step || clock(p.At) != tc.at || p.Rule != tc.rule {
				t.Errorf("got  %s at %s by %s (%s)\nwant %s at %s by %s", p.Step, clock(p.At), p.Rule, p.Why, tc.step, tc.at, tc.rule)
			}
			var skipped []policy.StepID
			for _, s := range p.Skipped {
				skipped = append(skipped, s.Step)
			}
			if tc.skip != nil && !slices.Equal(skipped, tc.skip) {
				t.Errorf("skipped %v, want %v", p.Skipped, tc.skip)
			}
			if p.Why == "" {
				t.Error("no reason given")
			}
		})
	}
}

// belgian has a first reminder that the law asks for, whatever the amount.
var belgian = policy.Flow{ID: "belgian", Steps: []policy.Step{
	{ID: "first_reminder", Title: "First reminder", From: policy.FromDue, Offset: 4, Channels: []policy.Channel{policy.Email}, Phase: receivable.Reminding, Statutory: true, Demand: true, When: []policy.Condition{{MinMinor: 900_000}}},
	{ID: policy.Reminder2, Title: "Reminder 2", From: policy.FromDue, Offset: 11, Channels: []policy.Channel{policy.Email}, Phase: receivable.Reminding, Demand: true},
}}

func TestPhase(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		now  string
		with change
		want receivable.Phase
	}{
		{"known but not sent", "2026-08-31", unsent, receivable.Draft},
		{"R18 sent by the books", "2026-08-31", bySource, receivable.Sent},
		{"R16 from before go-live", "2026-09-20", all(unsent, goLive("2026-09-01")), receivable.Sent},
		{"sent by us", "2026-09-20", all(), receivable.Sent},
		{"after a reminder", "2026-09-20", sent("reminder_1", "2026-09-17"), receivable.Reminding},
		{"after one that went along", "2026-09-20", done(policy.DoneMerged, "reminder_1", "2026-09-17"), receivable.Reminding},
		{"R8 a skipped step moves nothing", "2026-09-20", done(policy.DoneSkipped, "reminder_1", "2026-09-17"), receivable.Sent},
		{"R9 nor a parked one", "2026-09-20", done(policy.DoneParked, "reminder_1", "2026-09-17"), receivable.Sent},
		{"R21 back to sent when it is no longer overdue", "2026-10-05", all(sent("reminder_1", "2026-09-17", "final_reminder", "2026-10-02"), due("2026-10-31")), receivable.Sent},
		{"R21 and forward again when it is", "2026-11-01", all(sent("reminder_1", "2026-09-17"), due("2026-10-31")), receivable.Reminding},
		{"R21 but an open case stays open", "2026-10-20", all(sent("case_opened", "2026-10-12"), inCase("2026-10-12"), due("2026-10-31")), receivable.Case},
		{"in a case that was opened by hand", "2026-10-20", inCase("2026-10-12"), receivable.Case},
		{"ready for a bailiff", "2026-12-20", done(policy.DoneTask, "ready_for_bailiff", "2026-12-01"), receivable.Bailiff},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := policy.Phase(business, state(tc.now, tc.with)); got != tc.want {
				t.Errorf("phase %s, want %s", got, tc.want)
			}
		})
	}
}
