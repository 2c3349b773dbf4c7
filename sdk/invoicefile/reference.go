package invoicefile

import (
	"regexp"
	"strings"
)

var (
	creditorReference = regexp.MustCompile(`^RF[0-9]{2}[A-Z0-9]{1,21}$`)
	digits            = regexp.MustCompile(`^[0-9]+$`)
	belgian           = regexp.MustCompile(`^[+*]{3}[0-9]{3}/[0-9]{4}/[0-9]{5}[+*]{3}$`)
)

// Structured reports whether a payment reference has the form of one that banks
// carry in a field of its own: RF, OGM or betalingskenmerk. The host judges the
// check digits.
func Structured(s string) bool {
	bare := strings.ToUpper(strings.ReplaceAll(s, " ", ""))
	switch {
	case creditorReference.MatchString(bare), belgian.MatchString(bare):
		return true
	case digits.MatchString(bare):
		return len(bare) == 7 || len(bare) >= 9 && len(bare) <= 14 || len(bare) == 16
	}
	return false
}
