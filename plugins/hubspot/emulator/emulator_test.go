package emulator_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/plugins/hubspot/emulator"
	kit "github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/emulatortest"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

type desk struct {
	*emulatortest.Desk
	*emulatortest.Clock
	srv *emulator.Server
}

func open(t *testing.T, change func(*emulator.Config)) *desk {
	t.Helper()
	d := &desk{Clock: &emulatortest.Clock{}}
	cfg := emulator.Config{
		Now: d.Now, Wall: d.Now, TenSecondly: -1, Daily: -1, Searches: -1, WebhookRetry: []time.Duration{time.Millisecond, time.Millisecond},
		Clients: map[string]kit.OAuthClient{"app": {Secret: "s3cret"}},
	}
	if change != nil {
		change(&cfg)
	}
	var err error
	if d.srv, err = emulator.New(cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.srv.Close)
	d.Desk = emulatortest.Serve(t, d.srv)
	d.Must(201, "POST", "/_control/administrations", map[string]string{"id": "777", "name": "Korenaar"})
	d.Must(201, "POST", "/_control/tokens", map[string]string{"client": "app"})
	d.Header.Set("Authorization", "Bearer "+d.At("access_token"))
	return d
}

// seed adds a company with a contact person and returns their ids.
func (d *desk) seed(name string) (company, contact string) {
	d.T.Helper()
	d.Must(201, "POST", "/_control/administrations/777/contacts", ledger.ContactSeed{CompanyName: name, LastName: "Vos", Email: "vos@" + name + ".example"})
	return d.At("id"), d.At("contact")
}

func TestTokensAndScopes(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	token := strings.TrimPrefix(d.Header.Get("Authorization"), "Bearer ")
	d.Must(200, "GET", "/oauth/v1/access-tokens/"+token, nil)
	d.Want("hub_id", "777")
	d.Want("expires_in", "1800")
	d.Must(200, "GET", "/account-info/v3/details", nil)
	d.Want("portalId", "777")
	d.Pass(30 * time.Minute)
	d.Must(401, "GET", "/crm/v3/objects/companies", nil)
	d.Want("category", "EXPIRED_AUTHENTICATION")
	d.Header.Set("Authorization", "Bearer nonsense")
	d.Must(401, "GET", "/crm/v3/objects/companies", nil)
	d.Want("category", "INVALID_AUTHENTICATION")
	d.Must(201, "POST", "/_control/private_apps", map[string]string{"scope": "crm.objects.companies.read"})
	d.Header.Set("Authorization", "Bearer "+d.At("token"))
	for path, want := range map[string]int{"GET companies": 200, "POST companies": 403, "GET contacts": 403, "POST notes": 403, "GET spaceships": 404} {
		method, kind, _ := strings.Cut(path, " ")
		if d.Ask(method, "/crm/v3/objects/"+kind, `{}`) != want {
			t.Errorf("%s: %d %s", path, d.Status, d.Body)
		}
		if want == 403 {
			d.Want("category", "MISSING_SCOPES")
		}
	}
	d.Must(403, "GET", "/crm/v3/owners", nil)
}

func TestListing(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	for i := range 12 {
		d.seed(fmt.Sprintf("c%02d", i))
	}
	d.Must(200, "GET", "/crm/v3/objects/companies?properties=name,phone,nonsense&associations=contacts", nil)
	d.Want("results.#", "10")
	d.Want("results.0.properties.phone", "<nil>")
	d.Want("results.0.properties.nonsense", "-")
	d.Want("results.0.associations.contacts.results.0.type", "company_to_contact")
	next := d.At("paging.next.link")
	d.srv.Kit().MustInject(kit.Fault{Do: kit.RepeatPage, Path: "/crm/v3/objects/companies", Query: "limit=3"})
	d.Must(200, "GET", next, nil)
	d.Want("results.#", "2")
	d.Want("paging", "-")
	d.Must(200, "GET", "/crm/v3/objects/companies?limit=100", nil)
	id := d.At("results.4.id")
	d.Must(400, "GET", "/crm/v3/objects/companies?limit=101", nil)
	d.Must(204, "DELETE", "/crm/v3/objects/companies/"+id, nil)
	d.Must(204, "DELETE", "/crm/v3/objects/companies/"+id, nil)
	d.Must(404, "GET", "/crm/v3/objects/companies/"+id, nil)
	d.Must(200, "GET", "/crm/v3/objects/companies/"+id+"?archived=true", nil)
	d.Must(200, "GET", "/crm/v3/objects/companies?archived=true", nil)
	d.Want("results.#", "1")
	d.Want("results.0.archived", "true")
	d.Must(200, "GET", "/crm/v3/owners?limit=1", nil)
	d.Want("results.0.firstName", "Sanne")
	d.Must(200, "GET", "/crm/v3/owners?limit=1&after="+d.At("paging.next.after"), nil)
	d.Want("results.0.firstName", "Tim")
}

func TestWriting(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	company, contact := d.seed("acme")
	note := func(typeID int) string {
		return fmt.Sprintf(`{"properties":{"hs_timestamp":"2026-03-02T09:00:00Z","hs_note_body":"Second reminder sent"},"associations":[{"to":{"id":%s},"types":[{"associationCategory":"HUBSPOT_DEFINED","associationTypeId":%d}]}]}`, company, typeID)
	}
	d.Must(400, "POST", "/crm/v3/objects/notes", note(202))
	d.Must(400, "POST", "/crm/v3/objects/notes", `{"properties":{"hs_note_body":"x"}}`)
	d.Must(201, "POST", "/crm/v3/objects/notes", note(190))
	id := d.At("id")
	d.Must(200, "GET", "/crm/v4/objects/companies/"+company+"/associations/notes", nil)
	d.Want("results.0.toObjectId", id)
	d.Must(200, "GET", "/crm/v3/objects/notes/"+id+"/associations/companies", nil)
	d.Want("results.0.type", "note_to_company")
	d.Must(200, "PUT", "/crm/v4/objects/notes/"+id+"/associations/default/contacts/"+contact, nil)
	d.Must(200, "POST", "/crm/v4/associations/notes/contacts/batch/read", `{"inputs":[{"id":"`+id+`"},{"id":"1"}]}`)
	d.Want("results.0.to.0.associationTypes.0.typeId", "202")
	d.Must(200, "GET", "/_control/administrations/777/notes", nil)
	d.Want("0.properties.hs_note_body", "Second reminder sent")

	d.Must(400, "PATCH", "/crm/v3/objects/companies/"+company, `{"properties":{"open_balance":"12.50"}}`)
	if !strings.Contains(d.At("message"), "PROPERTY_DOESNT_EXIST") {
		t.Errorf("%s", d.Body)
	}
	d.Must(201, "POST", "/crm/v3/properties/companies", `{"name":"open_balance","label":"Open","type":"number","fieldType":"number","groupName":"companyinformation"}`)
	d.Must(409, "POST", "/crm/v3/properties/companies", `{"name":"open_balance"}`)
	d.Must(200, "PATCH", "/crm/v3/objects/companies/"+company, `{"properties":{"open_balance":12.5}}`)
	d.Want("properties.open_balance", "12.5")
	d.Must(400, "PATCH", "/crm/v3/objects/companies/"+company, `{"properties":{"hs_object_id":"1"}}`)
	d.Must(404, "PATCH", "/crm/v3/objects/companies/1", `{"properties":{}}`)
	d.Must(409, "POST", "/crm/v3/objects/contacts", `{"properties":{"email":"VOS@acme.example"}}`)
	d.Must(200, "GET", "/crm/v3/objects/contacts/vos@acme.example?idProperty=email", nil)
	d.Want("id", contact)
	d.Must(207, "POST", "/crm/v3/objects/companies/batch/read", `{"properties":["open_balance"],"propertiesWithHistory":[],"inputs":[{"id":"`+company+`"},{"id":"1"}]}`)
	d.Want("results.0.properties.open_balance", "12.5")
	d.Want("errors.0.context.ids.0", "1")

	other, _ := d.seed("twin")
	d.Must(200, "POST", "/crm/v3/objects/companies/merge", `{"primaryObjectId":"`+company+`","objectIdToMerge":"`+other+`"}`)
	d.Must(200, "GET", "/crm/v3/objects/companies/"+other, nil)
	d.Want("id", company)
}

func TestSearch(t *testing.T) {
	t.Parallel()
	d := open(t, func(c *emulator.Config) { c.SearchLag = 5 * time.Second })
	for i := range 5 {
		d.seed(fmt.Sprintf("c%02d", i))
		d.Pass(time.Minute)
	}
	ask := func(body string) string {
		t.Helper()
		d.Must(200, "POST", "/crm/v3/objects/companies/search", body)
		var out []string
		for i := 0; d.At(fmt.Sprintf("results.%d.id", i)) != "-"; i++ {
			out = append(out, d.At(fmt.Sprintf("results.%d.properties.name", i)))
		}
		return d.At("total") + ": " + strings.Join(out, " ")
	}
	where := func(f string) string {
		return `{"filterGroups":[{"filters":[` + f + `]}],"sorts":[{"propertyName":"hs_lastmodifieddate","direction":"ASCENDING"}],"properties":["name"],"limit":3,"after":"0"}`
	}
	from := d.Now().Add(-4 * time.Minute).UnixMilli()
	for body, want := range map[string]string{
		`{"limit":2}`:             "5: c00 c01",
		`{"limit":2,"after":"4"}`: "5: c04",
		`{"sorts":["-name"]}`:     "5: c00 c01 c02 c03 c04",
		`{"query":"vos@c03"}`:     "0: ",
		`{"query":"C03"}`:         "1: c03",
		`{"filterGroups":[{"filters":[{"propertyName":"name","operator":"EQ","value":"c01"}]},{"filters":[{"propertyName":"name","operator":"IN","values":["c02"]}]}]}`: "2: c01 c02",
		where(fmt.Sprintf(`{"propertyName":"hs_lastmodifieddate","operator":"GTE","value":"%d"}`, from)):                                                                "4: c01 c02 c03",
		where(fmt.Sprintf(`{"propertyName":"hs_lastmodifieddate","operator":"BETWEEN","value":"%d","highValue":"%d"}`, from, from+60_000)):                              "2: c01 c02",
		where(`{"propertyName":"phone","operator":"HAS_PROPERTY"}`):                                                                                                     "0: ",
		where(`{"propertyName":"name","operator":"NOT_IN","values":["c00","c01"]},{"propertyName":"name","operator":"NEQ","value":"c02"}`):                              "2: c03 c04",
		where(`{"propertyName":"name","operator":"CONTAINS_TOKEN","value":"*4"}`):                                                                                       "1: c04",
	} {
		if got := ask(body); got != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
	for _, body := range []string{`{"limit":201}`, `{"limit":200,"after":"9801"}`, `{"sorts":["a","b"]}`, where(`{"propertyName":"nope","operator":"EQ","value":"1"}`), where(`{"propertyName":"name","operator":"LIKE","value":"1"}`), `{`} {
		d.Must(400, "POST", "/crm/v3/objects/companies/search", body)
		d.Want("category", "VALIDATION_ERROR")
	}
	d.seed("late")
	if got := ask(`{"query":"late"}`); got != "0: " {
		t.Errorf("a change is found at once: %s", got)
	}
	d.Pass(6 * time.Second)
	if got := ask(`{"query":"late"}`); got != "1: late" {
		t.Errorf("a change is not found later: %s", got)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	d := open(t, func(c *emulator.Config) { c.TenSecondly, c.Searches, c.Daily = 2, 1, 3 })
	list := func() int { return d.Ask("GET", "/crm/v3/objects/companies", nil) }
	if list() != 200 || d.Got.Get("X-HubSpot-RateLimit-Remaining") != "1" || d.Got.Get("X-HubSpot-RateLimit-Interval-Milliseconds") != "10000" {
		t.Errorf("%d %v", d.Status, d.Got)
	}
	if list() != 200 || list() != 429 || d.At("policyName") != "TEN_SECONDLY_ROLLING" {
		t.Errorf("%d %s", d.Status, d.Body)
	}
	d.Must(200, "POST", "/crm/v3/objects/companies/search", `{}`)
	d.Must(429, "POST", "/crm/v3/objects/companies/search", `{}`)
	d.Want("policyName", "SECONDLY")
	d.Pass(10 * time.Second)
	if list() != 200 || list() != 429 || d.At("policyName") != "DAILY" {
		t.Errorf("%d %s", d.Status, d.Body)
	}
}

func TestWebhooks(t *testing.T) {
	t.Parallel()
	type got struct{ body, want, have string }
	calls := make(chan got, 10)
	failures := 1
	hub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		calls <- got{string(b), emulator.Signature("POST", "http://"+r.Host+r.URL.Path, string(b), r.Header.Get("X-HubSpot-Request-Timestamp"), "webhook"), r.Header.Get("X-HubSpot-Signature-v3")}
		if failures > 0 {
			failures--
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	defer hub.Close()
	next := func(parts ...string) {
		t.Helper()
		select {
		case g := <-calls:
			if g.have != g.want {
				t.Errorf("the signature of %s is %s, want %s", g.body, g.have, g.want)
			}
			for _, p := range parts {
				if !strings.Contains(g.body, p) {
					t.Errorf("%s is not in %s", p, g.body)
				}
			}
		case <-time.After(20 * time.Second):
			t.Fatal("no call came")
		}
	}
	d := open(t, nil)
	d.Must(204, "POST", "/_control/webhooks", map[string]any{"target": hub.URL + "/hook", "subscriptions": []string{"company.creation", "company.propertyChange", "object.deletion"}})
	id, _ := d.seed("acme")
	next(`"attemptNumber":0`, `"subscriptionType":"company.creation"`, `"portalId":777`)
	next(`"attemptNumber":1`, `"objectId":`+id)
	d.Must(204, "PATCH", "/_control/administrations/777/contacts/"+id, ledger.ContactSeed{City: "Ede", Phone: "1"})
	next(`"propertyName":"city","propertyValue":"Ede"`, `"propertyName":"phone"`)
	d.Must(204, "DELETE", "/_control/administrations/777/contacts/"+id, nil)
	next(`"subscriptionType":"object.deletion"`, `"objectTypeId":"0-2"`)
}
