package main

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// march is a moment of the story's month.
func march(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, amsterdam()) }

func sent(step string, at time.Time) db.Message {
	return db.Message{ID: uuid.New(), Step: step, InvoiceSet: "one", Cycle: 1, State: "sent", SentAt: &at}
}

func paid(on date.Date, seen time.Time) []db.PaymentsOfInvoiceRow {
	return []db.PaymentsOfInvoiceRow{{ValueDate: on, SeenAt: seen}}
}

// TestReviewOfDemands proves that the review tells a debtor who was slow, as on a
// busy machine, from a product that asks too often.
func TestReviewOfDemands(t *testing.T) {
	t.Parallel()
	one, two := sent("reminder_1", march(19, 9)), sent("reminder_2", march(26, 9))
	for name, tc := range map[string]struct {
		row     row
		mails   int // wrong about the mail
		demands int // wrong about the invoice
	}{
		"paid after the first":                           {row: row{out: []db.Message{one}, payments: paid(march2.AddDays(18), march(20, 8))}},
		"slow, asked again before that":                  {row: row{out: []db.Message{one, two}, payments: paid(march2.AddDays(25), march(27, 8))}},
		"R1 asked again after the money was there":       {row: row{out: []db.Message{one, two}, payments: paid(march2.AddDays(18), march(27, 8))}, demands: 1},
		"R1 asked again after the books knew":            {row: row{out: []db.Message{one, two}, payments: paid(march2.AddDays(23), march(25, 8))}, demands: 1},
		"R10 asked twice at once":                        {row: row{out: []db.Message{one, sent("reminder_2", march(19, 10))}, payments: paid(march2.AddDays(18), march(20, 8))}, demands: 1, mails: 1},
		"R15 asked again within the interval":            {row: row{out: []db.Message{one, sent("reminder_2", march(24, 9))}, payments: paid(march2.AddDays(40), march(30, 8))}, mails: 1},
		"never asked":                                    {row: row{payments: paid(march2.AddDays(18), march(20, 8))}, demands: 1},
		"one that was drafted and overtaken":             {row: row{out: []db.Message{{Step: "reminder_1", State: "dropped"}, two}, payments: paid(march2.AddDays(25), march(27, 8))}},
		"one that is on its way counts":                  {row: row{out: []db.Message{one, {Step: "reminder_2", InvoiceSet: "one", State: "handing_over", CreatedAt: march(20, 9)}}, payments: paid(march2.AddDays(18), march(20, 12))}, demands: 1, mails: 1},
		"R70 disputed after the first":                   {row: row{out: []db.Message{one}, disputes: []db.Dispute{{OpenedAt: march(19, 12)}}}},
		"R70 slow, and asked again before the objection": {row: row{out: []db.Message{one, two}, disputes: []db.Dispute{{OpenedAt: march(26, 12)}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, r := tc.row, &review{}
			o.judgeDemands(1)
			r.hurried([]*row{&o})
			if len(o.wrong) != tc.demands || len(r.wrong) != tc.mails {
				t.Errorf("about the invoice %v, about the mail %v", o.wrong, r.wrong)
			}
		})
	}
	t.Run("R70 asked again after the objection", func(t *testing.T) {
		t.Parallel()
		o := row{out: []db.Message{one, two}, disputes: []db.Dispute{{OpenedAt: march(25, 12)}}}
		if !o.remindedPayer() {
			t.Error("not seen")
		}
	})
}

// TestReviewOfBundles proves that two reminders are wrong only where one was due
// for both.
func TestReviewOfBundles(t *testing.T) {
	t.Parallel()
	pair := func(second time.Time, messages ...db.Message) []*row {
		return []*row{
			{out: messages[:1], steps: map[string]db.LedgerStepsRow{"invoice": {At: march(2, 9)}}},
			{out: messages[1:], steps: map[string]db.LedgerStepsRow{"invoice": {At: second}}},
		}
	}
	both, other := sent("reminder_1", march(19, 9)), sent("reminder_1", march(26, 9))
	for name, tc := range map[string]struct {
		rows  []*row
		wrong int
	}{
		"R43 one message":                    {pair(march(2, 9), both, both), 0},
		"R43 two, though they came together": {pair(march(2, 9), both, other), 1},
		"two, since one came days later":     {pair(march(16, 9), both, other), 0},
	} {
		if apart(tc.rows); len(tc.rows[0].wrong)+len(tc.rows[1].wrong) != tc.wrong {
			t.Errorf("%s: %v, %v", name, tc.rows[0].wrong, tc.rows[1].wrong)
		}
	}
}
