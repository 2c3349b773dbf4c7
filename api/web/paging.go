package web

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
)

// place is where a page of a list begins or ends: the value that the list is
// sorted by, and the id of the row.
type place struct {
	At   time.Time `json:"t,omitzero"`
	Key  int64     `json:"k,omitempty"`
	Text string    `json:"s,omitempty"`
	ID   uuid.UUID `json:"id"`
}

// asked is the page of a list that the address names. A cursor that cannot be
// read begins anew.
func asked(q url.Values) (p *place, back bool) {
	text := q.Get("after")
	if text == "" {
		text, back = q.Get("before"), true
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	var out place
	if err != nil || len(b) == 0 || json.Unmarshal(b, &out) != nil {
		return nil, false
	}
	return &out, back
}

// page takes one page of rows that were read with one more than fits, nearest
// first, and returns what leads to its neighbours.
func page[T any](rows []T, at url.URL, from *place, back bool, placeOf func(T) place) ([]T, component.Pager) {
	more := len(rows) > pageSize
	rows = rows[:min(len(rows), pageSize)]
	if back {
		slices.Reverse(rows)
	}
	var p component.Pager
	if len(rows) == 0 {
		return rows, p
	}
	if back || more {
		p.Next = toPage(at, "after", placeOf(rows[len(rows)-1]))
	}
	if from != nil && (!back || more) {
		p.Previous = toPage(at, "before", placeOf(rows[0]))
	}
	return rows, p
}

func toPage(at url.URL, key string, p place) string {
	b, err := json.Marshal(p)
	if err != nil {
		return ""
	}
	q := at.Query()
	q.Del("after")
	q.Del("before")
	q.Set(key, base64.RawURLEncoding.EncodeToString(b))
	return at.Path + "?" + q.Encode()
}

// shownOf says how much of a list is on the page.
func shownOf(f component.Frame, n, total int, one, many string) string {
	if n < total {
		return f.Number(n) + " of " + f.Number(total) + " " + many
	}
	return f.Number(n) + " " + plural(n, one, many)
}

// query is one parameter of an address, nothing when it is empty.
func query(name, value string) string {
	if value == "" {
		return ""
	}
	return url.Values{name: {value}}.Encode()
}
