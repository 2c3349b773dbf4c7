package web_test

import (
	"net/url"
	"testing"

	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
)

func TestExchangeRates(t *testing.T) {
	t.Parallel()
	ten := open(t)
	ten.Member("collector-rates@example.test", tenant.Collector)
	abroad := apitest.Invoice("usd", "noor", "2026-0777", 100_000, 15)
	abroad.Total, abroad.Open = money.Of(100_000, "USD"), money.Of(100_000, "USD")
	ten.Books([]sdk.Party{apitest.Debtor("noor", "Noor Yilmaz")}, abroad)
	owner, page := ten.SignIn(ten.Email), "/invoices/"+ten.Invoice("usd").String()
	t.Run("R123 a person types a rate with its source, and the invoice tells it", func(t *testing.T) {
		owner.Get(page).Has(t, 200, "None is known; costs and interest wait for one")
		owner.Get("/settings/rates").Has(t, 200, "No rates yet", "Type a rate")
		on := ten.Bench.Now().Format("2006-01-02")
		form := url.Values{"base": {"EUR"}, "quote": {"USD"}, "units": {"much"}, "on": {on}, "source": {"European Central Bank"}}
		owner.Post("/settings/rates", form).Has(t, 422, "Write what one EUR is in USD", `value="much"`)
		form.Set("units", "1,0835")
		owner.Post("/settings/rates", form).Has(t, 200, "Saved", "EUR 1 = USD 1.0835")
		owner.Get(page).Has(t, 200, "EUR 1 = USD 1.0835 (European Central Bank, "+on+")")
		form.Set("invoice", ten.Invoice("usd").String())
		form.Set("units", "1.2")
		form.Set("source", "Contract, article 4")
		owner.Get("/settings/rates?invoice="+ten.Invoice("usd").String()).Has(t, 200, "A rate for invoice 2026-0777")
		owner.Post("/settings/rates", form).Has(t, 200, "EUR 1 = USD 1.2 (Contract, article 4")
		owner.Post("/settings/rates", url.Values{"invoice": {"nothing"}}).Has(t, 404)
	})
	t.Run("R124 only an owner gives rates", func(t *testing.T) {
		other := ten.SignIn("collector-rates@example.test")
		other.Get("/settings/rates").Lacks(t, "Type a rate")
		other.Post("/settings/rates", url.Values{}).Has(t, 403)
	})
}

// TestRatesFile loads the file of the central bank by the page.
func TestRatesFile(t *testing.T) {
	t.Parallel()
	ten := open(t)
	owner := ten.SignIn(ten.Email)
	day := ten.Bench.Now().Format("2006-01-02")
	file := "Date,USD,GBP,\n" + day + ",1.0835,0.8412,\n"
	t.Run("R123 the rates of the central bank come in as a file, once", func(t *testing.T) {
		upload(t, owner, "/settings/rates/file", "eurofxref-hist.csv", file).Has(t, 200, "Loaded 2 rates")
		owner.Get("/settings/rates").Has(t, 200, "EUR 1 = USD 1.0835", "EUR 1 = GBP 0.8412", "European Central Bank")
		before := ten.Dump()
		upload(t, owner, "/settings/rates/file", "eurofxref-hist.csv", "<html>no rates</html>").Has(t, 422, "This is not the file of reference rates")
		same(t, before, ten.Dump())
	})
	t.Run("R124 only an owner loads rates", func(t *testing.T) {
		ten.Member("collector-file@example.test", tenant.Collector)
		upload(t, ten.SignIn("collector-file@example.test"), "/settings/rates/file", "eurofxref-hist.csv", file).Has(t, 403)
	})
}
