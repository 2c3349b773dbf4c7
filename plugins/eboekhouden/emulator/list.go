package emulator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/voldaan/voldaan/sdk/emulator"
)

// list answers a page of rows that pass the filters of the query. Each field
// that may be filtered names the value to compare; a row that a list shows in
// part may be filtered by more than it shows.
func (c *call) list(rows []row, fields []string) error {
	q := c.r.URL.Query()
	limit, err := strconv.Atoi(cmp.Or(q.Get("limit"), "100"))
	if err != nil || limit < 1 || limit > 2000 {
		return invalid("PAGE_001", "limit", "Limit moet tussen 1 en 2000 liggen.")
	}
	offset, err := strconv.Atoi(cmp.Or(q.Get("offset"), "0"))
	if err != nil || offset < 0 {
		return invalid("PAGE_002", "offset", "Offset moet groter of gelijk aan 0 zijn.")
	}
	kept := []object{}
	for _, r := range rows {
		ok, err := r.passes(q, fields)
		if err != nil {
			return err
		}
		if ok {
			kept = append(kept, r.shown)
		}
	}
	offset = max(0, offset+emulator.PageShift(c.r)*limit)
	from := min(offset, len(kept))
	return c.json(http.StatusOK, object{"items": kept[from:min(from+limit, len(kept))], "count": len(kept)})
}

// row is a record in a list, and what it can be filtered by.
type row struct {
	shown  object
	hidden object
}

var filterName = regexp.MustCompile(`^(\w+)\[(\w+)\]$`)

func (r row) passes(q map[string][]string, fields []string) (bool, error) {
	for key, values := range q {
		name, op := key, "eq"
		if m := filterName.FindStringSubmatch(key); m != nil {
			name, op = m[1], m[2]
		}
		for _, f := range fields {
			if f != name {
				continue
			}
			v, ok := r.shown[name]
			if !ok {
				v = r.hidden[name]
			}
			pass, err := compare(v, op, values[0])
			if err != nil {
				return false, invalid("ERR_001", name, err.Error())
			}
			if !pass {
				return false, nil
			}
		}
	}
	return true, nil
}

func compare(have any, op, want string) (bool, error) {
	text := ""
	switch v := have.(type) {
	case nil:
	case json.Number:
		text = v.String()
	default:
		text = fmt.Sprint(v)
	}
	order := func(want string) int {
		a, ok1 := new(big.Rat).SetString(text)
		b, ok2 := new(big.Rat).SetString(want)
		if ok1 && ok2 {
			return a.Cmp(b)
		}
		return strings.Compare(strings.ToLower(text), strings.ToLower(want))
	}
	switch op {
	case "eq":
		return order(want) == 0, nil
	case "not_eq":
		return order(want) != 0, nil
	case "gt":
		return order(want) > 0, nil
	case "gte":
		return order(want) >= 0, nil
	case "lt":
		return order(want) < 0, nil
	case "lte":
		return order(want) <= 0, nil
	case "range":
		from, to, ok := strings.Cut(want, ",")
		if !ok {
			return false, fmt.Errorf("range heeft twee waarden nodig, gescheiden door een komma")
		}
		return order(from) >= 0 && order(to) <= 0, nil
	case "like", "not_like":
		pattern := regexp.QuoteMeta(want)
		pattern = strings.NewReplacer("%", ".*", `\?`, ".").Replace(pattern)
		m, err := regexp.MatchString("(?is)^"+pattern+"$", text)
		return m == (op == "like"), err
	}
	return false, fmt.Errorf("onbekende operator %s", op)
}
