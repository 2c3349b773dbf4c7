package board

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/insight"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Bounce is how many messages of a channel came back.
type Bounce struct {
	Channel        string
	Sent, Returned int
	Rate           insight.Ratio
}

// Step is what the messages of one step brought in.
type Step struct {
	Step     string
	Sent     int // demands whose window is over
	Demanded money.Amount
	Effect   insight.Effect
	// Trial compares it with those that were held back, over Days days.
	Trial     insight.Trial
	Days      int
	Statutory bool // never held back, so that there is nothing to compare with
}

// reminds tells a reminder from an invoice or news.
func reminds(m db.InsightMessagesRow) bool {
	switch outreach.Step(m.Step) {
	case outreach.Invoice, outreach.PreReminder, outreach.PaymentReversed, "payment_reversed", outreach.PortalCode, outreach.DebitNotice, outreach.DebitRetry, "answer":
		return false
	}
	return m.Asks
}

// statutory steps are duties of law.
var statutory = []outreach.Step{outreach.FourteenDayLetter, outreach.StatutoryNotice, outreach.CaseOpened, outreach.Summons2, outreach.PreJudicial}

// settlements is, by invoice, what changes its open amount, in order.
func settlements(events []insight.Event) map[string][]insight.Event {
	out := map[string][]insight.Event{}
	for _, e := range events {
		switch e.Kind {
		case insight.Issued, insight.Paid, insight.PaidBack, insight.Settled:
			out[e.Item] = append(out[e.Item], e)
		}
	}
	return out
}

// covered reports whether an invoice is settled at the end of a day.
func (b *Board) covered(item string, on date.Date) bool {
	open, known := int64(0), false
	for _, e := range b.paid[item] {
		switch {
		case e.Kind == insight.Issued:
			open += e.Amount.Minor
			known = true
		case e.On.After(on):
		case e.Kind == insight.PaidBack:
			open += e.Amount.Minor
		default:
			open -= e.Amount.Minor
		}
	}
	return known && open <= 0
}

// settled is the day on which a reminder's invoice was settled, as far as the
// count of wrong reminders needs it: before the day, that day, or later.
func (b *Board) settled(items []db.InsightDemandsRow, sent date.Date) date.Date {
	var on date.Date
	for _, d := range items {
		switch item := d.InvoiceID.String(); {
		case b.covered(item, sent.AddDays(-1)):
			return sent.AddDays(-1)
		case b.covered(item, sent):
			on = sent
		}
	}
	return on
}

type once struct {
	debtor    uuid.UUID
	step, set string
	cycle     int32
}

// messages counts what was sent in the year until the day.
func (b *Board) messages(_ insight.Ledger, r Rows, a Ask) error {
	end := a.until()
	since := end.AddDate(-1, 0, 0)
	channels, reached := map[string]*Bounce{}, map[once]bool{}
	for _, m := range r.Messages {
		at := m.CreatedAt
		if m.SentAt != nil {
			at = *m.SentAt
		}
		if at.After(end) || !at.After(since) {
			continue
		}
		sent := m.State == "sent"
		back := slices.Contains([]string{"bounced", "returned", "failed"}, m.Delivery) || m.State == "failed"
		if sent || m.State == "failed" {
			k := once{m.DebtorID, m.Step, m.InvoiceSet, m.Cycle}
			reached[k] = reached[k] || !back
			c := channels[m.Channel]
			if c == nil {
				c = &Bounce{Channel: m.Channel}
				channels[m.Channel] = c
			}
			if c.Sent++; back {
				c.Returned++
			}
		}
	}
	b.Wrong = b.wrong(r, a)
	delivered := 0
	for _, ok := range reached {
		if ok {
			delivered++
		}
	}
	b.Reach = insight.Reach(delivered, len(reached))
	for _, c := range channels {
		c.Rate = insight.BounceRate(c.Returned, c.Sent)
		b.Bounces = append(b.Bounces, *c)
	}
	slices.SortFunc(b.Bounces, func(x, y Bounce) int { return strings.Compare(x.Channel, y.Channel) })
	b.Waiting = insight.Overlooked(r.Waiting, a.Now)
	var ages []time.Duration
	for _, d := range r.Ages {
		ages = append(ages, max(0, d.At.Sub(d.Confirmed)))
	}
	b.Freshness = insight.FreshnessAtSend(ages)
	return nil
}

// wrong counts the reminders of the year until the day that went to who had paid.
func (b *Board) wrong(r Rows, a Ask) insight.WrongReminders {
	end := a.until()
	since := end.AddDate(-1, 0, 0)
	demands := demandsOf(r.Demands)
	var reminders []insight.Reminder
	for _, m := range r.Messages {
		at := m.CreatedAt
		if m.SentAt != nil {
			at = *m.SentAt
		}
		if m.State == "sent" && reminds(m) && len(demands[m.ID]) > 0 && !at.After(end) && at.After(since) {
			reminders = append(reminders, insight.Reminder{Sent: at, Settled: b.settled(demands[m.ID], date.Of(at.In(a.Zone)))})
		}
	}
	return insight.CountWrong(reminders, a.Zone)
}

func demandsOf(rows []db.InsightDemandsRow) map[uuid.UUID][]db.InsightDemandsRow {
	out := map[uuid.UUID][]db.InsightDemandsRow{}
	for _, d := range rows {
		out[d.MessageID] = append(out[d.MessageID], d)
	}
	return out
}

// noon is when money of a day counts as received: a value date has no hour.
const noon = 12

// effects holds each step against what was paid after it.
func (b *Board) effects(_ insight.Ledger, r Rows, a Ask) error {
	end := a.until()
	since := end.AddDate(-1, 0, 0)
	rows := demandsOf(r.Demands)
	next := map[uuid.UUID]time.Time{} // the later demand of a debtor, reading backwards
	steps, alone := map[string][]insight.Demand{}, map[string][]insight.Demand{}
	asked := map[uuid.UUID][]time.Time{} // of each debtor, the latest first
	for _, m := range slices.Backward(r.Messages) {
		if m.State != "sent" || m.SentAt == nil || len(rows[m.ID]) == 0 || !m.Asks {
			continue
		}
		d := insight.Demand{At: *m.SentAt, Next: next[m.DebtorID], Statutory: slices.Contains(statutory, outreach.Step(m.Step))}
		next[m.DebtorID] = *m.SentAt
		asked[m.DebtorID] = append(asked[m.DebtorID], *m.SentAt)
		over := d.At.Add(insight.EffectWindow)
		if !d.Next.IsZero() && d.Next.Before(over) {
			over = d.Next
		}
		if over.After(end) || !d.At.After(since) || !b.demand(&d, rows[m.ID], a.Zone) {
			continue
		}
		steps[m.Step] = append(steps[m.Step], d)
		if len(rows[m.ID]) == 1 {
			alone[m.Step] = append(alone[m.Step], d) // one is held back only where it would be asked alone
		}
	}
	held := b.heldBack(r, a, asked)
	for name, demands := range steps {
		s := Step{Step: name, Sent: len(demands), Demanded: money.Of(0, b.Currency), Statutory: demands[0].Statutory}
		for _, d := range demands {
			s.Demanded.Minor += d.Demanded.Minor
		}
		var err error
		if s.Effect, err = insight.StepEffect(demands); err != nil {
			return err
		}
		if h := held[name]; len(h.demands) > 0 {
			s.Days = int((h.stretch + 12*time.Hour) / (24 * time.Hour))
			if s.Trial, err = insight.Compare(slices.Concat(measured(alone[name], h.first), h.demands), h.stretch); err != nil {
				return err
			}
		}
		b.Steps = append(b.Steps, s)
	}
	slices.SortFunc(b.Steps, func(x, y Step) int {
		if x.Sent != y.Sent {
			return y.Sent - x.Sent
		}
		return strings.Compare(x.Step, y.Step)
	})
	return nil
}

// held is the hold-back group of one step.
type held struct {
	demands []insight.Demand
	first   time.Time     // since when the step is measured
	stretch time.Duration // the shortest for which one was held back
}

// heldBack collects the hold-back groups of the year until the day.
func (b *Board) heldBack(r Rows, a Ask, asked map[uuid.UUID][]time.Time) map[string]held {
	end := a.until()
	out := map[string]held{}
	for _, h := range r.HeldBack {
		until := h.Until.In(a.Zone)
		if until.After(end) || !h.At.After(end.AddDate(-1, 0, 0)) || h.Currency != b.Currency {
			continue
		}
		d := insight.Demand{At: h.At, Next: until, HeldBack: true}
		for _, at := range asked[h.DebtorID] {
			if at.After(d.At) && at.Before(d.Next) {
				d.Next = at
			}
		}
		if !b.demand(&d, []db.InsightDemandsRow{{InvoiceID: h.InvoiceID, Currency: h.Currency, OpenMinor: h.OpenMinor}}, a.Zone) {
			continue
		}
		g, stretch := out[h.Step], until.Sub(h.At)
		if g.demands = append(g.demands, d); g.first.IsZero() {
			g.first = h.At
		}
		if g.stretch == 0 || stretch < g.stretch {
			g.stretch = stretch
		}
		out[h.Step] = g
	}
	return out
}

// measured leaves out the demands from before a step was measured.
func measured(demands []insight.Demand, first time.Time) []insight.Demand {
	return slices.DeleteFunc(slices.Clone(demands), func(d insight.Demand) bool { return d.At.Before(first) })
}

// demand fills in what was demanded and received; false when nothing of it is in
// the currency.
func (b *Board) demand(d *insight.Demand, rows []db.InsightDemandsRow, zone *time.Location) bool {
	d.Demanded = money.Of(0, b.Currency)
	for _, i := range rows {
		if i.Currency != b.Currency {
			continue
		}
		d.Demanded.Minor += i.OpenMinor
		for _, e := range b.paid[i.InvoiceID.String()] {
			if e.Kind == insight.Paid {
				d.Receipts = append(d.Receipts, insight.Receipt{At: e.On.At(noon, 0, zone), Amount: e.Amount})
			}
		}
	}
	return d.Demanded.Positive()
}
