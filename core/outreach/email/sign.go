package email

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"fmt"

	"github.com/emersion/go-msgauth/dkim"
)

// Signer signs messages for a domain (DKIM, RFC 6376).
type Signer struct {
	domain, selector string
	key              crypto.Signer
}

// NewSigner takes an RSA key of at least 2048 bits or an ed25519 key, whose
// public half is in DNS at selector._domainkey.domain.
func NewSigner(domain, selector string, key crypto.Signer) (*Signer, error) {
	if domain == "" || selector == "" {
		return nil, fmt.Errorf("DKIM needs a domain and a selector")
	}
	switch pub := key.Public().(type) {
	case *rsa.PublicKey:
		if pub.N.BitLen() < 2048 {
			return nil, fmt.Errorf("the DKIM key of %s has %d bits; use 2048", domain, pub.N.BitLen())
		}
	case ed25519.PublicKey:
	default:
		return nil, fmt.Errorf("the DKIM key of %s is neither RSA nor ed25519", domain)
	}
	return &Signer{domain, selector, key}, nil
}

// signed are the fields under the signature. From is there once more than it
// occurs, so that a second From added on the way breaks the signature; fields
// that are absent are protected against being added.
var signed = []string{
	"From", "From", "To", "Subject", "Date", "Message-ID", "References", "In-Reply-To", "Reply-To", "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post",
	"MIME-Version", "Content-Type", "Content-Transfer-Encoding",
}

func (s *Signer) sign(raw []byte) ([]byte, error) {
	var out bytes.Buffer
	err := dkim.Sign(&out, bytes.NewReader(raw), &dkim.SignOptions{
		Domain: s.domain, Selector: s.selector, Signer: s.key, Hash: crypto.SHA256, HeaderKeys: signed,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	})
	if err != nil {
		return nil, fmt.Errorf("sign for %s: %w", s.domain, err)
	}
	return out.Bytes(), nil
}
