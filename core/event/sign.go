package event

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// Headers of a delivery.
const (
	// SignatureHeader holds "t=<unix seconds>,v1=<hex>": the HMAC-SHA256 of
	// "<t>.<body>" with the secret of the endpoint as it was shown. While a secret
	// is being replaced there is a v1 of each. Receivers refuse a t of long ago.
	SignatureHeader = "Voldaan-Signature"
	IDHeader        = "Voldaan-Event-Id"
	TypeHeader      = "Voldaan-Event-Type"
)

// newSecret makes the secret of an endpoint.
func newSecret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return "whsec_" + base64.RawURLEncoding.EncodeToString(b)
}

// Sign makes the signature of a body with each of the secrets.
func Sign(at time.Time, body []byte, secrets ...string) string {
	t := strconv.FormatInt(at.Unix(), 10)
	parts := []string{"t=" + t}
	for _, s := range secrets {
		mac := hmac.New(sha256.New, []byte(s))
		mac.Write([]byte(t + "."))
		mac.Write(body)
		parts = append(parts, "v1="+hex.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(parts, ",")
}
