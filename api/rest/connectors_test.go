package rest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api"
	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/api/rest"
	"github.com/voldaan/voldaan/core/connect/registry"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/tenant"
)

// session is the cookie of a member who is signed in.
func session(t *testing.T, ten *apitest.Tenant, email string) string {
	t.Helper()
	token, err := ten.Services.Directory.SignIn(t.Context(), email, apitest.Password)
	if err != nil {
		t.Fatal(err)
	}
	return api.SessionCookie + "=" + token
}

func report(passed, failed int) map[string]string {
	return map[string]string{"conformance.json": fmt.Sprintf(`{"connector":"acme","version":"1.0.0","kit":1,"passed":%d,"failed":%d,"skipped":0}`, passed, failed), "CHANGELOG.md": "## 1.0.0\nThe first."}
}

// TestPublish proves the protocol of publishers through HTTP, as the command
// voldaan connector speaks it.
func TestPublish(t *testing.T) {
	t.Parallel()
	ten, p := open(t)
	pub := ten.Publisher("acme", "Acme BV")
	first := pub.Package("acme", "Acme", "1.0.0", report(40, 0))
	answer := func(a apitest.Answer, path string) map[string]any {
		t.Helper()
		p.doc.check(t, "POST", path, a)
		var v map[string]any
		if a.Body != "" {
			if err := json.Unmarshal([]byte(a.Body), &v); err != nil {
				t.Fatal(err)
			}
		}
		return v
	}
	a := pub.Publish(first)
	if v := answer(a, "/v1/connectors"); a.Status != 201 || v["name"] != "acme" || v["level"] != "community" || v["percent"] != 100.0 || v["again"] != false {
		t.Fatalf("%d %v", a.Status, v)
	}
	t.Run("the same again, at the other address", func(t *testing.T) {
		a := pub.Send("POST", rest.Prefix+registry.PublishPath, registry.MediaType, first)
		if v := answer(a, "/v1/connectors"); a.Status != 201 || v["again"] != true {
			t.Errorf("%d %v", a.Status, v)
		}
	})
	t.Run("it is listed at once, as what is known of its publisher makes it", func(t *testing.T) {
		_, v := p.do("GET", "/connectors/acme", "")
		if b := v["badge"].(map[string]any); b["level"] != "community" || b["score"] != 100.0 || v["publisher"] != "Acme BV" {
			t.Errorf("%v", v)
		}
		if err := ten.Services.Register.VerifyPublisher(t.Context(), "acme", "called back"); err != nil {
			t.Fatal(err)
		}
		ten.Services.Market.Changed()
		if _, v := p.do("GET", "/connectors/acme", ""); v["badge"].(map[string]any)["level"] != "verified" {
			t.Errorf("%v", v["badge"])
		}
	})
	t.Run("what is not in order", func(t *testing.T) {
		stranger := ten.Publisher("other", "Other")
		forged := *pub
		forged.Key = stranger.Key
		for name, c := range map[string]struct {
			a    apitest.Answer
			want int
			code string
		}{
			"no signature":                {ten.Client().Do("POST", registry.PublishPath, "x", map[string]string{"Content-Type": registry.MediaType}), 401, "request_not_signed"},
			"a session is no signature":   {ten.Client().Do("POST", rest.Prefix+registry.PublishPath, "x", map[string]string{"Content-Type": registry.MediaType, "Cookie": session(t, ten, ten.Email)}), 401, "request_not_signed"},
			"another publisher's key":     {forged.Publish(first), 401, "key_unknown"},
			"another publisher's name":    {stranger.Publish(stranger.Package("acme", "Acme", "2.0.0", nil)), 403, "connector_name_taken"},
			"other content":               {pub.Publish(pub.Package("acme", "Acme Books", "1.0.0", nil)), 409, "version_published"},
			"an undeclared major change":  {pub.Publish(pub.Package("acme", "Acme", "1.0.1", nil, "[parties, invoices]", "[parties, invoices, payments]")), 422, "change_undeclared"},
			"not a package":               {pub.Publish([]byte("rubbish")), 422, "package_invalid"},
			"yank of another's connector": {stranger.Send("POST", registry.YankPath("acme", "1.0.0"), "application/json", []byte(`{"why":"envy"}`)), 404, "connector_unknown"},
		} {
			path := "/v1/connectors"
			if strings.HasPrefix(name, "yank") {
				path += "/acme/versions/1.0.0/yank"
			}
			if v := answer(c.a, path); c.a.Status != c.want || c.code != "" && v["code"] != c.code || v["detail"] == "" {
				t.Errorf("%s: %d %v", name, c.a.Status, v)
			}
		}
	})
	t.Run("figures are for the publisher and its organisation alone", func(t *testing.T) {
		if status, _ := p.do("PUT", "/connectors/acme/version", `{"version":"1.0.0"}`); status != 200 {
			t.Fatal(status)
		}
		if err := ten.Services.Register.Observe(t.Context(), "acme", "1.0.0", registry.Tally{Calls: 200, Failures: 5}); err != nil {
			t.Fatal(err)
		}
		// The hub's clock is that of the bench, the register's that of the machine.
		ten.Advance(time.Since(apitest.Start))
		path := "/v1/publishers/acme/figures"
		a := pub.Send("GET", rest.Prefix+path, "", nil)
		p.doc.check(t, "GET", path, a)
		a.Has(t, 200, `"installs":1`, `"calls":200`, `"failures":5`, `"failure_rate":250`)
		a.Lacks(t, ten.ID.String(), "Van Dijk")
		stranger := ten.Publisher("third", "Third")
		stranger.Send("GET", rest.Prefix+path, "", nil).Has(t, 404)
		forged := *pub
		forged.Key = stranger.Key
		forged.Send("GET", rest.Prefix+path, "", nil).Has(t, 401)
		if status, _ := p.do("GET", "/publishers/acme/figures", ""); status != 404 {
			t.Errorf("an organisation that it is not: %d", status)
		}
		if err := ten.Services.Register.Belong(t.Context(), "acme", ten.ID); err != nil {
			t.Fatal(err)
		}
		if status, v := p.do("GET", "/publishers/acme/figures", ""); status != 200 || v["title"] != "Acme BV" {
			t.Errorf("its organisation: %d %v", status, v)
		}
	})
	t.Run("a version that is withdrawn says why", func(t *testing.T) {
		if status, _ := p.do("DELETE", "/connectors/acme/version", ""); status != 200 {
			t.Fatal(status)
		}
		pub.Publish(pub.Package("acme", "Acme", "1.0.1", nil)).Has(t, 201)
		a := pub.Send("POST", registry.YankPath("acme", "1.0.1"), "application/json", []byte(`{"why":"loses payments"}`))
		if answer(a, "/v1/connectors/acme/versions/1.0.1/yank"); a.Status != 204 {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		_, v := p.do("GET", "/connectors/acme", "")
		newest := v["versions"].([]any)[0].(map[string]any)
		if newest["version"] != "1.0.1" || newest["state"] != "yanked" || newest["why"] != "loses payments" || v["mine"].(map[string]any)["version"] != "1.0.0" {
			t.Errorf("%v, %v", newest, v["mine"])
		}
	})
}

func TestConnectors(t *testing.T) {
	t.Parallel()
	ten, p := open(t)
	pub := ten.Publisher("acme", "Acme BV")
	for i := range 5 {
		name := fmt.Sprintf("pack%d", i)
		pub.Publish(pub.Package(name, "Pack "+string(rune('E'-i)), "1.0.0", nil, "[NL, BE]", []string{"[NL]", "[BE]", "[]", "[DE]", "[NL]"}[i])).Has(t, 201)
	}
	names := func(query string) (out []string) {
		t.Helper()
		for cursor := ""; ; {
			status, v := p.do("GET", "/connectors?limit=2&"+query+cursor, "")
			if status != 200 {
				t.Fatalf("%s: %d %v", query, status, v)
			}
			for _, i := range v["items"].([]any) {
				out = append(out, i.(map[string]any)["name"].(string))
			}
			next, _ := v["next_cursor"].(string)
			if next == "" {
				return out
			}
			cursor = "&cursor=" + next
		}
	}
	for query, want := range map[string][]string{
		"":                                {"files", "moneybird", "pack4", "pack3", "pack2", "pack1", "pack0"},
		"search=pack":                     {"pack4", "pack3", "pack2", "pack1", "pack0"},
		"search=ACME+bv+payments":         {"pack4", "pack3", "pack2", "pack1", "pack0"},
		"search=pack&country=BE":          {"pack2", "pack1"},
		"search=nothing":                  nil,
		"kind=files":                      {"files"},
		"capability=subscriptions":        {"moneybird"},
		"search=pack&level=certified":     nil,
		"search=pack&level=community":     {"pack4", "pack3", "pack2", "pack1", "pack0"},
		"capability=documents&country=DE": {"files", "pack3", "pack2"},
	} {
		if got := names(query); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	for path, want := range map[string]int{"/connectors/none": 404, "/connectors?kind=nonsense": 422, "/connectors?cursor=%25": 422} {
		if status, _ := p.do("GET", path, ""); status != want {
			t.Errorf("%s: %d", path, status)
		}
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	ten, p := open(t)
	pub := ten.Publisher("acme", "Acme BV")
	pub.Publish(pub.Package("acme", "Acme", "1.0.0", nil)).Has(t, 201)
	mine := func(method, path, body string, want int) map[string]any {
		t.Helper()
		status, v := p.do(method, path, body)
		if status != want {
			t.Fatalf("%s %s: %d %v", method, path, status, v)
		}
		if m, ok := v["mine"].(map[string]any); ok {
			return m
		}
		return v
	}
	if m := mine("POST", "/connectors/acme/install", "", 200); m["installed"] != true || m["version"] != "1.0.0" {
		t.Fatalf("%v", m)
	}
	pub.Publish(pub.Package("acme", "Acme", "2.0.0", nil, "[parties, invoices]", "[parties, invoices, payments]")).Has(t, 201)
	m := mine("GET", "/connectors/acme", "", 200)
	update, _ := m["update"].(map[string]any)
	if m["version"] != "1.0.0" || update["version"] != "2.0.0" || update["ask"] != true || !strings.Contains(fmt.Sprint(update["changes"]), "It reads payments too") {
		t.Fatalf("%v", m)
	}
	if m := mine("PUT", "/connectors/acme/version", `{"version":"2.0.0","follow":true,"why":"we want payments"}`, 200); m["version"] != "2.0.0" || m["held"] != nil || m["update"] != nil {
		t.Errorf("agreed: %v", m)
	}
	if m := mine("PUT", "/connectors/acme/version", `{"version":"1.0.0"}`, 200); m["version"] != "1.0.0" || m["held"].(map[string]any)["version"] != "1.0.0" {
		t.Errorf("back: %v", m)
	}
	mine("PUT", "/connectors/acme/version", `{"version":"9.0.0"}`, 422)
	mine("PUT", "/connectors/moneybird/version", `{"version":"1.0.0"}`, 409)
	t.Run("another tenant sees nothing of it", func(t *testing.T) {
		other := ten.Tenant("other")
		q := key(t, other, "second", tenant.Read, tenant.Write)
		if _, v := q.do("GET", "/connectors/acme", ""); v["mine"].(map[string]any)["held"] != nil || v["mine"].(map[string]any)["installed"] != false || v["mine"].(map[string]any)["version"] != "2.0.0" {
			t.Errorf("%v", v["mine"])
		}
		if status, _ := q.do("DELETE", "/connectors/acme/version", ""); status != 404 && status != 409 {
			t.Errorf("it let go of what is not its own: %d", status)
		}
	})
	if m := mine("DELETE", "/connectors/acme/version", "", 200); m["held"] != nil || m["version"] != "1.0.0" {
		t.Errorf("let go: %v", m)
	}
	mine("DELETE", "/connectors/acme/install", "", 204)
	if m := mine("GET", "/connectors/acme", "", 200); m["installed"] != false {
		t.Errorf("%v", m)
	}
}

// connected is a connection of a tenant, by hand: no package answers here.
func connected(t *testing.T, ten *apitest.Tenant, connector, method string) uuid.UUID {
	t.Helper()
	id, err := ten.Services.Connections.Begin(t.Context(), ten.ID, connector, method, map[string]string{"api_key": "sesam", "api_token": "sesam"})
	if err != nil {
		t.Fatal(err)
	}
	ten.In(ten.ID, func(tx store.Tx) error {
		_, err := tx.Exec(t.Context(), "update connection set state = 'connected', sealed_credentials = 'x' where id = $1", id)
		if err == nil {
			_, err = tx.Exec(t.Context(), "update administration set connection_id = $1 where id = $2", id, ten.Administration)
		}
		return err
	})
	return id
}

func TestConnections(t *testing.T) {
	t.Parallel()
	ten, p := open(t)
	pub := ten.Publisher("acme", "Acme BV")
	pub.Publish(pub.Package("acme", "Acme", "1.0.0", nil)).Has(t, 201)
	id := connected(t, ten, "acme", "key")
	path := "/connections/" + id.String()
	do := func(method, path, body string, want int) map[string]any {
		t.Helper()
		status, v := p.do(method, path, body)
		if status != want {
			t.Fatalf("%s %s: %d %v", method, path, status, v)
		}
		return v
	}
	if v := do("GET", path+"/health", "", 200); v["state"] != "connected" || len(v["books"].([]any)) != 1 || v["books"].([]any)[0].(map[string]any)["fresh"] != true {
		t.Errorf("%v", v)
	}
	if v := do("POST", path+"/pause", `{"why":"moving to another package"}`, 200); v["state"] != "paused" || v["reason"] != "moving to another package" {
		t.Errorf("%v", v)
	}
	do("POST", path+"/pause", `{}`, 200)
	t.Run("nothing is read over a paused connection", func(t *testing.T) {
		r := ten.Services.Connections.Runner
		if err := r.Run(t.Context(), ten.ID, ten.Administration, nil); err != nil {
			t.Errorf("a sync: %v", err)
		}
		if err := r.Confirm(t.Context(), ten.ID, ten.Administration, []uuid.UUID{uuid.New()}); err == nil {
			t.Error("the gate was answered")
		}
		if v := do("GET", path+"/health", "", 200); len(v["runs"].([]any)) != 0 {
			t.Errorf("%v", v)
		}
	})
	if v := do("POST", path+"/resume", "", 200); v["state"] != "connected" || !slices.Contains(ten.Synced(), ten.Administration) {
		t.Errorf("%v, synced %v", v, ten.Synced())
	}
	do("POST", path+"/resume", "", 200)
	t.Run("another tenant finds no such connection", func(t *testing.T) {
		q := key(t, ten.Tenant("other"), "second", tenant.Read, tenant.Write)
		for _, op := range []string{"GET ", "GET /health", "GET /history", "POST /pause", "POST /resume", "POST /authorize", "DELETE "} {
			method, more, _ := strings.Cut(op, " ")
			body := ""
			if method == "POST" {
				body = "{}"
			}
			if status, v := q.do(method, path+more, body); status != 404 {
				t.Errorf("%s: %d %v", op, status, v)
			}
		}
		if _, v := q.do("GET", "/connections", ""); len(v["items"].([]any)) != 0 {
			t.Errorf("%v", v)
		}
	})
	t.Run("members who may not change settings", func(t *testing.T) {
		ten.Member("collector@vandijk.example", tenant.Collector)
		ten.Client().Do("POST", rest.Prefix+"/v1"+path+"/pause", "{}", map[string]string{"Content-Type": "application/json", "Cookie": session(t, ten, "collector@vandijk.example")}).Has(t, http.StatusForbidden, "owners_only")
	})
	if v := do("POST", path+"/authorize", `{"fields":{"api_key":"other"}}`, 503); v["code"] != "check_failed" {
		t.Errorf("%v", v)
	}
	if v := do("DELETE", path, "", 200); v["left"] != false {
		t.Errorf("%v", v)
	}
	do("DELETE", path, "", 200)
	ten.In(ten.ID, func(tx store.Tx) error {
		row, err := tx.Connection(t.Context(), id)
		if row.State != "removed" || len(row.SealedCredentials) != 0 {
			t.Errorf("left: %s, %q", row.State, row.SealedCredentials)
		}
		return err
	})
	t.Run("the record says who did what", func(t *testing.T) {
		var got []string
		for cursor := ""; ; {
			v := do("GET", path+"/history?limit=2"+cursor, "", 200)
			for _, e := range v["items"].([]any) {
				got = append(got, e.(map[string]any)["action"].(string))
				if by := e.(map[string]any)["by"]; by == "" {
					t.Errorf("%v", e)
				}
			}
			next, _ := v["next_cursor"].(string)
			if next == "" {
				break
			}
			cursor = "&cursor=" + next
		}
		if want := []string{"connection.removed", "connection.resumed", "connection.paused", "connector.moved"}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
	do("POST", path+"/resume", "", 409)
}
