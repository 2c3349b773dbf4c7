package exchange_test

import (
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/exchange"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func rate(base, quote, units, on string) exchange.Rate {
	return exchange.Rate{Base: money.Currency(base), Quote: money.Currency(quote), Units: units, On: date.MustParse(on), Source: "ECB"}
}

func TestRate(t *testing.T) {
	t.Parallel()
	t.Run("R123 an amount goes to and fro, rounded once, halves away from zero", func(t *testing.T) {
		t.Parallel()
		for _, tc := range []struct {
			r    exchange.Rate
			from money.Amount
			to   money.Amount
		}{
			{rate("EUR", "USD", "1.0835", "2026-11-20"), money.EUR(4000), money.Of(4334, "USD")},
			{rate("EUR", "USD", "1.0835", "2026-11-20"), money.Of(4334, "USD"), money.EUR(4000)},
			{rate("EUR", "JPY", "163.27", "2026-11-20"), money.EUR(4000), money.Of(6531, "JPY")},
			{rate("EUR", "KWD", "0.3345", "2026-11-20"), money.EUR(4000), money.Of(13380, "KWD")},
			{rate("GBP", "EUR", "1.2", "2026-11-20"), money.EUR(3), money.Of(3, "GBP")}, // 2.5 pence
			{rate("EUR", "USD", "1.0835", "2026-11-20"), money.EUR(-4000), money.Of(-4334, "USD")},
			{rate("EUR", "USD", "1.0835", "2026-11-20"), money.EUR(0), money.Of(0, "USD")},
		} {
			if got, err := tc.r.To(tc.to.Currency, tc.from); err != nil || got != tc.to {
				t.Errorf("%s by %s is %s, want %s (%v)", tc.from, tc.r, got, tc.to, err)
			}
		}
		if _, err := rate("EUR", "USD", "1.1", "2026-11-20").To("GBP", money.EUR(1)); !fault.Is(err, fault.Invalid) {
			t.Errorf("a rate of dollars made pounds: %v", err)
		}
	})
	t.Run("R123 the youngest rate of the week, direct before crossed", func(t *testing.T) {
		t.Parallel()
		all := []exchange.Rate{
			rate("EUR", "USD", "1.10", "2026-11-20"), rate("EUR", "USD", "1.05", "2026-11-13"), rate("EUR", "USD", "1.20", "2026-11-23"),
			rate("EUR", "GBP", "0.88", "2026-11-20"), rate("GBP", "CHF", "1.10", "2026-11-20"), rate("EUR", "CHF", "0.95", "2026-11-20"),
		}
		for _, tc := range []struct{ a, b, on, units, want string }{
			{"EUR", "USD", "2026-11-22", "1.10", "2026-11-20"},
			{"USD", "EUR", "2026-11-19", "1.05", "2026-11-13"},
			{"EUR", "USD", "2026-11-12", "", ""},
			{"EUR", "USD", "2026-12-01", "", ""}, // older than a week
			{"GBP", "USD", "2026-11-20", "1.25", "2026-11-20"},
			{"GBP", "CHF", "2026-11-21", "1.10", "2026-11-20"},
		} {
			r, ok := exchange.Find(all, money.Currency(tc.a), money.Currency(tc.b), date.MustParse(tc.on))
			if r.Units != tc.units || ok != (tc.units != "") || r.On.String() != tc.want {
				t.Errorf("%s to %s on %s: %s, want %s of %s", tc.a, tc.b, tc.on, r, tc.units, tc.want)
			}
		}
	})
	t.Run("R123 a rate without sense, day or source is refused", func(t *testing.T) {
		t.Parallel()
		today := date.MustParse("2026-11-22")
		for code, edit := range map[string]func(*exchange.Rate){
			"":              func(*exchange.Rate) {},
			"rate_units":    func(r *exchange.Rate) { r.Units = "one" },
			"rate_day":      func(r *exchange.Rate) { r.On = today.AddDays(1) },
			"rate_source":   func(r *exchange.Rate) { r.Source = " " },
			"rate_currency": func(r *exchange.Rate) { r.Quote = "DOL" },
		} {
			r := rate("EUR", "USD", "1,0835", "2026-11-20")
			edit(&r)
			if err := r.Tidy().Check(today); (code == "") != (err == nil) || err != nil && fault.Of(err).Code != code {
				t.Errorf("%s: %v", code, err)
			}
		}
	})
	t.Run("R123 the file of the central bank", func(t *testing.T) {
		t.Parallel()
		daily, err := exchange.ReadECB(strings.NewReader("Date, USD, JPY, BGN, \n20 November 2026, 1.0835, 163.27, N/A, \n"))
		if err != nil || len(daily) != 2 || daily[0] != (exchange.Rate{Base: "EUR", Quote: "USD", Units: "1.0835", On: date.MustParse("2026-11-20"), Source: exchange.ECB}) {
			t.Errorf("%v %v", daily, err)
		}
		history, err := exchange.ReadECB(strings.NewReader("Date,USD,GBP\n2026-11-20,1.0835,0.8812\n2026-11-19,1.0801,0.88\n"))
		if err != nil || len(history) != 4 || history[3].On.String() != "2026-11-19" || history[3].Units != "0.88" {
			t.Errorf("%v %v", history, err)
		}
		for _, bad := range []string{"", "Datum;USD", "Date,USD\nsoon,1.1", "Date,USD\n2026-11-20,N/A"} {
			if _, err := exchange.ReadECB(strings.NewReader(bad)); !fault.Is(err, fault.Invalid) {
				t.Errorf("%q was taken: %v", bad, err)
			}
		}
	})
}
