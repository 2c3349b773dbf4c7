package store_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/store/pgtest"
)

// The application's user is held to its role, even if somebody made it run SQL
// of his own.
func TestLoginIsHeldToTheApplication(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	owner := pgtest.New(t, store.Migrate, store.Schema())
	name := "voldaan_hub_" + uuid.NewString()[:8]
	dsn, err := store.EnsureLogin(ctx, owner, name, "it's a \\secret")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := store.EnsureLogin(ctx, owner, name, "it's a \\secret"); err != nil || again != dsn {
		t.Errorf("the second time: %v", err)
	}
	super, err := pgx.Connect(ctx, owner)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, err := super.Exec(ctx, "drop role "+pgx.Identifier{name}.Sanitize())
		if err != nil {
			t.Error(err)
		}
		_ = super.Close(ctx)
	})
	s, err := store.Open(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	a, b := newTenant(t, s), newTenant(t, s)
	for tenant, slug := range map[uuid.UUID]string{a: "a", b: "b"} {
		if err := s.In(ctx, tenant, func(tx store.Tx) error {
			return tx.AddAdministration(ctx, db.AddAdministrationParams{ID: uuid.New(), TenantID: tenant, ExternalID: slug, Name: slug, Country: "NL", Currency: "EUR", TimeZone: "Europe/Amsterdam", Language: "nl"})
		}); err != nil {
			t.Fatal(err)
		}
	}
	if more, err := s.Privileged(ctx); err != nil || more {
		t.Errorf("the user may do more than the application: %v, %v", more, err)
	}
	for _, do := range []string{
		"set role voldaan_door", "set role postgres", "select set_config('role', 'voldaan_door', true)", "select set_config('role', 'postgres', false)",
		"set session authorization postgres", "alter role " + name + " superuser", "grant voldaan_door to " + name, "create role more superuser",
		"alter table invoice disable row level security", "drop policy tenant on invoice", "create policy mine on invoice using (true)",
		"alter function door_session(bytea) owner to " + name, "create function f() returns int language sql as 'select 1'", "create table loot (x text)",
		"copy (select 1) to program 'id'", "select pg_read_file('/etc/passwd')", "select lo_import('/etc/passwd')", "select pg_authid.rolpassword from pg_authid",
	} {
		as(t, s, a, func(tx store.Tx) {
			if _, err := tx.Exec(ctx, do); code(err) != "42501" {
				t.Errorf("%s: %v", do, err)
			}
		})
	}
	for _, before := range []string{"reset role", "set role none", "select set_config('role', 'none', true)"} {
		as(t, s, a, func(tx store.Tx) {
			if _, err := tx.Exec(ctx, before); err != nil {
				t.Fatal(err)
			}
			if _, err := tx.Exec(ctx, "select * from administration"); code(err) != "42501" {
				t.Errorf("after %s the user reads tables: %v", before, err)
			}
		})
	}
	as(t, s, a, func(tx store.Tx) {
		if _, err := tx.Exec(ctx, "set row_security = off"); err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(ctx, "select * from administration"); code(err) != "42501" {
			t.Errorf("without row-level security: %v", err)
		}
	})
	t.Run("the owner is told apart", func(t *testing.T) {
		own, err := store.Open(ctx, owner)
		if err != nil {
			t.Fatal(err)
		}
		defer own.Close()
		if more, err := own.Privileged(ctx); err != nil || !more {
			t.Errorf("%v, %v", more, err)
		}
	})
	t.Run("an address of another form", func(t *testing.T) {
		if _, err := store.EnsureLogin(ctx, "host=localhost user=x", name, "x"); err == nil || strings.Contains(err.Error(), "user=x") {
			t.Errorf("%v", err)
		}
	})
}

// Doors show what is needed to find a tenant or to take up work, and nothing of
// what tenants keep.
func TestDoorsShowNoMore(t *testing.T) {
	t.Parallel()
	_, owner := open(t)
	rows, err := owner.Query(context.Background(), `
		select p.proname || ': ' || pg_get_function_result(p.oid) || case when p.prosecdef then '' else ' (not a door)' end
		from pg_proc p where p.pronamespace = 'public'::regnamespace and has_function_privilege('voldaan_app', p.oid, 'execute')
		and p.proname like 'door\_%' order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"door_accounts: TABLE(account text, connection_id uuid, tenant_id uuid, reads boolean)",
		"door_api_key: TABLE(tenant_id uuid, key_id uuid)",
		"door_checkout: TABLE(tenant_id uuid, checkout_id uuid)",
		"door_claim_deliveries: TABLE(id bigint, tenant_id uuid)",
		"door_claim_outbox: TABLE(id bigint, tenant_id uuid, kind text, subject_id uuid, payload jsonb, attempts integer)",
		"door_claim_sources: TABLE(connection_id uuid, kind text, tenant_id uuid)",
		"door_claim_starts: TABLE(invoice_id uuid, tenant_id uuid, administration_id uuid)",
		"door_connection: uuid",
		"door_connector_installs: TABLE(connector text, version text, tenants bigint)",
		"door_contact: TABLE(tenant_id uuid, debtor_id uuid)",
		"door_create_tenant: void",
		"door_ending_subscriptions: TABLE(administration_id uuid, tenant_id uuid)",
		"door_events_waiting: TABLE(tenant_id uuid)",
		"door_finish_outbox: void",
		"door_handover: uuid",
		"door_handover_link: TABLE(tenant_id uuid, handover_id uuid)",
		"door_idle_access: TABLE(connection_id uuid, tenant_id uuid)",
		"door_member: TABLE(tenant_id uuid, member_id uuid, password_hash text)",
		"door_message: uuid",
		"door_portal: TABLE(tenant_id uuid, debtor_id uuid, expires_at timestamp with time zone)",
		"door_portal_session: TABLE(tenant_id uuid, debtor_id uuid)",
		"door_retry_outbox: void",
		"door_session: TABLE(tenant_id uuid, member_id uuid)",
		"door_tenants: TABLE(id uuid, slug text)",
		"door_wishes: TABLE(connector text, tenants bigint)",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the doors are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
