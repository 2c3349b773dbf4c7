package dunning_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/payment"
	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/core/payment/statement"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// TestNeverRemindAPayer lets 1,000 payments land within milliseconds of the
// moment of their reminder, from the books, the bank and Mollie, in every order
// with the look at the source, the gate and the hand-over.
//
// It compares moments of one monotonic clock. A payment is known to the hub from
// when it is planned for under the debtor's lock (known), and a message holds
// that lock when the mail server has its text (arrived); both hold it to the end
// of their transaction. So known < arrived means that the gate decided after the
// payment was committed.
func TestNeverRemindAPayer(t *testing.T) {
	t.Parallel()
	t.Run("R1 R2 with the gate", func(t *testing.T) {
		t.Parallel()
		size := 1000
		if testing.Short() {
			size = 150
		}
		r := newRace(t, size)
		r.run()
		if v := r.violations(); len(v) > 0 {
			t.Fatalf("%d payers were reminded; first: %s", len(v), v[0])
		}
		r.settle()
		r.check()
	})
	t.Run("control without a look at the source", func(t *testing.T) {
		t.Parallel()
		r := newRace(t, 48)
		r.w.Books.Blind(true)
		r.w.Steps.Checkouts = blindCheckouts{}
		r.run()
		if v := r.violations(); len(v) == 0 {
			t.Fatal("without a look at the source nobody was reminded wrongly: this test could not see it if they were")
		}
	})
}

type blindCheckouts struct{}

func (blindCheckouts) Refresh(context.Context, uuid.UUID, []uuid.UUID) error { return nil }

// The ways a payment reaches us, and when it lands.
const (
	byBooks = iota
	byBank
	byMollie
	sources
)

const (
	landsBefore  = iota // before the step is taken
	landsAtOnce         // at the same moment
	landsLooking        // after the books were read, before their answer is used
	landsMailing        // while the mail server has the message
	landings
)

// together is how many payments one bank statement brings.
const together = 5

type payer struct {
	number   string
	id       uuid.UUID
	source   int
	lands    int
	checkout string // at Mollie
	once     *sync.Once
	pay      func()
}

type race struct {
	t       *testing.T
	w       *dunningtest.World
	psp     *provider
	bank    payment.Bank
	desk    payment.Checkouts
	payers  []*payer
	numbers map[string]*payer

	paying sync.WaitGroup
	mu     sync.Mutex
	known  map[uuid.UUID]time.Time
}

func newRace(t *testing.T, size int) *race {
	w := dunningtest.New(t, "2026-03-02 07:00")
	r := &race{t: t, w: w, psp: &provider{states: map[string]*state{}}, numbers: map[string]*payer{}, known: map[uuid.UUID]time.Time{}}
	planner := watched{w.Planner, r}
	r.bank = payment.Bank{Store: w.Store, Planner: planner, Clock: w.Now}
	r.desk = payment.Checkouts{Store: w.Store, Provider: r.psp, Planner: planner, Clock: w.Now, Real: w.Clock, WebhookURL: "https://hub.test/mollie"}
	w.Steps.Checkouts = &r.desk
	for i := range size {
		p := &payer{number: fmt.Sprintf("F%05d", i), source: i / together % sources, lands: i / together / sources % landings, once: &sync.Once{}}
		p.id = w.ID(p.number)
		inv := dunningtest.Invoice(p.number, p.number, "2026-03-02", "2026-03-16", 10_000+int64(i))
		inv.Sent = dunningtest.At("2026-03-02 06:00")
		w.Books.Put(dunningtest.Debtor(p.number, sdk.Business), inv)
		r.payers, r.numbers[p.number] = append(r.payers, p), p
	}
	w.Books.Sync()
	w.Clock.Set(dunningtest.At("2026-03-19 09:00"))
	for i, p := range r.payers {
		r.arrange(p, r.payers[i-i%together:min(i-i%together+together, size)], 10_000+int64(i))
	}
	return r
}

// arrange decides how a payer pays; the payers of one statement pay together.
func (r *race) arrange(p *payer, group []*payer, cents int64) {
	switch p.source {
	case byBooks:
		p.pay = func() { r.w.Books.Pay(p.number, cents, date.MustParse("2026-03-19")) }
	case byBank:
		p.once = group[0].once
		p.pay = func() { r.importStatement(group) }
	case byMollie:
		if _, err := r.desk.Start(context.Background(), payment.NewCheckout{
			Tenant: r.w.Tenant, Debtor: r.w.DebtorID(p.number), Invoices: []uuid.UUID{p.id}, Method: mollie.IDEAL,
			Return: func(id uuid.UUID) string { p.checkout = r.psp.last(); return "https://pay.test/" + id.String() },
		}); err != nil {
			r.t.Fatal(err)
		}
		p.checkout = r.psp.last()
		p.pay = func() {
			r.psp.paid(p.checkout, r.w.Clock.Now())
			if err := r.desk.Webhook(context.Background(), p.checkout); err != nil {
				r.t.Error(err)
			}
		}
	}
}

func (r *race) importStatement(group []*payer) {
	var lines []statement.Line
	for _, p := range group {
		var cents int64
		if _, err := fmt.Sscanf(p.number, "F%d", &cents); err != nil {
			r.t.Error(err)
		}
		lines = append(lines, statement.Line{Amount: money.EUR(10_000 + cents), CounterpartyName: "Debtor " + p.number, Text: "factuur " + p.number, BankReference: "B" + p.number})
	}
	s, err := statement.Compose("NL91ABNA0417164300", group[0].number, group[0].number, date.MustParse("2026-03-19"), money.EUR(0), lines...)
	if err != nil {
		r.t.Error(err)
		return
	}
	var file bytes.Buffer
	if err := statement.WriteCAMT053(&file, r.w.Clock.Now(), s); err != nil {
		r.t.Error(err)
		return
	}
	rep, err := r.bank.Import(context.Background(), r.w.Tenant, r.w.Adm, group[0].number+".xml", &file)
	if err != nil || rep.Matched != len(group) {
		r.t.Errorf("statement %s: %+v, %v", group[0].number, rep, err)
	}
}

// run takes every step with 16 workers, each invoice by two of them, and lets
// each payment land at its moment.
func (r *race) run() {
	r.w.Books.Looked(func(number string) {
		if p := r.numbers[number]; p.lands == landsLooking {
			r.spawn(p)
		}
	})
	r.w.Mail.Hold(func(to string) {
		number, _, _ := bytes.Cut([]byte(to), []byte("@"))
		if p := r.numbers[string(number)]; p.lands == landsMailing {
			r.spawn(p)
		}
	})
	work := make(chan *payer)
	var workers sync.WaitGroup
	for range 16 {
		workers.Go(func() {
			for p := range work {
				r.take(p)
			}
		})
	}
	for _, p := range r.payers {
		switch p.lands {
		case landsBefore:
			p.once.Do(p.pay)
		case landsAtOnce:
			r.spawn(p)
		}
		work <- p
		work <- p
	}
	close(work)
	workers.Wait()
	r.paying.Wait()
}

func (r *race) take(p *payer) {
	for range 20 {
		_, err := r.w.Take(p.id)
		var later *dunning.ErrLater
		if !errors.As(err, &later) {
			if err != nil {
				r.t.Errorf("%s: %v", p.number, err)
			}
			return
		}
	}
	r.t.Errorf("%s: the step comes back for ever", p.number)
}

// violations are the reminders that went to payers.
func (r *race) violations() (out []string) {
	for _, m := range r.w.Mail.Received() {
		number, _, _ := bytes.Cut([]byte(m.To), []byte("@"))
		p := r.numbers[string(number)]
		r.mu.Lock()
		known, isKnown := r.known[p.id]
		r.mu.Unlock()
		if isKnown && known.Before(m.At) {
			out = append(out, fmt.Sprintf("%s: the payment was committed %s before the reminder arrived", p.number, m.At.Sub(known)))
			continue
		}
		reads, paid := r.w.Books.Reads(p.number)
		if p.source == byMollie {
			reads, paid = r.psp.looks(p.checkout)
		}
		sawUnpaid := slices.ContainsFunc(reads, func(at time.Time) bool { return at.Before(m.At) && (paid.IsZero() || at.Before(paid)) })
		if !sawUnpaid {
			out = append(out, p.number+": the payment was visible at the source whenever it was read before the reminder")
		}
	}
	return out
}

// settle lets the next sync and the next look find what came after the message.
func (r *race) settle() {
	for _, p := range r.payers {
		p.once.Do(p.pay)
	}
	r.w.Books.Sync()
}

// check holds each invoice to its story.
func (r *race) check() {
	mails := map[string]int{}
	ids := map[string]bool{}
	for _, m := range r.w.Mail.Received() {
		number, _, _ := bytes.Cut([]byte(m.To), []byte("@"))
		mails[string(number)]++
		if ids[m.ID] {
			r.t.Errorf("message %s arrived twice", m.ID)
		}
		ids[m.ID] = true
	}
	reminded := 0
	for _, p := range r.payers {
		reminded += mails[p.number]
		state, decisions := r.w.State(p.number), r.w.Decisions(p.number)
		switch {
		case mails[p.number] > 1:
			r.t.Errorf("%s was reminded %d times", p.number, mails[p.number])
		case p.lands == landsBefore && mails[p.number] > 0:
			r.t.Errorf("%s paid before and was reminded", p.number)
		case state.Phase != "closed" || state.ClosedOn != date.MustParse("2026-03-19"):
			r.t.Errorf("%s is %s on %s", p.number, state.Phase, state.ClosedOn)
		case len(decisions) == 0 || slices.ContainsFunc(decisions, func(d db.Decision) bool { return d.Reason == "" || d.Rule == "" }):
			r.t.Errorf("%s has a decision without a reason: %v", p.number, decisions)
		}
		last := decisions[len(decisions)-1]
		if last.Outcome != "closed" || last.Rule != "R1" && last.Rule != "R2" {
			r.t.Errorf("%s ended with %s %s", p.number, last.Outcome, last.Rule)
		}
	}
	r.t.Logf("%d of %d payments came after their reminder, the others stopped it", reminded, len(r.payers))
	if reminded == 0 || reminded == len(r.payers) {
		r.t.Errorf("%d of %d were reminded: payments did not land on both sides of the moment", reminded, len(r.payers))
	}
}

// spawn lets a payment land now, beside what is under way.
func (r *race) spawn(p *payer) {
	r.paying.Go(func() { p.once.Do(p.pay) })
}

// watched notes when the hub knows of a payment: planned for under the lock.
type watched struct {
	dunning.Planner
	race *race
}

func (w watched) Replan(ctx context.Context, tx store.Tx, invoices []uuid.UUID) error {
	if err := w.Planner.Replan(ctx, tx, invoices); err != nil {
		return err
	}
	rows, err := tx.LedgerReceived(ctx, invoices)
	w.race.mu.Lock()
	defer w.race.mu.Unlock()
	for _, row := range rows {
		if w.race.known[row.InvoiceID].IsZero() {
			w.race.known[row.InvoiceID] = time.Now()
		}
	}
	return err
}

// provider is Mollie as checkouts see it.
type provider struct {
	mu     sync.Mutex
	states map[string]*state
	newest string
}

type state struct {
	payment mollie.Payment
	paid    time.Time
	reads   []time.Time
}

func (p *provider) CreatePayment(_ context.Context, _ string, n mollie.NewPayment) (mollie.Payment, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.newest = fmt.Sprintf("tr_%d", len(p.states))
	s := &state{payment: mollie.Payment{ID: p.newest, Status: mollie.Open, Amount: n.Amount, CheckoutURL: "https://mollie.test/" + p.newest}}
	p.states[p.newest] = s
	return s.payment, nil
}

func (p *provider) GetPayment(_ context.Context, id string) (mollie.Payment, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, ok := p.states[id]
	if !ok {
		return mollie.Payment{}, &mollie.Error{Op: "get payment", Status: 404}
	}
	s.reads = append(s.reads, time.Now())
	return s.payment, nil
}

func (p *provider) last() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.newest
}

func (p *provider) paid(id string, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.states[id]
	s.payment.Status, s.payment.PaidAt, s.paid = mollie.Paid, at, time.Now()
}

func (p *provider) looks(id string) (reads []time.Time, paid time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.states[id].reads), p.states[id].paid
}
