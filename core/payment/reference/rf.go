package reference

import "fmt"

// NewRF makes an ISO 11649 reference of 1 to 21 letters and digits, such as an
// invoice number. Spaces and - / . are left out. It returns a fault of kind
// Invalid for anything else.
func NewRF(text string) (string, error) {
	s := compact(text, "-/.")
	if !capitalsOrDigits(s) || len(s) > 21 {
		return "", invalid("reference_rf", "%q cannot become an RF reference; use 1 to 21 letters and digits.", text)
	}
	return fmt.Sprintf("RF%02d%s", 98-mod97(s+"RF00"), s), nil
}

// ParseRF returns the electronic form of an ISO 11649 reference whose check
// digits are right.
func ParseRF(text string) (string, bool) {
	s := compact(text, "")
	if len(s) < 5 || len(s) > 25 || s[:2] != "RF" || !digits(s[2:4]) || !capitalsOrDigits(s) {
		return "", false
	}
	return s, mod97(s[4:]+s[:4]) == 1
}

// PrintRF groups an RF reference by four for reading.
func PrintRF(rf string) string { return grouped(compact(rf, "")) }

func grouped(s string) string {
	for i := 4; i < len(s); i += 5 {
		s = s[:i] + " " + s[i:]
	}
	return s
}
