package web

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// mostExported is how many rows a file of a list has at most.
const mostExported = 50_000

// listFile answers with a list as a file. What fill adds are its rows.
func (v *visit) listFile(name string, head []string, fill func(ctx context.Context, tx store.Tx, f component.Frame, add func(...string)) error) error {
	out := [][]string{head}
	if err := v.read(func(ctx context.Context, tx store.Tx) error {
		f, err := v.frame(tx, component.Nowhere, "")
		if err != nil {
			return err
		}
		return fill(ctx, tx, f, func(row ...string) { out = append(out, row) })
	}); err != nil {
		return err
	}
	return sendCSV(v.w, "voldaan-"+name+".csv", out)
}

// dayOf is the tenant's day of a moment.
func dayOf(f component.Frame, t time.Time) string { return date.Of(t.In(f.Now.Location())).String() }

func dayIf(f component.Frame, t *time.Time) string {
	if t == nil {
		return ""
	}
	return dayOf(f, *t)
}

// sendCSV writes a file of rows as RFC 4180 has it: fields that need it between
// quotes, lines that end with CR LF. A cell that a spreadsheet would take for a
// formula gets an apostrophe.
func sendCSV(w http.ResponseWriter, name string, rows [][]string) error {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	w.Header().Set("X-Content-Type-Options", "nosniff")
	out := csv.NewWriter(w)
	out.UseCRLF = true
	for _, row := range rows {
		for i, cell := range row {
			if isFormula(cell) {
				row[i] = "'" + cell
			}
		}
		if err := out.Write(row); err != nil {
			return ignoreGone(err)
		}
	}
	out.Flush()
	return ignoreGone(out.Error())
}

// isFormula says that a spreadsheet may compute a cell, by what it begins with.
// White space in front of it is skipped, as some spreadsheets do, and the
// full-width twins of the signs count too. A negative number is a number.
func isFormula(cell string) bool {
	text := strings.TrimLeft(cell, " \u00a0")
	if text == "" {
		return false
	}
	if strings.ContainsRune("=+@\t\r\n＝＋－＠", []rune(text)[0]) {
		return true
	}
	return text[0] == '-' && strings.ContainsFunc(text[1:], notNumber)
}

func notNumber(r rune) bool { return (r < '0' || r > '9') && r != '.' }

// cells of an amount: in whole units with a point, and its currency.
func cells(a money.Amount) (amount, currency string) { return a.Decimal(), string(a.Currency) }
