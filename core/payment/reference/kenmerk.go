package reference

import "strconv"

// NewBetalingskenmerk makes a Dutch payment reference of a number: 15 digits
// become 16, and 7 to 12 digits become 9 to 14 with their length inside. It
// returns a fault of kind Invalid for other lengths.
func NewBetalingskenmerk(payload string) (string, error) {
	n := len(payload)
	switch {
	case !digits(payload):
	case n == 15:
		return kenmerkCheck(payload) + payload, nil
	case n >= 7 && n <= 12:
		with := strconv.Itoa(n%10) + payload
		return kenmerkCheck(with) + with, nil
	}
	return "", invalid("reference_betalingskenmerk", "%q cannot become a betalingskenmerk; use 7 to 12 or 15 digits.", payload)
}

// ParseBetalingskenmerk returns the digits of a Dutch payment reference that
// is right. Seven digits carry no check, so any seven are accepted.
func ParseBetalingskenmerk(text string) (string, bool) {
	s := compact(text, ".")
	n := len(s)
	switch {
	case !digits(s):
		return "", false
	case n == 7:
		return s, true
	case n == 16:
		return s, kenmerkCheck(s[1:]) == s[:1]
	case n >= 9 && n <= 14:
		return s, s[1:2] == strconv.Itoa((n-2)%10) && kenmerkCheck(s[1:]) == s[:1]
	}
	return "", false
}

// kenmerkCheck weighs the digits from the right with the powers of two modulo
// eleven.
func kenmerkCheck(s string) string {
	weights := [...]int{2, 4, 8, 5, 10, 9, 7, 3, 6, 1}
	sum := 0
	for i := range len(s) {
		sum += int(s[len(s)-1-i]-'0') * weights[i%len(weights)]
	}
	switch c := 11 - sum%11; c {
	case 10:
		return "1"
	case 11:
		return "0"
	default:
		return strconv.Itoa(c)
	}
}
