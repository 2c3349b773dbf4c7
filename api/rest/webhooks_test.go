package rest_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/event"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/tenant"
)

func TestEventsAndWebhooks(t *testing.T) {
	t.Parallel()
	ten, p := open(t)
	do := func(code int, method, path, body string) map[string]any {
		t.Helper()
		status, v := p.do(method, path, body)
		if status != code {
			t.Fatalf("%s %s: %d, want %d: %v", method, path, status, code, v)
		}
		return v
	}
	number := func() {
		t.Helper()
		ten.In(ten.ID, func(tx store.Tx) error {
			_, err := event.Number(t.Context(), tx, ten.Services.Real.Now())
			return err
		})
	}
	do(422, "POST", "/webhooks", `{"name":"ERP","url":"http://erp.example/hook"}`)
	do(422, "POST", "/webhooks", `{"name":"ERP","url":"https://192.168.1.4/hook"}`)
	made := do(201, "POST", "/webhooks", `{"name":"ERP","url":"https://erp.example/hook","types":["hold.*"]}`)
	to := "/webhooks/" + made["id"].(string)
	if list := do(200, "GET", "/webhooks", "")["items"].([]any); len(list) != 1 || list[0].(map[string]any)["secret"] != nil {
		t.Errorf("the list is %v", list)
	}
	if s := do(200, "POST", to+"/rotate", "")["secret"]; s == made["secret"] || s == "" {
		t.Errorf("a rotation gave %v", s)
	}
	number()
	seen, cursor := map[string]bool{}, ""
	read := func() (types []string) {
		for {
			v := do(200, "GET", "/events?limit=2&cursor="+cursor, "")
			cursor = v["next_cursor"].(string)
			items := v["items"].([]any)
			if len(items) == 0 {
				return types
			}
			for _, i := range items {
				e := i.(map[string]any)
				if seen[e["id"].(string)] {
					t.Errorf("event %v comes twice", e["id"])
				}
				seen[e["id"].(string)] = true
				types = append(types, e["type"].(string))
			}
		}
	}
	read()
	do(201, "POST", "/holds", `{"scope":"invoice","scope_id":"`+ten.Invoice("1").String()+`"}`)
	do(204, "POST", to+"/test", "")
	number()
	types := read()
	if len(types) == 0 || types[len(types)-1] != "hold.set" && types[len(types)-1] != "webhook.test" {
		t.Fatalf("after a hold the list goes on with %v", types)
	}
	hold := do(200, "GET", "/events?type=hold.set", "")["items"].([]any)[0].(map[string]any)
	if got := do(200, "GET", "/events/"+hold["id"].(string), ""); got["subject"].(map[string]any)["id"] != ten.Invoice("1").String() {
		t.Errorf("the event is %v", got)
	}
	if n := do(200, "POST", to+"/replay", `{"event":"`+hold["id"].(string)+`"}`)["queued"]; n != 1.0 {
		t.Errorf("%v queued", n)
	}
	if list := do(200, "GET", to+"/deliveries", "")["items"].([]any); len(list) != 3 {
		t.Errorf("deliveries: %v", list)
	}
	do(204, "PUT", to, `{"name":"ERP","url":"https://erp.example/hook","types":[],"active":false}`)
	do(409, "POST", to+"/test", "")
	do(200, "GET", "/event-types", "")
	viewer := key(t, ten, "viewer", tenant.Read)
	if status, _ := viewer.do("POST", "/webhooks", `{"name":"x","url":"https://erp.example/hook"}`); status != 403 {
		t.Errorf("a program that only reads made an address: %d", status)
	}
	do(404, "GET", "/webhooks/"+uuid.NewString(), "")
	do(204, "DELETE", to, "")
	do(404, "GET", to, "")
}
