package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	gosync "sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/outreach/mailsink"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync"
)

// player acts the debtors of the story from outside, as people would: it reads
// mail, opens links, pays on the provider's page. It keeps nothing of its own:
// before each act it looks whether it was done, so it can be killed at any point.
type player struct {
	store     *store.Store
	tenant    uuid.UUID
	adm       uuid.UUID
	sink      mailsink.Log
	hub       string
	moneybird string // where the emulators are
	mollie    string
	now       func() time.Time
	bank      func(ctx context.Context, name string, r io.Reader) error
	notes     func(string)
	clerk     *clerk
}

// part is one debtor of the cast as the books have them.
type part struct {
	actor
	ids     []uuid.UUID // our ids of the invoices
	numbers []string
	done    bool
	// appointed is when the payment will reach the books, as they were told at a
	// moment of the machine's clock.
	appointed, told time.Time
}

const (
	// glance is how often a debtor looks whether there is something to do.
	glance = 30 * time.Millisecond
	// hesitation is how long a debtor waits after something went wrong.
	hesitation = time.Second
)

// play lets everybody act until the fast part of the story is over. It calls
// ready when everybody has caught up with what happened before.
func (p *player) play(ctx context.Context, parts []*part, ready func()) {
	var all, first gosync.WaitGroup
	for _, a := range parts {
		if a.act == nil {
			continue
		}
		first.Add(1)
		all.Go(func() {
			p.live(ctx, a, gosync.OnceFunc(first.Done))
		})
	}
	first.Wait()
	ready()
	all.Wait()
}

func (p *player) live(ctx context.Context, a *part, caughtUp func()) {
	defer caughtUp()
	last := storyOrigin.AddDate(0, 0, fastDays)
	for p.now().Before(last) && !a.done && ctx.Err() == nil {
		wait := glance
		if err := a.act(p, a); err != nil && ctx.Err() == nil {
			p.notes(fmt.Sprintf("%s: %v", a.numbers[0], err))
			wait = hesitation
		}
		caughtUp()
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// collection reads our state of an invoice and the messages that are about it.
func (p *player) collection(id uuid.UUID) (c db.Collection, out []db.Message, err error) {
	err = p.store.In(context.Background(), p.tenant, func(tx store.Tx) error {
		if c, err = tx.Collection(context.Background(), id); errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err == nil {
			out, err = tx.MessagesOfInvoice(context.Background(), id)
		}
		return err
	})
	return c, out, err
}

// received returns the first mail about the first invoice that the debtor has and
// that fits, as our record and as it came; nil when none has come.
func (p *player) received(a *part, fits func(db.Message) bool) (*mailsink.Message, db.Collection, error) {
	c, all, err := p.collection(a.ids[0])
	if err != nil {
		return nil, c, err
	}
	for _, m := range all {
		if m.Channel != string(policy.Email) || !fits(m) {
			continue
		}
		list, err := p.sink.List(context.Background(), url.Values{"messageId": {m.HeaderID}})
		if err != nil {
			return nil, c, err
		}
		if list.Total > 0 {
			return &list.Messages[0], c, nil
		}
	}
	return nil, c, nil
}

// demanded reports whether a message asks for payment of what is overdue.
func demanded(m db.Message) bool { return demands(m.Step) }

func demands(step string) bool {
	for _, f := range policy.Flows() {
		if s, ok := f.Step(policy.StepID(step)); ok && s.Demand {
			return true
		}
	}
	return false
}

// payInBooks lets the payment reach the books on the morning of the second
// reminder, before its hour: only a look at the source at that moment can know.
func (p *player) payInBooks(a *part) error {
	if paid, err := p.paidInBooks(a); paid || err != nil {
		a.done = paid
		return err
	}
	m, c, err := p.received(a, demanded)
	if m == nil || err != nil {
		return err
	}
	// The next reminder is never sooner than a week after the first.
	at := m.Received.AddDate(0, 0, 6)
	if c.NextAt != nil && demands(c.NextStep) && c.NextAt.After(at) {
		at = c.NextAt.Add(-5 * time.Hour)
	}
	if at.Equal(a.appointed) && time.Since(a.told) < hesitation {
		return nil // told again now and then, since the books may have been down
	}
	// The bank had it the day before; who comes too late for that pays now.
	paid := map[string]any{}
	if at.After(p.now()) {
		paid["date"] = day(at).AddDays(-1)
	}
	err = control("POST", p.moneybird+"/_control/appointments", map[string]any{
		"key": "pay " + a.numbers[0], "at": at, "method": "POST", "path": p.books("/invoices/" + a.numbers[0] + "/pay"), "body": paid,
	}, nil)
	if err == nil {
		a.appointed, a.told = at, time.Now()
	}
	return err
}

// payByStatement lets a bank statement with the payment come in a week early.
func (p *player) payByStatement(a *part) error {
	day := march2.AddDays(7)
	if p.now().Before(day.At(12, 0, amsterdam())) {
		return nil
	}
	m, _, err := p.received(a, func(m db.Message) bool { return m.Step == string(policy.SendInvoice) })
	if m == nil || err != nil {
		return err
	}
	file, err := statementOf(a, day)
	if err != nil {
		return err
	}
	err = p.bank(context.Background(), "delinde-2026-03-09.xml", strings.NewReader(file))
	a.done = err == nil
	return err
}

// payOneOfTwo pays the first of two invoices in the books after the reminder
// for both.
func (p *player) payOneOfTwo(a *part) error {
	if paid, err := p.paidInBooks(a); paid || err != nil {
		a.done = paid
		return err
	}
	m, _, err := p.received(a, demanded)
	if m == nil || err != nil {
		return err
	}
	return control("POST", p.moneybird+p.books("/invoices/"+a.numbers[0]+"/pay"), struct{}{}, nil)
}

// payOnline opens the link in the first reminder, asks for the code, and pays
// with iDEAL.
func (p *player) payOnline(a *part) error {
	m, _, err := p.received(a, demanded)
	if m == nil || err != nil {
		return err
	}
	a.done, err = p.settle(a, m, 1, "/pay", url.Values{"invoice": {a.ids[0].String()}, "method": {"ideal"}})
	return err
}

// dispute opens the link in the first reminder and does not agree.
func (p *player) dispute(a *part) error {
	m, _, err := p.received(a, demanded)
	if m == nil || err != nil {
		return err
	}
	if a.done, err = p.disputed(a); a.done || err != nil {
		return err
	}
	return p.inPortal(a, m, "/dispute", url.Values{"invoice": {a.ids[0].String()}, "reason": {"quality"}, "text": {"De helft van de menukaarten is verkeerd gedrukt."}})
}

func (p *player) disputed(a *part) (yes bool, err error) {
	err = p.store.In(context.Background(), p.tenant, func(tx store.Tx) error {
		list, err := tx.DisputesOf(context.Background(), a.ids[0])
		yes = len(list) > 0
		return err
	})
	return yes, err
}

// parts finds our ids of the cast's invoices through the numbers in the books.
func (p *player) parts(numbers map[string]string) []*part {
	var out []*part
	for _, a := range cast {
		one := &part{actor: a}
		for _, i := range a.invoices {
			one.numbers = append(one.numbers, i.Number)
			one.ids = append(one.ids, sync.InvoiceID(p.adm, numbers[i.Number]))
		}
		out = append(out, one)
	}
	return out
}
