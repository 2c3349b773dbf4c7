// Command bench measures what Voldaan costs and how fast it is, on a Postgres and
// a Temporal of its own, against the limits that it is held to. Ratios are taken
// within one run. It exits non-zero when a limit is missed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// parts are what can be measured, in order.
var parts = []struct {
	name    string
	measure func(context.Context, *lab) error
}{
	{"lifecycle", lifecycles}, {"workflow", starts}, {"sync", mirror}, {"memory", memory}, {"boundary", boundary}, {"enabled", enabled}, {"rehearsal", rehearse},
}

var errMissed = errors.New("a limit was missed")

func run(ctx context.Context) error {
	only := flag.String("only", "", "measure some parts, as in sync,workflow")
	invoices := flag.Int("invoices", 100_000, "how many invoices a first load has")
	open := flag.Int("open", 10_000, "how many open invoices memory is measured with")
	flag.Parse()
	l, err := openLab(ctx)
	if err != nil {
		return err
	}
	defer l.close()
	l.invoices, l.open = *invoices, *open
	fmt.Println(machine(l))
	for _, p := range parts {
		if *only != "" && !slices.Contains(strings.Split(*only, ","), p.name) {
			continue
		}
		if err := p.measure(ctx, l); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	if !l.table.print(os.Stdout) {
		return errMissed
	}
	return nil
}
