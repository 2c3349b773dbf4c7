package outreach

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// textWidth is the length lines of the plain-text twin are broken at.
const textWidth = 72

// textOf writes the plain-text twin.
func textOf(c Content, d Document, w *Words) string {
	var parts []string
	if d.Salutation != "" {
		parts = append(parts, d.Salutation)
	}
	for _, b := range d.Blocks {
		switch b := b.(type) {
		case Paragraph:
			var s strings.Builder
			for _, r := range b.Runs {
				s.WriteString(r.Text)
			}
			parts = append(parts, wrap(s.String()))
		case Table:
			parts = append(parts, textTable(b))
		case Button:
			parts = append(parts, b.Label+":\n"+b.URL)
		case Facts:
			parts = append(parts, textFacts(b))
		case Box:
			lines := append([]string{}, b.Paragraphs...)
			if b.Heading != "" {
				lines = append([]string{b.Heading}, lines...)
			}
			parts = append(parts, strings.Join(lines, "\n\n"))
		case CodeBlock:
			parts = append(parts, "    "+b.Value)
		}
	}
	parts = append(parts, strings.Join(d.Closing, "\n")+contact(c, "\n"))
	foot := wrap(fmt.Sprintf(w.Label("sent_by"), c.Creditor.Name))
	if c.GenuineURL != "" {
		foot += "\n" + w.Label("genuine") + "\n" + c.GenuineURL
	}
	if c.StopURL != "" {
		foot += "\n" + w.Label("stop") + "\n" + c.StopURL
	}
	parts = append(parts, "-- \n"+foot)
	return strings.ReplaceAll(strings.Join(parts, "\n\n"), nbsp, " ") + "\n"
}

func contact(c Content, sep string) string {
	var out strings.Builder
	for _, s := range []string{c.Creditor.Phone, c.Creditor.Email, c.Creditor.Website} {
		if s != "" {
			out.WriteString(sep + s)
		}
	}
	return out.String()
}

func textFacts(f Facts) string {
	var b strings.Builder
	if f.Title != "" {
		b.WriteString(f.Title + "\n")
	}
	width := 0
	for _, r := range f.Rows {
		if r.URL == "" {
			width = max(width, utf8.RuneCountInString(r.Label))
		}
	}
	for i, r := range f.Rows {
		if r.URL != "" {
			b.WriteString(r.Label + ":\n" + r.URL)
		} else {
			b.WriteString("  " + pad(r.Label, width) + "  " + r.Value)
		}
		if i < len(f.Rows)-1 {
			b.WriteString("\n")
		}
	}
	return b.String()
}

// textTable writes each row as a label with its amounts at the right edge;
// a table with more columns names each amount on a line of its own.
func textTable(t Table) string {
	var lines []string
	if t.Title != "" {
		lines = append(lines, t.Title)
	}
	row := func(r Row) {
		if len(r.Amounts) == 1 {
			lines = append(lines, spread(r.Label, r.Amounts[0]))
		} else {
			lines = append(lines, r.Label)
		}
		if r.Detail != "" {
			for _, l := range strings.Split(wrap(r.Detail), "\n") {
				lines = append(lines, "  "+l)
			}
		}
		if len(r.Amounts) > 1 {
			heads := t.Columns[len(t.Columns)-len(r.Amounts):]
			for i, a := range r.Amounts {
				lines = append(lines, spread("  "+heads[i], a))
			}
		}
	}
	for _, r := range t.Rows {
		row(r)
	}
	if len(t.Totals) > 0 {
		lines = append(lines, strings.Repeat("-", textWidth))
	}
	for _, r := range t.Totals {
		row(r)
	}
	return strings.Join(lines, "\n")
}

func spread(left, right string) string {
	gap := textWidth - utf8.RuneCountInString(left) - utf8.RuneCountInString(right)
	return left + strings.Repeat(" ", max(gap, 2)) + right
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(width-utf8.RuneCountInString(s), 0))
}

// wrap breaks a text at spaces; a word longer than a line stays whole, so a
// link always can be clicked.
func wrap(s string) string {
	var b strings.Builder
	n := 0
	for i, word := range strings.FieldsFunc(s, isBreak) {
		l := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case n+1+l > textWidth:
			b.WriteByte('\n')
			n = 0
		default:
			b.WriteByte(' ')
			n++
		}
		b.WriteString(word)
		n += l
	}
	return b.String()
}
