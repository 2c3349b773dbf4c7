package web_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/tenant"
)

const kitReport = `{"connector":"acme","version":"1.0.0","kit":1,"at":"2026-03-01T10:00:00Z","on":"an emulator","passed":2,"failed":1,"skipped":0,"results":[
{"area":"reading","name":"pages","sentence":"Every record arrives once.","state":"passed"},
{"area":"reading","name":"order","sentence":"Order does not matter.","state":"passed"},
{"area":"writing","name":"twice","sentence":"A payment is booked once.","state":"failed","note":"It was booked <b>twice</b>."}]}`

// connection is one that works, as far as is known; no package answers here.
func connection(t *testing.T, ten *apitest.Tenant, connector, method string) uuid.UUID {
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

func TestMarketplace(t *testing.T) {
	t.Parallel()
	ten := open(t)
	pub := ten.Publisher("acme", "Acme BV")
	icon := `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>`
	pub.Publish(pub.Package("acme", "Acme", "1.0.0", map[string]string{"conformance.json": kitReport, "CHANGELOG.md": "## 1.0.0\n\n- The first", "icon.svg": icon})).Has(t, 201)
	for i := range 60 {
		pub.Publish(pub.Package(fmt.Sprintf("pack-%02d", i), fmt.Sprintf("Pack %02d", i), "1.0.0", nil)).Has(t, 201)
	}
	c := ten.SignIn(ten.Email)
	t.Run("pages and filters need no script", func(t *testing.T) {
		a := c.Get("/marketplace?q=pack")
		a.Has(t, 200, "Pack 00", "Pack 47", "48 of 60 found", `rel="next"`)
		a.Lacks(t, "Pack 48")
		next := a.Body[:strings.Index(a.Body, `rel="next"`)]
		next = next[strings.LastIndex(next, `href="`)+6:]
		next = strings.ReplaceAll(next[:strings.Index(next, `"`)], "&amp;", "&")
		c.Get(next).Has(t, 200, "Pack 48", "Pack 59", `rel="prev"`)
		c.Get("/marketplace?kind=files").Has(t, 200, "Invoice files")
		c.Get("/marketplace?q=acme+first&level=verified").Has(t, 200, "Nothing on this shelf", "Read from a file")
		c.Get("/marketplace?capability=subscriptions").Has(t, 200, "Moneybird")
		c.Get("/marketplace?after=%25").Has(t, 422, "Begin again")
	})
	t.Run("the detail shows what stands behind the badge", func(t *testing.T) {
		a := c.Get("/marketplace/acme")
		a.Has(t, 200, "Community", "66%", "api.acme.example", "Acme BV", "A payment is booked once.", "It was booked &lt;b&gt;twice", "The first", "Nothing. Your books stay as they are.", `src="/marketplace/acme/icon"`)
		a.Has(t, 200, "How it is kept to itself here", "Connectors have no network.", "Their memory is not bounded.")
		got := c.Get("/marketplace/acme/icon")
		got.Has(t, 200, "<svg")
		if p := got.Header.Get("Content-Security-Policy"); !strings.Contains(p, "sandbox") {
			t.Errorf("the picture may do more than be looked at: %q", p)
		}
		c.Get("/marketplace/pack-00/icon").Has(t, 404)
	})
	t.Run("a short run is no proof", func(t *testing.T) {
		short := strings.Replace(strings.Replace(kitReport, `"failed":1`, `"failed":0,"short":true`, 1), `"1.0.0"`, `"1.0.1"`, 1)
		pub.Publish(pub.Package("acme", "Acme", "1.0.1", map[string]string{"conformance.json": short})).Has(t, 422, "short run, which proves no level", "without --short")
	})
	t.Run("versions", func(t *testing.T) {
		connection(t, ten, "acme", "key")
		pub.Publish(pub.Package("acme", "Acme", "2.0.0", nil, "[parties, invoices]", "[parties, invoices, payments]")).Has(t, 201)
		c.Get("/marketplace/acme").Has(t, 200, "Update available", "It reads payments too, to which users must agree.", "It waits until you agree")
		ten.Member("collector@vandijk.example", tenant.Collector)
		collector := ten.SignIn("collector@vandijk.example")
		collector.Get("/marketplace/acme").Lacks(t, "Agree and update", "Use this one and stay on it")
		collector.Post("/marketplace/acme/version", url.Values{"version": {"2.0.0"}}).Has(t, 403)
		c.Post("/marketplace/acme/version", url.Values{"version": {"2.0.0"}, "follow": {"true"}}).Has(t, 200, "Version 2.0.0 is in use", "It is the newest there is")
		c.Post("/marketplace/acme/version", url.Values{"version": {"1.0.0"}}).Has(t, 200, "You stay on it", "Get new versions again")
		c.Post("/marketplace/acme/version", url.Values{"version": {"7.0.0"}}).Has(t, 200, "cannot be chosen")
		other := ten.Tenant("other")
		theirs := other.SignIn(other.Email).Get("/marketplace/acme")
		theirs.Lacks(t, "You stay on it", "Get new versions again")
		c.Post("/marketplace/acme/release", nil).Has(t, 200, "New versions come by themselves again")
	})
	t.Run("a publisher sees counts, others nothing", func(t *testing.T) {
		c.Get("/partner").Has(t, 404, "publishes no connectors")
		if err := ten.Services.Register.Belong(t.Context(), "acme", ten.ID); err != nil {
			t.Fatal(err)
		}
		c.Get("/marketplace").Has(t, 200, "How our connectors do")
		a := c.Get("/partner")
		a.Has(t, 200, "In use at 1 organisation", "For everybody")
		a.Lacks(t, "Van Dijk other")
	})
}

func TestConnectionCare(t *testing.T) {
	t.Parallel()
	ten := open(t)
	pub := ten.Publisher("acme", "Acme BV")
	pub.Publish(pub.Package("acme", "Acme", "1.0.0", nil)).Has(t, 201)
	id := connection(t, ten, "acme", "key")
	page := "/connections/" + id.String()
	c := ten.SignIn(ten.Email)
	c.Get(page).Has(t, 200, "Connected", "Not read yet", "Version 1.0.0 in use", "New API key", "Remove this connection")
	t.Run("pause and resume", func(t *testing.T) {
		c.Post(page+"/pause", url.Values{"why": {"the year is closed"}}).Has(t, 200, "Paused", "the year is closed", "reminders of these books wait", "Resume")
		c.Get("/marketplace").Has(t, 200, "Paused")
		c.Post(page+"/resume", nil).Has(t, 200, "Resumed. What changed meanwhile is being read.")
		if got := ten.Synced(); len(got) != 1 || got[0] != ten.Administration {
			t.Errorf("read %v", got)
		}
	})
	t.Run("new access that cannot be tried says what happens next", func(t *testing.T) {
		c.Post(page+"/authorize", nil).Has(t, 422, "Fill in the new access first")
		a := c.Post(page+"/authorize", url.Values{"api_key": {"a-secret-of-acme"}})
		a.Has(t, 422, "could not be asked whether the access works")
		a.Lacks(t, "a-secret-of-acme")
	})
	t.Run("roles and tenants", func(t *testing.T) {
		ten.Member("collector@vandijk.example", tenant.Collector)
		collector := ten.SignIn("collector@vandijk.example")
		collector.Get(page).Lacks(t, "Remove this connection", "New API key")
		other := ten.Tenant("other")
		theirs := other.SignIn(other.Email)
		theirs.Get(page).Has(t, 404)
		for _, what := range []string{"pause", "resume", "authorize", "remove"} {
			collector.Post(page+"/"+what, url.Values{"sure": {"true"}}).Has(t, 403)
			theirs.Post(page+"/"+what, url.Values{"sure": {"true"}}).Has(t, 404)
			c.Do("POST", page+"/"+what, "sure=true", map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}).Has(t, 403)
		}
	})
	t.Run("removing asks first, destroys the access and keeps the record", func(t *testing.T) {
		c.Post(page+"/remove", nil).Has(t, 200, "Nothing was removed")
		c.Post(page+"/remove", url.Values{"sure": {"true"}}).Has(t, 200, "Acme is removed, and its access destroyed.")
		ten.In(ten.ID, func(tx store.Tx) error {
			row, err := tx.Connection(t.Context(), id)
			if len(row.SealedCredentials) != 0 || row.State != "removed" {
				t.Errorf("%s with %d bytes of secrets", row.State, len(row.SealedCredentials))
			}
			return err
		})
		a := c.Get(page)
		a.Has(t, 200, "This connection was removed", "Removed; its access was destroyed", "Paused", "Sanne van Dijk", "Connect again")
		a.Lacks(t, "Pause it", "Use the new access")
		c.Post(page+"/resume", nil).Has(t, 200, "was removed. Connect Acme again")
	})
}
