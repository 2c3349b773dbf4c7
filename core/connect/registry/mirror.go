package registry

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/sdk/pack"
)

// Mirror brings the folder of a catalogue up to date with the register: packages
// that are offered or pinned, and the keys of their publishers. Packages that
// were withdrawn or whose key was revoked are removed; what the register does not
// know stays. The catalogue is to be scanned afterwards when it reports a change.
func (r *Registry) Mirror(ctx context.Context, dir string) (changed bool, err error) {
	versions, err := r.Versions(ctx, "")
	if err != nil {
		return false, err
	}
	ring, err := r.keys(ctx, r.store.Door(), "")
	if err != nil {
		return false, err
	}
	names := map[string][]string{}
	for _, e := range versions {
		if !slices.Contains(names[e.Publisher], e.Name) {
			names[e.Publisher] = append(names[e.Publisher], e.Name)
		}
	}
	for publisher, connectors := range names {
		did, err := catalog.Learn(dir, catalog.Publisher{Name: publisher, Keys: ring[publisher], Connectors: connectors})
		if err != nil {
			return changed, err
		}
		changed = changed || did
	}
	for _, e := range versions {
		file := filepath.Join(dir, e.Name+"-"+e.Version.String()+pack.Extension)
		info, err := os.Stat(file)
		here := err == nil && info.Size() == e.Size
		switch {
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return changed, fmt.Errorf("mirror %s: %w", id(&e), err)
		case e.YankedAt != nil || e.Revoked:
			if err == nil {
				if err := os.Remove(file); err != nil {
					return changed, fmt.Errorf("mirror %s: %w", id(&e), err)
				}
				changed = true
			}
		case !here:
			b, err := r.blobs.Get(ctx, e.SHA256)
			if err == nil {
				err = catalog.Install(dir, filepath.Base(file), b)
			}
			if err != nil {
				return changed, fmt.Errorf("mirror %s: %w", id(&e), err)
			}
			changed = true
		}
	}
	return changed, nil
}
