package reference

import (
	"fmt"
	"strconv"
)

// ibanLengths are the lengths per country of the SEPA area (ISO 13616
// registry). An IBAN of another country is judged by its check digits alone.
var ibanLengths = map[string]int{
	"AD": 24, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24,
	"FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21,
	"LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24,
	"SI": 19, "SK": 24, "SM": 27, "VA": 22,
}

// ParseIBAN returns the electronic form of an account number whose length and
// check digits are right, or a fault of kind Invalid that says what is wrong.
func ParseIBAN(text string) (string, error) {
	s := compact(text, "-.")
	if len(s) < 15 || len(s) > 34 || !capitalsOrDigits(s) || digits(s[:1]) || digits(s[1:2]) || !digits(s[2:4]) {
		return "", invalid("iban_form", "%q is not an IBAN; it starts with a country, as in NL91 ABNA 0417 1643 00.", text)
	}
	if want, ok := ibanLengths[s[:2]]; ok && len(s) != want {
		return "", invalid("iban_length", "An IBAN of %s has %d characters and this one has %d; look for a missing or double digit.", s[:2], want, len(s))
	}
	if s[2:4] < "02" || s[2:4] > "98" || mod97(s[4:]+s[:4]) != 1 || !nationalCheck(s) {
		return "", invalid("iban_check", "The check digits of this IBAN are not right; compare it with the source digit by digit.")
	}
	return s, nil
}

// nationalCheck tests the check inside the number where a country has one
// that we know: the Belgian one.
func nationalCheck(iban string) bool {
	if iban[:2] != "BE" {
		return true
	}
	check, err := strconv.Atoi(iban[14:])
	return err == nil && digits(iban[4:14]) && (check == mod97(iban[4:14]) || check == 97 && mod97(iban[4:14]) == 0)
}

// NewIBAN makes an IBAN of a country and its national account number.
func NewIBAN(country, account string) (string, error) {
	c, s := compact(country, ""), compact(account, "-.")
	if len(c) != 2 || digits(c[:1]) || digits(c[1:]) || !capitalsOrDigits(c+s) {
		return "", invalid("iban_form", "%q in %q cannot become an IBAN.", account, country)
	}
	return ParseIBAN(fmt.Sprintf("%s%02d%s", c, 98-mod97(s+c+"00"), s))
}

// PrintIBAN groups an IBAN by four for reading.
func PrintIBAN(iban string) string { return grouped(compact(iban, "")) }

// ParseCreditorID returns the electronic form of a SEPA creditor identifier
// whose check digits are right. The business code in positions 5 to 7 takes no
// part in the check.
func ParseCreditorID(text string) (string, bool) {
	s := compact(text, "")
	if len(s) < 8 || len(s) > 35 || !capitalsOrDigits(s) || digits(s[:1]) || digits(s[1:2]) || !digits(s[2:4]) {
		return "", false
	}
	return s, mod97(s[7:]+s[:4]) == 1
}
