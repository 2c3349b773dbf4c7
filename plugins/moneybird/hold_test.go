package moneybird_test

import (
	"testing"

	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync"
)

// TestR64PausedInTheBooks holds what somebody paused in Moneybird itself, and goes
// on when that is over; R6 likewise for a payment under way there.
func TestR64PausedInTheBooks(t *testing.T) {
	t.Parallel()
	b := open(t)
	ids := b.seed(3)
	b.Must()
	rule := func(id string) string {
		t.Helper()
		var c db.Collection
		b.In(func(tx store.Tx) (err error) {
			c, err = tx.Collection(t.Context(), sync.InvoiceID(b.Adm, id))
			return err
		})
		return c.HeldRule
	}
	if got := rule(ids[0]) + rule(ids[1]); got != "" {
		t.Fatalf("held by %q before anything happened", got)
	}
	if err := b.emu.Pause(b.adm, ids[0], true); err != nil {
		t.Fatal(err)
	}
	if err := b.emu.SetState(b.adm, ids[1], "pending_payment"); err != nil {
		t.Fatal(err)
	}
	b.Must()
	if got := rule(ids[0]); got != "R64" {
		t.Errorf("paused in the books, held by %q", got)
	}
	if got := rule(ids[1]); got != "R6" {
		t.Errorf("a payment is under way, held by %q", got)
	}
	if got := rule(ids[2]); got != "" {
		t.Errorf("another is held by %q", got)
	}
	if err := b.emu.Pause(b.adm, ids[0], false); err != nil {
		t.Fatal(err)
	}
	b.Must()
	if got := rule(ids[0]); got != "" {
		t.Errorf("resumed in the books, still held by %q", got)
	}
}
