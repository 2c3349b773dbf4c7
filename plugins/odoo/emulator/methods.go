package emulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// signatures are the parameters of the methods, in order. Those of records take
// the ids first.
var signatures = map[string]struct {
	ids    bool
	params []string
}{
	"search":                 {false, []string{"domain", "offset", "limit", "order"}},
	"search_count":           {false, []string{"domain", "limit"}},
	"search_read":            {false, []string{"domain", "fields", "offset", "limit", "order"}},
	"fields_get":             {false, []string{"allfields", "attributes"}},
	"create":                 {false, []string{"vals_list"}},
	"read":                   {true, []string{"fields", "load"}},
	"write":                  {true, []string{"vals"}},
	"unlink":                 {true, nil},
	"message_post":           {true, []string{"body", "message_type", "subtype_xmlid", "subject"}},
	"action_post":            {true, nil},
	"button_cancel":          {true, nil},
	"action_create_payments": {true, nil},
	"get_portal_url":         {true, nil},
	"reconcile":              {true, nil},
}

// bind names the positional arguments and takes ids and context apart.
func (q *request) bind(positional []any) error {
	sig, ok := signatures[q.method]
	if !ok || strings.HasPrefix(q.method, "_") || !q.model.has(q.method) {
		if strings.HasPrefix(q.method, "_") {
			return raise("odoo.exceptions.AccessError", 403, "Private methods (such as '%s.%s') cannot be called remotely.", q.model.name, q.method)
		}
		return raise("builtins.AttributeError", 404, "The method '%s.%s' does not exist", q.model.name, q.method)
	}
	if sig.ids && len(positional) > 0 {
		q.args["ids"], positional = positional[0], positional[1:]
	}
	if len(positional) > len(sig.params) {
		return raise("builtins.TypeError", 422, "%s() takes %d arguments", q.method, len(sig.params))
	}
	for i, v := range positional {
		q.args[sig.params[i]] = v
	}
	q.context, _ = q.args["context"].(object)
	delete(q.args, "context")
	ids, given := q.args["ids"]
	delete(q.args, "ids")
	if list, ok := ids.([]any); ok {
		for _, v := range list {
			q.ids = append(q.ids, whole(v))
		}
	} else if given && ids != nil {
		q.ids = []int64{whole(ids)}
	}
	for name := range q.args {
		if !slices.Contains(sig.params, name) && q.method != "message_post" {
			return raise("builtins.TypeError", 422, "%s.%s() got an unexpected keyword argument '%s'", q.model.name, q.method, name)
		}
	}
	return nil
}

func whole(v any) int64 {
	switch x := v.(type) {
	case json.Number:
		n, _ := x.Int64()
		return n
	case int64:
		return x
	case int:
		return int64(x)
	}
	return 0
}

func (s *Server) run(q *request) (any, error) {
	reads := slices.Contains([]string{"search", "search_count", "search_read", "fields_get", "read", "get_portal_url"}, q.method)
	if q.key.ReadOnly && !reads {
		return nil, raise("odoo.exceptions.AccessError", 403, "You are not allowed to modify '%s' records.", q.model.name)
	}
	switch q.method {
	case "search", "search_read", "search_count", "read", "fields_get":
		var out any
		err := s.look(q, func(v *view) (err error) {
			switch q.method {
			case "read":
				out, err = v.read(q)
			case "fields_get":
				out = v.fields(q)
			default:
				out, err = v.search(q)
			}
			return err
		})
		return out, err
	case "create":
		return s.create(q)
	}
	return q.model.methods[q.method](s, q)
}

// search answers ids, records or their number.
func (v *view) search(q *request) (any, error) {
	d, err := parseDomain(q.args["domain"])
	if err != nil {
		return nil, err
	}
	var found []row
	for _, r := range v.rows(q.model.name) {
		ok, err := d.pass(v, q.model, r)
		if err != nil {
			return nil, err
		}
		if ok {
			found = append(found, r)
		}
	}
	if q.method == "search_count" {
		return len(found), nil
	}
	order, _ := q.args["order"].(string)
	if err := sortRows(q.model, found, order); err != nil {
		return nil, err
	}
	offset, limit := int(whole(q.args["offset"])), int(whole(q.args["limit"]))
	offset = min(max(0, offset+emulator.PageShift(q.http)*limit), len(found))
	found = found[offset:]
	if limit > 0 {
		found = found[:min(limit, len(found))]
	}
	if q.method == "search" {
		ids := []int64{}
		for _, r := range found {
			ids = append(ids, r["id"].(int64))
		}
		return ids, nil
	}
	return draw(q, found)
}

func (v *view) read(q *request) (any, error) {
	var found []row
	rows := v.rows(q.model.name)
	for _, id := range q.ids {
		i := slices.IndexFunc(rows, func(r row) bool { return r["id"] == id })
		if i < 0 {
			return nil, raise("odoo.exceptions.MissingError", 404, "Record does not exist or has been deleted.\n(Record: %s(%d,), User: %d)", q.model.name, id, uid)
		}
		found = append(found, rows[i])
	}
	return draw(q, found)
}

// fields describes the fields by the values that they hold. Those of payments are
// known before there is one: writers ask which of them holds the memo.
func (v *view) fields(q *request) object {
	out := object{}
	rows := v.rows(q.model.name)
	if q.model.name == "account.payment" && len(rows) == 0 {
		rows = []row{v.payment(company{Administration: &ledger.Administration{}}, &ledger.Payment{})}
	}
	for _, r := range rows {
		for name, value := range r {
			if kind := kindOf(value); out[name] == nil || kind != "char" {
				out[name] = object{"type": kind, "string": strings.ReplaceAll(name, "_", " "), "name": name, "readonly": false, "required": false}
			}
		}
	}
	return out
}

// create takes one record or a list of them, and answers in kind.
func (s *Server) create(q *request) (any, error) {
	list, many := q.args["vals_list"].([]any)
	if !many {
		list = []any{q.args["vals_list"]}
	}
	ids := []int64{}
	for _, v := range list {
		vals, ok := v.(object)
		if !ok {
			return nil, raise("builtins.TypeError", 422, "%s.create() takes a dictionary or a list of them", q.model.name)
		}
		id, err := q.model.create(s, q, vals)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	if many {
		return ids, nil
	}
	return ids[0], nil
}

// draw shows records with the fields asked for, or all.
func draw(q *request, found []row) (any, error) {
	var names []string
	if list, ok := q.args["fields"].([]any); ok {
		for _, v := range list {
			names = append(names, fmt.Sprint(v))
		}
	}
	out := []object{}
	for _, r := range found {
		o := object{"id": r["id"]}
		if len(names) == 0 {
			for name, v := range r {
				o[name] = shown(v)
			}
		}
		for _, name := range names {
			v, ok := r[name]
			if !ok {
				return nil, raise("builtins.ValueError", 500, "Invalid field '%s' on model '%s'", name, q.model.name)
			}
			o[name] = shown(v)
		}
		out = append(out, o)
	}
	return out, nil
}
