package openitems

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/voldaan/voldaan/sdk/charset"
	"github.com/voldaan/voldaan/sdk/invoicefile"
)

// Limits of a list.
const (
	MaxBytes   = 64 << 20
	maxRows    = 500_000
	maxColumns = 200
	maxCell    = 4000
)

// cell is a value of a table. A workbook says which values are numbers or days;
// in CSV everything is text.
type cell struct {
	text   string
	number bool // text is a plain decimal with a point
	day    bool // number is a day serial of a workbook
}

type row struct {
	number int // line of the file or row of the sheet, from 1
	cells  []cell
}

func (r row) filled() int {
	n := 0
	for _, c := range r.cells {
		if c.text != "" {
			n++
		}
	}
	return n
}

func (r row) empty() bool { return r.filled() == 0 }

func (r row) at(i int) cell {
	if i < 0 || i >= len(r.cells) {
		return cell{}
	}
	return r.cells[i]
}

// table is what a file holds before it has a meaning.
type table struct {
	format string // for people: "CSV with ;, Windows-1252"
	rows   []row
	epoch  epoch
}

// open reads a file into tables: one for CSV, one for each sheet of a workbook.
func open(data []byte, m Mapping) ([]table, *invoicefile.Problem) {
	switch {
	case len(data) > MaxBytes:
		return nil, invoicefile.Problemf("size", "The list is larger than %d MiB. Split it.", MaxBytes>>20)
	case len(bytes.TrimSpace(data)) == 0:
		return nil, invoicefile.Problemf("empty", "The file is empty.")
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return openWorkbook(data, m)
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0")):
		return nil, invoicefile.Problemf("old_excel", "This is an Excel file of before 2007, or one with a password. Save it as .xlsx or .csv without a password.")
	case bytes.HasPrefix(data, []byte("%PDF")):
		return nil, invoicefile.Problemf("pdf", "This is a PDF, which cannot be read reliably. Export the list as CSV or Excel.")
	}
	t, problem := openCSV(data, m)
	return []table{t}, problem
}

func openCSV(data []byte, m Mapping) (table, *invoicefile.Problem) {
	text, encoding := charset.Decode(data)
	if strings.IndexByte(text[:min(len(text), 8000)], 0) >= 0 {
		return table{}, invoicefile.Problemf("binary", "This is neither CSV nor Excel. Export the list as CSV or Excel.")
	}
	delimiter, skipped := m.Delimiter, 0
	// Excel's own hint.
	if line, rest, found := strings.Cut(text, "\n"); found {
		if hint, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(line)), "sep="); ok && len(hint) == 1 && strings.ContainsAny(hint, ";,|:") {
			text, skipped = rest, 1
			if delimiter == 0 {
				delimiter = rune(hint[0])
			}
		}
	}
	if delimiter == 0 {
		delimiter = detectDelimiter(text)
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = delimiter, -1, true, true
	name := string(delimiter)
	if delimiter == '\t' {
		name = "tabs"
	}
	t := table{format: fmt.Sprintf("CSV with %s, %s", name, encoding)}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			return table{}, invoicefile.Problemf("csv", "Line %d of the file cannot be read as CSV: a quotation mark is not closed.", broken.StartLine+skipped)
		}
		if err != nil {
			return table{}, invoicefile.Problemf("csv", "The file cannot be read as CSV.")
		}
		line, _ := r.FieldPos(0)
		if len(t.rows) >= maxRows || len(record) > maxColumns {
			return table{}, invoicefile.Problemf("size", "The list has more than %d rows or %d columns. Split it.", maxRows, maxColumns)
		}
		cells := make([]cell, len(record))
		for i, v := range record {
			if len(v) > maxCell*4 {
				return table{}, invoicefile.Problemf("csv", "Line %d of the file has a value of more than %d characters; probably a quotation mark is not closed.", line+skipped, maxCell)
			}
			cells[i] = cell{text: invoicefile.Clean(v, maxCell)}
		}
		t.rows = append(t.rows, row{number: line + skipped, cells: cells})
	}
}

// detectDelimiter takes the mark that most lines have in the same number.
func detectDelimiter(text string) rune {
	best, score := ';', 0
	for _, d := range []rune{';', '\t', '|', ','} {
		counts, lines := map[int]int{}, 0
		for line := range strings.Lines(text) {
			if lines++; lines > 200 {
				break
			}
			quoted, n := false, 0
			for _, r := range line {
				switch {
				case r == '"':
					quoted = !quoted
				case r == d && !quoted:
					n++
				}
			}
			if n > 0 {
				counts[n]++
			}
		}
		for n, times := range counts {
			// A decimal comma stands in every line too, so a mark that makes more
			// columns wins among equals.
			if s := times*100 + min(n, 50); s > score {
				best, score = d, s
			}
		}
	}
	return best
}
