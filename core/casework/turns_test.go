package casework_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/bailiff"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
)

// asked is a bailiff who has nothing to say and counts how often it is asked.
type asked struct{ times int }

func (a *asked) To(db.Bailiff, db.Administration, time.Time) (bailiff.Transport, error) {
	return a, nil
}
func (a *asked) HandOver(context.Context, bailiff.Parcel) (string, error) { return "B-1", nil }
func (a *asked) Tell(context.Context, bailiff.Note) error                 { return nil }
func (a *asked) Collect(_ context.Context, cursor string) ([]bailiff.Note, string, error) {
	a.times++
	return nil, cursor, nil
}

// TestTurns holds the cases of a bailiff to asking for news in turns: what is said
// of any case is heard when it is asked for another.
func TestTurns(t *testing.T) {
	t.Parallel()
	y := newYard(t, sdk.Business, "2026-05-19 00:00")
	office := &asked{}
	y.desk.Ways = office
	y.contract()
	to := y.bailiff(nil)
	if err := y.desk.HandOver(context.Background(), y.Tenant, y.id, to, "anna"); err != nil {
		t.Fatal(err)
	}
	during := func(until string, least, most int) {
		t.Helper()
		office.times = 0
		y.Walk(until)
		if office.times < least || office.times > most {
			t.Errorf("until %s the bailiff was asked %d times for one case, want %d to %d", until, office.times, least, most)
		}
	}
	t.Run("R109 a fresh case asks every few hours", func(t *testing.T) { during("2026-05-26 00:00", 24, 32) })
	t.Run("R109 a case that is alone asks every day", func(t *testing.T) { during("2026-06-09 00:00", 12, 16) })
	y.In(func(tx store.Tx) error {
		for range 4 {
			other := uuid.New()
			if _, err := tx.Exec(context.Background(), `insert into collection_case select (jsonb_populate_record(c, jsonb_build_object('id', $2::uuid, 'number', $2::text))).* from collection_case c where c.id = $1`, y.id, other); err != nil {
				return err
			}
			if _, err := tx.Exec(context.Background(), `insert into case_handover overriding user value select (jsonb_populate_record(h, jsonb_build_object('id', gen_random_uuid(), 'case_id', $2::uuid))).* from case_handover h where h.case_id = $1 and h.state = 'sent'`, y.id, other); err != nil {
				return err
			}
		}
		return nil
	})
	t.Run("R109 one of five asks every fifth day", func(t *testing.T) { during("2026-07-09 00:00", 5, 8) })
}
