package wire

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/voldaan/voldaan/sdk/date"
)

var errDate = errors.New("not a date of the form YYYYMMDD")

// fromDate refuses days that the calendar does not have.
func fromDate(n int32) (date.Date, error) {
	if n == 0 {
		return date.Date{}, nil
	}
	y, m, d := int(n/10000), time.Month(n/100%100), int(n%100)
	if n < 0 || m < 1 || m > 12 || d < 1 || d > daysIn(y, m) || y < 1 {
		return date.Date{}, fmt.Errorf("%d: %w", n, errDate)
	}
	return date.New(y, m, d), nil
}

func toDate(d date.Date) int32 {
	if d.IsZero() {
		return 0
	}
	y, m, day := d.In(time.UTC).Date()
	return int32(y*10000 + int(m)*100 + day)
}

func daysIn(year int, m time.Month) int {
	switch m {
	case time.April, time.June, time.September, time.November:
		return 30
	case time.February:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	default:
		return 31
	}
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func toMillis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Text returns s as both protobuf and Postgres accept it: broken UTF-8 becomes
// U+FFFD and NUL is left out. Packages do deliver such text.
func Text(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return s
}

// withoutNUL is Text for what protobuf has already found to be UTF-8.
func withoutNUL(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		return strings.ReplaceAll(s, "\x00", "")
	}
	return s
}
