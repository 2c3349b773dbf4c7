// Voldaan takes an invoice from the books to voldaan (paid).
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	cmd := root()
	if err := cmd.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "voldaan: "+err.Error())
		if strings.HasPrefix(err.Error(), "unknown ") || strings.HasPrefix(err.Error(), "invalid argument") {
			fmt.Fprintln(os.Stderr, "See `"+asked(cmd)+" --help`.")
		}
		os.Exit(1)
	}
}

// asked is the command that was asked for, as far as it exists.
func asked(root *cobra.Command) string {
	if found, _, err := root.Find(os.Args[1:]); err == nil && found != nil {
		return found.CommandPath()
	}
	return root.CommandPath()
}

func root() *cobra.Command {
	cobra.EnableCommandSorting = false // they are listed in the order of use
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
		&cobra.Group{ID: "more", Title: "More:"},
	)
	cmd.SetHelpCommandGroupID("more")
	cmd.SetCompletionCommandGroupID("more")
	cmd.AddCommand(devCommand(), demoCommand(), serveCommand(), workerCommand(), migrateCommand(), importCommand(), emulateCommand(), connectorCommand(), publisherCommand(), playCommand())
	return cmd
}
