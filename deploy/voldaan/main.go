// Voldaan takes an invoice from the books to voldaan (paid).
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if err := root().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "voldaan: "+err.Error())
		os.Exit(1)
	}
}

func root() *cobra.Command {
	var verbose bool
	cmd := &cobra.Command{
		Use:   "voldaan",
		Short: "Voldaan takes an invoice from the books to voldaan (paid)",
		Long: `Voldaan connects to a creditor's books, sends invoices and reminders, lets
debtors ask, pay and dispute, and collects by the law when nothing helps.
A payer is never reminded, and every step is explained.`,
		SilenceUsage: true, SilenceErrors: true,
		PersistentPreRun: func(*cobra.Command, []string) {
			level := slog.LevelInfo
			if verbose {
				level = slog.LevelDebug
			}
			slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})))
		},
	}
	cmd.PersistentFlags().BoolVarP(&verbose, "verbose", "v", false, "log details")
	cmd.AddGroup(
		&cobra.Group{ID: "try", Title: "Try it:"},
		&cobra.Group{ID: "run", Title: "Run it:"},
		&cobra.Group{ID: "part", Title: "Parts for development:"},
	)
	cmd.AddCommand(devCommand(), demoCommand(), serveCommand(), workerCommand(), migrateCommand(), importCommand(), emulateCommand(), connectorCommand(), playCommand())
	return cmd
}
