package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/money"
	"go.temporal.io/sdk/client"
)

const replayed = "every history of the sample lives and replays"

// account is what came of a year in all countries.
type account struct {
	config
	sum    findings
	broken []string
	lines  []string
	digest string // of the ledger and the messages; the same seed gives the same
	took   time.Duration
}

// total adds up what was found in all countries. A fault that never struck, where
// they should, breaks the promise to have tried it.
func total(c config, found []*findings) *account {
	a := &account{config: c, sum: findings{
		Checked: map[string]int{}, Phases: map[string]int{}, Channels: map[string]int{}, Kinds: map[string]int{}, Currencies: map[money.Currency]*balance{}, Fired: map[trouble]int{},
	}}
	for _, f := range found {
		a.broken = append(a.broken, f.Broken...)
		a.lines = append(a.lines, f.Lines...)
		a.sum.add(f)
	}
	for _, r := range remedies {
		if c.Faults && a.sum.Fired[r.trouble] == 0 {
			a.broken = append(a.broken, fmt.Sprintf("the fault %q never struck", r.trouble))
		}
	}
	sort.Strings(a.lines)
	hash := sha256.Sum256([]byte(strings.Join(a.lines, "\n")))
	a.digest = hex.EncodeToString(hash[:16])
	return a
}

func (f *findings) add(g *findings) {
	for _, n := range []struct{ to, of *int }{
		{&f.Steps, &g.Steps}, {&f.Tries, &g.Tries}, {&f.Invoices, &g.Invoices}, {&f.Messages, &g.Messages}, {&f.Reminders, &g.Reminders}, {&f.Early, &g.Early}, {&f.Rests, &g.Rests},
		{&f.Cases, &g.Cases}, {&f.HandedOver, &g.HandedOver}, {&f.OneOff, &g.OneOff}, {&f.Mandates, &g.Mandates}, {&f.Collected, &g.Collected},
	} {
		*n.to += *n.of
	}
	addTo(f.Checked, g.Checked)
	addTo(f.Phases, g.Phases)
	addTo(f.Channels, g.Channels)
	addTo(f.Kinds, g.Kinds)
	addTo(f.Fired, g.Fired)
	f.Heard = append(f.Heard, g.Heard...)
	for currency, b := range g.Currencies {
		sum := f.Currencies[currency]
		if sum == nil {
			sum = &balance{}
			f.Currencies[currency] = sum
		}
		sum.Total += b.Total
		sum.Paid += b.Paid
		sum.Open += b.Open
		sum.Credited += b.Credited
		sum.WrittenOff += b.WrittenOff
		sum.Withdrawn += b.Withdrawn
	}
}

func addTo[K comparable](to, of map[K]int) {
	for k, n := range of {
		to[k] += n
	}
}

// replay lets the workflows of the sample live again.
func (a *account) replay(ctx context.Context, c client.Client) error {
	wrong, err := replay(ctx, c, a.sum.Heard)
	a.broken = append(a.broken, wrong...)
	a.sum.Checked[replayed] = len(a.sum.Heard)
	return err
}

// report prints what came of the year.
func (a *account) report(w io.Writer) {
	s := &a.sum
	fmt.Fprintf(w, "\nA year of %s debtors and %s invoices in five countries, seed %d, lived in %s\n", count(a.Debtors), count(s.Invoices), a.Seed, a.took.Round(time.Second))
	fmt.Fprintf(w, "%s steps taken (%s) and %s tried again; %s cases, %d handed to a bailiff, %d one-off; %d mandates, %s debits\n",
		count(s.Steps), counts(s.Kinds), count(s.Tries), count(s.Cases), s.HandedOver, s.OneOff, s.Mandates, count(s.Collected))
	fmt.Fprintf(w, "%s lines in messages (%s), %s of them reminders: %d while the money was on its way and nobody could see it, %d for what the law took for costs\n\n",
		count(s.Messages), counts(s.Channels), count(s.Reminders), s.Early, s.Rests)
	a.money(w)
	fmt.Fprintf(w, "\n%-62s %9s  %s\n", "What went wrong", "times", "what the hub did")
	for _, r := range remedies {
		fmt.Fprintf(w, "%-62s %9s  %s\n", r.trouble, count(s.Fired[r.trouble]), r.what)
	}
	fmt.Fprintf(w, "\n%-88s %9s\n", "What was promised", "checked")
	for _, p := range promises {
		fmt.Fprintf(w, "%-88s %9s\n", p, count(s.Checked[p]))
	}
	fmt.Fprintf(w, "\ninvoices by phase: %s\ndigest %s\n", counts(s.Phases), a.digest)
	for _, line := range a.broken {
		fmt.Fprintln(w, "BROKEN:", line)
	}
	if len(a.broken) == 0 {
		fmt.Fprintln(w, "every promise was kept")
	}
}

// money prints the account of each currency.
func (a *account) money(w io.Writer) {
	fmt.Fprintf(w, "%-4s %18s %18s %16s %14s %14s %14s\n", "", "invoiced", "paid", "open", "credited", "written off", "withdrawn")
	for _, c := range slices.Sorted(maps.Keys(a.sum.Currencies)) {
		b := a.sum.Currencies[c]
		fmt.Fprintf(w, "%-4s %18s %18s %16s %14s %14s %14s\n", c, cents(b.Total), cents(b.Paid), cents(b.Open), cents(b.Credited), cents(b.WrittenOff), cents(b.Withdrawn))
	}
}

// counts prints a map of counts, the largest first.
func counts(m map[string]int) string {
	keys := slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		if m[a] != m[b] {
			return m[b] - m[a]
		}
		return strings.Compare(a, b)
	})
	for i, k := range keys {
		keys[i] = count(m[k]) + " " + k
	}
	return strings.Join(keys, ", ")
}

// count prints a number with its thousands apart.
func count(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// cents prints an amount in minor units.
func cents(minor int64) string { return fmt.Sprintf("%s.%02d", count(int(minor/100)), minor%100) }
