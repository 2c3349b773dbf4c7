// Package synctest mirrors the books of a real connector process into a real
// database, for tests of what lies between the two.
package synctest

import (
	"context"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/connecttest"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/secret"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/store/pgtest"
	"github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/sdk/date"
)

// Bench is one tenant with one administration at a connector.
type Bench struct {
	T          testing.TB
	DSN        string
	Store      *store.Store
	Host       *connect.Host
	Runner     *sync.Runner
	Tenant     uuid.UUID
	Connection uuid.UUID
	Adm        uuid.UUID
	Observer   *Observer
	Sealer     sync.Sealer
	now        atomic.Int64
}

// Observer plans like the real one, and fails when a test wants it to.
type Observer struct {
	dunning.Planner
	// Fail is asked before each call, when set.
	Fail func() error
}

// InvoicesChanged implements sync.Observer.
func (o *Observer) InvoicesChanged(ctx context.Context, tx store.Tx, adm uuid.UUID, ids []uuid.UUID) error {
	if o.Fail != nil {
		if err := o.Fail(); err != nil {
			return err
		}
	}
	return o.Planner.InvoicesChanged(ctx, tx, adm, ids)
}

// Start is the moment at which a bench begins; its clock stands still.
var Start = time.Date(2026, 3, 10, 9, 30, 0, 0, time.UTC)

// New makes a tenant whose books the connector of a catalogue reads. Change may
// set up the host.
func New(t testing.TB, catalog, connector string, change func(*connect.Config)) *Bench {
	t.Helper()
	b := &Bench{T: t, Tenant: uuid.New(), Connection: uuid.New(), Adm: uuid.New(), DSN: pgtest.New(t, store.Migrate, store.Schema())}
	b.now.Store(Start.UnixNano())
	var err error
	if b.Store, err = store.Open(t.Context(), b.DSN); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Store.Close)
	box, err := secret.Open(filepath.Join(t.TempDir(), "master.json"))
	if err != nil {
		t.Fatal(err)
	}
	b.Sealer = sync.Sealer{Box: box}
	b.Host = connecttest.NewHost(t, catalog, func(c *connect.Config) {
		c.Store, c.Sealer = sync.Credentials{Store: b.Store}, b.Sealer
		c.Supervisor.Backoff = time.Millisecond
		if change != nil {
			change(c)
		}
	})
	wall := clock.Func(b.Now)
	b.Observer = &Observer{Planner: dunning.Planner{Real: wall}}
	b.Runner = &sync.Runner{Store: b.Store, Host: b.Host, Observer: b.Observer, Real: wall, Log: slog.New(slog.DiscardHandler), Together: 500}
	if err := b.Store.Door().DoorCreateTenant(t.Context(), db.DoorCreateTenantParams{ID: b.Tenant, Slug: "bench", Name: "Bench", TimeZone: "Europe/Amsterdam", Clock: []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	b.In(func(tx store.Tx) error {
		if err := tx.AddConnection(t.Context(), db.AddConnectionParams{
			ID: b.Connection, TenantID: b.Tenant, Connector: connector, Title: connector, Config: []byte("{}"), State: "connected",
		}); err != nil {
			return err
		}
		if err := tx.AddAdministration(t.Context(), db.AddAdministrationParams{
			ID: b.Adm, TenantID: b.Tenant, ConnectionID: uuid.NullUUID{UUID: b.Connection, Valid: true}, ExternalID: "1", Name: "Books", Country: "NL", Currency: "EUR",
			TimeZone: "Europe/Amsterdam", Language: "nl", LegalName: "Bench B.V.",
		}); err != nil {
			return err
		}
		return tx.SetGoLive(t.Context(), db.SetGoLiveParams{ID: b.Adm, GoLiveOn: date.New(2026, 1, 1), EntryStep: "reminder_1"})
	})
	return b
}

// Now is the bench's moment.
func (b *Bench) Now() time.Time { return time.Unix(0, b.now.Load()).UTC() }

// Advance moves the clock.
func (b *Bench) Advance(d time.Duration) { b.now.Add(int64(d)) }

// In runs f as the tenant and ends the test when it fails.
func (b *Bench) In(f func(store.Tx) error) {
	b.T.Helper()
	if err := b.Store.In(context.Background(), b.Tenant, f); err != nil {
		b.T.Fatal(err)
	}
}

// Config changes what the connection is told.
func (b *Bench) Config(config map[string]string) {
	b.T.Helper()
	c, err := json.Marshal(config)
	if err != nil {
		b.T.Fatal(err)
	}
	b.In(func(tx store.Tx) error {
		return tx.SetConnectionConfig(b.T.Context(), db.SetConnectionConfigParams{ID: b.Connection, Config: c})
	})
}

// Sync mirrors the books once, and returns what the run says of itself.
func (b *Bench) Sync() (db.SyncRun, error) {
	b.T.Helper()
	err := b.Runner.Run(b.T.Context(), b.Tenant, b.Adm, func() {})
	var run db.SyncRun
	b.In(func(tx store.Tx) (err error) {
		run, err = tx.LatestSyncRun(b.T.Context(), b.Adm)
		return err
	})
	b.Advance(time.Second) // runs are told apart by when they began
	return run, err
}

// Must mirrors the books once and ends the test when that fails.
func (b *Bench) Must() db.SyncRun {
	b.T.Helper()
	run, err := b.Sync()
	if err != nil || run.State != "done" || run.Problem != "" {
		b.T.Fatalf("the sync is %s (%q): %v", run.State, run.Problem, err)
	}
	return run
}

// Rows are the contents of the mirror without ids and times of ours: debtors,
// invoices that are there, and money.
func (b *Bench) Rows() string {
	b.T.Helper()
	var out []string
	b.In(func(tx store.Tx) error {
		for _, q := range []string{
			`select concat_ws('|', external_id, revision, name, email, iban, city) from debtor where gone_at is null order by external_id`,
			`select concat_ws('|', external_id, revision, number, kind, status, issued, due, currency, total_minor, open_minor, payment_reference, hash) from invoice where gone_at is null order by external_id`,
			`select concat_ws('|', p.external_id, p.source, p.state, p.currency, p.amount_minor, p.value_date, i.external_id, a.amount_minor, a.reversed_at is null)
				from payment p left join allocation a on a.payment_id = p.id left join invoice i on i.id = a.invoice_id order by p.external_id, i.external_id`,
		} {
			rows, err := tx.Query(b.T.Context(), q)
			if err != nil {
				return err
			}
			lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				return err
			}
			out = append(append(out, lines...), "--")
		}
		return nil
	})
	return strings.Join(out, "\n")
}

// Count counts rows of the tenant.
func (b *Bench) Count(from string) (n int) {
	b.T.Helper()
	b.In(func(tx store.Tx) error {
		return tx.QueryRow(b.T.Context(), "select count(*) from "+from).Scan(&n)
	})
	return n
}

// Invoice returns an invoice by its id in the books.
func (b *Bench) Invoice(external string) (inv db.Invoice) {
	b.T.Helper()
	b.In(func(tx store.Tx) (err error) {
		inv, err = tx.Invoice(b.T.Context(), sync.InvoiceID(b.Adm, external))
		return err
	})
	return inv
}

// Problems are the sentences about records that could not be taken as they are.
func (b *Bench) Problems() map[string]string {
	b.T.Helper()
	out := map[string]string{}
	b.In(func(tx store.Tx) error {
		rows, err := tx.SyncProblems(b.T.Context(), b.Adm)
		for _, r := range rows {
			out[r.Stream+"/"+r.ExternalID] = r.Message
		}
		return err
	})
	return out
}

// Use makes another connection and its administration those of the bench, live
// since the beginning of the year.
func (b *Bench) Use(connection, administration uuid.UUID) {
	b.T.Helper()
	b.Connection, b.Adm = connection, administration
	b.In(func(tx store.Tx) error {
		return tx.SetGoLive(b.T.Context(), db.SetGoLiveParams{ID: administration, GoLiveOn: date.New(2026, 1, 1), EntryStep: "reminder_1"})
	})
}
