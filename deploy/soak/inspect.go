package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// findings is what an inspection of the whole ledger of one creditor brought to
// light.
type findings struct {
	Country string
	// Broken are promises that were not kept, in sentences.
	Broken []string
	// Lines are all that happened, for comparison; the same seed gives the same.
	Lines []string
	// Checked counts what was held against the truth, by the promise.
	Checked map[string]int

	Steps, Tries                  int
	Invoices, Messages, Reminders int
	// Early are reminders to who had sent money that nobody could see yet; Rests
	// those to who paid the principal after costs had become due.
	Early, Rests               int
	Cases, HandedOver, OneOff  int
	Mandates, Collected, Broke int
	Phases                     map[string]int
	Channels                   map[string]int
	Kinds                      map[string]int // of steps
	Currencies                 map[money.Currency]*balance
	Fired                      map[trouble]int
	Histories                  int
	Heard                      []memoir
}

// balance is the account of all money in a currency, in minor units.
type balance struct{ Total, Paid, Open, Credited, WrittenOff, Withdrawn int64 }

func (f *findings) breaks(format string, args ...any) {
	if len(f.Broken) < 200 {
		f.Broken = append(f.Broken, f.Country+": "+fmt.Sprintf(format, args...))
	}
}

func (f *findings) line(format string, args ...any) {
	f.Lines = append(f.Lines, f.Country+" "+fmt.Sprintf(format, args...))
}

// The promises, as the report names them.
const (
	noPayer    = "no reminder to who has paid, none for more than is owed"
	noneTwice  = "no message twice, by our record and by those who carried it"
	everyCent  = "invoiced = paid + open + credited + written off + withdrawn"
	explained  = "every message, hold and end has its reason"
	noBankrupt = "nothing asked of who is bankrupt (R97)"
	costsLaw   = "costs and interest within the statute"
	costsTerm  = "no costs before the notice's term was over"
	debitLaw   = "no debit without a mandate and its announcement, none above the claim"
	oneFile    = "a bailiff gets a case once"
)

var promises = []string{noPayer, noneTwice, everyCent, explained, readable, noBankrupt, netted, costsLaw, costsTerm, costsNamed, debitLaw, oneFile, billed, alarmed, replayed}

// inspect holds everything against the truth.
func (y *year) inspect(ctx context.Context) (*findings, error) {
	f := &findings{
		Country: y.land.code, Checked: map[string]int{}, Phases: map[string]int{}, Channels: map[string]int{}, Currencies: map[money.Currency]*balance{},
		Steps: y.taken, Tries: y.tries, Kinds: y.kinds, Fired: y.faults.fired,
	}
	for _, look := range []func(context.Context, *findings) error{y.inspectMoney, y.inspectNotes, y.inspectMessages, y.inspectReasons, y.inspectDecisions, y.inspectCases, y.inspectNamed, y.inspectDebits, y.inspectCredit} {
		if err := look(ctx, f); err != nil {
			return nil, err
		}
	}
	y.inspectCarriers(f)
	for _, s := range y.stuck {
		f.breaks("did not go through for hours: %s", s)
	}
	return f, nil
}

// rows runs a query and calls f for each row, which was scanned into the targets.
func (y *year) rows(ctx context.Context, query string, targets []any, f func() error) error {
	return y.in(ctx, func(tx store.Tx) error {
		rows, err := tx.Query(ctx, query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := rows.Scan(targets...); err != nil {
				return err
			}
			if err := f(); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// charged is the most that the law lets a payment for an invoice go to costs and
// interest instead: those of its case.
func (y *year) charged(ctx context.Context) (map[uuid.UUID]int64, error) {
	cases := map[uuid.UUID][]uuid.UUID{}
	var file, invoice uuid.UUID
	if err := y.rows(ctx, `select case_id, invoice_id from case_invoice order by 1, 2`, []any{&file, &invoice}, func() error {
		cases[file] = append(cases[file], invoice)
		return nil
	}); err != nil {
		return nil, err
	}
	most := map[uuid.UUID]int64{}
	for _, invoices := range cases {
		var claims []int64
		var interest int64
		var e *entry
		for _, id := range invoices {
			e = y.entry(id)
			claims = append(claims, e.invoice.Total.Minor)
			interest += mostInterest(e.invoice.Total.Minor, y.Days)
		}
		for _, id := range invoices {
			most[id] += y.land.mostCosts(e.business(), e.invoice.Total.Currency, claims) + interest
		}
	}
	return most, nil
}

// inspectMessages looks at every message: whom it reminded, of how much, and how
// often.
func (y *year) inspectMessages(ctx context.Context, f *findings) error {
	type key struct {
		invoice uuid.UUID
		step    string
		cycle   int
		channel string
	}
	seen := map[key]bool{}
	charged, err := y.charged(ctx)
	if err != nil {
		return err
	}
	var step, channel, recipient, own, role string
	var cycle int
	var at time.Time
	var asks bool
	var id uuid.UUID
	var open int64
	return y.rows(ctx, `select m.step, m.cycle, m.channel, m.sent_at, m.asks, m.recipient, i.invoice_id, i.step, i.role, i.open_minor
		from message m join message_invoice i on i.message_id = m.id join invoice v on v.id = i.invoice_id and v.kind = 'invoice' where m.state = 'sent' order by m.sent_at, m.debtor_id, m.step, m.channel, v.number`,
		[]any{&step, &cycle, &channel, &at, &asks, &recipient, &id, &own, &role, &open}, func() error {
			e := y.entry(id)
			when := at.In(y.zone).Format("2 Jan 15:04")
			f.Messages++
			f.Channels[channel]++
			f.line("message %s %s %s %s %s %s %d", e.invoice.Number, at.In(y.zone).Format("2006-01-02 15:04"), step, channel, role, own, open)
			if role != "demanded" {
				return nil
			}
			k := key{id, own, cycle, channel}
			f.Checked[noneTwice]++
			if own != "" && seen[k] {
				f.breaks("%s got %s twice by %s, again on %s", e.invoice.Number, own, channel, when)
			}
			seen[k] = true
			if !asks || step == "invoice" || step == "pre_reminder" || step == "payment_reversed" {
				return nil
			}
			f.Reminders++
			f.Checked[noPayer]++
			f.Checked[noBankrupt]++
			known := e.knownOpen(at)
			if b := e.debtor.broke; !b.IsZero() && date.Of(at.In(y.zone)).After(b) {
				f.breaks("%s was reminded (%s) on %s, and its debtor is bankrupt since %s", e.invoice.Number, step, when, b)
			}
			switch {
			case open > known && open <= known+charged[id]:
				f.Rests++
			case known == 0:
				f.breaks("%s was reminded (%s) on %s, and it was known to be paid", e.invoice.Number, step, when)
			case open > known:
				f.breaks("%s was asked %d on %s (%s), and %d was known to be open", e.invoice.Number, open, when, step, known)
			case e.openOn(date.Of(at.In(y.zone))) == 0:
				f.Early++
			}
			return nil
		})
}

func (e *entry) business() bool { return e.debtor.party.Kind == "business" }

// openOn is what was truly owed at the end of a day, by value dates.
func (e *entry) openOn(d date.Date) int64 {
	open := e.total(d.AddDays(1).In(e.debtor.books.y.zone))
	for _, m := range e.paid {
		if !m.back && !m.value.After(d) {
			open -= m.minor
		}
	}
	return max(0, open)
}

// inspectCarriers holds the logs of those who carried messages and cases: each
// once.
func (y *year) inspectCarriers(f *findings) {
	for id, n := range y.mail.taken {
		f.Checked[noneTwice]++
		if n > 1 {
			f.breaks("the mail server took %s %d times", id, n)
		}
	}
	f.Checked[noneTwice] += len(y.carrier.took)
	for _, key := range y.carrier.twice {
		f.breaks("the carrier took %s twice", key)
	}
	f.HandedOver = len(y.office.taken)
	cases := map[string]bool{}
	for _, n := range y.office.taken {
		f.Checked[oneFile]++
		if n > 20 {
			f.breaks("a case was brought to the bailiff %d times", n)
		}
	}
	for _, number := range y.office.files {
		if cases[number] {
			f.breaks("the bailiff got case %s twice", number)
		}
		cases[number] = true
	}
}

// inspectMoney accounts for every cent of every invoice.
func (y *year) inspectMoney(ctx context.Context, f *findings) error {
	for _, b := range y.shops {
		b.outages, y.Faults = nil, false
		for _, e := range b.entries { // the bookkeeper catches up
			for _, m := range e.paid {
				if m.back {
					e.reopen(m.by)
				}
			}
		}
		if err := b.sync(ctx); err != nil {
			return err
		}
	}
	var id uuid.UUID
	var number, status string
	var currency money.Currency
	var total, open, allocated, unreflected int64
	return y.rows(ctx, `select i.id, i.number, i.currency, i.total_minor, i.open_minor, i.status,
		coalesce((select sum(a.amount_minor) from allocation a where a.invoice_id = i.id and a.reversed_at is null and a.kind = 'principal'), 0)::bigint,
		coalesce((select sum(a.amount_minor) from allocation a where a.invoice_id = i.id and a.reversed_at is null and a.kind = 'principal' and a.reflected_at is null), 0)::bigint
		from invoice i where i.kind = 'invoice' order by i.number`, []any{&id, &number, &currency, &total, &open, &status, &allocated, &unreflected}, func() error {
		e := y.entry(id)
		sum := f.Currencies[currency]
		if sum == nil {
			sum = &balance{}
			f.Currencies[currency] = sum
		}
		f.Invoices++
		f.Checked[everyCent]++
		sum.Total += total
		now := y.clock.Now()
		credited, writtenOff := upTo(e.credited, now), upTo(e.writtenOff, now)
		sum.Credited += credited
		sum.WrittenOff += writtenOff
		if total != e.invoice.Total.Minor || currency != e.invoice.Total.Currency {
			f.breaks("%s is %d %s here and %s in the books", number, total, currency, e.invoice.Total)
		}
		if e.withdrawn {
			sum.Withdrawn += total
			return nil
		}
		sum.Open += open - unreflected
		sum.Paid += allocated
		if rest := total - (open - unreflected) - allocated - credited - writtenOff; rest != 0 {
			f.breaks("%s does not add up: total %d, open %d, paid %d, credited %d, written off %d; %d is unaccounted for",
				number, total, open-unreflected, allocated, credited, writtenOff, rest)
		}
		f.line("money %s %s %d %d %d %s", number, currency, total, open, allocated, status)
		return nil
	})
}

func (y *year) entry(id uuid.UUID) *entry {
	for _, b := range append(y.shops, y.loose) {
		if e := b.byID[id]; e != nil {
			return e
		}
	}
	return nil
}

// inspectReasons sees to it that everything is explained: what was sent, what
// comes next or why not, and why it ended.
func (y *year) inspectReasons(ctx context.Context, f *findings) error {
	var number, phase, step, next, held, closed string
	var on *time.Time
	var decisions, mute, silent int
	var open int64
	return y.rows(ctx, `select i.number, coalesce(c.phase, ''), coalesce(c.next_step, ''), coalesce(c.next_why, ''), coalesce(c.held_why, ''), coalesce(c.closed_why, ''), c.closed_on,
		(select count(*) from decision d where d.invoice_id = i.id),
		(select count(*) from decision d where d.invoice_id = i.id and (d.rule = '' or d.reason = '')),
		(select count(*) from step_record s where s.invoice_id = i.id and s.outcome <> 'by_hand' and not exists (
			select 1 from decision d where d.invoice_id = s.invoice_id and d.step = s.step)),
		i.open_minor
		from invoice i left join collection c on c.invoice_id = i.id where i.kind = 'invoice' order by i.number`,
		[]any{&number, &phase, &step, &next, &held, &closed, &on, &decisions, &mute, &silent, &open}, func() error {
			f.Phases[cmp.Or(phase, "never owed")]++
			f.Checked[explained] += decisions + 1
			day := ""
			if on != nil {
				day = on.Format("2006-01-02")
			}
			f.line("process %s %s %s %s %s", number, phase, step, closed, day)
			switch {
			case phase == "":
				if open > 0 {
					f.breaks("%s is open and has no process", number)
				}
			case phase == "closed" && (closed == "" || day == ""):
				f.breaks("%s is closed without a reason or a day", number)
			case phase != "closed" && next == "" && held == "":
				f.breaks("%s is %s, and nothing says what comes next", number, phase)
			}
			if mute > 0 || silent > 0 {
				f.breaks("%s has %d decisions without a reason and %d steps without a decision", number, mute, silent)
			}
			return nil
		})
}
