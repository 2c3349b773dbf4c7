package emulator

import (
	"net/http"
	"strconv"
)

// links of the record of the path to the kind of the path; nil for no record.
func (c *call) links(m *crm, id string) []link {
	r := m.find(c.kind, id)
	if r == nil {
		return nil
	}
	out := []link{}
	for _, l := range r.Links {
		if o := m.find(l.Kind, l.ID); l.Kind == c.r.PathValue("to") && o != nil && o.Archived.IsZero() {
			l.ID = o.ID
			out = append(out, l)
		}
	}
	return out
}

func (c *call) associationsV3() error {
	results := []object{}
	var links []link
	c.s.crm.View(func(m *crm) { links = c.links(m, c.r.PathValue("id")) })
	if links == nil {
		return errNoRecord
	}
	for _, l := range links {
		results = append(results, object{"id": l.ID, "type": kinds[c.kind].single + "_to_" + kinds[l.Kind].single})
	}
	return c.json(http.StatusOK, object{"results": results})
}

func (l link) v4() object {
	id, _ := strconv.ParseInt(l.ID, 10, 64)
	return object{"toObjectId": id, "associationTypes": []object{{"category": "HUBSPOT_DEFINED", "typeId": l.Type, "label": nil}}}
}

func (c *call) associationsV4() error {
	results := []object{}
	var links []link
	c.s.crm.View(func(m *crm) { links = c.links(m, c.r.PathValue("id")) })
	if links == nil {
		return errNoRecord
	}
	for _, l := range links {
		results = append(results, l.v4())
	}
	return c.json(http.StatusOK, object{"results": results})
}

func (c *call) associationsBatch() error {
	var in struct {
		Inputs []struct {
			ID flexible `json:"id"`
		} `json:"inputs"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	results := []object{}
	c.s.crm.View(func(m *crm) {
		for _, one := range in.Inputs {
			var to []object
			for _, l := range c.links(m, string(one.ID)) {
				to = append(to, l.v4())
			}
			if to != nil {
				results = append(results, object{"from": object{"id": string(one.ID)}, "to": to})
			}
		}
	})
	now := stamp(c.s.kit.Now())
	return c.json(http.StatusOK, object{"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now})
}

func (c *call) associate() error {
	var body object
	err := c.change(func(t *tx) error {
		a, b := t.m.find(c.kind, c.r.PathValue("id")), t.m.find(c.r.PathValue("to"), c.r.PathValue("other"))
		if a == nil || b == nil {
			return errNoRecord
		}
		connect(a, b)
		now := stamp(t.now)
		body = object{"status": "COMPLETE", "startedAt": now, "completedAt": now, "results": []object{{
			"from": object{"id": a.ID}, "to": object{"id": b.ID}, "associationSpec": object{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": linkTypes[[2]string{a.Kind, b.Kind}]},
		}}}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, body)
}
