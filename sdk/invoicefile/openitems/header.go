package openitems

import (
	"fmt"
	"strings"

	"github.com/voldaan/voldaan/sdk/invoicefile"
)

// layout is where the fields of a list stand.
type layout struct {
	header int // index of the header row
	at     map[Field]int
	names  map[Field]string
}

func (l layout) has(fields ...Field) bool {
	for _, f := range fields {
		if _, ok := l.at[f]; ok {
			return true
		}
	}
	return false
}

func (l layout) get(r row, f Field) cell {
	i, ok := l.at[f]
	if !ok {
		return cell{}
	}
	return r.at(i)
}

// headerRows is how far down a header may stand, under a title and a date.
const headerRows = 40

// findLayout takes the row that names the most fields. It returns a problem that
// says what is missing and what was found.
func findLayout(rows []row, m Mapping) (layout, *invoicefile.Problem) {
	var best layout
	for i, r := range rows[:min(len(rows), headerRows)] {
		l := layout{header: i, at: map[Field]int{}, names: map[Field]string{}}
		for col, c := range r.cells {
			if c.number || c.text == "" {
				continue
			}
			f, ok := m.field(c.text)
			if !ok {
				continue
			}
			// Two columns for one field: the first stays, unless the person or the
			// preset chose the second.
			if _, taken := l.at[f]; taken && !m.chosen(c.text) {
				continue
			}
			l.at[f], l.names[f] = col, c.text
		}
		if len(l.at) > len(best.at) {
			best = l
		}
	}
	if missing := best.missing(); len(missing) > 0 {
		return layout{}, noLayout(rows, best, missing)
	}
	return best, nil
}

// chosen reports whether a header is mapped by a person or by the preset.
func (m Mapping) chosen(header string) bool {
	folded := foldHeader(header)
	for name, f := range m.Columns {
		if f != "" && foldHeader(name) == folded {
			return true
		}
	}
	for name, f := range dictionary().presets[m.Preset].Columns {
		if f != "" && foldHeader(name) == folded {
			return true
		}
	}
	return false
}

// missing names what a list cannot do without.
func (l layout) missing() []string {
	var out []string
	need := func(what string, fields ...Field) {
		if !l.has(fields...) {
			out = append(out, fmt.Sprintf("%s (such as %q)", what, dictionary().example[fields[0]]))
		}
	}
	need("the invoice number", InvoiceNo)
	need("the debtor", DebtorName, DebtorNo)
	need("the open amount", OpenAmount, OriginalAmount, Debit)
	need("the invoice date or the due date", InvoiceDate, DueDate)
	return out
}

func noLayout(rows []row, best layout, missing []string) *invoicefile.Problem {
	var found []string
	header := row{}
	if best.header < len(rows) {
		header = rows[best.header]
	}
	if len(best.at) == 0 {
		for _, r := range rows {
			if !r.empty() {
				header = r
				break
			}
		}
	}
	for _, c := range header.cells {
		if c.text != "" && len(found) < 30 {
			found = append(found, invoicefile.Clean(c.text, 40))
		}
	}
	return invoicefile.Problemf("columns", "The list lacks a column with %s. It has these columns: %s. Map them in the settings of the connection, or export the list with these columns.",
		strings.Join(missing, ", "), strings.Join(found, " | "))
}

// repeats reports whether a row is the header again, as on each page of a
// printed list.
func (l layout) repeats(r, header row) bool {
	same := 0
	for _, col := range l.at {
		if foldHeader(r.at(col).text) != foldHeader(header.at(col).text) {
			return false
		}
		same++
	}
	return same > 0
}
