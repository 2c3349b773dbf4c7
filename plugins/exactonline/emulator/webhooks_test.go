package emulator_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/plugins/exactonline/emulator"
)

func TestWebhooks(t *testing.T) {
	t.Parallel()
	calls := make(chan string, 20)
	hub := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		calls <- string(b)
	}))
	defer hub.Close()
	next := func() string {
		t.Helper()
		select {
		case s := <-calls:
			return s
		case <-time.After(20 * time.Second):
			t.Fatal("no call came")
			return ""
		}
	}
	d := open(t, func(c *emulator.Config) { c.PublicURL = "https://start.exactonline.nl" })
	path := "/api/v1/" + division + "/webhooks/WebhookSubscriptions"
	d.Must(400, "POST", path, map[string]string{"CallbackURL": hub.URL, "Topic": "Weather"})
	d.Must(201, "POST", path, map[string]string{"CallbackURL": hub.URL, "Topic": "SalesInvoices"})
	id := d.At("d.ID")
	if got := next(); got != "" {
		t.Errorf("the address is validated with %q", got)
	}
	d.Must(400, "POST", path, map[string]string{"CallbackURL": hub.URL, "Topic": "SalesInvoices"})
	d.invoice("121.00")
	got := next()
	content := strings.TrimPrefix(got[:strings.LastIndex(got, `,"HashCode":`)], `{"Content":`)
	if got != emulator.Sign([]byte(content), "webhook") || !strings.Contains(content, `"Topic":"SalesInvoices","ClientId":"app","Division":123456,"Action":"Create","Key":"`) {
		t.Errorf("%s", got)
	}
	d.get("webhooks/WebhookSubscriptions", "")
	d.Want("d.results.#", "1")
	d.Must(204, "DELETE", path+"(guid'"+id+"')", nil)
	d.Must(404, "DELETE", path+"(guid'"+id+"')", nil)
}

// TestSign holds the hash against one that openssl worked out: HMAC-SHA256 of
// {"Topic":"Accounts"} with the secret "key".
func TestSign(t *testing.T) {
	t.Parallel()
	want := `{"Content":{"Topic":"Accounts"},"HashCode":"1814B421E574547CA8F50752F4A7BBE2A8696F44979086C7C273E78A6E70C0CA"}`
	if got := emulator.Sign([]byte(`{"Topic":"Accounts"}`), "key"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
