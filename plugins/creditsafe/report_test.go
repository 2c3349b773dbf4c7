package creditsafe_test

import (
	"net/http/httptest"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/credit"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/core/sync/synctest"
	"github.com/voldaan/voldaan/plugins/creditsafe/emulator"
	"github.com/voldaan/voldaan/sdk/money"
)

// TestReport asks for a report as a person does: the connection is made with user
// name and password, the company is found by its number, and the report is charged
// once.
func TestReport(t *testing.T) {
	t.Parallel()
	vendor, err := emulator.New(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	late := 12
	if err := vendor.Know(emulator.Company{
		Name: "Koster & Zonen B.V.", Registration: "30123456", VAT: "NL801234567B01", Country: "NL", City: "Utrecht", Score: 41, Class: "C", Advice: "Moderate risk", Limit: "12500.00", Currency: "EUR", Pod: "3.70",
		DaysLate: &late, Remarks: 1, WasClass: "B",
	}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(vendor)
	t.Cleanup(server.Close)
	dir, runtime := synctest.Recipe(t, ".")
	b := synctest.New(t, dir, "creditsafe", func(c *connect.Config) {
		c.Recipes = runtime
		c.Egress = broker.EgressConfig{Overrides: map[string]string{"connect.creditsafe.com": server.URL}}
	})
	ctx, debtor := t.Context(), uuid.New()
	b.In(func(tx store.Tx) error {
		if _, err := tx.Exec(ctx, "update connection set state = 'removed'"); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `insert into debtor (id, tenant_id, administration_id, external_id, revision, hash, name, kind, attention, email, phone, line1, line2, postal_code, city, country, language, iban, vat_number, registration, url, changed_at)
			values ($1, $2, $3, 'koster', '', 0, 'Koster', 'business', '', '', '', '', '', '', '', 'NL', 'nl', '', '', '30123456', '', now())`, debtor, b.Tenant, b.Adm)
		return err
	})
	office := &credit.Office{Store: b.Store, Real: clock.Func(b.Now), Agency: sync.Bureau{Store: b.Store, Host: b.Host}}
	if _, err := office.Look(ctx, b.Tenant, debtor, "anna"); err == nil {
		t.Error("an agency answers that nobody connected")
	}
	form := map[string]string{"user": "demo", "password": "demo", "environment": "connect", "country": "NL", "price": "4.50", "currency": "EUR"}
	connections := b.Connections()
	id, err := connections.Begin(ctx, b.Tenant, "creditsafe", "login", form)
	if err == nil {
		err = connections.Use(ctx, b.Tenant, id, form)
	}
	if err != nil {
		t.Fatal(err)
	}
	found, err := office.Look(ctx, b.Tenant, debtor, "anna")
	price := money.EUR(450)
	if err != nil || len(found) != 1 || found[0].CompanyID != "NL-X-30123456" || *credit.PriceOf(found[0].PriceMinor, found[0].PriceCurrency) != price || len(vendor.Orders()) != 0 {
		t.Fatalf("%+v, %d orders: %v", found, len(vendor.Orders()), err)
	}
	q := credit.Question{Key: uuid.New(), Debtor: debtor, Company: found[0].CompanyID, Price: &price, By: "anna"}
	for range 2 {
		if row, err := office.Ask(ctx, b.Tenant, q); err != nil || row.State != credit.Kept {
			t.Fatalf("%s: %v", row.State, err)
		}
	}
	if orders := vendor.Orders(); len(orders) != 1 || orders[0].Reference != q.Key.String() {
		t.Errorf("%+v", orders)
	}
	b.In(func(tx store.Tx) error {
		files, err := credit.Files(ctx, tx, debtor)
		if err != nil {
			return err
		}
		r := files[0].Report
		if r == nil || *r.Score != 41 || *r.ScoreMax != 100 || r.Grade != "C" || *r.LimitMinor != 1250000 || *r.Probability != 370 || *r.DaysLate != 12 || r.Insolvent || len(credit.FactsOf(*r)) != 5 || files[0].Lowest.Kind != credit.External {
			t.Errorf("%+v", r)
		}
		return nil
	})
	if err := vendor.SetBroke(true); err != nil {
		t.Fatal(err)
	}
	q.Key = uuid.New()
	if row, err := office.Ask(ctx, b.Tenant, q); err == nil || row.State != credit.Refused || row.Reason == "" || len(vendor.Orders()) != 1 {
		t.Errorf("%s (%s): %v", row.State, row.Reason, err)
	}
}
