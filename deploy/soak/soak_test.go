package main

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/pgtest"
	"github.com/voldaan/voldaan/workflows"
	"github.com/voldaan/voldaan/workflows/temporaltest"
	"go.temporal.io/sdk/client"
)

func TestMain(m *testing.M) {
	if inWorld() {
		return
	}
	os.Exit(m.Run())
}

// lived is a year of one country, or a part of one, that is over and inspected.
func lived(t *testing.T, c config, change func(*year)) (*year, *findings) {
	t.Helper()
	c.Country = "NL"
	y, err := newYear(t.Context(), c, pgtest.New(t, store.Migrate, store.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(y.close)
	if change != nil {
		change(y)
	}
	if err := y.live(t.Context()); err != nil {
		t.Fatal(err)
	}
	f, err := y.inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return y, f
}

// TestYear lives a short and rough year twice in all countries: no promise is
// broken, every fault strikes, and both come to the same ledger and messages.
func TestYear(t *testing.T) {
	t.Parallel()
	c := config{Seed: 7, Debtors: 160, Invoices: 160, Days: 125, Faults: true, Rough: 6, Sample: 12}
	var both [2]*account
	t.Run("lives", func(t *testing.T) {
		for i := range both {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				w := &worlds{config: c, dsn: pgtest.New(t, store.Migrate, store.Schema()), lanes: 2}
				a, err := w.live(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if i == 0 {
					replays(t, a)
				}
				for _, line := range a.broken {
					t.Error(line)
				}
				if s := a.sum; s.Tries == 0 || s.Reminders == 0 || s.Phases["closed"] == 0 || s.Cases == 0 || s.Collected == 0 {
					t.Errorf("too little happened: %+v", s)
				}
				both[i] = a
			})
		}
	})
	if both[0] != nil && both[1] != nil && both[0].digest != both[1].digest {
		t.Errorf("the same seed gave two ledgers; they part at\n%s", strings.Join(parting(both[0].lines, both[1].lines), "\n"))
	}
}

// replays lives the workflows of the sample again on a Temporal server.
func replays(t *testing.T, a *account) {
	t.Helper()
	namespace := temporaltest.Namespace(t)
	c, err := client.Dial(client.Options{HostPort: temporaltest.Start(t), Namespace: namespace, Logger: mute{}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := workflows.RegisterSearchAttributes(t.Context(), c, namespace); err != nil {
		t.Fatal(err)
	}
	if err := a.replay(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if n := len(a.sum.Heard); n < 5 {
		t.Errorf("only %d histories were replayed", n)
	}
}

// parting is where two lists become different.
func parting(a, b []string) []string {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return []string{a[i], b[i]}
		}
	}
	return []string{"the end of one"}
}

// TestInspectionSeesThrough lives with a hub that does not look before it sends,
// and a bookkeeper who loses money: both must come to light.
func TestInspectionSeesThrough(t *testing.T) {
	t.Parallel()
	t.Run("R1 a hub without its last look reminds who has paid", func(t *testing.T) {
		t.Parallel()
		_, f := lived(t, config{Seed: 3, Debtors: 40, Invoices: 80, Days: 70}, func(y *year) { y.blind = true })
		if !slices.ContainsFunc(f.Broken, func(s string) bool { return strings.Contains(s, "known to be paid") }) {
			t.Errorf("nobody was reminded wrongly: %v", f.Broken)
		}
	})
	t.Run("a cent that is lost is missed", func(t *testing.T) {
		t.Parallel()
		_, f := lived(t, config{Seed: 3, Debtors: 10, Invoices: 20, Days: 40}, func(y *year) {
			y.diary.add(first.AddDays(35).In(y.zone), y.lose)
		})
		if !slices.ContainsFunc(f.Broken, func(s string) bool { return strings.Contains(s, "unaccounted for") }) {
			t.Errorf("the cent was not missed: %v", f.Broken)
		}
	})
}

// lose takes a cent off a payment that is on record.
func (y *year) lose(ctx context.Context) error {
	return y.in(ctx, func(tx store.Tx) error {
		_, err := tx.Exec(ctx, `update allocation set amount_minor = amount_minor - 1 where id = (select id from allocation where reflected_at is not null order by id limit 1)`)
		return err
	})
}
