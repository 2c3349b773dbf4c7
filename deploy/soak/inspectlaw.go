package main

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// file is a collection case as the hub has it.
type file struct {
	number, kind, state string
	costs, interest     int64
	since               *time.Time // the first costs
	opened              time.Time
	currency            money.Currency
	entries             []*entry
}

// inspectCases holds costs and interest against what the laws allow, and the day
// of the costs against the notices that were sent.
func (y *year) inspectCases(ctx context.Context, f *findings) error {
	notices := map[uuid.UUID]time.Time{}
	var id uuid.UUID
	var at time.Time
	if err := y.rows(ctx, `select i.invoice_id, min(m.sent_at) from message m join message_invoice i on i.message_id = m.id and i.role = 'demanded'
		where m.state = 'sent' and m.step = 'fourteen_day_letter' group by 1`, []any{&id, &at}, func() error {
		notices[id] = at
		return nil
	}); err != nil {
		return err
	}
	var files []*file
	var c file
	var invoices []uuid.UUID
	if err := y.rows(ctx, `select c.number, d.kind, c.state, c.currency, c.opened_at,
		(select array_agg(i.invoice_id order by i.invoice_id) from case_invoice i where i.case_id = c.id),
		coalesce((select sum(amount_minor) from claim_entry e where e.case_id = c.id and e.kind = 'costs'), 0)::bigint,
		coalesce((select sum(amount_minor) from claim_entry e where e.case_id = c.id and e.kind = 'interest'), 0)::bigint,
		(select min(e.at) from claim_entry e where e.case_id = c.id and e.kind = 'costs' and e.amount_minor > 0)
		from collection_case c join debtor d on d.id = c.debtor_id order by c.number`,
		[]any{&c.number, &c.kind, &c.state, &c.currency, &c.opened, &invoices, &c.costs, &c.interest, &c.since}, func() error {
			g := c
			g.entries = nil
			for _, id := range invoices {
				g.entries = append(g.entries, y.entry(id))
			}
			files = append(files, &g)
			return nil
		}); err != nil {
		return err
	}
	for _, c := range files {
		f.Cases++
		f.line("case %s %s %s %d %d", c.number, c.kind, c.state, c.costs, c.interest)
		y.within(c, f)
		y.inTime(c, notices, f)
	}
	f.OneOff = len(y.loose.entries)
	return nil
}

// within holds the sums against the statute.
func (y *year) within(c *file, f *findings) {
	var claims []int64
	var interest int64
	business := c.kind == string(sdk.Business)
	for _, e := range c.entries {
		claims = append(claims, e.invoice.Total.Minor)
		interest += mostInterest(e.invoice.Total.Minor, date.Of(y.clock.Now()).DaysSince(e.invoice.Due))
	}
	f.Checked[costsLaw]++
	if most := y.land.mostCosts(business, c.currency, claims); c.costs > most {
		f.breaks("case %s asks costs of %d of a %s for %v, and the law allows %d", c.number, c.costs, c.kind, claims, most)
	}
	if c.interest > interest {
		f.breaks("case %s asks interest of %d for %v, and no law gives more than %d", c.number, c.interest, claims, interest)
	}
}

// inTime holds the day of the costs against the due dates and, for a consumer,
// against the notices.
func (y *year) inTime(c *file, notices map[uuid.UUID]time.Time, f *findings) {
	if c.since == nil {
		return
	}
	f.Checked[costsTerm]++
	on := date.Of(c.since.In(y.zone))
	for _, e := range c.entries {
		if !on.After(e.invoice.Due) {
			f.breaks("case %s asks costs on %s, and %s is due on %s", c.number, on, e.invoice.Number, e.invoice.Due)
		}
		if c.kind == string(sdk.Business) {
			continue
		}
		sent, ok := notices[e.id()]
		switch {
		case !ok:
			f.breaks("case %s asks costs of a consumer, who got no notice for %s", c.number, e.invoice.Number)
		case !on.After(date.Of(sent.In(y.zone)).AddDays(noticeDays)):
			f.breaks("case %s asks costs on %s, and the notice for %s left on %s", c.number, on, e.invoice.Number, date.Of(sent.In(y.zone)))
		}
	}
}

// inspectDebits holds every debit that the bank got against its mandates, its
// announcements, and what was known to be open.
func (y *year) inspectDebits(ctx context.Context, f *findings) error {
	announced := map[uuid.UUID]time.Time{}
	var id uuid.UUID
	var at time.Time
	if err := y.rows(ctx, `select i.invoice_id, min(m.sent_at) from message m join message_invoice i on i.message_id = m.id
		where m.state = 'sent' and m.step = 'debit_notice' group by 1`, []any{&id, &at}, func() error {
		announced[id] = at
		return nil
	}); err != nil {
		return err
	}
	f.Mandates = len(y.till.mandates)
	for _, c := range y.till.collected {
		f.Checked[debitLaw]++
		when := c.at.In(y.zone).Format("2 Jan 15:04")
		f.line("debit %s %s %s %s", c.payment, when, c.amount, y.till.state(c.payment))
		if c.wrong != "" {
			f.breaks("%s was to be collected on %s, and %s", c.amount, when, c.wrong)
			continue
		}
		f.Collected++
		var sum int64
		for _, p := range c.parts {
			sum += p.minor
			if p.minor > p.known {
				f.breaks("%d of %s was collected on %s, and %d was known to be open", p.minor, p.entry.invoice.Number, when, p.known)
			}
			if told, ok := announced[p.entry.id()]; !ok || !date.Of(told.In(y.zone)).Before(date.Of(c.at.In(y.zone))) {
				f.breaks("%s was collected on %s without being announced before", p.entry.invoice.Number, when)
			}
		}
		if sum != c.amount.Minor {
			f.breaks("%s was collected on %s, for claims of %d", c.amount, when, sum)
		}
	}
	return nil
}
