package emulator

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func number(minor int64, currency string) json.Number {
	return json.Number(ledger.Decimal(minor, currency))
}

func code(id string) int {
	n, _ := strconv.Atoi(id)
	return n
}

// day is a date as Exact keeps it: midnight of no zone.
func day(d date.Date) any {
	if d.IsZero() {
		return nil
	}
	return d.At(0, 0, time.UTC)
}

// local is a moment by the wall clock of the data centre, written as if it were
// UTC; whole milliseconds.
func local(a *ledger.Administration, at time.Time) time.Time {
	l := at.In(a.Location())
	return time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), l.Nanosecond()/1e6*1e6, time.UTC)
}

// rowVersion is the Timestamp of the i-th row that comes of one change.
func rowVersion(rev int64, i int) int64 { return 100_000_000 + rev*100 + int64(i) }
