package web_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/event"
	"github.com/voldaan/voldaan/core/tenant"
)

// receiver answers deliveries with the status that a test sets.
type receiver struct{ status atomic.Int64 }

func (r *receiver) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: int(r.status.Load()), Body: io.NopCloser(strings.NewReader("")), Request: req}, nil
}

func TestSettingsWebhooks(t *testing.T) {
	t.Parallel()
	ten := open(t)
	ten.Take("1")
	ten.Member("collector@vandijk.example", tenant.Collector)
	c := ten.SignIn(ten.Email)
	erp := &receiver{}
	worker := event.Worker{Endpoints: *ten.Services.Events, Transport: erp, Log: slog.New(slog.DiscardHandler)}
	deliver := func() {
		t.Helper()
		for range 20 {
			more, err := worker.Once(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !more {
				return
			}
		}
	}
	c.Get("/settings/webhooks").Has(t, 200, "No program is told", "Add the address")
	c.Post("/settings/webhooks", url.Values{"name": {"ERP"}, "url": {"http://erp.example/hook"}, "all": {"yes"}}).Has(t, 422, "over https only", `value="http://erp.example/hook"`)
	c.Post("/settings/webhooks", url.Values{"name": {"ERP"}, "url": {"https://erp.example/hook"}, "all": {"no"}}).Has(t, 422, "Choose at least one kind")
	made := c.Post("/settings/webhooks", url.Values{"name": {"ERP"}, "url": {"https://erp.example/hook"}, "all": {"no"}, "type": {"hold.set", "hold.released"}})
	made.Has(t, 200, "It is shown this once", "hold.released, hold.set")
	secret := regexp.MustCompile(`whsec_[\w-]+`).FindString(made.Body)
	to := regexp.MustCompile(`/settings/webhooks/[0-9a-f-]{36}`).FindString(made.Body)
	c.Get(to).Lacks(t, secret)

	erp.status.Store(503)
	c.Post(to+"/test", nil).Has(t, 200, "A test is on its way")
	deliver()
	failing := c.Get(to)
	failing.Has(t, 200, "Fails", "The receiver answered 503", "We try again today", "its own log says why", "webhook.test", "1 attempt; next today")
	c.Get("/settings/webhooks").Has(t, 200, "Fails", "The receiver answered 503")

	erp.status.Store(200)
	ten.Advance(time.Minute)
	deliver()
	page := c.Get(to)
	page.Has(t, 200, "Works", "1 delivered", "Answered 200, 2 attempts")
	page.Lacks(t, "It fails since")

	key := regexp.MustCompile(`name="event" value="(\w{26})"`).FindStringSubmatch(page.Body)[1]
	c.Post(to+"/replay", url.Values{"event": {key}}).Has(t, 200, "1 event goes out again", "again</span>")
	c.Post(to+"/replay", url.Values{"since": {"2019-01-01T00:00"}}).Has(t, 200, "within the last 30 days")
	c.Post("/invoices/"+ten.Invoice("1").String()+"/pause", url.Values{"reason": {"other"}})
	deliver()
	// The database stamps events with its own clock.
	ten.Advance(time.Since(ten.Now()) + time.Hour)
	c.Post(to+"/replay", url.Values{"since": {time.Now().Add(-2 * time.Hour).UTC().Format("2006-01-02T15:04")}}).Has(t, 200, "goes out again", "hold.set")

	rotated := c.Post(to+"/rotate", nil)
	rotated.Has(t, 200, "It is shown this once", "The old secret signs too", "The old one signs too, until")
	if again := regexp.MustCompile(`whsec_[\w-]+`).FindString(rotated.Body); again == "" || again == secret {
		t.Errorf("the new secret is %q", again)
	}
	c.Post(to+"/state", url.Values{"on": {"no"}}).Has(t, 200, "Paused by a person", "Switch on")
	c.Post(to+"/test", nil).Has(t, 200, "switched off. Switch it on first")
	c.Post(to+"/state", url.Values{"on": {"yes"}}).Has(t, 200, "Switched on", "Send a test")
	c.Post(to, url.Values{"name": {"our ERP"}, "url": {"https://10.0.0.1/x"}, "all": {"yes"}}).Has(t, 422, "not on the public internet")
	c.Post(to, url.Values{"name": {"our ERP"}, "url": {"https://erp.example/v2"}, "all": {"yes"}}).Has(t, 200, "Saved", "Everything", "https://erp.example/v2")

	other := ten.SignIn("collector@vandijk.example")
	other.Get(to).Has(t, 200, "You look only", "Deliveries")
	for _, act := range []string{"", "/state", "/rotate", "/test", "/replay", "/remove"} {
		other.Post(to+act, nil).Has(t, 403)
	}
	c.Post(to+"/remove", nil).Has(t, 200, "Removed", "No program is told")
	c.Get(to).Has(t, 404)
}
