package blob

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/voldaan/voldaan/sdk/pack"
)

// Folder keeps packages in a folder of this machine.
type Folder struct{ dir string }

// NewFolder names the folder; it is made when the first package is put there.
func NewFolder(dir string) *Folder { return &Folder{dir: dir} }

func (f *Folder) path(h pack.Hash) string {
	return filepath.Join(f.dir, h.String()[:2], h.String()+pack.Extension)
}

// Put implements Blobs. The file appears whole or not at all, and what is damaged
// is replaced.
func (f *Folder) Put(ctx context.Context, b []byte) (pack.Hash, error) {
	h := pack.Hash(sha256.Sum256(b))
	if _, err := f.Get(ctx, h); err == nil {
		return h, nil
	}
	file := f.path(h)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return h, fmt.Errorf("keep package: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), ".new-")
	if err != nil {
		return h, fmt.Errorf("keep package: %w", err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, err = tmp.Write(b)
	if err = errors.Join(err, tmp.Chmod(0o644), tmp.Sync(), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		return h, fmt.Errorf("keep package: %w", err)
	}
	return h, nil
}

// Get implements Blobs.
func (f *Folder) Get(_ context.Context, h pack.Hash) ([]byte, error) {
	b, err := os.ReadFile(f.path(h))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", h, ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("read package: %w", err)
	}
	return Check(h, b)
}

// Has implements Blobs.
func (f *Folder) Has(_ context.Context, h pack.Hash) (bool, error) {
	_, err := os.Stat(f.path(h))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
