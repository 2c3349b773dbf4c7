package casework_test

import (
	"context"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/bailiff/emulator"
	"github.com/voldaan/voldaan/core/casework"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
)

func TestWorks(t *testing.T) {
	t.Parallel()
	t.Run("R109 a bailiff that works by itself is heard, and remembers across a restart", func(t *testing.T) {
		t.Parallel()
		y := newYard(t, sdk.Business, "2026-05-19 00:00")
		dir := t.TempDir()
		open := func() {
			b, err := emulator.New(emulator.Config{Token: "key", Now: y.Clock.Now, StateDir: dir, Works: true})
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(b)
			t.Cleanup(server.Close)
			y.desk.Ways = ways{server.URL}
		}
		open()
		y.contract()
		_, before := y.standing()
		if err := y.desk.HandOver(context.Background(), y.Tenant, y.id, y.bailiff(func(p *db.PutBailiffParams) { p.PaysTo = "bailiff" }), "anna"); err != nil {
			t.Fatal(err)
		}
		y.Walk("2026-05-23 00:00")
		open()
		y.Walk("2026-05-23 12:00")
		for kind, text := range map[string]string{"answer": "He works at the harbour.", "question": "Did they open the door?"} {
			if err := y.desk.Write(context.Background(), y.Tenant, y.id, kind, text, "anna"); err != nil {
				t.Fatal(err)
			}
		}
		y.Walk("2026-06-08 00:00")
		var kinds []string
		var collected int64
		for _, n := range y.notes() {
			if n.Direction == "out" {
				continue
			}
			kinds = append(kinds, n.Kind)
			if n.Kind == "payment" {
				collected += n.AmountMinor
				if n.Booking != casework.Booked || !strings.HasPrefix(n.Reference, "GDW-00001/") {
					t.Errorf("%s is %q: %s", n.Reference, n.Booking, n.BookingWhy)
				}
			}
		}
		if !slices.Equal(kinds, []string{"status", "status", "question", "answer", "payment", "payment"}) {
			t.Errorf("the notes are %v", kinds)
		}
		row, after := y.standing()
		if row.State != "closed" || row.ClosedCode != claim.Paid || after.Total() != 0 || collected < before.Total() || collected > before.Total()+1000 {
			t.Errorf("the case is %s (%s), %d open; %d of %d collected; tasks %v", row.State, row.ClosedCode, after.Total(), collected, before.Total(), y.tasks())
		}
	})
}
