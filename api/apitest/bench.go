// Package apitest gives tests of the hub's faces an installation of their own:
// a fresh database, a mail server that keeps what it gets, an emulated payment
// provider, and books that say what the test wants.
package apitest

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	gosync "sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/api"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/bailiff"
	"github.com/voldaan/voldaan/core/casework"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/connect/contain"
	"github.com/voldaan/voldaan/core/credit"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/erasure"
	"github.com/voldaan/voldaan/core/event"
	"github.com/voldaan/voldaan/core/marketplace"
	"github.com/voldaan/voldaan/core/outreach/email"
	"github.com/voldaan/voldaan/core/outreach/mailsink"
	"github.com/voldaan/voldaan/core/outreach/token"
	"github.com/voldaan/voldaan/core/payment"
	"github.com/voldaan/voldaan/core/payment/debit"
	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/core/payment/mollie/emulator"
	"github.com/voldaan/voldaan/core/portal"
	"github.com/voldaan/voldaan/core/secret"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/pgtest"
	"github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/core/sync/inbox/pginbox"
	"github.com/voldaan/voldaan/core/tenant"
)

// Bench is one installation. Its clock stands still unless a test moves it.
type Bench struct {
	T        testing.TB
	Services api.Services
	DSN      string // of a superuser, for looking into the database
	Mails    *mailsink.Sink
	MailURL  string
	Provider *emulator.Server
	Log      *Lines
	Packages string           // the folder of the catalogue
	Server   *httptest.Server // after Serve

	mu       gosync.Mutex
	now      time.Time
	handler  http.Handler
	payToday bool
	synced   []uuid.UUID
}

// Start is the moment at which every bench begins: a Tuesday in March.
var Start = time.Date(2026, 3, 10, 9, 30, 0, 0, time.UTC)

// Password of all members.
const Password = "correct horse battery"

// New starts an installation. What it starts ends with the test.
func New(t testing.TB) *Bench {
	t.Helper()
	b := &Bench{T: t, now: Start, Log: &Lines{}}
	b.DSN = pgtest.New(t, store.Migrate, store.Schema())
	s, err := store.Open(t.Context(), b.DSN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	b.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { b.handler.ServeHTTP(w, r) }))
	public := "http://" + b.Server.Listener.Addr().String()
	wall := clock.Func(b.Now)
	planner := dunning.Planner{Real: wall}
	now := func(ctx context.Context, tx store.Tx) (time.Time, error) { return tx.Now(ctx, wall) }
	provider := b.provider()
	checkouts := &payment.Checkouts{Store: s, Provider: provider, Planner: planner, Clock: now, Real: wall, WebhookURL: public + "/webhooks/mollie"}
	steps := &dunning.Steps{Store: s, Real: wall, Books: Books{}, Checkouts: checkouts, Post: b.post(), Links: Links(public)}
	b.Services = api.Services{
		Contained: []contain.Line{{InForce: true, Text: "Connectors have no network."}, {Text: "Their memory is not bounded."}},
		Store:     s, Real: wall, Directory: tenant.Directory{Store: s}, Planner: planner, Steps: steps, Checkouts: checkouts,
		Credit: &credit.Office{Store: s, Real: wall},
		Cases:  &casework.Desk{Store: s, Real: wall, Planner: planner, Teller: steps},
		Desk:   &arrangement.Desk{Store: s, Real: wall, Planner: planner, Teller: steps},
		Bank:   &payment.Bank{Store: s, Planner: planner, Clock: now}, Portal: &portal.Gatekeeper{Store: s, Real: wall, Courier: courier{steps}},
		SyncNow: func(_ context.Context, _, administration uuid.UUID) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.synced = append(b.synced, administration)
			return nil
		},
		WorkflowURL: func(id string) string { return "https://temporal.example/" + id },
		Public:      public,
	}
	box, err := secret.Open(filepath.Join(t.TempDir(), "master.json"))
	if err != nil {
		t.Fatal(err)
	}
	b.Services.Bailiffs = &bailiff.Office{Sealer: box, Mail: steps.Post.Server, Keys: steps.Post.Keys, Domain: steps.Post.Domain, Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}
	b.Services.Cases.Ways, b.Services.Cases.Courier, b.Services.Cases.Links = b.Services.Bailiffs, b.Services.Bailiffs, Links(public)
	b.Services.Erasure = &erasure.Office{Store: s, Real: wall}
	b.Services.Events = &event.Endpoints{Store: s, Sealer: box, Real: wall}
	b.Services.Debits = &debit.Service{Store: s, Real: wall, Planner: planner, Checkouts: checkouts, Provider: provider, Books: Books{}, Teller: steps, Box: box}
	checkouts.Follower = b.Services.Debits
	b.Services.Register = register(t, s, wall)
	b.Services.Host, b.Packages = host(t, s, b.Services.Register)
	b.Services.Connections = &sync.Connections{
		Store: s, Host: b.Services.Host, Boxes: pginbox.Boxes{Store: s, Now: now}, Runner: &sync.Runner{Store: s, Host: b.Services.Host, Observer: planner, Real: wall, Log: slog.New(slog.DiscardHandler)},
		Schedule: func(ctx context.Context, tenant, administration uuid.UUID, _ time.Duration, _ string) error {
			return b.Services.SyncNow(ctx, tenant, administration)
		},
	}
	b.Services.Market = &marketplace.Service{
		Store: s, Host: b.Services.Host, Register: b.Services.Register, Connections: b.Services.Connections, SyncNow: b.Services.SyncNow, Real: wall, Packages: b.Packages,
	}
	return b
}

// Serve mounts a face and starts listening.
func (b *Bench) Serve(open func(api.Services, *slog.Logger) (http.Handler, error)) {
	b.T.Helper()
	h, err := open(b.Services, slog.New(slog.NewTextHandler(b.Log, nil)))
	if err != nil {
		b.T.Fatal(err)
	}
	b.handler = h
	b.Server.Start()
	b.T.Cleanup(b.Server.Close)
}

// Now is the bench's moment.
func (b *Bench) Now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

// Advance moves the clock.
func (b *Bench) Advance(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

// PayToday lets the payment provider live on the bench's clock, so that the day on
// which it was paid is the day of the test. Without it, it lives on the real one.
func (b *Bench) PayToday() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.payToday = true
}

func (b *Bench) providerNow() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.payToday {
		return b.now
	}
	return time.Now()
}

// Synced are the administrations that were asked to be mirrored.
func (b *Bench) Synced() []uuid.UUID {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]uuid.UUID(nil), b.synced...)
}

func (b *Bench) provider() *mollie.Client {
	b.T.Helper()
	var err error
	if b.Provider, err = emulator.New(emulator.Config{Now: b.providerNow, WebhookRetry: []time.Duration{50 * time.Millisecond}}); err != nil {
		b.T.Fatal(err)
	}
	srv := httptest.NewServer(b.Provider)
	b.T.Cleanup(func() { srv.Close(); b.Provider.Close() })
	key, err := mollie.ParseAPIKey("test_" + strings.Repeat("a", 30))
	if err != nil {
		b.T.Fatal(err)
	}
	c, err := mollie.New(mollie.Config{BaseURL: srv.URL, Key: key})
	if err != nil {
		b.T.Fatal(err)
	}
	return c
}

func (b *Bench) post() *dunning.Post {
	b.T.Helper()
	sink, err := mailsink.New(mailsink.Config{Dir: b.T.TempDir(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.T.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.T.Fatal(err)
	}
	go func() { _ = sink.ServeSMTP(l) }()
	page := httptest.NewServer(sink)
	b.T.Cleanup(func() { page.Close(); _ = sink.Close() })
	b.Mails, b.MailURL = sink, page.URL
	keys, err := token.NewKeys('a', map[byte][]byte{'a': []byte(strings.Repeat("k", 32))})
	if err != nil {
		b.T.Fatal(err)
	}
	return &dunning.Post{Server: email.Server{Address: l.Addr().String(), Security: email.OfferTLS, Name: "hub.example"}, Keys: keys, Domain: "hub.example"}
}

// Sent returns the messages that the mail server has, newest first.
func (b *Bench) Sent() []mailsink.Message {
	b.T.Helper()
	list, err := mailsink.Log{URL: b.MailURL, Client: http.DefaultClient}.List(b.T.Context(), url.Values{})
	if err != nil {
		b.T.Fatal(err)
	}
	return list.Messages
}

// In runs f in a transaction of a tenant.
func (b *Bench) In(tenant uuid.UUID, f func(tx store.Tx) error) {
	b.T.Helper()
	if err := b.Services.Store.In(b.T.Context(), tenant, f); err != nil {
		b.T.Fatal(err)
	}
}

// Dump is the state of every table: how many rows, and a digest of their
// versions. It is equal only when no row was written between.
func (b *Bench) Dump() map[string]string {
	b.T.Helper()
	conn, err := pgx.Connect(b.T.Context(), b.DSN)
	if err != nil {
		b.T.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(b.T.Context(), "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace")
	if err != nil {
		b.T.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		b.T.Fatal(err)
	}
	out := map[string]string{}
	for _, name := range names {
		var state string
		if err := conn.QueryRow(b.T.Context(), "select count(*)::text || '/' || coalesce(md5(string_agg(xmin::text || ctid::text, ',' order by ctid)), '') from "+pgx.Identifier{name}.Sanitize()).Scan(&state); err != nil {
			b.T.Fatal(err)
		}
		out[name] = state
	}
	return out
}

// Links are the addresses in messages, below a public one.
type Links string

// Portal is the debtor's page.
func (l Links) Portal(token string) string { return string(l) + "/p/" + token }

// Pay is the payment page.
func (l Links) Pay(token string) string { return string(l) + "/p/" + token + "/pay" }

// Stop is the page behind the link that ends e-mail.
func (l Links) Stop(token string) string { return string(l) + "/stop/" + token }

// Archive is where a bailiff fetches an archive.
func (l Links) Archive(token string) string { return string(l) + "/archive/" + token }

// Genuine is the page that tells whether a message is from here.
func (l Links) Genuine(message uuid.UUID) string { return string(l) + "/genuine/" + message.String() }

type courier struct{ steps *dunning.Steps }

func (c courier) PortalCode(ctx context.Context, d portal.Debtor, code string, minutes int) error {
	return c.steps.SendCode(ctx, d.Tenant, d.Debtor, code, minutes)
}

// Books agree with the mirror and have the documents that are stored.
type Books struct{}

// Confirm finds nothing new.
func (Books) Confirm(context.Context, uuid.UUID, uuid.UUID, []uuid.UUID) error { return nil }

// FetchElectronic fetches nothing.
func (Books) FetchElectronic(context.Context, uuid.UUID, uuid.UUID) error { return nil }

// FetchDocument fetches nothing.
func (Books) FetchDocument(context.Context, uuid.UUID, uuid.UUID) error { return nil }

// Lines keeps what was logged.
type Lines struct {
	mu  gosync.Mutex
	all strings.Builder
}

var _ io.Writer = (*Lines)(nil)

// Write keeps a line.
func (l *Lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

// String returns all lines.
func (l *Lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}
