package emulator

import (
	"slices"
	"strconv"
	"time"
)

// crm is the account with its records.
type crm struct {
	Portal  int64              `json:"portal"`
	Name    string             `json:"name"`
	Seq     int64              `json:"seq"`
	Records []*record          `json:"records"` // in order of their ids
	Merged  map[string]string  `json:"merged"`  // id that went -> id that stayed
	Owners  []owner            `json:"owners"`
	Custom  map[string][]field `json:"custom"` // properties by kind
	Hook    hook               `json:"hook"`
}

// record is a company, a contact, a deal, a note or a task.
type record struct {
	ID         string            `json:"id"`
	Kind       string            `json:"kind"`
	Properties map[string]string `json:"properties"`
	Created    time.Time         `json:"created"`
	Updated    time.Time         `json:"updated"`
	Archived   time.Time         `json:"archived,omitzero"`
	Links      []link            `json:"links"`
}

// link is an association to another record.
type link struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
	Type int    `json:"type"`
}

type owner struct {
	ID, Email, First, Last string
	User                   int64
	Created                time.Time
}

type field struct {
	Name, Label, Type string
}

func newCRM() *crm {
	return &crm{Portal: 62515535, Name: "HubSpot account", Seq: 500, Merged: map[string]string{}, Custom: map[string][]field{}}
}

func (c *crm) id() string {
	c.Seq++
	return strconv.FormatInt(c.Seq, 10)
}

// find returns a record, also by the id of one that was merged into it.
func (c *crm) find(kind, id string) *record {
	if to, ok := c.Merged[id]; ok {
		id = to
	}
	i := slices.IndexFunc(c.Records, func(r *record) bool { return r.ID == id && (kind == "" || r.Kind == kind) })
	if i < 0 {
		return nil
	}
	return c.Records[i]
}

// kinds are the objects that are emulated.
var kinds = map[string]struct {
	typeID   string // in webhooks
	single   string
	modified string // property with the moment of change
	created  string
	shown    []string // when no properties are asked for
	fields   []string // all that HubSpot gives, as far as emulated
}{
	"companies": {"0-2", "company", "hs_lastmodifieddate", "createdate", []string{"name", "domain"}, []string{
		"name", "domain", "phone", "address", "address2", "city", "zip", "country", "industry", "hubspot_owner_id", "lifecyclestage", "website", "description", "hs_country_code"}},
	"contacts": {"0-1", "contact", "lastmodifieddate", "createdate", []string{"email", "firstname", "lastname"}, []string{
		"email", "firstname", "lastname", "phone", "mobilephone", "company", "jobtitle", "address", "city", "zip", "country", "hubspot_owner_id", "lifecyclestage", "hs_language"}},
	"deals": {"0-3", "deal", "hs_lastmodifieddate", "createdate", []string{"amount", "closedate", "dealname", "dealstage", "pipeline"}, []string{
		"amount", "closedate", "dealname", "dealstage", "pipeline", "deal_currency_code", "hubspot_owner_id"}},
	"notes": {"0-46", "note", "hs_lastmodifieddate", "hs_createdate", nil, []string{
		"hs_timestamp", "hs_note_body", "hubspot_owner_id", "hs_attachment_ids"}},
	"tasks": {"0-27", "task", "hs_lastmodifieddate", "hs_createdate", nil, []string{
		"hs_timestamp", "hs_task_subject", "hs_task_body", "hs_task_status", "hs_task_priority", "hs_task_type", "hubspot_owner_id"}},
}

// linkTypes are the default association types of HubSpot, by from and to.
var linkTypes = map[[2]string]int{
	{"contacts", "companies"}: 279, {"companies", "contacts"}: 280, {"notes", "companies"}: 190, {"companies", "notes"}: 189, {"notes", "contacts"}: 202,
	{"contacts", "notes"}: 201, {"notes", "deals"}: 214, {"deals", "notes"}: 213, {"tasks", "companies"}: 192, {"companies", "tasks"}: 191,
	{"tasks", "contacts"}: 204, {"contacts", "tasks"}: 203, {"deals", "companies"}: 341, {"companies", "deals"}: 342, {"deals", "contacts"}: 3, {"contacts", "deals"}: 4,
}

// connect links two records both ways; linking again changes nothing.
func connect(a, b *record) {
	for _, p := range [][2]*record{{a, b}, {b, a}} {
		l := link{p[1].Kind, p[1].ID, linkTypes[[2]string{p[0].Kind, p[1].Kind}]}
		if !slices.Contains(p[0].Links, l) {
			p[0].Links = append(p[0].Links, l)
		}
	}
}

func (c *crm) knows(kind, property string) bool {
	k := kinds[kind]
	return property == "hs_object_id" || property == k.modified || property == k.created || slices.Contains(k.fields, property) ||
		slices.ContainsFunc(c.Custom[kind], func(f field) bool { return f.Name == property })
}

// value is a property of a record, and whether it has one.
func (r *record) value(property string) (string, bool) {
	switch k := kinds[r.Kind]; property {
	case "hs_object_id":
		return r.ID, true
	case k.modified:
		return stamp(r.Updated), true
	case k.created:
		return stamp(r.Created), true
	}
	v, ok := r.Properties[property]
	return v, ok && v != ""
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
