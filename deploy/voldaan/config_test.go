package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/connect/broker"
)

// Connectors reach a private network exactly where the operator names it.
func TestInsideNetworks(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	t.Cleanup(server.Close)
	t.Setenv("VOLDAAN_DATABASE_URL", "postgres://x")
	t.Setenv("TEMPORAL_ADDRESS", "127.0.0.1:7233")
	t.Setenv("VOLDAAN_SMTP_ADDRESS", "127.0.0.1:25")
	get := func(t *testing.T) error {
		t.Helper()
		c, err := loadConfig()
		if err != nil {
			t.Fatal(err)
		}
		e, err := broker.NewEgress(c.egress(nil))
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := e.RoundTrip(&http.Request{Method: http.MethodGet, URL: u, Header: http.Header{}})
		if err == nil {
			_ = resp.Body.Close()
		}
		return err
	}
	t.Run("not named", func(t *testing.T) {
		t.Setenv("VOLDAAN_INSIDE_NETWORKS", "10.2.0.0/16")
		if err := get(t); !errors.Is(err, broker.ErrPrivate) {
			t.Errorf("a connector reached a network that nobody named: %v", err)
		}
	})
	t.Run("named", func(t *testing.T) {
		t.Setenv("VOLDAAN_INSIDE_NETWORKS", "10.2.0.0/16, 127.0.0.0/8")
		if err := get(t); err != nil {
			t.Error(err)
		}
	})
	for name, bad := range map[string]string{"no network": "odoo.lan", "what gives machines their secrets": "169.254.0.0/16", "everything": "0.0.0.0/0"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("VOLDAAN_INSIDE_NETWORKS", bad)
			if _, err := loadConfig(); err == nil || !strings.Contains(err.Error(), "VOLDAAN_INSIDE_NETWORKS") {
				t.Errorf("%q is taken: %v", bad, err)
			}
		})
	}
}
