package sync_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	stdsync "sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/secret"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/store/pgtest"
	"github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/core/sync/inbox/pginbox"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/invoicefile/filebox"
)

// built is where programs of the tests are built.
var built string

func TestMain(m *testing.M) {
	code := func() int {
		var err error
		if built, err = os.MkdirTemp("", "connectors"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(built)
		return m.Run()
	}()
	os.Exit(code)
}

// filesCatalog is a folder with the files connector, built once.
var filesCatalog = stdsync.OnceValues(func() (string, error) {
	dir := built
	folder := filepath.Join(dir, "files")
	if err := os.Mkdir(folder, 0o755); err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-o", filepath.Join(folder, "files"), "github.com/voldaan/voldaan/plugins/files")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the connector: %w\n%s", err, out)
	}
	manifest, err := os.ReadFile("../../plugins/files/connector.yaml")
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(folder, "connector.yaml"), manifest, 0o600); err != nil {
		return "", err
	}
	return dir, catalog.Lock(dir)
})

// books is an installation with a tenant that sends files.
type books struct {
	store      *store.Store
	conns      *sync.Connections
	tenant     uuid.UUID
	connection uuid.UUID
	adm        uuid.UUID
	// wrap changes the answers of the host to the connector, when set.
	wrap func(http.Handler) http.Handler
	now  time.Time // of the tenant
}

func openBooks(t *testing.T, form map[string]string) *books {
	t.Helper()
	b := newBooks(t)
	b.connect(t, form)
	return b
}

func newBooks(t *testing.T) *books {
	t.Helper()
	dir, err := filesCatalog()
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), pgtest.New(t, store.Migrate, store.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	b := &books{store: s, tenant: uuid.New(), now: time.Date(2026, 3, 20, 9, 0, 0, 0, time.UTC)}
	real := clock.Func(func() time.Time { return b.now })
	boxes := pginbox.Boxes{Store: s, Now: func(ctx context.Context, tx store.Tx) (time.Time, error) { return tx.Now(ctx, real) }}
	seal, err := secret.Open(filepath.Join(t.TempDir(), "master.json"))
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	host, err := connect.Open(connect.Config{
		Catalog: dir, Store: sync.Credentials{Store: s}, Sealer: sync.Sealer{Box: seal}, Log: log,
		App: func(context.Context, string) (token.App, error) { return token.App{}, nil },
		Egress: broker.EgressConfig{Local: map[string]http.Handler{filebox.Host: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := boxes.Handler()
			if b.wrap != nil {
				h = b.wrap(h)
			}
			h.ServeHTTP(w, r)
		})}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := host.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	if err := s.Door().DoorCreateTenant(t.Context(), db.DoorCreateTenantParams{ID: b.tenant, Slug: "zoet", Name: "Zoet", TimeZone: "Europe/Amsterdam", Clock: []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	b.conns = &sync.Connections{
		Store: s, Host: host, Boxes: boxes, Folders: filepath.Join(t.TempDir(), "folders"),
		Runner:   &sync.Runner{Store: s, Host: host, Observer: dunning.Planner{Real: real}, Real: real, Log: log},
		Schedule: func(context.Context, uuid.UUID, uuid.UUID, time.Duration, string) error { return nil },
	}
	return b
}

// connect makes a connection as a person would, takes its books into use and
// goes live.
func (b *books) connect(t *testing.T, form map[string]string) {
	t.Helper()
	var err error
	if b.connection, err = b.conns.Begin(t.Context(), b.tenant, "files", "none", form); err != nil {
		t.Fatal(err)
	}
	if err := b.conns.Use(t.Context(), b.tenant, b.connection, form); err != nil {
		t.Fatal(err)
	}
	list, err := b.conns.Administrations(t.Context(), b.tenant, b.connection)
	if err != nil || len(list) != 1 {
		t.Fatalf("%+v %v", list, err)
	}
	if b.adm, err = b.conns.Choose(t.Context(), b.tenant, b.connection, list[0]); err != nil {
		t.Fatal(err)
	}
	if err := b.conns.SetGoLive(t.Context(), b.tenant, b.adm, sync.GoLive{On: date.New(2026, 1, 1), Entry: policy.Reminder1}); err != nil {
		t.Fatal(err)
	}
}

func (b *books) in(t *testing.T, do func(store.Tx) error) {
	t.Helper()
	if err := b.store.In(t.Context(), b.tenant, do); err != nil {
		t.Fatal(err)
	}
}

// invoice returns an invoice by the id that the connector gives it.
func (b *books) invoice(t *testing.T, id string) (inv db.Invoice, ok bool) {
	t.Helper()
	b.in(t, func(tx store.Tx) error {
		rows, err := tx.InvoicesOf(t.Context(), []uuid.UUID{sync.InvoiceID(b.adm, id)})
		if len(rows) == 1 {
			inv, ok = rows[0], true
		}
		return err
	})
	return inv, ok
}

func (b *books) plan(t *testing.T, id string) (c db.Collection) {
	t.Helper()
	b.in(t, func(tx store.Tx) (err error) {
		c, err = tx.Collection(t.Context(), sync.InvoiceID(b.adm, id))
		return err
	})
	return c
}

// problems are the messages of what could not be taken, by id.
func (b *books) problems(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	b.in(t, func(tx store.Tx) error {
		rows, err := tx.SyncProblems(t.Context(), b.adm)
		for _, r := range rows {
			out[r.ExternalID] = r.Message
		}
		return err
	})
	return out
}
