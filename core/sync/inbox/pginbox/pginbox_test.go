package pginbox_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/store/pgtest"
	"github.com/voldaan/voldaan/core/sync/inbox"
	"github.com/voldaan/voldaan/core/sync/inbox/inboxtest"
	"github.com/voldaan/voldaan/core/sync/inbox/pginbox"
	"github.com/voldaan/voldaan/sdk/invoicefile/filebox"
)

func boxes(t *testing.T) pginbox.Boxes {
	t.Helper()
	s, err := store.Open(t.Context(), pgtest.New(t, store.Migrate, store.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	return pginbox.Boxes{Store: s, Now: func(context.Context, store.Tx) (time.Time, error) { return noon, nil }}
}

// connection makes a tenant with a connection.
func connection(t *testing.T, b pginbox.Boxes) (tenant, id uuid.UUID) {
	t.Helper()
	tenant, id = uuid.New(), uuid.New()
	slug := strings.ToLower(tenant.String()[:8])
	if err := b.Store.Door().DoorCreateTenant(t.Context(), db.DoorCreateTenantParams{ID: tenant, Slug: slug, Name: slug, TimeZone: "Europe/Amsterdam", Clock: []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	if err := b.Store.In(t.Context(), tenant, func(tx store.Tx) error {
		return tx.AddConnection(t.Context(), db.AddConnectionParams{ID: id, TenantID: tenant, Connector: "files", Title: "Invoice files", Config: []byte("{}"), Auth: "none", State: "new"})
	}); err != nil {
		t.Fatal(err)
	}
	return tenant, id
}

func TestFiles(t *testing.T) {
	t.Parallel()
	b := boxes(t)
	inboxtest.Run(t, func(t *testing.T) inbox.Files { return b.Of(connection(t, b)) }, func(_ *testing.T, f inbox.Files) inbox.Files { return f })
}

func TestTenantsApart(t *testing.T) {
	t.Parallel()
	b := boxes(t)
	tenant, id := connection(t, b)
	stranger, own := connection(t, b)
	mine := b.Of(tenant, id)
	f, _, err := mine.Put(t.Context(), "a.xml", strings.NewReader("a"))
	if err != nil {
		t.Fatal(err)
	}
	theirs := b.Of(stranger, id) // somebody who knows the id of our connection
	if _, _, err := theirs.Put(t.Context(), "b.xml", strings.NewReader("b")); !errors.Is(err, inbox.ErrNotFound) {
		t.Errorf("a file was put into the box of another tenant: %v", err)
	}
	if list, err := theirs.List(t.Context(), "", 10, false); err != nil || len(list) != 0 {
		t.Errorf("the files of another tenant: %+v %v", list, err)
	}
	for _, box := range []inbox.Files{theirs, b.Of(stranger, own), b.Of(tenant, own)} {
		_, err1 := box.Open(t.Context(), f.ID)
		_, err2 := box.Claim(t.Context(), f.ID, []filebox.Claim{{Key: "k"}})
		_, err3 := box.Again(t.Context(), f.ID)
		err4 := box.Settle(t.Context(), f.ID, filebox.Outcome{State: filebox.Taken})
		for _, err := range []error{err1, err2, err3, err4} {
			if !errors.Is(err, inbox.ErrNotFound) {
				t.Errorf("a file of another connection: %v", err)
			}
		}
	}
	if list, err := mine.List(t.Context(), "", 10, true); err != nil || len(list) != 1 {
		t.Errorf("%+v %v", list, err)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	b := boxes(t)
	box := b.Of(connection(t, b))
	var wg sync.WaitGroup
	var mu sync.Mutex
	fresh, conflicts := 0, 0
	for i := range 8 {
		wg.Go(func() {
			_, first, err := box.Put(t.Context(), "same.xml", strings.NewReader("same"))
			if err != nil {
				t.Error(err)
			}
			own, _, err := box.Put(t.Context(), "own.xml", bytes.NewReader([]byte{byte(i)}))
			if err != nil {
				t.Error(err)
				return
			}
			out, err := box.Claim(t.Context(), own.ID, []filebox.Claim{{Key: "invoice:1", Digest: own.Digest}})
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if first {
				fresh++
			}
			conflicts += len(out.Conflicts)
		})
	}
	wg.Wait()
	if fresh != 1 || conflicts != 7 {
		t.Errorf("the same file was new %d times; %d of 8 claims to one invoice were refused", fresh, conflicts)
	}
}
