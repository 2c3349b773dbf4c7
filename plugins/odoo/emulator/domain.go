package emulator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/date"
)

// domain is a filter in Odoo's prefix notation; terms that are not joined are
// joined by "and".
type domain struct {
	op   string // "&", "|", "!" or "" for a leaf
	of   []*domain
	leaf []any
}

func parseDomain(v any) (*domain, error) {
	list, _ := v.([]any)
	all := &domain{op: "&"}
	for len(list) > 0 {
		d, rest, err := parseTerm(list)
		if err != nil {
			return nil, err
		}
		all.of, list = append(all.of, d), rest
	}
	return all, nil
}

func parseTerm(list []any) (*domain, []any, error) {
	bad := raise("builtins.ValueError", 500, "Domain is malformed: %v", list)
	if len(list) == 0 {
		return nil, nil, bad
	}
	switch x := list[0].(type) {
	case string:
		d := &domain{op: x}
		n := map[string]int{"&": 2, "|": 2, "!": 1}[x]
		if n == 0 {
			return nil, nil, bad
		}
		list = list[1:]
		for range n {
			sub, rest, err := parseTerm(list)
			if err != nil {
				return nil, nil, err
			}
			d.of, list = append(d.of, sub), rest
		}
		return d, list, nil
	case []any:
		if len(x) != 3 {
			return nil, nil, bad
		}
		return &domain{leaf: x}, list[1:], nil
	}
	return nil, nil, bad
}

func (d *domain) pass(v *view, m *model, r row) (bool, error) {
	if d.leaf != nil {
		return leaf(v, m, r, d.leaf)
	}
	any := false
	for _, sub := range d.of {
		ok, err := sub.pass(v, m, r)
		if err != nil {
			return false, err
		}
		switch {
		case d.op == "!":
			return !ok, nil
		case d.op == "&" && !ok:
			return false, nil
		}
		any = any || ok
	}
	return any || d.op == "&", nil
}

func leaf(v *view, m *model, r row, l []any) (bool, error) {
	path := fmt.Sprint(l[0])
	have, ok := v.walk(m, r, path)
	if !ok {
		return false, raise("builtins.ValueError", 500, "Invalid field %s.%s in leaf (%v)", m.name, path, l)
	}
	op, want := strings.ToLower(fmt.Sprint(l[1])), l[2]
	switch op {
	case "=", "==":
		return equal(have, want), nil
	case "!=", "<>":
		return !equal(have, want), nil
	case "in", "not in":
		list, _ := want.([]any)
		return slices.ContainsFunc(list, func(w any) bool { return equal(have, w) }) == (op == "in"), nil
	case "like", "ilike", "not like", "not ilike", "=like", "=ilike":
		pattern := strings.NewReplacer("%", ".*", "_", ".").Replace(regexp.QuoteMeta(fmt.Sprint(want)))
		if !strings.HasPrefix(op, "=") {
			pattern = ".*" + pattern + ".*"
		}
		if strings.HasSuffix(op, "ilike") {
			pattern = "(?i)" + pattern
		}
		hit, err := regexp.MatchString("^(?s:"+pattern+")$", label(have))
		return hit != strings.HasPrefix(op, "not"), err
	case ">", ">=", "<", "<=":
		if have == false {
			return false, nil
		}
		n := order(have, want)
		return n > 0 && op[0] == '>' || n < 0 && op[0] == '<' || n == 0 && len(op) == 2, nil
	}
	return false, raise("builtins.ValueError", 500, "Invalid operator %q", op)
}

func equal(have, want any) bool {
	switch x := have.(type) {
	case many2one:
		if s, ok := want.(string); ok {
			return x.Name == s
		}
		return want != false && x.ID == whole(want)
	case []int64:
		return slices.Contains(x, whole(want)) || len(x) == 0 && want == false
	case bool:
		if !x && (want == nil || want == "") {
			return true
		}
		return have == want
	}
	return want != false && want != nil && order(have, want) == 0
}

// order compares a value of a row with one of a domain or of another row.
func order(a, b any) int {
	if x, ok := rational(a); ok {
		if y, ok := rational(b); ok {
			return x.Cmp(y)
		}
	}
	if x, ok := a.(time.Time); ok {
		if y, ok := moment(b); ok {
			return x.Compare(y)
		}
	}
	return strings.Compare(label(a), label(b))
}

func rational(v any) (*big.Rat, bool) {
	switch x := v.(type) {
	case int, int64:
		return big.NewRat(whole(x), 1), true
	case json.Number:
		return new(big.Rat).SetString(x.String())
	}
	return nil, false
}

func moment(v any) (time.Time, bool) {
	if at, ok := v.(time.Time); ok {
		return at, true
	}
	s := fmt.Sprint(v)
	for _, layout := range []string{"2006-01-02 15:04:05.999999", "2006-01-02T15:04:05Z07:00", "2006-01-02"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

func label(v any) string {
	switch x := v.(type) {
	case many2one:
		return x.Name
	case date.Date:
		return x.String()
	case bool:
		if !x {
			return ""
		}
	}
	return fmt.Sprint(v)
}

// sortRows orders by "field [desc], …", or by the model's own order.
func sortRows(m *model, rows []row, by string) error {
	for _, key := range slices.Backward(strings.Split(cmp.Or(by, m.order, "id"), ",")) {
		name, direction, _ := strings.Cut(strings.TrimSpace(key), " ")
		for _, r := range rows {
			if _, ok := r[name]; !ok {
				return raise("builtins.ValueError", 500, "Invalid field '%s' in order of '%s'", name, m.name)
			}
		}
		slices.SortStableFunc(rows, func(x, y row) int {
			if strings.EqualFold(strings.TrimSpace(direction), "desc") {
				x, y = y, x
			}
			return order(x[name], y[name])
		})
	}
	return nil
}
