package main

import (
	"fmt"
	"time"

	"github.com/voldaan/voldaan/core/payment/reference"
	"github.com/voldaan/voldaan/sdk/money"
)

// country is where a creditor of the world is.
type country struct {
	code, language, zone, city, postcode, street string
	currency                                     money.Currency
	share                                        int // of all invoices, in percent
	consumers                                    bool
	flowBusiness, flowConsumer                   string
	creditor                                     string // its SEPA creditor id, where it collects
	foreign                                      money.Currency
	mobile                                       string // the beginning of a mobile number
}

var countries = []country{
	{code: "NL", language: "nl", zone: "Europe/Amsterdam", city: "Ons Dorp", postcode: "1234 CD", street: "Kerkstraat %d", currency: "EUR", share: 30, consumers: true, flowBusiness: "b2b-nl", flowConsumer: "b2c-nl", creditor: "NL08ZZZ502057730000", foreign: "USD", mobile: "+316"},
	{code: "DE", language: "de", zone: "Europe/Berlin", city: "Unser Dorf", postcode: "12345", street: "Dorfstraße %d", currency: "EUR", share: 20, flowBusiness: "b2b-de", flowConsumer: "b2b-de", creditor: "DE98ZZZ09999999999", foreign: "CHF", mobile: "+49151"},
	{code: "FR", language: "fr", zone: "Europe/Paris", city: "Notre Village", postcode: "75001", street: "%d rue de l'Église", currency: "EUR", share: 20, flowBusiness: "b2b-fr", flowConsumer: "b2b-fr", creditor: "NL08ZZZ502057730000", foreign: "USD", mobile: "+336"},
	{code: "BE", language: "nl", zone: "Europe/Brussels", city: "Ons Dorp", postcode: "2000", street: "Dorpsstraat %d", currency: "EUR", share: 15, consumers: true, flowBusiness: "b2b-be", flowConsumer: "b2c-be", creditor: "NL08ZZZ502057730000", foreign: "USD", mobile: "+3247"},
	{code: "GB", language: "en", zone: "Europe/London", city: "Our Village", postcode: "SW1A 1AA", street: "%d Church Lane", currency: "GBP", share: 15, flowBusiness: "b2b-uk", flowConsumer: "b2b-uk", foreign: "EUR", mobile: "+447"},
}

func countryOf(code string) country {
	for _, c := range countries {
		if c.code == code {
			return c
		}
	}
	panic("no country " + code)
}

func mustZone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // a zone of our own list
	}
	return z
}

// iban is the account of somebody with a number.
func (c country) iban(n int) string {
	account := map[string]string{
		"NL": fmt.Sprintf("INGB%010d", n), "DE": fmt.Sprintf("50010517%010d", n), "FR": fmt.Sprintf("2004101005%011d13", n), "GB": fmt.Sprintf("BARC202015%08d", n),
		"BE": fmt.Sprintf("539%07d%02d", n, belgian(5_390_000_000+n)),
	}[c.code]
	iban, err := reference.NewIBAN(c.code, account)
	if err != nil {
		panic(err) // the account is made for it
	}
	return iban
}

func belgian(n int) int {
	if n %= 97; n == 0 {
		return 97
	}
	return n
}

// registration is the number of a business on the network of invoices; vat the
// same where the country goes by that.
func (c country) registration(n int) (register, vat string) {
	switch c.code {
	case "NL":
		return fmt.Sprintf("%08d", 10_000_000+n), ""
	case "BE":
		return fmt.Sprintf("0%09d", 100_000_000+n), ""
	case "FR":
		return fmt.Sprintf("%09d", 300_000_000+n), ""
	case "DE":
		return "", fmt.Sprintf("DE%09d", 100_000_000+n)
	}
	return "", fmt.Sprintf("GB%09d", 100_000_000+n)
}
