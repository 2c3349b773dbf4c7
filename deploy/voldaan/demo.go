package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"github.com/voldaan/voldaan/core/outreach/mailsink"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/deploy/stack"
	"github.com/voldaan/voldaan/sdk/money"
)

func demoCommand() *cobra.Command {
	var day time.Duration
	var keep bool
	cmd := &cobra.Command{
		Use: "demo", Short: "Play the demonstration headless and check how it ends", GroupID: "try", Args: cobra.NoArgs,
		Long: "Starts everything in a folder of its own, plays nine weeks on a fast clock and prints what happened to each\ninvoice. Exits with an error when the story did not end as it should.",
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
	s, err := stack.New(stack.Config{Dir: filepath.Join(home, "demo")})
	if err != nil {
		return err
	}
	defer s.Close()
	m := &machine{stack: s, day: day}
	if err := m.declare(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var verdict error
	err = s.Run(ctx, func() {
		verdict = m.watch(ctx, out)
		cancel()
	})
	if !keep && verdict == nil {
		if rm := m.forget(); rm != nil {
			slog.Warn("remove the demonstration's folder", "error", rm)
		}
	}
	if verdict != nil {
		return verdict
	}
	return err
}

// watch waits for the story to end and judges it.
func (m *machine) watch(ctx context.Context, out io.Writer) error {
	db, err := store.Open(ctx, m.database)
	if err != nil {
		return err
	}
	defer db.Close()
	clock := &fileClock{path: m.clock()}
	end := storyOrigin.AddDate(0, 0, storyDays)
	shown := time.Time{}
	for clock.Now().Before(end) {
		if now := clock.Now(); now.Sub(shown) > 7*24*time.Hour {
			m.stack.Note("  the story is at " + now.In(amsterdam()).Format("Monday 2 January 2006"))
			shown = now
		}
		select {
		case <-ctx.Done():
			return errStopped
		case <-time.After(50 * time.Millisecond):
		}
	}
	r, err := m.review(ctx, db)
	if err != nil {
		return err
	}
	return r.print(out)
}

// review is how the story ended.
type review struct {
	rows     []verdictRow
	messages int
	twice    []string
}

type verdictRow struct {
	actor    string
	number   string
	does     string
	happened string
	end      string
	wrong    []string
}

func (m *machine) review(ctx context.Context, s *store.Store) (*review, error) {
	r := &review{}
	sink := mailsink.Log{URL: m.url("mail")}
	list, err := sink.List(ctx, nil)
	if err != nil {
		return nil, err
	}
	r.messages = list.Total
	for _, msg := range list.Messages {
		if msg.Copies > 1 {
			r.twice = append(r.twice, msg.Subject)
		}
	}
	tenants, err := s.Door().DoorTenants(ctx)
	if err != nil {
		return nil, err
	}
	if len(tenants) == 0 {
		return nil, fmt.Errorf("the demonstration tenant was not set up; see %s", m.dir("log"))
	}
	for _, a := range cast {
		for _, inv := range a.invoices {
			row, err := judge(ctx, s, tenants[0].ID, a, inv.Number)
			if err != nil {
				return nil, err
			}
			r.rows = append(r.rows, row)
		}
	}
	return r, nil
}

// judge compares an invoice with the ending that the cast promises.
func judge(ctx context.Context, s *store.Store, tenant uuid.UUID, a actor, number string) (row verdictRow, err error) {
	name := a.contact.CompanyName
	if name == "" {
		name = a.contact.FirstName + " " + a.contact.LastName
	}
	row = verdictRow{actor: name, number: number, does: a.does}
	err = s.In(ctx, tenant, func(tx store.Tx) error {
		found, err := tx.StoryInvoice(ctx, number)
		if err != nil {
			row.wrong = append(row.wrong, "never planned")
			return nil
		}
		return row.judge(ctx, tx, a, found)
	})
	return row, err
}

func (row *verdictRow) judge(ctx context.Context, tx store.Tx, a actor, found db.StoryInvoiceRow) error {
	want := a.ends
	steps := strings.Split(found.Sent, " ")
	row.happened = strings.Join(steps, ", ")
	row.end = found.Phase
	if found.HeldRule != "" {
		row.end += ", held by " + found.HeldRule
	}
	if found.ClosedWhy != "" {
		row.end = found.ClosedWhy
	}
	miss := func(bad bool, format string, args ...any) {
		if bad {
			row.wrong = append(row.wrong, fmt.Sprintf(format, args...))
		}
	}
	miss(want.phase != "" && found.Phase != want.phase, "phase is %s, not %s", found.Phase, want.phase)
	miss(found.HeldRule != want.held && want.phase != "", "held by %q, not %q", found.HeldRule, want.held)
	for _, s := range want.sent {
		miss(!slices.Contains(steps, s), "%s did not go out", s)
	}
	for _, s := range want.not {
		miss(slices.Contains(steps, s), "%s went out", s)
	}
	for _, kind := range want.files {
		miss(!slices.Contains(strings.Split(found.Files, " "), kind), "no %s on file", kind)
	}
	miss(want.costs != 0 && found.Costs != want.costs, "costs are %d cents, not %d", found.Costs, want.costs)
	miss(want.interest != 0 && found.Interest != want.interest, "interest is %d cents, not %d", found.Interest, want.interest)
	if want.costs != 0 && len(row.wrong) == 0 {
		row.end += fmt.Sprintf("; costs %s, interest %s", money.EUR(found.Costs), money.EUR(found.Interest))
	}
	return nil
}

func (r *review) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "\nINVOICE\tDEBTOR\tWHAT THEY DO\tWHAT WENT OUT\tHOW IT ENDED\t")
	wrong := 0
	for _, row := range r.rows {
		mark := "ok"
		if len(row.wrong) > 0 {
			mark = "WRONG: " + strings.Join(row.wrong, "; ")
			wrong++
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", row.number, row.actor, row.does, row.happened, row.end, mark)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%d messages went out, %d of them twice.\n", r.messages, len(r.twice))
	if wrong > 0 || len(r.twice) > 0 {
		return fmt.Errorf("the story did not end as it should: %d of %d invoices are wrong, %d messages went out twice", wrong, len(r.rows), len(r.twice))
	}
	fmt.Fprintln(out, "No payer was reminded, and every step is explained.")
	return nil
}

// forget removes the folder of a demonstration that went well.
func (m *machine) forget() error { return os.RemoveAll(m.stack.Dir()) }
