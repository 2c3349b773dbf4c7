package odata

import (
	"fmt"
	"slices"
	"strings"
)

// Sort orders rows by an $orderby ("Name desc,ID"); empty values come first. It
// returns an error for a field that the rows do not have.
func Sort(rows []Row, orderby string) error {
	var failed error
	for _, key := range slices.Backward(strings.Split(orderby, ",")) {
		name, direction, _ := strings.Cut(strings.TrimSpace(key), " ")
		if name == "" {
			continue
		}
		slices.SortStableFunc(rows, func(x, y Row) int {
			a, ok := x[name]
			b := y[name]
			n := 0
			switch {
			case !ok:
				failed = fmt.Errorf("no property %q exists", name)
			case a == nil || b == nil:
				n = presence(a) - presence(b)
			default:
				if n, failed = Compare(a, b); failed != nil {
					return 0
				}
			}
			if strings.EqualFold(direction, "desc") {
				n = -n
			}
			return n
		})
	}
	return failed
}

func presence(v any) int {
	if v == nil {
		return 0
	}
	return 1
}

// Select keeps the fields that a $select names, all for "" or "*". It returns an
// error for a field that the row does not have.
func Select(r Row, names string) (Row, error) {
	if names == "" || names == "*" {
		return r, nil
	}
	out := Row{}
	for name := range strings.SplitSeq(names, ",") {
		name = strings.TrimSpace(name)
		v, ok := r[name]
		if !ok {
			return nil, fmt.Errorf("no property %q exists", name)
		}
		out[name] = v
	}
	return out, nil
}
