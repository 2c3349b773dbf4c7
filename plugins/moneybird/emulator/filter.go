package emulator

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/date"
)

// filter is a parsed filter of a list.
type filter struct {
	from, to       date.Date // zero: any period
	states         []string  // nil: all
	references     []string
	contact        string
	created, after time.Time
	account        string // of financial mutations
	kind           string // debit or credit
	none           bool   // a filter on something the emulator has none of
}

const thisYear = "period:this_year"

func errFilter(sentence string) error {
	return symbolic(http.StatusBadRequest, sentence, "filter", "invalid")
}

// parseFilter reads "period:this_year,state:open|late". A text replaces the
// default entirely.
func parseFilter(text string, today date.Date, states []string) (filter, error) {
	var f filter
	if strings.TrimSpace(text) == "" {
		text = thisYear
	}
	for term := range strings.SplitSeq(text, ",") {
		key, value, ok := strings.Cut(strings.TrimSpace(term), ":")
		value = strings.TrimSpace(value)
		if !ok || value == "" {
			return f, errFilter("Filter is invalid")
		}
		var err error
		switch strings.TrimSpace(key) {
		case "period":
			f.from, f.to, err = period(value, today)
		case "state":
			if value == "all" {
				continue
			}
			for s := range strings.SplitSeq(value, "|") {
				if !slices.Contains(states, s) {
					return f, errFilter("Status is not included in the list")
				}
				f.states = append(f.states, s)
			}
		case "reference":
			f.references = strings.Split(value, "|")
		case "contact_id":
			f.contact = value
		case "created_after":
			f.created, err = moment(value)
		case "updated_after":
			f.after, err = moment(value)
		case "financial_account_id":
			f.account = value
		case "mutation_type":
			f.kind = value
		case "recurring_sales_invoice_id":
			f.none = true
		case "workflow_id":
		default:
			return f, errFilter("Filter is invalid")
		}
		if err != nil {
			return f, err
		}
	}
	return f, nil
}

// match reports whether an invoice passes. An invoice without a date passes a
// period that holds today.
func (f filter) match(inv *invoice, today date.Date) bool {
	on := inv.Date
	if on.IsZero() {
		on = today
	}
	switch {
	case f.none,
		!f.from.IsZero() && (on.Before(f.from) || on.After(f.to)),
		f.states != nil && !slices.Contains(f.states, inv.State),
		f.references != nil && !slices.Contains(f.references, inv.Reference),
		f.contact != "" && f.contact != inv.Contact,
		!f.created.IsZero() && !inv.CreatedAt.After(f.created),
		!f.after.IsZero() && !inv.UpdatedAt.After(f.after):
		return false
	}
	return true
}

var moments = []string{time.RFC3339Nano, "2006-01-02 15:04:05 UTC", "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02"}

func moment(s string) (time.Time, error) {
	for _, layout := range moments {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, errFilter("Date is invalid")
}

// period reads a named period or a range of days or months.
func period(s string, today date.Date) (from, to date.Date, err error) {
	when, unit, named := strings.Cut(s, "_")
	step, known := map[string]int{"this": 0, "prev": -1, "next": 1}[when]
	if named && known {
		if from, to, ok := namedPeriod(unit, step, today); ok {
			return from, to, nil
		}
		return from, to, errFilter("Period is invalid")
	}
	a, b, ranged := strings.Cut(s, "..")
	if !ranged {
		b = a
	}
	if a == "" || b == "" {
		return from, to, errFilter("Period must have both a start and end date")
	}
	from, ok1 := day(a, false)
	to, ok2 := day(b, true)
	if !ok1 || !ok2 || to.Before(from) {
		return date.Date{}, date.Date{}, errFilter("Period is invalid")
	}
	return from, to, nil
}

func namedPeriod(unit string, step int, today date.Date) (from, to date.Date, ok bool) {
	y, m := today.Year(), today.Month()
	switch unit {
	case "week":
		monday := today.AddDays(-(int(today.Weekday())+6)%7 + 7*step)
		return monday, monday.AddDays(6), true
	case "month":
		from = date.New(y, m+time.Month(step), 1)
		return from, date.New(from.Year(), from.Month()+1, 0), true
	case "quarter":
		from = date.New(y, (m-1)/3*3+1+time.Month(3*step), 1)
		return from, date.New(from.Year(), from.Month()+3, 0), true
	case "year":
		return date.New(y+step, 1, 1), date.New(y+step, 12, 31), true
	}
	return from, to, false
}

// day reads YYYYMMDD, or YYYYMM as its first or last day.
func day(s string, last bool) (date.Date, bool) {
	if t, err := time.Parse("20060102", s); err == nil {
		return date.Of(t), true
	}
	t, err := time.Parse("200601", s)
	if err != nil {
		return date.Date{}, false
	}
	if last {
		return date.New(t.Year(), t.Month()+1, 0), true
	}
	return date.Of(t), true
}
