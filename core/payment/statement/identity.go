package statement

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
)

// identify gives each line its ID. With a reference of the bank that reference
// tells the booking apart wherever it shows up; without one the statement and
// the place among equal lines do.
func identify(s *Statement) {
	seen := map[string]int{}
	for i := range s.Lines {
		l := &s.Lines[i]
		parts := []string{s.IBAN, l.BankReference, strconv.FormatInt(l.Amount.Minor, 10), string(l.Amount.Currency),
			l.BookingDate.String(), l.EndToEndID}
		if l.BankReference == "" {
			parts = append(parts, s.Key(), l.ValueDate.String(), l.CounterpartyIBAN, l.MandateID, l.StructuredReference, l.Text)
		}
		k := key(parts...)
		l.ID = key(k, strconv.Itoa(seen[k]))
		seen[k]++
	}
}

func key(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x1f")))
	return hex.EncodeToString(sum[:16])
}
