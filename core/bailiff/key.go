package bailiff

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/voldaan/voldaan/core/fault"
)

// NewKey makes a key to sign in with at an SFTP server: the private half as PEM, to
// be sealed, and the public one as the bailiff's server wants it.
func NewKey() (private, public string, err error) {
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return "", "", err
	}
	block, err := ssh.MarshalPrivateKey(key, "voldaan")
	if err != nil {
		return "", "", err
	}
	shown, err := ssh.NewPublicKey(pub)
	if err != nil {
		return "", "", err
	}
	return string(pem.EncodeToMemory(block)), strings.TrimSpace(string(ssh.MarshalAuthorizedKey(shown))) + " voldaan", nil
}

// authOf is how a secret signs in: as a private key, or as a password.
func authOf(secret string) ([]ssh.AuthMethod, error) {
	if !strings.HasPrefix(strings.TrimSpace(secret), "-----BEGIN") {
		return []ssh.AuthMethod{ssh.Password(secret)}, nil
	}
	key, err := ssh.ParsePrivateKey([]byte(secret))
	if err != nil {
		return nil, fault.New(fault.Invalid, "sftp_key", "The key to sign in with cannot be read. Use one without a pass phrase, or let Voldaan make one.").Because(err)
	}
	return []ssh.AuthMethod{ssh.PublicKeys(key)}, nil
}

// PublicKey is the public half of a private key, "" when the secret is a password.
func PublicKey(secret string) (string, error) {
	if !strings.HasPrefix(strings.TrimSpace(secret), "-----BEGIN") {
		return "", nil
	}
	key, err := ssh.ParsePrivateKey([]byte(secret))
	if err != nil {
		return "", fault.New(fault.Invalid, "sftp_key", "The key to sign in with cannot be read. Use one without a pass phrase, or let Voldaan make one.").Because(err)
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key.PublicKey()))), nil
}
