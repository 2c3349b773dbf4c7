package emulator

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// model is one of Odoo's models: its records, and what can be done with them.
type model struct {
	name    string
	order   string // "id" when empty
	rows    func(v *view, c company) []row
	create  func(s *Server, q *request, vals object) (int64, error)
	methods map[string]func(*Server, *request) (any, error)
}

func (m *model) has(method string) bool {
	switch method {
	case "search", "search_read", "search_count", "read", "fields_get":
		return m.rows != nil
	case "create":
		return m.create != nil
	}
	return m.methods[method] != nil
}

// row is a record: false for what is empty.
type row = map[string]any

// many2one is a reference to a record of another model.
type many2one struct {
	ID   int64
	Name string
}

// company is an administration with its place in the database: records of the
// n-th company have ids from n million.
type company struct {
	*ledger.Administration
	index int64
}

// lazy is a value that is only worked out when it is shown.
type lazy func() any

const span = 1_000_000

func (c company) id(no int64) int64 { return c.index*span + no }

func (c company) self() many2one { return many2one{c.index + 1, c.Seed.Name} }

// view is the database as one call sees it.
type view struct {
	s         *Server
	companies []company
	cache     map[string][]row
}

// look opens the companies that a call may see, as they stand together; nil is
// the call of nobody in particular. fn must not ask the store for more.
func (s *Server) look(q *request, fn func(*view) error) (err error) {
	v := &view{s: s, cache: map[string][]row{}}
	var allowed []any
	if q != nil {
		allowed, _ = q.context["allowed_company_ids"].([]any)
	}
	s.Read(func(all []*ledger.Administration) {
		for i, a := range all {
			id := int64(i)
			if len(allowed) == 0 || slices.ContainsFunc(allowed, func(x any) bool { return whole(x) == id+1 }) {
				v.companies = append(v.companies, company{a, id})
			}
		}
		err = fn(v)
	})
	return err
}

func (v *view) rows(name string) []row {
	m := v.s.models[name]
	if m == nil || m.rows == nil {
		return nil
	}
	if _, ok := v.cache[name]; !ok {
		out := []row{}
		for _, c := range v.companies {
			out = append(out, v.s.rowsOf(v, m, c)...)
		}
		seen := map[int64]bool{} // currencies and users belong to no company
		v.cache[name] = slices.DeleteFunc(out, func(r row) bool {
			id := r["id"].(int64)
			defer func() { seen[id] = true }()
			return seen[id]
		})
	}
	return v.cache[name]
}

// drawn are a company's rows of a model; they are good until its books change.
type drawn struct {
	rev  int64
	rows []row
}

func (s *Server) rowsOf(v *view, m *model, c company) []row {
	key := m.name + " " + c.ID
	if old, ok := s.drawn.Load(key); ok && old.(drawn).rev == c.Rev {
		return old.(drawn).rows
	}
	rows := m.rows(v, c)
	s.drawn.Store(key, drawn{c.Rev, rows})
	return rows
}

// references says where the dotted paths of domains lead.
var references = map[string]string{
	"partner_id": "res.partner", "commercial_partner_id": "res.partner", "parent_id": "res.partner", "move_id": "account.move", "account_id": "account.account",
	"company_id": "res.company", "journal_id": "account.journal", "currency_id": "res.currency", "reversed_entry_id": "account.move",
	"debit_move_id": "account.move.line", "credit_move_id": "account.move.line",
}

// walk follows a path of fields from a record.
func (v *view) walk(m *model, r row, path string) (any, bool) {
	first, rest, dotted := strings.Cut(path, ".")
	have, ok := r[first]
	if !ok || !dotted {
		return have, ok
	}
	to, is := have.(many2one)
	next := v.s.models[references[first]]
	if !is || next == nil {
		return false, next != nil
	}
	for _, o := range v.rows(next.name) {
		if o["id"] == to.ID {
			return v.walk(next, o, rest)
		}
	}
	return false, true
}

// shown is a value in Odoo's JSON.
func shown(v any) any {
	switch x := v.(type) {
	case many2one:
		return []any{x.ID, x.Name}
	case time.Time:
		return x.UTC().Format("2006-01-02 15:04:05")
	case date.Date:
		return x.String()
	case lazy:
		return x()
	}
	return v
}

func kindOf(v any) string {
	switch v.(type) {
	case many2one:
		return "many2one"
	case []int64:
		return "one2many"
	case time.Time:
		return "datetime"
	case date.Date:
		return "date"
	case json.Number:
		return "monetary"
	case int64, int:
		return "integer"
	case bool:
		return "boolean"
	}
	return "char"
}

// empty is false for an empty text.
func empty(s string) any {
	if s == "" {
		return false
	}
	return s
}

func day(d date.Date) any {
	if d.IsZero() {
		return false
	}
	return d
}

// amount writes minor units as Odoo's JSON does: a float.
func amount(minor int64, currency string) json.Number {
	text := strings.TrimRight(ledger.Decimal(minor, currency), "0")
	if strings.HasSuffix(text, ".") {
		text += "0"
	}
	return json.Number(text)
}

var currencies = map[string]int64{"EUR": 1, "USD": 2, "GBP": 3}

func currency(code string) many2one { return many2one{currencies[code], code} }
