package openitems

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/voldaan/voldaan/sdk/money"
)

// Mapping settles what Read would otherwise find out. The zero value finds out
// everything and takes euro where the list names no currency.
type Mapping struct {
	// Preset is the layout of a package; see Presets.
	Preset string
	// Columns gives the field of a header; a field of "" leaves the column out.
	// It goes before the preset, and the preset before the aliases.
	Columns map[string]Field
	// Delimiter of a CSV file, 0 to detect.
	Delimiter rune
	// Decimal is '.' or ',', 0 to detect.
	Decimal rune
	// Dates is one of the names of DateForms, empty to detect.
	Dates string
	// Sheet of a workbook, empty for the first with a header.
	Sheet string
	// Currency of rows that name none.
	Currency money.Currency
	// Term is the number of days after the invoice date where a row gives no due
	// date; 0 leaves the due date open.
	Term int
}

// ParseMapping reads the answers of a connection form: preset, columns (lines
// "Header = field"), delimiter, decimal, dates, sheet, currency and term. It
// returns an error that names the answer and what is expected.
//
// "automatic" is the same as no answer.
func ParseMapping(answers map[string]string) (Mapping, error) {
	form := make(map[string]string, len(answers))
	for k, v := range answers {
		if v != "automatic" {
			form[k] = v
		}
	}
	m := Mapping{Preset: form["preset"], Dates: form["dates"], Sheet: strings.TrimSpace(form["sheet"]), Columns: map[string]Field{}}
	if _, ok := dictionary().presets[m.Preset]; !ok && m.Preset != "" {
		return Mapping{}, fmt.Errorf("there is no layout %q", m.Preset)
	}
	for line := range strings.Lines(form["columns"]) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		header, field, ok := strings.Cut(line, "=")
		f := Field(strings.ToLower(strings.TrimSpace(field)))
		if _, exists := dictionary().example[f]; !ok || foldHeader(header) == "" || !exists && f != "" {
			return Mapping{}, fmt.Errorf("the column line %q is not of the form \"Header = field\"; the fields are %s", strings.TrimSpace(line), list(Fields()))
		}
		m.Columns[strings.TrimSpace(header)] = f
	}
	switch d := form["delimiter"]; d {
	case "", ";", ",", "|":
		m.Delimiter = first(d)
	case "tab", "\t":
		m.Delimiter = '\t'
	default:
		return Mapping{}, fmt.Errorf("the delimiter %q is none of ; , | and tab", d)
	}
	switch d := form["decimal"]; d {
	case "", ",", ".":
		m.Decimal = first(d)
	default:
		return Mapping{}, fmt.Errorf("the decimal mark %q is neither a comma nor a point", d)
	}
	if m.Dates != "" && !slices.Contains(DateForms(), m.Dates) {
		return Mapping{}, fmt.Errorf("the form of dates %q is none of %s", m.Dates, strings.Join(DateForms(), ", "))
	}
	c, err := money.ParseCurrency(cmp.Or(form["currency"], "EUR"))
	if err != nil {
		return Mapping{}, fmt.Errorf("the currency: %w", err)
	}
	m.Currency = c
	if text := strings.TrimSpace(form["term"]); text != "" {
		if m.Term, err = strconv.Atoi(text); err != nil || m.Term < 0 || m.Term > 365 {
			return Mapping{}, fmt.Errorf("the payment term %q is not a number of days", text)
		}
	}
	return m, nil
}

func first(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

func list[T ~string](items []T) string {
	out := make([]string, len(items))
	for i, s := range items {
		out[i] = string(s)
	}
	return strings.Join(out, ", ")
}

// field finds what a header stands for.
func (m Mapping) field(header string) (Field, bool) {
	folded := foldHeader(header)
	for name, f := range m.Columns {
		if foldHeader(name) == folded {
			return f, f != ""
		}
	}
	for name, f := range dictionary().presets[m.Preset].Columns {
		if foldHeader(name) == folded {
			return f, f != ""
		}
	}
	f, ok := dictionary().fields[folded]
	return f, ok
}
