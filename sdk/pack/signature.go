package pack

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"
)

// Signature says who vouches for an index.
type Signature struct {
	Format    int       `json:"format"`
	Publisher string    `json:"publisher"`
	Key       string    `json:"key"` // PublicKey.ID
	SignedAt  time.Time `json:"signed_at"`
	Index     Hash      `json:"index"`
	Signature []byte    `json:"signature"`
}

// message is what is signed.
func (s *Signature) message() []byte {
	return fmt.Appendf(nil, "voldaan package v1\n%s\n%s\n%s\n%s\n", s.Publisher, s.Key, s.SignedAt.UTC().Format(time.RFC3339), s.Index)
}

func (s *Signature) canonical() []byte {
	b, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		panic(err) // the moment was checked or comes from a clock
	}
	return append(b, '\n')
}

func sign(index []byte, publisher string, key PrivateKey, now time.Time) []byte {
	s := &Signature{
		Format: Format, Publisher: publisher, Key: key.Public().ID(),
		SignedAt: now.UTC().Truncate(time.Second), Index: sha256.Sum256(index),
	}
	s.Signature = key.Sign(s.message())
	return s.canonical()
}

func parseSignature(data []byte) (*Signature, error) {
	var s Signature
	if err := strict(data, &s); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrFormat, SignatureFile, err)
	}
	if s.Format != Format || !isName(s.Publisher) || !isKeyID(s.Key) || len(s.Signature) != ed25519.SignatureSize || s.SignedAt.Year() > 9000 || s.SignedAt.Year() < 2000 {
		return nil, fmt.Errorf("%w: %s is not well formed; sign the package again", ErrFormat, SignatureFile)
	}
	if !bytes.Equal(s.canonical(), data) {
		return nil, fmt.Errorf("%w: %s is not written as this package writes it; sign the package again", ErrFormat, SignatureFile)
	}
	return &s, nil
}

// TrustedKey is a publisher's key as a host knows it.
type TrustedKey struct {
	Public PublicKey `json:"public"`
	// ExpiresAt ends the right to sign; what was signed before stays in order. The
	// zero moment is never.
	ExpiresAt time.Time `json:"expires_at,omitzero"`
	// RevokedAt, when set, takes the trust out of all that the key ever signed:
	// whoever has a stolen key can also date a signature back.
	RevokedAt time.Time `json:"revoked_at,omitzero"`
	Why       string    `json:"why,omitempty"` // it was revoked
}

// Ring holds the keys that are trusted, by publisher.
type Ring map[string][]TrustedKey

// find returns the key of a publisher with an id.
func (r Ring) find(publisher, id string) (TrustedKey, bool) {
	for _, k := range r[publisher] {
		if k.Public.ID() == id {
			return k, true
		}
	}
	return TrustedKey{}, false
}

// Moment is when and for what a signature is checked.
type Moment struct {
	Now time.Time
	// Publishing asks for a key that is still valid now.
	Publishing bool
	// Listing leaves the recipe of a manifest unread, for catalogues of many: it was
	// read when it was packed and published, and is by whoever carries it out.
	Listing bool
}

// skew is how far ahead the clock of a publisher may be.
const skew = 10 * time.Minute

// check says whether a signature over an index is in order.
func (r Ring) check(s *Signature, x *Index, digest Hash, at Moment) error {
	if s == nil {
		return fmt.Errorf("%w; sign it with: voldaan connector sign", ErrUnsigned)
	}
	if s.Publisher != x.Publisher {
		return fmt.Errorf("%w: it says that %s published it, and %s signed it", ErrPublisher, x.Publisher, s.Publisher)
	}
	key, ok := r.find(s.Publisher, s.Key)
	switch {
	case !ok && len(r[s.Publisher]) == 0:
		return fmt.Errorf("%w: the publisher %s is not registered here", ErrUnknownKey, s.Publisher)
	case !ok:
		return fmt.Errorf("%w: %s is not a key of %s here; register it, or sign with one that is", ErrUnknownKey, s.Key, s.Publisher)
	case s.Index != digest || !key.Public.Verify(s.message(), s.Signature):
		return fmt.Errorf("%w: it was changed after %s signed it, or was never theirs; get it again from its publisher", ErrSignature, s.Publisher)
	case !key.RevokedAt.IsZero():
		return fmt.Errorf("%w on %s (%s); ask %s for a version that is signed with another key", ErrRevoked, key.RevokedAt.UTC().Format(time.DateOnly), key.Why, s.Publisher)
	case s.SignedAt.After(at.Now.Add(skew)):
		return fmt.Errorf("%w: it was signed at %s, which is still to come; set the clock right and sign it again", ErrSignature, s.SignedAt.Format(time.RFC3339))
	case !key.ExpiresAt.IsZero() && (s.SignedAt.After(key.ExpiresAt) || at.Publishing && at.Now.After(key.ExpiresAt)):
		return fmt.Errorf("%w on %s; register a new key and sign with it", ErrExpired, key.ExpiresAt.UTC().Format(time.DateOnly))
	}
	return nil
}
