package blob_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/voldaan/voldaan/core/connect/registry/blob"
	"github.com/voldaan/voldaan/core/connect/registry/blob/blobtest"
	"github.com/voldaan/voldaan/sdk/pack"
)

func TestFolder(t *testing.T) {
	t.Parallel()
	dirs := map[blob.Blobs]string{}
	lock := make(chan struct{}, 1)
	blobtest.Run(t, func(t *testing.T) blob.Blobs {
		dir := filepath.Join(t.TempDir(), "packages")
		f := blob.NewFolder(dir)
		lock <- struct{}{}
		dirs[f] = dir
		<-lock
		return f
	}, func(t *testing.T, b blob.Blobs, h pack.Hash) {
		lock <- struct{}{}
		file := filepath.Join(dirs[b], h.String()[:2], h.String()+pack.Extension)
		<-lock
		if err := os.WriteFile(file, []byte("other"), 0o644); err != nil {
			t.Fatal(err)
		}
	})
}
