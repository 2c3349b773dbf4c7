package token

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"time"
)

// Credentials are what a connection signs in with. They exist in the clear only
// inside the host.
type Credentials struct {
	// Method is the name of the manifest's way to sign in; empty means its first.
	Method  string    `json:"method,omitempty"`
	Access  string    `json:"access,omitempty"`
	Refresh string    `json:"refresh,omitempty"`
	Expiry  time.Time `json:"expiry,omitzero"` // of Access or Session; zero when it does not expire
	// Issued is when Access, Refresh and Session were given.
	Issued time.Time `json:"issued,omitzero"`
	// Session holds what the steps of signing in took, by name.
	Session map[string]string `json:"session,omitempty"`
	// Fields holds what the form's way to sign in needs, by field name: the
	// secret answers and the user name.
	Fields map[string]string `json:"fields,omitempty"`
	// WebhookSecret signs the package's calls to us.
	WebhookSecret []byte `json:"webhookSecret,omitempty"`
	// Dead says why a person must authorise again; empty while all is well. DeadOf
	// is the generation that was refused.
	Dead   string `json:"dead,omitempty"`
	DeadOf int64  `json:"deadOf,omitempty"`
	// Kept are values for the connection's config, which the store keeps beside
	// the credentials.
	Kept map[string]string `json:"-"`
}

// LogValue keeps secrets out of logs.
func (c Credentials) LogValue() slog.Value {
	return slog.GroupValue(slog.String("method", c.Method), slog.Time("expiry", c.Expiry), slog.String("dead", c.Dead))
}

// String keeps secrets out of printed values.
func (c Credentials) String() string { return fmt.Sprintf("credentials of method %q", c.Method) }

// GoString keeps secrets out of printed values.
func (c Credentials) GoString() string { return c.String() }

func encode(c Credentials) ([]byte, error) { return json.Marshal(c) }

func decode(b []byte) (Credentials, error) {
	var c Credentials
	if err := json.Unmarshal(b, &c); err != nil {
		// The cause would quote the secret.
		return c, fmt.Errorf("credentials of %d bytes cannot be read", len(b))
	}
	return c, nil
}
