package mollie

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// APIKey is a secret of one website profile, in live or in test mode. It shows
// its mode and nothing else when it is printed, logged or encoded.
type APIKey struct{ secret string }

// ErrKey is the error of ParseAPIKey.
var ErrKey = errors.New("not a Mollie API key: it starts with live_ or test_ and has at least 30 letters and digits after that")

// ParseAPIKey accepts a key as the Mollie dashboard shows it, or returns ErrKey.
func ParseAPIKey(s string) (APIKey, error) {
	s = strings.TrimSpace(s)
	mode, rest, ok := strings.Cut(s, "_")
	if !ok || mode != "live" && mode != "test" || len(rest) < 30 || len(rest) > 200 {
		return APIKey{}, ErrKey
	}
	for _, r := range rest {
		if (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return APIKey{}, ErrKey
		}
	}
	return APIKey{secret: s}, nil
}

// Reveal returns the secret, for the vault and the Authorization header.
func (k APIKey) Reveal() string { return k.secret }

// IsZero reports whether there is no key.
func (k APIKey) IsZero() bool { return k.secret == "" }

// Test reports whether the key works in test mode, where no money moves.
func (k APIKey) Test() bool { return strings.HasPrefix(k.secret, "test_") }

// String shows the mode only.
func (k APIKey) String() string {
	if k.secret == "" {
		return "(no key)"
	}
	return k.secret[:5] + "(redacted)"
}

// GoString is String, for %#v.
func (k APIKey) GoString() string { return k.String() }

// Format is String for every verb, so that no verb reaches the secret.
func (k APIKey) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(k.String())) }

// LogValue shows the mode only.
func (k APIKey) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText shows the mode only.
func (k APIKey) MarshalText() ([]byte, error) { return []byte(k.String()), nil }
