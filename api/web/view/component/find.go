package component

import "net/url"

// Finder is the bar above a list: what is searched for, the filters that fit the
// list, and the list as a file. All of it is a form to Path by GET.
type Finder struct {
	Path        string      // of the list
	Things      string      // "invoices", for the label of the search
	Placeholder string      // what may be searched for
	Query       string      // what is searched for
	Keep        [][2]string // parameters that stay as they are: the tab, the order
	Filters     []Filter
	CSV         string // address of the list as a file, "" when there is none
}

// Filter is a drop-down above a list. The option without a value is for all.
type Filter struct {
	Name, Label string
	Options     []Option
}

func (f Filter) chosen() string {
	for _, o := range f.Options {
		if o.Selected {
			return o.Value
		}
	}
	return ""
}

// Filtered says that more is asked of the rows than to be on this tab.
func (f Finder) Filtered() bool {
	for _, x := range f.Filters {
		if x.chosen() != "" {
			return true
		}
	}
	return f.Query != ""
}

// Cleared is the list without search and filters, on the same tab.
func (f Finder) Cleared() string {
	f.Query, f.Filters = "", nil
	return f.With("", "")
}

// With is the first page of the list with one parameter set, or without it when
// the value is empty.
func (f Finder) With(name, value string) string {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	for _, k := range f.Keep {
		set(k[0], k[1])
	}
	set("q", f.Query)
	for _, x := range f.Filters {
		set(x.Name, x.chosen())
	}
	if v.Del(name); name != "" {
		set(name, value)
	}
	if len(v) == 0 {
		return f.Path
	}
	return f.Path + "?" + v.Encode()
}
