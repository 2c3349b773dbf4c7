package policy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
)

// The bundles of the tables are all of Thursday 24 September 2026, 10:00.
const today = "2026-09-24"

// id makes the id of an invoice that the tables call by a letter; ids sort as
// their letters do.
func id(name string) (u uuid.UUID) {
	copy(u[:], name)
	return u
}

// item is an invoice with its planned step, as the gate sees it now.
func item(name string, f policy.Flow, step policy.StepID, nextAt string, changes ...change) policy.Item {
	m := moment(f, step, today, changes...)
	it := policy.Item{ID: id(name), Flow: f.ID, Moment: m, Verdict: policy.Gate(m), NextStep: step}
	if nextAt != "" {
		it.NextAt = at(nextAt)
	}
	return it
}

// named gives ids their letters back.
func named(ids []uuid.UUID) string {
	var b strings.Builder
	for _, i := range ids {
		b.WriteByte(i[0])
	}
	return b.String()
}

// listed is a message in a form that tables can hold.
type listed struct{ demanded, notDue, notDemanded, left, advance, totals string }

// expect is listed in one line of a table.
func expect(demanded, notDue, notDemanded, left, advance, totals string) listed {
	return listed{demanded, notDue, notDemanded, left, advance, totals}
}

func written(m policy.Message) (s listed) {
	s.demanded, s.notDue = named(m.Demanded), named(m.NotDue)
	var notDemanded, left, advance, totals []string
	for _, n := range m.NotDemanded {
		notDemanded = append(notDemanded, named([]uuid.UUID{n.ID})+" "+n.Reason)
	}
	for _, l := range m.Left {
		left = append(left, named([]uuid.UUID{l.ID})+" "+l.Rule)
	}
	for _, a := range m.Advance {
		advance = append(advance, fmt.Sprintf("%s %s %s", named([]uuid.UUID{a.ID}), a.Step, a.Outcome))
	}
	for _, t := range m.Totals {
		totals = append(totals, t.String())
	}
	s.notDemanded, s.left = strings.Join(notDemanded, ", "), strings.Join(left, ", ")
	s.advance, s.totals = strings.Join(advance, ", "), strings.Join(totals, ", ")
	return s
}

func TestBundle(t *testing.T) {
	t.Parallel()
	const now, later, friday = today + " 10:00", today + " 17:00", "2026-09-25 08:15"
	reminded := sent("reminder_1", "2026-09-17")
	warned := sent("reminder_1", "2026-09-08", "reminder_2", "2026-09-15")
	// A young claim is three days overdue, and one that is not due has a week.
	young := all(due("2026-09-21"), total(50_000))
	notDue := all(due("2026-10-05"), total(70_000))

	for _, tc := range []struct {
		name  string
		items []policy.Item
		step  policy.StepID
		tone  receivable.Phase
		want  listed
	}{
		{"R43 the highest phase sets the tone, each keeps its own step", []policy.Item{
			item("A", business, policy.Reminder1, now, young),
			item("B", business, policy.FinalReminder, later, all(due("2026-09-04"), warned)),
		}, policy.FinalReminder, receivable.Final, expect("BA", "", "", "", "B final_reminder sent, A reminder_1 merged", "EUR 1500.00")},
		{"R43 within a phase the later step does", []policy.Item{
			item("A", business, policy.Reminder1, now, young),
			item("B", business, policy.Reminder2, later, all()),
		}, policy.Reminder2, receivable.Reminding, expect("BA", "", "", "", "B reminder_2 sent, A reminder_1 merged", "EUR 1500.00")},

		{"R44 what is due by the end of the day goes along", []policy.Item{
			item("A", business, policy.Reminder1, now, all()),
			item("B", business, policy.Reminder1, today+" 23:59", young),
			item("C", business, policy.Reminder1, "2026-09-25 00:00", young),
		}, policy.Reminder1, receivable.Reminding, expect("AB", "", "", "C R44", "A reminder_1 sent, B reminder_1 sent", "EUR 1500.00")},
		{"R44 what is not due is named apart and stays where it is", []policy.Item{
			item("A", business, policy.Reminder1, now, all()),
			item("B", business, policy.Reminder1, "2026-10-08 08:15", notDue),
			item("C", business, policy.PreReminder, now, notDue),
		}, policy.Reminder1, receivable.Reminding, expect("A", "BC", "", "", "A reminder_1 sent", "EUR 1000.00")},
		{"R44 a moment that is not known is not today", []policy.Item{
			item("A", business, policy.Reminder1, now, all()),
			item("B", business, policy.Reminder2, "", all()),
		}, policy.Reminder1, receivable.Reminding, expect("A", "", "", "B R44", "A reminder_1 sent", "EUR 1000.00")},
		{"R17 what the debtor never got is not named", []policy.Item{
			item("A", business, policy.Reminder1, now, all()),
			item("B", business, policy.SendInvoice, now, unsent),
			item("C", business, policy.Reminder1, "2026-10-02 08:15", sent("invoice", "2026-09-22")),
		}, policy.Reminder1, receivable.Reminding, expect("A", "C", "", "B R17", "A reminder_1 sent", "EUR 1000.00")},

		{"R15 reminders that waited for the interval are one", []policy.Item{
			item("A", business, policy.Reminder2, now, all(reminded, last("2026-09-17"))),
			item("B", business, policy.Reminder1, now, all(young, last("2026-09-17"))),
		}, policy.Reminder2, receivable.Reminding, expect("AB", "", "", "", "A reminder_2 sent, B reminder_1 merged", "EUR 1500.00")},

		{"R45 the oldest is paid, the others keep their step", []policy.Item{
			item("A", business, policy.FinalReminder, later, all(due("2026-09-04"), warned, books(0), status(sdk.Paid))),
			item("B", business, policy.Reminder2, now, reminded),
			item("C", business, policy.Reminder1, now, young),
		}, policy.Reminder2, receivable.Reminding, expect("BC", "", "", "A R1", "B reminder_2 sent, C reminder_1 merged", "EUR 1500.00")},

		{"R46 what is held is left out, and said so where the debtor knows of it", []policy.Item{
			item("A", business, policy.Reminder1, now, all()),
			item("B", business, policy.Reminder1, now, all(young, hold(receivable.Disputed, "invoice", ""))),
			item("C", business, policy.Reminder1, now, all(young, hold(receivable.Paused, "invoice", "2026-10-01"))),
			item("D", business, policy.Reminder1, now, all(notDue, hold(receivable.OnPlan, "invoice", ""))),
			item("E", business, policy.Reminder1, now, all(notDue, hold(receivable.DirectDebit, "invoice", ""))),
			item("F", business, policy.Reminder1, now, all(young, hold(receivable.PresumedPaid, "invoice", ""))),
			item("G", business, policy.Reminder1, now, all(young, hold(receivable.Disputed, "invoice", "2026-09-20"))),
		}, policy.Reminder1, receivable.Reminding, expect("AG", "", "B disputed, C paused, D plan, E direct_debit", "F R25", "A reminder_1 sent, G reminder_1 sent", "EUR 1500.00")},
		{"R46 what the gate stops is left out", []policy.Item{
			item("A", business, policy.Reminder1, now, all()),
			item("B", business, policy.Reminder1, now, all(young, problem("no total"))),
			item("C", business, policy.Reminder1, now, all(young, books(50))),
			item("D", business, policy.FinalReminder, now, all(warned, unread)),
			item("E", business, policy.Reminder1, now, all(young, gone)),
			item("F", business, "", "", kind(sdk.CreditNote)),
		}, policy.Reminder1, receivable.Reminding, expect("A", "", "", "D R62, F R38, B R7, C R4, E R25", "A reminder_1 sent", "EUR 1000.00")},

		{"R48 two currencies, two totals", []policy.Item{
			item("A", business, policy.Reminder1, now, all(dollars, books(100_000), dollars)),
			item("B", business, policy.Reminder1, now, young),
		}, policy.Reminder1, receivable.Reminding, expect("AB", "", "", "", "A reminder_1 sent, B reminder_1 sent", "EUR 500.00, USD 1000.00")},
		{"R3 the rest adds to the total", []policy.Item{
			item("A", business, policy.Reminder2, now, all(reminded, received(40_000))),
			item("B", business, policy.Reminder1, now, all(young, books(20_000))),
		}, policy.Reminder2, receivable.Reminding, expect("AB", "", "", "", "A reminder_2 sent, B reminder_1 merged", "EUR 800.00")},

		{"R98 one statutory letter for every claim that can be dunned", []policy.Item{
			item("A", consumer, policy.FourteenDay, now, all(due("2026-09-04"), warned)),
			item("B", consumer, policy.Reminder2, friday, all(reminded, last("2026-09-17"))),
			item("C", consumer, policy.Reminder1, now, all(young, last("2026-09-20"))),
			item("D", consumer, policy.Reminder1, "2026-10-08 08:15", notDue),
			item("E", consumer, policy.Reminder1, now, all(young, hold(receivable.Disputed, "invoice", ""))),
		}, policy.FourteenDay, receivable.Final, expect("ABC", "", "", "E R47, D R47", "A fourteen_day_letter sent, B fourteen_day_letter merged, C fourteen_day_letter merged", "EUR 2500.00")},
		{"R98 a reminder that wakes on the day of the letter goes along in it", []policy.Item{
			item("A", consumer, policy.FourteenDay, later, all(due("2026-09-04"), warned)),
			item("B", consumer, policy.Reminder1, now, young),
		}, policy.FourteenDay, receivable.Final, expect("AB", "", "", "", "A fourteen_day_letter sent, B fourteen_day_letter merged", "EUR 1500.00")},
		{"R98 not on the day before", []policy.Item{
			item("A", consumer, policy.FourteenDay, friday, all(due("2026-09-04"), warned)),
			item("B", consumer, policy.Reminder1, now, young),
		}, policy.Reminder1, receivable.Reminding, expect("B", "", "", "A R44", "B reminder_1 sent", "EUR 500.00")},
		{"R47 a claim that had its own letter is in no other", []policy.Item{
			item("A", consumer, policy.FourteenDay, now, all(due("2026-09-04"), warned)),
			item("B", consumer, policy.OpenCase, "2026-10-02 08:00", all(due("2026-08-24"), warned, sent("fourteen_day_letter", "2026-09-10"), costsFrom("2026-09-29"))),
			item("C", consumer, policy.PlanOffer, now, all(due("2026-07-24"), sent("fourteen_day_letter", "2026-08-10"), inCase("2026-09-14"))),
		}, policy.FourteenDay, receivable.Final, expect("A", "", "", "C R47, B R47", "A fourteen_day_letter sent", "EUR 1000.00")},
		{"R47 nor is one in another currency", []policy.Item{
			item("A", consumer, policy.FourteenDay, now, all(due("2026-09-04"), warned)),
			item("B", consumer, policy.FourteenDay, now, all(due("2026-09-04"), warned, dollars)),
		}, policy.FourteenDay, receivable.Final, expect("A", "", "", "B R47", "A fourteen_day_letter sent", "EUR 1000.00")},
		{"R47 a letter does not go along in a reminder that it cannot cover", []policy.Item{
			item("A", consumer, policy.Reminder1, now, all(young, dollars)),
			item("B", consumer, policy.FourteenDay, now, all(due("2026-09-04"), warned)),
		}, policy.Reminder1, receivable.Reminding, expect("A", "", "", "B R44", "A reminder_1 sent", "USD 500.00")},
		{"R98 nor what was told to wait", []policy.Item{
			item("A", consumer, policy.FourteenDay, now, all(due("2026-09-04"), warned)),
			waiting(item("B", consumer, policy.Reminder1, now, young)),
		}, policy.FourteenDay, receivable.Final, expect("A", "", "", "B R47", "A fourteen_day_letter sent", "EUR 1000.00")},
		{"R47 a letter covers nothing whose flow knows no letter", []policy.Item{
			item("A", consumer, policy.FourteenDay, now, all(due("2026-09-04"), warned)),
			item("B", business, policy.Reminder1, now, young),
			item("C", consumer, policy.OpenCase, now, young),
		}, policy.FourteenDay, receivable.Final, expect("A", "", "", "B R47, C R47", "A fourteen_day_letter sent", "EUR 1000.00")},
		{"R47 a letter covers nothing that is in a case", []policy.Item{
			item("A", consumer, policy.FourteenDay, now, all(due("2026-09-04"), warned)),
			item("B", consumer, policy.FourteenDay, now, all(due("2026-09-04"), warned, inCase("2026-09-20"))),
			of("1", item("C", consumer, policy.FourteenDay, now, all(due("2026-09-04"), warned))),
		}, policy.FourteenDay, receivable.Final, expect("A", "", "", "B R47, C R47", "A fourteen_day_letter sent", "EUR 1000.00")},
		{"R47 a letter does not go along in a message of a case", []policy.Item{
			item("A", consumer, policy.PlanOffer, now, all(due("2026-07-24"), sent("fourteen_day_letter", "2026-08-10", "case_opened", "2026-09-14"), inCase("2026-09-14"))),
			item("B", consumer, policy.FourteenDay, now, all(due("2026-09-04"), warned)),
		}, policy.PlanOffer, receivable.Case, expect("A", "", "", "B R44", "A plan_offer sent", "EUR 1000.00")},

		{"R106 a case takes along no reminder", []policy.Item{
			item("A", business, policy.OpenCase, now, all(due("2026-08-24"), sent("final_reminder", "2026-09-11"))),
			item("B", business, policy.Reminder1, now, young),
			item("C", business, policy.OpenCase, now, all(due("2026-08-24"), sent("final_reminder", "2026-09-11"))),
			item("D", business, policy.OpenCase, now, all(due("2026-08-24"), sent("final_reminder", "2026-09-11"), dollars)),
		}, policy.OpenCase, receivable.Case, expect("AC", "", "", "D R44, B R44", "A case_opened sent, C case_opened sent", "EUR 2000.00")},
		{"R106 and no step of another case", []policy.Item{
			item("A", business, policy.SummonsReminder, now, all(due("2026-08-24"), inCase("2026-09-10"))),
			item("B", business, policy.OpenCase, now, all(due("2026-08-24"), sent("final_reminder", "2026-09-11"))),
			of("1", item("C", business, policy.SummonsReminder, now, all(due("2026-08-24"), inCase("2026-09-10")))),
		}, policy.SummonsReminder, receivable.Case, expect("A", "", "", "B R44, C R44", "A summons_reminder sent", "EUR 1000.00")},

		{"an invoice goes alone", []policy.Item{
			item("A", business, policy.SendInvoice, now, unsent),
			item("B", business, policy.SendInvoice, now, unsent),
			item("C", business, policy.Reminder1, now, young),
		}, policy.SendInvoice, receivable.Sent, expect("A", "", "", "B R44, C R44", "A invoice sent", "EUR 1000.00")},
		{"pre-reminders of one day are one", []policy.Item{
			item("A", consumer, policy.PreReminder, now, notDue),
			item("B", consumer, policy.PreReminder, now, notDue),
			item("C", consumer, policy.Reminder1, friday, young),
		}, policy.PreReminder, receivable.Sent, expect("AB", "", "", "C R44", "A pre_reminder sent, B pre_reminder sent", "EUR 1400.00")},
		{"R1 nothing goes when the gate stopped the invoice that woke us", []policy.Item{
			item("A", business, policy.Reminder1, now, books(0)),
			item("B", business, policy.Reminder1, now, young),
		}, "", "", expect("", "", "", "A R1, B R1", "", "")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			m := bundleOf(tc.items)
			got := written(m)
			if m.Step != tc.step || m.Tone != tc.tone || got != tc.want {
				t.Errorf("%s in the tone of %s\ngot  %+v\nwant %+v\nleft %+v", m.Step, m.Tone, got, tc.want, m.Left)
			}
		})
	}
}

// bundleOf bundles for the invoice that woke us: the first whose moment is now,
// A before B.
func bundleOf(items []policy.Item) policy.Message {
	for _, it := range items {
		if it.NextAt.Equal(at(today + " 10:00")) {
			return policy.Bundle(policy.Flows(), it.ID, items)
		}
	}
	return policy.Message{}
}

// waiting holds an item back for a reason that the gate does not know.
func waiting(it policy.Item) policy.Item {
	it.Verdict = policy.Verdict{Outcome: policy.Wait, Rule: "R5", Why: "The books were not asked about it."}
	return it
}

// of puts an item in a case.
func of(name string, it policy.Item) policy.Item {
	it.Case = id(name)
	return it
}

func TestBundleDetails(t *testing.T) {
	t.Parallel()
	warned := sent("reminder_1", "2026-09-08", "reminder_2", "2026-09-15")
	t.Run("R98 what the letter overtakes is recorded as skipped", func(t *testing.T) {
		t.Parallel()
		m := policy.Bundle(policy.Flows(), id("A"), []policy.Item{
			item("A", consumer, policy.FourteenDay, today+" 10:00", due("2026-09-04"), warned),
			item("B", consumer, policy.Reminder2, "2026-09-25 08:15", due("2026-09-11"), sent("reminder_1", "2026-09-18"), done(policy.DoneSkipped, "pre_reminder", "2026-09-11")),
		})
		skipped := m.Advance[1].Skipped
		if len(skipped) != 1 || skipped[0].Step != policy.Reminder2 || skipped[0].Rule != "R98" {
			t.Errorf("skipped %+v", skipped)
		}
	})
	t.Run("R43 the message goes by the channels of the gravest step", func(t *testing.T) {
		t.Parallel()
		m := policy.Bundle(policy.Flows(), id("A"), []policy.Item{
			item("A", business, policy.Reminder1, today+" 10:00"),
			item("B", business, policy.FinalReminder, today+" 10:00", due("2026-09-04"), warned),
		})
		if !slices.Equal(m.Channels, []policy.Channel{policy.Email, policy.Letter}) {
			t.Errorf("by %v", m.Channels)
		}
	})
	t.Run("R48 no amount is lost", func(t *testing.T) {
		t.Parallel()
		m := policy.Bundle(policy.Flows(), id("A"), []policy.Item{item("A", business, policy.Reminder1, today+" 10:00", total(12_345))})
		if !slices.Equal(m.Totals, []money.Amount{money.EUR(12_345)}) {
			t.Errorf("totals %v", m.Totals)
		}
	})
	t.Run("an invoice that is not there wakes nothing", func(t *testing.T) {
		t.Parallel()
		if m := policy.Bundle(policy.Flows(), id("Z"), []policy.Item{item("A", business, policy.Reminder1, today+" 10:00")}); !m.Empty() {
			t.Errorf("%+v", m)
		}
	})
}
