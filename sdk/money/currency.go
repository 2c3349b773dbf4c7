package money

import (
	"fmt"
	"strings"
)

// Currency is an ISO 4217 alphabetic code in upper case.
type Currency string

// exponents lists the active ISO 4217 currencies by their number of decimals
// (ISO 4217 list one). A code that is not here is refused at the border.
var exponents = func() map[Currency]int {
	m := make(map[Currency]int, 180)
	for exp, codes := range map[int]string{
		0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
		2: "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW",
		3: "BHD IQD JOD KWD LYD OMR TND",
	} {
		for code := range strings.FieldsSeq(codes) {
			m[Currency(code)] = exp
		}
	}
	return m
}()

// ParseCurrency accepts an ISO 4217 code in any case. It returns ErrCurrency
// for anything else.
func ParseCurrency(code string) (Currency, error) {
	c := Currency(strings.ToUpper(strings.TrimSpace(code)))
	if _, ok := exponents[c]; !ok {
		return "", fmt.Errorf("%q: %w", code, ErrCurrency)
	}
	return c, nil
}

// Exponent returns the number of decimals of the currency, or ErrCurrency.
func (c Currency) Exponent() (int, error) {
	exp, ok := exponents[c]
	if !ok {
		return 0, fmt.Errorf("%q: %w", string(c), ErrCurrency)
	}
	return exp, nil
}
