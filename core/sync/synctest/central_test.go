package synctest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/broker"
	mirror "github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/core/sync/synctest"
	"github.com/voldaan/voldaan/sdk/emulator"
)

// central plays a package whose subscriptions end after three days, by the clock
// of the wire; one that has ended is not there any more.
type central struct {
	kit *emulator.Kit

	mu   sync.Mutex // protects what follows
	made int
	ends map[string]time.Time
}

const centralLife = 72 * time.Hour

// openCentral connects a bench to a central of its own.
func openCentral(t *testing.T) (*synctest.Bench, *central) {
	t.Helper()
	c := &central{kit: emulator.New(emulator.Config{}), ends: map[string]time.Time{}}
	mux := http.NewServeMux()
	list := func(items ...map[string]any) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			emulator.WriteJSON(w, 200, map[string]any{"value": items})
		}
	}
	mux.HandleFunc("GET /companies", list(map[string]any{"id": "c1", "name": "Central"}))
	mux.HandleFunc("GET /companies/c1/customers", list(map[string]any{"id": "1", "name": "Bakkerij"}))
	mux.HandleFunc("GET /companies/c1/invoices", list(map[string]any{"id": "7", "customer": "1", "number": "2026-7", "total": "10.00"}))
	mux.HandleFunc("POST /subscriptions", c.subscribe)
	mux.HandleFunc("PATCH /subscriptions/{id}", c.prolong)
	mux.HandleFunc("DELETE /subscriptions/{id}", c.end)
	srv := httptest.NewServer(c.kit.Handler(mux))
	t.Cleanup(srv.Close)
	dir, runtime := synctest.Recipe(t, "testdata/central")
	b := synctest.New(t, dir, "central", func(cfg *connect.Config) {
		cfg.Recipes = runtime
		cfg.Egress = broker.EgressConfig{Overrides: map[string]string{"central.example": srv.URL}}
	})
	b.Runner.Subscriptions = &mirror.Subscriptions{URL: "https://hub.example/webhooks/connect", Sealer: b.Sealer}
	b.ConnectBySecret("central", "key", map[string]string{"key": "k"})
	return b, c
}

func (c *central) subscribe(w http.ResponseWriter, r *http.Request) {
	var in struct{ NotificationURL string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.NotificationURL == "" {
		emulator.WriteJSON(w, 400, map[string]any{"error": "notificationUrl"})
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made++
	id := fmt.Sprint("sub-", c.made)
	c.ends[id] = c.kit.Wall().Add(centralLife)
	emulator.WriteJSON(w, 201, map[string]any{"subscriptionId": id, "clientState": "secret of " + id, "expirationDateTime": c.ends[id]})
}

func (c *central) prolong(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	id := r.PathValue("id")
	if !c.kit.Wall().Before(c.ends[id]) {
		emulator.WriteJSON(w, 404, map[string]any{"error": "not found"})
		return
	}
	c.ends[id] = c.kit.Wall().Add(centralLife)
	emulator.WriteJSON(w, 200, map[string]any{"subscriptionId": id, "expirationDateTime": c.ends[id]})
}

func (c *central) end(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.ends, r.PathValue("id"))
	w.WriteHeader(http.StatusNoContent)
}

// later lets time go by.
func (c *central) later(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, end := range c.ends {
		c.ends[id] = end.Add(-d)
	}
}

// standing are the subscriptions that have not ended.
func (c *central) standing() map[string]time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := maps.Clone(c.ends)
	maps.DeleteFunc(out, func(_ string, end time.Time) bool { return !c.kit.Wall().Before(end) })
	return out
}
