// Package reference reads and writes payment references and account numbers
// whose check digits prove them: RF, OGM-VCS, betalingskenmerk and IBAN, and the
// QR code that carries them.
package reference

import (
	"strings"

	"github.com/voldaan/voldaan/core/fault"
)

// Kind is a kind of structured reference.
type Kind string

// The kinds.
const (
	RF               Kind = "rf"               // ISO 11649, "RF18539007547034"
	OGM              Kind = "ogm"              // Belgian OGM-VCS, 12 digits
	Betalingskenmerk Kind = "betalingskenmerk" // Dutch, 7, 9 to 14 or 16 digits
)

// Reference is a structured reference in its electronic form: capitals and
// digits only.
type Reference struct {
	Kind Kind   `json:"kind"`
	Text string `json:"text"`
}

// Checked reports whether check digits prove the reference. Only a
// betalingskenmerk of 7 digits has none.
func (r Reference) Checked() bool { return r.Kind != Betalingskenmerk || len(r.Text) != 7 }

// Parse recognises a text that is one structured reference and nothing else,
// in its electronic or printed form. A text of 12 digits can be right both as
// OGM and as betalingskenmerk; then OGM comes first. It returns none for any
// other text.
func Parse(text string) []Reference {
	var out []Reference
	if s, ok := ParseRF(text); ok {
		out = append(out, Reference{RF, s})
	}
	if s, ok := ParseOGM(text); ok {
		out = append(out, Reference{OGM, s})
	}
	if s, ok := ParseBetalingskenmerk(text); ok {
		out = append(out, Reference{Betalingskenmerk, s})
	}
	return out
}

// invalid is the fault for input that no reference can be made of.
func invalid(code, format string, args ...any) error {
	return fault.New(fault.Invalid, code, format, args...)
}

// compact removes spaces and the given decoration and turns letters into
// capitals.
func compact(s, decoration string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == ' ', r == '\u00a0', strings.ContainsRune(decoration, r):
		case r >= 'a' && r <= 'z':
			b.WriteRune(r - 'a' + 'A')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func capitalsOrDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// mod97 is the remainder of a text in which letters count as 10 to 35
// (ISO 7064 MOD 97-10). The text must be capitalsOrDigits.
func mod97(s string) int {
	rest := 0
	for i := range len(s) {
		if c := s[i]; c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	return rest
}
