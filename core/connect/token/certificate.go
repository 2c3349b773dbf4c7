package token

import (
	"crypto/tls"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
	"software.sslmate.com/src/go-pkcs12"
)

// Certificate returns what the host shows to the package when it connects, nil
// where the way to sign in has none.
func (g Grant) Certificate(auth manifest.Auth) (*tls.Certificate, error) {
	c := auth.ClientCertificate
	if c == nil {
		return nil, nil
	}
	unusable := func(what string) error {
		// The cause could quote the key.
		return fmt.Errorf("%w: the certificate cannot be used (%s); fill it in again", sdk.ErrAuth, what)
	}
	if c.PFXField == "" {
		if block, _ := pem.Decode([]byte(g.Fields[c.KeyField])); block == nil || strings.Contains(block.Type, "ENCRYPTED") || block.Headers["DEK-Info"] != "" {
			return nil, unusable("the key is not a PEM text without a password")
		}
		cert, err := tls.X509KeyPair([]byte(g.Fields[c.CertificateField]), []byte(g.Fields[c.KeyField]))
		if err != nil {
			return nil, unusable("certificate and key do not fit together")
		}
		return &cert, nil
	}
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(g.Fields[c.PFXField]), ""))
	if err != nil {
		return nil, unusable("the PFX file is not written as base64")
	}
	key, leaf, chain, err := pkcs12.DecodeChain(raw, g.Fields[c.PasswordField])
	if err != nil {
		return nil, unusable("the PFX file or its password is wrong")
	}
	cert := &tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key, Leaf: leaf}
	for _, parent := range chain {
		cert.Certificate = append(cert.Certificate, parent.Raw)
	}
	return cert, nil
}
