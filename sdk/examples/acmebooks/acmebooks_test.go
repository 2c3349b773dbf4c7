package acmebooks_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/emulatortest"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
	"github.com/voldaan/voldaan/sdk/examples/acmebooks"
)

func open(t *testing.T, cfg acmebooks.Config) (*emulatortest.Desk, *acmebooks.Server) {
	t.Helper()
	s, err := acmebooks.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if _, err := s.SeedAdministration(ledger.AdministrationSeed{ID: "c", Name: "De Korenaar"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Demonstrate("c"); err != nil {
		t.Fatal(err)
	}
	d := emulatortest.Serve(t, s)
	d.Header.Set("X-Api-Key", acmebooks.Key)
	return d, s
}

func TestPagesAndVersions(t *testing.T) {
	t.Parallel()
	d, s := open(t, acmebooks.Config{Page: 5})
	seen, cursor, pages := map[string]bool{}, "", 0
	for more := true; more; more = cursor != "<nil>" {
		d.Must(200, "GET", "/v1/companies/c/invoices?cursor="+cursor, nil)
		for i := range 5 {
			if id := d.At(fmt.Sprintf("data.%d.id", i)); strings.HasPrefix(id, "inv_") {
				seen[id] = true
			}
		}
		cursor, pages = d.At("next"), pages+1
	}
	if len(seen) != 13 || pages != 3 {
		t.Errorf("%d invoices on %d pages", len(seen), pages)
	}
	if err := s.DeleteInvoice("c", "2026-0003"); err == nil {
		d.Must(200, "GET", "/v1/companies/c/deletions?since=0", nil)
		if d.At("data.0.type") != "invoice" {
			t.Errorf("deletions: %s", d.Body)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	d, _ := open(t, acmebooks.Config{Rate: emulator.Rate{Limit: 12, Window: time.Minute}})
	for path, status := range map[string]int{
		"/v1/companies/x/invoices": 404, "/v1/companies/c/invoices/inv_999": 404, "/v1/companies/c/invoices?since=x": 400,
		"/v1/companies/c/invoices?cursor=!": 400, "/v1/companies/c/invoices?limit=0": 400, "/elsewhere": 404,
	} {
		d.Must(status, "GET", path, nil)
	}
	d.Must(422, "POST", "/v1/companies/c/invoices/inv_6/payments", `{"amount":"many","paid_on":"2026-03-02"}`)
	d.Must(422, "POST", "/v1/companies/c/webhooks", `{"url":"nowhere"}`)
	for d.Ask("GET", "/v1/companies", nil) == http.StatusOK {
	}
	if d.Status != http.StatusTooManyRequests || d.Got.Get("Retry-After") == "" {
		t.Errorf("%d, Retry-After %q", d.Status, d.Got.Get("Retry-After"))
	}
	d.Header.Set("X-Api-Key", "wrong")
	d.Must(401, "GET", "/v1/companies", nil)
}
