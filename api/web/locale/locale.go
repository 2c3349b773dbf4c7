// Package locale writes amounts, dates and moments the way a reader of a
// language expects them.
//
// Languages are data: a new one is a new value in languages.go.
package locale

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

const (
	minus = "−"      // U+2212, as wide as a digit
	nbsp  = "\u00a0" // keeps an amount on one line
)

// Locale holds the conventions of one language.
type Locale struct {
	Tag            string // BCP 47: the lang attribute of a page
	decimal, group string
	symbolFirst    string // between symbol and digits: "" or a no-break space
	symbolAfter    bool   // the symbol behind the digits, after a no-break space
	dayMark        string // behind the day of a month, as "24."
	firstDay       string // how the first of a month is written, where it differs
	months, days   []string
	today          string
	tomorrow       string
	yesterday      string
	inDays, ago    string // "in %d days", "%d days ago"
	minutes, hours string // "%d min ago", "%d h ago"
	justNow        string
}

// For returns the locale of a language tag, English when it is not known.
func For(tag string) *Locale {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if l, ok := languages[base]; ok {
		return l
	}
	return English
}

var symbols = map[money.Currency]string{"EUR": "€", "GBP": "£", "USD": "$"}

// Amount writes an amount with its currency, as "€1,210.00" or "€ 1.210,00".
func (l *Locale) Amount(a money.Amount) string {
	sign := ""
	text := a.Decimal()
	if strings.HasPrefix(text, "-") {
		sign, text = minus, text[1:]
	}
	return l.marked(a.Currency, sign, l.grouped(text))
}

// marked puts sign and currency to digits.
func (l *Locale) marked(c money.Currency, sign, digits string) string {
	s, ok := symbols[c]
	switch {
	case l.symbolAfter && ok:
		return sign + digits + nbsp + s
	case l.symbolAfter:
		return sign + digits + nbsp + string(c)
	case ok:
		return sign + s + l.symbolFirst + digits
	}
	return string(c) + nbsp + sign + digits
}

// day is the number of a day in its month.
func (l *Locale) day(d date.Date) string {
	if d.Day() == 1 && l.firstDay != "" {
		return l.firstDay
	}
	return strconv.Itoa(d.Day()) + l.dayMark
}

// Round writes an amount in whole major units, halves away from zero, for
// places where cents are noise. It is never used in a demand.
func (l *Locale) Round(a money.Amount) string {
	exp, err := a.Currency.Exponent()
	if err != nil || exp == 0 {
		return l.Amount(a)
	}
	unit := int64(1)
	for range exp {
		unit *= 10
	}
	n, half := a.Minor/unit, a.Minor%unit
	if half*2 >= unit {
		n++
	} else if half*2 <= -unit {
		n--
	}
	sign := ""
	if n < 0 {
		sign, n = minus, -n
	}
	return l.marked(a.Currency, sign, l.grouped(strconv.FormatInt(n, 10)))
}

// Number writes a whole number with groups, as "1,284".
func (l *Locale) Number(n int) string {
	if n < 0 {
		return minus + l.grouped(strconv.Itoa(-n))
	}
	return l.grouped(strconv.Itoa(n))
}

// Percent writes part of whole with one decimal, as "0.2%"; "–" of nothing.
func (l *Locale) Percent(part, whole int) string {
	if whole == 0 {
		return "–"
	}
	tenths := (part*2000 + whole) / (2 * whole)
	return l.grouped(fmt.Sprintf("%d.%d", tenths/10, tenths%10)) + "%"
}

func (l *Locale) grouped(text string) string {
	whole, frac, has := strings.Cut(text, ".")
	var b strings.Builder
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(l.group)
		}
		b.WriteRune(r)
	}
	if has {
		b.WriteString(l.decimal + frac)
	}
	return b.String()
}

// Date writes the full date, as "24 Nov 2026"; "" for no date.
func (l *Locale) Date(d date.Date) string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%s %s %d", l.day(d), l.months[d.Month()-1], d.Year())
}

// Weekday writes the day with its weekday, as "Tue 24 Nov"; with the year when
// it is not this one.
func (l *Locale) Weekday(d, today date.Date) string {
	if d.IsZero() {
		return ""
	}
	s := fmt.Sprintf("%s %s %s", l.days[d.Weekday()], l.day(d), l.months[d.Month()-1])
	if d.Year() != today.Year() {
		s += " " + strconv.Itoa(d.Year())
	}
	return s
}

// Day writes a day in words when it is near, as "tomorrow" or "in 3 days, Tue
// 24 Nov", and as Weekday when it is further than two weeks away.
func (l *Locale) Day(d, today date.Date) string {
	if d.IsZero() {
		return ""
	}
	n := d.DaysSince(today)
	if near := l.Near(d, today); near != "" && (n < -1 || n > 1) {
		return near + ", " + l.Weekday(d, today)
	} else if near != "" {
		return near
	}
	return l.Weekday(d, today)
}

// Near writes only the words of Day: "tomorrow", "in 3 days"; "" further away
// than two weeks.
func (l *Locale) Near(d, today date.Date) string {
	switch n := d.DaysSince(today); {
	case n == 0:
		return l.today
	case n == 1:
		return l.tomorrow
	case n == -1:
		return l.yesterday
	case n > 1 && n <= 14:
		return fmt.Sprintf(l.inDays, n)
	case n < -1 && n >= -14:
		return fmt.Sprintf(l.ago, -n)
	}
	return ""
}

// Clock writes the time of day, as "14:02".
func (l *Locale) Clock(t time.Time) string { return t.Format("15:04") }

// Moment writes a moment near now, as "today 14:02", "Tue 24 Nov 09:00". Both
// are read in the location of now.
func (l *Locale) Moment(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(now.Location())
	d, today := date.Of(t), date.Of(now)
	if n := d.DaysSince(today); n >= -1 && n <= 1 {
		return l.Near(d, today) + " " + l.Clock(t)
	}
	return l.Weekday(d, today) + " " + l.Clock(t)
}

// Ago writes how long ago a moment was, as "12 min ago", and as Moment when it
// is more than a day.
func (l *Locale) Ago(t, now time.Time) string {
	switch d := now.Sub(t); {
	case t.IsZero():
		return ""
	case d < 0 || d >= 24*time.Hour:
		return l.Moment(t, now)
	case d < time.Minute:
		return l.justNow
	case d < time.Hour:
		return fmt.Sprintf(l.minutes, int(d.Minutes()))
	default:
		return fmt.Sprintf(l.hours, int(d.Hours()))
	}
}
