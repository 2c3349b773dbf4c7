package emulator

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/voldaan/voldaan/sdk/emulator"
)

// draw shows a record with the properties asked for, or the usual ones.
func (c *crm) draw(r *record, properties []string) object {
	k := kinds[r.Kind]
	want := append([]string{"hs_object_id", k.modified, k.created}, properties...)
	if len(properties) == 0 {
		want = append(want, k.shown...)
	}
	shown := object{}
	for _, name := range want {
		if v, ok := r.value(name); ok {
			shown[name] = v
		} else if c.knows(r.Kind, name) {
			shown[name] = nil
		}
	}
	o := object{"id": r.ID, "properties": shown, "createdAt": stamp(r.Created), "updatedAt": stamp(r.Updated), "archived": !r.Archived.IsZero()}
	if !r.Archived.IsZero() {
		o["archivedAt"] = stamp(r.Archived)
	}
	return o
}

func (c *crm) drawLinks(r *record, o object, wanted []string) {
	all := object{}
	for _, to := range wanted {
		var list []object
		for _, l := range r.Links {
			if other := c.find(l.Kind, l.ID); l.Kind == to && other != nil && other.Archived.IsZero() {
				list = append(list, object{"id": l.ID, "type": kinds[r.Kind].single + "_to_" + kinds[l.Kind].single})
			}
		}
		if list != nil {
			all[to] = object{"results": list}
		}
	}
	if len(all) > 0 {
		o["associations"] = all
	}
}

// names splits the parameters of a query that may come often or with commas.
func (c *call) names(parameter string) (out []string) {
	for _, v := range c.r.URL.Query()[parameter] {
		for name := range strings.SplitSeq(v, ",") {
			if name = strings.TrimSpace(name); name != "" {
				out = append(out, name)
			}
		}
	}
	return out
}

// number is an id as a number; ids rise.
func number(id string) int64 { n, _ := strconv.ParseInt(id, 10, 64); return n }

func (c *call) list() error {
	q := c.r.URL.Query()
	limit, err := strconv.Atoi(cmp.Or(q.Get("limit"), "10"))
	if err != nil || limit < 1 || limit > 100 {
		return invalid("limit must be between 1 and 100")
	}
	archived := q.Get("archived") == "true"
	body := object{"results": []object{}}
	c.s.crm.View(func(m *crm) {
		var all []*record
		for _, r := range m.Records {
			if r.Kind == c.kind && r.Archived.IsZero() != archived {
				all = append(all, r)
			}
		}
		from := 0
		if after := q.Get("after"); after != "" {
			if from = slices.IndexFunc(all, func(r *record) bool { return number(r.ID) >= number(after) }); from < 0 {
				from = len(all)
			}
		}
		from = min(max(0, from+emulator.PageShift(c.r)*limit), len(all))
		to := min(from+limit, len(all))
		results := []object{}
		for _, r := range all[from:to] {
			o := m.draw(r, c.names("properties"))
			m.drawLinks(r, o, c.names("associations"))
			results = append(results, o)
		}
		body["results"] = results
		if to < len(all) {
			q.Set("after", all[to].ID)
			body["paging"] = object{"next": object{"after": all[to].ID, "link": c.base() + c.r.URL.Path + "?" + q.Encode()}}
		}
	})
	return c.json(http.StatusOK, body)
}

var errNoRecord = refuse(http.StatusNotFound, "OBJECT_NOT_FOUND", "resource not found")

func (c *call) get() error {
	var body object
	c.s.crm.View(func(m *crm) {
		r := m.find(c.kind, c.r.PathValue("id"))
		if by := c.r.URL.Query().Get("idProperty"); by != "" {
			i := slices.IndexFunc(m.Records, func(o *record) bool {
				return o.Kind == c.kind && o.Properties[by] == c.r.PathValue("id") && o.Archived.IsZero()
			})
			if r = nil; i >= 0 {
				r = m.Records[i]
			}
		}
		if r == nil || r.Archived.IsZero() == (c.r.URL.Query().Get("archived") == "true") {
			return
		}
		body = m.draw(r, c.names("properties"))
		m.drawLinks(r, body, c.names("associations"))
	})
	if body == nil {
		return errNoRecord
	}
	return c.json(http.StatusOK, body)
}

type input struct {
	ID           string         `json:"id"`
	Properties   map[string]any `json:"properties"`
	Associations []struct {
		To struct {
			ID flexible `json:"id"`
		} `json:"to"`
		Types []struct {
			Category string `json:"associationCategory"`
			TypeID   int    `json:"associationTypeId"`
		} `json:"types"`
	} `json:"associations"`
}

// flexible is an id: text or a number.
type flexible string

// UnmarshalJSON accepts both forms.
func (f *flexible) UnmarshalJSON(b []byte) error {
	*f = flexible(strings.Trim(string(b), `"`))
	return nil
}

// texts checks the properties of a write.
func (m *crm) texts(kind string, in map[string]any) (map[string]string, error) {
	out := map[string]string{}
	for name, v := range in {
		k := kinds[kind]
		switch {
		case !m.knows(kind, name):
			return nil, invalid(`Property values were not valid: [{"isValid":false,"message":"Property \"%s\" does not exist","error":"PROPERTY_DOESNT_EXIST","name":"%s"}]`, name, name)
		case name == "hs_object_id" || name == k.modified || name == k.created:
			return nil, invalid(`Property values were not valid: [{"isValid":false,"message":"\"%s\" is a read only property; its value cannot be set.","error":"READ_ONLY_VALUE","name":"%s"}]`, name, name)
		case v == nil:
			out[name] = ""
		default:
			out[name] = fmt.Sprint(v)
		}
	}
	return out, nil
}

func (c *call) create() error {
	var in input
	if err := c.read(&in); err != nil {
		return err
	}
	var body object
	err := c.change(func(t *tx) error {
		r, err := t.create(c.kind, in)
		if err == nil {
			body = t.m.draw(r, property(in))
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, body)
}

func property(in input) (names []string) {
	for name := range in.Properties {
		names = append(names, name)
	}
	return names
}

func (c *call) update() error {
	var in input
	if err := c.read(&in); err != nil {
		return err
	}
	var body object
	err := c.change(func(t *tx) error {
		r, err := t.update(c.kind, c.r.PathValue("id"), in)
		if err == nil {
			body = t.m.draw(r, property(in))
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, body)
}

func (c *call) archive() error {
	err := c.change(func(t *tx) error { t.archive(c.kind, c.r.PathValue("id")); return nil })
	if err == nil {
		c.w.WriteHeader(http.StatusNoContent)
	}
	return err
}

func (c *call) merge() error {
	var in struct {
		Primary string `json:"primaryObjectId"`
		Other   string `json:"objectIdToMerge"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	var body object
	err := c.change(func(t *tx) error {
		a, b := t.m.find(c.kind, in.Primary), t.m.find(c.kind, in.Other)
		if a == nil || b == nil || a == b {
			return errNoRecord
		}
		t.merge(a, b)
		body = t.m.draw(a, nil)
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, body)
}

// batch serves batch/read, create, update and archive of up to 100 records.
func (c *call) batch() error {
	var in struct {
		Inputs     []input  `json:"inputs"`
		Properties []string `json:"properties"`
		IDProperty string   `json:"idProperty"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if len(in.Inputs) > 100 {
		return invalid("The maximum number of inputs supported in a batch request for property history is 100. Found %d.", len(in.Inputs))
	}
	what, status := c.r.PathValue("what"), http.StatusOK
	results, missing := []object{}, []string{}
	now := stamp(c.s.kit.Now())
	err := c.change(func(t *tx) error {
		for _, one := range in.Inputs {
			var r *record
			var err error
			switch what {
			case "read":
				r = t.m.find(c.kind, one.ID)
				if in.IDProperty != "" {
					i := slices.IndexFunc(t.m.Records, func(o *record) bool {
						return o.Kind == c.kind && o.Archived.IsZero() && o.Properties[in.IDProperty] == one.ID
					})
					if r = nil; i >= 0 {
						r = t.m.Records[i]
					}
				}
				if r == nil || !r.Archived.IsZero() {
					missing = append(missing, one.ID)
					continue
				}
			case "create":
				r, err = t.create(c.kind, one)
				status = http.StatusCreated
			case "update":
				r, err = t.update(c.kind, one.ID, one)
			case "archive":
				t.archive(c.kind, one.ID)
				status = http.StatusNoContent
				continue
			default:
				err = errNoRecord
			}
			if err != nil {
				return err
			}
			results = append(results, t.m.draw(r, append(in.Properties, property(one)...)))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if status == http.StatusNoContent {
		c.w.WriteHeader(status)
		return nil
	}
	body := object{"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
	if len(missing) > 0 {
		status = http.StatusMultiStatus
		body["numErrors"] = 1
		body["errors"] = []object{{"status": "error", "category": "OBJECT_NOT_FOUND", "message": "Could not get some objects, they may be deleted or not exist. Check that ids are valid.", "context": object{"ids": missing}, "errors": []object{}, "links": object{}}}
	}
	return c.json(status, body)
}
