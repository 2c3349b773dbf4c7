package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/deploy/postgres"
	"github.com/voldaan/voldaan/deploy/stack"
)

func demoCommand() *cobra.Command {
	var day time.Duration
	var keep bool
	cmd := &cobra.Command{
		Use: "demo", Short: "Play the demonstration headless and check how it ends", GroupID: "try", Args: cobra.NoArgs,
		Long: `Starts everything in a folder of its own, plays eleven weeks on a fast clock and
prints what happened to each invoice. Exits with an error when the story did not
end as it should. A demonstration that was interrupted goes on where it was.`,
		RunE: func(cmd *cobra.Command, _ []string) error { return demo(cmd.Context(), cmd.OutOrStdout(), day, keep) },
	}
	cmd.Flags().DurationVar(&day, "day", 1200*time.Millisecond, "how long a day of the demonstration lasts")
	cmd.Flags().BoolVar(&keep, "keep", false, "keep the folder with the database and the mail")
	return cmd
}

func demo(ctx context.Context, out io.Writer, day time.Duration, keep bool) error {
	home, err := stack.Home()
	if err != nil {
		return err
	}
	dir := filepath.Join(home, "demo")
	if _, err := os.Stat(judged(dir)); err == nil {
		if err := forget(dir); err != nil {
			return err
		}
	}
	s, err := stack.New(stack.Config{Dir: dir, Quiet: true})
	if err != nil {
		return err
	}
	defer s.Close()
	m := &machine{stack: s, day: day, names: demoDatabases}
	if err := m.declare(); err != nil {
		return err
	}
	dead := m.live()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var r *review
	verdict := errStopped
	err = s.Run(ctx, func() {
		r, verdict = m.watch(ctx)
		cancel()
	})
	dead()
	if err != nil {
		return err
	}
	if r != nil {
		r.print(out)
		verdict = r.verdict()
	}
	if verdict == nil && !keep {
		if err := forget(dir); err != nil {
			slog.Warn("remove the demonstration's folder", "error", err)
		}
		return nil
	}
	if !errors.Is(verdict, errStopped) {
		if err := os.WriteFile(judged(dir), nil, 0o644); err != nil {
			return errors.Join(verdict, err)
		}
		s.Note("The database, the mail and the logs are kept in " + s.Dir())
	}
	return verdict
}

// judged is the file of a demonstration that is over: the next one begins anew.
func judged(dir string) string { return filepath.Join(dir, "judged") }

// forget removes a demonstration with its database.
func forget(dir string) error {
	return errors.Join(postgres.Remove(filepath.Join(dir, "postgres")), os.RemoveAll(dir))
}

var errStopped = errors.New("stopped before the story ended; start it again to go on, or add --keep to look at what it leaves")

// lookAgain is how often the story is looked at.
const lookAgain = 500 * time.Millisecond

// watch waits for the story to end as it should, or for the last day on which it
// could.
func (m *machine) watch(ctx context.Context) (*review, error) {
	db, err := store.Open(ctx, m.database)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	clock := &fileClock{path: m.clock()}
	end, last := storyOrigin.AddDate(0, 0, storyDays), storyOrigin.AddDate(0, 0, fastDays)
	progress := m.stack.Progress()
	defer progress("")
	for {
		now := clock.Now()
		if !now.Before(end) {
			r, err := m.review(ctx, db)
			if now.After(last) || err == nil && r.verdict() == nil {
				return r, err
			}
		}
		if day := int(now.Sub(storyOrigin) / (24 * time.Hour)); now.After(storyOrigin) {
			progress(fmt.Sprintf("%s, day %d of %d", now.In(amsterdam()).Format("Monday 2 January 2006"), day+1, storyDays))
		}
		select {
		case <-ctx.Done():
			return nil, errStopped
		case <-time.After(lookAgain):
		}
	}
}
