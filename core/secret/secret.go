// Package secret seals what must not be read from a copy of the database:
// credentials of connections, signing keys, API keys.
package secret

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Box seals with envelope encryption: every value has a key of its own, which
// the master key seals. The purpose is authenticated: what was sealed for one
// connection cannot be opened for another.
type Box struct {
	envelope tink.AEAD
}

// Open returns the Box of a master key file, which is made on first use and
// readable by its owner only. Whoever has the file and the database can read
// all secrets; keep them apart.
func Open(path string) (*Box, error) {
	handle, err := load(path)
	if errors.Is(err, os.ErrNotExist) {
		handle, err = create(path)
	}
	if err != nil {
		return nil, err
	}
	master, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("use the master key %s: %w", path, err)
	}
	return &Box{envelope: aead.NewKMSEnvelopeAEAD2(aead.AES256GCMKeyTemplate(), master)}, nil
}

func load(path string) (*keyset.Handle, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(b)))
	if err != nil {
		return nil, fmt.Errorf("read the master key %s: %w", path, err)
	}
	return handle, nil
}

// create writes a new key under another name first, so that two processes that
// start at once end up with the same one.
func create(path string) (*keyset.Handle, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("make a master key: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".master-*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(f)); err != nil {
		return nil, fmt.Errorf("write the master key: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("store the master key: %w", err)
	}
	return load(path)
}

// Seal encrypts for a purpose, such as "connection/<id>".
func (b *Box) Seal(plain []byte, purpose string) ([]byte, error) {
	sealed, err := b.envelope.Encrypt(plain, []byte(purpose))
	if err != nil {
		return nil, fmt.Errorf("seal for %s: %w", purpose, err)
	}
	return sealed, nil
}

// Open decrypts what was sealed for the same purpose.
func (b *Box) Open(sealed []byte, purpose string) ([]byte, error) {
	plain, err := b.envelope.Decrypt(sealed, []byte(purpose))
	if err != nil {
		return nil, fmt.Errorf("open what was sealed for %s: %w", purpose, err)
	}
	return plain, nil
}
