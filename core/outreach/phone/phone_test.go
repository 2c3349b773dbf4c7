package phone_test

import (
	"testing"

	"github.com/voldaan/voldaan/core/outreach/phone"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, country, want string
		mobile              bool
	}{
		{"06-12345678", "NL", "+31612345678", true},
		{"06 1234 56 78", "NL", "+31612345678", true},
		{"+31 (0)6 12 34 56 78", "BE", "+31612345678", true},
		{"0031612345678", "DE", "+31612345678", true},
		{"+31 06 12345678", "NL", "+31612345678", true},
		{"612345678", "NL", "+31612345678", true},
		{"020 123 45 67", "NL", "+31201234567", false},
		{"085-1234567", "NL", "+31851234567", false},
		{"0470 12 34 56", "BE", "+32470123456", true},
		{"02 123 45 67", "BE", "+3221234567", false},
		{"0151 23456789", "DE", "+4915123456789", true},
		{"0171 2345678", "DE", "+491712345678", true},
		{"030 123456", "DE", "+4930123456", false},
		{"07700 900123", "GB", "+447700900123", true},
		{"020 7946 0958", "GB", "+442079460958", false},
		{"06 12 34 56 78", "FR", "+33612345678", true},
		{"01 23 45 67 89", "FR", "+33123456789", false},
		{"+1 202 555 0123", "NL", "+12025550123", false},
		{"06-1234567", "NL", "", false},
		{"06-123456789", "NL", "", false},
		{"bel mij", "NL", "", false},
		{"0612345678 of 0687654321", "NL", "", false},
		{"020 1234567 tst 12", "NL", "", false},
		{"0612345678", "", "", false},
		{"", "NL", "", false},
		{"097 0123 4567", "NL", "", false}, // for machines: eleven digits, not nine
	} {
		n, ok := phone.Parse(c.text, c.country)
		if ok != (c.want != "") || n.E164 != c.want && ok || ok && n.Mobile != c.mobile {
			t.Errorf("Parse(%q, %q) = %+v, %v; want %q, mobile %v", c.text, c.country, n, ok, c.want, c.mobile)
		}
	}
}
