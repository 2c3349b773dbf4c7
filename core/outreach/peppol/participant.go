// Package peppol names parties on the Peppol network, and writes and checks the
// invoices that travel over it: UBL by the rules of Peppol BIS Billing 3.
package peppol

import (
	"regexp"
	"strings"
)

// schemes are how a business is named on the network, by country: from its number
// in the trade register, else from its VAT number (the code list "Electronic
// Address Scheme" of Peppol).
var schemes = map[string]struct {
	register, vat string
	valid         *regexp.Regexp // of the register's number
}{
	"NL": {"0106", "9944", regexp.MustCompile(`^\d{8}$`)},
	"BE": {"0208", "9925", regexp.MustCompile(`^[01]\d{9}$`)},
	"DE": {"", "9930", nil},
	"FR": {"0002", "9957", regexp.MustCompile(`^\d{9}$`)},
	"GB": {"", "9932", nil},
	"LU": {"", "9938", nil},
	"AT": {"", "9914", nil},
	"DK": {"0184", "", regexp.MustCompile(`^\d{8}$`)},
	"SE": {"0007", "9955", regexp.MustCompile(`^\d{10}$`)},
	"IT": {"", "0211", nil},
	"ES": {"", "9920", nil},
	"PL": {"", "9945", nil},
}

var (
	isVAT = regexp.MustCompile(`^[A-Z]{2}[0-9A-Z+*]{2,12}$`)
	noise = strings.NewReplacer(" ", "", ".", "", "-", "", "/", "")
)

// Participant is the identifier of a business, as "0106:12345678"; empty when its
// numbers give none. Whether it takes invoices only the network can tell.
func Participant(country, registration, vat string) string {
	s, ok := schemes[country]
	if !ok {
		return ""
	}
	n := noise.Replace(registration)
	if country == "BE" {
		n = strings.TrimPrefix(strings.ToUpper(n), "BE")
		if n == "" || !s.valid.MatchString(n) {
			n = strings.TrimPrefix(strings.ToUpper(noise.Replace(vat)), "BE")
		}
	}
	if country == "FR" && len(n) == 14 {
		n = n[:9] // SIRET begins with the SIREN
	}
	if s.register != "" && s.valid.MatchString(n) {
		return s.register + ":" + n
	}
	v := strings.ToUpper(noise.Replace(vat))
	if s.vat != "" && isVAT.MatchString(v) && strings.HasPrefix(v, country) {
		return s.vat + ":" + v
	}
	return ""
}
