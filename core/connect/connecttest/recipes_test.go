package connecttest_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/connecttest"
	"github.com/voldaan/voldaan/core/connect/supervisor"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// recipe is a connector without a program.
func recipe(name string) string {
	return strings.NewReplacer("hostile", name, "Hostile", strings.ToUpper(name[:1])+name[1:], "program: hostile\n", "", "capabilities: [webhooks]", "capabilities: []").
		Replace(hostileManifest) + `recipe:
  base: https://api.` + name + `.example
  administrations: {request: GET /books, each: .data, map: {id: .id, name: .name}}
  pull:
    invoices:
      request: GET /invoices
      each: .data
      only: {request: 'GET /invoices/{{ $id }}', each: '[.]'}
      invoice: {id: .id, party: .customer, number: .number, status: {of: .state, is: {open: open}}, issued: .date | day, due: .due | day, currency: .currency, total: .total, open: .open}
`
}

// recipes returns a host with recipes of these names, carried out by the hostile
// program, and the folder of the catalogue.
func recipes(t *testing.T, change func(*connect.Config), names ...string) (*connect.Host, string) {
	t.Helper()
	dir := t.TempDir()
	for _, n := range names {
		connecttest.Install(t, dir, n, recipe(n), nil)
	}
	lock(t, dir)
	runtime := filepath.Join(t.TempDir(), "recipes")
	if err := os.WriteFile(runtime, connecttest.Program(t, "hostile"), 0o755); err != nil {
		t.Fatal(err)
	}
	return connecttest.NewHost(t, dir, func(c *connect.Config) {
		c.Recipes = runtime
		c.Supervisor.Backoff = time.Millisecond
		if change != nil {
			change(c)
		}
	}), dir
}

func of(connector string, c config) connect.Connection {
	conn := connecttest.Connection(c)
	conn.Connector = connector
	return conn
}

// states returns the state of each process or connector that was called.
func states(h *connect.Host) map[string]supervisor.Status {
	out := map[string]supervisor.Status{}
	for _, s := range h.Supervisor().Status() {
		out[s.Connector] = s
	}
	return out
}

func TestRecipesShareAProcess(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "of ", r.Host) }))
	t.Cleanup(server.Close)
	names := []string{"apple", "pear", "plum"}
	h, dir := recipes(t, func(c *connect.Config) {
		c.Egress.Overrides = map[string]string{"api.apple.example": server.URL, "api.pear.example": server.URL}
	}, names...)
	for _, n := range names {
		list, err := h.Administrations(t.Context(), of(n, config{"try": "manifest"}))
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(dir, n, manifest.FileName))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(text)
		if want := "done " + hex.EncodeToString(sum[:]) + "\n" + string(text); list[0].Name != want {
			t.Errorf("%s was handed\n%s\nwant\n%s", n, list[0].Name, want)
		}
	}
	if s := states(h); len(s) != 1 || s["recipes"].Starts != 1 {
		t.Errorf("processes: %+v, want one", s)
	}
	// The allow-list is that of the connector that is called, not of the process.
	for url, want := range map[string]string{
		"https://api.apple.example/": "done 200 of api.apple.example",
		"https://api.pear.example/":  "connector.yaml of apple does not name https://api.pear.example",
	} {
		list, err := h.Administrations(t.Context(), of("apple", config{"try": "fetch", "url": url}))
		if err != nil || !strings.Contains(list[0].Name, want) {
			t.Errorf("apple fetches %s: %+v, %v", url, list, err)
		}
	}
}

func TestARecipeThatCrashesIsFound(t *testing.T) {
	t.Parallel()
	h, _ := recipes(t, func(c *connect.Config) { c.Supervisor.CrashLimit = 3 }, "apple", "pear", "bad")
	var wg sync.WaitGroup
	for _, n := range []string{"apple", "pear"} {
		wg.Go(func() {
			// Under way when bad crashes: not its doing, and it may be tried again.
			err := h.Check(t.Context(), of(n, config{"check": "wait"}))
			if fault.Of(err).Code != "connector_crashed" || !fault.Is(err, fault.Unavailable) {
				t.Errorf("%s, beside the crash: %v", n, err)
			}
		})
	}
	time.Sleep(300 * time.Millisecond)
	wantFault(t, "first crash", h.Check(t.Context(), of("bad", config{"check": "exit"})), "connector_crashed", "code 7")
	wg.Wait()
	for range 3 {
		wantFault(t, "crash apart", h.Check(t.Context(), of("bad", config{"check": "exit"})), "connector_crashed", "code 7")
	}
	err := h.Check(t.Context(), of("bad", nil))
	wantFault(t, "quarantine", err, "connector_quarantined", "The connector Bad crashed 3 times")
	for range 5 {
		for _, n := range []string{"apple", "pear"} {
			if err := h.Check(t.Context(), of(n, nil)); err != nil {
				t.Errorf("%s, afterwards: %v", n, err)
			}
		}
	}
	s := states(h)
	if s["bad"].State != supervisor.Quarantined || s["recipes"].State == supervisor.Quarantined || s["apple"].Crashes+s["pear"].Crashes != 0 {
		t.Errorf("states %+v", s)
	}
	// An operator who has looked lets it back to the others.
	h.Supervisor().Pardon("bad")
	if err := h.Check(t.Context(), of("bad", nil)); err != nil {
		t.Errorf("after the pardon: %v", err)
	}
	if s := states(h); s["recipes"].State != supervisor.Ready {
		t.Errorf("states %+v", s)
	}
}

func TestSuspicionEnds(t *testing.T) {
	t.Parallel()
	h, _ := recipes(t, func(c *connect.Config) { c.Supervisor.CrashWindow = time.Second }, "apple")
	_ = h.Check(t.Context(), of("apple", config{"check": "exit"}))
	if err := h.Check(t.Context(), of("apple", nil)); err != nil || states(h)["apple"].State != supervisor.Ready {
		t.Fatalf("%v, %+v", err, states(h))
	}
	time.Sleep(1100 * time.Millisecond)
	if err := h.Check(t.Context(), of("apple", nil)); err != nil || states(h)["recipes"].Starts != 2 {
		t.Errorf("%v, %+v", err, states(h))
	}
}

func TestNoRuntimeForRecipes(t *testing.T) {
	t.Parallel()
	h, _ := recipes(t, func(c *connect.Config) { c.Recipes = "" }, "apple")
	wantFault(t, "no runtime", h.Check(t.Context(), of("apple", nil)), "connector_runtime", "run make build")
}

// TestRuntimeOfRecipes carries recipes out with the program that is made for it,
// contained as everything is.
func TestRuntimeOfRecipes(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/books":
			fmt.Fprintf(w, `{"data": [{"id": "1", "name": "Books at %s"}]}`, r.Host)
		case "/invoices":
			fmt.Fprintf(w, `{"data": [{"id": "%s-1", "customer": "c", "number": "1", "state": "open", "issued": "2026-01-02", "due": "2026-01-16", "currency": "EUR", "total": "12.10", "open": "12.10"}]}`, r.Host)
		}
	}))
	t.Cleanup(server.Close)
	file := connecttest.Runtime(t)
	h, _ := recipes(t, func(c *connect.Config) {
		c.Recipes = file
		c.Egress.Overrides = map[string]string{"api.apple.example": server.URL, "api.pear.example": server.URL}
	}, "apple", "pear")
	for _, n := range []string{"apple", "pear"} {
		list, err := h.Administrations(t.Context(), of(n, nil))
		if err != nil || len(list) != 1 || list[0].Name != "Books at api."+n+".example" {
			t.Fatalf("%s: %+v, %v", n, list, err)
		}
		s := &sink{}
		if err := h.Pull(t.Context(), of(n, nil), sdk.PullRequest{Administration: "1"}, s); err != nil || len(s.invoices) != 1 || s.invoices[0].ID != "api."+n+".example-1" {
			t.Errorf("%s: %+v, %v", n, s.invoices, err)
		}
	}
	if s := states(h); len(s) != 1 || s["recipes"].Starts != 1 {
		t.Errorf("processes: %+v", s)
	}
}
