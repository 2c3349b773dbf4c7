package emulator

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
	"github.com/voldaan/voldaan/sdk/emulator/odata"
)

// resource is one endpoint: how to read its rows, and what may be written.
type resource struct {
	name   string
	key    string // the field that rows are ordered by
	page   int
	plain  bool // a list that needs no $select
	bare   bool // d is the list itself
	keep   bool // rows depend on the books alone, and are many
	rows   func(c *call, a *ledger.Administration) []object
	post   func(*call) error
	put    func(*call) error
	remove func(*call) error
}

func (c *call) rows() (out []object, err error) {
	if c.adm == "current" {
		return c.res.rows(c, nil), nil
	}
	err = c.s.View(c.adm, func(a *ledger.Administration) error {
		if !c.res.keep {
			out = c.res.rows(c, a)
			return nil
		}
		key := c.res.name + " " + c.adm + " " + c.r.Host
		if old, ok := c.s.drawn.Load(key); ok && old.(drawn).rev == a.Rev {
			out = old.(drawn).rows
			return nil
		}
		out = c.res.rows(c, a)
		c.s.drawn.Store(key, drawn{a.Rev, out})
		return nil
	})
	return out, err
}

// drawn are rows that are good until the books change.
type drawn struct {
	rev  int64
	rows []object
}

func (c *call) one() error {
	rows, err := c.rows()
	if err != nil {
		return err
	}
	for _, r := range rows {
		if strings.EqualFold(fmt.Sprint(r[c.res.key]), c.key) {
			shown, err := odata.Select(r, c.r.URL.Query().Get("$select"))
			if err != nil {
				return refuse(http.StatusBadRequest, "%v", err)
			}
			return c.answer(http.StatusOK, c.draw(shown, r))
		}
	}
	return refuse(http.StatusNotFound, "Not found")
}

func (c *call) list() error {
	q := c.r.URL.Query()
	if !c.res.plain && q.Get("$select") == "" && q.Get("$top") != "1" {
		return refuse(http.StatusBadRequest, "Please add a $select or a $top=1 statement to the query string.")
	}
	filter, err := odata.ParseFilter(q.Get("$filter"))
	if err != nil {
		return refuse(http.StatusBadRequest, "%v", err)
	}
	all, err := c.rows()
	if err != nil {
		return err
	}
	var kept []object
	for _, r := range all {
		ok, err := filter.Pass(r)
		if err != nil {
			return refuse(http.StatusBadRequest, "%v", err)
		}
		if ok {
			kept = append(kept, r)
		}
	}
	order := q.Get("$orderby")
	if err := odata.Sort(kept, strings.Trim(order+","+c.res.key, ",")); err != nil {
		return refuse(http.StatusBadRequest, "%v", err)
	}
	if top, err := strconv.Atoi(q.Get("$top")); err == nil && q.Get("$skiptoken") == "" {
		kept = kept[:min(max(0, top), len(kept))]
	}
	from, err := c.after(kept, q.Get("$skiptoken"), order != "")
	if err != nil {
		return err
	}
	from = min(max(0, from+emulator.PageShift(c.r)*c.res.page), len(kept))
	to := min(from+c.res.page, len(kept))
	results := []object{}
	for _, r := range kept[from:to] {
		shown, err := odata.Select(r, q.Get("$select"))
		if err != nil {
			return refuse(http.StatusBadRequest, "%v", err)
		}
		results = append(results, c.draw(shown, r))
	}
	if c.res.bare {
		return c.answer(http.StatusOK, results)
	}
	body := object{"results": results}
	if to < len(kept) {
		body["__next"] = c.next(q, kept[to-1], to, order != "")
	}
	return c.answer(http.StatusOK, body)
}

// after finds where a page begins: behind the key of the last row, also when
// that row is gone, or at a count when the list has an order of its own.
func (c *call) after(rows []object, token string, counted bool) (int, error) {
	if token == "" {
		return 0, nil
	}
	text := strings.Trim(strings.TrimSuffix(strings.TrimPrefix(token, "guid"), "L"), "'")
	if counted {
		n, err := strconv.Atoi(text)
		if err != nil {
			return 0, refuse(http.StatusBadRequest, "The skiptoken is not valid")
		}
		return n, nil
	}
	var last any = text
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		last = n
	}
	i := slices.IndexFunc(rows, func(r object) bool {
		n, err := odata.Compare(r[c.res.key], last)
		return err == nil && n > 0
	})
	if i < 0 {
		return len(rows), nil
	}
	return i, nil
}

func (c *call) next(q url.Values, last object, count int, counted bool) string {
	token := fmt.Sprintf("guid'%v'", last[c.res.key])
	if n, ok := last[c.res.key].(int64); ok {
		token = fmt.Sprintf("%dL", n)
	}
	if counted {
		token = strconv.Itoa(count)
	}
	q.Set("$skiptoken", token)
	query := strings.ReplaceAll(q.Encode(), "%24", "$")
	return c.s.base(c.r) + c.r.URL.Path + "?" + query
}

// draw turns a row into Exact's JSON: dates, and the row's address.
func (c *call) draw(shown, whole object) object {
	out := object{"__metadata": object{
		"uri":  fmt.Sprintf("%s/api/v1/%s/%s(guid'%v')", c.s.base(c.r), c.adm, c.res.name, whole[c.res.key]),
		"type": "Exact.Web.Api.Models." + c.res.name[strings.LastIndexByte(c.res.name, '/')+1:],
	}}
	for k, v := range shown {
		if at, ok := v.(time.Time); ok {
			v = fmt.Sprintf("/Date(%d)/", at.UnixMilli())
		}
		out[k] = v
	}
	return out
}
