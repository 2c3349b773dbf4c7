// Package date holds civil dates: days without a clock and without a zone.
package date

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Date is a day of the Gregorian calendar. The zero value is no date.
// Dates compare with == and order with Before and After.
type Date struct {
	// days since 1 January of year 1, plus one, so that zero means "no date".
	n int32
}

const layout = "2006-01-02"

var epoch = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)

// New returns the day, normalised as time.Date does (31 April is 1 May).
func New(year int, month time.Month, day int) Date {
	return Of(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// Of returns the day of t in t's own location.
func Of(t time.Time) Date {
	if t.IsZero() {
		return Date{}
	}
	y, m, d := t.Date()
	u := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	return Date{n: int32((u.Unix()-epoch.Unix())/86400) + 1}
}

// Parse reads an ISO 8601 day, as "2026-11-21". The empty text is no date.
func Parse(s string) (Date, error) {
	if s == "" {
		return Date{}, nil
	}
	t, err := time.Parse(layout, s)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a date of the form 2026-11-21", s)
	}
	return Of(t), nil
}

// MustParse is Parse for literals; it panics on a bad one.
func MustParse(s string) Date {
	d, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return d
}

// IsZero reports whether there is no date.
func (d Date) IsZero() bool { return d.n == 0 }

// String returns the ISO 8601 form, or "" for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.utc().Format(layout)
}

// In returns the first moment of the day in a location (00:00, or the first
// moment after a gap in the clocks).
func (d Date) In(loc *time.Location) time.Time { return d.At(0, 0, loc) }

// At returns hour:minute of the day in a location.
func (d Date) At(hour, minute int, loc *time.Location) time.Time {
	y, m, day := d.utc().Date()
	return time.Date(y, m, day, hour, minute, 0, 0, loc)
}

// AddDays returns the day n calendar days later.
func (d Date) AddDays(n int) Date { return Date{n: d.n + int32(n)} }

// AddYears returns the same day n years later, 1 March for 29 February in a
// common year, as time.AddDate does.
func (d Date) AddYears(n int) Date { return Of(d.utc().AddDate(n, 0, 0)) }

// DaysSince returns the number of calendar days from e to d.
func (d Date) DaysSince(e Date) int { return int(d.n - e.n) }

// Before reports whether d is an earlier day than e.
func (d Date) Before(e Date) bool { return d.n < e.n }

// After reports whether d is a later day than e.
func (d Date) After(e Date) bool { return d.n > e.n }

// Compare returns -1, 0 or 1, for sorting.
func (d Date) Compare(e Date) int { return int(min(max(d.n-e.n, -1), 1)) }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// Year returns the calendar year.
func (d Date) Year() int { return d.utc().Year() }

// Month returns the calendar month.
func (d Date) Month() time.Month { return d.utc().Month() }

// Day returns the day of the month.
func (d Date) Day() int { return d.utc().Day() }

// Later returns the later of two days.
func Later(a, b Date) Date { return Date{n: max(a.n, b.n)} }

func (d Date) utc() time.Time {
	return time.Unix(epoch.Unix()+int64(d.n-1)*86400, 0).UTC()
}

// MarshalText writes the ISO 8601 form.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the ISO 8601 form.
func (d *Date) UnmarshalText(b []byte) error {
	p, err := Parse(string(b))
	if err != nil {
		return err
	}
	*d = p
	return nil
}

// Value stores the date as a Postgres date, NULL for none.
func (d Date) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, nil
	}
	return d.utc(), nil
}

// Scan reads a Postgres date.
func (d *Date) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = Date{}
	case time.Time:
		*d = Of(v)
	case string:
		return d.UnmarshalText([]byte(v))
	default:
		return fmt.Errorf("cannot read a date from %T", src)
	}
	return nil
}
