package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/casework"
	"github.com/voldaan/voldaan/core/credit"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/outreach/email"
	"github.com/voldaan/voldaan/core/outreach/token"
	"github.com/voldaan/voldaan/core/payment"
	"github.com/voldaan/voldaan/core/payment/debit"
	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/secret"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

// config says which year to live, of the creditor of one country.
type config struct {
	Seed     uint64
	Country  string
	Debtors  int
	Invoices int
	Days     int
	Faults   bool
	Rough    int // how much more often than usual things go wrong
	Sample   int // of so many invoices, one has its workflow lived again; 0 for none
	// Day hears of every day that is over.
	Day func(day, steps int) `json:"-"`
}

// first is the day on which the year begins.
var first = date.New(2026, time.January, 5)

// year is the creditor, the debtors and the world around them.
type year struct {
	config
	land      country
	zone      *time.Location
	seed      string // of the dice of this country
	faults    *faults
	store     *store.Store
	wire      *wire
	clock     *dial
	diary     diary
	tenant    uuid.UUID
	shops     []*books
	debtors   []*debtor
	mail      *mailbox
	till      *till
	carrier   *carrier
	office    *office
	loose     *books // of claims that are in no books
	agency    *agency
	credit    *credit.Office
	debits    *debit.Service
	cases     *casework.Desk
	asked     map[uuid.UUID]bool // cases that the clerk looked at
	planner   dunning.Planner
	steps     *dunning.Steps
	inbound   dunning.Inbound
	bank      *payment.Bank
	checkouts *payment.Checkouts
	desk      *arrangement.Desk
	wakers    map[matter.Kind]matter.Waker
	later     map[uuid.UUID]waits // what is tried again, and when
	taken     int
	kinds     map[string]int // of what was taken
	tries     int
	heard     map[uuid.UUID][]told
	blind     bool     // the books are looked at on Sundays and the bank not at all, and nobody says so
	dir       string   // of its keys
	stuck     []string // what did not go through for hours
}

type waits struct {
	until time.Time
	tries int
}

// id is a name in this world; the same seed gives the same.
func (y *year) id(name string) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte(y.seed+"/"+name))
}

func newYear(ctx context.Context, c config, dsn string) (*year, error) {
	y := &year{
		config: c, land: countryOf(c.Country), seed: fmt.Sprintf("%d.%s", c.Seed, c.Country), faults: newFaults(), clock: &dial{}, later: map[uuid.UUID]waits{}, heard: map[uuid.UUID][]told{},
		wakers: map[matter.Kind]matter.Waker{}, asked: map[uuid.UUID]bool{}, kinds: map[string]int{},
	}
	y.zone = mustZone(y.land.zone)
	y.clock.forward(first.At(6, 0, y.zone))
	y.tenant = y.id("tenant")
	y.wire = newWire(y.seed, c.Rough, y.faults)
	var err error
	if y.store, err = store.Open(ctx, dsn, store.Dial(y.wire.dial)); err != nil {
		return nil, err
	}
	if y.mail, err = newMailbox(y); err != nil {
		y.store.Close()
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
	_ = os.RemoveAll(y.dir)
}

func (y *year) connect() error {
	keys, err := token.NewKeys('a', map[byte][]byte{'a': []byte("the secret of a simulated year")})
	if err != nil {
		return err
	}
	if y.dir, err = os.MkdirTemp("", "voldaan-soak-keys"); err != nil {
		return err
	}
	box, err := secret.Open(filepath.Join(y.dir, "master.json"))
	if err != nil {
		return err
	}
	y.till = &till{
		y: y, payments: map[string]*mollie.Payment{}, byKey: map[string]string{}, customers: map[string]*debtor{}, mandates: map[string]*mandate{}, reasons: map[string]string{},
	}
	y.carrier = &carrier{y: y, took: map[string]string{}, kinds: map[string]sdk.MessageKind{}, calls: map[string]int{}}
	y.office = &office{y: y, id: y.id("bailiff"), taken: map[uuid.UUID]int{}, told: map[string]int{}}
	y.loose = &books{y: y, currency: y.land.currency, byID: map[uuid.UUID]*entry{}, changed: map[string]bool{}}
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
	y.agency = &agency{y: y, id: y.id("agency"), bill: map[string]int{}}
	y.credit = &credit.Office{Store: y.store, Real: y.clock, Agency: y.agency}
	y.cases = &casework.Desk{Store: y.store, Real: y.clock, Planner: y.planner, Teller: y.steps, Ways: y.office, Log: slog.New(slog.DiscardHandler)}
	y.debits = &debit.Service{Store: y.store, Real: y.clock, Planner: y.planner, Checkouts: y.checkouts, Provider: y.till, Books: y, Teller: y.steps, Box: box}
	y.checkouts.Follower = y.debits
	maps.Copy(y.wakers, y.desk.Wakers())
	maps.Copy(y.wakers, map[matter.Kind]matter.Waker{
		dunning.CaseMatter: y.cases, dunning.Delivery: dunning.Deliveries{Steps: y.steps, Courier: y.carrier},
		payment.Dropped: payment.Doubts{Checkouts: y.checkouts}, credit.Daily: y.credit,
		debit.DebitMatter: debit.Debits{Service: y.debits}, debit.MandateMatter: debit.Mandates{Service: y.debits}, debit.EndMatter: debit.Ends{Service: y.debits},
	})
	return nil
}

type links struct{}

func (links) Portal(token string) string       { return "https://hub.test/p/" + token }
func (links) Pay(token string) string          { return "https://hub.test/p/" + token + "/pay" }
func (links) Stop(token string) string         { return "https://hub.test/stop/" + token }
func (links) Genuine(message uuid.UUID) string { return "https://hub.test/genuine/" + message.String() }

// found makes the tenant with its administrations.
func (y *year) found(ctx context.Context) error {
	if err := y.store.Door().DoorCreateTenant(ctx, db.DoorCreateTenantParams{
		ID: y.tenant, Slug: "soak-" + strings.ToLower(y.land.code), Name: "Een jaar", TimeZone: y.land.zone, Clock: []byte("{}"),
	}); err != nil {
		return err
	}
	b := &books{y: y, id: y.id("administration"), currency: y.land.currency, iban: y.land.iban(4_171_643), byID: map[uuid.UUID]*entry{}, changed: map[string]bool{}}
	if y.Faults {
		luck := dice(y.seed, "outages")
		for range 3 {
			from := first.AddDays(20+luck.IntN(max(1, y.Days-20))).At(luck.IntN(24), 0, y.zone)
			b.outages = append(b.outages, span{from, from.Add(time.Duration(2+luck.IntN(40)) * time.Hour)})
		}
	}
	y.shops = append(y.shops, b)
	if err := y.in(ctx, func(tx store.Tx) error { return y.settle(ctx, tx, b) }); err != nil {
		return err
	}
	if y.land.creditor == "" {
		return nil
	}
	var s db.DebitSetting
	if err := y.in(ctx, func(tx store.Tx) (err error) {
		s, err = debit.Setting(ctx, tx, b.id)
		return err
	}); err != nil {
		return err
	}
	s.Enabled, s.Offered, s.CreditorID = true, true, y.land.creditor
	return y.debits.Configure(ctx, y.tenant, s, by)
}

// settle makes the administration with its sender, flows, channels and bailiff.
func (y *year) settle(ctx context.Context, tx store.Tx, b *books) error {
	if err := tx.AddAdministration(ctx, db.AddAdministrationParams{
		ID: b.id, TenantID: y.tenant, ExternalID: y.land.code, Name: "Een jaar", Country: y.land.code, Currency: b.currency, TimeZone: y.land.zone, Language: y.land.language, LegalName: "Een Jaar B.V.",
	}); err != nil {
		return err
	}
	if err := tx.SetAdministrationSender(ctx, db.SetAdministrationSenderParams{
		ID: b.id, LegalName: "Een Jaar B.V.", SenderEmail: "debiteuren@jaar.test", SenderPhone: "020 123 45 67",
		Line1: fmt.Sprintf(y.land.street, 1), PostalCode: y.land.postcode, City: y.land.city, Iban: b.iban, Accent: "#1f5f46",
	}); err != nil {
		return err
	}
	register, vat := y.land.registration(7)
	if _, err := tx.Exec(ctx, `update administration set flow_business = $2, flow_consumer = $3, registration = $4, vat_number = $5, supplies = 'bread and pastry' where id = $1`, b.id, y.land.flowBusiness, y.land.flowConsumer, register, vat); err != nil {
		return err
	}
	if err := tx.SetGoLive(ctx, db.SetGoLiveParams{ID: b.id, GoLiveOn: first, EntryStep: "reminder_1"}); err != nil {
		return err
	}
	c := uuid.NullUUID{UUID: y.id("carrier"), Valid: true}
	if err := tx.AddConnection(ctx, db.AddConnectionParams{ID: c.UUID, TenantID: y.tenant, Connector: "twilio", Title: "Carrier", Config: []byte("{}"), State: "connected"}); err != nil {
		return err
	}
	for _, ch := range []policy.Channel{policy.SMS, policy.Voice, policy.Letter, policy.Peppol} {
		if err := tx.PutChannel(ctx, db.PutChannelParams{
			TenantID: y.tenant, AdministrationID: b.id, Channel: string(ch), Mode: dunning.ByProvider, ConnectionID: c, PriceCurrency: "EUR", Enabled: true,
		}); err != nil {
			return err
		}
	}
	return tx.PutBailiff(ctx, db.PutBailiffParams{
		ID: y.office.id, TenantID: y.tenant, Name: "De Wit", Kind: "bailiff", Country: y.land.code, PaysTo: "creditor", Transport: "api", Endpoint: "https://bailiff.test", CreatedAt: y.clock.Now(),
	})
}

func (y *year) in(ctx context.Context, f func(store.Tx) error) error {
	return y.store.In(ctx, y.tenant, f)
}

func (y *year) books(administration uuid.UUID) *books {
	for _, b := range y.shops {
		if b.id == administration {
			return b
		}
	}
	return nil // the hub's own
}

// live lives the year: whatever is due first happens first, and the clock stands
// still in between.
func (y *year) live(ctx context.Context) error {
	for day := range y.Days {
		today := first.AddDays(day)
		for _, b := range y.shops {
			y.routine(b, today)
		}
		if err := y.until(ctx, today.AddDays(1).In(y.zone)); err != nil {
			return fmt.Errorf("%s, %s: %w", y.land.code, y.clock.Now().Format("2 January 15:04"), err)
		}
		if y.Day != nil {
			y.Day(day+1, y.taken)
		}
	}
	return nil
}

// routine is the working day of a creditor.
func (y *year) routine(b *books, today date.Date) {
	for _, hour := range []int{6, 10, 14, 18} {
		y.duty(today.At(hour, 15, y.zone), b.sync)
	}
	if wd := today.Weekday(); wd == time.Saturday || wd == time.Sunday {
		return
	}
	if !y.blind {
		y.duty(today.At(6, 30, y.zone), b.statement)
	}
	y.diary.add(today.At(15, 0, y.zone), func(ctx context.Context) error { return y.clerk(ctx, b) })
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
	y.kinds[cmp.Or(string(w.kind), "invoice")]++
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
	case errors.As(err, &later), y.wire.cuts.Load() > cuts, w.kind != "" && y.later[w.id].tries < 100:
		// Temporal tries a matter again whatever went wrong.
		y.tries++
		tries := y.later[w.id].tries
		if tries == 60 {
			y.stuck = append(y.stuck, fmt.Sprintf("%s %s: %v", w.kind, w.id, err))
		}
		wait := max(later.Wait, min(time.Minute<<min(tries, 8), time.Hour))
		y.later[w.id] = waits{until: y.clock.Now().Add(wait), tries: tries + 1}
	default:
		return fmt.Errorf("take the step of %s %s: %w", w.kind, w.id, err)
	}
	return nil
}

// quiet does something that is not the hub's work, so that no line is cut under it.
func (y *year) quiet(do func() error) error {
	armed := y.wire.armed.Swap(false)
	defer y.wire.armed.Store(armed)
	return do()
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
