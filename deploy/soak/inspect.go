package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"sort"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk/date"
	"go.temporal.io/sdk/client"
)

// findings is what an inspection of the whole ledger brought to light.
type findings struct {
	broken []string // promises that were not kept, in sentences
	ledger string   // a hash of all that happened; the same seed gives the same

	messages, reminders int
	// early are reminders to who had sent the money that nobody could see yet.
	early      int
	phases     map[string]int
	histories  int // that were lived again and replayed
	currencies map[string]*balance
}

// balance is the account of all money in a currency, in minor units.
type balance struct{ total, paid, open, credited, writtenOff, withdrawn int64 }

func (f *findings) breaks(format string, args ...any) {
	if len(f.broken) < 200 {
		f.broken = append(f.broken, fmt.Sprintf(format, args...))
	}
}

// inspect holds everything against the truth.
func (y *year) inspect(ctx context.Context) (*findings, error) {
	f := &findings{phases: map[string]int{}, currencies: map[string]*balance{}}
	lines := []string{}
	for _, look := range []func(context.Context, *findings, *[]string) error{y.inspectMessages, y.inspectMoney, y.inspectReasons, y.inspectCases} {
		if err := look(ctx, f, &lines); err != nil {
			return nil, err
		}
	}
	y.inspectMail(f)
	sort.Strings(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	f.ledger = hex.EncodeToString(sum[:8])
	y.lines = lines
	return f, nil
}

// inspectMessages looks at every message: whom it reminded, of how much, and how
// often.
func (y *year) inspectMessages(ctx context.Context, f *findings, lines *[]string) error {
	type key struct {
		invoice uuid.UUID
		step    string
		cycle   int
		channel string
	}
	seen := map[key]bool{}
	entries := map[uuid.UUID]*entry{}
	for _, b := range y.shops {
		for id, e := range b.byID {
			entries[id] = e
		}
	}
	return y.in(ctx, func(tx store.Tx) error {
		rows, err := tx.Query(ctx, `select m.step, m.cycle, m.channel, m.sent_at, m.asks, m.recipient, i.invoice_id, i.step, i.role, i.open_minor
			from message m join message_invoice i on i.message_id = m.id where m.state = 'sent' order by m.sent_at, m.id, i.invoice_id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var step, channel, recipient, own, role string
			var cycle int
			var at time.Time
			var asks bool
			var id uuid.UUID
			var open int64
			if err := rows.Scan(&step, &cycle, &channel, &at, &asks, &recipient, &id, &own, &role, &open); err != nil {
				return err
			}
			e := entries[id]
			f.messages++
			*lines = append(*lines, fmt.Sprintf("message %s %s %s %s %s %s %d", e.invoice.Number, at.In(zone).Format("2006-01-02 15:04"), step, channel, role, own, open))
			if role != "demanded" {
				continue
			}
			k := key{id, own, cycle, channel}
			if own != "" && seen[k] {
				f.breaks("%s got %s twice by %s, again on %s", e.invoice.Number, own, channel, at.Format("2 Jan"))
			}
			seen[k] = true
			if !asks || step == "invoice" || step == "pre_reminder" || step == "payment_reversed" {
				continue
			}
			f.reminders++
			known := e.knownOpen(at)
			if b := e.debtor.broke; !b.IsZero() && date.Of(at.In(zone)).After(b) {
				f.breaks("%s was reminded (%s) on %s, and its debtor is bankrupt since %s (R97)", e.invoice.Number, step, at.In(zone).Format("2 Jan 15:04"), b)
			}
			switch {
			case known == 0:
				f.breaks("%s was reminded (%s) on %s, and it was known to be paid", e.invoice.Number, step, at.In(zone).Format("2 Jan 15:04"))
			case open > known:
				f.breaks("%s was asked %d on %s (%s), and %d was known to be open", e.invoice.Number, open, at.In(zone).Format("2 Jan 15:04"), step, known)
			case e.openOn(date.Of(at.In(zone))) == 0:
				f.early++
			}
		}
		return rows.Err()
	})
}

// openOn is what was truly owed at the end of a day, by value dates.
func (e *entry) openOn(d date.Date) int64 {
	open := e.total(d.AddDays(1).In(zone))
	for _, m := range e.paid {
		if !m.back && !m.value.After(d) {
			open -= m.minor
		}
	}
	return max(0, open)
}

// inspectMail holds the mail server's log against ours: each message once, and
// none that we know nothing of.
func (y *year) inspectMail(f *findings) {
	for id, n := range y.mail.taken {
		if n > 1 {
			f.breaks("the mail server took %s %d times", id, n)
		}
	}
}

// inspectMoney accounts for every cent of every invoice.
func (y *year) inspectMoney(ctx context.Context, f *findings, lines *[]string) error {
	for _, b := range y.shops {
		if err := b.sync(ctx); err != nil {
			return err
		}
	}
	return y.in(ctx, func(tx store.Tx) error {
		rows, err := tx.Query(ctx, `select i.id, i.number, i.currency, i.total_minor, i.open_minor, i.status,
			coalesce((select sum(a.amount_minor) from allocation a where a.invoice_id = i.id and a.reversed_at is null and a.kind = 'principal'), 0)::bigint,
			coalesce((select sum(a.amount_minor) from allocation a where a.invoice_id = i.id and a.reversed_at is null and a.kind = 'principal' and a.reflected_at is null), 0)::bigint
			from invoice i order by i.number`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id uuid.UUID
			var number, currency, status string
			var total, open, allocated, unreflected int64
			if err := rows.Scan(&id, &number, &currency, &total, &open, &status, &allocated, &unreflected); err != nil {
				return err
			}
			e := y.entry(id)
			sum := f.currencies[currency]
			if sum == nil {
				sum = &balance{}
				f.currencies[currency] = sum
			}
			sum.total += total
			now := y.clock.Now()
			credited, writtenOff := upTo(e.credited, now), upTo(e.writtenOff, now)
			sum.credited += credited
			sum.writtenOff += writtenOff
			if e.withdrawn {
				sum.withdrawn += total
				continue
			}
			sum.open += open - unreflected
			sum.paid += allocated
			if rest := total - (open - unreflected) - allocated - credited - writtenOff; rest != 0 {
				f.breaks("%s does not add up: total %d, open %d, paid %d, credited %d, written off %d; %d is unaccounted for",
					number, total, open-unreflected, allocated, credited, writtenOff, rest)
			}
			*lines = append(*lines, fmt.Sprintf("money %s %d %d %d %s", number, total, open, allocated, status))
		}
		return rows.Err()
	})
}

func (y *year) entry(id uuid.UUID) *entry {
	for _, b := range y.shops {
		if e := b.byID[id]; e != nil {
			return e
		}
	}
	return nil
}

// inspectReasons sees to it that everything is explained: what was sent, what
// comes next or why not, and why it ended.
func (y *year) inspectReasons(ctx context.Context, f *findings, lines *[]string) error {
	return y.in(ctx, func(tx store.Tx) error {
		rows, err := tx.Query(ctx, `select i.number, coalesce(c.phase, ''), coalesce(c.next_step, ''), coalesce(c.next_why, ''), coalesce(c.held_why, ''), coalesce(c.closed_why, ''), c.closed_on,
			(select count(*) from decision d where d.invoice_id = i.id and (d.rule = '' or d.reason = '')),
			(select count(*) from step_record s where s.invoice_id = i.id and not exists (
				select 1 from decision d where d.invoice_id = s.invoice_id and d.step = s.step)),
			i.open_minor
			from invoice i left join collection c on c.invoice_id = i.id order by i.number`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var number, phase, step, next, held, closed string
			var on *time.Time
			var mute, silent int
			var open int64
			if err := rows.Scan(&number, &phase, &step, &next, &held, &closed, &on, &mute, &silent, &open); err != nil {
				return err
			}
			f.phases[phase]++
			day := ""
			if on != nil {
				day = on.Format("2006-01-02")
			}
			*lines = append(*lines, fmt.Sprintf("process %s %s %s %s %s", number, phase, step, closed, day))
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
		}
		return rows.Err()
	})
}

// inspectCases sees to it that costs were asked of no consumer without a notice.
func (y *year) inspectCases(ctx context.Context, f *findings, lines *[]string) error {
	return y.in(ctx, func(tx store.Tx) error {
		rows, err := tx.Query(ctx, `select c.number, d.kind, c.notice_id is not null, c.state,
			coalesce((select sum(amount_minor) from claim_entry e where e.case_id = c.id and e.kind = 'costs'), 0)::bigint,
			coalesce((select sum(amount_minor) from claim_entry e where e.case_id = c.id), 0)::bigint
			from collection_case c join debtor d on d.id = c.debtor_id order by c.number`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var number, kind, state string
			var noticed bool
			var costs, sum int64
			if err := rows.Scan(&number, &kind, &noticed, &state, &costs, &sum); err != nil {
				return err
			}
			*lines = append(*lines, fmt.Sprintf("case %s %s %s %d %d", number, kind, state, costs, sum))
			if kind != "business" && !noticed && costs > 0 {
				f.breaks("case %s asks %d costs of a consumer without a statutory notice", number, costs)
			}
		}
		return rows.Err()
	})
}

// relives lets the workflows of the sample live again and replays them.
func (y *year) relives(ctx context.Context, c client.Client, f *findings) error {
	for id := range y.heard {
		if err := y.hear(ctx, id, nil); err != nil {
			return err
		}
	}
	n, wrong, err := y.replay(ctx, c)
	f.histories = n
	for _, w := range wrong {
		f.breaks("%s", w)
	}
	return err
}

// report prints what came of the year.
func (y *year) report(w io.Writer, f *findings, took time.Duration) {
	fmt.Fprintf(w, "seed %d: %d debtors, %d invoices, %d days, lived in %s\n", y.Seed, y.Debtors, y.Invoices, y.Days, took.Round(time.Second))
	fmt.Fprintf(w, "%d steps taken, %d tried again, the line to the database cut %d times; %d lines in messages, %d reminders; %d of them while the money was on its way and nobody could see it\n",
		y.taken, y.tries, y.wire.cuts.Load(), f.messages, f.reminders, f.early)
	for c, b := range f.currencies {
		fmt.Fprintf(w, "%s: invoiced %d = paid %d + open %d + credited %d + written off %d + withdrawn %d\n", c, b.total, b.paid, b.open, b.credited, b.writtenOff, b.withdrawn)
	}
	fmt.Fprintf(w, "%d histories replayed; phases %v\nledger %s\n", f.histories, f.phases, f.ledger)
	for _, line := range f.broken {
		fmt.Fprintln(w, "BROKEN:", line)
	}
}
