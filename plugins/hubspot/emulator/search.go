package emulator

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/emulator"
)

type filter struct {
	Property  string   `json:"propertyName"`
	Operator  string   `json:"operator"`
	Value     string   `json:"value"`
	HighValue string   `json:"highValue"`
	Values    []string `json:"values"`
}

type searchRequest struct {
	FilterGroups []struct {
		Filters []filter `json:"filters"`
	} `json:"filterGroups"`
	Sorts      []json.RawMessage `json:"sorts"`
	Properties []string          `json:"properties"`
	Query      string            `json:"query"`
	Limit      int               `json:"limit"`
	After      flexible          `json:"after"`
}

const furthest = 10_000

func (c *call) search() error {
	var in searchRequest
	if err := c.read(&in); err != nil {
		return err
	}
	limit := cmp.Or(in.Limit, 10)
	after, _ := strconv.Atoi(string(in.After))
	filters := 0
	for _, g := range in.FilterGroups {
		filters += len(g.Filters)
		if len(g.Filters) > 6 {
			return invalid("A filter group may have up to 6 filters")
		}
	}
	switch {
	case limit < 1 || limit > 200:
		return invalid("limit must be between 1 and 200")
	case len(in.FilterGroups) > 5 || filters > 18:
		return invalid("A search may have up to 5 filter groups and 18 filters")
	case len(in.Sorts) > 1:
		return invalid("A search may have one sort")
	case after+limit > furthest:
		return invalid("Cannot page beyond %d results of one search", furthest)
	}
	var body object
	var err error
	c.s.crm.View(func(m *crm) { body, err = c.find(m, in, limit, after) })
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, body)
}

func (c *call) find(m *crm, in searchRequest, limit, after int) (object, error) {
	seen := c.s.kit.Now().Add(-c.s.cfg.SearchLag)
	var found []*record
	for _, r := range m.Records {
		if r.Kind != c.kind || !r.Archived.IsZero() || r.Updated.After(seen) {
			continue
		}
		ok := len(in.FilterGroups) == 0
		for _, g := range in.FilterGroups {
			all := true
			for _, f := range g.Filters {
				if !m.knows(c.kind, f.Property) {
					return nil, invalid("There was a problem with the request: property %q does not exist", f.Property)
				}
				pass, err := f.pass(r)
				if err != nil {
					return nil, err
				}
				all = all && pass
			}
			ok = ok || all
		}
		if ok && r.mentions(in.Query) {
			found = append(found, r)
		}
	}
	if err := sortRecords(found, in.Sorts); err != nil {
		return nil, err
	}
	from := min(max(0, after+emulator.PageShift(c.r)*limit), len(found))
	to := min(from+limit, len(found))
	results := []object{}
	for _, r := range found[from:to] {
		results = append(results, m.draw(r, in.Properties))
	}
	body := object{"total": len(found), "results": results}
	if to < len(found) {
		body["paging"] = object{"next": object{"after": strconv.Itoa(to)}}
	}
	return body, nil
}

func (r *record) mentions(query string) bool {
	for _, v := range r.Properties {
		if strings.Contains(strings.ToLower(v), strings.ToLower(query)) {
			return true
		}
	}
	return query == ""
}

// sortRecords orders by one property, or by id.
func sortRecords(all []*record, sorts []json.RawMessage) error {
	if len(sorts) == 0 {
		return nil
	}
	var by struct {
		Property  string `json:"propertyName"`
		Direction string `json:"direction"`
	}
	if json.Unmarshal(sorts[0], &by.Property) != nil {
		if err := json.Unmarshal(sorts[0], &by); err != nil {
			return invalid("A sort names a property")
		}
	}
	slices.SortStableFunc(all, func(x, y *record) int {
		a, _ := x.value(by.Property)
		b, _ := y.value(by.Property)
		if by.Direction == "DESCENDING" {
			a, b = b, a
		}
		return compare(a, b)
	})
	return nil
}

// compare orders numbers, moments (also as milliseconds) and texts.
func compare(a, b string) int {
	x, ok1 := measure(a)
	y, ok2 := measure(b)
	if ok1 && ok2 {
		return cmp.Compare(x, y)
	}
	return strings.Compare(strings.ToLower(a), strings.ToLower(b))
}

func measure(s string) (float64, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return float64(t.UnixMilli()), true
		}
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil
}

func (f filter) pass(r *record) (bool, error) {
	v, has := r.value(f.Property)
	is := func(want string) bool { return has && compare(v, want) == 0 }
	switch f.Operator {
	case "EQ":
		return is(f.Value), nil
	case "NEQ":
		return has && !is(f.Value), nil
	case "LT":
		return has && compare(v, f.Value) < 0, nil
	case "LTE":
		return has && compare(v, f.Value) <= 0, nil
	case "GT":
		return has && compare(v, f.Value) > 0, nil
	case "GTE":
		return has && compare(v, f.Value) >= 0, nil
	case "BETWEEN":
		return has && compare(v, f.Value) >= 0 && compare(v, f.HighValue) <= 0, nil
	case "IN":
		return slices.ContainsFunc(f.Values, is), nil
	case "NOT_IN":
		return has && !slices.ContainsFunc(f.Values, is), nil
	case "HAS_PROPERTY":
		return has, nil
	case "NOT_HAS_PROPERTY":
		return !has, nil
	case "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN":
		token := strings.ToLower(strings.Trim(f.Value, "*"))
		return has && strings.Contains(strings.ToLower(v), token) == (f.Operator == "CONTAINS_TOKEN"), nil
	}
	return false, invalid("Invalid operator %s", f.Operator)
}
