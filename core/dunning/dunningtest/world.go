// Package dunningtest is a small world for tests: one tenant on a database of
// its own, books that the test writes, a mail server that keeps what it gets,
// and a clock that stands still until the test moves it.
package dunningtest

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/outreach/email"
	"github.com/voldaan/voldaan/core/outreach/token"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/store/pgtest"
	"github.com/voldaan/voldaan/sdk/date"
)

// World is a tenant with one administration in the Netherlands.
type World struct {
	T       testing.TB
	DSN     string
	Store   *store.Store
	Tenant  uuid.UUID
	Adm     uuid.UUID
	Clock   *Clock
	Books   *Books
	Mail    *Mail
	Planner dunning.Planner
	Steps   *dunning.Steps
	Inbound dunning.Inbound
	// Wakers own what waits besides invoices; Walk wakes them.
	Wakers map[matter.Kind]matter.Waker
	// Also hears of changed invoices after the planner; nil for nobody.
	Also func(ctx context.Context, tx store.Tx, administration uuid.UUID, invoices []uuid.UUID) error
}

// Amsterdam is the zone of the administration.
var Amsterdam = zone("Europe/Amsterdam")

func zone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

// At returns a moment in the administration's zone, "2026-03-02 09:00".
func At(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, Amsterdam)
	if err != nil {
		panic(err)
	}
	return t
}

// Clock stands still until it is moved.
type Clock struct{ now atomic.Int64 }

// Now implements clock.Clock.
func (c *Clock) Now() time.Time { return time.Unix(0, c.now.Load()).UTC() }

// Set moves the clock.
func (c *Clock) Set(t time.Time) { c.now.Store(t.UnixNano()) }

// New starts a world at a moment, live since the day before.
func New(t testing.TB, start string) *World {
	t.Helper()
	w := &World{T: t, Tenant: uuid.New(), Adm: uuid.New(), Clock: &Clock{}, Wakers: map[matter.Kind]matter.Waker{}}
	w.Wakers[dunning.CaseMatter] = unfollowed{w}
	w.Clock.Set(At(start))
	w.DSN = pgtest.New(t, store.Migrate, store.Schema())
	s, err := store.Open(context.Background(), w.DSN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	w.Store, w.Planner = s, dunning.Planner{Real: w.Clock}
	w.Inbound = dunning.Inbound{Store: s, Planner: w.Planner}
	w.Books = &Books{world: w, records: map[string]*record{}, byID: map[uuid.UUID]*record{}}
	w.Mail = newMail(t)
	w.found(date.Of(At(start)).AddDays(-1))
	keys, err := token.NewKeys('a', map[byte][]byte{'a': []byte("a secret of the test world")})
	if err != nil {
		t.Fatal(err)
	}
	w.Steps = &dunning.Steps{
		Store: s, Real: w.Clock, Books: w.Books, Checkouts: noCheckouts{}, Links: links{},
		Post: &dunning.Post{Server: w.Mail.server(), Keys: keys, Domain: "post.test", Log: w.Mail},
	}
	return w
}

func (w *World) found(live date.Date) {
	ctx := context.Background()
	if err := w.Store.Door().DoorCreateTenant(ctx, db.DoorCreateTenantParams{
		ID: w.Tenant, Slug: "t-" + w.Tenant.String()[:8], Name: "Bakkerij Voorbeeld", TimeZone: "Europe/Amsterdam", Clock: []byte("{}"),
	}); err != nil {
		w.T.Fatal(err)
	}
	w.In(func(tx store.Tx) error {
		if err := tx.AddAdministration(ctx, db.AddAdministrationParams{
			ID: w.Adm, TenantID: w.Tenant, ExternalID: "1", Name: "Bakkerij Voorbeeld", Country: "NL", Currency: "EUR", TimeZone: "Europe/Amsterdam", Language: "nl", LegalName: "Bakkerij Voorbeeld B.V.",
		}); err != nil {
			return err
		}
		if err := tx.SetAdministrationSender(ctx, db.SetAdministrationSenderParams{
			ID: w.Adm, LegalName: "Bakkerij Voorbeeld B.V.", SenderEmail: "debiteuren@bakkerij.test", SenderPhone: "020 123 45 67",
			Line1: "Dorpsstraat 1", PostalCode: "1234 AB", City: "Ons Dorp", Iban: "NL91ABNA0417164300", Accent: "#1f5f46",
		}); err != nil {
			return err
		}
		if err := tx.SetGoLive(ctx, db.SetGoLiveParams{ID: w.Adm, GoLiveOn: live, EntryStep: "reminder_1"}); err != nil {
			return err
		}
		// Cases open by themselves here; the tests of approvals say otherwise.
		return tx.SetSending(ctx, db.SetSendingParams{ID: w.Adm, Sending: []byte("{}"), MinimumInterval: 7, EntryStep: "reminder_1"})
	})
}

// In runs f as the tenant and ends the test when it fails.
func (w *World) In(f func(store.Tx) error) {
	w.T.Helper()
	if err := w.Store.In(context.Background(), w.Tenant, f); err != nil {
		w.T.Fatal(err)
	}
}

// Now is the tenant's time for packages that ask for it in a transaction.
func (w *World) Now(context.Context, store.Tx) (time.Time, error) { return w.Clock.Now(), nil }

type noCheckouts struct{}

func (noCheckouts) Refresh(context.Context, uuid.UUID, []uuid.UUID) error { return nil }

type links struct{}

func (links) Portal(token string) string       { return "https://pay.test/" + token }
func (links) Pay(token string) string          { return "https://pay.test/" + token + "/pay" }
func (links) Stop(token string) string         { return "https://pay.test/stop/" + token }
func (links) Genuine(message uuid.UUID) string { return "https://pay.test/genuine/" + message.String() }
func (m *Mail) server() email.Server           { return email.Server{Address: m.address, Security: email.NoTLS} }
func listen(t testing.TB) (l net.Listener) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// unfollowed follows no case: a test that looks at the debtor only needs nobody.
type unfollowed struct{ w *World }

// Wake implements matter.Waker.
func (q unfollowed) Wake(ctx context.Context, tenant, id uuid.UUID) error {
	return q.w.Store.In(ctx, tenant, func(tx store.Tx) error { return matter.Close(ctx, tx, dunning.CaseMatter, id) })
}
