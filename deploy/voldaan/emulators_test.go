package main

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestEmulators starts every emulator of the table with its demonstration, twice
// on the same folder: books hold one creditor, and who delivers messages or reports has none
// yet.
func TestEmulators(t *testing.T) {
	t.Parallel()
	for _, p := range emulators {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for range 2 {
				srv, err := p.open(vendorConfig{Now: time.Now, StateDir: dir, PublicURL: "http://127.0.0.1:1"})
				if err != nil {
					t.Fatal(err)
				}
				defer srv.Close()
				if err := plant(srv); err != nil {
					t.Fatal(err)
				}
				path, holds := "/_control/messages", "[]"
				if _, books := srv.(ledgerBooks); books {
					path, holds = "/_control/administrations", `"id":"`+demoBooks+`"`
				} else if p.name == "creditsafe" {
					path = "/_control/reports"
				}
				w := httptest.NewRecorder()
				srv.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
				if w.Code != 200 || strings.Count(w.Body.String(), holds) != 1 {
					t.Errorf("%d %s", w.Code, w.Body)
				}
			}
		})
	}
}
