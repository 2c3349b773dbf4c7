package emulator

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// tx is a change of the account; its events go to the webhooks when it is done.
type tx struct {
	m      *crm
	now    time.Time
	events []event
}

// change runs fn on the account; fn must have changed nothing when it returns an
// error, but for a batch, which HubSpot does not undo either.
func (s *Server) change(fn func(*tx) error) error {
	t := &tx{now: s.kit.Now().UTC().Truncate(time.Millisecond)}
	err := s.crm.Update(func(m *crm) error { t.m = m; return fn(t) })
	s.tell(t.events)
	return err
}

func (c *call) change(fn func(*tx) error) error { return c.s.change(fn) }

func (t *tx) create(kind string, in input) (*record, error) {
	values, err := t.m.texts(kind, in.Properties)
	if err != nil {
		return nil, err
	}
	if (kind == "notes" || kind == "tasks") && values["hs_timestamp"] == "" {
		return nil, invalid("Error creating %s. Some required properties were not set.", strings.ToUpper(kinds[kind].single))
	}
	if mail := strings.ToLower(values["email"]); kind == "contacts" && mail != "" {
		for _, o := range t.m.Records {
			if o.Kind == kind && o.Archived.IsZero() && strings.EqualFold(o.Properties["email"], mail) {
				return nil, refuse(http.StatusConflict, "CONFLICT", "Contact already exists. Existing ID: %s", o.ID)
			}
		}
	}
	var others []*record
	for _, a := range in.Associations {
		o := t.m.find("", string(a.To.ID))
		if o == nil || len(a.Types) == 0 || linkTypes[[2]string{kind, o.Kind}] != a.Types[0].TypeID {
			return nil, invalid("No association definition for %s to the given object", kind)
		}
		others = append(others, o)
	}
	maps.DeleteFunc(values, func(_, v string) bool { return v == "" })
	r := &record{ID: t.m.id(), Kind: kind, Properties: values, Created: t.now, Updated: t.now}
	t.m.Records = append(t.m.Records, r)
	for _, o := range others {
		connect(r, o)
	}
	t.event(r, "creation", "", "")
	return r, nil
}

func (t *tx) update(kind, id string, in input) (*record, error) {
	r := t.m.find(kind, id)
	if r == nil || !r.Archived.IsZero() {
		return nil, errNoRecord
	}
	values, err := t.m.texts(kind, in.Properties)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if v := values[name]; r.Properties[name] != v {
			r.Properties[name] = v
			t.event(r, "propertyChange", name, v)
		}
	}
	r.Updated = t.now
	return r, nil
}

func (t *tx) archive(kind, id string) {
	if r := t.m.find(kind, id); r != nil && r.Archived.IsZero() {
		r.Archived = t.now
		t.event(r, "deletion", "", "")
	}
}

// merge puts b into a: its links, and the properties that a lacks.
func (t *tx) merge(a, b *record) {
	for name, v := range b.Properties {
		if a.Properties[name] == "" {
			a.Properties[name] = v
		}
	}
	for _, l := range b.Links {
		if o := t.m.find(l.Kind, l.ID); o != nil && o != a {
			connect(a, o)
		}
	}
	t.m.Merged[b.ID] = a.ID
	t.m.Records = slices.DeleteFunc(t.m.Records, func(o *record) bool { return o == b })
	a.Updated = t.now
	t.event(a, "merge", "", b.ID)
}
