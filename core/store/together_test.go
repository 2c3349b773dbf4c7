package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

func TestReadsTogether(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, _ := open(t)
	tenant, adm := newTenant(t, s), uuid.New()
	as(t, s, tenant, func(tx store.Tx) {
		if err := tx.AddAdministration(ctx, db.AddAdministrationParams{ID: adm, TenantID: tenant, ExternalID: "1", Name: "Books", Country: "NL", Currency: "EUR", TimeZone: "Europe/Amsterdam", Language: "nl"}); err != nil {
			t.Fatal(err)
		}
		var list []db.Administration
		var one db.Administration
		one.Name = "as it was"
		err := tx.Together(ctx,
			func(by store.Tx) (err error) { list, err = by.Administrations(ctx); return err },
			func(by store.Tx) (err error) { one, err = by.Administration(ctx, adm); return err },
		)
		if err != nil || len(list) != 1 || one.Name != "Books" {
			t.Errorf("%v, %+v, %v", list, one.Name, err)
		}
		if err := tx.Together(ctx); err != nil {
			t.Error(err)
		}
	})
	as(t, s, tenant, func(tx store.Tx) {
		gone := errors.New("gone wrong")
		if err := tx.Together(ctx, func(by store.Tx) error { _, _ = by.Administrations(ctx); return gone }); !errors.Is(err, gone) {
			t.Errorf("%v", err)
		}
		// What a read asks may not hang on what came of another.
		heard := false
		if err := tx.Together(ctx, func(by store.Tx) error {
			if heard {
				_, err := by.Queries.Tenant(ctx)
				return err
			}
			heard = true
			_, err := by.Administrations(ctx)
			return err
		}); err == nil {
			t.Error("reads that depend on each other were done")
		}
		if _, err := tx.Administrations(ctx); err != nil {
			t.Errorf("the transaction does not go on: %v", err)
		}
	})
}
