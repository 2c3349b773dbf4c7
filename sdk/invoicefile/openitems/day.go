package openitems

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/date"
)

// dayForm is a way to write a day.
type dayForm struct {
	name    string
	shape   *regexp.Regexp
	y, m, d int // which group is which
}

// The forms, in the order of preference where a list fits more than one.
var dayForms = []dayForm{
	{"yyyy-mm-dd", regexp.MustCompile(`^([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})$`), 1, 2, 3},
	{"yyyymmdd", regexp.MustCompile(`^((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})$`), 1, 2, 3},
	{"dd-mm-yyyy", regexp.MustCompile(`^([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4})$`), 3, 2, 1},
	{"mm/dd/yyyy", regexp.MustCompile(`^([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4})$`), 3, 1, 2},
	{"dd-mm-yy", regexp.MustCompile(`^([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{2})$`), 3, 2, 1},
	{"ddmmyyyy", regexp.MustCompile(`^([0-9]{2})([0-9]{2})((?:19|20)[0-9]{2})$`), 3, 2, 1},
	{"ddmmyy", regexp.MustCompile(`^([0-9]{2})([0-9]{2})([0-9]{2})$`), 3, 2, 1},
}

// DateForms lists the names of the forms of dates that Read knows.
func DateForms() []string {
	out := make([]string, len(dayForms))
	for i, f := range dayForms {
		out[i] = f.name
	}
	return out
}

var errDay = errors.New("not a date")

func (f dayForm) parse(text string) (date.Date, error) {
	// A time of day may follow.
	text, _, _ = strings.Cut(strings.TrimSpace(text), "T")
	if head, _, found := strings.Cut(text, " "); found && strings.ContainsAny(head, "-/.") && len(head) >= 8 {
		text = head
	}
	g := f.shape.FindStringSubmatch(text)
	if g == nil {
		return date.Date{}, errDay
	}
	year, _ := strconv.Atoi(g[f.y])
	month, _ := strconv.Atoi(g[f.m])
	day, _ := strconv.Atoi(g[f.d])
	if year < 100 {
		year += 2000
	}
	v := date.New(year, time.Month(month), day)
	if v.Day() != day || int(v.Month()) != month || year < 1990 || year > 2100 {
		return date.Date{}, errDay
	}
	return v, nil
}

// detectDays takes the form that reads the most of the days of a list, the
// first of those that read as many.
func detectDays(texts []string) dayForm {
	best, score := dayForms[2], 0
	for _, f := range dayForms {
		n := 0
		for _, t := range texts {
			if _, err := f.parse(t); err == nil {
				n++
			}
		}
		if n > score {
			best, score = f, n
		}
	}
	return best
}

func formOf(name string) (dayForm, bool) {
	for _, f := range dayForms {
		if f.name == name {
			return f, true
		}
	}
	return dayForm{}, false
}

// parseDay reads a day of a list; an empty cell is no date.
func parseDay(c cell, f dayForm, e epoch) (date.Date, error) {
	if c.text == "" {
		return date.Date{}, nil
	}
	if c.number {
		// A serial, whether or not the workbook shows it as a day; the fraction is
		// the time of day. 20,000 to 80,000 are the years 1954 to 2119.
		whole, _, _ := strings.Cut(c.text, ".")
		if n, err := strconv.Atoi(whole); err == nil && n > 20_000 && n < 80_000 {
			return e.day.AddDays(n), nil
		}
	}
	return f.parse(c.text)
}
