package emulator

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/voldaan/voldaan/sdk/emulator"
)

// item is a line of a list.
type item struct {
	id   string
	body object
}

// list answers a page of items that are given oldest first.
func (c *call) list(name string, items []item) (int, any, error) {
	q := c.r.URL.Query()
	limit := 50
	if v := q.Get("limit"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > 250 {
			return 0, nil, &problem{http.StatusBadRequest, "The limit must be a number from 1 to 250", "limit"}
		}
		limit = n
	}
	switch q.Get("sort") {
	case "", "desc":
		slices.Reverse(items)
	case "asc":
	default:
		return 0, nil, &problem{http.StatusBadRequest, "The sort must be asc or desc", "sort"}
	}
	start := 0
	if from := q.Get("from"); from != "" {
		if start = slices.IndexFunc(items, func(i item) bool { return i.id == from }); start < 0 {
			return 0, nil, &problem{http.StatusBadRequest, "Invalid cursor value", "from"}
		}
	}
	start = min(max(0, start+limit*emulator.PageShift(c.r)), len(items))
	end := min(start+limit, len(items))
	bodies := []object{}
	for _, i := range items[start:end] {
		bodies = append(bodies, i.body)
	}
	page := func(at int) object {
		q := c.r.URL.Query()
		q.Set("from", items[at].id)
		q.Set("limit", strconv.Itoa(limit))
		return link(c.base+c.r.URL.Path+"?"+q.Encode(), hal)
	}
	links := object{"self": link(c.base+c.r.URL.RequestURI(), hal), "previous": nil, "next": nil, "documentation": documentation()}
	if end < len(items) {
		links["next"] = page(end)
	}
	if start > 0 {
		links["previous"] = page(max(0, start-limit))
	}
	return http.StatusOK, object{"count": len(bodies), "_embedded": object{name: bodies}, "_links": links}, nil
}
