package recipe

import (
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // a contained process may see no zone files

	"github.com/voldaan/voldaan/sdk/date"
)

// Moment writes a moment as expressions see it.
func Moment(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// ParseMoment reads a moment in one of the common forms. The zone is that of a
// text without one.
func ParseMoment(v any, zone *time.Location) (time.Time, error) {
	s, ok := TextOf(v)
	s = strings.TrimSpace(s)
	if !ok || s == "" || len(s) > 64 {
		return time.Time{}, fmt.Errorf("expected a moment, found %s", TypeOf(v))
	}
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t, nil
	}
	if m := slashDate.FindStringSubmatch(s); m != nil {
		ms, err := strconv.ParseInt(m[1], 10, 64)
		return time.UnixMilli(ms).UTC(), err
	}
	for _, layout := range []string{"2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700", time.RFC1123Z} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02", "20060102", "20060102150405", time.RFC1123} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a moment of a known form; give its layout", Clip(s, 40))
}

var slashDate = regexp.MustCompile(`^/Date\((-?\d{1,16})(?:[+-]\d{4})?\)/$`)

var zones sync.Map // name to *time.Location

func zoneOf(v any) (*time.Location, error) {
	name, _ := v.(string)
	if z, ok := zones.Load(name); ok {
		return z.(*time.Location), nil
	}
	z, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return nil, fmt.Errorf("%s is not a time zone such as Europe/Amsterdam", TypeOf(v))
	}
	zones.Store(name, z)
	return z, nil
}

// inLayout reads a value in a layout; "iso" stands for the common forms.
func inLayout(in any, layout string, zone *time.Location) (time.Time, error) {
	switch layout {
	case "", "iso":
		return ParseMoment(in, zone)
	case "unix", "unix_ms":
		r, err := rational(in)
		if err != nil {
			return time.Time{}, err
		}
		if layout == "unix" {
			r.Mul(r, big.NewRat(1000, 1))
		}
		ms, _ := r.Float64()
		if math.Abs(ms) > 1e15 {
			return time.Time{}, fmt.Errorf("%s is not a moment", TypeOf(in))
		}
		return time.UnixMilli(int64(math.Round(ms))).UTC(), nil
	}
	s, ok := TextOf(in)
	if !ok {
		return time.Time{}, fmt.Errorf("expected a moment, found %s", TypeOf(in))
	}
	t, err := time.ParseInLocation(goLayout(layout), strings.TrimSpace(s), zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s is not of the form %s", TypeOf(in), layout)
	}
	return t, nil
}

var layoutTokens = strings.NewReplacer(
	"yyyy", "2006", "yy", "06", "MMMM", "January", "MMM", "Jan", "MM", "01", "M", "1",
	"dd", "02", "d", "2", "HH", "15", "H", "15", "hh", "03", "h", "3", "mm", "04", "m", "4",
	"ss", "05", "SSSSSS", "000000", "SSS", "000", "s", "5", "XXX", "Z07:00", "ZZZ", "-0700", "tt", "PM",
)

var layouts sync.Map

func goLayout(layout string) string {
	if g, ok := layouts.Load(layout); ok {
		return g.(string)
	}
	g := layoutTokens.Replace(layout)
	layouts.Store(layout, g)
	return g
}

func layoutAndZone(args []any, zone *time.Location) (string, *time.Location, error) {
	layout := ""
	if len(args) > 0 {
		var ok bool
		if layout, ok = args[0].(string); !ok || len(layout) > 64 {
			return "", nil, fmt.Errorf("a layout is a text such as dd-MM-yyyy, not %s", TypeOf(args[0]))
		}
	}
	if len(args) > 1 {
		z, err := zoneOf(args[1])
		return layout, z, err
	}
	return layout, zone, nil
}

func blank(v any) bool { return v == nil || v == "" || v == false }

func momentFunc(zone *time.Location) func(any, []any) any {
	return func(in any, args []any) any {
		if blank(in) {
			return nil
		}
		layout, z, err := layoutAndZone(args, zone)
		if err != nil {
			return err
		}
		t, err := inLayout(in, layout, z)
		if err != nil {
			return err
		}
		return Moment(t)
	}
}

func dayFunc(zone *time.Location) func(any, []any) any {
	return func(in any, args []any) any {
		if blank(in) {
			return nil
		}
		layout, z, err := layoutAndZone(args, zone)
		if err != nil {
			return err
		}
		if s, ok := in.(string); ok && layout == "" && plainDay(s) {
			return s[:10]
		}
		t, err := inLayout(in, layout, z)
		if err != nil {
			return err
		}
		if len(args) > 1 {
			t = t.In(z)
		}
		return date.Of(t).String()
	}
}

// plainDay: 2026-11-21, alone or before a T or a space.
func plainDay(s string) bool {
	if len(s) < 10 || len(s) > 10 && s[10] != 'T' && s[10] != ' ' {
		return false
	}
	_, err := date.Parse(s[:10])
	return err == nil
}

func layoutFunc(zone *time.Location) func(any, []any) any {
	return func(in any, args []any) any {
		if blank(in) {
			return nil
		}
		layout, z, err := layoutAndZone(args, zone)
		if err != nil {
			return err
		}
		t, err := ParseMoment(in, z)
		if err != nil {
			return err
		}
		switch layout {
		case "unix":
			return int(t.Unix())
		case "unix_ms":
			return int(t.UnixMilli())
		case "iso":
			return Moment(t)
		}
		return t.In(z).Format(goLayout(layout))
	}
}

func dayOf(v any) (date.Date, error) {
	s, _ := v.(string)
	if len(s) > 10 {
		s = s[:10]
	}
	d, err := date.Parse(s)
	if err != nil {
		return date.Date{}, fmt.Errorf("%s is not a day such as 2026-11-21; put day before it", TypeOf(v))
	}
	return d, nil
}

func addDays(in any, args []any) any {
	if blank(in) || blank(args[0]) {
		return nil
	}
	d, err := dayOf(in)
	if err != nil {
		return err
	}
	n, err := rational(args[0])
	if err != nil || !n.IsInt() || new(big.Rat).Abs(n).Cmp(big.NewRat(36600, 1)) > 0 {
		return fmt.Errorf("%s is not a number of days", TypeOf(args[0]))
	}
	return d.AddDays(int(n.Num().Int64())).String()
}

func endOfMonth(in any, _ []any) any {
	if blank(in) {
		return nil
	}
	d, err := dayOf(in)
	if err != nil {
		return err
	}
	return date.New(d.Year(), d.Month()+1, 0).String()
}
