package policy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
)

func TestGate(t *testing.T) {
	t.Parallel()
	const (
		invoice, pre, r1, r2 = policy.SendInvoice, policy.PreReminder, policy.Reminder1, policy.Reminder2
		call, final, letter  = policy.CallTask, policy.FinalReminder, policy.FourteenDay
		opening, contact     = policy.OpenCase, policy.ContactAttempt
		// Days on which the steps fall; all at 10:00 unless a row says otherwise.
		dayOf1, dayOf2, dayOfCall, dayOfFinal, dayOfLetter = "2026-09-17", "2026-09-24", "2026-09-28", "2026-10-02", "2026-10-01"
	)
	for _, tc := range []struct {
		name  string
		flow  policy.Flow
		step  policy.StepID
		now   string
		with  change
		want  policy.Outcome
		rule  string
		until string
		task  string
	}{
		{"R1 an open, overdue invoice passes", business, r1, dayOf1, all(), policy.Pass, "R1", "", ""},
		{"R1 the books say paid", business, r1, dayOf1, all(status(sdk.Paid), books(0)), policy.Close, "R1", "", ""},
		{"R1 the books say void", business, r1, dayOf1, status(sdk.Void), policy.Close, "R1", "", ""},
		{"R1 the books gave it up", business, r1, dayOf1, status(sdk.Uncollectible), policy.Close, "R1", "", ""},
		{"R1 nothing open", business, r1, dayOf1, books(0), policy.Close, "R1", "", ""},
		{"R1 less than nothing open", business, r1, dayOf1, books(-500), policy.Close, "R1", "", ""},
		{"R1 a call to a payer is not made either", business, call, dayOfCall, books(0), policy.Close, "R1", "", ""},
		{"R1 a draft is not sent", business, invoice, "2026-08-31", all(unsent, status(sdk.Draft)), policy.Wait, "R1", "", ""},

		{"R1 without a step nothing passes", business, "", dayOf1, all(), policy.Wait, "flow", "", ""},

		{"R2 a payment that covers it closes", business, r1, dayOf1, received(100_000), policy.Close, "R2", "", ""},
		{"R2 so does too large a one", business, r1, dayOf1, received(100_500), policy.Close, "R2", "", ""},
		{"R2 also before the invoice went out", business, invoice, "2026-08-31", all(unsent, received(100_000)), policy.Close, "R2", "", ""},

		{"R3 after a part payment the rest is asked", business, r2, dayOf2, received(40_000), policy.Pass, "R1", "", ""},

		{"R4 a rest at the tolerance is not worth it", business, r2, dayOf2, books(100), policy.Wait, "R4", "", "small_difference"},
		{"R4 a cent more is", business, r2, dayOf2, books(101), policy.Pass, "R1", "", ""},
		{"R4 no call for it either", business, call, dayOfCall, books(100), policy.Wait, "R4", "", "small_difference"},
		{"R4 a small invoice is no rest", business, r2, dayOf2, total(80), policy.Pass, "R1", "", ""},

		{"R5 stale data holds reminders", business, r1, dayOf1, confirmed("2026-09-16 07:59"), policy.Wait, "R5", "2026-09-18 08:00", "stale_books"},
		{"R5 a day old is fresh enough", business, r1, dayOf1, confirmed("2026-09-16 08:00"), policy.Pass, "R1", "", ""},
		{"R5 never read is stale", business, r1, dayOf1, func(m *policy.Moment) { m.Confirmed = policy.Moment{}.Confirmed }, policy.Wait, "R5", "2026-09-18 08:00", "stale_books"},
		{"R5 a pre-reminder is a reminder", consumer, pre, "2026-09-11", confirmed("2026-09-09"), policy.Wait, "R5", "2026-09-14 08:00", "stale_books"},
		{"R5 invoices may still be sent", business, invoice, "2026-08-31", all(unsent, confirmed("2026-08-01")), policy.Pass, "R1", "", ""},
		{"R5 at the end of the day it looks again the next", business, r1, dayOf1 + " 17:30", confirmed("2026-09-10"), policy.Wait, "R5", "2026-09-18 08:00", "stale_books"},
		{"R5 a statement of the business day before is fresh", business, r1, "2026-09-21", all(bank("2026-09-18")), policy.Pass, "R1", "", ""},
		{"R5 one of two business days ago is stale", business, r1, "2026-09-22", bank("2026-09-18"), policy.Wait, "R5", "2026-09-23 08:00", "stale_bank"},

		{"R6 a payment under way holds", business, r1, dayOf1, pending("2026-09-16 22:00"), policy.Wait, "R6", "2026-09-21 09:00", ""},
		{"R6 for three business days", business, r1, "2026-09-21", pending("2026-09-16 22:00"), policy.Pass, "R1", "", ""},
		{"R6 but not the invoice", business, invoice, "2026-08-31", all(unsent, pending("2026-08-31")), policy.Pass, "R1", "", ""},

		{"R6 a payment under way in the books holds", business, r1, dayOf1, booksHold(sdk.PaymentPending, "2026-09-16"), policy.Wait, "R6", "2026-09-21 09:00", ""},
		{"R6 for three business days too", business, r1, "2026-09-21", booksHold(sdk.PaymentPending, "2026-09-16"), policy.Pass, "R1", "", ""},
		{"R64 a pause in the books holds until they end it", business, r1, "2026-09-28", booksHold(sdk.Paused, "2026-09-01"), policy.Wait, "R64", "", ""},
		{"R64 a reason that is newer than we are is a pause", business, r1, dayOf1, booksHold("being_looked_at", "2026-09-01"), policy.Wait, "R64", "", ""},
		{"R64 but the invoice itself goes", business, invoice, "2026-08-31", all(unsent, booksHold(sdk.Paused, "2026-08-31")), policy.Pass, "R1", "", ""},
		{"R70 so does a dispute in the books", business, r1, dayOf1, booksHold(sdk.Disputed, "2026-09-01"), policy.Wait, "R70", "", ""},

		{"R7 a record in error is held", business, r1, dayOf1, problem("the total has three decimals"), policy.Wait, "R7", "", ""},
		{"R7 and not closed on figures that may be wrong", business, r1, dayOf1, all(problem("the total is missing"), total(0)), policy.Wait, "R7", "", ""},

		{"R8 a pre-reminder on the due date is too late", consumer, pre, "2026-09-14", all(), policy.Drop, "R8", "", ""},

		{"R9 what may have left is not sent again", business, r1, "2026-09-18", done(policy.DoneParked, "reminder_1", dayOf1), policy.Behind, "R9", "", ""},
		{"R9 an uncertain message holds the flow", business, r2, dayOf2, hold(receivable.Uncertain, "invoice", ""), policy.Wait, "R9", "", ""},

		{"R10 a step goes once", business, r1, dayOf1, sent("reminder_1", dayOf1), policy.Behind, "R10", "", ""},
		{"R10 also when it went along with another", business, r1, dayOf1, done(policy.DoneMerged, "reminder_1", dayOf1), policy.Behind, "R10", "", ""},
		{"R11 a step by hand counts", business, r1, dayOf1, done(policy.DoneByHand, "reminder_1", dayOf1), policy.Behind, "R11", "", ""},

		{"R26 that a payment was undone waits for no interval", business, policy.PaymentReversed, "2026-09-18", all(sent("reminder_1", dayOf1), last(dayOf1), reversed(dayOf1), notBefore("2026-09-25", "R26")), policy.Pass, "R1", "", ""},
		{"R26 but for the hours", business, policy.PaymentReversed, "2026-09-19", reversed(dayOf1), policy.Move, "R13", "2026-09-21 08:00", ""},
		{"R26 and is not told of what is paid again", business, policy.PaymentReversed, "2026-09-18", all(reversed(dayOf1), received(100_000)), policy.Close, "R2", "", ""},
		{"a figure that nobody approved holds its message", business, final, dayOfFinal, unapproved, policy.Wait, "provisional_figure", "", "provisional_figure"},
		{"and says so after all else is in order", business, final, dayOfFinal, all(unapproved, last("2026-09-30")), policy.Move, "R15", "2026-10-07 08:00", ""},
		{"R12 on the due day nothing is overdue", business, r1, "2026-09-14 17:59", all(), policy.Move, "R12", "2026-09-17 08:15", ""},
		{"R12 a minute after midnight it is", business, r1, "2026-09-15 00:01", all(), policy.Move, "R14", "2026-09-15 08:15", ""},
		{"R12 no due date, never overdue", business, r1, dayOf1, due(""), policy.Wait, "R12", "", ""},
		{"R12 the invoice itself needs no due date behind it", business, invoice, "2026-08-31", unsent, policy.Pass, "R1", "", ""},

		{"R13 not on a Saturday", business, r1, "2026-09-19", all(), policy.Move, "R13", "2026-09-21 08:15", ""},
		{"R13 not on a holiday of the creditor", business, r1, "2026-12-25", all(), policy.Move, "R13", "2026-12-28 08:15", ""},
		{"R13 not on a holiday of the debtor", business, r1, "2026-11-11", calendars("NL", "BE"), policy.Move, "R13", "2026-11-12 08:15", ""},
		{"R13 no statutory letter on a Friday", consumer, letter, "2026-10-02", all(), policy.Move, "R13", "2026-10-05 08:00", ""},
		{"R13 a task is for whenever somebody works", business, call, "2026-10-03", all(), policy.Pass, "R1", "", ""},

		{"R14 not before eight", business, r1, dayOf1 + " 07:59", all(), policy.Move, "R14", "2026-09-17 08:15", ""},
		{"R14 at eight", business, r1, dayOf1 + " 08:00", all(), policy.Pass, "R1", "", ""},
		{"R14 not from six", business, r1, dayOf1 + " 18:00", all(), policy.Move, "R14", "2026-09-18 08:15", ""},
		{"R14 begun in its hours it may end after them", business, r1, dayOf1 + " 18:01", planned(dayOf1 + " 17:59"), policy.Pass, "R1", "", ""},
		{"R14 planned outside the hours it waits all the same", business, r1, dayOf1 + " 18:02", planned(dayOf1 + " 18:01"), policy.Move, "R14", "2026-09-18 08:15", ""},
		{"R14 on Thursday evening the statutory letter waits for Monday", consumer, letter, dayOfLetter + " 18:00", all(), policy.Move, "R14", "2026-10-05 08:00", ""},
		{"R14 the debtor's clock counts", business, r1, dayOf1, debtorZone("America/New_York"), policy.Move, "R14", "2026-09-17 14:15", ""},

		{"R15 a reminder six days ago", business, r1, dayOf1, last("2026-09-11"), policy.Move, "R15", "2026-09-18 08:15", ""},
		{"R15 seven days ago", business, r1, dayOf1, last("2026-09-10"), policy.Pass, "R1", "", ""},
		{"R15 statutory notices are exempt", consumer, letter, dayOfLetter, last("2026-09-30"), policy.Pass, "R1", "", ""},
		{"R15 a pre-reminder after a reminder never goes", consumer, pre, "2026-09-11", last("2026-09-09"), policy.Drop, "R15", "", ""},

		{"R16 before the go-live date", business, r1, dayOf1, goLive("2026-10-01"), policy.Wait, "R16", "2026-10-01 08:15", ""},
		{"R16 without one", business, invoice, "2026-08-31", all(unsent, func(m *policy.Moment) { m.GoLive = policy.State{}.GoLive }), policy.Wait, "R16", "", ""},

		{"R17 a reminder for an invoice that was never sent", business, r1, dayOf1, unsent, policy.Drop, "R17", "", ""},
		{"R17 a call neither", business, call, dayOfCall, unsent, policy.Drop, "R17", "", ""},
		{"R17 nor before the days that a late invoice leaves", business, r1, "2026-09-25", sent("invoice", "2026-09-21"), policy.Move, "R17", "2026-10-01 08:15", ""},
		{"R18 sent by the books is sent", business, r1, dayOf1, bySource, policy.Pass, "R1", "", ""},
		{"R19 without its document an invoice waits", business, invoice, "2026-08-31", all(unsent, noDocument), policy.Wait, "R19", "2026-09-01 08:00", "document_missing"},
		{"R19 a reminder does not", business, r1, dayOf1, noDocument, policy.Pass, "R1", "", ""},
		{"R20 an invoice over nothing goes out", business, invoice, "2026-08-31", all(unsent, total(0)), policy.Pass, "R1", "", ""},
		{"R20 and is never reminded", business, r1, dayOf1, total(0), policy.Close, "R20", "", ""},
		{"R20 a prepaid invoice is stored only", business, invoice, "2026-08-31", all(unsent, status(sdk.Paid), books(0)), policy.Close, "R1", "", ""},

		{"R22 not on the day that the due date moved earlier", business, r1, dayOf1, notBefore("2026-09-18", "R22"), policy.Move, "R22", "2026-09-18 08:15", ""},
		{"R34 not within the interval after a part payment", business, r2, dayOf2, all(received(40_000), notBefore("2026-09-30", "R34")), policy.Move, "R34", "2026-09-30 08:15", ""},

		{"R25 off the books' list, presumed paid", business, r1, dayOf1, gone, policy.Wait, "R25", "", ""},
		{"R25 held as such", business, r1, dayOf1, hold(receivable.PresumedPaid, "invoice", ""), policy.Wait, "R25", "", ""},

		{"R32 the surplus of another payment covers it", business, r1, dayOf1, credit(100_000), policy.Wait, "R33", "", "apply_credit"},
		{"R33 credit as large as all that is overdue", business, r1, dayOf1, all(debtorOverdue(250_000), credit(250_000)), policy.Wait, "R33", "", "apply_credit"},
		{"R33 a cent less does not hold", business, r1, dayOf1, all(debtorOverdue(250_000), credit(249_999)), policy.Pass, "R1", "", ""},
		{"R33 credit that covers this one is enough before it is due", consumer, pre, "2026-09-11", all(debtorOverdue(0), credit(99_999)), policy.Pass, "R1", "", ""},
		{"R39 a credit note counts as credit", business, call, dayOfCall, credit(100_000), policy.Wait, "R33", "", "apply_credit"},
		{"R40 any credit keeps a case shut", business, opening, "2026-10-12", credit(500), policy.Wait, "R40", "", "apply_credit"},
		{"R40 so does a credit note in another currency", business, opening, "2026-10-12", func(m *policy.Moment) { m.OpenCreditNote = true }, policy.Wait, "R40", "", "apply_credit"},
		{"R40 and no reminder before it", business, r1, dayOf1, func(m *policy.Moment) { m.OpenCreditNote = true }, policy.Pass, "R1", "", ""},
		{"R48 credit in euro covers no dollars", business, opening, "2026-10-12", all(dollars, credit(500_000)), policy.Pass, "R1", "", ""},

		{"R51 nowhere to send it", business, r1, dayOf1, reach(), policy.Wait, "R51", "", "no_address"},
		{"R51 a task needs no address", business, call, dayOfCall, reach(), policy.Pass, "R1", "", ""},

		{"R61 the debtor wrote", business, r1, dayOf1, hold(receivable.Replied, "debtor", "2026-09-21 09:00"), policy.Wait, "R61", "2026-09-21 09:00", ""},
		{"R61 and got no answer for three days", business, r1, "2026-09-21", hold(receivable.Replied, "debtor", "2026-09-21 09:00"), policy.Pass, "R1", "", ""},
		{"R61 nobody calls meanwhile", business, call, dayOfCall, hold(receivable.Replied, "debtor", "2026-09-29"), policy.Wait, "R61", "2026-09-29 10:00", ""},
		{"R61 a new invoice goes out meanwhile", business, invoice, "2026-08-31", all(unsent, hold(receivable.Replied, "debtor", "")), policy.Pass, "R1", "", ""},
		{"R62 unread before a final reminder", business, final, dayOfFinal, unread, policy.Wait, "R62", "", "unread_message"},
		{"R62 before the statutory letter", consumer, letter, dayOfLetter, unread, policy.Wait, "R62", "", "unread_message"},
		{"R62 before a case", business, opening, "2026-10-12", unread, policy.Wait, "R62", "", "unread_message"},
		{"R62 before a call in a case", consumer, contact, "2026-10-28", all(unread, inCase("2026-10-23")), policy.Wait, "R62", "", "unread_message"},
		{"R62 a reminder does not wait", business, r1, dayOf1, unread, policy.Pass, "R1", "", ""},

		{"R63 a full pause stores invoices", business, invoice, "2026-08-31", all(unsent, hold(receivable.Paused, "debtor", "")), policy.Wait, "R64", "", ""},
		{"R63 a pause of reminders sends them", business, invoice, "2026-08-31", all(unsent, hold(receivable.RemindersPaused, "debtor", "")), policy.Pass, "R1", "", ""},
		{"R63 and reminds nobody", business, r1, dayOf1, hold(receivable.RemindersPaused, "debtor", ""), policy.Wait, "R63", "", ""},
		{"R64 one of two holds ended", business, r1, dayOf1, all(hold(receivable.Paused, "invoice", "2026-09-16"), hold(receivable.Paused, "administration", "2026-09-30")), policy.Wait, "R64", "2026-09-30 10:00", ""},
		{"R64 the one that lasts longest counts", business, r1, dayOf1, all(hold(receivable.Paused, "debtor", "2026-09-18"), hold(receivable.Disputed, "invoice", ""), hold(receivable.Paused, "invoice", "2026-09-30")), policy.Wait, "R70", "", ""},
		{"R64 all of them ended", business, r1, dayOf1, all(hold(receivable.Paused, "invoice", "2026-09-16"), hold(receivable.Paused, "debtor", "2026-09-17 09:59")), policy.Pass, "R1", "", ""},
		{"R64 a hold with a reason of its own holds as well", business, r1, dayOf1, hold("audit", "invoice", ""), policy.Wait, "R64", "", ""},
		{"R67 a promise holds", business, r1, dayOf1, hold(receivable.Promised, "invoice", "2026-09-22"), policy.Wait, "R67", "2026-09-22 10:00", ""},
		{"R67 but not the invoice itself", business, invoice, "2026-08-31", all(unsent, hold(receivable.Promised, "invoice", "")), policy.Pass, "R1", "", ""},
		{"R70 all of it in dispute", business, r1, dayOf1, inDispute(100_000), policy.Wait, "R70", "", ""},
		{"R70 the undisputed part is asked", business, r1, dayOf1, inDispute(30_000), policy.Pass, "R1", "", ""},
		{"R70 a case of the undisputed part may open", consumer, opening, "2026-10-23", all(inDispute(30_000), costsFrom("2026-10-20")), policy.Pass, "R1", "", ""},
		{"R70 what is undisputed was paid", business, r1, dayOf1, all(inDispute(30_000), received(70_000)), policy.Wait, "R70", "", ""},
		{"R70 all but a trifle", business, r1, dayOf1, inDispute(99_950), policy.Wait, "R70", "", ""},
		{"R70 paid all the same", business, r1, dayOf1, all(inDispute(100_000), received(100_000)), policy.Close, "R2", "", ""},
		{"R97 a legal stop goes before every other hold", business, final, dayOfFinal, all(hold(receivable.Paused, "debtor", ""), hold(receivable.LegalStop, "debtor", "")), policy.Wait, "R97", "", ""},
		{"R97 no call, no case either", consumer, opening, "2026-10-23", all(hold(receivable.LegalStop, "debtor", ""), costsFrom("2026-10-20")), policy.Wait, "R97", "", ""},
		{"R70 disputed", business, r1, dayOf1, hold(receivable.Disputed, "invoice", ""), policy.Wait, "R70", "", ""},

		{"R93 no case for a consumer without a notice", consumer, opening, "2026-11-02", sent("fourteen_day_letter", "2026-10-01"), policy.Wait, "R93", "", ""},
		{"R93 nor before its term is over", consumer, opening, "2026-10-20", all(sent("fourteen_day_letter", "2026-10-01"), costsFrom("2026-10-20")), policy.Move, "R93", "2026-10-23 08:00", ""},
		{"R93 then it passes", consumer, opening, "2026-10-23", all(sent("fourteen_day_letter", "2026-10-01"), costsFrom("2026-10-20")), policy.Pass, "R1", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			v := policy.Gate(moment(tc.flow, tc.step, tc.now, tc.with))
			if v.Outcome != tc.want || v.Rule != tc.rule || clock(v.Until) != tc.until || v.Task != tc.task {
				t.Errorf("got  %s by %s until %q task %q (%s)\nwant %s by %s until %q task %q",
					v.Outcome, v.Rule, clock(v.Until), v.Task, v.Why, tc.want, tc.rule, tc.until, tc.task)
			}
			if v.Why == "" {
				t.Error("no reason given")
			}
		})
	}
}

func TestGateAsksTheRest(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		with change
		want money.Amount
		says string
	}{
		{"R3 the whole when nothing was paid", all(), money.EUR(100_000), "EUR 1000.00 is open"},
		{"R3 the rest when the books know of a payment", books(60_000), money.EUR(60_000), "Of EUR 1000.00, EUR 400.00 was paid; EUR 600.00 is open"},
		{"R3 the rest when only we do", received(40_000), money.EUR(60_000), "Of EUR 1000.00, EUR 400.00 was paid; EUR 600.00 is open"},
		{"R3 the rest of both", all(books(60_000), received(10_000)), money.EUR(50_000), "Of EUR 1000.00, EUR 500.00 was paid; EUR 500.00 is open"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			v := policy.Gate(moment(business, policy.Reminder2, "2026-09-24", tc.with))
			if v.Outcome != policy.Pass || v.Ask != tc.want || !strings.HasPrefix(v.Why, tc.says) {
				t.Errorf("%s, asks %s: %s", v.Outcome, v.Ask, v.Why)
			}
		})
	}
}

func TestGateChannels(t *testing.T) {
	t.Parallel()
	both := []policy.Channel{policy.Email, policy.Letter}
	for _, tc := range []struct {
		name string
		step policy.StepID
		now  string
		with change
		want []policy.Channel
	}{
		{"an e-mail step goes by e-mail", policy.Reminder1, "2026-09-17", all(), []policy.Channel{policy.Email}},
		{"R52 by letter once the address is blocked", policy.Reminder1, "2026-09-17", reach(policy.Letter), []policy.Channel{policy.Letter}},
		{"R52 the invoice too", policy.SendInvoice, "2026-08-31", all(unsent, reach(policy.Letter)), []policy.Channel{policy.Letter}},
		{"R52 a step with both keeps the one that is left", policy.FinalReminder, "2026-10-02", reach(policy.Letter), []policy.Channel{policy.Letter}},
		{"R51 without a postal address by e-mail", policy.FinalReminder, "2026-10-02", reach(policy.Email), []policy.Channel{policy.Email}},
		{"both when both can be had", policy.FinalReminder, "2026-10-02", all(), both},
		{"a task is a task", policy.CallTask, "2026-09-28", reach(), []policy.Channel{policy.Call}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if v := policy.Gate(moment(business, tc.step, tc.now, tc.with)); v.Outcome != policy.Pass || !slices.Equal(v.Channels, tc.want) {
				t.Errorf("%s by %v, want %v (%s)", v.Outcome, v.Channels, tc.want, v.Why)
			}
		})
	}
}
