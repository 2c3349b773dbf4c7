package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/casework"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/outreach/email"
	"github.com/voldaan/voldaan/core/outreach/token"
	"github.com/voldaan/voldaan/core/payment"
	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/core/payment/reference"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// config says which year to live.
type config struct {
	Seed     uint64
	Debtors  int
	Invoices int
	Days     int
	Faults   bool
	Sample   int // of so many invoices, one has its workflow lived again; 0 for none
	Log      func(string)
}

var zone = mustZone("Europe/Amsterdam")

func mustZone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

// first is the day on which the year begins.
var first = date.New(2026, time.January, 5)

// year is the creditor, the debtors and the world around them.
type year struct {
	config
	store     *store.Store
	wire      *wire
	clock     *dial
	diary     diary
	tenant    uuid.UUID
	shops     []*books
	debtors   []*debtor
	mail      *mailbox
	till      *till
	planner   dunning.Planner
	steps     *dunning.Steps
	inbound   dunning.Inbound
	bank      *payment.Bank
	checkouts *payment.Checkouts
	desk      *arrangement.Desk
	wakers    map[matter.Kind]matter.Waker
	later     map[uuid.UUID]waits // what is tried again, and when
	taken     int
	tries     int
	heard     map[uuid.UUID][]told
	blind     bool     // the books are looked at on Sundays and the bank not at all, and nobody says so
	lines     []string // what the ledger was made of, for comparison
}

type waits struct {
	until time.Time
	tries int
}

// id is a name in this world; the same seed gives the same.
func (y *year) id(name string) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceOID, fmt.Appendf(nil, "%d/%s", y.Seed, name))
}

func newYear(ctx context.Context, c config, dsn string) (*year, error) {
	line, dsn, err := newWire(c.Seed, dsn)
	if err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, dsn)
	if err != nil {
		line.close()
		return nil, err
	}
	y := &year{config: c, store: s, wire: line, clock: &dial{}, later: map[uuid.UUID]waits{}, heard: map[uuid.UUID][]told{}, wakers: map[matter.Kind]matter.Waker{}}
	y.clock.forward(first.At(6, 0, zone))
	y.tenant = y.id("tenant")
	if y.mail, err = newMailbox(c.Seed, c.Faults); err != nil {
		s.Close()
		line.close()
		return nil, err
	}
	if err := y.connect(); err != nil {
		y.close()
		return nil, err
	}
	if err := y.found(ctx); err != nil {
		y.close()
		return nil, err
	}
	y.people()
	return y, nil
}

func (y *year) close() {
	y.mail.close()
	y.store.Close()
	y.wire.close()
}

func (y *year) connect() error {
	keys, err := token.NewKeys('a', map[byte][]byte{'a': []byte("the secret of a simulated year")})
	if err != nil {
		return err
	}
	y.till = &till{y: y, payments: map[string]*mollie.Payment{}, byKey: map[string]string{}, paid: map[string]time.Time{}}
	y.planner = dunning.Planner{Real: y.clock}
	now := func(context.Context, store.Tx) (time.Time, error) { return y.clock.Now(), nil }
	y.bank = &payment.Bank{Store: y.store, Planner: y.planner, Clock: now}
	y.checkouts = &payment.Checkouts{Store: y.store, Provider: y.till, Planner: y.planner, Clock: now, Real: y.clock, WebhookURL: "https://hub.test/webhooks/mollie"}
	y.inbound = dunning.Inbound{Store: y.store, Planner: y.planner}
	y.steps = &dunning.Steps{
		Store: y.store, Real: y.clock, Books: y, Checkouts: y.checkouts, Links: links{},
		Post: &dunning.Post{Server: email.Server{Address: y.mail.addr, Security: email.NoTLS}, Keys: keys, Domain: "post.test", Log: y.mail},
	}
	y.desk = &arrangement.Desk{Store: y.store, Real: y.clock, Planner: y.planner, Teller: y.steps}
	maps.Copy(y.wakers, y.desk.Wakers())
	y.wakers[dunning.CaseMatter] = &casework.Desk{Store: y.store, Real: y.clock, Planner: y.planner, Teller: y.steps, Log: slog.New(slog.DiscardHandler)}
	return nil
}

type links struct{}

func (links) Portal(token string) string       { return "https://hub.test/p/" + token }
func (links) Pay(token string) string          { return "https://hub.test/p/" + token + "/pay" }
func (links) Genuine(message uuid.UUID) string { return "https://hub.test/genuine/" + message.String() }

// found makes the tenant with its administrations.
func (y *year) found(ctx context.Context) error {
	if err := y.store.Door().DoorCreateTenant(ctx, db.DoorCreateTenantParams{
		ID: y.tenant, Slug: "soak", Name: "Een jaar", TimeZone: zone.String(), Clock: []byte("{}"),
	}); err != nil {
		return err
	}
	return y.in(ctx, func(tx store.Tx) error {
		iban, err := reference.NewIBAN("NL", "ABNA0417164300")
		if err != nil {
			return err
		}
		b := &books{y: y, id: y.id("administration NL"), country: "NL", currency: "EUR", iban: iban, byID: map[uuid.UUID]*entry{}, changed: map[string]bool{}}
		if y.Faults {
			luck := dice(y.Seed, "outages "+b.country)
			for range 3 {
				from := first.AddDays(20+luck.IntN(max(1, y.Days-20))).At(luck.IntN(24), 0, zone)
				b.outages = append(b.outages, span{from, from.Add(time.Duration(2+luck.IntN(40)) * time.Hour)})
			}
		}
		y.shops = append(y.shops, b)
		if err := tx.AddAdministration(ctx, db.AddAdministrationParams{
			ID: b.id, TenantID: y.tenant, ExternalID: b.country, Name: "Een jaar", Country: b.country, Currency: b.currency, TimeZone: zone.String(), Language: "nl", LegalName: "Een Jaar B.V.",
		}); err != nil {
			return err
		}
		if err := tx.SetAdministrationSender(ctx, db.SetAdministrationSenderParams{
			ID: b.id, LegalName: "Een Jaar B.V.", SenderEmail: "debiteuren@jaar.test", SenderPhone: "020 123 45 67",
			Line1: "Dorpsstraat 1", PostalCode: "1234 AB", City: "Ons Dorp", Iban: b.iban, Accent: "#1f5f46",
		}); err != nil {
			return err
		}
		return tx.SetGoLive(ctx, db.SetGoLiveParams{ID: b.id, GoLiveOn: first, EntryStep: "reminder_1"})
	})
}

func (y *year) in(ctx context.Context, f func(store.Tx) error) error {
	return y.store.In(ctx, y.tenant, f)
}

func (y *year) books(administration uuid.UUID) *books {
	i := slices.IndexFunc(y.shops, func(b *books) bool { return b.id == administration })
	return y.shops[i]
}

// live lives the year: whatever is due first happens first, and the clock stands
// still in between.
func (y *year) live(ctx context.Context) error {
	for day := range y.Days {
		today := first.AddDays(day)
		for _, b := range y.shops {
			y.routine(b, today)
		}
		if err := y.until(ctx, today.AddDays(1).In(zone)); err != nil {
			return err
		}
		if y.Log != nil && day%30 == 29 {
			y.Log(fmt.Sprintf("soak: day %d of %d, %d steps taken, %d tried again, the line to the database cut %d times", day+1, y.Days, y.taken, y.tries, y.wire.cuts.Load()))
		}
	}
	return nil
}

// routine is the working day of a creditor.
func (y *year) routine(b *books, today date.Date) {
	for _, hour := range []int{6, 10, 14, 18} {
		y.duty(today.At(hour, 15, zone), b.sync)
	}
	if wd := today.Weekday(); wd == time.Saturday || wd == time.Sunday {
		return
	}
	if !y.blind {
		y.duty(today.At(6, 30, zone), b.statement)
	}
	y.diary.add(today.At(15, 0, zone), func(ctx context.Context) error { return y.clerk(ctx, b) })
}

// duty is work of the hub, which it does again when the line to the database was
// cut.
func (y *year) duty(at time.Time, do func(context.Context) error) {
	y.diary.add(at, func(ctx context.Context) error {
		cuts := y.wire.cuts.Load()
		y.wire.armed.Store(y.Faults)
		defer y.wire.armed.Store(false)
		err := do(ctx)
		if err != nil && y.wire.cuts.Load() > cuts {
			y.tries++
			y.duty(y.clock.Now().Add(5*time.Minute), do)
			return nil
		}
		return err
	})
}

// until lives until a moment.
func (y *year) until(ctx context.Context, end time.Time) error {
	for ctx.Err() == nil {
		limit := end
		if at, ok := y.diary.next(); ok && at.Before(end) {
			limit = at
		}
		due, err := y.due(ctx, limit)
		if err != nil {
			return err
		}
		for _, d := range due {
			y.clock.forward(d.at)
			if err := y.take(ctx, d); err != nil {
				return err
			}
		}
		if len(due) > 0 {
			continue
		}
		y.clock.forward(limit)
		if limit.Equal(end) {
			return nil
		}
		if err := y.diary.take().do(ctx); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// work is a step of an invoice, or a matter, that is due.
type work struct {
	id   uuid.UUID
	kind matter.Kind // empty for an invoice
	at   time.Time
}

// due is what is to be done before a moment, in order; what is to be tried again
// only later is left out.
func (y *year) due(ctx context.Context, limit time.Time) (out []work, err error) {
	err = y.in(ctx, func(tx store.Tx) error {
		rows, err := tx.Query(ctx, `select invoice_id, wake_at from collection
			where workflow = 'none' and closed_at is null and next_step <> '' and wake_at < $1 order by wake_at, invoice_id limit 500`, limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var w work
			if err := rows.Scan(&w.id, &w.at); err != nil {
				return err
			}
			out = append(out, w)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		matters, err := tx.DueMatters(ctx, db.DueMattersParams{WakeAt: limit, Limit: math.MaxInt32})
		for _, m := range matters {
			out = append(out, work{id: m.ID, kind: matter.Kind(m.Kind), at: m.WakeAt})
		}
		return err
	})
	for i := range out {
		if w, ok := y.later[out[i].id]; ok && w.until.After(out[i].at) {
			out[i].at = w.until
		}
	}
	out = slices.DeleteFunc(out, func(w work) bool { return !w.at.Before(limit) })
	slices.SortStableFunc(out, func(a, b work) int { return a.at.Compare(b.at) })
	return out, err
}

// take does what is due. What cannot be done now is tried again, as Temporal
// would.
func (y *year) take(ctx context.Context, w work) error {
	y.taken++
	var err error
	cuts := y.wire.cuts.Load()
	y.wire.armed.Store(y.Faults)
	defer y.wire.armed.Store(false)
	if w.kind != "" {
		waker := y.wakers[w.kind]
		if waker == nil {
			return fmt.Errorf("nobody owns matters of kind %q", w.kind)
		}
		err = waker.Wake(ctx, y.tenant, w.id)
	} else {
		err = y.step(ctx, w.id)
	}
	later := &dunning.ErrLater{}
	switch {
	case err == nil:
		delete(y.later, w.id)
	case errors.As(err, &later), y.wire.cuts.Load() > cuts:
		y.tries++
		tries := y.later[w.id].tries
		wait := max(later.Wait, min(time.Minute<<min(tries, 8), time.Hour))
		y.later[w.id] = waits{until: y.clock.Now().Add(wait), tries: tries + 1}
	default:
		return fmt.Errorf("take the step of %s: %w", w.id, err)
	}
	return nil
}

// step takes the step of an invoice.
func (y *year) step(ctx context.Context, invoice uuid.UUID) error {
	if err := y.hear(ctx, invoice, nil); err != nil {
		return err
	}
	plan, err := y.steps.Take(ctx, y.tenant, invoice)
	if err != nil {
		return err
	}
	return y.hear(ctx, invoice, &plan)
}

// pick returns one of the choices by their weights.
func pick[T any](luck *rand.Rand, choices []weighed[T]) T {
	total := 0
	for _, c := range choices {
		total += c.weight
	}
	n := luck.IntN(total)
	for _, c := range choices {
		if n -= c.weight; n < 0 {
			return c.what
		}
	}
	return choices[len(choices)-1].what
}

type weighed[T any] struct {
	what   T
	weight int
}
