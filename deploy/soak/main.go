// Command soak lives a year of a creditor in simulated time: thousands of
// debtors of every sort, their invoices in the books, payments by bank and
// provider, and faults at every boundary. At the end it holds the whole ledger
// against the truth of its own world. The same seed gives the same ledger.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	c := config{Log: func(line string) { fmt.Fprintln(os.Stderr, line) }}
	flag.Uint64Var(&c.Seed, "seed", 1, "the same seed gives the same year")
	flag.IntVar(&c.Debtors, "debtors", 2000, "how many debtors there are")
	flag.IntVar(&c.Invoices, "invoices", 20000, "how many invoices they get in the year")
	flag.IntVar(&c.Days, "days", 365, "how many days the year has")
	flag.IntVar(&c.Sample, "sample", 100, "of so many invoices, one has its workflow lived and replayed on a Temporal server; 0 for none")
	calm := flag.Bool("calm", false, "let nothing go wrong")
	flag.Parse()
	c.Faults = !*calm
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, c); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, c config) error {
	began := time.Now()
	d, err := openDatabase(ctx)
	if err != nil {
		return err
	}
	defer d.close()
	y, err := newYear(ctx, c, d.dsn)
	if err != nil {
		return err
	}
	defer y.close()
	if err := y.live(ctx); err != nil {
		return fmt.Errorf("on %s: %w", y.clock.Now().Format("2 January 15:04"), err)
	}
	found, err := y.inspect(ctx)
	if err != nil {
		return err
	}
	if c.Sample > 0 {
		temporal, err := d.temporal(ctx)
		if err != nil {
			return err
		}
		if err := y.relives(ctx, temporal, found); err != nil {
			return err
		}
	}
	y.report(os.Stdout, found, time.Since(began))
	if len(found.broken) > 0 {
		return errors.New("the year broke a promise; see above")
	}
	return nil
}
