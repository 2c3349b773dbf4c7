package main

import (
	"context"
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/store/pgtest"
)

// TestFirstMorningWaits lets the first sync take longer than the story's margin.
func TestFirstMorningWaits(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, err := store.Open(ctx, pgtest.New(t, store.Migrate, store.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	p := &player{store: s, tenant: uuid.New(), adm: uuid.New()}
	d := &demonstration{player: p, clock: filepath.Join(t.TempDir(), "clock.json")}
	soon := storyScale(time.Now().Add(lastMoment/2), time.Minute)
	b, err := json.Marshal(soon)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keepScale(d.clock, soon); err != nil {
		t.Fatal(err)
	}
	if err := s.Door().DoorCreateTenant(ctx, db.DoorCreateTenantParams{ID: p.tenant, Slug: demoSlug, Name: "De Linde", TimeZone: "Europe/Amsterdam", Clock: b, Demo: true}); err != nil {
		t.Fatal(err)
	}
	in := func(f func(store.Tx) error) {
		t.Helper()
		if err := s.In(ctx, p.tenant, f); err != nil {
			t.Fatal(err)
		}
	}
	in(func(tx store.Tx) error {
		return tx.AddAdministration(ctx, db.AddAdministrationParams{ID: p.adm, TenantID: p.tenant, ExternalID: "1", Name: "De Linde", Country: "NL", Currency: "EUR", TimeZone: "Europe/Amsterdam", Language: "nl", LegalName: "De Linde"})
	})
	clocks := func() (file, tenant clock.Scale) {
		t.Helper()
		c, err := readClock(d.clock)
		if err != nil {
			t.Fatal(err)
		}
		in(func(tx store.Tx) error {
			row, err := tx.Queries.Tenant(ctx)
			if err != nil {
				return err
			}
			return json.Unmarshal(row.Clock, &tenant)
		})
		return c.Scale, tenant
	}
	if over, err := d.await(ctx); over || err != nil {
		t.Fatalf("with books that were never read it begins: %v", err)
	}
	file, tenant := clocks()
	if !file.RealOrigin.Equal(tenant.RealOrigin) || file.RealOrigin.Sub(soon.RealOrigin) < lastMoment/2 {
		t.Errorf("put off from %s to %s, for the tenant to %s", soon.RealOrigin, file.RealOrigin, tenant.RealOrigin)
	}
	in(func(tx store.Tx) error {
		_, err := tx.Exec(ctx, "update administration set confirmed_at = now() where id = $1", p.adm)
		return err
	})
	if over, err := d.await(ctx); !over || err != nil {
		t.Errorf("with books that were read it waits: %v", err)
	}
	if after, _ := clocks(); !after.RealOrigin.Equal(file.RealOrigin) {
		t.Errorf("then put off again to %s", after.RealOrigin)
	}
}
