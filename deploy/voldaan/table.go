package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/money"
)

// The table fits a terminal of 120 columns.
var columns = []struct {
	title string
	width int
}{{"INVOICE", 9}, {"DEBTOR", 28}, {"WHAT WENT OUT", 40}, {"HOW IT ENDED", 32}}

// print writes the table of the invoices and what was promised of all of them.
func (r *review) print(out io.Writer) {
	var titles []string
	for _, c := range columns {
		titles = append(titles, c.title)
	}
	fmt.Fprintln(out)
	line(out, " ", titles)
	for _, o := range r.rows {
		fmt.Fprintln(out, "  "+strings.Repeat("─", 116))
		mark := "✓"
		if len(o.wrong) > 0 {
			mark = "✗"
		}
		line(out, mark, []string{o.number, o.debtor + ": " + o.actor.does, o.sent(), o.end})
		for _, w := range o.wrong {
			fmt.Fprintln(out, "              WRONG: "+w)
		}
	}
	fmt.Fprintln(out)
	check := func(bad bool, text string) {
		mark := "✓"
		if bad {
			mark = "✗"
		}
		fmt.Fprintf(out, "  %s %s\n", mark, text)
	}
	for _, w := range r.wrong {
		check(true, w)
	}
	check(len(r.wrong) > 0, fmt.Sprintf("Each of the %d mails came once, and each is on record.", r.mails))
	check(slices.ContainsFunc(r.rows, (*row).remindedPayer), "A payer is never reminded: no demand went out after its money was there.")
	check(slices.ContainsFunc(r.rows, func(o *row) bool { return !o.explained() }), "Every step is explained: each has its rule and its reason, on the page of the invoice.")
	for _, w := range r.told {
		check(true, w)
	}
	check(len(r.told) > 0, "The logs are discreet: they hold no name, no address, no account, no token.")
	fmt.Fprintln(out)
}

// line writes one row of the table, with as many lines as its longest cell.
func line(out io.Writer, mark string, cells []string) {
	var wrapped [][]string
	high := 0
	for i, c := range cells {
		wrapped = append(wrapped, wrap(c, columns[i].width))
		high = max(high, len(wrapped[i]))
	}
	for n := range high {
		text := "  " + mark
		mark = " "
		for i, w := range wrapped {
			cell := ""
			if n < len(w) {
				cell = w[n]
			}
			text += " " + cell + strings.Repeat(" ", max(0, columns[i].width-utf8.RuneCountInString(cell))) + " "
		}
		fmt.Fprintln(out, strings.TrimRight(text, " "))
	}
}

// wrap breaks a text between words, and at each new line in it.
func wrap(text string, width int) (lines []string) {
	for part := range strings.SplitSeq(text, "\n") {
		line := ""
		for _, word := range strings.Fields(part) {
			if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
				lines, line = append(lines, line), ""
			}
			line = strings.TrimLeft(line+" "+word, " ")
		}
		lines = append(lines, line)
	}
	return lines
}

func fields(s string) []string { return strings.Fields(s) }

// sent lists what went out, one step a line.
func (o *row) sent() string {
	var lines []string
	seen := map[string]bool{}
	all := slices.Concat(o.out, o.told)
	slices.SortStableFunc(all, func(a, b db.Message) int { return moment(a).Compare(moment(b)) })
	for _, m := range all {
		if key := occasion(m); m.State == "sent" && m.SentAt != nil && !seen[key] {
			seen[key] = true
			lines = append(lines, m.SentAt.In(amsterdam()).Format("_2 Jan")+"  "+lower(o.title(m.Step))+o.how(key))
		}
	}
	if o.steps[string(policy.Reminder1)].Outcome == policy.DoneSkipped {
		lines = append(lines, "reminder 1 was passed over (R8)")
	}
	return strings.Join(lines, "\n")
}

// moment is when a message went out.
func moment(m db.Message) time.Time {
	if m.SentAt == nil {
		return m.CreatedAt
	}
	return *m.SentAt
}

// occasion is the same for all forms of one message.
func occasion(m db.Message) string { return fmt.Sprintf("%s/%s/%d", m.Step, m.InvoiceSet, m.Cycle) }

// how says by which way a message went out, where that is not mail alone.
func (o *row) how(key string) string {
	letter, mail, back := false, false, false
	for _, m := range slices.Concat(o.out, o.told) {
		if occasion(m) == key && m.State == "sent" {
			letter = letter || m.Channel == string(policy.Letter)
			mail = mail || m.Channel == string(policy.Email)
			back = back || m.Delivery == "bounced"
		}
	}
	switch {
	case back:
		return " (came back)"
	case letter && mail:
		return " (mail and letter)"
	case letter:
		return " (letter)"
	}
	return ""
}

// lower takes the capital off a title, which is no name.
func lower(title string) string { return strings.ToLower(title[:1]) + title[1:] }

// title is the name of a step in words.
func (o *row) title(step string) string {
	if s, ok := policy.Flows()[o.state.Flow].Step(policy.StepID(step)); ok {
		return s.Title
	}
	return strings.ReplaceAll(step, "_", " ")
}

// ending says how the invoice ended, in words.
func (o *row) ending() string {
	switch {
	case o.found.Phase == "closed" && o.atBailiff != nil:
		return o.atBailiff.collected()
	case o.found.Phase == "closed":
		return o.found.ClosedWhy
	case o.found.HeldRule != "":
		return "Held by " + o.found.HeldRule + ": " + o.state.HeldWhy
	case o.found.Costs > 0:
		return fmt.Sprintf("Case opened: costs %s, interest %s; %s on file.", money.EUR(o.found.Costs), money.EUR(o.found.Interest), o.files())
	}
	return "In phase " + o.found.Phase + "."
}

// files are the documents of the case, in words.
func (o *row) files() string {
	var out []string
	for _, kind := range []string{"letter", "dossier"} {
		if slices.Contains(fields(o.found.Files), kind) {
			out = append(out, kind)
		}
	}
	return strings.Join(out, " and ")
}
