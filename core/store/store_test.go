package store_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/store/pgtest"
)

func open(t *testing.T) (*store.Store, *pgx.Conn) {
	t.Helper()
	dsn := pgtest.New(t, store.Migrate, store.Schema())
	s, err := store.Open(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	owner, err := pgx.Connect(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = owner.Close(context.Background()) })
	return s, owner
}

func newTenant(t *testing.T, s *store.Store) uuid.UUID {
	t.Helper()
	id := uuid.New()
	if err := s.Door().DoorCreateTenant(context.Background(), db.DoorCreateTenantParams{
		ID: id, Slug: "t-" + id.String()[:8], Name: "Tenant " + id.String()[:8], TimeZone: "Europe/Amsterdam", Clock: []byte("{}"),
	}); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestEveryTenantTableIsIsolated(t *testing.T) {
	t.Parallel()
	_, owner := open(t)
	rows, err := owner.Query(context.Background(), `
		select c.relname, c.relrowsecurity, c.relforcerowsecurity,
		  coalesce((select string_agg(p.polname || ':' || pg_get_expr(p.polqual, p.polrelid), '; ')
		    from pg_policy p where p.polrelid = c.oid and 'voldaan_app'::regrole = any (p.polroles)), '')
		from pg_class c join pg_attribute a on a.attrelid = c.oid
		where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and a.attname = 'tenant_id' and not a.attisdropped
		order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	var table, policies string
	var enabled, forced bool
	_, err = pgx.ForEachRow(rows, []any{&table, &enabled, &forced, &policies}, func() error {
		n++
		want := "tenant:(tenant_id = ( SELECT current_tenant() AS current_tenant))"
		if !enabled || !forced || policies != want {
			t.Errorf("table %s: row-level security %v, forced %v, policies of the application %q; want %q", table, enabled, forced, policies, want)
		}
		return nil
	})
	if err != nil || n < 30 {
		t.Errorf("%d tables, %v", n, err)
	}
	// What has no tenant_id holds nothing of a tenant.
	var others []string
	rows, err = owner.Query(context.Background(), `
		select c.relname from pg_class c where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
		and not exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id') order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	if others, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		t.Fatal(err)
	}
	// The register of connectors is the installation's; pins and installs have a tenant.
	// So is the count of calls to an address that all tenants have.
	if got := strings.Join(others, " "); got != "cell connector_calls connector_package connector_tally connector_version goose_db_version publisher publisher_key rate_slot rate_window tenant" {
		t.Errorf("tables without a tenant: %s; give a new one a tenant_id or say here why it needs none", got)
	}
}

// as runs f as a tenant in a transaction that is undone.
func as(t *testing.T, s *store.Store, tenant uuid.UUID, f func(tx store.Tx)) {
	t.Helper()
	undo := errors.New("undo")
	if err := s.In(context.Background(), tenant, func(tx store.Tx) error { f(tx); return undo }); !errors.Is(err, undo) {
		t.Fatal(err)
	}
}

func TestTenantsCannotSeeEachOther(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, owner := open(t)
	a, b := newTenant(t, s), newTenant(t, s)
	adm := uuid.New()
	if err := s.In(ctx, a, func(tx store.Tx) error {
		if err := tx.AddAdministration(ctx, db.AddAdministrationParams{ID: adm, TenantID: a, ExternalID: "1", Name: "Books of A", Country: "NL", Currency: "EUR", TimeZone: "Europe/Amsterdam", Language: "nl"}); err != nil {
			return err
		}
		return tx.AddAudit(ctx, db.AddAuditParams{TenantID: a, At: time.Now(), Actor: "anna", Action: "hold", Subject: "x", Detail: []byte("{}")})
	}); err != nil {
		t.Fatal(err)
	}
	as(t, s, b, func(tx store.Tx) {
		if _, err := tx.Administration(ctx, adm); !errors.Is(err, pgx.ErrNoRows) {
			t.Errorf("B reads the administration of A: %v", err)
		}
		if list, err := tx.Administrations(ctx); err != nil || len(list) != 0 {
			t.Errorf("B lists %v, %v", list, err)
		}
		tag, err := tx.Exec(ctx, "update administration set name = 'mine'")
		if err != nil || tag.RowsAffected() != 0 {
			t.Errorf("B changes rows of A: %v, %v", tag, err)
		}
		tag, err = tx.Exec(ctx, "delete from administration")
		if err != nil || tag.RowsAffected() != 0 {
			t.Errorf("B deletes rows of A: %v, %v", tag, err)
		}
		if tenant, err := tx.Queries.Tenant(ctx); err != nil || tenant.ID != b {
			t.Errorf("B is %v, %v", tenant.ID, err)
		}
		// The last one, since it ends the transaction.
		if err := tx.AddAudit(ctx, db.AddAuditParams{TenantID: a, At: time.Now(), Actor: "b", Action: "x", Subject: "x", Detail: []byte("{}")}); code(err) != "42501" {
			t.Errorf("B writes a row for A: %v", err)
		}
	})
	t.Run("no tenant at all sees nothing", func(t *testing.T) {
		if _, err := owner.Exec(ctx, "set role voldaan_app"); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"administration", "audit", "tenant"} {
			var n int
			if err := owner.QueryRow(ctx, "select count(*) from "+table).Scan(&n); err != nil || n != 0 {
				t.Errorf("%s shows %d rows, %v", table, n, err)
			}
		}
	})
}

func code(err error) string {
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) {
		return pgErr.Code
	}
	return ""
}

func TestRecordsOfProofCannotChange(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	tenant := newTenant(t, s)
	for _, table := range []string{"decision", "audit", "claim_entry"} {
		for _, do := range []string{"update " + table + " set at = now()", "delete from " + table, "truncate " + table} {
			as(t, s, tenant, func(tx store.Tx) {
				if _, err := tx.Exec(context.Background(), do); code(err) != "42501" {
					t.Errorf("%s: %v", do, err)
				}
			})
		}
	}
}

func TestDoors(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, _ := open(t)
	a, member := newTenant(t, s), uuid.New()
	live, ended := []byte("live"), []byte("ended")
	if err := s.In(ctx, a, func(tx store.Tx) error {
		if err := tx.AddMember(ctx, db.AddMemberParams{ID: member, TenantID: a, Email: "anna@example.test", Name: "Anna", Role: "owner", PasswordHash: "h"}); err != nil {
			return err
		}
		for hash, until := range map[string]time.Time{string(live): time.Now().Add(time.Hour), string(ended): time.Now().Add(-time.Hour)} {
			if err := tx.AddSession(ctx, db.AddSessionParams{TokenHash: []byte(hash), TenantID: a, MemberID: member, ExpiresAt: until}); err != nil {
				return err
			}
		}
		return tx.AddOutbox(ctx, db.AddOutboxParams{TenantID: a, Kind: "one", SubjectID: member, Payload: []byte("{}")})
	}); err != nil {
		t.Fatal(err)
	}
	door := s.Door()
	if got, err := door.DoorSession(ctx, live); err != nil || got.TenantID != a || got.MemberID != member {
		t.Errorf("a session: %+v, %v", got, err)
	}
	for _, hash := range [][]byte{ended, []byte("guess"), {}} {
		if got, err := door.DoorSession(ctx, hash); !errors.Is(err, pgx.ErrNoRows) {
			t.Errorf("session %q opens %+v, %v", hash, got, err)
		}
	}
	if got, err := door.DoorMember(ctx, "Anna@Example.Test"); err != nil || got.MemberID != member {
		t.Errorf("a member by address: %+v, %v", got, err)
	}
	if _, err := door.DoorPortal(ctx, []byte("guess")); !errors.Is(err, pgx.ErrNoRows) {
		t.Errorf("a guessed portal link: %v", err)
	}
	if _, err := door.DoorCheckout(ctx, db.DoorCheckoutParams{Provider: "mollie", ProviderID: ""}); !errors.Is(err, pgx.ErrNoRows) {
		t.Errorf("a checkout without an id: %v", err)
	}
	// Nothing but the doors is open without a tenant.
	if list, err := door.Administrations(ctx); err != nil || len(list) != 0 {
		t.Errorf("the door shows administrations %v, %v", list, err)
	}
	claim := func(kinds ...string) int {
		rows, err := door.DoorClaimOutbox(ctx, db.DoorClaimOutboxParams{Kinds: kinds, Most: 10, Lease: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		return len(rows)
	}
	if other, first, again := claim("two"), claim("one"), claim("one"); other != 0 || first != 1 || again != 0 {
		t.Errorf("claimed %d of another kind, %d, and %d while it was claimed", other, first, again)
	}
}

func TestMigrateTwiceAndAtOnce(t *testing.T) {
	t.Parallel()
	dsn := pgtest.New(t, func(context.Context, string) error { return nil }, "empty")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := store.Migrate(context.Background(), dsn); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if err := store.Migrate(context.Background(), dsn); err != nil {
		t.Error(err)
	}
}

// TestAside holds more outer transactions than there are connections for and
// begins one inside each.
func TestAside(t *testing.T) {
	t.Parallel()
	dsn := pgtest.New(t, store.Migrate, store.Schema())
	s, err := store.Open(context.Background(), dsn+"&pool_max_conns=2")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	tenant := newTenant(t, s)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			if err := s.In(ctx, tenant, func(store.Tx) error {
				return s.Aside(ctx, tenant, func(tx store.Tx) error {
					_, err := tx.Queries.Tenant(ctx)
					return err
				})
			}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}
