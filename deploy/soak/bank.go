package main

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/payment/statement"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// transfer is a payment by bank, for one invoice.
type transfer struct {
	entry *entry
	part  int // of entry.paid
	minor int64
	value date.Date
	text  string
	// lost says that its text names nothing: a person finds out what it is for.
	lost bool
}

// transfer sends money by bank. It is on the statement of the next banking day,
// and in the books up to two days later.
func (y *year) transfer(e *entry, minor int64, lost bool) {
	b, now := e.debtor.books, y.clock.Now()
	day := date.Of(now.In(y.zone))
	t := &transfer{entry: e, part: len(e.paid), minor: minor, value: y.bankDay(day), text: "Betaling factuur " + e.invoice.Number, lost: lost}
	if lost {
		t.text = "Overboeking " + e.debtor.party.Name[:3]
		y.faults.fire(bankNameless)
	}
	e.paid = append(e.paid, movement{minor: minor, value: t.value})
	if e.invoice.Total.Currency == b.currency { // else it goes to another account, of which only the books know
		b.lines = append(b.lines, t)
	}
	if e.own != uuid.Nil {
		return // there are no books but the statement
	}
	luck := dice(y.seed, fmt.Sprintf("booking %s %d", e.invoice.ID, t.part))
	booked := y.bankDay(t.value.AddDays(1 + luck.IntN(3)))
	y.diary.add(booked.At(8+luck.IntN(9), luck.IntN(60), y.zone), func(context.Context) error {
		b.book(e, &e.paid[t.part], t.text)
		return nil
	})
}

// bankDay is a day on which banks work, that day or the next.
func (y *year) bankDay(d date.Date) date.Date {
	for d.Weekday() == time.Saturday || d.Weekday() == time.Sunday {
		d = d.AddDays(1)
	}
	return d
}

// statement imports the statement of the banking day before.
func (b *books) statement(ctx context.Context) error {
	y := b.y
	now := y.clock.Now()
	today := date.Of(now.In(y.zone))
	var lines []statement.Line
	var kept, sent []*transfer
	for _, t := range b.lines {
		if !t.value.Before(today) {
			kept = append(kept, t)
			continue
		}
		sent = append(sent, t)
		lines = append(lines, statement.Line{
			ID: fmt.Sprintf("%s-%d", t.entry.invoice.ID, t.part), ValueDate: t.value, BookingDate: today, Amount: money.Of(t.minor, b.currency),
			CounterpartyName: t.entry.debtor.party.Name, CounterpartyIBAN: t.entry.debtor.party.IBAN, Text: t.text,
		})
	}
	number := b.sequence + 1
	s, err := statement.Compose(b.iban, fmt.Sprintf("S%04d", number), fmt.Sprint(number), today, money.Of(b.balance, b.currency), lines...)
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if err := statement.WriteCAMT053(&file, now, s); err != nil {
		return err
	}
	if _, err := y.bank.Import(ctx, y.tenant, b.id, fmt.Sprintf("statement-%s-%04d.xml", y.land.code, number), &file); err != nil {
		return fmt.Errorf("import a statement: %w", err)
	}
	b.lines, b.balance, b.sequence = kept, s.Closing.Amount.Minor, number
	for _, t := range sent {
		if m := &t.entry.paid[t.part]; !t.lost && m.seen.IsZero() {
			m.seen = now
		}
	}
	return nil
}

// lost settles the lines that named nothing, as a person does who asks around.
func (b *books) lost(ctx context.Context, by string) error {
	type line struct {
		id    [16]byte
		iban  string
		minor int64
		value date.Date
	}
	var found []line
	if err := b.y.in(ctx, func(tx store.Tx) error {
		rows, err := tx.Query(ctx, `select l.id, l.counter_iban, l.amount_minor, l.value_date from bank_line l join bank_statement s on s.id = l.statement_id
			where l.state in ('suggested', 'unmatched') and s.administration_id = $1 order by l.value_date, l.counter_iban, l.amount_minor`, b.id)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var l line
			var on time.Time
			if err := rows.Scan(&l.id, &l.iban, &l.minor, &on); err != nil {
				return err
			}
			l.value = date.Of(on)
			found = append(found, l)
		}
		return rows.Err()
	}); err != nil {
		return err
	}
	for _, l := range found {
		e, part := b.payer(l.iban, l.minor, l.value)
		if e == nil {
			return fmt.Errorf("a bank line of %d on %s is nobody's", l.minor, l.value)
		}
		if err := b.y.bank.Assign(ctx, b.y.tenant, l.id, e.invoice.Number, by); err != nil {
			if err := b.y.bank.Ignore(ctx, b.y.tenant, l.id, by); err != nil {
				return fmt.Errorf("settle a bank line: %w", err)
			}
		}
		if m := &e.paid[part]; m.seen.IsZero() {
			m.seen = b.y.clock.Now()
		}
	}
	return nil
}

func (b *books) payer(iban string, minor int64, value date.Date) (*entry, int) {
	for _, e := range b.entries {
		if e.debtor.party.IBAN != iban {
			continue
		}
		for i, m := range e.paid {
			if m.minor == minor && m.value == value && m.by == "" {
				return e, i
			}
		}
	}
	return nil, 0
}
