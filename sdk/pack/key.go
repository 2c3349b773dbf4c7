package pack

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
)

// PrivateKey is what a publisher signs with.
type PrivateKey struct{ key ed25519.PrivateKey }

// PublicKey is what a signature is checked with.
type PublicKey struct{ key ed25519.PublicKey }

// GenerateKey makes a new key.
func GenerateKey() (PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	return PrivateKey{key: key}, err
}

// Public returns the public half.
func (k PrivateKey) Public() PublicKey { return PublicKey{key: k.key.Public().(ed25519.PublicKey)} }

// Sign returns the ed25519 signature of a message.
func (k PrivateKey) Sign(message []byte) []byte { return ed25519.Sign(k.key, message) }

// String returns the id of the key and nothing of the key itself.
func (k PrivateKey) String() string { return "private key " + k.Public().ID() }

// GoString is String, for %#v.
func (k PrivateKey) GoString() string { return k.String() }

// LogValue keeps the key out of logs.
func (k PrivateKey) LogValue() slog.Value { return slog.StringValue(k.String()) }

// Save writes the key as PEM (PKCS #8) to a file of its own that only its owner
// can read. It never writes over a file.
func (k PrivateKey) Save(file string) error {
	der, err := x509.MarshalPKCS8PrivateKey(k.key)
	if err != nil {
		return fmt.Errorf("write key: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("write key: %w", err)
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists; choose another name, since packages that were signed with it may be in use", file)
	}
	if err != nil {
		return fmt.Errorf("write key: %w", err)
	}
	err = pem.Encode(f, &pem.Block{Type: "PRIVATE KEY", Bytes: der})
	return errors.Join(err, f.Sync(), f.Close())
}

// LoadKey reads a key that Save wrote. It refuses one that others can read.
func LoadKey(file string) (PrivateKey, error) {
	info, err := os.Stat(file)
	if err != nil {
		return PrivateKey{}, fmt.Errorf("read key: %w; make one with: voldaan connector keygen", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return PrivateKey{}, fmt.Errorf("others can read the key %s (mode %04o); make it yours alone with: chmod 600 %s", file, info.Mode().Perm(), file)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return PrivateKey{}, fmt.Errorf("read key: %w", err)
	}
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "PRIVATE KEY" {
		return PrivateKey{}, fmt.Errorf("%s is not a private key in PEM (PKCS #8)", file)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return PrivateKey{}, fmt.Errorf("read key %s: %w", file, err)
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return PrivateKey{}, fmt.Errorf("%s is not an ed25519 key; make one with: voldaan connector keygen", file)
	}
	return PrivateKey{key: key}, nil
}

// ID names the key in signatures: the first half of its SHA-256 in hex.
func (k PublicKey) ID() string {
	sum := sha256.Sum256(k.key)
	return hex.EncodeToString(sum[:16])
}

// Fingerprint is for people who compare keys over the telephone or a web page:
// "SHA256:" and the whole hash in base64, as OpenSSH writes it.
func (k PublicKey) Fingerprint() string {
	sum := sha256.Sum256(k.key)
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// Verify reports whether the signature is this key's signature of the message.
func (k PublicKey) Verify(message, signature []byte) bool {
	return len(k.key) == ed25519.PublicKeySize && ed25519.Verify(k.key, message, signature)
}

// Bytes returns the 32 bytes of the key.
func (k PublicKey) Bytes() []byte { return append([]byte(nil), k.key...) }

// NewPublicKey makes a key of its 32 bytes.
func NewPublicKey(b []byte) (PublicKey, error) {
	if len(b) != ed25519.PublicKeySize {
		return PublicKey{}, fmt.Errorf("a public key has %d bytes, not %d", ed25519.PublicKeySize, len(b))
	}
	return PublicKey{key: append(ed25519.PublicKey(nil), b...)}, nil
}

// MarshalText returns the key in base64, one line to copy.
func (k PublicKey) MarshalText() ([]byte, error) {
	return base64.StdEncoding.AppendEncode(nil, k.key), nil
}

// UnmarshalText reads what MarshalText returned.
func (k *PublicKey) UnmarshalText(text []byte) error {
	b, err := base64.StdEncoding.Strict().DecodeString(string(text))
	if err != nil {
		return fmt.Errorf("a public key is written in base64: %w", err)
	}
	*k, err = NewPublicKey(b)
	return err
}
