package pginbox_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/sync/inbox/pginbox"
	"github.com/voldaan/voldaan/sdk/invoicefile/filebox"
)

// TestAFileThatKillsItsReader is put aside after three deaths, and only that file.
func TestAFileThatKillsItsReader(t *testing.T) {
	t.Parallel()
	b := boxes(t)
	tenant, id := connection(t, b)
	var deadly, behind filebox.File
	for name, to := range map[string]*filebox.File{"deadly.xlsx": &deadly, "behind.xml": &behind} {
		f, _, err := b.Of(tenant, id).Put(t.Context(), name, strings.NewReader(name))
		if err != nil {
			t.Fatal(err)
		}
		*to = f
	}
	for death := range 3 {
		run := uuid.New()
		box := b.During(run, tenant, id)
		for _, f := range []filebox.File{behind, deadly} {
			r, err := box.Open(t.Context(), f.ID)
			if err != nil {
				t.Fatal(err)
			}
			_ = r.Close()
		}
		if got, err := box.Get(t.Context(), deadly.ID); err != nil || got.State != filebox.Waiting {
			t.Fatalf("after %d deaths the file is %s, %v", death, got.State, err)
		}
		if err := b.Store.In(t.Context(), tenant, func(tx store.Tx) error { return pginbox.Blame(t.Context(), tx, id, run) }); err != nil {
			t.Fatal(err)
		}
	}
	open, err := b.Of(tenant, id).List(t.Context(), "", 10, true)
	if err != nil || len(open) != 1 || open[0].ID != behind.ID {
		t.Errorf("waiting are %+v, %v; want only the other file", open, err)
	}
	if got, err := b.Of(tenant, id).Get(t.Context(), deadly.ID); err != nil || got.State != filebox.Refused {
		t.Errorf("the file is %s, %v", got.State, err)
	}
	again, err := b.Of(tenant, id).Again(t.Context(), deadly.ID)
	if err != nil || again.State != filebox.Waiting {
		t.Errorf("a person cannot bring it in again: %+v, %v", again, err)
	}
	// A death in a sync that opened no file is nobody's fault.
	if err := b.Store.In(t.Context(), tenant, func(tx store.Tx) error { return pginbox.Blame(t.Context(), tx, id, uuid.New()) }); err != nil {
		t.Error(err)
	}
}
