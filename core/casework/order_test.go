package casework_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

func TestOrder(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	t.Run("R109 notes of one moment arrive in the order they were written", func(t *testing.T) {
		t.Parallel()
		y, b := withBailiff(t, "2026-05-19 00:00")
		y.contract()
		if err := y.desk.HandOver(ctx, y.Tenant, y.id, y.bailiff(nil), "anna"); err != nil {
			t.Fatal(err)
		}
		y.wake(t)
		var want, got []string
		for n := range 12 {
			want = append(want, fmt.Sprintf("answer %d", n))
			if err := y.desk.Write(ctx, y.Tenant, y.id, "answer", want[n], "anna"); err != nil {
				t.Fatal(err)
			}
		}
		if err := y.desk.Recall(ctx, y.Tenant, y.id, "Enough", "anna"); err != nil {
			t.Fatal(err)
		}
		y.wake(t)
		for _, n := range b.Told() {
			got = append(got, n.Text)
		}
		if want = append(want, "Please close the case and give it back: Enough"); !slices.Equal(got, want) {
			t.Errorf("the bailiff was told %q", got)
		}
	})
	t.Run("R109 what happens between two attempts is told once, and the archive stays the same", func(t *testing.T) {
		t.Parallel()
		y, b := withBailiff(t, "2026-05-19 00:00")
		y.contract()
		if err := y.desk.HandOver(ctx, y.Tenant, y.id, y.bailiff(nil), "anna"); err != nil {
			t.Fatal(err)
		}
		archive := func() (h db.CaseHandover) {
			y.In(func(tx store.Tx) (err error) {
				h, err = tx.HandoverOf(ctx, y.id)
				return err
			})
			return h
		}
		b.Fail(2)
		y.wake(t)
		first := archive()
		y.Books.Pay("F1", 100_000, date.MustParse("2026-05-19"))
		y.Clock.Set(dunningtest.At("2026-05-19 10:00"))
		y.Books.Sync()
		for range 3 {
			y.wake(t)
		}
		sent := archive()
		if sent.State != "sent" || !first.ArchiveID.Valid || sent.ArchiveID != first.ArchiveID || sent.Version != first.Version {
			t.Errorf("first %+v, then %+v", first, sent)
		}
		if told := b.Told(); len(told) != 1 || told[0].Kind != "payment" || told[0].Minor != 100_000 {
			t.Errorf("the bailiff was told %+v", told)
		}
	})
}
