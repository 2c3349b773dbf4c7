package web

import (
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
)

// asking is what the address of a list asks for: a tab, a search, filters and a
// page. A value that the list does not know counts as not given.
type asking struct {
	path    string
	in      url.Values
	tab     string
	search  string
	amount  *int64 // what is searched for, read as an amount
	from    *place
	back    bool
	filters []component.Filter
}

// asking reads the address of the list at path, of its page or its file.
func (v *visit) asking(path string) *asking {
	in := v.r.URL.Query()
	a := &asking{path: path, in: in, tab: in.Get("tab")}
	a.search, a.amount = searchOf(strings.TrimSpace(in.Get("q")))
	a.from, a.back = asked(in)
	return a
}

// choose adds a drop-down to the list and returns what is chosen in it. Pairs are
// values with their labels; the first is for all.
func (a *asking) choose(name, label string, pairs ...string) string {
	value := a.in.Get(name)
	options := choicesOf(value, pairs...)
	for _, o := range options {
		if o.Selected {
			a.filters = append(a.filters, component.Filter{Name: name, Label: label, Options: options})
			return value
		}
	}
	options[0].Selected = true
	a.filters = append(a.filters, component.Filter{Name: name, Label: label, Options: options})
	return options[0].Value
}

// chooseDue is the drop-down about a day: whether it has passed or is near.
func (a *asking) chooseDue(label, late, week string) string {
	return a.choose("due", label, "", label, "late", late, "week", week)
}

// start is where the page begins in a list that is sorted by moment, newest first.
func (a *asking) start() (at *time.Time, id uuid.UUID) {
	if a.from == nil {
		return nil, uuid.Nil
	}
	return &a.from.At, a.from.ID
}

// address is the list with all that is asked of it, for its pager.
func (a *asking) address() url.URL { return url.URL{Path: a.path, RawQuery: a.in.Encode()} }

// finder is the bar above the list. The file holds what the page would show.
func (a *asking) finder(things, placeholder string) component.Finder {
	f := component.Finder{Path: a.path, Things: things, Placeholder: placeholder, Query: a.search, Keep: [][2]string{{"tab", a.tab}, {"sort", a.in.Get("sort")}}, Filters: a.filters}
	file := f
	file.Path += ".csv"
	f.CSV = file.With("", "")
	return f
}
