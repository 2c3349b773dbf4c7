// Package blob keeps packages by the SHA-256 of their bytes.
package blob

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/voldaan/voldaan/sdk/pack"
)

// Blobs is a place for packages. It is safe for concurrent use, also by several
// processes. Whoever calls may try again after any error but ErrNotFound and
// ErrDamaged.
type Blobs interface {
	// Put keeps bytes under their hash. To put the same twice is no error.
	Put(ctx context.Context, b []byte) (pack.Hash, error)
	// Get returns the bytes of a hash, ErrNotFound when there are none, and
	// ErrDamaged when what is there hashes to something else.
	Get(ctx context.Context, h pack.Hash) ([]byte, error)
	// Has reports whether there are bytes of a hash.
	Has(ctx context.Context, h pack.Hash) (bool, error)
}

// The errors of Get.
var (
	ErrNotFound = errors.New("there is no package of this hash")
	ErrDamaged  = errors.New("the package was changed where it is kept; put it there again")
)

// Check returns the bytes when they are those of the hash. Implementations pass
// everything they read through it.
func Check(h pack.Hash, b []byte) ([]byte, error) {
	if sha256.Sum256(b) != h {
		return nil, fmt.Errorf("%s: %w", h, ErrDamaged)
	}
	return b, nil
}
