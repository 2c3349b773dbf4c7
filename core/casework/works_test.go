package casework_test

import (
	"context"
	"net/http/httptest"
	"testing"

	"github.com/voldaan/voldaan/core/bailiff/emulator"
	"github.com/voldaan/voldaan/core/casework"
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
		y.Walk("2026-06-08 00:00")
		var kinds []string
		for _, n := range y.notes() {
			kinds = append(kinds, n.Kind)
		}
		if len(kinds) != 4 || kinds[1] != "status" || kinds[2] != "question" || kinds[3] != "payment" || y.notes()[3].Booking != casework.Booked {
			t.Fatalf("the notes are %v", kinds)
		}
		if _, after := y.standing(); after.Costs != 0 || after.Total() >= before.Total() {
			t.Errorf("from %d to %d", before.Total(), after.Total())
		}
	})
}
