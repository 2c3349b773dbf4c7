package main

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/pgtest"
	"github.com/voldaan/voldaan/workflows"
	"github.com/voldaan/voldaan/workflows/temporaltest"
	"go.temporal.io/sdk/client"
)

// lived is a year, or a part of one, that is over and inspected.
func lived(t *testing.T, c config, change func(*year)) (*year, *findings) {
	t.Helper()
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

// TestYear lives a short year twice: no promise is broken, and both come to the
// same ledger.
func TestYear(t *testing.T) {
	t.Parallel()
	c := config{Seed: 7, Debtors: 80, Invoices: 160, Days: 130, Faults: true, Sample: 10}
	var ledgers [2][]string
	t.Run("lives", func(t *testing.T) {
		for i := range ledgers {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				y, f := lived(t, c, nil)
				for _, line := range f.broken {
					t.Error(line)
				}
				if y.tries == 0 || f.reminders == 0 || f.phases["closed"] == 0 {
					t.Errorf("nothing went wrong, nobody was reminded or nobody paid: %d tries, %d reminders, %v", y.tries, f.reminders, f.phases)
				}
				ledgers[i] = y.lines
				if i == 0 {
					replays(t, y)
				}
			})
		}
	})
	if !slices.Equal(ledgers[0], ledgers[1]) {
		t.Errorf("the same seed gave two ledgers; they part at\n%s", strings.Join(parting(ledgers[0], ledgers[1]), "\n"))
	}
}

// replays lives the workflows of the sample again on a Temporal server.
func replays(t *testing.T, y *year) {
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
	f := &findings{}
	if err := y.relives(t.Context(), c, f); err != nil {
		t.Fatal(err)
	}
	if f.histories < 5 {
		t.Errorf("only %d histories were replayed", f.histories)
	}
	for _, line := range f.broken {
		t.Error(line)
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
		if !slices.ContainsFunc(f.broken, func(s string) bool { return strings.Contains(s, "known to be paid") }) {
			t.Errorf("nobody was reminded wrongly: %v", f.broken)
		}
	})
	t.Run("a cent that is lost is missed", func(t *testing.T) {
		t.Parallel()
		_, f := lived(t, config{Seed: 3, Debtors: 10, Invoices: 20, Days: 40}, func(y *year) {
			y.diary.add(first.AddDays(35).In(zone), y.lose)
		})
		if !slices.ContainsFunc(f.broken, func(s string) bool { return strings.Contains(s, "unaccounted for") }) {
			t.Errorf("the cent was not missed: %v", f.broken)
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
