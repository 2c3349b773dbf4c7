package reference

import (
	"fmt"
	"strings"
)

// NewOGM makes a Belgian structured communication of at most 10 digits, as 12
// digits without decoration. It returns a fault of kind Invalid for anything
// else, and for zero.
func NewOGM(payload string) (string, error) {
	if !digits(payload) || len(payload) > 10 || strings.Trim(payload, "0") == "" {
		return "", invalid("reference_ogm", "%q cannot become a structured communication; use a number of at most 10 digits above zero.", payload)
	}
	payload = strings.Repeat("0", 10-len(payload)) + payload
	return payload + ogmCheck(payload), nil
}

// ParseOGM returns the 12 digits of a structured communication whose check is
// right. It accepts the printed form +++ddd/dddd/ddddd+++, and * for +.
func ParseOGM(text string) (string, bool) {
	s := compact(text, "+*/")
	if len(s) != 12 || !digits(s) || strings.Trim(s, "0") == "" {
		return "", false
	}
	return s, ogmCheck(s[:10]) == s[10:]
}

// PrintOGM writes 12 digits as +++ddd/dddd/ddddd+++.
func PrintOGM(ogm string) string {
	s := compact(ogm, "+*/")
	if len(s) != 12 {
		return ogm
	}
	return "+++" + s[:3] + "/" + s[3:7] + "/" + s[7:] + "+++"
}

func ogmCheck(payload string) string {
	check := mod97(payload)
	if check == 0 {
		check = 97
	}
	return fmt.Sprintf("%02d", check)
}
