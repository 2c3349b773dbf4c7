package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// interval is the least number of days between two reminders to a debtor (R15),
// as administrations have it from the start.
const interval = 7

// demands are the moments' worth of messages that asked for overdue money; one
// that went by mail and by letter counts once.
func (o *row) demands() (out []string) {
	for _, m := range o.out {
		key := m.Step + "/" + m.InvoiceSet
		if demanded(m) && left(m) && !slices.Contains(out, key) {
			out = append(out, key)
		}
	}
	return out
}

// left reports whether a message may have reached somebody: others were drafted
// and overtaken.
func left(m db.Message) bool {
	return m.State != "gated" && m.State != "failed" && m.State != "dropped"
}

// leftAt is the moment of a message that left.
func leftAt(m db.Message) time.Time {
	for _, at := range []*time.Time{m.SentAt, m.HandedOverAt} {
		if at != nil {
			return *at
		}
	}
	return m.CreatedAt
}

func day(at time.Time) date.Date { return date.Of(at.In(amsterdam())) }

// judgeDemands counts what went out until the debtor acted. A debtor whose part
// of the machine was down acts late, and is rightly asked again after each
// interval.
func (o *row) judgeDemands(want int) {
	if want == anyDemands {
		return
	}
	n, most := len(o.demands()), want
	if want > 0 {
		most += o.waited() / interval
	}
	o.miss(n < want || n > most, "%d demands went out, not %d", n, most)
}

// waited is how many days lie between the first demand and what the debtor did
// about the invoice.
func (o *row) waited() int {
	var first, acted date.Date
	for _, m := range o.out {
		if on := day(leftAt(m)); demanded(m) && left(m) && (first.IsZero() || on.Before(first)) {
			first = on
		}
	}
	for _, p := range o.payments {
		if acted.IsZero() || p.ValueDate.Before(acted) {
			acted = p.ValueDate
		}
	}
	for _, d := range o.disputes {
		if on := day(d.OpenedAt); acted.IsZero() || on.Before(acted) {
			acted = on
		}
	}
	if first.IsZero() || acted.IsZero() {
		return 0
	}
	return max(0, acted.DaysSince(first))
}

// remindedPayer reports whether a demand left after a payment or an objection
// was on record.
func (o *row) remindedPayer() bool {
	for _, m := range o.out {
		if !demanded(m) || !left(m) {
			continue
		}
		for _, p := range o.payments {
			if leftAt(m).After(p.SeenAt) && o.found.Phase == "closed" {
				return true
			}
		}
		for _, d := range o.disputes {
			if leftAt(m).After(d.OpenedAt) {
				return true
			}
		}
	}
	return false
}

// apart notes when the first demand for several invoices was not one message,
// though all of them had come on the same day: their reminders were due together.
func apart(rows []*row) {
	first, came := uuid.Nil, date.Date{}
	for _, o := range rows {
		on := day(o.steps[string(policy.SendInvoice)].At)
		if came.IsZero() {
			came = on
		}
		for _, m := range o.out {
			if !demanded(m) || !left(m) {
				continue
			}
			o.miss(on == came && first != uuid.Nil && first != m.ID, "its first reminder was not the one for both invoices")
			first = m.ID
			break
		}
	}
}

// hurried notes two demands to one debtor that are closer together than the rules
// allow (R15), whichever invoices they are about. A message that came back has
// reached nobody, and a statutory notice keeps no distance.
func (r *review) hurried(rows []*row) {
	var all []db.Message
	for _, o := range rows {
		for _, m := range o.out {
			if demanded(m) && left(m) && m.Delivery != "bounced" && !slices.ContainsFunc(all, func(a db.Message) bool { return occasion(a) == occasion(m) }) {
				all = append(all, m)
			}
		}
	}
	slices.SortFunc(all, func(a, b db.Message) int { return leftAt(a).Compare(leftAt(b)) })
	for i := 1; i < len(all); i++ {
		if gap := day(leftAt(all[i])).DaysSince(day(leftAt(all[i-1]))); gap < interval && all[i].Step != string(policy.FourteenDay) {
			r.wrong = append(r.wrong, fmt.Sprintf("%q came to %s %d days after %q", all[i].Subject, rows[0].debtor, gap, all[i-1].Subject))
		}
	}
}
