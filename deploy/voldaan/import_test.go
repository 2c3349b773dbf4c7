package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/store/pgtest"
)

func TestImportAims(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), pgtest.New(t, store.Migrate, store.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	a := &app{services: api.Services{Store: s}}
	tenant := func(slug string) uuid.UUID {
		id := uuid.New()
		if err := s.Door().DoorCreateTenant(t.Context(), db.DoorCreateTenantParams{ID: id, Slug: slug, Name: slug, TimeZone: "UTC", Clock: []byte("{}")}); err != nil {
			t.Fatal(err)
		}
		return id
	}
	one := tenant("one")
	adm := uuid.New()
	if err := s.In(t.Context(), one, func(tx store.Tx) error {
		return tx.AddAdministration(t.Context(), db.AddAdministrationParams{ID: adm, TenantID: one, ExternalID: "x", Name: "Books", Country: "NL", Currency: "EUR", TimeZone: "UTC", Language: "nl"})
	}); err != nil {
		t.Fatal(err)
	}
	im := &importer{app: a}
	if err := im.aim(t.Context(), "", ""); err != nil || im.tenant != one || len(im.books) != 1 {
		t.Errorf("the only tenant: %v %+v", err, im)
	}
	tenant("two")
	for _, tt := range []struct{ slug, administration, says string }{
		{"", "", "there are several tenants; name one with --tenant: one, two"},
		{"three", "", `there is no tenant "three"`},
		{"two", adm.String(), "this tenant has no administration"},
	} {
		if err := (&importer{app: a}).aim(t.Context(), tt.slug, tt.administration); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%+v: %v", tt, err)
		}
	}
	im = &importer{app: a}
	if err := im.aim(t.Context(), "one", adm.String()); err != nil {
		t.Fatal(err)
	}
	if _, err := im.connection(t.Context()); err == nil || !strings.Contains(err.Error(), "takes no invoice files") {
		t.Errorf("an invoice file for other books: %v", err)
	}
	if _, err := im.choose("a bank statement", append(im.books, im.books...)); err == nil || !strings.Contains(err.Error(), adm.String()+" (Books)") {
		t.Errorf("%v", err)
	}
	if _, err := im.choose("a bank statement", nil); err == nil || !strings.Contains(err.Error(), "connect one first") {
		t.Errorf("%v", err)
	}
}

func TestImportBesideDev(t *testing.T) {
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, environmentFile), []byte("VOLDAAN_DATABASE_URL=postgres://dev?a=b\nVOLDAAN_KEYS=dev\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("VOLDAAN_HOME", home)
	t.Setenv("VOLDAAN_DATABASE_URL", "")
	t.Setenv("VOLDAAN_KEYS", "mine")
	if err := besideDev(); err != nil {
		t.Fatal(err)
	}
	if db, keys := os.Getenv("VOLDAAN_DATABASE_URL"), os.Getenv("VOLDAAN_KEYS"); db != "postgres://dev?a=b" || keys != "mine" {
		t.Errorf("%q %q", db, keys)
	}
	t.Setenv("VOLDAAN_HOME", t.TempDir())
	t.Setenv("VOLDAAN_DATABASE_URL", "")
	if err := besideDev(); err != nil {
		t.Errorf("no dev here: %v", err)
	}
}
