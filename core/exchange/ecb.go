package exchange

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// ECB is the source of the euro's reference rates.
const ECB = "European Central Bank, euro reference rate"

// mostDays bounds how much of the bank's history is taken in at once.
const mostDays = 100

// ReadECB reads the file of reference rates that the European Central Bank
// publishes (eurofxref.csv or the newest days of eurofxref-hist.csv): a row for
// each day, a column for each currency, each the units for one euro. Currencies
// that we do not know and days without a rate are left out. A fault of kind
// Invalid says what is wrong with the file.
func ReadECB(r io.Reader) ([]Rate, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord, in.TrimLeadingSpace = -1, true
	head, err := in.Read()
	if err != nil || len(head) < 2 || !strings.EqualFold(strings.TrimPrefix(strings.TrimSpace(head[0]), "\ufeff"), "date") {
		return nil, fault.New(fault.Invalid, "rate_file", "This is not the file of reference rates: its first line names no Date and currencies. Take eurofxref.csv from the European Central Bank.").Because(err)
	}
	var out []Rate
	for line := 2; line <= mostDays+1; line++ {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fault.New(fault.Invalid, "rate_file", "Line %d of the file cannot be read.", line).Because(err)
		}
		on, err := dayOf(strings.TrimSpace(row[0]))
		if err != nil {
			return nil, fault.New(fault.Invalid, "rate_file", "Line %d of the file has no day: %.20q.", line, row[0])
		}
		for i, units := range row[1:] {
			if i+1 >= len(head) {
				break
			}
			one := Rate{Base: pivot, Quote: money.Currency(head[i+1]), Units: units, On: on, Source: ECB}.Tidy()
			if one.Check(on) == nil {
				out = append(out, one)
			}
		}
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Invalid, "rate_file", "The file has no rate in it.")
	}
	return out, nil
}

// dayOf reads a day as the bank writes it: "20 November 2026" in the file of one
// day, "2026-11-20" in its history.
func dayOf(text string) (date.Date, error) {
	if on, err := date.Parse(text); err == nil {
		return on, nil
	}
	at, err := time.Parse("2 January 2006", text)
	return date.Of(at), err
}
