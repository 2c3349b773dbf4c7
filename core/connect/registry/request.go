package registry

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/pack"
)

// SignatureHeader carries the signature of a publisher's request.
const SignatureHeader = "Voldaan-Signature"

// MediaType is that of a package.
const MediaType = "application/vnd.voldaan.connector"

// Paths of a publisher's requests.
const PublishPath = "/v1/connectors"

// YankPath returns the path to yank a version.
func YankPath(name, version string) string {
	return PublishPath + "/" + name + "/versions/" + version + "/yank"
}

// window is how old a request may be, and how far ahead the publisher's clock.
const window = 5 * time.Minute

// Request is a publisher's request as it came in, not checked yet.
type Request struct {
	Method, Path, Host string
	Publisher, Key, At string
	Signature          []byte
}

// SignRequest returns the header for a request.
func SignRequest(key pack.PrivateKey, publisher, method, path, host string, body []byte, now time.Time) string {
	r := &Request{Method: method, Path: path, Host: host, Publisher: publisher, Key: key.Public().ID(), At: now.UTC().Format(time.RFC3339)}
	return fmt.Sprintf("publisher=%s; key=%s; at=%s; signature=%s", publisher, r.Key, r.At, base64.StdEncoding.EncodeToString(key.Sign(r.message(body))))
}

// ParseRequest reads the header of a request; the error is a fault of kind SignIn.
func ParseRequest(header, method, path, host string) (*Request, error) {
	r := &Request{Method: method, Path: path, Host: host}
	seen := map[string]bool{}
	for _, part := range strings.Split(header, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if seen[name] {
			return nil, badRequest("%s is there twice", name)
		}
		seen[name] = true
		switch name {
		case "publisher":
			r.Publisher = value
		case "key":
			r.Key = value
		case "at":
			r.At = value
		case "signature":
			var err error
			if r.Signature, err = base64.StdEncoding.Strict().DecodeString(value); err != nil {
				return nil, badRequest("the signature is not base64")
			}
		default:
			return nil, badRequest("%q is not known", name)
		}
	}
	if r.Publisher == "" || r.Key == "" || r.At == "" || len(r.Signature) == 0 {
		return nil, badRequest("publisher, key, at and signature must be there")
	}
	return r, nil
}

func badRequest(format string, args ...any) error {
	return fault.New(fault.SignIn, "request_not_signed", "The header %s is not in order: %s.", SignatureHeader, fmt.Sprintf(format, args...))
}

func (r *Request) message(body []byte) []byte {
	return fmt.Appendf(nil, "voldaan request v1\n%s\n%s\n%s\n%s\n%x\n", r.Method, r.Path, r.Host, r.At, sha256.Sum256(body))
}

// check says whether a request is the publisher's, by the keys it has.
func (r *Request) check(keys []pack.TrustedKey, body []byte, now time.Time) error {
	k, err := r.key(keys, now)
	if err == nil && !k.Public.Verify(r.message(body), r.Signature) {
		return fault.New(fault.SignIn, "request_signature", "The signature does not fit the request.")
	}
	return err
}

// key is the one that the request says it is signed with, if that may sign now.
func (r *Request) key(keys []pack.TrustedKey, now time.Time) (pack.TrustedKey, error) {
	at, err := time.Parse(time.RFC3339, r.At)
	if err != nil {
		return pack.TrustedKey{}, badRequest("the moment is not of the form 2026-03-14T09:30:00Z")
	}
	if d := now.Sub(at); d > window || d < -window {
		return pack.TrustedKey{}, fault.New(fault.SignIn, "request_expired", "The request was signed at %s, more than %s from now. Set the clock right and send it again.", r.At, window)
	}
	for _, k := range keys {
		switch {
		case k.Public.ID() != r.Key:
			continue
		case !k.RevokedAt.IsZero():
			return k, fault.New(fault.SignIn, "key_revoked", "The key %s was revoked.", r.Key)
		case !k.ExpiresAt.IsZero() && now.After(k.ExpiresAt):
			return k, fault.New(fault.SignIn, "key_expired", "The key %s has expired. Register a new one.", r.Key)
		}
		return k, nil
	}
	return pack.TrustedKey{}, fault.New(fault.SignIn, "key_unknown", "%s is not a key of a publisher %s here. Ask the operator to register it.", r.Key, r.Publisher)
}
