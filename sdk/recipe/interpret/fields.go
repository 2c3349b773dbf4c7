package interpret

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
	"github.com/voldaan/voldaan/sdk/recipe"
)

// fields are the values of one record, with what is wrong with them.
type fields struct {
	m        *recipe.Mapping
	values   []any
	problems []string
	prefix   string
}

// records evaluates a mapping on an item and hands over each record.
func (r *run) records(m *recipe.Mapping, sc *recipe.Scope, item any, each func(*fields) error) error {
	sc[recipe.VarItem] = item
	if m.Each == nil {
		return r.record(m, sc, item, each)
	}
	v, err := r.eval(m.Each, sc, item)
	if err != nil {
		return &shapeError{err}
	}
	list, ok := v.([]any)
	if !ok {
		if v == nil {
			return nil
		}
		return &shapeError{fmt.Errorf("line %d of the recipe: each gives %s; expected a list", m.Each.Line, recipe.TypeOf(v))}
	}
	for _, v := range list {
		if err := r.record(m, sc, v, each); err != nil {
			return err
		}
	}
	return nil
}

// shapeError is for an item that cannot be taken apart: a fault of the item, not
// of the run.
type shapeError struct{ err error }

func (e *shapeError) Error() string { return e.err.Error() }

func (r *run) record(m *recipe.Mapping, sc *recipe.Scope, v any, each func(*fields) error) error {
	if m.When != nil {
		yes, err := r.holds(m.When, sc, v)
		if err != nil {
			return &shapeError{err}
		}
		if !yes {
			return nil
		}
	}
	f := fields{m: m, values: make([]any, len(m.Fields))}
	for i, fv := range m.Fields {
		if fv == nil {
			continue
		}
		got, err := r.eval(fv.Expr, sc, v)
		if err != nil {
			if r.think.Err() != nil {
				return r.think.Err()
			}
			f.note(i, err)
			continue
		}
		if fv.Table != nil {
			got = f.look(i, fv, got)
		}
		f.values[i] = got
	}
	return each(&f)
}

// look turns a value into another by the field's table.
func (f *fields) look(i int, fv *recipe.FieldValue, v any) any {
	key, ok := recipe.TextOf(v)
	if ok {
		if got, known := fv.Table[key]; known {
			return got
		}
	}
	if fv.Otherwise != nil {
		return *fv.Otherwise
	}
	if v == nil && !f.def(i).Must {
		return nil
	}
	f.problems = append(f.problems, fmt.Sprintf("the %s %s is not known", f.def(i).Label, strconv.Quote(recipe.Clean(key))))
	return nil
}

func (f *fields) def(i int) *recipe.FieldDef { return &recipe.Fields[f.m.Kind][i] }

func (f *fields) note(i int, err error) {
	f.problems = append(f.problems, recipe.Clean(f.def(i).Label+": "+err.Error()))
}

func (f *fields) reason() string { return strings.Join(f.problems, "; ") }

// required notes what is missing; fields with a problem of their own have one.
func (f *fields) required() {
	if len(f.problems) > 0 {
		return
	}
	for i := range recipe.Fields[f.m.Kind] {
		if d := f.def(i); d.Must {
			if s, ok := recipe.TextOf(f.values[i]); ok && strings.TrimSpace(s) == "" {
				f.problems = append(f.problems, "the "+d.Label+" is missing")
			}
		}
	}
}

// text is a text for people; false stands for nothing, as some packages send it.
func (f *fields) text(i int) string {
	v := f.values[i]
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return recipe.Clean(v)
	case bool:
		if !v {
			return ""
		}
	}
	s, ok := recipe.TextOf(v)
	if !ok {
		f.note(i, fmt.Errorf("expected a text, found %s", recipe.TypeOf(v)))
	}
	return recipe.Clean(s)
}

func (f *fields) id(i int) string { return f.text(i) }

// own is an id with the prefix of its source.
func (f *fields) own(i int) string {
	if s := f.id(i); s != "" {
		return f.prefix + s
	}
	return ""
}

func (f *fields) country(i int) string {
	s := f.text(i)
	if s == "" {
		return ""
	}
	return recipe.CountryOf(s)
}

func (f *fields) currency(i int) string { return strings.ToUpper(f.text(i)) }

func (f *fields) flag(i int) bool {
	switch v := f.values[i].(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != "" && v != "0" && v != "false"
	default:
		s, _ := recipe.TextOf(v)
		return s != "0"
	}
}

func (f *fields) enum(i int) string {
	s := f.text(i)
	if s == "" {
		return ""
	}
	for _, word := range f.def(i).Enum {
		if s == word {
			return s
		}
	}
	f.problems = append(f.problems, fmt.Sprintf("the %s %q is not one of %s", f.def(i).Label, s, strings.Join(f.def(i).Enum, ", ")))
	return ""
}

func (f *fields) amount(i int, currency string) money.Amount {
	c, err := money.ParseCurrency(currency)
	if err != nil {
		f.note(i, err)
		return money.Amount{}
	}
	if f.values[i] == nil {
		return money.Amount{Currency: c}
	}
	s, err := recipe.Decimal(f.values[i])
	if err != nil {
		f.note(i, err)
		return money.Amount{}
	}
	a, err := money.Parse(s, c)
	if err != nil {
		f.note(i, err)
	}
	return a
}

// day takes the first ten letters of a day or moment.
func (f *fields) day(i int) date.Date {
	s := f.text(i)
	if len(s) > 10 && (s[10] == 'T' || s[10] == ' ') {
		s = s[:10]
	}
	d, err := date.Parse(s)
	if err != nil {
		f.note(i, err)
	}
	return d
}

func (f *fields) moment(i int) time.Time {
	s := f.text(i)
	if s == "" {
		return time.Time{}
	}
	if d, err := date.Parse(s); err == nil {
		// Noon in Amsterdam's winter time: the package gives no hour.
		return d.At(11, 0, time.UTC)
	}
	t, err := recipe.ParseMoment(s, time.UTC)
	if err != nil {
		f.note(i, err)
	}
	return t.UTC()
}
