package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"
)

// worldEnv tells a process that it is the world of one country.
const worldEnv = "VOLDAAN_SOAK_WORLD"

// world is what such a process is told.
type world struct {
	Config config
	DSN    string
	Out    string // the file that its findings go to
}

// worlds are the countries of a year.
type worlds struct {
	config
	dsn      string
	lanes    int
	progress io.Writer
	began    time.Time

	mu   sync.Mutex
	days map[string]int
	done map[string]int // steps by country
	said time.Time
}

// inWorld lives the world of one country if that is what this process is for.
func inWorld() bool {
	text := os.Getenv(worldEnv)
	if text == "" {
		return false
	}
	if err := liveWorld(context.Background(), text); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return true
}

func liveWorld(ctx context.Context, text string) error {
	var w world
	if err := json.Unmarshal([]byte(text), &w); err != nil {
		return err
	}
	// Even what is left to chance is the same for the same seed.
	var seed [32]byte
	copy(seed[:], fmt.Sprintf("%d %s", w.Config.Seed, w.Config.Country))
	uuid.SetRand(rand.NewChaCha8(seed))
	w.Config.Day = func(day, steps int) { fmt.Printf("%d %d\n", day, steps) }
	y, err := newYear(ctx, w.Config, w.DSN)
	if err != nil {
		return err
	}
	defer y.close()
	if err := y.live(ctx); err != nil {
		return err
	}
	f, err := y.inspect(ctx)
	if err != nil {
		return err
	}
	if f.Heard, err = y.memoirs(ctx); err != nil {
		return err
	}
	out, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return os.WriteFile(w.Out, out, 0o600)
}

// live lives all countries, some at a time, and returns what came of it.
func (w *worlds) live(ctx context.Context) (*account, error) {
	w.days, w.done = map[string]int{}, map[string]int{}
	dir, err := os.MkdirTemp("", "voldaan-soak-worlds")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	found := make([]*findings, len(countries))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(1, w.lanes))
	for i, c := range countries {
		g.Go(func() (err error) {
			found[i], err = w.one(ctx, c, filepath.Join(dir, c.code))
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return total(w.config, found), nil
}

// one lives one country in a process of its own.
func (w *worlds) one(ctx context.Context, land country, out string) (*findings, error) {
	c := w.config
	c.Country, c.Debtors, c.Invoices = land.code, max(1, c.Debtors*land.share/100), max(1, c.Invoices*land.share/100)
	text, err := json.Marshal(world{Config: c, DSN: w.dsn, Out: out})
	if err != nil {
		return nil, err
	}
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = append(os.Environ(), worldEnv+"="+string(text), "TMPDIR="+filepath.Dir(out))
	cmd.Stderr = &said
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	for lines := bufio.NewScanner(pipe); lines.Scan(); {
		var day, steps int
		if _, err := fmt.Sscan(lines.Text(), &day, &steps); err == nil {
			w.heard(land, day, steps)
		}
	}
	if err := cmd.Wait(); err != nil {
		return nil, fmt.Errorf("the year of %s: %w\n%s", land.code, err, strings.TrimSpace(said.String()))
	}
	raw, err := os.ReadFile(out)
	if err != nil {
		return nil, err
	}
	f := &findings{}
	return f, json.Unmarshal(raw, f)
}

// heard prints how far all countries are, now and then.
func (w *worlds) heard(land country, day, steps int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.days[land.code], w.done[land.code] = day, steps
	if w.progress == nil || time.Since(w.said) < 20*time.Second {
		return
	}
	w.said = time.Now()
	var lived, all int
	var parts []string
	for _, c := range countries {
		lived += c.share * w.days[c.code]
		all += w.done[c.code]
		parts = append(parts, fmt.Sprintf("%s day %d", c.code, w.days[c.code]))
	}
	part := float64(lived) / float64(100*w.Days)
	left := time.Duration(float64(time.Since(w.began)) * (1 - part) / part)
	fmt.Fprintf(w.progress, "soak: %s; %d steps, %.0f%%, about %s to go\n", strings.Join(parts, ", "), all, 100*part, left.Round(time.Minute))
}
