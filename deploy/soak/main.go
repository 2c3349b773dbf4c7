// Command soak lives a year of creditors in five countries in simulated time:
// thousands of debtors of every sort, their invoices in the books, payments by
// bank, provider and mandate, and faults at every boundary. At the end it holds the
// whole ledger against the truth of its own world. The same seed gives the same
// ledger, by the digest that it prints.
//
// Each country is a creditor of its own, in a process of its own: what a hub makes
// up by chance, such as ids, comes from the seed there as well.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

func main() {
	if inWorld() {
		return
	}
	var c config
	calm := flag.Bool("calm", false, "let nothing go wrong")
	flag.Uint64Var(&c.Seed, "seed", 1, "the same seed gives the same year")
	flag.IntVar(&c.Debtors, "debtors", 2000, "how many debtors there are")
	flag.IntVar(&c.Invoices, "invoices", 20000, "how many invoices they get in the year")
	flag.IntVar(&c.Days, "days", 365, "how many days the year has")
	flag.IntVar(&c.Rough, "rough", 1, "how much more often than usual things go wrong")
	flag.IntVar(&c.Sample, "sample", 100, "of so many invoices, one has its workflow lived and replayed on a Temporal server; 0 for none")
	lanes := flag.Int("lanes", runtime.NumCPU()+1, "how many countries live at a time")
	flag.Parse()
	c.Faults = !*calm
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, c, *lanes); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, c config, lanes int) error {
	began := time.Now()
	d, err := openDatabase(ctx)
	if err != nil {
		return err
	}
	defer d.close()
	w := &worlds{config: c, dsn: d.dsn, lanes: lanes, progress: os.Stderr, began: began}
	all, err := w.live(ctx)
	if err != nil {
		return err
	}
	if c.Sample > 0 {
		temporal, err := d.temporal(ctx)
		if err != nil {
			return err
		}
		if err := all.replay(ctx, temporal); err != nil {
			return err
		}
	}
	all.took = time.Since(began)
	all.report(os.Stdout)
	if len(all.broken) > 0 {
		return errors.New("the year broke a promise; see above")
	}
	return nil
}
