package rest_test

import (
	"testing"

	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
)

func TestExchangeRates(t *testing.T) {
	t.Parallel()
	ten, p := open(t)
	abroad := apitest.Invoice("usd", "noor", "2026-0777", 100_000, 15)
	abroad.Total, abroad.Open = money.Of(100_000, "USD"), money.Of(100_000, "USD")
	ten.Books([]sdk.Party{apitest.Debtor("noor", "Noor Yilmaz")}, abroad)
	of := "/invoices/" + ten.Invoice("usd").String() + "/exchange-rate"
	t.Run("R123 an invoice in another currency needs a rate", func(t *testing.T) {
		if status, v := p.do("GET", of, ""); status != 200 || v["needed"] != true || v["law_currency"] != "EUR" || v["rate"] != nil {
			t.Error(status, v)
		}
		on := ten.Bench.Now().Format("2006-01-02")
		rate := func(units, day string) string {
			return `{"base":"EUR","quote":"USD","units":"` + units + `","on":"` + day + `","source":"European Central Bank"}`
		}
		if status, v := p.do("PUT", "/exchange-rates", `{"rates":[`+rate("none", on)+`]}`); status != 422 || v["code"] != "rate_units" {
			t.Error(status, v)
		}
		if status, v := p.do("PUT", "/exchange-rates", `{"rates":[`+rate("1.0835", on)+`]}`); status != 200 || len(v["rates"].([]any)) != 1 || len(v["waiting"].([]any)) != 0 {
			t.Error(status, v)
		}
		if status, v := p.do("GET", of, ""); status != 200 || v["rate"].(map[string]any)["units"] != "1.0835" {
			t.Error(status, v)
		}
		if status, v := p.do("PUT", of, rate("1.2", "2026-01-02")); status != 200 || v["rate"].(map[string]any)["units"] != "1.2" || v["rate"].(map[string]any)["on"] != "2026-01-02" {
			t.Error(status, v)
		}
		if status, v := p.do("PUT", of, `{"base":"EUR","quote":"CHF","units":"1","on":"2026-01-02","source":"me"}`); status != 422 || v["code"] != "rate_currency" {
			t.Error(status, v)
		}
	})
}
